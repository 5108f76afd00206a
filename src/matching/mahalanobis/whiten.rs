//! Coordinates in which the Mahalanobis distance is the plain one.

use crate::covariates::DesignMatrix;
use crate::matching::MatchError;
use crate::numeric::gram::{self, BLOCK, chunks};
use crate::numeric::symmetric::{Cholesky, redundant_columns};
use ndarray::Array2;
use rayon::prelude::*;

/// A column whose variance within the groups is, up to this share, that of the columns before it
/// says nothing new.
const REPEATS: f64 = 1e-10;

/// Whitened covariates of everybody: squared distances between rows are Mahalanobis's.
#[derive(Debug, Clone)]
pub(super) struct Whitened {
    dims: usize,
    /// Row by row.
    values: Vec<f64>,
}

impl Whitened {
    /// # Formula
    /// d(i, c)^2 = (x_i - x_c)' S^-1 (x_i - x_c), S the covariance pooled within participants and
    /// within the pool, divisor n - 2 (Rubin 1980, doi:10.2307/2529981). With S = L L' the
    /// coordinates are L^-1 x. A column that repeats others within the groups is left out, so that
    /// it does not matter whether all levels of a category are named or all but one.
    ///
    /// `terms` are columns of `matrix`; `treated` has one entry a row. Two passes over the rows,
    /// O(n p^2), and n p numbers of memory.
    ///
    /// # Errors
    /// When none of the columns varies within the groups.
    pub(super) fn new(
        matrix: &DesignMatrix,
        terms: &[usize],
        treated: &[bool],
    ) -> Result<Whitened, MatchError> {
        let means = means(matrix, terms, treated);
        let within = within(matrix, terms, treated, &means);
        let repeats = redundant_columns(&within, REPEATS);
        let kept: Vec<usize> = (0..terms.len()).filter(|j| !repeats.contains(j)).collect();
        let covariance = Array2::from_shape_fn((kept.len(), kept.len()), |(i, j)| {
            within[[kept[i], kept[j]]]
        });
        let factor = match Cholesky::new(&covariance) {
            Some(factor) if !kept.is_empty() => factor,
            _ => {
                return Err(MatchError::Settings {
                    setting: "columns",
                    rule:
                        "none of the columns differs between people of the same group; name others"
                            .into(),
                });
            }
        };
        let terms: Vec<usize> = kept.iter().map(|&j| terms[j]).collect();
        Ok(Whitened {
            dims: terms.len(),
            values: coordinates(matrix, &terms, &factor),
        })
    }

    #[cfg(test)]
    pub(super) fn from_coordinates(dims: usize, values: Vec<f64>) -> Whitened {
        Whitened { dims, values }
    }

    /// Coordinates a row.
    pub(super) fn dims(&self) -> usize {
        self.dims
    }

    /// Coordinates of a row.
    pub(super) fn of(&self, row: u32) -> &[f64] {
        &self.values[row as usize * self.dims..][..self.dims]
    }
}

/// Means of the standardised columns among the pool (first) and the participants.
fn means(matrix: &DesignMatrix, terms: &[usize], treated: &[bool]) -> [Vec<f64>; 2] {
    let p = terms.len();
    let parts: Vec<[Vec<f64>; 2]> = chunks(matrix.rows())
        .into_par_iter()
        .map(|rows| {
            let mut sums = [vec![0.0; p], vec![0.0; p]];
            each_block(matrix, terms, rows, |from, n, block| {
                for (j, column) in block.chunks_exact(BLOCK).enumerate() {
                    for (x, &t) in column[..n].iter().zip(&treated[from..]) {
                        sums[usize::from(t)][j] += x;
                    }
                }
            });
            sums
        })
        .collect();
    let participants = treated.iter().filter(|t| **t).count();
    [treated.len() - participants, participants]
        .map(|n| n.max(1) as f64)
        .into_iter()
        .enumerate()
        .map(|(group, n)| {
            let sum = |j: usize| parts.iter().map(|s| s[group][j]).sum::<f64>();
            (0..p).map(|j| sum(j) / n).collect()
        })
        .collect::<Vec<_>>()
        .try_into()
        .unwrap_or_else(|_| [vec![0.0; p], vec![0.0; p]])
}

/// Pooled within-group covariance of the standardised columns.
fn within(
    matrix: &DesignMatrix,
    terms: &[usize],
    treated: &[bool],
    means: &[Vec<f64>; 2],
) -> Array2<f64> {
    let p = terms.len();
    let parts: Vec<Vec<f64>> = chunks(matrix.rows())
        .into_par_iter()
        .map(|rows| {
            let mut gram = vec![0.0; p * p];
            each_block(matrix, terms, rows, |from, n, block| {
                for (j, column) in block.chunks_exact_mut(BLOCK).enumerate() {
                    for (x, &t) in column[..n].iter_mut().zip(&treated[from..]) {
                        *x -= means[usize::from(t)][j];
                    }
                }
                gram::accumulate(&mut gram, block, n, p);
            });
            gram
        })
        .collect();
    let mut total = vec![0.0; p * p];
    for part in parts {
        for (sum, x) in total.iter_mut().zip(part) {
            *sum += x;
        }
    }
    let divisor = (matrix.rows() as f64 - 2.0).max(1.0);
    gram::symmetric(&total, p) / divisor
}

/// L^-1 x of every row.
fn coordinates(matrix: &DesignMatrix, terms: &[usize], factor: &Cholesky) -> Vec<f64> {
    let p = terms.len();
    let mut values = vec![0.0; matrix.rows() * p];
    values
        .par_chunks_mut(BLOCK * p)
        .enumerate()
        .for_each(|(i, out)| {
            let from = i * BLOCK;
            each_block(matrix, terms, from..from + out.len() / p, |_, _, block| {
                for (r, row) in out.chunks_exact_mut(p).enumerate() {
                    for (j, x) in row.iter_mut().enumerate() {
                        *x = block[j * BLOCK + r];
                    }
                    factor.solve_lower(row);
                }
            });
        });
    values
}

/// Calls `f(first row, rows, standardised columns)` a block at a time.
fn each_block(
    matrix: &DesignMatrix,
    terms: &[usize],
    rows: std::ops::Range<usize>,
    mut f: impl FnMut(usize, usize, &mut [f64]),
) {
    let mut block = vec![0.0; BLOCK * terms.len()];
    for from in rows.clone().step_by(BLOCK) {
        let to = (from + BLOCK).min(rows.end);
        matrix.fill_standardised(from..to, terms, &mut block);
        f(from, to - from, &mut block);
    }
}
