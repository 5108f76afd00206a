//! Overlap weights: participants weigh 1 - e, the pool e (Li, Morgan & Zaslavsky 2018,
//! doi:10.1080/01621459.2016.1260466). With scores from an unpenalised logistic regression of
//! everybody the means of its columns are then equal in both groups: that is its score equation,
//! `sum t (1 - e) x = sum (1 - t) e x`. Not so within exact strata, where the pool is scaled to each
//! stratum's participants instead, nor where common support or an empty stratum takes people out.

use super::{Matches, Metric, Tilt};
use std::borrow::Cow;

pub(super) fn tilt<'a>(metric: &'a Metric) -> Tilt<'a> {
    Tilt {
        of: Cow::Owned(metric.score.iter().map(|&lp| ln_logistic(lp)).collect()),
        nuisance: None,
    }
}

/// Lets participants count by 1 - e, times what they counted for.
pub(super) fn count(metric: &Metric, matches: &mut Matches) {
    let of = |&r: &u32| ln_logistic(-metric.score[r as usize]);
    let ln: Vec<f64> = matches.participants.iter().map(of).collect();
    let largest = ln.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let counts = &mut matches.participant_weight;
    for (g, ln) in counts.iter_mut().zip(&ln) {
        *g *= (ln - largest).exp();
    }
    let each = counts.len() as f64 / counts.iter().sum::<f64>();
    counts.iter_mut().for_each(|g| *g *= each);
}

/// Logarithm of `1 / (1 + exp(-x))`, a number wherever x is.
fn ln_logistic(x: f64) -> f64 {
    x.min(0.0) - (-x.abs()).exp().ln_1p()
}
