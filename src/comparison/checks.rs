//! What the average hangs on: single programmes, small studies, many tests.

use super::{Between, ComparisonError, IntervalKind, ProgrammeResult, check, pool};
use crate::numeric::distribution::t_two_sided;

/// The average without each programme in turn, in the order given.
///
/// # Errors
/// Fewer than three results, or as [`pool`].
pub fn leave_one_out(
    results: &[ProgrammeResult],
    between: Between,
) -> Result<Vec<f64>, ComparisonError> {
    check(results, 3)?;
    (0..results.len())
        .map(|out| {
            let mut rest = results.to_vec();
            rest.remove(out);
            Ok(pool(&rest, between, IntervalKind::Wald)?.estimate)
        })
        .collect()
}

/// Whether small studies find other effects than large ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SmallStudies {
    /// t of the slope of estimate on standard error.
    pub t: f64,
    /// Its two-sided p, with results less two degrees of freedom.
    pub p: f64,
}

/// Egger's regression (Egger et al. 1997, doi:10.1136/bmj.315.7109.629): estimates on standard errors,
/// weighted by inverse variance, the residual variance estimated.
///
/// # Errors
/// Fewer than three results, or all equally exact.
pub fn small_studies(results: &[ProgrammeResult]) -> Result<SmallStudies, ComparisonError> {
    check(results, 3)?;
    let weight = |r: &ProgrammeResult| 1.0 / (r.se * r.se);
    let w: f64 = results.iter().map(weight).sum();
    let mean_x = results.iter().map(|r| weight(r) * r.se).sum::<f64>() / w;
    let mean_y = results.iter().map(|r| weight(r) * r.estimate).sum::<f64>() / w;
    let (mut xx, mut xy) = (0.0, 0.0);
    for r in results {
        let dx = r.se - mean_x;
        xx += weight(r) * dx * dx;
        xy += weight(r) * dx * (r.estimate - mean_y);
    }
    if xx <= 1e-20 * w * mean_x * mean_x {
        return Err(ComparisonError::EqualSizes);
    }
    let slope = xy / xx;
    let df = results.len() as f64 - 2.0;
    let left: f64 = results
        .iter()
        .map(|r| weight(r) * (r.estimate - mean_y - slope * (r.se - mean_x)).powi(2))
        .sum();
    let t = slope / (left / df / xx).sqrt();
    Ok(SmallStudies {
        t,
        p: t_two_sided(t, df),
    })
}

/// p values adjusted for the false discovery rate (Benjamini & Hochberg 1995,
/// doi:10.1111/j.2517-6161.1995.tb02031.x), in the order given.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*b].total_cmp(&p[*a]));
    let mut adjusted = vec![0.0; p.len()];
    let mut least: f64 = 1.0;
    for (i, at) in order.into_iter().enumerate() {
        least = least.min(p[at] * p.len() as f64 / (p.len() - i) as f64);
        adjusted[at] = least;
    }
    adjusted
}
