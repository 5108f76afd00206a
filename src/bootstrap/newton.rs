//! Newton's method for a replicate whose likelihood is not close to the table's: small groups, or
//! a column lost. Exact information, steps halved until the likelihood rises.

use super::refit::Model;
use crate::numeric::gram::{self, BLOCK};
use crate::numeric::symmetric::Cholesky;
use ndarray::{Array1, Array2};

/// Most steps: a coefficient that runs away moves by about 1 a step.
const MOST_STEPS: usize = 40;
/// Distance from the maximum, in standard errors, at which the last step is taken.
const NEAR: f64 = 1e-8;
/// A last step that moves somebody's log odds by more than this means that they run away.
const RUNAWAY: f64 = 1e-2;

/// Log likelihood (times -2), gradient and information.
struct At {
    deviance: f64,
    gradient: Array1<f64>,
    information: Array2<f64>,
}

/// Coefficients at the maximum for the replicate `counts`, 0 for the columns `lost`; `None` when
/// there is no maximum.
pub(super) fn maximise(model: &Model, counts: &[u16], lost: &[usize]) -> Option<Vec<f64>> {
    let mut gamma = Array1::from(model.gamma.clone());
    for &j in lost {
        gamma[j + 1] = 0.0;
    }
    let mut at = evaluate(model, counts, lost, &gamma);
    for _ in 0..MOST_STEPS {
        let step = Cholesky::new(&at.information)?.solve(&at.gradient);
        let distance = step.dot(&at.gradient).max(0.0).sqrt();
        if distance < NEAR {
            let still = longest_move(model, &step) <= RUNAWAY;
            return still.then(|| (gamma + step).to_vec());
        }
        let mut share = 1.0;
        loop {
            let next = &gamma + &step * share;
            let there = evaluate(model, counts, lost, &next);
            // Rounding allowed for: near the maximum the deviance cannot fall any further.
            if there.deviance <= at.deviance * (1.0 + 1e-12) {
                (gamma, at) = (next, there);
                break;
            }
            share /= 2.0;
            if share < 1e-6 {
                return None;
            }
        }
    }
    None
}

/// How far a step could move somebody's log odds by one column alone.
fn longest_move(model: &Model, step: &Array1<f64>) -> f64 {
    let moves = model.terms.iter().zip(step.iter().skip(1)).map(|(&t, s)| {
        let term = &model.matrix.terms()[t];
        (s * (term.range.1 - term.range.0) / term.scale).abs()
    });
    moves.fold(0.0, f64::max)
}

fn evaluate(model: &Model, counts: &[u16], lost: &[usize], gamma: &Array1<f64>) -> At {
    let p = model.columns();
    let (mut deviance, mut gradient) = (0.0, Array1::<f64>::zeros(p));
    let mut lower = vec![0.0; p * p];
    let mut block = vec![0.0; BLOCK * p];
    for from in (0..counts.len()).step_by(BLOCK) {
        let len = BLOCK.min(counts.len() - from);
        model.fill(from, len, &mut block);
        let mut eta = [0.0; BLOCK];
        for (column, g) in block.chunks_exact(BLOCK).zip(gamma) {
            for (e, x) in eta[..len].iter_mut().zip(column) {
                *e += g * x;
            }
        }
        let (mut residual, mut root) = ([0.0; BLOCK], [0.0; BLOCK]);
        for i in 0..len {
            let n = f64::from(counts[from + i]);
            let t = model.treated[from + i];
            let small = (-eta[i].abs()).exp();
            let per = 1.0 / (1.0 + small);
            let mu = if eta[i] >= 0.0 { per } else { small * per };
            residual[i] = n * (t - mu);
            root[i] = (n * small).sqrt() * per;
            deviance += 2.0 * n * (eta[i].max(0.0) - t * eta[i] + small.ln_1p());
        }
        for (g, column) in gradient.iter_mut().zip(block.chunks_exact_mut(BLOCK)) {
            for ((x, r), w) in column[..len].iter_mut().zip(&residual).zip(&root) {
                *g += r * *x;
                *x *= w;
            }
        }
        gram::accumulate(&mut lower, &block, len, p);
    }
    let mut information = gram::symmetric(&lower, p);
    for j in 1..p {
        gradient[j] -= model.ridge * gamma[j];
        deviance += model.ridge * gamma[j] * gamma[j];
        information[[j, j]] += model.ridge;
    }
    for &j in lost {
        // A lost column stays at 0 and has no part in the others' steps.
        information.row_mut(j + 1).fill(0.0);
        information.column_mut(j + 1).fill(0.0);
        information[[j + 1, j + 1]] = 1.0;
        gradient[j + 1] = 0.0;
    }
    At {
        deviance,
        gradient,
        information,
    }
}
