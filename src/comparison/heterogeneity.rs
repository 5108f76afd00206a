//! How much programmes differ beyond chance.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::{ComparisonError, ProgrammeResult, check};

/// How the variance between programmes, tau squared, is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// None is allowed for: one effect common to all.
    Common,
    /// Restricted maximum likelihood (Viechtbauer 2005, doi:10.3102/10769986030003261).
    Reml,
    /// Moments (DerSimonian & Laird 1986, doi:10.1016/0197-2456(86)90046-2).
    DerSimonianLaird,
    /// The value at which Q equals its expectation (Paule & Mandel 1982, doi:10.6028/jres.087.022).
    PauleMandel,
}

/// Cochran's Q and what follows from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heterogeneity {
    /// Weighted sum of squares about the common effect.
    pub q: f64,
    /// Results less one.
    pub df: f64,
    /// p of Q under chi-squared.
    pub p: f64,
    /// Share of the variation that is not chance, 0 to 1 (Higgins & Thompson 2002, doi:10.1002/sim.1186).
    pub i2: f64,
    /// Total variance over the typical sampling variance, at least 1.
    pub h2: f64,
}

/// Steps after which a search is given up. Of three planted results that agree, one in some hundreds takes 300.
const STEPS: usize = 5_000;

/// Sums of weights `1 / (se^2 + tau2)` to the third power, their mean, and the sum of squares about it.
pub(super) struct Sums {
    pub w: f64,
    pub w2: f64,
    pub w3: f64,
    pub q: f64,
    /// Squares weighted by the squared weight: y'PPy.
    pub q2: f64,
}

pub(super) fn sums(results: &[ProgrammeResult], tau2: f64) -> Sums {
    let weight = |r: &ProgrammeResult| 1.0 / (r.se * r.se + tau2);
    let w: f64 = results.iter().map(weight).sum();
    let mean = results.iter().map(|r| weight(r) * r.estimate).sum::<f64>() / w;
    let mut s = Sums {
        w,
        w2: 0.0,
        w3: 0.0,
        q: 0.0,
        q2: 0.0,
    };
    for r in results {
        let (a, d) = (weight(r), r.estimate - mean);
        s.w2 += a * a;
        s.w3 += a * a * a;
        s.q += a * d * d;
        s.q2 += a * a * d * d;
    }
    s
}

/// The variance between programmes, in squared units of the estimate; never below 0.
///
/// # Errors
/// Fewer than two results, results that are no numbers, or a search without end.
pub fn between_variance(
    results: &[ProgrammeResult],
    method: Between,
) -> Result<f64, ComparisonError> {
    check(results, 2)?;
    match method {
        Between::Common => Ok(0.0),
        Between::DerSimonianLaird => Ok(moments(results)),
        Between::PauleMandel => paule_mandel(results),
        Between::Reml => reml(results),
    }
}

fn moments(results: &[ProgrammeResult]) -> f64 {
    let s = sums(results, 0.0);
    let df = results.len() as f64 - 1.0;
    ((s.q - df) / (s.w - s.w2 / s.w)).max(0.0)
}

/// Newton on Q(tau2) - df: Q is convex and falling, so steps from 0 never pass the root.
fn paule_mandel(results: &[ProgrammeResult]) -> Result<f64, ComparisonError> {
    let df = results.len() as f64 - 1.0;
    let mut tau2 = 0.0;
    for _ in 0..STEPS {
        let s = sums(results, tau2);
        let step = (s.q - df) / s.q2;
        if s.q <= df || step <= 1e-14 * tau2 {
            return Ok(tau2);
        }
        tau2 += step;
    }
    Err(ComparisonError::NoSolution { steps: STEPS })
}

/// Fisher scoring can swing about the solution with very few results: steps are halved once it has had its chance.
pub(super) fn damped(step: f64, taken: usize) -> f64 {
    if taken < 50 { step } else { 0.5 * step }
}

/// The last digits are reached: of the value, or, near 0, of the variances it stands beside (`scale`),
/// below which a step is rounding alone.
pub(super) fn settled(tau2: f64, next: f64, scale: f64) -> bool {
    (next - tau2).abs() <= 1e-12 * next + 1e-14 * scale
}

/// Fisher scoring from the moment estimate, to the last digits.
fn reml(results: &[ProgrammeResult]) -> Result<f64, ComparisonError> {
    let mut tau2 = moments(results);
    for n in 0..STEPS {
        let s = sums(results, tau2);
        let trace_p = s.w - s.w2 / s.w;
        let trace_pp = s.w2 - 2.0 * s.w3 / s.w + (s.w2 / s.w).powi(2);
        let next = (tau2 + damped((s.q2 - trace_p) / trace_pp, n)).max(0.0);
        if settled(tau2, next, trace_p / trace_pp) {
            return Ok(next);
        }
        tau2 = next;
    }
    Err(ComparisonError::NoSolution { steps: STEPS })
}

/// Q with its p, and I2 and H2 at the variance `tau2`; without one (`None`) both come from Q.
///
/// # Errors
/// As [`between_variance`].
pub fn heterogeneity(
    results: &[ProgrammeResult],
    tau2: Option<f64>,
) -> Result<Heterogeneity, ComparisonError> {
    check(results, 2)?;
    let s = sums(results, 0.0);
    let df = results.len() as f64 - 1.0;
    let typical = df / (s.w - s.w2 / s.w);
    let h2 = match tau2 {
        Some(t) => t / typical + 1.0,
        None => (s.q / df).max(1.0),
    };
    // Degrees of freedom are at least 1, all that the distribution asks.
    let p = ChiSquared::new(df).map_or(f64::NAN, |c| c.sf(s.q));
    Ok(Heterogeneity {
        q: s.q,
        df,
        p,
        i2: 1.0 - 1.0 / h2,
        h2,
    })
}
