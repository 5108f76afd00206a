//! Entropy balancing: of all weights under which the pool's means are those of the participants, the
//! ones nearest to the sampling weights (Hainmueller 2012, doi:10.1093/pan/mpr025).
//!
//! # Formula
//! `w_c = b_c exp(theta'(x_c - m)) / sum`, with b the sampling weights adding up to 1, x the
//! standardised columns of the model and m the participants' means; theta minimises the dual
//! `f(theta) = ln sum_c b_c exp(theta'(x_c - m))`. Its gradient is the imbalance, its Hessian the
//! weighted covariance of the columns. Newton's steps are halved until f falls enough.
//!
//! Exact strata add the condition that in each the weights add up to its share p_s of the
//! participants. Their multipliers are known given theta: `f = sum_s p_s ln sum_{c in s} b_c
//! exp(theta'(x_c - m))`, the Hessian `sum_s p_s` times the covariance within s. Means agree over
//! all strata together, not in each.
//!
//! Where weights exist, `-f` at the minimum is their Kullback-Leibler distance from b less
//! `sum_s p_s ln p_s`; the distance is at most `ln(1 / min b)`. An f below that proves that the
//! means lie outside the hull of the pool.
//!
//! Cost: each iteration expands the columns twice, once for the step and once for the weighted Gram,
//! rows x columns^2 / 2 products, once more with strata; five to ten iterations are usual.

use super::spread::{Strata, Tilted};
use super::{Kind, MatchError, Matches, Metric, Nuisance, Tilt};
use crate::covariates::DesignMatrix;
use crate::numeric::gram::{BLOCK, accumulate, chunks, symmetric};
use crate::numeric::simd::widest;
use crate::numeric::symmetric::{Cholesky, redundant_beside};
use ndarray::{Array1, Array2, s};
use rayon::prelude::*;
use std::borrow::Cow;

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

pub(super) fn tilt<'a>(
    metric: &Metric,
    matches: &Matches,
    strata: &Strata,
    base: &[f64],
) -> Result<Tilt<'a>, MatchError> {
    let matrix = metric.matrix.ok_or(MatchError::NoColumns {
        method: "weighting",
    })?;
    let terms = matrix.model_terms();
    let target = target(matches, matrix, &terms);
    let problem = Problem {
        matrix,
        strata,
        base,
    };
    let start = strata.tilted(base, &vec![0.0; base.len()]).weight;
    let redundant = problem.redundant(&terms, &target, &start);
    let is_kept = |j: &usize| !redundant.contains(j);
    let kept: Vec<usize> = (0..terms.len()).filter(is_kept).collect();
    let kept_terms: Vec<usize> = kept.iter().map(|&j| terms[j]).collect();
    let kept_target: Vec<f64> = kept.iter().map(|&j| target[j]).collect();
    let solved = problem.solve(&kept_terms, &kept_target);
    let left = problem.imbalance(&terms, &target, &solved.weight);
    let within = |j: usize| if is_kept(&j) { BALANCED } else { REPEATED };
    let off = (0..terms.len()).any(|j| left[j].is_nan() || left[j].abs() > within(j));
    let Some(covariance) = solved.covariance.filter(|_| !off) else {
        return Err(unbalanced(matrix, &terms, &left, strata.several()));
    };
    Ok(Tilt {
        of: Cow::Owned(solved.eta),
        nuisance: Some(Nuisance {
            matrix: matrix.clone(),
            terms: kept_terms,
            covariance,
            kind: Kind::Balance,
        }),
    })
}

/// The participants' means.
fn target(matches: &Matches, matrix: &DesignMatrix, terms: &[usize]) -> Vec<f64> {
    let mut counts = vec![0.0; matrix.rows()];
    let n = matches.participants.len() as f64;
    for (&row, g) in matches.participants.iter().zip(&matches.participant_weight) {
        counts[row as usize] = g / n;
    }
    matrix.weighted_sums(terms, &counts)
}

/// The columns that are furthest off, at most three by name.
fn unbalanced(matrix: &DesignMatrix, terms: &[usize], left: &[f64], strata: bool) -> MatchError {
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
        strata,
    }
}

struct Problem<'a> {
    matrix: &'a DesignMatrix,
    strata: &'a Strata<'a>,
    /// b, one a row, adding up to 1; 0 for who is nobody's counterpart.
    base: &'a [f64],
}

struct Solved {
    /// theta'(x - m), one a row.
    eta: Vec<f64>,
    /// One a row, adding up to 1.
    weight: Vec<f64>,
    /// Inverse of the weighted covariance; `None` where the search failed.
    covariance: Option<Array2<f64>>,
}

impl Problem<'_> {
    fn solve(&self, terms: &[usize], target: &[f64]) -> Solved {
        let some = |x: &&f64| **x > 0.0;
        let lowest = self.base.iter().filter(some).copied();
        let shares = self.strata.share.iter().filter(some);
        let bound = lowest.fold(1.0, f64::min).ln() + shares.map(|p| p * p.ln()).sum::<f64>();
        let mut eta = vec![0.0; self.base.len()];
        let mut at = self.strata.tilted(self.base, &eta);
        let mut covariance = None;
        for _ in 0..MAX_STEPS {
            let moments = self.moments(terms, target, &at.weight);
            let gradient = moments.slice(s![1.., 0]).to_owned();
            let spread = self.centred(&moments, terms, target, &at.weight);
            let Some(factor) = Cholesky::new(&spread) else {
                break;
            };
            let off = gradient.iter().fold(0.0, |m: f64, g| m.max(g.abs()));
            let last = off <= NEARLY;
            let step = factor.solve(&(-&gradient));
            if last {
                covariance = Some(factor.inverse());
            }
            let slope = gradient.dot(&step);
            let along = self.along(terms, target, &step);
            let Some(found) = self.further((&eta, &at), &along, slope) else {
                break;
            };
            (eta, at) = found;
            if last || at.value < bound - 1e-6 {
                break;
            }
        }
        Solved {
            eta,
            weight: at.weight,
            covariance,
        }
    }

    /// As much of a step as makes f fall enough.
    fn further(
        &self,
        (eta, at): (&[f64], &Tilted),
        along: &[f64],
        slope: f64,
    ) -> Option<(Vec<f64>, Tilted)> {
        let mut share = 1.0;
        while share >= 1e-10 {
            let moved = eta.iter().zip(along).map(|(e, d)| e + share * d);
            let there: Vec<f64> = moved.collect();
            let tilted = self.strata.tilted(self.base, &there);
            // Near the minimum f cannot fall any further: rounding is allowed for.
            if tilted.value <= at.value + 1e-4 * share * slope + 1e-13 {
                return Some((there, tilted));
            }
            share /= 2.0;
        }
        None
    }

    /// Columns that repeat earlier ones, or the strata.
    fn redundant(&self, terms: &[usize], target: &[f64], weight: &[f64]) -> Vec<usize> {
        let moments = self.moments(terms, target, weight);
        let spread = self.centred(&moments, terms, target, weight);
        let size: Vec<f64> = moments.diag().iter().skip(1).copied().collect();
        redundant_beside(&spread, &size, REDUNDANT)
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

    /// The covariance within strata.
    fn centred(
        &self,
        moments: &Array2<f64>,
        terms: &[usize],
        target: &[f64],
        weight: &[f64],
    ) -> Array2<f64> {
        let p = terms.len();
        let means = match self.strata.several() {
            true => self.stratum_means(terms, target, weight),
            false => moments.slice(s![1.., 0..1]).to_owned(),
        };
        let between = means.dot(&means.t());
        Array2::from_shape_fn((p, p), |(i, j)| moments[[i + 1, j + 1]] - between[[i, j]])
    }

    /// Root of the share times the mean of x - m in each stratum, columns x strata.
    fn stratum_means(&self, terms: &[usize], target: &[f64], weight: &[f64]) -> Array2<f64> {
        let share = &self.strata.share;
        let of_term = |(&t, m): (&usize, &f64)| {
            let mut sums = vec![0.0; share.len()];
            let mut block = vec![0.0; BLOCK];
            for from in (0..weight.len()).step_by(BLOCK) {
                let rows = from..(from + BLOCK).min(weight.len());
                self.matrix
                    .fill_standardised(rows.clone(), &[t], &mut block);
                for (row, x) in rows.zip(&block).filter(|p| weight[p.0] > 0.0) {
                    sums[self.strata.stratum(row)] += weight[row] * (x - m);
                }
            }
            let scaled = sums.iter().zip(share).map(|(sum, p)| match *p > 0.0 {
                true => sum / p.sqrt(),
                false => 0.0,
            });
            scaled.collect::<Vec<f64>>()
        };
        let columns: Vec<Vec<f64>> = (terms.par_iter().zip(target)).map(of_term).collect();
        Array2::from_shape_fn((terms.len(), share.len()), |(j, s)| columns[j][s])
    }
}
