//! From the coefficients of the standardised columns to a fitted model.

use super::score::{c_statistic, sorted_by_score, standard_deviation};
use super::{FittedTerm, Penalty, Propensity};
use crate::covariates::DesignMatrix;
use crate::numeric::gram::BLOCK;
use crate::numeric::simd::widest;
use ndarray::{Array1, Array2};
use rayon::prelude::*;

/// Puts a fit together: coefficients on the scale of the data, c-statistic, order of the scores.
#[allow(clippy::too_many_arguments)]
pub(super) fn assemble(
    matrix: &DesignMatrix,
    terms: &[usize],
    treated: &[f64],
    gamma: &Array1<f64>,
    covariance: Option<&Array2<f64>>,
    lp: Vec<f64>,
    iterations: u32,
    penalty: Penalty,
) -> Propensity {
    let order = sorted_by_score(&lp);
    Propensity {
        terms: unstandardised(matrix, terms, gamma, covariance),
        deviance: deviance(&lp, treated),
        c_statistic: c_statistic(&lp, &order, treated),
        lp_sd: standard_deviation(&lp),
        iterations,
        redundant: Vec::new(),
        order,
        lp,
        penalty,
    }
}

fn deviance(lp: &[f64], treated: &[f64]) -> f64 {
    lp.iter()
        .zip(treated)
        .map(|(&e, &t)| 2.0 * (softplus(e) - t * e))
        .sum()
}

/// ln(1 + e^x) without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Log odds of every row. The order of additions is the same for each row, so that rows alike in
/// every column get the same bits, and stay tied.
pub(super) fn linear_predictor(
    matrix: &DesignMatrix,
    terms: &[usize],
    gamma: &Array1<f64>,
) -> Vec<f64> {
    let mut lp = vec![gamma[0]; matrix.rows()];
    lp.par_chunks_mut(BLOCK * 32)
        .enumerate()
        .for_each(|(chunk, out)| {
            widest(|| {
                let mut block = vec![0.0; BLOCK * terms.len()];
                for (b, out) in out.chunks_mut(BLOCK).enumerate() {
                    let from = (chunk * 32 + b) * BLOCK;
                    matrix.fill_standardised(from..from + out.len(), terms, &mut block);
                    for (column, &g) in block.chunks_exact(BLOCK).zip(gamma.iter().skip(1)) {
                        for (o, &x) in out.iter_mut().zip(column) {
                            *o += g * x;
                        }
                    }
                }
            })
        });
    lp
}

/// Coefficients per unit of the data: b_j = g_j / s_j, b_0 = g_0 - sum g_j c_j / s_j, with the
/// standard errors of these combinations.
fn unstandardised(
    matrix: &DesignMatrix,
    terms: &[usize],
    gamma: &Array1<f64>,
    covariance: Option<&Array2<f64>>,
) -> Vec<FittedTerm> {
    let p = gamma.len();
    let mut to_intercept = Array1::zeros(p);
    to_intercept[0] = 1.0;
    let mut fitted = Vec::with_capacity(p);
    for (j, &t) in terms.iter().enumerate() {
        let term = &matrix.terms()[t];
        to_intercept[j + 1] = -term.centre / term.scale;
        fitted.push(FittedTerm {
            name: term.name.clone(),
            estimate: gamma[j + 1] / term.scale,
            se: covariance.map_or(f64::NAN, |v| v[[j + 1, j + 1]].sqrt() / term.scale),
        });
    }
    let intercept = FittedTerm {
        name: "(Intercept)".into(),
        estimate: gamma.dot(&to_intercept),
        se: covariance.map_or(f64::NAN, |v| {
            to_intercept.dot(&v.dot(&to_intercept)).max(0.0).sqrt()
        }),
    };
    fitted.insert(0, intercept);
    fitted
}
