//! What size of difference a number of people can show, before any data.

use super::inference::DETECTABLE;

/// Smallest difference of two rates that would be found with 80 % power at 5 % two-sided, as a
/// fraction: 0.05 is five percentage points.
///
/// # Formula
/// (1.96 + 0.84) SE with SE = sqrt(p(1-p)/n + p(1-p)/m), where n is `people` (participants who are
/// found and matched), m is `pool` (effective number of comparison people) and p is `rate` (share
/// of the comparison group with the outcome).
///
/// # References
/// Bloom, H. S. (1995), Minimum detectable effects, Evaluation Review 19(5),
/// doi:10.1177/0193841X9501900504.
///
/// ```
/// use counterpart::effect::power::detectable_rate_difference;
/// // 2.8 x sqrt(0.25/100 + 0.25/1000) = 2.8 x 0.0524404
/// assert!((detectable_rate_difference(100.0, 1000.0, 0.5) - 0.146833).abs() < 1e-6);
/// ```
pub fn detectable_rate_difference(people: f64, pool: f64, rate: f64) -> f64 {
    let variance = rate * (1.0 - rate);
    DETECTABLE * (variance / people + variance / pool).sqrt()
}

/// How many comparison people there are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pool {
    /// So many, however many participants there are.
    Fixed(f64),
    /// So many for each participant.
    PerParticipant(f64),
}

/// What is counted on where nothing is known of the pool: registers have many people, and weighting
/// makes them count for fewer.
pub const USUAL_POOL: Pool = Pool::PerParticipant(10.0);

impl Pool {
    /// Effective number of comparison people beside `people` participants.
    pub fn size(self, people: f64) -> f64 {
        match self {
            Pool::Fixed(m) => m,
            Pool::PerParticipant(k) => k * people,
        }
    }
}

/// Participants needed (found and matched) to detect a difference of two rates, as
/// [`detectable_rate_difference`] inverted. None when the pool is so small that no number of
/// participants would do.
///
/// # Formula
/// With v = p(1-p) and t = (difference / 2.8)^2: n = v / (t - v/m) for a fixed pool m, and
/// n = v (1 + 1/k) / t for k comparison people a participant.
///
/// ```
/// use counterpart::effect::power::{Pool, people_needed};
/// // 0.25 x 1.1 / (0.05/2.8)^2 = 862.4
/// let n = people_needed(0.05, 0.5, Pool::PerParticipant(10.0));
/// assert!((n.unwrap() - 862.4).abs() < 1e-9);
/// assert_eq!(people_needed(0.05, 0.5, Pool::Fixed(784.0)), None);
/// ```
pub fn people_needed(difference: f64, rate: f64, pool: Pool) -> Option<f64> {
    let variance = rate * (1.0 - rate);
    let target = (difference / DETECTABLE).powi(2);
    let needed = match pool {
        Pool::Fixed(m) => variance / (target - variance / m),
        Pool::PerParticipant(k) => variance * (1.0 + 1.0 / k) / target,
    };
    // A thousand million is nobody's programme: the pool is the limit, up to rounding.
    (needed > 0.0 && needed < 1e9).then_some(needed)
}
