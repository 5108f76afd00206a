//! Kernel matching.

use super::Metric;
use super::sets::Matches;
use crate::study::Kernel;

pub(super) fn run(metric: &Metric, kernel: Kernel) -> Matches {
    let _ = kernel;
    super::radius::run(metric)
}

pub(super) fn predicted(
    matches: &Matches,
    y: &[f64],
    low: &[u32],
    _high: &[u32],
    _at: &[f64],
    _bandwidth: f64,
) -> Vec<f64> {
    (0..low.len())
        .map(|i| {
            let mut sum = 0.0;
            matches.for_each_of(i, &mut |c, w| sum += w * y[c as usize]);
            sum
        })
        .collect()
}
