//! From the coefficients of the standardised columns to a fitted model.

use super::problem::{Optimum, Problem};
use super::score::{sorted_by_score, standard_deviation, weighted_c_statistic, weighted_deviation};
use super::{FittedTerm, Penalty, Propensity, c_statistic};
use crate::covariates::DesignMatrix;
use crate::numeric::gram::BLOCK;
use crate::numeric::simd::widest;
use ndarray::{Array1, Array2};
use rayon::prelude::*;

/// Puts a fit together: coefficients on the scale of the data, c-statistic, order of the scores.
pub(super) fn assemble(
    problem: &Problem,
    terms: &[usize],
    top: &Optimum,
    covariance: Option<Array2<f64>>,
    lp: Vec<f64>,
) -> Propensity {
    Propensity {
        terms: unstandardised(problem.matrix, terms, &top.gamma, covariance.as_ref()),
        iterations: top.iterations,
        model_terms: terms.to_vec(),
        covariance,
        ..from_scores(lp, problem.treated, problem.weight)
    }
}

impl Propensity {
    /// What was left out of the model, in words.
    pub fn notes(&self) -> Vec<String> {
        let redundant = self
            .redundant
            .iter()
            .map(|c| format!("`{c}` left out of the model: it repeats other columns"));
        let dropped = self.dropped.iter().map(|(c, p)| {
            let p = if *p < 0.001 {
                "below 0.001".to_owned()
            } else {
                format!("{p:.3}")
            };
            format!("`{c}` dropped by backward elimination (p {p}); its balance is still looked at")
        });
        redundant.chain(dropped).collect()
    }
}

/// What the scores alone say; everything else is empty.
pub(super) fn from_scores(lp: Vec<f64>, treated: &[f64], weight: Option<&[f64]>) -> Propensity {
    let order = sorted_by_score(&lp);
    let (c_statistic, lp_sd) = match weight {
        None => (c_statistic(&lp, &order, treated), standard_deviation(&lp)),
        Some(w) => (
            weighted_c_statistic(&lp, &order, treated, w),
            weighted_deviation(&lp, w),
        ),
    };
    Propensity {
        terms: Vec::new(),
        deviance: deviance(&lp, treated, weight),
        c_statistic,
        lp_sd,
        iterations: 0,
        redundant: Vec::new(),
        dropped: Vec::new(),
        model_terms: Vec::new(),
        covariance: None,
        order,
        lp,
        penalty: Penalty::None,
    }
}

fn deviance(lp: &[f64], treated: &[f64], weight: Option<&[f64]>) -> f64 {
    let of = |row: usize| 2.0 * (softplus(lp[row]) - treated[row] * lp[row]);
    match weight {
        None => (0..lp.len()).map(of).sum(),
        Some(w) => (0..lp.len()).map(|row| w[row] * of(row)).sum(),
    }
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
