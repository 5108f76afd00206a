//! How surely the variance between programmes is known.

use super::heterogeneity::sums;
use super::{ComparisonError, ProgrammeResult, Range, check};
use crate::numeric::distribution::chi_squared_quantile;

/// 95 % intervals of how much programmes differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    /// Of the variance between programmes.
    pub tau2: Range,
    /// Of the share of variation that is not chance, 0 to 1.
    pub i2: Range,
    /// Of the total variance over the typical sampling variance.
    pub h2: Range,
}

/// The Q-profile interval of tau2 (Viechtbauer 2007, doi:10.1002/sim.2514): all values at which Q is no
/// unlikely draw from chi-squared; I2 and H2 at its ends.
///
/// None where the results agree more closely than chance lets 39 of 40 do: then no value fits, and the
/// standard errors may be too large.
///
/// # Errors
/// Fewer than two results, or results that are no numbers.
pub fn profile(results: &[ProgrammeResult]) -> Result<Option<Profile>, ComparisonError> {
    check(results, 2)?;
    let df = results.len() as f64 - 1.0;
    let start = sums(results, 0.0);
    let (least, most) = (
        chi_squared_quantile(0.025, df),
        chi_squared_quantile(0.975, df),
    );
    if start.q < least {
        return Ok(None);
    }
    let tau2 = Range {
        low: root(results, most)?,
        high: root(results, least)?,
    };
    let typical = df / (start.w - start.w2 / start.w);
    let of = |f: fn(f64, f64) -> f64| Range {
        low: f(tau2.low, typical),
        high: f(tau2.high, typical),
    };
    Ok(Some(Profile {
        tau2,
        i2: of(|t, typical| t / (t + typical)),
        h2: of(|t, typical| t / typical + 1.0),
    }))
}

/// Where Q comes down to `level`; 0 where it starts below. Newton from the left: Q is convex and falls.
fn root(results: &[ProgrammeResult], level: f64) -> Result<f64, ComparisonError> {
    const STEPS: usize = 5_000;
    let mut tau2 = 0.0;
    for _ in 0..STEPS {
        let s = sums(results, tau2);
        let step = (s.q - level) / s.q2;
        if s.q <= level || step <= 1e-14 * tau2 {
            return Ok(tau2);
        }
        tau2 += step;
    }
    Err(ComparisonError::NoSolution { steps: STEPS })
}
