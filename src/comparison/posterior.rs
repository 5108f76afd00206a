//! How probable it is that a programme is truly better than none, and than the middle one.

use super::{Pooled, ProgrammeResult};
use crate::numeric::distribution::normal_below;

/// Which way an effect is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Less is better, as with reoffending.
    Lower,
    /// More is better, as with days in work.
    Higher,
}

/// What is probable of one programme's true effect, given all results.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chances {
    /// That it is better than none.
    pub than_none: f64,
    /// That it is better than that of the programme in the middle. None where tau squared is 0: then the
    /// results give no ground to think that programmes differ at all.
    pub than_middle: Option<f64>,
}

/// The chances of each result, in the order given; never to be sorted by.
///
/// Empirical Bayes: true effects are normal about the average mu with variance tau2, results normal about the
/// true effect with variance se^2, mu is flat before the results and tau2 taken as known (Morris 1983,
/// doi:10.1080/01621459.1983.10477920). With `l = tau2 / (tau2 + se^2)` the true effect is then normal with mean
/// `l y + (1 - l) mu` and variance `l se^2 + (1 - l)^2 se(mu)^2`; its distance from the middle of all programmes,
/// mu, is normal with mean `l (y - mu)` and variance `l se^2 + l^2 se(mu)^2`, since y and mu share what
/// is not known of mu. With few results tau2 is not known, and the chances are too sure of themselves.
pub fn chances(results: &[ProgrammeResult], pooled: &Pooled, better: Better) -> Vec<Chances> {
    let sign = match better {
        Better::Lower => -1.0,
        Better::Higher => 1.0,
    };
    let v_mu = pooled.se * pooled.se;
    results
        .iter()
        .map(|r| {
            let v = r.se * r.se;
            let own = pooled.tau2 / (pooled.tau2 + v);
            let mean = own * r.estimate + (1.0 - own) * pooled.estimate;
            let error = (own * v + (1.0 - own).powi(2) * v_mu).sqrt();
            let apart = own * (r.estimate - pooled.estimate);
            let its_error = (own * v + own * own * v_mu).sqrt();
            Chances {
                than_none: normal_below(sign * mean / error),
                than_middle: (own > 0.0).then(|| normal_below(sign * apart / its_error)),
            }
        })
        .collect()
}
