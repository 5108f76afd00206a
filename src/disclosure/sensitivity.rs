//! What may be said of the checks on a result: nothing that the result itself may not say.

use super::findings::{PlaceboFinding, RefusedSpecification, Sensitivity};
use super::rules::Cell;
use crate::study::{DisclosurePolicy, OutcomeKind};

/// Applies the thresholds; gives the number of placebo outcomes withheld.
///
/// With the primary outcome withheld, nothing that was worked out from it is shown. Bounds go where
/// few of the matched sets tell anything, other designs where they match few, and a placebo outcome
/// where few people have it or not.
pub(super) fn control(
    s: &mut Sensitivity,
    placebos: &[Cell],
    primary_withheld: bool,
    group_is_small: bool,
    policy: &DisclosurePolicy,
) -> u64 {
    if primary_withheld {
        *s = Sensitivity {
            placebo: std::mem::take(&mut s.placebo),
            ..Sensitivity::default()
        };
    }
    let min = u64::from(policy.min_matched);
    let few = s
        .rosenbaum
        .as_ref()
        .is_some_and(|r| r.sets < min || r.informative < u64::from(policy.min_each_side));
    if few {
        (s.rosenbaum, s.rosenbaum_gamma) = (None, None);
    }
    if let Some(r) = &mut s.rosenbaum {
        // To 0.001 the bound is a count of discordant pairs in disguise.
        let blunt = |x: f64, unit: f64| (x / unit).round() * unit;
        r.gamma = blunt(r.gamma, 0.1).max(1.0);
        r.p_without = blunt(r.p_without, 0.01);
        (r.sets, r.informative) = (r.sets / 5 * 5, r.informative / 5 * 5);
        s.rosenbaum_gamma = Some(r.gamma);
    }
    let small = s
        .specifications
        .iter()
        .filter(|c| c.participants_matched < min)
        .map(|c| RefusedSpecification {
            method: c.method.clone(),
            caliper: c.caliper,
            reason: format!("fewer than {min} matched participants"),
        });
    s.specifications_refused.extend(small.collect::<Vec<_>>());
    s.specifications.retain(|c| c.participants_matched >= min);
    s.leave_one_out.retain(|c| c.participants_matched >= min);
    let mut withheld = 0;
    for (i, placebo) in s.placebo.iter_mut().enumerate() {
        let smallest = placebos.get(i).and_then(|c| c.each_side);
        let few_on_a_side = placebo.kind == OutcomeKind::Binary
            && smallest.is_none_or(|e| e.smallest() < u64::from(policy.min_each_side));
        if group_is_small || few_on_a_side || placebo.kind == OutcomeKind::Duration {
            withhold(placebo);
        }
        withheld += u64::from(placebo.suppressed.is_some());
    }
    withheld
}

fn withhold(p: &mut PlaceboFinding) {
    *p = PlaceboFinding {
        estimate: None,
        ci_low: None,
        ci_high: None,
        p: None,
        p_holm: None,
        suppressed: Some("too few people stand behind it".into()),
        name: std::mem::take(&mut p.name),
        label: std::mem::take(&mut p.label),
        unit: std::mem::take(&mut p.unit),
        kind: p.kind,
    };
}
