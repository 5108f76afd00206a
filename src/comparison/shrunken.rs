//! Each programme's own effect, drawn towards the average as far as its size deserves.

use super::{Pooled, ProgrammeResult, Range};
use crate::numeric::distribution::normal_below;
use statrs::function::erf::erfc_inv;

/// A programme's estimate once the others are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shrunken {
    /// Best linear unbiased prediction of the programme's true effect.
    pub estimate: f64,
    /// Its standard error, the average's own included (tau squared taken as known).
    pub se: f64,
    /// Its 95 % interval by the normal distribution.
    pub interval: Range,
    /// Probability that the true effect is below 0, from a normal posterior with this mean and error.
    /// Where less is better (reoffending) that is the probability of helping.
    pub below_zero: f64,
}

/// Shrinks each result towards `pooled` by lambda = tau2 / (tau2 + se^2) (Raudenbush & Bryk 1985,
/// doi:10.3102/10769986010002075), in the order given.
pub fn shrunken(results: &[ProgrammeResult], pooled: &Pooled) -> Vec<Shrunken> {
    let z = std::f64::consts::SQRT_2 * erfc_inv(0.05);
    results
        .iter()
        .map(|r| {
            let v = r.se * r.se;
            let own = pooled.tau2 / (pooled.tau2 + v);
            let estimate = own * r.estimate + (1.0 - own) * pooled.estimate;
            let se = (own * v + ((1.0 - own) * pooled.se).powi(2)).sqrt();
            Shrunken {
                estimate,
                se,
                interval: Range {
                    low: estimate - z * se,
                    high: estimate + z * se,
                },
                below_zero: normal_below(-estimate / se),
            }
        })
        .collect()
}
