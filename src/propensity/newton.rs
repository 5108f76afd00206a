//! Newton's method on the exact likelihood, in blocks of rows.
//!
//! `l(g) = sum w_i (t_i e_i - ln(1 + exp e_i)) - alpha/2 |slopes|^2`, `e = g_0 + x'g`; its score is
//! `sum w (t - p) x` and its information `sum w p (1 - p) x x'`, less and plus the penalty's.
//!
//! Columns are standardised on the way, so that squares and cubes do not spoil the arithmetic.
//! When the pool dwarfs the participants, the start comes from all participants and an evenly
//! spaced part of the pool, weighted up: a few cheap steps there save full passes later.
//! A pass costs rows x columns^2 / 2 products; six to eight passes are usual.

use super::PropensityError;
use super::pass::{Evaluation, Part, Rows, evaluate};
use super::problem::{Optimum, Problem};
use super::separation::{longest_move, runaway};
use crate::numeric::symmetric::Cholesky;
use ndarray::Array1;

/// Newton decrement, in standard errors, at which the last step is taken.
const DECREMENT: f64 = 1e-8;
/// A last step that moves somebody's log odds by more than this means that they run away.
const RUNAWAY: f64 = 1e-2;

/// Newton steps until the decrement is negligible, from `start` or from a rough one of its own.
pub(super) fn maximise(
    problem: &Problem,
    terms: &[usize],
    start: Option<Array1<f64>>,
    max_steps: u32,
) -> Result<Optimum, PropensityError> {
    let matrix = problem.matrix;
    let mut gamma = start.unwrap_or_else(|| rough_start(problem, terms));
    let mut at = penalised(problem, terms, &gamma, &Rows::All);
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
            return Ok(Optimum {
                gamma: gamma + &step,
                iterations: iteration,
                information: (problem.alpha == 0.0).then_some(at.information),
            });
        }
        let mut share = 1.0;
        loop {
            let next = &gamma + &step * share;
            let there = penalised(problem, terms, &next, &Rows::All);
            // Allow for rounding: near the optimum the deviance cannot fall any further.
            if there.deviance <= at.deviance * (1.0 + 1e-12) || share < 1e-6 {
                gamma = next;
                at = there;
                break;
            }
            share /= 2.0;
        }
        if at.deviance < 1e-6 * problem.treated.len() as f64 * f64::EPSILON.sqrt() {
            return Err(runaway(matrix, terms, &gamma, iteration));
        }
    }
    Err(PropensityError::NotConverged {
        iterations: max_steps,
    })
}

/// Whatever a part of the rows reaches in a few steps; the full passes judge.
fn rough_start(problem: &Problem, terms: &[usize]) -> Array1<f64> {
    let mut gamma = problem.intercept_only(terms.len());
    let Some(part) = Part::draw(problem, terms) else {
        return gamma;
    };
    let rows = part.rows();
    for _ in 0..8 {
        let at = penalised(problem, terms, &gamma, &rows);
        let Some(step) = Cholesky::new(&at.information).map(|c| c.solve(&at.gradient)) else {
            break;
        };
        let decrement = step.dot(&at.gradient).max(0.0).sqrt();
        let longest = longest_move(problem.matrix, terms, &step);
        gamma = gamma + &step * (4.0 / longest).min(1.0);
        if decrement < 1e-3 {
            break;
        }
    }
    if gamma.iter().any(|g| !g.is_finite()) {
        gamma = Array1::zeros(terms.len() + 1);
    }
    gamma
}

/// A pass, with the ridge penalty where there is one.
fn penalised(problem: &Problem, terms: &[usize], gamma: &Array1<f64>, rows: &Rows) -> Evaluation {
    let mut at = evaluate(problem, terms, gamma, rows);
    let alpha = problem.alpha;
    if alpha > 0.0 {
        for j in 1..gamma.len() {
            at.deviance += alpha * gamma[j] * gamma[j];
            at.gradient[j] -= alpha * gamma[j];
            at.information[[j, j]] += alpha;
        }
    }
    at
}
