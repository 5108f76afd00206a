//! Entropy balancing: of all weights under which the pool's means are those of the participants, the
//! ones nearest to the sampling weights (Hainmueller 2012, doi:10.1093/pan/mpr025).
//!
//! # Formula
//! `w_c = b_c exp(theta'(x_c - m)) / sum`, with b the sampling weights adding up to 1, x the
//! standardised columns of the model and m the participants' means; theta minimises the dual
//! `f(theta) = ln sum_c b_c exp(theta'(x_c - m))`. Its gradient is the imbalance, its Hessian the
//! weighted covariance of the columns. Newton's steps are halved until f falls enough.
//!
//! Where weights exist, `-f` at the minimum is their Kullback-Leibler distance from b, which is at
//! most `ln(1 / min b)`. An f below that proves that the means lie outside the hull of the pool.
//!
//! Cost: each iteration expands the columns twice, once for the step and once for the weighted Gram,
//! rows x columns^2 / 2 products; five to ten iterations are usual.

use super::{Kind, MatchError, Nuisance, People, Raw};
use crate::covariates::DesignMatrix;
use crate::numeric::gram::{BLOCK, accumulate, chunks, symmetric};
use crate::numeric::simd::widest;
use crate::numeric::symmetric::{Cholesky, redundant_columns};
use ndarray::{Array1, Array2, s};
use rayon::prelude::*;

/// Share of a column's sum of squares in the pool below which it repeats earlier ones.
const REDUNDANT: f64 = 1e-10;
/// Largest imbalance, in standard deviations, at which the last step is taken.
const NEARLY: f64 = 1e-7;
/// Imbalance that nobody may be left with.
const BALANCED: f64 = 1e-9;
/// A redundant column may be off by the rounding of the columns that it repeats.
const REPEATED: f64 = 1e-6;
/// Newton's steps; more mean that the weights run away to the edge of the hull.
const MAX_STEPS: usize = 200;

pub(super) fn raw(people: &People) -> Result<Raw, MatchError> {
    let matrix = people.metric.matrix.ok_or(MatchError::NoColumns {
        method: "weighting",
    })?;
    let terms = matrix.model_terms();
    let mut base = vec![0.0; matrix.rows()];
    for (&row, &b) in people.pool.rows.iter().zip(&people.base) {
        base[row as usize] = b;
    }
    let total: f64 = base.iter().sum();
    base.iter_mut().for_each(|b| *b /= total);
    let target = target(people, matrix, &terms);
    let problem = Problem {
        matrix,
        base: &base,
    };
    let start = problem.moments(&terms, &target, &base);
    let redundant = redundant_columns(&start, REDUNDANT);
    let is_kept = |j: &usize| !redundant.contains(&(j + 1));
    let kept: Vec<usize> = (0..terms.len()).filter(is_kept).collect();
    let kept_terms: Vec<usize> = kept.iter().map(|&j| terms[j]).collect();
    let kept_target: Vec<f64> = kept.iter().map(|&j| target[j]).collect();
    let solved = problem.solve(&kept_terms, &kept_target);
    let left = problem.imbalance(&terms, &target, &solved.weight);
    let within = |j: usize| if is_kept(&j) { BALANCED } else { REPEATED };
    let off = (0..terms.len()).any(|j| left[j].is_nan() || left[j].abs() > within(j));
    let Some(covariance) = solved.covariance.filter(|_| !off) else {
        return Err(unbalanced(matrix, &terms, &left));
    };
    let rows = people.pool.rows.iter();
    Ok(Raw {
        participants: Vec::new(),
        pool: rows.map(|&r| solved.weight[r as usize]).collect(),
        nuisance: Some(Nuisance {
            matrix: matrix.clone(),
            terms: kept_terms,
            covariance,
            kind: Kind::Balance {
                target: kept_target,
            },
        }),
    })
}

/// The participants' means.
fn target(people: &People, matrix: &DesignMatrix, terms: &[usize]) -> Vec<f64> {
    let mut counts = vec![0.0; matrix.rows()];
    for &row in people.participants {
        counts[row as usize] = people.sampling(row);
    }
    let total: f64 = counts.iter().sum();
    let sums = matrix.weighted_sums(terms, &counts);
    sums.iter().map(|sum| sum / total).collect()
}

/// The columns that are furthest off, at most three by name.
fn unbalanced(matrix: &DesignMatrix, terms: &[usize], left: &[f64]) -> MatchError {
    let size = |j: usize| {
        if left[j].is_nan() {
            f64::INFINITY
        } else {
            left[j].abs()
        }
    };
    let mut worst: Vec<usize> = (0..terms.len()).filter(|&j| size(j) > BALANCED).collect();
    worst.sort_by(|&a, &b| size(b).total_cmp(&size(a)));
    let named = worst.iter().take(3);
    MatchError::CannotBalance {
        columns: named
            .map(|&j| matrix.terms()[terms[j]].name.clone())
            .collect(),
        more: worst.len().saturating_sub(3),
    }
}

struct Problem<'a> {
    matrix: &'a DesignMatrix,
    /// b, one a row, adding up to 1; 0 for who is not in the pool.
    base: &'a [f64],
}

struct Solved {
    /// One a row, adding up to 1.
    weight: Vec<f64>,
    /// Inverse of the weighted covariance; `None` where the search failed.
    covariance: Option<Array2<f64>>,
}

impl Problem<'_> {
    fn solve(&self, terms: &[usize], target: &[f64]) -> Solved {
        let smallest = |b: &&f64| **b > 0.0;
        let lowest = self.base.iter().filter(smallest).copied();
        let bound = lowest.fold(1.0, f64::min).ln() - 1e-6;
        let mut eta = vec![0.0; self.base.len()];
        let (mut value, mut weight) = self.tilted(&eta);
        let mut covariance = None;
        for _ in 0..MAX_STEPS {
            let moments = self.moments(terms, target, &weight);
            let gradient = moments.slice(s![1.., 0]).to_owned();
            let Some(factor) = Cholesky::new(&centred(&moments)) else {
                break;
            };
            let off = gradient.iter().fold(0.0, |m: f64, g| m.max(g.abs()));
            let last = off <= NEARLY;
            let step = factor.solve(&(-&gradient));
            if last {
                covariance = Some(factor.inverse());
            }
            let slope = gradient.dot(&step);
            let move_of = self.along(terms, target, &step);
            let mut share = 1.0;
            let found = loop {
                let there: Vec<f64> = eta
                    .iter()
                    .zip(&move_of)
                    .map(|(e, d)| e + share * d)
                    .collect();
                let (f, w) = self.tilted(&there);
                // Near the minimum f cannot fall any further: rounding is allowed for.
                if f <= value + 1e-4 * share * slope + 1e-13 {
                    break Some((there, f, w));
                }
                share /= 2.0;
                if share < 1e-10 {
                    break None;
                }
            };
            let Some(found) = found else {
                break;
            };
            (eta, value, weight) = found;
            if last || value < bound {
                break;
            }
        }
        Solved { weight, covariance }
    }

    /// f, and the weights b exp(eta) scaled to add up to 1.
    fn tilted(&self, eta: &[f64]) -> (f64, Vec<f64>) {
        let people = self.base.iter().zip(eta).filter(|p| *p.0 > 0.0);
        let largest = people.fold(f64::NEG_INFINITY, |m, p| m.max(*p.1));
        let tilt = |(b, e): (&f64, &f64)| match *b > 0.0 {
            true => b * (e - largest).exp(),
            false => 0.0,
        };
        let mut weight: Vec<f64> = self.base.iter().zip(eta).map(tilt).collect();
        let total: f64 = weight.iter().sum();
        weight.iter_mut().for_each(|w| *w /= total);
        (largest + total.ln(), weight)
    }

    /// `step'(x - m)`, one a row.
    fn along(&self, terms: &[usize], target: &[f64], step: &Array1<f64>) -> Vec<f64> {
        let coefficients = step.to_vec();
        let centre: f64 = coefficients.iter().zip(target).map(|(s, m)| s * m).sum();
        let mut along = self.matrix.combination(terms, &coefficients);
        along.iter_mut().for_each(|a| *a -= centre);
        along
    }

    /// Weighted means less the target.
    fn imbalance(&self, terms: &[usize], target: &[f64], weight: &[f64]) -> Vec<f64> {
        let sums = self.matrix.weighted_sums(terms, weight);
        sums.iter().zip(target).map(|(s, m)| s - m).collect()
    }

    /// `sum w (1, x - m)(1, x - m)'`.
    fn moments(&self, terms: &[usize], target: &[f64], weight: &[f64]) -> Array2<f64> {
        let p = terms.len() + 1;
        let of_chunk = |rows: std::ops::Range<usize>| {
            widest(|| {
                let mut block = vec![0.0; BLOCK * p];
                let mut gram = vec![0.0; p * p];
                for from in rows.clone().step_by(BLOCK) {
                    let to = (from + BLOCK).min(rows.end);
                    let w = &weight[from..to];
                    if w.iter().all(|w| *w == 0.0) {
                        continue;
                    }
                    let (ones, columns) = block.split_at_mut(BLOCK);
                    self.matrix.fill_standardised(from..to, terms, columns);
                    ones.iter_mut().zip(w).for_each(|(o, w)| *o = w.sqrt());
                    for (x, m) in columns.chunks_exact_mut(BLOCK).zip(target) {
                        x.iter_mut()
                            .zip(&*ones)
                            .for_each(|(x, r)| *x = (*x - m) * r);
                    }
                    accumulate(&mut gram, &block, w.len(), p);
                }
                gram
            })
        };
        let parts: Vec<Vec<f64>> = chunks(self.base.len())
            .into_par_iter()
            .map(of_chunk)
            .collect();
        let mut gram = vec![0.0; p * p];
        for part in &parts {
            gram.iter_mut().zip(part).for_each(|(g, x)| *g += x);
        }
        symmetric(&gram, p)
    }
}

/// The covariance from moments whose weights add up to 1.
fn centred(moments: &Array2<f64>) -> Array2<f64> {
    let p = moments.nrows() - 1;
    Array2::from_shape_fn((p, p), |(i, j)| {
        moments[[i + 1, j + 1]] - moments[[i + 1, 0]] * moments[[j + 1, 0]]
    })
}
