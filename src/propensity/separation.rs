//! Who runs away: columns whose coefficients have no finite maximum.

use super::PropensityError;
use crate::covariates::DesignMatrix;
use ndarray::Array1;

/// How far a step could move somebody's log odds by one column alone.
pub(super) fn longest_move(matrix: &DesignMatrix, terms: &[usize], step: &Array1<f64>) -> f64 {
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
pub(super) fn runaway(
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
