//! The variance of a weighted difference when the weights themselves are estimated: the sandwich of
//! all estimating equations at once (Stefanski & Boos 2002, doi:10.1198/000313002753631330).
//!
//! # Formula
//! Each person's contribution to the estimate is that of the outcome at known weights, plus what the
//! person moves the weights by, times what the estimate moves with the weights:
//!
//! - `odds`, `overlap`: the score is a logistic regression with inverse information A^-1; person j
//!   adds `D' A^-1 x_j s_j (t_j - e_j)`, D the derivative of the estimate by the coefficients
//!   (Lunceford & Davidian 2004, doi:10.1002/sim.1903).
//! - `entropy`: the balance equations take the part of each outcome that is linear in the balanced
//!   columns: `u_i - b'(z_i - m)` and `v_c - b'(z_c - m)`, b the weighted regression in the pool (Zhao
//!   & Percival 2017, doi:10.1515/jci-2016-0010).
//!
//! `V = N/(N-2) sum of squares` over the N people with weight. Two passes over the columns.

use super::influence::Influence;
use crate::covariates::DesignMatrix;
use crate::matching::{Matches, Nuisance};
use crate::numeric::symmetric::{Cholesky, redundant_columns};
use crate::study::WeightKind;
use ndarray::{Array1, Array2};

/// `None` where it is not known how the weights were estimated.
pub(super) fn variance(v: &Influence, matches: &Matches) -> Option<f64> {
    let nuisance = matches.nuisance.as_ref()?;
    let known = contributions(v, matches, nuisance.treated.len());
    let all = match nuisance.weights {
        WeightKind::Entropy => residuals(&known, v, matches, nuisance)?,
        WeightKind::Odds | WeightKind::Overlap => with_score(known, nuisance),
    };
    let people = (matches.participants.len() + matches.pool_matched()) as f64;
    let squares: f64 = all.iter().map(|c| c * c).sum();
    Some(people / (people - 2.0) * squares)
}

/// Each row's contribution at known weights: g_i u_i / n, -w_c v_c / n, 0 for the others.
fn contributions(v: &Influence, matches: &Matches, rows: usize) -> Vec<f64> {
    let n = matches.participants.len() as f64;
    let mut out = vec![0.0; rows];
    let arm = (matches.participants.iter()).zip(&matches.participant_weight);
    for ((&r, g), u) in arm.zip(&v.participants) {
        out[r as usize] = g * u / n;
    }
    for ((&r, &w), x) in matches.pool.iter().zip(&matches.weight).zip(&v.pool) {
        if w > 0.0 {
            out[r as usize] = -w * x / n;
        }
    }
    out
}

/// Adds what each row moves the score by, times the derivative of the estimate.
fn with_score(mut known: Vec<f64>, nuisance: &Nuisance) -> Vec<f64> {
    let chance = |r: usize| 1.0 / (1.0 + (-nuisance.lp[r]).exp());
    let overlap = nuisance.weights == WeightKind::Overlap;
    // The weight of a row, by the linear predictor: d ln e/(1-e) = 1, d ln(1-e) = -e, d ln e = 1-e.
    let slope = |r: usize| match (overlap, nuisance.treated[r]) {
        (false, true) => 0.0,
        (false, false) => 1.0,
        (true, true) => -chance(r),
        (true, false) => 1.0 - chance(r),
    };
    let moved: Vec<f64> = (0..known.len()).map(|r| known[r] * slope(r)).collect();
    let derivative = columns_times(&nuisance.matrix, &nuisance.terms, &moved);
    let step = nuisance.covariance.dot(&derivative);
    let along = times_columns(&nuisance.matrix, &nuisance.terms, &step);
    for (r, c) in known.iter_mut().enumerate() {
        let s = nuisance.sampling.get(r).copied().unwrap_or(1.0);
        let t = f64::from(u8::from(nuisance.treated[r]));
        *c += along[r] * s * (t - chance(r));
    }
    known
}

/// Contributions less what is linear in the balanced columns.
fn residuals(
    known: &[f64],
    v: &Influence,
    matches: &Matches,
    nuisance: &Nuisance,
) -> Option<Vec<f64>> {
    let n = matches.participants.len() as f64;
    let p = nuisance.terms.len();
    let mut weight = vec![0.0; known.len()];
    let mut outcome = vec![0.0; known.len()];
    for ((&r, &w), x) in matches.pool.iter().zip(&matches.weight).zip(&v.pool) {
        if w > 0.0 {
            weight[r as usize] = w / n;
            outcome[r as usize] = *x;
        }
    }
    let mean = columns_times(&nuisance.matrix, &nuisance.terms, &weight);
    let (mut gram, mut cross) = (Array2::zeros((p, p)), Array1::zeros(p));
    let mut row = vec![0.0; p];
    for r in (0..known.len()).filter(|&r| weight[r] > 0.0) {
        fill_row(&nuisance.matrix, &nuisance.terms, r, &mut row);
        for i in 0..p {
            let a = weight[r] * (row[i] - mean[i + 1]);
            cross[i] += a * outcome[r];
            for j in 0..=i {
                gram[[i, j]] += a * (row[j] - mean[j + 1]);
            }
        }
    }
    for i in 0..p {
        for j in 0..i {
            gram[[j, i]] = gram[[i, j]];
        }
    }
    // Columns that repeat others take nothing more.
    for j in redundant_columns(&gram, 1e-11) {
        gram.row_mut(j).fill(0.0);
        gram.column_mut(j).fill(0.0);
        gram[[j, j]] = 1.0;
        cross[j] = 0.0;
    }
    let slope = Cholesky::new(&gram)?.solve(&cross);
    let mut all = Array1::zeros(p + 1);
    for j in 0..p {
        all[j + 1] = slope[j];
        all[0] -= slope[j] * mean[j + 1];
    }
    let fitted = times_columns(&nuisance.matrix, &nuisance.terms, &all);
    let mut out = known.to_vec();
    for (&r, g) in matches.participants.iter().zip(&matches.participant_weight) {
        out[r as usize] -= g * fitted[r as usize] / n;
    }
    for (&r, w) in matches.pool.iter().zip(&matches.weight) {
        out[r as usize] += w * fitted[r as usize] / n;
    }
    Some(out)
}

fn fill_row(matrix: &DesignMatrix, terms: &[usize], row: usize, out: &mut [f64]) {
    for (o, &t) in out.iter_mut().zip(terms) {
        *o = matrix.standardised(&matrix.terms()[t], row);
    }
}

/// sum_r a_r (1, z_r): as many as columns and one.
fn columns_times(matrix: &DesignMatrix, terms: &[usize], a: &[f64]) -> Array1<f64> {
    let mut out = Array1::zeros(terms.len() + 1);
    out[0] = a.iter().sum();
    for (j, &t) in terms.iter().enumerate() {
        let term = &matrix.terms()[t];
        let used = (0..a.len()).filter(|&r| a[r] != 0.0);
        out[j + 1] = used.map(|r| a[r] * matrix.standardised(term, r)).sum();
    }
    out
}

/// (1, z_r)'b of every row.
fn times_columns(matrix: &DesignMatrix, terms: &[usize], b: &Array1<f64>) -> Vec<f64> {
    let mut out = vec![b[0]; matrix.rows()];
    for (j, &t) in terms.iter().enumerate() {
        let term = &matrix.terms()[t];
        for (r, o) in out.iter_mut().enumerate() {
            *o += b[j + 1] * matrix.standardised(term, r);
        }
    }
    out
}
