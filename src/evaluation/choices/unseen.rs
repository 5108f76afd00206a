//! What something nobody recorded would have to be to explain the primary result away.

use super::Primary;
use crate::balance::Design;
use crate::disclosure::findings::{EValueFinding, RosenbaumFinding};
use crate::effect::{self, Basis, COMMON, EValue, HiddenBias};
use crate::matching::Matches;
use crate::study::{Caliper, CaliperScale, MatchSettings, Method, OutcomeKind};

/// Caliper of the one-to-one matches made for the bounds, in SDs of the linear predictor (Austin
/// 2011, doi:10.1002/pst.433).
const REMATCH_CALIPER: f64 = 0.2;

/// E-values of the outcome's ratios, else of its difference of means.
pub(super) fn e_values(primary: &Primary, matches: &Matches) -> Vec<EValueFinding> {
    let estimate = primary.estimate;
    let common = share_with_event(primary).is_none_or(|s| s > COMMON);
    let of_ratios = estimate.ratios.iter().filter_map(|r| {
        let basis = Basis::of(r.kind, common)?;
        let [point, low, high] = [r.log.estimate, r.log.ci_low, r.log.ci_high].map(f64::exp);
        effect::from_ratio(basis, point, low, high)
    });
    let mut found: Vec<EValue> = of_ratios.collect();
    if found.is_empty() && primary.item.spec.kind == OutcomeKind::Continuous {
        let sd = pooled_deviation(primary.item.data().values, matches);
        let d = &estimate.difference;
        found.extend(effect::from_difference(d.estimate, d.se, sd));
    }
    found
        .into_iter()
        .map(|e| EValueFinding {
            basis: e.basis.as_str().into(),
            risk_ratio: e.risk_ratio,
            ci_low: e.ci_low,
            ci_high: e.ci_high,
            e_value: e.value,
            e_value_limit: e.limit,
        })
        .collect()
}

/// The larger share of the two groups to whom it happened.
fn share_with_event(primary: &Primary) -> Option<f64> {
    let e = primary.estimate;
    let (treated, comparison) = e.events?;
    match primary.item.spec.kind {
        OutcomeKind::Binary => Some(e.mean_treated.max(e.mean_comparison)),
        _ => {
            let share = |n: u64, of: u64| n as f64 / of.max(1) as f64;
            Some(share(treated, e.people_treated).max(share(comparison, e.people_comparison)))
        }
    }
}

/// Root of the mean of the two groups' variances, weighted as matched.
fn pooled_deviation(values: &[f64], matches: &Matches) -> f64 {
    let variance = |rows: &[u32], weights: &[f64]| {
        let used = || {
            rows.iter()
                .zip(weights)
                .filter(|p| *p.1 > 0.0)
                .map(|(&r, &w)| (values[r as usize], w))
        };
        let total: f64 = used().map(|p| p.1).sum();
        let mean = used().map(|(v, w)| v * w).sum::<f64>() / total;
        used()
            .map(|(v, w)| w * (v - mean) * (v - mean))
            .sum::<f64>()
            / total
    };
    let treated = variance(&matches.participants, &matches.participant_weight);
    let comparison = variance(&matches.pool, &matches.weight);
    (0.5 * (treated + comparison)).sqrt()
}

/// Rosenbaum's bounds on the design's own sets where they share nobody, else on one-to-one pairs
/// matched for them. Not for times to an event, whose values are not known for everybody.
pub(super) fn rosenbaum(primary: &Primary, design: &Design) -> Option<RosenbaumFinding> {
    let kind = primary.item.spec.kind;
    if matches!(kind, OutcomeKind::Duration | OutcomeKind::Survival) {
        return None;
    }
    let own = effect::disjoint_sets(design.matches());
    let rematched = own.is_none();
    let sets = match own {
        Some(sets) => sets,
        None => effect::disjoint_sets(&design.rematched(&one_to_one(design.settings())).ok()?)?,
    };
    let found = HiddenBias::new(&sets, primary.item.data().values)?.bounds();
    Some(RosenbaumFinding {
        gamma: found.gamma,
        beyond: found.beyond,
        alpha: effect::ALPHA,
        p_without: found.p_without,
        test: found.test.as_str().into(),
        sets: found.sets as u64,
        informative: found.informative as u64,
        rematched,
    })
}

/// Nearest neighbours, each used once, the largest score first.
fn one_to_one(settings: &MatchSettings) -> MatchSettings {
    MatchSettings {
        caliper: Caliper::Width(REMATCH_CALIPER),
        caliper_scale: CaliperScale::LpSd,
        exact: settings.exact.clone(),
        common_support: settings.common_support,
        ..MatchSettings::new(Method::Nearest)
    }
}
