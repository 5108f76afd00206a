//! Weighted regressions over scattered rows of a design matrix, a block of people at a time.
//!
//! Cost: a pass expands the rows it needs (people times columns) and adds them to a Gram matrix
//! (people times columns squared over 2), in parallel; nothing of that size is kept. Sums are cut
//! and added in an order that does not depend on the number of threads.

use crate::covariates::DesignMatrix;
use crate::numeric::gram::{self, BLOCK};
use crate::numeric::symmetric::{Cholesky, redundant_columns};
use ndarray::{Array1, Array2};
use rayon::prelude::*;
use std::ops::Range;

/// A column is redundant when this share of its sum of squares is left beside the earlier ones.
const REDUNDANT: f64 = 1e-11;
/// From so many rows of a block on, the whole block is expanded instead of value by value.
const DENSE: usize = 64;

/// People of one arm with their outcomes and weights, and the columns of the regression: an
/// intercept, then the standardised `terms`.
pub(super) struct Arm<'a> {
    pub matrix: &'a DesignMatrix,
    pub terms: &'a [usize],
    /// Rows of the matrix, one a person.
    pub rows: Vec<u32>,
    pub y: Vec<f64>,
    pub weight: Vec<f64>,
}

/// Sums over the people of an arm at a point.
pub(super) struct Sums {
    /// `sum a z z'`.
    pub gram: Array2<f64>,
    /// `sum c z`.
    pub gradient: Array1<f64>,
}

/// What a person adds to the sums at a linear predictor.
pub(super) struct Part {
    /// To the Gram matrix.
    pub a: f64,
    /// To the gradient.
    pub c: f64,
}

impl Arm<'_> {
    /// Columns, the intercept included.
    pub(super) fn columns(&self) -> usize {
        self.terms.len() + 1
    }

    /// Calls `f` with a state of each chunk, the places of at most [`BLOCK`] people, and their
    /// values: a column a term with stride [`BLOCK`], the intercept first.
    fn blocks<T: Send>(
        &self,
        new: impl Fn() -> T + Sync,
        f: impl Fn(&mut T, Range<usize>, &mut [f64]) + Sync,
    ) -> Vec<T> {
        let chunk = |people: Range<usize>| {
            let mut state = new();
            let mut block = vec![0.0; BLOCK * self.columns()];
            let mut scratch = vec![0.0; BLOCK * self.terms.len()];
            for from in people.clone().step_by(BLOCK) {
                let some = from..(from + BLOCK).min(people.end);
                self.expand(some.clone(), &mut block, &mut scratch);
                f(&mut state, some, &mut block);
            }
            state
        };
        gram::chunks(self.rows.len())
            .into_par_iter()
            .map(chunk)
            .collect()
    }

    /// Writes the values of some people.
    fn expand(&self, people: Range<usize>, block: &mut [f64], scratch: &mut [f64]) {
        let rows = &self.rows[people];
        block[..rows.len()].fill(1.0);
        let columns = &mut block[BLOCK..];
        let mut at = 0;
        while at < rows.len() {
            let start = rows[at] as usize / BLOCK * BLOCK;
            let within = |r: &&u32| (start..start + BLOCK).contains(&(**r as usize));
            let n = rows[at..].iter().take_while(within).count();
            let near = &rows[at..at + n];
            if n < DENSE {
                for (&t, column) in self.terms.iter().zip(columns.chunks_exact_mut(BLOCK)) {
                    let term = &self.matrix.terms()[t];
                    for (x, &row) in column[at..at + n].iter_mut().zip(near) {
                        *x = self.matrix.standardised(term, row as usize);
                    }
                }
            } else {
                let all = start..(start + BLOCK).min(self.matrix.rows());
                self.matrix.fill_standardised(all, self.terms, scratch);
                let pairs = columns
                    .chunks_exact_mut(BLOCK)
                    .zip(scratch.chunks_exact(BLOCK));
                for (column, whole) in pairs {
                    for (x, &row) in column[at..at + n].iter_mut().zip(near) {
                        *x = whole[row as usize - start];
                    }
                }
            }
            at += n;
        }
    }

    /// Linear predictors `z'b`, one a person.
    pub(super) fn predict(&self, b: &[f64]) -> Vec<f64> {
        let parts = self.blocks(Vec::new, |out: &mut Vec<f64>, people, block| {
            let from = out.len();
            out.resize(from + people.len(), 0.0);
            predictors(block, b, &mut out[from..]);
        });
        parts.concat()
    }

    /// `sum c z` over the people.
    pub(super) fn weighted_sum(&self, c: &[f64]) -> Array1<f64> {
        let p = self.columns();
        let parts = self.blocks(
            || vec![0.0; p],
            |sum, people, block| add_to_gradient(sum, block, &c[people]),
        );
        Array1::from(folded(parts, p))
    }

    /// The sums at coefficients `b`; `part(person, predictor)` says what each adds.
    pub(super) fn sums(&self, b: &[f64], part: impl Fn(usize, f64) -> Part + Sync) -> Sums {
        let p = self.columns();
        let parts = self.blocks(
            || vec![0.0; p * p + p],
            |state, people, block| {
                let n = people.len();
                let (mut eta, mut c) = ([0.0; BLOCK], [0.0; BLOCK]);
                predictors(block, b, &mut eta[..n]);
                for ((i, eta), c) in people.zip(&mut eta).zip(&mut c) {
                    let adds = part(i, *eta);
                    (*eta, *c) = (adds.a.sqrt(), adds.c);
                }
                let (gram, gradient) = state.split_at_mut(p * p);
                add_to_gradient(gradient, block, &c[..n]);
                for column in block.chunks_exact_mut(BLOCK) {
                    column.iter_mut().zip(&eta[..n]).for_each(|(x, a)| *x *= a);
                }
                gram::accumulate(gram, block, n, p);
            },
        );
        let all = folded(parts, p * p + p);
        Sums {
            gram: gram::symmetric(&all[..p * p], p),
            gradient: Array1::from(all[p * p..].to_vec()),
        }
    }
}

fn predictors(block: &[f64], b: &[f64], out: &mut [f64]) {
    out.fill(0.0);
    for (column, &b) in block.chunks_exact(BLOCK).zip(b).filter(|p| *p.1 != 0.0) {
        out.iter_mut().zip(column).for_each(|(o, x)| *o += b * x);
    }
}

fn add_to_gradient(sum: &mut [f64], block: &[f64], c: &[f64]) {
    for (sum, column) in sum.iter_mut().zip(block.chunks_exact(BLOCK)) {
        *sum += column.iter().zip(c).map(|(x, c)| x * c).sum::<f64>();
    }
}

fn folded(parts: Vec<Vec<f64>>, n: usize) -> Vec<f64> {
    parts.into_iter().fold(vec![0.0; n], |mut all, part| {
        all.iter_mut().zip(part).for_each(|(a, b)| *a += b);
        all
    })
}

/// A symmetric system less the columns that repeat earlier ones, whose solution is 0.
pub(super) struct System {
    pub kept: Vec<usize>,
    size: usize,
    factor: Cholesky,
}

impl System {
    /// Factors the Gram matrix after dropping what is redundant in it.
    pub(super) fn new(gram: &Array2<f64>) -> Option<System> {
        System::of(gram, kept(gram))
    }

    /// Factors the Gram matrix of the columns named.
    pub(super) fn of(gram: &Array2<f64>, kept: Vec<usize>) -> Option<System> {
        let k = kept.len();
        let part = Array2::from_shape_fn((k, k), |(i, j)| gram[[kept[i], kept[j]]]);
        Some(System {
            factor: Cholesky::new(&part)?,
            size: gram.nrows(),
            kept,
        })
    }

    /// The solution, 0 where a column was dropped.
    pub(super) fn solve(&self, right: &Array1<f64>) -> Array1<f64> {
        let short: Array1<f64> = self.kept.iter().map(|&j| right[j]).collect();
        let mut long = Array1::zeros(self.size);
        for (&j, x) in self.kept.iter().zip(self.factor.solve(&short)) {
            long[j] = x;
        }
        long
    }
}

/// Columns that do not repeat earlier ones.
pub(super) fn kept(gram: &Array2<f64>) -> Vec<usize> {
    let redundant = redundant_columns(gram, REDUNDANT);
    (0..gram.nrows())
        .filter(|j| redundant.binary_search(j).is_err())
        .collect()
}
