//! From estimate and standard error to what can be said.

use crate::numeric::distribution::{t_quantile, t_two_sided};

/// Multiple of the standard error that can be detected: 1.96 for 5 % two-sided, 0.84 for 80 % power.
pub const DETECTABLE: f64 = 1.96 + 0.84;

/// 95 % interval and two-sided p from the same t statistic, so that they never disagree.
pub(super) fn t_interval(estimate: f64, se: f64, df: f64) -> (f64, f64, f64) {
    let half = t_quantile(0.975, df) * se;
    (
        estimate - half,
        estimate + half,
        t_two_sided(estimate / se, df),
    )
}

/// Participants needed for the observed difference to be significant: n (t se / |d|)^2, rounded
/// up; `None` when it already is, or when there is no difference to go by.
pub fn number_needed(estimate: f64, se: f64, df: f64, matched: u64) -> Option<u64> {
    let ratio = t_quantile(0.975, df) * se / estimate.abs();
    let needed = matched as f64 * ratio * ratio;
    (ratio > 1.0 && needed.is_finite() && needed < 1e9).then(|| needed.ceil() as u64)
}

/// Holm's adjusted p (Holm 1979): the k-th smallest times (m - k + 1), never falling, at most 1.
///
/// ```
/// let p = counterpart::effect::holm(&[0.01, 0.04, 0.03]);
/// for (p, want) in p.iter().zip([0.03, 0.06, 0.06]) {
///     assert!((p - want).abs() < 1e-15);
/// }
/// ```
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut by_size: Vec<usize> = (0..p.len()).collect();
    by_size.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut so_far = 0.0f64;
    for (k, &i) in by_size.iter().enumerate() {
        so_far = so_far.max((p[i] * (p.len() - k) as f64).min(1.0));
        adjusted[i] = so_far;
    }
    adjusted
}
