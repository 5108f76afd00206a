//! Risk, odds and rate ratios, each on its logarithm by the delta method.

use super::estimate::{Intervals, NO_ERROR, NOTHING_TO_GO_BY, RatioEstimate};
use super::gather::Matched;
use super::influence::{ArmMeans, Arms};
use crate::study::OutcomeKind;

/// The ratios of the kind, or why a kind that has them has none. The rate ratio's point and error
/// are those of a quasi-Poisson regression on taking part with the same robust variance, the odds
/// ratio's those of a logistic one.
pub(super) fn ratios(
    kind: OutcomeKind,
    columns: &Matched,
    m: ArmMeans,
    interval: &Intervals,
) -> (Vec<RatioEstimate>, Option<&'static str>) {
    let matches = interval.matches;
    let mut found = match kind {
        OutcomeKind::Binary if !positive(m) => {
            return (
                Vec::new(),
                Some("in one group nobody had the outcome, so that there is no ratio"),
            );
        }
        OutcomeKind::Binary => {
            let arms = columns.arms(kind, matches);
            let mut found = vec![log_ratio("risk_ratio", &arms, m, interval)];
            if m.treated < 1.0 && m.comparison < 1.0 {
                found.push(log_odds_ratio(&arms, m, interval));
            }
            found
        }
        OutcomeKind::Count => {
            let arms = columns.rate_arms(matches);
            let m = arms.means();
            if !positive(m) {
                return (
                    Vec::new(),
                    Some("in one group there was nothing to count, so that there is no ratio"),
                );
            }
            vec![log_ratio("rate_ratio", &arms, m, interval)]
        }
        _ => return (Vec::new(), None),
    };
    found.retain(|r| r.log.se > NO_ERROR);
    let why = found.is_empty().then_some(NOTHING_TO_GO_BY);
    (found, why)
}

fn positive(m: ArmMeans) -> bool {
    m.treated > 0.0 && m.comparison > 0.0
}

fn log_ratio(kind: &'static str, arms: &Arms, m: ArmMeans, interval: &Intervals) -> RatioEstimate {
    let influence = arms.influence(m, 1.0 / m.treated, 1.0 / m.comparison);
    RatioEstimate {
        kind,
        log: interval.of((m.treated / m.comparison).ln(), &influence),
    }
}

fn log_odds_ratio(arms: &Arms, m: ArmMeans, interval: &Intervals) -> RatioEstimate {
    let logit = |p: f64| (p / (1.0 - p)).ln();
    let slope = |p: f64| 1.0 / (p * (1.0 - p));
    let influence = arms.influence(m, slope(m.treated), slope(m.comparison));
    RatioEstimate {
        kind: "odds_ratio",
        log: interval.of(logit(m.treated) - logit(m.comparison), &influence),
    }
}
