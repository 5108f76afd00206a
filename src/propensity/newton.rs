//! Newton's method on the exact likelihood, in blocks of rows.
//!
//! Columns are standardised on the way, so that squares and cubes do not spoil the arithmetic.
//! When the pool dwarfs the participants, the start comes from all participants and an evenly
//! spaced part of the pool, weighted up: a few cheap steps there save full passes later.

use super::fitted::{assemble, linear_predictor};
use super::pass::{Evaluation, Part, Rows, SUBSAMPLE_ABOVE, evaluate};
use super::{Penalty, Propensity, PropensityError};
use crate::covariates::DesignMatrix;
use crate::numeric::symmetric::{Cholesky, redundant_columns};
use ndarray::Array1;

/// A column is redundant when this share of its sum of squares is left beside the earlier ones.
const REDUNDANT: f64 = 1e-11;
/// Newton decrement, in standard errors, at which the last step is taken.
const DECREMENT: f64 = 1e-8;
/// A last step that moves somebody's log odds by more than this means that they run away.
const RUNAWAY: f64 = 1e-2;
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
