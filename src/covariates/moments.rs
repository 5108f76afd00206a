//! Mean, spread and range of every column.

use super::{DesignMatrix, Term};
use crate::numeric::gram::BLOCK;
use crate::numeric::simd::widest;
use rayon::prelude::*;

impl DesignMatrix {
    /// Mean, standard deviation and range of every column, in one pass each, a block at a time.
    pub(super) fn standardise(&mut self) {
        let moments: Vec<(f64, f64, (f64, f64))> = (0..self.terms.len())
            .into_par_iter()
            .map(|t| widest(|| self.moments(&self.terms[t])))
            .collect();
        for (term, (mean, sd, range)) in self.terms.iter_mut().zip(moments) {
            term.range = range;
            term.centre = mean;
            term.scale = if range.1 > range.0 { sd } else { 1.0 };
        }
    }

    #[inline(always)]
    fn moments(&self, term: &Term) -> (f64, f64, (f64, f64)) {
        let n = self.rows as f64;
        let mut block = [0.0; BLOCK];
        // Sums around a value of the column itself lose no digits to a far-off mean.
        let origin = if self.rows > 0 {
            self.value(term, 0)
        } else {
            0.0
        };
        let (mut sum, mut squares) = (0.0, 0.0);
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for from in (0..self.rows).step_by(BLOCK) {
            let len = BLOCK.min(self.rows - from);
            self.fill(term, from..from + len, &mut block);
            let (mut s, mut q) = ([0.0; 8], [0.0; 8]);
            for part in block[..len].chunks(8) {
                for (i, &x) in part.iter().enumerate() {
                    let d = x - origin;
                    s[i] += d;
                    q[i] += d * d;
                    low = if x < low { x } else { low };
                    high = if x > high { x } else { high };
                }
            }
            sum += s.iter().sum::<f64>();
            squares += q.iter().sum::<f64>();
        }
        let mean = sum / n;
        let variance = squares / n - mean * mean;
        let centre = origin + mean;
        // An odd first row, or squares out of range: once more, around the mean and in units of
        // the range, so that no digits and no square are lost.
        let safe = variance.is_normal() && mean * mean < 1e6 * variance;
        let sd = if safe || high <= low {
            variance.max(0.0).sqrt()
        } else {
            self.spread(term, centre, high - low)
        };
        (centre, sd, (low, high))
    }

    /// Standard deviation around `centre`, computed in units of `span`.
    fn spread(&self, term: &Term, centre: f64, span: f64) -> f64 {
        let squares: f64 = (0..self.rows)
            .map(|row| {
                let d = (self.value(term, row) - centre) / span;
                d * d
            })
            .sum();
        span * (squares / self.rows as f64).sqrt()
    }
}
