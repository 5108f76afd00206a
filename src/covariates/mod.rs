//! Rows to a named design matrix: levels, missingness, squares, splines. The matrix is kept as the columns
//! it came from and expanded a block of rows at a time, so that a million rows cost their data and
//! no more.

mod build;
mod category;
mod moments;
mod number;
mod spline;
mod term;
mod values;

pub use build::CovariateError;
pub use term::{Form, Term};
pub use values::Values;

use crate::numeric::gram::BLOCK;
use rayon::prelude::*;
use std::ops::Range;

/// A column as it is held.
#[derive(Debug, Clone)]
enum Source {
    /// Numbers; `NaN` = missing.
    Number(Vec<f64>),
    /// Category codes; see [`crate::numeric::frame::MISSING`].
    Codes(Vec<u32>),
}

/// What [`DesignMatrix::level_sums`] found.
pub struct LevelSums(Vec<Vec<[f64; 2]>>);

/// Rows by named columns: `rows()` x `terms().len()`, without the intercept.
#[derive(Debug, Clone)]
pub struct DesignMatrix {
    sources: Vec<Source>,
    /// Of the sources.
    names: Vec<String>,
    /// Of the sources: codes before rare levels were merged, where some were.
    unmerged: Vec<Option<Vec<u32>>>,
    splines: Vec<spline::NaturalSpline>,
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

    /// The covariate that a column was made from, by the name of its source.
    pub fn covariate(&self, term: &Term) -> &str {
        &self.names[term.source]
    }

    /// Indices of every column made from the covariate: levels, squares, the indicator of missing.
    /// Empty when there is no such covariate.
    pub fn terms_of(&self, covariate: &str) -> Vec<usize> {
        (0..self.terms.len())
            .filter(|&t| self.covariate(&self.terms[t]) == covariate)
            .collect()
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

    /// Which rows of the pool differ from every participant on a 0/1 column or category that was
    /// left out of the model because all participants are alike on it; `None` when there are no
    /// such rows. No coefficient can speak for them, so that they cannot be counterparts: the limit
    /// of the likelihood, in which their probability of taking part is 0.
    pub fn unlike_every_participant(&self, treated: &[bool]) -> Option<Vec<bool>> {
        let mut unlike = vec![false; self.rows];
        for (t, term) in self.terms.iter().enumerate() {
            let candidate = term.binary && !term.in_model && term.form != Form::Missing;
            if !candidate || term.range.0 == term.range.1 {
                continue;
            }
            let x = self.column(t);
            let mut of_participants = x.iter().zip(treated).filter(|p| *p.1).map(|p| *p.0);
            let Some(first) = of_participants.next() else {
                continue;
            };
            if of_participants.all(|v| v == first) {
                for (unlike, x) in unlike.iter_mut().zip(&x) {
                    *unlike |= *x != first;
                }
            }
        }
        unlike.contains(&true).then_some(unlike)
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
    #[inline(always)]
    pub fn fill_standardised(&self, rows: Range<usize>, terms: &[usize], out: &mut [f64]) {
        debug_assert!(rows.len() <= BLOCK);
        for (&t, column) in terms.iter().zip(out.chunks_exact_mut(BLOCK)) {
            let term = &self.terms[t];
            let (centre, per_scale) = (term.centre, 1.0 / term.scale);
            self.each(term, rows.clone(), column, |v| (v - centre) * per_scale);
        }
    }

    /// Writes the values of one column for the `rows` into `out`.
    #[inline(always)]
    pub fn fill(&self, term: &Term, rows: Range<usize>, out: &mut [f64]) {
        self.each(term, rows, out, |v| v);
    }

    /// How a column is made.
    pub fn form(&self, term: &Term) -> Form {
        term.form
    }

    /// One value.
    pub fn value(&self, term: &Term, row: usize) -> f64 {
        let mut out = [0.0];
        self.fill(term, row..row + 1, &mut out);
        out[0]
    }

    /// One standardised value; the same bits as [`Self::fill_standardised`] gives.
    pub fn standardised(&self, term: &Term, row: usize) -> f64 {
        (self.value(term, row) - term.centre) * (1.0 / term.scale)
    }

    /// Writes `f` of each value. Indicators know only two values, so `f` is called twice for them.
    #[inline(always)]
    fn each(&self, term: &Term, rows: Range<usize>, out: &mut [f64], f: impl Fn(f64) -> f64) {
        let indicator = [f(0.0), f(1.0)];
        match (&self.sources[term.source], term.form) {
            (Source::Number(v), Form::Value) => {
                for (o, &x) in out.iter_mut().zip(&v[rows]) {
                    *o = f(if x.is_nan() { term.fallback } else { x });
                }
            }
            (Source::Number(v), Form::Square) => {
                for (o, &x) in out.iter_mut().zip(&v[rows]) {
                    let x = if x.is_nan() { term.fallback } else { x };
                    *o = f(x * x);
                }
            }
            (Source::Number(v), Form::Spline { spline, column }) => {
                let spline = &self.splines[spline as usize];
                for (o, &x) in out.iter_mut().zip(&v[rows]) {
                    let x = if x.is_nan() { term.fallback } else { x };
                    *o = f(spline.value(column as usize, x));
                }
            }
            (Source::Number(v), _) => {
                for (o, &x) in out.iter_mut().zip(&v[rows]) {
                    *o = if x.is_nan() {
                        indicator[1]
                    } else {
                        indicator[0]
                    };
                }
            }
            (Source::Codes(c), Form::Level(level)) => {
                for (o, &x) in out.iter_mut().zip(&c[rows]) {
                    *o = if x == level {
                        indicator[1]
                    } else {
                        indicator[0]
                    };
                }
            }
            // Only levels are made from codes.
            (Source::Codes(_), _) => out.fill(indicator[0]),
        }
    }

    /// Sums of two weights over the rows of each level, for every category: one pass a category
    /// instead of one a level. Look them up with [`Self::level_sum`].
    pub fn level_sums(&self, a: &[f64], b: &[f64]) -> LevelSums {
        let of = |codes: &[u32]| {
            let levels = codes.iter().max().map_or(0, |m| *m as usize + 1);
            let mut sums = vec![[0.0; 2]; levels];
            for ((&code, &a), &b) in codes.iter().zip(a).zip(b) {
                let sum = &mut sums[code as usize];
                sum[0] += a;
                sum[1] += b;
            }
            sums
        };
        let sums = self.sources.par_iter().map(|s| match s {
            Source::Codes(codes) => of(codes),
            Source::Number(_) => Vec::new(),
        });
        LevelSums(sums.collect())
    }

    /// The sums of one column, when it is a level of a category.
    pub fn level_sum(&self, term: &Term, sums: &LevelSums) -> Option<[f64; 2]> {
        match term.form {
            Form::Level(level) => sums.0[term.source].get(level as usize).copied(),
            _ => None,
        }
    }

    /// Every value of one column, in row order.
    pub fn column(&self, term: usize) -> Vec<f64> {
        let mut out = vec![0.0; self.rows];
        self.fill(&self.terms[term], 0..self.rows, &mut out);
        out
    }
}
