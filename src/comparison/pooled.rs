//! The average effect, its interval, and where a new programme's effect is likely to lie.

use super::{
    Between, ComparisonError, Heterogeneity, ProgrammeResult, between_variance, check,
    heterogeneity,
};
use crate::numeric::distribution::normal_below;
use crate::numeric::distribution::{t_quantile, t_two_sided};
use statrs::function::erf::erfc_inv;

/// How the interval of the average is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntervalKind {
    /// The normal distribution, taking tau squared as known.
    Wald,
    /// Hartung & Knapp 2001 (doi:10.1002/sim.1009; IntHout 2014, doi:10.1186/1471-2288-14-25): t with k - 1
    /// degrees of freedom.
    HartungKnapp,
    /// The same, never narrower in its standard error than [`IntervalKind::Wald`]: the usual caution where
    /// results agree by luck.
    HartungKnappCautious,
}

/// Both ends of a 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The average of several results.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pooled {
    /// The average, in the results' unit.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
    /// Its 95 % interval.
    pub interval: Range,
    /// Two-sided p that the average is 0.
    pub p: f64,
    /// Variance between programmes.
    pub tau2: f64,
    /// How much the programmes differ.
    pub heterogeneity: Heterogeneity,
    /// Where a new programme's true effect lies in 95 of 100 cases (Higgins, Thompson & Spiegelhalter 2009,
    /// doi:10.1111/j.1467-985X.2008.00552.x; Riley 2011, doi:10.1136/bmj.d549); with the quantile of the interval.
    /// None for a common effect.
    pub prediction: Option<Range>,
}

/// Pools results; O(results) a step of the search for tau squared.
///
/// # Errors
/// Fewer than two results, results that are no numbers, a name twice.
pub fn pool(
    results: &[ProgrammeResult],
    between: Between,
    kind: IntervalKind,
) -> Result<Pooled, ComparisonError> {
    let tau2 = match between {
        Between::Common => None,
        _ => Some(between_variance(results, between)?),
    };
    pooled_at(results, tau2, kind)
}

/// Pools results at a given variance between them; `None` for one common effect.
///
/// # Errors
/// As [`pool`].
pub fn pooled_at(
    results: &[ProgrammeResult],
    tau2: Option<f64>,
    kind: IntervalKind,
) -> Result<Pooled, ComparisonError> {
    check(results, 2)?;
    let between = tau2.unwrap_or(0.0);
    let weight = |r: &ProgrammeResult| 1.0 / (r.se * r.se + between);
    let w: f64 = results.iter().map(weight).sum();
    let estimate = results.iter().map(|r| weight(r) * r.estimate).sum::<f64>() / w;
    let df = results.len() as f64 - 1.0;
    let squares: f64 = results
        .iter()
        .map(|r| weight(r) * (r.estimate - estimate).powi(2))
        .sum();
    let factor = match kind {
        IntervalKind::Wald => 1.0,
        IntervalKind::HartungKnapp => squares / df,
        IntervalKind::HartungKnappCautious => (squares / df).max(1.0),
    };
    let se = (factor / w).sqrt();
    let z = estimate / se;
    let (quantile, p) = match kind {
        IntervalKind::Wald => (
            std::f64::consts::SQRT_2 * erfc_inv(0.05),
            2.0 * normal_below(-z.abs()),
        ),
        _ => (t_quantile(0.975, df), t_two_sided(z, df)),
    };
    let range = |half: f64| Range {
        low: estimate - half,
        high: estimate + half,
    };
    Ok(Pooled {
        estimate,
        se,
        interval: range(quantile * se),
        p,
        tau2: between,
        heterogeneity: heterogeneity(results, tau2)?,
        prediction: tau2.map(|t| range(quantile * (se * se + t).sqrt())),
    })
}
