//! The propensity model of a replicate, to its own maximum of likelihood.
//!
//! A replicate differs from the table in how often each row counts, and in nothing else. Its
//! coefficients lie near the table's, and its information is nearly the table's: quasi-Newton steps
//! that start there, with the table's inverse information, need one gradient each and no information
//! of their own. Many replicates walk side by side, so that a block of rows is expanded once for all
//! of them and both products with it are matrix by matrix.
//!
//! Cost: some seven passes a replicate of 4 n p operations each, and as many logistic functions.
//! A replicate that strays, or that lost a column, is handed to Newton's method with the exact
//! information.

use super::newton;
use super::quasi::{Climb, Reached};
use crate::covariates::{DesignMatrix, Form};
use crate::numeric::gram::{self, BLOCK};
use crate::numeric::logistic::logistic;
use crate::numeric::simd::widest;
use crate::numeric::symmetric::Cholesky;
use crate::propensity::{Penalty, Propensity};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use ndarray::Array2;

/// Passes after which a replicate is handed to Newton's method.
const MOST_PASSES: usize = 16;

/// The model as fitted to the whole table, ready to be fitted to replicates of it.
pub(super) struct Model<'a> {
    pub(super) matrix: &'a DesignMatrix,
    /// Columns of the matrix that the model uses, without the constant.
    pub(super) terms: Vec<usize>,
    /// 1 = took part, one a row.
    pub(super) treated: Vec<f64>,
    /// Coefficients of the standardised columns, constant first.
    pub(super) gamma: Vec<f64>,
    /// Ridge penalty; 0 = none.
    pub(super) ridge: f64,
    /// Inverse information at `gamma`, p x p.
    inverse: Vec<f64>,
    /// Took part, less the probability at `gamma`, one a row: where every replicate starts.
    residual: Vec<f64>,
    /// Rows that took part, and places in `terms` of the columns of 0 and 1.
    participants: Vec<u32>,
    binary: Vec<usize>,
}

/// A replicate's fit.
pub(super) enum Refit {
    /// Scores are written. `apart` marks rows that differ from every participant of the replicate
    /// on a column it lost, and cannot be counterparts.
    Done {
        /// One a row, where there are any.
        apart: Option<Vec<bool>>,
    },
    /// There is no maximum, or it was not found.
    Failed,
}

impl<'a> Model<'a> {
    /// `None` when the information cannot be inverted, which a fitted model's can.
    pub(super) fn new(
        matrix: &'a DesignMatrix,
        propensity: &Propensity,
        treated: &[bool],
    ) -> Option<Model<'a>> {
        let mut fitted = propensity.terms.iter().skip(1).peekable();
        let (mut terms, mut gamma) = (Vec::new(), vec![propensity.terms.first()?.estimate]);
        for t in matrix.model_terms() {
            let term = &matrix.terms()[t];
            // Columns that repeat others are no part of the fit.
            if let Some(f) = fitted.next_if(|f| f.name == term.name) {
                terms.push(t);
                gamma[0] += f.estimate * term.centre;
                gamma.push(f.estimate * term.scale);
            }
        }
        let ridge = match propensity.penalty {
            Penalty::Ridge(alpha) => alpha,
            // Firth's is refused before this.
            Penalty::None | Penalty::Firth => 0.0,
        };
        let mut model = Model {
            matrix,
            binary: (0..terms.len())
                .filter(|&j| matrix.terms()[terms[j]].binary)
                .collect(),
            terms,
            treated: treated.iter().map(|&t| f64::from(u8::from(t))).collect(),
            gamma,
            ridge,
            inverse: Vec::new(),
            residual: (propensity.lp.iter().zip(treated))
                .map(|(&e, &t)| f64::from(u8::from(t)) - logistic(e))
                .collect(),
            participants: (0..treated.len() as u32)
                .filter(|&r| treated[r as usize])
                .collect(),
        };
        let information = model.information(&propensity.lp);
        model.inverse = Cholesky::new(&information)?
            .inverse()
            .into_raw_vec_and_offset()
            .0;
        Some(model)
    }

    /// Columns with the constant.
    pub(super) fn columns(&self) -> usize {
        self.terms.len() + 1
    }

    /// Information of the table at the scores `lp`.
    fn information(&self, lp: &[f64]) -> Array2<f64> {
        let p = self.columns();
        let mut lower = vec![0.0; p * p];
        let mut block = vec![0.0; BLOCK * p];
        for from in (0..lp.len()).step_by(BLOCK) {
            let len = BLOCK.min(lp.len() - from);
            self.fill(from, len, &mut block);
            widest(|| {
                let mut root = [0.0; BLOCK];
                for (w, &e) in root.iter_mut().zip(&lp[from..from + len]) {
                    let mu = logistic(e);
                    *w = (mu * (1.0 - mu)).sqrt();
                }
                for column in block.chunks_exact_mut(BLOCK) {
                    for (x, w) in column[..len].iter_mut().zip(&root) {
                        *x *= w;
                    }
                }
            });
            gram::accumulate(&mut lower, &block, len, p);
        }
        let mut information = gram::symmetric(&lower, p);
        for j in 1..p {
            information[[j, j]] += self.ridge;
        }
        information
    }

    /// A block of the matrix, constant first, `p` columns with stride [`BLOCK`].
    pub(super) fn fill(&self, from: usize, len: usize, block: &mut [f64]) {
        block[..len].fill(1.0);
        let (matrix, terms) = (self.matrix, &self.terms);
        widest(|| matrix.fill_standardised(from..from + len, terms, &mut block[BLOCK..]));
    }

    /// Fits each of the `counts` and writes its scores (`lp`, one a row).
    pub(super) fn refit(&self, counts: &[Vec<u16>], lp: &mut [Vec<f64>]) -> Vec<Refit> {
        let mut climbs: Vec<Climb> = counts
            .iter()
            .map(|_| Climb::new(&self.gamma, &self.inverse))
            .collect();
        let lost: Vec<Vec<usize>> = counts.iter().map(|c| self.lost_columns(c)).collect();
        let mut walking: Vec<usize> = (0..counts.len()).filter(|&k| lost[k].is_empty()).collect();
        let mut done = vec![false; counts.len()];
        let mut scratch = Scratch::new(self.columns(), counts.len());
        for pass in 0..MOST_PASSES {
            if walking.is_empty() {
                break;
            }
            let gradients = self.gradients(pass == 0, &walking, &climbs, counts, &mut scratch);
            let p = self.columns();
            let mut further = Vec::with_capacity(walking.len());
            for (&k, gradient) in walking.iter().zip(gradients.chunks_exact(p)) {
                match climbs[k].step(gradient) {
                    Reached::Further => further.push(k),
                    Reached::Top => done[k] = true,
                    Reached::Stray => {}
                }
            }
            walking = further;
        }
        let mut refits = Vec::with_capacity(counts.len());
        for (k, counts) in counts.iter().enumerate() {
            if !done[k] {
                match newton::maximise(self, counts, &lost[k]) {
                    Some(gamma) => climbs[k].gamma = gamma,
                    None => {
                        refits.push(Refit::Failed);
                        continue;
                    }
                }
                done[k] = true;
            }
            refits.push(Refit::Done {
                apart: self.apart(counts, &lost[k]),
            });
        }
        let wanted: Vec<usize> = (0..counts.len()).filter(|&k| done[k]).collect();
        self.scores(&wanted, &climbs, lp, &mut scratch);
        refits
    }

    /// Columns of 0 and 1 (places in `terms`) on which all the replicate's participants are alike:
    /// as in the design itself, such a column is left out of the model, since its coefficient would
    /// run away.
    fn lost_columns(&self, counts: &[u16]) -> Vec<usize> {
        let drawn: Vec<usize> = (self.participants.iter().map(|&r| r as usize))
            .filter(|&r| counts[r] > 0)
            .collect();
        let alike = |&j: &usize| {
            let term = &self.matrix.terms()[self.terms[j]];
            let mut values = drawn.iter().map(|&r| self.matrix.value(term, r));
            let first = values.next();
            values.all(|v| Some(v) == first)
        };
        self.binary.iter().copied().filter(alike).collect()
    }

    /// Rows unlike every participant of the replicate on a lost column; blanks tell nobody apart.
    fn apart(&self, counts: &[u16], lost: &[usize]) -> Option<Vec<bool>> {
        let mut apart: Option<Vec<bool>> = None;
        for &j in lost {
            let term = &self.matrix.terms()[self.terms[j]];
            let Some(one) = self.participants.iter().find(|&&r| counts[r as usize] > 0) else {
                continue;
            };
            if self.matrix.form(term) == Form::Missing {
                continue;
            }
            let shared = self.matrix.value(term, *one as usize);
            let column = self.matrix.column(self.terms[j]);
            let apart = apart.get_or_insert_with(|| vec![false; column.len()]);
            for (apart, x) in apart.iter_mut().zip(&column) {
                *apart |= *x != shared;
            }
        }
        apart
    }

    /// Gradients of the log likelihood of the replicates `which` at where they stand, p each; at
    /// the `first` they all stand at the table's coefficients.
    fn gradients(
        &self,
        first: bool,
        which: &[usize],
        climbs: &[Climb],
        counts: &[Vec<u16>],
        scratch: &mut Scratch,
    ) -> Vec<f64> {
        let p = self.columns();
        scratch.stand(which, climbs);
        let mut gradient = vec![0.0; p * which.len()];
        for (g, &k) in gradient.chunks_exact_mut(p).zip(which) {
            for (g, c) in g.iter_mut().zip(&climbs[k].gamma).skip(1) {
                *g = -self.ridge * c;
            }
        }
        for from in (0..self.treated.len()).step_by(BLOCK) {
            let len = BLOCK.min(self.treated.len() - from);
            self.fill(from, len, &mut scratch.block);
            let rows = from..from + len;
            if !first {
                scratch.predict(p, which.len());
            }
            for (eta, &k) in scratch.eta.chunks_exact_mut(BLOCK).zip(which) {
                let counts = &counts[k][rows.clone()];
                if first {
                    counted(eta, &self.residual[rows.clone()], counts);
                } else {
                    residuals(eta, &self.treated[rows.clone()], counts);
                }
            }
            let x = MatRef::from_column_major_slice(&scratch.block, BLOCK, p);
            let r = MatRef::from_column_major_slice(
                &scratch.eta[..BLOCK * which.len()],
                BLOCK,
                which.len(),
            );
            let g = MatMut::from_column_major_slice_mut(&mut gradient, p, which.len());
            matmul(g, Accum::Add, x.transpose(), r, 1.0, Par::Seq);
        }
        gradient
    }

    /// Scores of the replicates `which` where they stand.
    fn scores(
        &self,
        which: &[usize],
        climbs: &[Climb],
        lp: &mut [Vec<f64>],
        scratch: &mut Scratch,
    ) {
        if which.is_empty() {
            return;
        }
        scratch.stand(which, climbs);
        for from in (0..self.treated.len()).step_by(BLOCK) {
            let len = BLOCK.min(self.treated.len() - from);
            self.fill(from, len, &mut scratch.block);
            scratch.predict(self.columns(), which.len());
            for (eta, &k) in scratch.eta.chunks_exact(BLOCK).zip(which) {
                lp[k][from..from + len].copy_from_slice(&eta[..len]);
            }
        }
    }
}

/// From log odds to count times (took part - probability); rows past the table's end count nothing.
fn residuals(eta: &mut [f64], treated: &[f64], counts: &[u16]) {
    widest(|| {
        for ((e, &t), &n) in eta.iter_mut().zip(treated).zip(counts) {
            *e = f64::from(n) * (t - logistic(*e));
        }
    });
    eta[treated.len()..].fill(0.0);
}

/// Residuals times counts; rows past the table's end count nothing.
fn counted(out: &mut [f64], residual: &[f64], counts: &[u16]) {
    widest(|| {
        for ((o, &r), &n) in out.iter_mut().zip(residual).zip(counts) {
            *o = f64::from(n) * r;
        }
    });
    out[residual.len()..].fill(0.0);
}

/// Room for a block of rows and what the replicates make of it.
struct Scratch {
    block: Vec<f64>,
    eta: Vec<f64>,
    gamma: Vec<f64>,
}

impl Scratch {
    fn new(p: usize, replicates: usize) -> Scratch {
        Scratch {
            block: vec![0.0; BLOCK * p],
            eta: vec![0.0; BLOCK * replicates],
            gamma: Vec::with_capacity(p * replicates),
        }
    }

    /// Gathers the coefficients of the replicates `which`.
    fn stand(&mut self, which: &[usize], climbs: &[Climb]) {
        self.gamma.clear();
        for &k in which {
            self.gamma.extend_from_slice(&climbs[k].gamma);
        }
    }

    /// Log odds of the block's rows under each replicate's coefficients. Always a whole block, so
    /// that rows alike in every column get the same bits wherever they stand.
    fn predict(&mut self, p: usize, replicates: usize) {
        let x = MatRef::from_column_major_slice(&self.block, BLOCK, p);
        let gamma = MatRef::from_column_major_slice(&self.gamma, p, replicates);
        let eta = &mut self.eta[..BLOCK * replicates];
        let eta = MatMut::from_column_major_slice_mut(eta, BLOCK, replicates);
        matmul(eta, Accum::Replace, x, gamma, 1.0, Par::Seq);
    }
}
