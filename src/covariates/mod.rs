//! Rows to a named design matrix: levels, missingness, squares. The matrix is kept as the columns
//! it came from and expanded a block of rows at a time, so that a million rows cost their data and
//! no more.

mod build;
mod term;

pub use build::CovariateError;
pub use term::{Form, Term};

use crate::numeric::gram::BLOCK;
use std::ops::Range;

/// A column as it is held.
#[derive(Debug, Clone)]
enum Source {
    /// Numbers; `NaN` = missing.
    Number(Vec<f64>),
    /// Category codes; see [`crate::numeric::frame::MISSING`].
    Codes(Vec<u32>),
}

/// Rows by named columns: `rows()` x `terms().len()`, without the intercept.
#[derive(Debug, Clone)]
pub struct DesignMatrix {
    sources: Vec<Source>,
    terms: Vec<Term>,
    rows: usize,
    notes: Vec<String>,
}

impl DesignMatrix {
    /// Rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Every column, those that balance looks at but the model leaves out included.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// What was merged or left out, in words.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Indices of the columns the propensity model uses.
    pub fn model_terms(&self) -> Vec<usize> {
        (0..self.terms.len())
            .filter(|&t| self.terms[t].in_model)
            .collect()
    }

    /// Leaves columns out of the model, saying why.
    pub fn remove_from_model(&mut self, terms: &[usize], why: &str) {
        for &t in terms {
            self.terms[t].in_model = false;
            let name = &self.terms[t].name;
            self.notes
                .push(format!("`{name}` left out of the model: {why}"));
        }
    }

    /// Writes the standardised values of the `terms` for the `rows` (at most [`BLOCK`]) into
    /// `out`, a column a term with stride [`BLOCK`].
    pub fn fill_standardised(&self, rows: Range<usize>, terms: &[usize], out: &mut [f64]) {
        debug_assert!(rows.len() <= BLOCK);
        for (&t, column) in terms.iter().zip(out.chunks_exact_mut(BLOCK)) {
            let term = &self.terms[t];
            let column = &mut column[..rows.len()];
            self.fill(term, rows.clone(), column);
            let (centre, per_scale) = (term.centre, 1.0 / term.scale);
            for v in column {
                *v = (*v - centre) * per_scale;
            }
        }
    }

    /// Writes the values of one column for the `rows` into `out`.
    pub fn fill(&self, term: &Term, rows: Range<usize>, out: &mut [f64]) {
        match (&self.sources[term.source], term.form) {
            (Source::Number(v), Form::Value) => {
                for (o, &x) in out.iter_mut().zip(&v[rows]) {
                    *o = if x.is_nan() { term.fallback } else { x };
                }
            }
            (Source::Number(v), Form::Square) => {
                for (o, &x) in out.iter_mut().zip(&v[rows]) {
                    let x = if x.is_nan() { term.fallback } else { x };
                    *o = x * x;
                }
            }
            (Source::Number(v), _) => {
                for (o, &x) in out.iter_mut().zip(&v[rows]) {
                    *o = f64::from(u8::from(x.is_nan()));
                }
            }
            (Source::Codes(c), Form::Level(level)) => {
                for (o, &x) in out.iter_mut().zip(&c[rows]) {
                    *o = f64::from(u8::from(x == level));
                }
            }
            (Source::Codes(_), _) => out.fill(0.0),
        }
    }

    /// Every value of one column, in row order.
    pub fn column(&self, term: usize) -> Vec<f64> {
        let mut out = vec![0.0; self.rows];
        self.fill(&self.terms[term], 0..self.rows, &mut out);
        out
    }
}
