//! Newton's method on the exact likelihood, in blocks of rows.
//!
//! Columns are standardised on the way, so that squares and cubes do not spoil the arithmetic.
//! When the pool dwarfs the participants, the start comes from all participants and an evenly
//! spaced part of the pool, weighted up: a few cheap steps there save full passes later.

use super::score::{c_statistic, sorted_by_score, standard_deviation};
use super::{FittedTerm, Penalty, Propensity, PropensityError};
use crate::covariates::DesignMatrix;
use crate::numeric::gram::{self, BLOCK};
use crate::numeric::simd::widest;
use crate::numeric::symmetric::{Cholesky, redundant_columns};
use ndarray::{Array1, Array2};
use rayon::prelude::*;

/// A column is redundant when this share of its sum of squares is left beside the earlier ones.
const REDUNDANT: f64 = 1e-11;
/// Newton decrement, in standard errors, at which the last step is taken.
const DECREMENT: f64 = 1e-8;
/// A last step that moves somebody's log odds by more than this means that they run away.
const RUNAWAY: f64 = 1e-2;
/// The start is found on a part of the pool when the pool is larger than this many rows ...
const SUBSAMPLE_ABOVE: usize = 60_000;
/// ... keeping about so many of its rows.
const SUBSAMPLE: usize = 20_000;

/// Deviance, gradient and information at a point, over weighted rows.
pub struct Evaluation {
    /// -2 log likelihood.
    pub deviance: f64,
    /// Of the log likelihood, intercept first.
    pub gradient: Array1<f64>,
    /// Minus the second derivative.
    pub information: Array2<f64>,
}

/// Rows that enter a pass: all of them, or a part with weights.
enum Rows<'a> {
    All,
    Part {
        matrix: &'a [f64],
        treated: &'a [f64],
        weight: &'a [f64],
    },
}

pub(super) fn fit(
    matrix: &DesignMatrix,
    treated: &[f64],
    max_steps: u32,
) -> Result<Propensity, PropensityError> {
    let (terms, removed) = kept_columns(matrix, treated)?;
    let start = intercept_only(treated, terms.len());
    let (gamma, iterations, at_end) = maximise(matrix, &terms, treated, start, max_steps)?;
    let inverse = Cholesky::new(&at_end.information)
        .ok_or(PropensityError::NotConverged { iterations })?
        .inverse();
    let lp = linear_predictor(matrix, &terms, &gamma);
    let mut fitted = assemble(
        matrix,
        &terms,
        treated,
        &gamma,
        Some(&inverse),
        lp,
        iterations,
        Penalty::None,
    );
    fitted.redundant = removed
        .iter()
        .map(|&t| matrix.terms()[t].name.clone())
        .collect();
    Ok(fitted)
}

/// Puts a fit together: coefficients on the scale of the data, c-statistic, order of the scores.
#[allow(clippy::too_many_arguments)]
pub(super) fn assemble(
    matrix: &DesignMatrix,
    terms: &[usize],
    treated: &[f64],
    gamma: &Array1<f64>,
    covariance: Option<&Array2<f64>>,
    lp: Vec<f64>,
    iterations: u32,
    penalty: Penalty,
) -> Propensity {
    let order = sorted_by_score(&lp);
    Propensity {
        terms: unstandardised(matrix, terms, gamma, covariance),
        deviance: deviance(&lp, treated),
        c_statistic: c_statistic(&lp, &order, treated),
        lp_sd: standard_deviation(&lp),
        iterations,
        redundant: Vec::new(),
        order,
        lp,
        penalty,
    }
}

fn deviance(lp: &[f64], treated: &[f64]) -> f64 {
    lp.iter()
        .zip(treated)
        .map(|(&e, &t)| 2.0 * (softplus(e) - t * e))
        .sum()
}

/// ln(1 + e^x) without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// The model's columns less those that repeat earlier ones, and the latter.
///
/// At the intercept-only start every row has the same weight, so the information there is the Gram
/// of the columns. A part of the rows can only make more columns look redundant, never fewer: what
/// it suspects, all rows confirm.
fn kept_columns(
    matrix: &DesignMatrix,
    treated: &[f64],
) -> Result<(Vec<usize>, Vec<usize>), PropensityError> {
    let terms = matrix.model_terms();
    if terms.is_empty() {
        return Err(PropensityError::NoColumns);
    }
    let start = intercept_only(treated, terms.len());
    let redundant = |rows: &Rows| {
        let at = evaluate(matrix, &terms, treated, &start, rows);
        redundant_columns(&at.information, REDUNDANT)
    };
    let mut suspects = match Part::draw(matrix, &terms, treated) {
        Some(part) => redundant(&part.rows()),
        None => redundant(&Rows::All),
    };
    if !suspects.is_empty() && treated.len() > SUBSAMPLE_ABOVE {
        suspects = redundant(&Rows::All);
    }
    let (mut kept, mut removed) = (Vec::new(), Vec::new());
    for (j, &t) in terms.iter().enumerate() {
        if suspects.contains(&(j + 1)) {
            removed.push(t)
        } else {
            kept.push(t)
        }
    }
    Ok((kept, removed))
}

/// The model without covariates: ln(p / (1 - p)), then zeros.
fn intercept_only(treated: &[f64], columns: usize) -> Array1<f64> {
    let p = treated.iter().sum::<f64>() / treated.len() as f64;
    let mut start = Array1::zeros(columns + 1);
    start[0] = (p / (1.0 - p)).ln();
    start
}

/// Newton steps until the decrement is negligible.
fn maximise(
    matrix: &DesignMatrix,
    terms: &[usize],
    treated: &[f64],
    start: Array1<f64>,
    max_steps: u32,
) -> Result<(Array1<f64>, u32, Evaluation), PropensityError> {
    let mut gamma = start;
    if let Some(part) = Part::draw(matrix, terms, treated) {
        let rows = part.rows();
        // A rough start: whatever it reaches in a few steps; the full passes judge.
        for _ in 0..8 {
            let at = evaluate(matrix, terms, treated, &gamma, &rows);
            let Some(step) = Cholesky::new(&at.information).map(|c| c.solve(&at.gradient)) else {
                break;
            };
            let decrement = step.dot(&at.gradient).max(0.0).sqrt();
            let longest = longest_move(matrix, terms, &step);
            gamma = gamma + &step * (4.0 / longest).min(1.0);
            if decrement < 1e-3 {
                break;
            }
        }
        if gamma.iter().any(|g| !g.is_finite()) {
            gamma = Array1::zeros(terms.len() + 1);
        }
    }
    let mut at = evaluate(matrix, terms, treated, &gamma, &Rows::All);
    for iteration in 1..=max_steps {
        let Some(factor) = Cholesky::new(&at.information) else {
            return Err(runaway(matrix, terms, &gamma, iteration));
        };
        let step = factor.solve(&at.gradient);
        let decrement = step.dot(&at.gradient).max(0.0).sqrt();
        if decrement < DECREMENT {
            if longest_move(matrix, terms, &step) > RUNAWAY {
                return Err(runaway(matrix, terms, &step, iteration));
            }
            return Ok((gamma + &step, iteration, at));
        }
        let mut share = 1.0;
        loop {
            let next = &gamma + &step * share;
            let there = evaluate(matrix, terms, treated, &next, &Rows::All);
            // Allow for rounding: near the optimum the deviance cannot fall any further.
            if there.deviance <= at.deviance * (1.0 + 1e-12) || share < 1e-6 {
                gamma = next;
                at = there;
                break;
            }
            share /= 2.0;
        }
        if at.deviance < 1e-6 * treated.len() as f64 * f64::EPSILON.sqrt() {
            return Err(runaway(matrix, terms, &gamma, iteration));
        }
    }
    Err(PropensityError::NotConverged {
        iterations: max_steps,
    })
}

/// How far a step could move somebody's log odds by one column alone.
fn longest_move(matrix: &DesignMatrix, terms: &[usize], step: &Array1<f64>) -> f64 {
    moves(matrix, terms, step).into_iter().fold(0.0, f64::max)
}

fn moves(matrix: &DesignMatrix, terms: &[usize], step: &Array1<f64>) -> Vec<f64> {
    terms
        .iter()
        .zip(step.iter().skip(1))
        .map(|(&t, &s)| {
            let term = &matrix.terms()[t];
            (s * (term.range.1 - term.range.0) / term.scale).abs()
        })
        .collect()
}

/// Names the columns that run away: those that move at least half as far as the farthest.
fn runaway(
    matrix: &DesignMatrix,
    terms: &[usize],
    step: &Array1<f64>,
    iteration: u32,
) -> PropensityError {
    let moves = moves(matrix, terms, step);
    let farthest = moves.iter().copied().fold(0.0, f64::max);
    if !(farthest.is_finite() && farthest > 0.0) {
        return PropensityError::NotConverged {
            iterations: iteration,
        };
    }
    let columns = terms
        .iter()
        .zip(&moves)
        .filter(|&(_, &m)| m >= farthest / 2.0)
        .map(|(&t, _)| format!("`{}`", matrix.terms()[t].name))
        .take(5)
        .collect();
    PropensityError::Separation { columns }
}

/// All participants and an evenly spaced part of the pool, written out.
struct Part {
    block: Vec<f64>,
    treated: Vec<f64>,
    weight: Vec<f64>,
}

impl Part {
    fn rows(&self) -> Rows<'_> {
        Rows::Part {
            matrix: &self.block,
            treated: &self.treated,
            weight: &self.weight,
        }
    }

    fn draw(matrix: &DesignMatrix, terms: &[usize], treated: &[f64]) -> Option<Part> {
        let pool = treated.iter().filter(|&&t| t < 0.5).count();
        let participants = treated.len() - pool;
        let keep = SUBSAMPLE.max(4 * participants);
        if pool <= SUBSAMPLE_ABOVE || pool <= 2 * keep {
            return None;
        }
        let every = pool / keep;
        let mut part = Part {
            block: Vec::with_capacity((keep + participants + 1) * terms.len()),
            treated: Vec::with_capacity(keep + participants + 1),
            weight: Vec::with_capacity(keep + participants + 1),
        };
        let mut seen = 0;
        for (row, &t) in treated.iter().enumerate() {
            let in_pool = t < 0.5;
            seen += usize::from(in_pool);
            if in_pool && seen % every != 0 {
                continue;
            }
            part.block.extend(
                terms
                    .iter()
                    .map(|&c| matrix.standardised(&matrix.terms()[c], row)),
            );
            part.treated.push(t);
            part.weight.push(if in_pool { every as f64 } else { 1.0 });
        }
        Some(part)
    }
}

/// One pass: deviance, gradient, information. Chunks in parallel, folded in order.
fn evaluate(
    matrix: &DesignMatrix,
    terms: &[usize],
    treated: &[f64],
    gamma: &Array1<f64>,
    rows: &Rows,
) -> Evaluation {
    let p = terms.len() + 1;
    let n = match rows {
        Rows::All => matrix.rows(),
        Rows::Part { treated, .. } => treated.len(),
    };
    let sums: Vec<Sums> = gram::chunks(n)
        .into_par_iter()
        .map(|chunk| {
            widest(|| {
                let mut sums = Sums::new(p);
                let mut block = vec![0.0; BLOCK * p];
                for from in chunk.clone().step_by(BLOCK) {
                    let range = from..(from + BLOCK).min(chunk.end);
                    let len = range.len();
                    block[..len].fill(1.0);
                    match rows {
                        Rows::All => {
                            matrix.fill_standardised(range.clone(), terms, &mut block[BLOCK..]);
                            sums.add(&mut block, len, gamma, &treated[range], None);
                        }
                        Rows::Part {
                            matrix,
                            treated,
                            weight,
                        } => {
                            for (i, row) in matrix[range.start * (p - 1)..range.end * (p - 1)]
                                .chunks_exact(p - 1)
                                .enumerate()
                            {
                                for (c, &x) in row.iter().enumerate() {
                                    block[(c + 1) * BLOCK + i] = x;
                                }
                            }
                            sums.add(
                                &mut block,
                                len,
                                gamma,
                                &treated[range.clone()],
                                Some(&weight[range]),
                            );
                        }
                    }
                }
                sums
            })
        })
        .collect();
    let mut total = Sums::new(p);
    for s in &sums {
        total.deviance += s.deviance;
        total
            .gradient
            .iter_mut()
            .zip(&s.gradient)
            .for_each(|(a, b)| *a += b);
        total
            .lower
            .iter_mut()
            .zip(&s.lower)
            .for_each(|(a, b)| *a += b);
    }
    Evaluation {
        deviance: total.deviance,
        gradient: Array1::from(total.gradient),
        information: gram::symmetric(&total.lower, p),
    }
}

struct Sums {
    deviance: f64,
    gradient: Vec<f64>,
    lower: Vec<f64>,
}

impl Sums {
    fn new(p: usize) -> Self {
        Sums {
            deviance: 0.0,
            gradient: vec![0.0; p],
            lower: vec![0.0; p * p],
        }
    }

    /// Adds a block of `n` rows; the block is scaled by the root of its weights on the way.
    #[inline(always)]
    fn add(
        &mut self,
        block: &mut [f64],
        n: usize,
        gamma: &Array1<f64>,
        treated: &[f64],
        weight: Option<&[f64]>,
    ) {
        let p = self.gradient.len();
        let mut eta = [0.0; BLOCK];
        for (column, &g) in block.chunks_exact(BLOCK).zip(gamma) {
            for (e, &x) in eta[..n].iter_mut().zip(column) {
                *e += g * x;
            }
        }
        let mut residual = [0.0; BLOCK];
        let mut root = [0.0; BLOCK];
        // sum ln(1 + s) = ln prod (1 + s): at most 2^512 over a block, one logarithm for all.
        let mut product = 1.0;
        for i in 0..n {
            let case = weight.map_or(1.0, |w| w[i]);
            // One exponential serves the probability and the deviance.
            let small = (-eta[i].abs()).exp();
            let per = 1.0 / (1.0 + small);
            let mu = if eta[i] >= 0.0 { per } else { small * per };
            residual[i] = case * (treated[i] - mu);
            root[i] = (case * small).sqrt() * per;
            self.deviance += 2.0 * case * (eta[i].max(0.0) - treated[i] * eta[i]);
            if weight.is_none() {
                product *= 1.0 + small;
            } else {
                self.deviance += 2.0 * case * small.ln_1p();
            }
        }
        self.deviance += 2.0 * f64::ln(product);
        for (g, column) in self.gradient.iter_mut().zip(block.chunks_exact_mut(BLOCK)) {
            // Eight sums side by side: the same bits at any width of register.
            let mut lanes = [0.0; 8];
            for ((x, r), w) in column[..n]
                .chunks_mut(8)
                .zip(residual.chunks(8))
                .zip(root.chunks(8))
            {
                for (i, x) in x.iter_mut().enumerate() {
                    lanes[i] += r[i] * *x;
                    *x *= w[i];
                }
            }
            *g += lanes.iter().sum::<f64>();
        }
        gram::accumulate(&mut self.lower, block, n, p);
    }
}

/// Log odds of every row. The order of additions is the same for each row, so that rows alike in
/// every column get the same bits, and stay tied.
pub(super) fn linear_predictor(
    matrix: &DesignMatrix,
    terms: &[usize],
    gamma: &Array1<f64>,
) -> Vec<f64> {
    let mut lp = vec![gamma[0]; matrix.rows()];
    lp.par_chunks_mut(BLOCK * 32)
        .enumerate()
        .for_each(|(chunk, out)| {
            widest(|| {
                let mut block = vec![0.0; BLOCK * terms.len()];
                for (b, out) in out.chunks_mut(BLOCK).enumerate() {
                    let from = (chunk * 32 + b) * BLOCK;
                    matrix.fill_standardised(from..from + out.len(), terms, &mut block);
                    for (column, &g) in block.chunks_exact(BLOCK).zip(gamma.iter().skip(1)) {
                        for (o, &x) in out.iter_mut().zip(column) {
                            *o += g * x;
                        }
                    }
                }
            })
        });
    lp
}

/// Coefficients per unit of the data: b_j = g_j / s_j, b_0 = g_0 - sum g_j c_j / s_j, with the
/// standard errors of these combinations.
fn unstandardised(
    matrix: &DesignMatrix,
    terms: &[usize],
    gamma: &Array1<f64>,
    covariance: Option<&Array2<f64>>,
) -> Vec<FittedTerm> {
    let p = gamma.len();
    let mut to_intercept = Array1::zeros(p);
    to_intercept[0] = 1.0;
    let mut fitted = Vec::with_capacity(p);
    for (j, &t) in terms.iter().enumerate() {
        let term = &matrix.terms()[t];
        to_intercept[j + 1] = -term.centre / term.scale;
        fitted.push(FittedTerm {
            name: term.name.clone(),
            estimate: gamma[j + 1] / term.scale,
            se: covariance.map_or(f64::NAN, |v| v[[j + 1, j + 1]].sqrt() / term.scale),
        });
    }
    let intercept = FittedTerm {
        name: "(Intercept)".into(),
        estimate: gamma.dot(&to_intercept),
        se: covariance.map_or(f64::NAN, |v| {
            to_intercept.dot(&v.dot(&to_intercept)).max(0.0).sqrt()
        }),
    };
    fitted.insert(0, intercept);
    fitted
}
