//! What may be said of the checks on a result: nothing that the result itself may not say.

use super::findings::{PlaceboFinding, RefusedSpecification, Sensitivity};
use super::printed::{band, digits, down};
use super::rules::Cell;
use crate::study::{DisclosurePolicy, OutcomeKind};

/// Fewest matched sets for bounds: with fewer, one person moves them by too much to hide in a tenth.
pub(super) const SETS: u64 = 400;

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
        .is_some_and(|r| r.sets < min.max(SETS) || r.informative < u64::from(policy.min_each_side));
    if few {
        (s.rosenbaum, s.rosenbaum_gamma) = (None, None);
    }
    if let Some(r) = &mut s.rosenbaum {
        // To 0.001 the bound is a count of discordant pairs in disguise. Downwards: it claims less.
        r.gamma = down(r.gamma, 0.1).max(1.0);
        // What its own test says without hidden bias, as far as the bound says it already.
        r.p_without = match r.gamma > 1.0 {
            true => band(0.04),
            false => band(1.0),
        };
        r.informative = digits(r.informative as f64, 1) as u64;
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
