//! Where a group's values lie: weighted quantiles, and the difference of medians.
//!
//! Cost: one sort an arm.

use super::estimate::{Interval, Intervals};
use super::gather::Matched;
use super::influence::Influence;
use crate::numeric::distribution::t_quantile;

/// The shares reported.
pub const SHARES: [f64; 5] = [0.10, 0.25, 0.50, 0.75, 0.90];

/// Values of one group sorted, with the weight up to each.
pub struct Quantiles {
    value: Vec<f64>,
    /// Share of the weight up to and with each value.
    share: Vec<f64>,
    /// Effective number of people, (sum w)^2 / sum w^2.
    ess: f64,
}

/// Shares closer than this are the same: weights add up with rounding.
const SAME: f64 = 1e-12;

impl Quantiles {
    /// Of those with weight whose value is known; `None` when there is nobody.
    pub fn new(value: &[f64], weight: &[f64]) -> Option<Quantiles> {
        let mut pairs: Vec<(f64, f64)> = value
            .iter()
            .zip(weight)
            .filter(|p| *p.1 > 0.0 && !p.0.is_nan())
            .map(|(y, w)| (*y, *w))
            .collect();
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = pairs.iter().map(|p| p.1).sum();
        let squares: f64 = pairs.iter().map(|p| p.1 * p.1).sum();
        let mut sum = 0.0;
        let share = pairs
            .iter()
            .map(|p| {
                sum += p.1;
                sum / total
            })
            .collect();
        (!pairs.is_empty()).then(|| Quantiles {
            value: pairs.into_iter().map(|p| p.0).collect(),
            share,
            ess: total * total / squares,
        })
    }

    /// The smallest value up to which at least `share` of the weight lies; where exactly `share`
    /// lies up to it, the middle between it and the next (R's type 2, so that the median of an
    /// even number of people is the usual one).
    pub fn at(&self, share: f64) -> f64 {
        let last = self.value.len() - 1;
        let i = self.share.partition_point(|s| *s < share - SAME).min(last);
        if (self.share[i] - share).abs() <= SAME && i < last {
            (self.value[i] + self.value[i + 1]) / 2.0
        } else {
            self.value[i]
        }
    }

    /// Density at the quantile, from the values a little to its sides; `None` where too many share
    /// one value for there to be a density.
    ///
    /// # Formula
    /// `f = 2 h / (Q(p + h) - Q(p - h))`, h by Hall & Sheather (1988) at 95 % with the effective
    /// number of people n: `h = n^(-1/3) z^(2/3) (1.5 phi(x)^2 / (2 x^2 + 1))^(1/3)`, x the normal
    /// quantile of p, phi its density.
    pub fn density(&self, p: f64) -> Option<f64> {
        let z = t_quantile(0.975, f64::INFINITY);
        let x = t_quantile(p, f64::INFINITY);
        let phi = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let h = self.ess.powf(-1.0 / 3.0)
            * z.powf(2.0 / 3.0)
            * (1.5 * phi * phi / (2.0 * x * x + 1.0)).cbrt();
        if h >= p.min(1.0 - p) {
            return None;
        }
        let width = self.at(p + h) - self.at(p - h);
        (width > 0.0).then_some(2.0 * h / width)
    }
}

/// Influence of each value on a quantile: `(p - [y <= q]) / f(q)`; half for those at q itself, so
/// that the mean is 0 when q lies on a value.
pub(super) fn influence(value: &[f64], q: f64, p: f64, density: f64) -> Vec<f64> {
    value
        .iter()
        .map(|y| match y.partial_cmp(&q) {
            Some(std::cmp::Ordering::Less) => (p - 1.0) / density,
            Some(std::cmp::Ordering::Equal) => (p - 0.5) / density,
            Some(std::cmp::Ordering::Greater) => p / density,
            None => f64::NAN,
        })
        .collect()
}

/// Both groups' quantiles at [`SHARES`], and the difference of medians.
#[derive(Clone, PartialEq)]
pub struct QuantilesFit {
    /// Participants.
    pub treated: [f64; 5],
    /// Counterparts, weighted.
    pub comparison: [f64; 5],
    /// Participants' median minus counterparts', by the influence of each value with the density
    /// at each median estimated; `None` where too many share a value for there to be one.
    pub median_difference: Option<Interval>,
}

/// Quantiles are people's values: they are not shown.
impl std::fmt::Debug for QuantilesFit {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "QuantilesFit")
    }
}

/// Quantiles of the matched groups.
pub(super) fn of_arms(columns: &Matched, interval: &Intervals) -> Option<QuantilesFit> {
    let matches = interval.matches;
    let treated = Quantiles::new(&columns.y_t, &matches.participant_weight)?;
    let comparison = Quantiles::new(&columns.y_c, &matches.weight)?;
    let median = |q: &Quantiles, y: &[f64]| {
        let at = q.at(0.5);
        Some((at, influence(y, at, 0.5, q.density(0.5)?)))
    };
    let median_difference = median(&treated, &columns.y_t)
        .zip(median(&comparison, &columns.y_c))
        .map(|((t, participants), (c, pool))| interval.of(t - c, &Influence { participants, pool }))
        .filter(|i| i.se.is_finite() && i.se > 0.0);
    Some(QuantilesFit {
        treated: SHARES.map(|p| treated.at(p)),
        comparison: SHARES.map(|p| comparison.at(p)),
        median_difference,
    })
}
