//! Weight spread over the strata of the pool, as their participants count.

use super::super::Metric;
use super::super::sets::{Matches, Sets};

/// What the strata get.
pub(super) struct Strata<'a> {
    /// Stratum, one a row; empty = one for all.
    of: &'a [u32],
    /// Share of the participants' weight, one a stratum; they add up to 1.
    pub share: Vec<f64>,
    /// Sum of the participants' squared weights, one a stratum.
    squares: Vec<f64>,
}

/// Weights `b exp(t)`, scaled.
pub(super) struct Tilted {
    /// One a row; in each stratum they add up to its share.
    pub weight: Vec<f64>,
    /// `sum over strata of share ln sum b exp(t)`.
    pub value: f64,
}

impl<'a> Strata<'a> {
    pub(super) fn new(metric: &'a Metric, matches: &Matches) -> Strata<'a> {
        let n = matches.participants.len() as f64;
        let many = matches.stratum_start.len() - 1;
        let mut strata = Strata {
            of: metric.strata,
            share: vec![0.0; many],
            squares: vec![0.0; many],
        };
        for (&row, g) in matches.participants.iter().zip(&matches.participant_weight) {
            let s = strata.stratum(row as usize);
            strata.share[s] += g / n;
            strata.squares[s] += g * g;
        }
        strata
    }

    pub(super) fn stratum(&self, row: usize) -> usize {
        self.of.get(row).map_or(0, |s| *s as usize)
    }

    /// Do participants come from more than one?
    pub(super) fn several(&self) -> bool {
        self.share.iter().filter(|s| **s > 0.0).count() > 1
    }

    /// Sampling weights by row, adding up to 1; 0 for those who are nobody's counterpart.
    pub(super) fn base(&self, matches: &Matches, rows: usize) -> Vec<f64> {
        let mut base = vec![0.0; rows];
        for (c, &row) in matches.pool.iter().enumerate() {
            if self.share[self.stratum(row as usize)] > 0.0 {
                base[row as usize] = matches.base(c as u32);
            }
        }
        let total: f64 = base.iter().sum();
        if total > 0.0 {
            base.iter_mut().for_each(|b| *b /= total);
        }
        base
    }

    /// Weights `b exp(t)`, scaled to each stratum's share. Exponentials are taken relative to the
    /// stratum's largest, so that none overflows and none of the sums is 0.
    pub(super) fn tilted(&self, base: &[f64], tilt: &[f64]) -> Tilted {
        let mut largest = vec![f64::NEG_INFINITY; self.share.len()];
        for (row, t) in tilt.iter().enumerate().filter(|p| base[p.0] > 0.0) {
            let s = self.stratum(row);
            largest[s] = largest[s].max(*t);
        }
        let mut total = vec![0.0; self.share.len()];
        let mut weight = vec![0.0; base.len()];
        for row in (0..base.len()).filter(|&r| base[r] > 0.0) {
            let s = self.stratum(row);
            weight[row] = base[row] * (tilt[row] - largest[s]).exp();
            total[s] += weight[row];
        }
        for row in (0..base.len()).filter(|&r| base[r] > 0.0) {
            let s = self.stratum(row);
            weight[row] *= self.share[s] / total[s];
        }
        let used = (0..total.len()).filter(|&s| total[s] > 0.0);
        Tilted {
            value: used
                .map(|s| self.share[s] * (largest[s] + total[s].ln()))
                .sum(),
            weight,
        }
    }

    /// q_c of the weights.
    pub(super) fn squares(&self, matches: &Matches) -> Vec<f64> {
        let n = matches.participants.len() as f64;
        let of = |(&row, &w): (&u32, &f64)| {
            let s = self.stratum(row as usize);
            match w > 0.0 {
                true => (w / (n * self.share[s])).powi(2) * self.squares[s],
                false => 0.0,
            }
        };
        matches.pool.iter().zip(&matches.weight).map(of).collect()
    }
}

/// Means of a set that many participants share.
pub(crate) struct Shared {
    /// That of each matched participant's set.
    pub participants: Vec<f64>,
    /// That of the sets each pool member is in; of no meaning for who weighs nothing.
    pub pool: Vec<f64>,
}

impl Matches {
    /// The weighted means of y (in the order of the pool) in [`Sets::Common`] and [`Sets::CommonWithin`];
    /// values without weight may be `NaN`.
    pub(crate) fn shared_means(&self, y: &[f64]) -> Shared {
        let mean = |places: std::ops::Range<usize>| {
            let of = self.weight[places.clone()].iter().zip(&y[places]);
            let (sum, total) = of
                .filter(|p| *p.0 > 0.0)
                .fold((0.0, 0.0), |(s, t), (w, y)| (s + w * y, t + w));
            // Nobody weighs anything in a stratum whose participants do not, being too far from the
            // overlap for a number.
            if total > 0.0 { sum / total } else { 0.0 }
        };
        let Sets::CommonWithin { stratum } = &self.sets else {
            let m = mean(0..self.pool.len());
            return Shared {
                participants: vec![m; self.participants.len()],
                pool: vec![m; self.pool.len()],
            };
        };
        let starts = self.stratum_start.windows(2);
        let ranges = starts.map(|s| s[0] as usize..s[1] as usize);
        let mut pool = Vec::with_capacity(self.pool.len());
        let mut of_stratum = Vec::new();
        for places in ranges {
            let m = mean(places.clone());
            of_stratum.push(m);
            pool.resize(places.end, m);
        }
        Shared {
            participants: stratum.iter().map(|&s| of_stratum[s as usize]).collect(),
            pool,
        }
    }

    /// The largest share of the whole weight that one pool member carries, between 0 and 1.
    pub fn largest_share(&self) -> f64 {
        let total: f64 = self.weight.iter().sum();
        self.weight.iter().fold(0.0f64, |m, w| m.max(*w)) / total
    }
}
