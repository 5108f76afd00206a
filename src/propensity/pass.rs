//! A pass over the rows: deviance, gradient and information at a point, in blocks of rows.

use super::problem::Problem;
use crate::numeric::gram::{self, BLOCK};
use crate::numeric::simd::widest;
use ndarray::{Array1, Array2};
use rayon::prelude::*;

/// The start is found on a part of the pool when the pool is larger than this many rows ...
pub(super) const SUBSAMPLE_ABOVE: usize = 60_000;
/// ... keeping about so many of its rows.
const SUBSAMPLE: usize = 20_000;

/// Deviance, gradient and information at a point, over weighted rows.
pub(super) struct Evaluation {
    /// -2 log likelihood.
    pub deviance: f64,
    /// Of the log likelihood, intercept first.
    pub gradient: Array1<f64>,
    /// Minus the second derivative.
    pub information: Array2<f64>,
}

/// Rows that enter a pass: all of them, or a part with weights.
pub(super) enum Rows<'a> {
    All,
    Part {
        matrix: &'a [f64],
        treated: &'a [f64],
        weight: &'a [f64],
    },
}

/// All participants and an evenly spaced part of the pool, written out.
pub(super) struct Part {
    block: Vec<f64>,
    treated: Vec<f64>,
    weight: Vec<f64>,
}

impl Part {
    pub(super) fn rows(&self) -> Rows<'_> {
        Rows::Part {
            matrix: &self.block,
            treated: &self.treated,
            weight: &self.weight,
        }
    }

    pub(super) fn draw(problem: &Problem, terms: &[usize]) -> Option<Part> {
        let Problem {
            matrix,
            treated,
            weight,
            ..
        } = *problem;
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
            let case = weight.map_or(1.0, |w| w[row]);
            part.weight
                .push(if in_pool { every as f64 * case } else { case });
        }
        Some(part)
    }
}

/// One pass: deviance, gradient, information. Chunks in parallel, folded in order.
pub(super) fn evaluate(
    problem: &Problem,
    terms: &[usize],
    gamma: &Array1<f64>,
    rows: &Rows,
) -> Evaluation {
    let Problem {
        matrix,
        treated,
        weight,
        ..
    } = *problem;
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
                            let treated = &treated[range.clone()];
                            // Two calls, so that the loop without weights is compiled as such.
                            match weight {
                                None => sums.add(&mut block, len, gamma, treated, None),
                                Some(w) => {
                                    sums.add(&mut block, len, gamma, treated, Some(&w[range]));
                                }
                            }
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
