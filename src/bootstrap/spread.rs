//! How far the replicates lie apart.

use crate::effect::Interval;

/// Replicates of one number.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// Standard deviation of the estimates, B - 1; `NaN` of fewer than two.
    pub se: f64,
    /// 2.5 and 97.5 percentiles.
    pub percentile: (f64, f64),
    /// In the order of the replicates, those without an estimate left out.
    pub estimates: Vec<f64>,
    /// Replicates of a fitted and matched design that have no such number: a blank among those
    /// matched, or a ratio to nobody.
    pub without: u32,
}

impl Spread {
    /// Of numbers, one a replicate; those that are not finite are counted and left out.
    pub(super) fn of(all: Vec<f64>) -> Spread {
        let asked = all.len();
        let estimates: Vec<f64> = all.into_iter().filter(|v| v.is_finite()).collect();
        let n = estimates.len() as f64;
        let mean = estimates.iter().sum::<f64>() / n;
        let squares: f64 = estimates.iter().map(|v| (v - mean) * (v - mean)).sum();
        let mut sorted = estimates.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        Spread {
            se: (squares / (n - 1.0)).sqrt(),
            percentile: (quantile(&sorted, 0.025), quantile(&sorted, 0.975)),
            without: (asked - estimates.len()) as u32,
            estimates,
        }
    }

    /// The interval that is reported: estimate +/- t(0.975, df) SE, with its p.
    pub fn interval(&self, estimate: f64, df: f64) -> Interval {
        Interval::new(estimate, self.se, df)
    }
}

/// Quantile between the two nearest of sorted values, Hyndman & Fan's type 7
/// (doi:10.1080/00031305.1996.10473566); `NaN` of none.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let at = p * last as f64;
    let low = at as usize;
    let high = (low + 1).min(last);
    sorted[low] + (at - low as f64) * (sorted[high] - sorted[low])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_worked_by_hand() {
        // mean 3, squares 4 + 1 + 0 + 1 + 4 = 10, over 4
        let spread = Spread::of(vec![3.0, 1.0, f64::NAN, 5.0, 2.0, 4.0]);
        assert!((spread.se - 2.5f64.sqrt()).abs() < 1e-15);
        assert_eq!(spread.without, 1);
        // 0.1 of the way from the first to the second, and back from the last
        assert!((spread.percentile.0 - 1.1).abs() < 1e-12);
        assert!((spread.percentile.1 - 4.9).abs() < 1e-12);
    }
}
