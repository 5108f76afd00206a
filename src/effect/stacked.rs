//! The error of a weighted difference whose weights were estimated: the equations of the weights and
//! of the means, stacked.

use super::influence::Influence;
use crate::matching::{Kind, Matches, Nuisance};
use ndarray::Array1;

/// Sum over people of the square of each one's part in the difference, times n.
///
/// # Formula
/// With known weights the parts are `g_i u_i` and `-w_c v_c`. For scores from a logistic regression
/// each row adds `b' z s` to its own, with z = (1, columns), s its weighted residual (t - e), and
/// `b = covariance d`, d the derivative of `sum g u - sum w v` by the coefficients: `-sum w v z` for
/// odds, `-sum g u e z - sum w v (1 - e) z` for overlap weights (Lunceford & Davidian 2004,
/// doi:10.1002/sim.1903). For entropy balancing u and v are lessened by their weighted regression in
/// the pool on the balanced columns, around the participants' means (Zhao & Percival 2017,
/// doi:10.1515/jci-2016-0010). Cost: two passes over the columns.
pub(super) fn sum_of_squares(v: &Influence, matches: &Matches, nuisance: &Nuisance) -> f64 {
    let parts = match &nuisance.kind {
        Kind::Logistic {
            overlap,
            probability,
            residual,
        } => logistic(v, matches, nuisance, *overlap, (probability, residual)),
        Kind::Balance { target } => balance(v, matches, nuisance, target),
    };
    parts.iter().map(|x| x * x).sum()
}

/// Every row's part with known weights: g u, or -w v.
fn known(v: &Influence, matches: &Matches, rows: usize) -> Vec<f64> {
    let mut parts = vec![0.0; rows];
    let counts = matches.participant_weight.iter().zip(&v.participants);
    for (&row, (g, u)) in matches.participants.iter().zip(counts) {
        parts[row as usize] = g * u;
    }
    let weights = matches.weight.iter().zip(&v.pool);
    for (&row, (w, x)) in matches.pool.iter().zip(weights).filter(|p| *p.1.0 > 0.0) {
        parts[row as usize] = -w * x;
    }
    parts
}

fn logistic(
    v: &Influence,
    matches: &Matches,
    nuisance: &Nuisance,
    overlap: bool,
    (probability, residual): (&[f64], &[f64]),
) -> Vec<f64> {
    let mut parts = known(v, matches, residual.len());
    // d of each row's part by its own log odds: the logarithms of w, g move by this much. A
    // residual above 0 is a participant's.
    let slope = |row: usize| match (overlap, residual[row] > 0.0) {
        (false, true) => 0.0,
        (false, false) => 1.0,
        (true, true) => -probability[row],
        (true, false) => 1.0 - probability[row],
    };
    let moved: Vec<f64> = parts
        .iter()
        .enumerate()
        .map(|(r, p)| p * slope(r))
        .collect();
    let mut derivative = vec![moved.iter().sum::<f64>()];
    derivative.extend(nuisance.matrix.weighted_sums(&nuisance.terms, &moved));
    let b = nuisance.covariance.dot(&Array1::from(derivative)).to_vec();
    let along = nuisance.matrix.combination(&nuisance.terms, &b[1..]);
    for ((part, s), along) in parts.iter_mut().zip(residual).zip(along) {
        *part += s * (b[0] + along);
    }
    parts
}

fn balance(v: &Influence, matches: &Matches, nuisance: &Nuisance, target: &[f64]) -> Vec<f64> {
    let (matrix, terms) = (&nuisance.matrix, &nuisance.terms);
    let mut parts = known(v, matches, matrix.rows());
    let n: f64 = matches.weight.iter().sum();
    let mut of_pool = vec![0.0; parts.len()];
    for &row in &matches.pool {
        of_pool[row as usize] = -parts[row as usize] / n;
    }
    let total: f64 = of_pool.iter().sum();
    let sums = matrix.weighted_sums(terms, &of_pool);
    let around = sums.iter().zip(target).map(|(s, m)| s - total * m);
    let slopes = nuisance.covariance.dot(&Array1::from_iter(around)).to_vec();
    let centre: f64 = slopes.iter().zip(target).map(|(b, m)| b * m).sum();
    let fitted = matrix.combination(terms, &slopes);
    for (&row, g) in matches.participants.iter().zip(&matches.participant_weight) {
        parts[row as usize] -= g * (fitted[row as usize] - centre);
    }
    for (&row, w) in matches.pool.iter().zip(&matches.weight) {
        parts[row as usize] += w * (fitted[row as usize] - centre);
    }
    parts
}
