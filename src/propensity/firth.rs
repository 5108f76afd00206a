//! Firth's penalised likelihood (1993, doi:10.1093/biomet/80.1.27; for separation Heinze &
//! Schemper 2002, doi:10.1002/sim.1047): finite whatever separates the groups.
//!
//! `l*(g) = l(g) + ln det I(g) / 2`, Jeffreys' prior, with the score
//! `sum (w_i (t_i - p_i) + h_i (1/2 - p_i)) x_i`, h the diagonal of the hat matrix
//! `W^1/2 X (X'WX)^-1 X' W^1/2`. On a 2 x 2 table this is to add a half to each cell.
//!
//! Fisher's scoring with halved steps: two passes a step (information, then hat diagonals), each
//! of rows x columns^2 / 2 products, and as it converges linearly where the penalty weighs much,
//! up to ten times the steps of Newton's method. Standard errors are from the inverse of I at the
//! maximum. Weights are scaled to a mean of 1 first: the prior knows how many people there are,
//! not how many they stand for.

use super::PropensityError;
use super::pass::{Evaluation, Rows, evaluate};
use super::problem::{Optimum, Problem};
use super::separation::longest_move;
use crate::numeric::gram::{self, BLOCK};
use crate::numeric::simd::widest;
use crate::numeric::symmetric::Cholesky;
use ndarray::Array1;
use rayon::prelude::*;

/// Decrement, in standard errors, at which the last step is taken: the steps shrink by a constant
/// factor only, so that this is tighter than Newton's method needs.
const DECREMENT: f64 = 1e-9;
/// The farthest that one step may move somebody's log odds by one column.
const MOVE: f64 = 5.0;

/// A point with its penalised likelihood.
struct Point {
    gamma: Array1<f64>,
    at: Evaluation,
    factor: Cholesky,
    /// -2 l*.
    deviance: f64,
}

impl Point {
    /// `None` where the information is singular to rounding: too far out.
    fn new(problem: &Problem, terms: &[usize], gamma: Array1<f64>) -> Option<Point> {
        let at = evaluate(problem, terms, &gamma, &Rows::All);
        let factor = Cholesky::new(&at.information)?;
        let deviance = at.deviance - factor.log_determinant();
        deviance.is_finite().then_some(Point {
            gamma,
            at,
            factor,
            deviance,
        })
    }
}

/// The maximum of the penalised likelihood, from `start` or from the intercept alone.
pub(super) fn maximise(
    problem: &Problem,
    terms: &[usize],
    start: Option<Array1<f64>>,
    max_steps: u32,
) -> Result<Optimum, PropensityError> {
    let most = max_steps.saturating_mul(10);
    let out_of_steps = PropensityError::NotConverged { iterations: most };
    let start = start.unwrap_or_else(|| problem.intercept_only(terms.len()));
    let Some(mut here) = Point::new(problem, terms, start) else {
        return Err(out_of_steps);
    };
    for iteration in 1..=most {
        let score = &here.at.gradient + &pull(problem, terms, &here);
        let step = here.factor.solve(&score);
        let decrement = step.dot(&score).max(0.0).sqrt();
        if decrement < DECREMENT {
            return Ok(Optimum {
                gamma: here.gamma + &step,
                iterations: iteration,
                information: Some(here.at.information),
            });
        }
        let mut share = (MOVE / longest_move(problem.matrix, terms, &step)).min(1.0);
        here = loop {
            let next = &here.gamma + &step * share;
            if let Some(there) = Point::new(problem, terms, next)
                // Allow for rounding: near the optimum it cannot rise any further.
                && there.deviance <= here.deviance + 1e-12 * (1.0 + here.deviance.abs())
            {
                break there;
            }
            share /= 2.0;
            if share < 1e-8 {
                return Err(out_of_steps);
            }
        };
    }
    Err(out_of_steps)
}

/// `sum h_i (1/2 - p_i) x_i`: what the prior adds to the score. Chunks in parallel, folded in order.
fn pull(problem: &Problem, terms: &[usize], point: &Point) -> Array1<f64> {
    let p = terms.len() + 1;
    let sums: Vec<Vec<f64>> = gram::chunks(problem.matrix.rows())
        .into_par_iter()
        .map(|chunk| {
            widest(|| {
                let mut sum = vec![0.0; p];
                let (mut block, mut z) = (vec![0.0; BLOCK * p], vec![0.0; BLOCK * p]);
                for from in chunk.clone().step_by(BLOCK) {
                    let range = from..(from + BLOCK).min(chunk.end);
                    let n = range.len();
                    block[..n].fill(1.0);
                    (problem.matrix).fill_standardised(range.clone(), terms, &mut block[BLOCK..]);
                    let weight = problem.weight.map(|w| &w[range]);
                    add_pull(&mut sum, &block, &mut z, n, point, weight);
                }
                sum
            })
        })
        .collect();
    let mut total = Array1::zeros(p);
    for sum in sums {
        total += &Array1::from(sum);
    }
    total
}

/// Adds a block of `n` rows. `z` = L^-1 (root of the variance times x), a column at a time for the
/// whole block: its squared length is the hat diagonal.
#[inline(always)]
fn add_pull(
    sum: &mut [f64],
    block: &[f64],
    z: &mut [f64],
    n: usize,
    point: &Point,
    weight: Option<&[f64]>,
) {
    let mut eta = [0.0; BLOCK];
    for (column, &g) in block.chunks_exact(BLOCK).zip(&point.gamma) {
        for (e, &x) in eta[..n].iter_mut().zip(column) {
            *e += g * x;
        }
    }
    let (mut half_less_p, mut root) = ([0.0; BLOCK], [0.0; BLOCK]);
    for i in 0..n {
        let small = (-eta[i].abs()).exp();
        let per = 1.0 / (1.0 + small);
        // 1/2 - p, without loss of digits near 1/2.
        half_less_p[i] = 0.5 * (small - 1.0) * per * eta[i].signum();
        root[i] = (weight.map_or(1.0, |w| w[i]) * small).sqrt() * per;
    }
    let lower = point.factor.lower();
    let mut hat = [0.0; BLOCK];
    for (j, x) in block.chunks_exact(BLOCK).enumerate() {
        let (earlier, rest) = z.split_at_mut(j * BLOCK);
        let here = &mut rest[..n];
        for ((h, &x), &r) in here.iter_mut().zip(x).zip(&root) {
            *h = x * r;
        }
        for (k, other) in earlier.chunks_exact(BLOCK).enumerate() {
            let l = lower[[j, k]];
            for (h, &o) in here.iter_mut().zip(other) {
                *h -= l * o;
            }
        }
        let per = 1.0 / lower[[j, j]];
        for (h, total) in here.iter_mut().zip(&mut hat) {
            *h *= per;
            *total += *h * *h;
        }
    }
    for (h, q) in hat[..n].iter_mut().zip(&half_less_p) {
        *h *= q;
    }
    for (s, x) in sum.iter_mut().zip(block.chunks_exact(BLOCK)) {
        let mut lanes = [0.0; 8];
        for (x, h) in x[..n].chunks(8).zip(hat[..n].chunks(8)) {
            for (lane, (x, h)) in lanes.iter_mut().zip(x.iter().zip(h)) {
                *lane += x * h;
            }
        }
        *s += lanes.iter().sum::<f64>();
    }
}
