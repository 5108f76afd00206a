//! Entropy balancing: of all weights at which every column's mean in the pool is that of the
//! participants, those nearest to the base weights in relative entropy (Hainmueller 2012,
//! doi:10.1093/pan/mpr025).
//!
//! # Formula
//! w_c = b_c exp(z_c' l), l minimising ln sum_c b_c exp((z_c - m)' l), m the participants' means of the
//! standardised columns z. Newton steps with halving; one pass over the columns a step.

use super::super::{MatchError, Metric};
use super::base;
use crate::covariates::DesignMatrix;
use crate::numeric::gram::{BLOCK, accumulate, chunks, symmetric};
use crate::numeric::simd::widest;
use crate::numeric::symmetric::{Cholesky, redundant_columns};
use ndarray::{Array1, Array2};
use rayon::prelude::*;

/// Largest difference of means left, in standard deviations.
const BALANCED: f64 = 1e-10;
/// Newton steps.
const MOST_STEPS: u32 = 200;
/// A column is redundant when this share of its sum of squares is left beside the earlier ones.
const REDUNDANT: f64 = 1e-11;

/// The dual problem: columns less the participants' means, and what each row weighs at the start.
struct Dual<'a> {
    matrix: &'a DesignMatrix,
    terms: Vec<usize>,
    /// Participants' means of the standardised columns.
    target: Vec<f64>,
    /// Of every row; 0 outside the pool.
    base: Vec<f64>,
}

/// Value, gradient and Hessian of the dual.
struct At {
    value: f64,
    gradient: Array1<f64>,
    hessian: Array2<f64>,
}

/// Weights of the pool's rows, up to a factor.
pub(super) fn weights(
    metric: &Metric,
    participants: &[u32],
    rows: &[u32],
    reachable: &impl Fn(u32) -> f64,
) -> Result<Vec<f64>, MatchError> {
    let matrix = metric
        .matrix
        .ok_or(MatchError::NoColumns { method: "entropy" })?;
    let mut of_row = vec![0.0; metric.treated.len()];
    for &r in rows {
        of_row[r as usize] = reachable(r) * base(metric, r);
    }
    let terms = matrix.model_terms();
    let mut dual = Dual {
        target: means(metric, matrix, &terms, participants),
        matrix,
        terms,
        base: of_row,
    };
    let start = dual.at(&Array1::zeros(dual.terms.len()));
    let redundant = redundant_columns(&start.hessian, REDUNDANT);
    let all = (dual.terms.clone(), dual.target.clone());
    let kept = |v: &dyn Fn(usize) -> bool| (0..all.0.len()).filter(|&j| v(j)).collect::<Vec<_>>();
    let stay = kept(&|j| !redundant.contains(&j));
    dual.terms = stay.iter().map(|&j| all.0[j]).collect();
    dual.target = stay.iter().map(|&j| all.1[j]).collect();
    let lambda = dual.minimise()?;
    // A column that repeats others in the pool must do so among the participants too.
    let whole = Dual {
        terms: all.0,
        target: all.1,
        base: dual.weighed(&lambda),
        ..dual
    };
    let left = whole.at(&Array1::zeros(whole.terms.len())).gradient;
    whole.refuse_unbalanced(&left, 1e-6)?;
    Ok(rows.iter().map(|&r| whole.base[r as usize]).collect())
}

/// Means of the standardised columns among the participants, by their sampling weights.
fn means(metric: &Metric, matrix: &DesignMatrix, terms: &[usize], rows: &[u32]) -> Vec<f64> {
    let total: f64 = rows.iter().map(|&r| base(metric, r)).sum();
    terms
        .iter()
        .map(|&t| {
            let term = &matrix.terms()[t];
            let of = |&r: &u32| base(metric, r) * matrix.standardised(term, r as usize);
            rows.iter().map(of).sum::<f64>() / total
        })
        .collect()
}

impl Dual<'_> {
    fn minimise(&self) -> Result<Array1<f64>, MatchError> {
        let mut lambda = Array1::zeros(self.terms.len());
        let mut at = self.at(&lambda);
        for _ in 0..MOST_STEPS {
            if at.gradient.iter().all(|g| g.abs() <= BALANCED) {
                return Ok(lambda);
            }
            let Some(factor) = Cholesky::new(&at.hessian) else {
                break;
            };
            let step = factor.solve(&at.gradient);
            let slope = step.dot(&at.gradient);
            let mut share = 1.0;
            let next = loop {
                let tried = &lambda - &(&step * share);
                let there = self.at(&tried);
                if there.value <= at.value - 1e-4 * share * slope || share < 1e-9 {
                    break (tried, there);
                }
                share /= 2.0;
            };
            // Rounding leaves nothing to gain: as balanced as numbers can be.
            if share < 1e-9 {
                break;
            }
            (lambda, at) = next;
            if !lambda.iter().all(|l| l.is_finite()) {
                break;
            }
        }
        self.refuse_unbalanced(&at.gradient, 1e-8)?;
        Ok(lambda)
    }

    /// Names the columns whose means cannot be made to agree.
    fn refuse_unbalanced(&self, left: &Array1<f64>, bound: f64) -> Result<(), MatchError> {
        if left.iter().all(|g| g.abs() <= bound) {
            return Ok(());
        }
        let worst = left.iter().fold(0.0, |w: f64, g| w.max(g.abs()));
        let columns = self
            .terms
            .iter()
            .zip(left)
            .filter(|(_, g)| g.is_nan() || g.abs() >= worst / 2.0)
            .map(|(&t, _)| format!("`{}`", self.matrix.terms()[t].name))
            .take(5)
            .collect();
        Err(MatchError::Unbalanced { columns })
    }

    /// b_c exp((z_c - m)' l) of every row.
    fn weighed(&self, lambda: &Array1<f64>) -> Vec<f64> {
        let exponents = self.exponents(lambda);
        let largest = self.largest(&exponents);
        let weigh = |(b, e): (&f64, &f64)| {
            if *b > 0.0 {
                b * (e - largest).exp()
            } else {
                0.0
            }
        };
        self.base.iter().zip(&exponents).map(weigh).collect()
    }

    fn largest(&self, exponents: &[f64]) -> f64 {
        let of_pool = exponents.iter().zip(&self.base).filter(|p| *p.1 > 0.0);
        of_pool.map(|p| *p.0).fold(f64::NEG_INFINITY, f64::max)
    }

    /// (z_c - m)' l of every row.
    fn exponents(&self, lambda: &Array1<f64>) -> Vec<f64> {
        let shift: f64 = self.target.iter().zip(lambda).map(|(m, l)| m * l).sum();
        let mut out = vec![-shift; self.base.len()];
        out.par_chunks_mut(BLOCK).enumerate().for_each(|(i, out)| {
            widest(|| {
                let mut block = vec![0.0; BLOCK * self.terms.len()];
                let from = i * BLOCK;
                let rows = from..from + out.len();
                self.matrix.fill_standardised(rows, &self.terms, &mut block);
                for (column, &l) in block.chunks_exact(BLOCK).zip(lambda) {
                    for (o, &x) in out.iter_mut().zip(column) {
                        *o += l * x;
                    }
                }
            });
        });
        out
    }

    /// Everything at `lambda`; sums are taken in the order of the rows whatever the threads.
    fn at(&self, lambda: &Array1<f64>) -> At {
        let exponents = self.exponents(lambda);
        let largest = self.largest(&exponents);
        let p = self.terms.len();
        let parts: Vec<(f64, Vec<f64>)> = chunks(self.base.len())
            .into_par_iter()
            .map(|rows| widest(|| self.part(rows, &exponents, largest)))
            .collect();
        let (mut total, mut sums) = (0.0, vec![0.0; (p + 1) * (p + 1)]);
        for (part, gram) in &parts {
            total += part;
            for (s, g) in sums.iter_mut().zip(gram) {
                *s += g;
            }
        }
        // Columns of the part: the constant, then z - m.
        let gram = symmetric(&sums, p + 1) / total;
        let gradient = Array1::from_shape_fn(p, |j| gram[[j + 1, 0]]);
        let hessian = Array2::from_shape_fn((p, p), |(i, j)| {
            gram[[i + 1, j + 1]] - gradient[i] * gradient[j]
        });
        At {
            value: largest + total.ln(),
            gradient,
            hessian,
        }
    }

    /// Sum of weights and Gram of (1, z - m), weighted, over some rows.
    #[inline(always)]
    fn part(
        &self,
        rows: std::ops::Range<usize>,
        exponents: &[f64],
        largest: f64,
    ) -> (f64, Vec<f64>) {
        let p = self.terms.len();
        let mut gram = vec![0.0; (p + 1) * (p + 1)];
        let mut block = vec![0.0; BLOCK * (p + 1)];
        let mut total = 0.0;
        for from in rows.clone().step_by(BLOCK) {
            let len = BLOCK.min(rows.end - from);
            self.matrix
                .fill_standardised(from..from + len, &self.terms, &mut block[BLOCK..]);
            let (ones, columns) = block.split_at_mut(BLOCK);
            // Each column times the root of the weight, so that products carry the weight once.
            for i in 0..len {
                let w = match self.base[from + i] {
                    b if b > 0.0 => b * (exponents[from + i] - largest).exp(),
                    _ => 0.0,
                };
                total += w;
                ones[i] = w.sqrt();
            }
            for (column, m) in columns.chunks_exact_mut(BLOCK).zip(&self.target) {
                for (x, root) in column[..len].iter_mut().zip(ones.iter()) {
                    *x = (*x - m) * root;
                }
            }
            accumulate(&mut gram, &block, len, p + 1);
        }
        (total, gram)
    }
}
