//! Products of the standardised columns with vectors: a pass over the rows each, in blocks.

use super::DesignMatrix;
use crate::numeric::gram::{BLOCK, chunks};
use crate::numeric::simd::widest;
use rayon::prelude::*;

impl DesignMatrix {
    /// `sum over rows of weight x`, one a term, x the standardised columns. `weights` has one entry a
    /// row. The same bits on any number of threads.
    pub fn weighted_sums(&self, terms: &[usize], weights: &[f64]) -> Vec<f64> {
        let of_chunk = |rows: std::ops::Range<usize>| {
            widest(|| {
                let mut block = vec![0.0; BLOCK * terms.len()];
                let mut sums = vec![0.0; terms.len()];
                for from in rows.clone().step_by(BLOCK) {
                    let to = (from + BLOCK).min(rows.end);
                    let w = &weights[from..to];
                    if w.iter().all(|w| *w == 0.0) {
                        continue;
                    }
                    self.fill_standardised(from..to, terms, &mut block);
                    for (sum, x) in sums.iter_mut().zip(block.chunks_exact(BLOCK)) {
                        *sum += w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
                    }
                }
                sums
            })
        };
        let parts: Vec<Vec<f64>> = chunks(self.rows()).into_par_iter().map(of_chunk).collect();
        let mut sums = vec![0.0; terms.len()];
        for part in &parts {
            sums.iter_mut().zip(part).for_each(|(s, p)| *s += p);
        }
        sums
    }

    /// `sum over terms of coefficient x`, one a row, x the standardised columns.
    pub fn combination(&self, terms: &[usize], coefficients: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.rows()];
        let chunk = BLOCK * 32;
        out.par_chunks_mut(chunk).enumerate().for_each(|(c, out)| {
            widest(|| {
                let mut block = vec![0.0; BLOCK * terms.len()];
                for (b, out) in out.chunks_mut(BLOCK).enumerate() {
                    let from = c * chunk + b * BLOCK;
                    self.fill_standardised(from..from + out.len(), terms, &mut block);
                    for (x, g) in block.chunks_exact(BLOCK).zip(coefficients) {
                        out.iter_mut().zip(x).for_each(|(o, x)| *o += g * x);
                    }
                }
            })
        });
        out
    }
}
