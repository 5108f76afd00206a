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
/// doi:10.1515/jci-2016-0010). Exact strata within which weights are scaled are parameters too: u and
/// v are then taken from v's weighted mean in the stratum's pool, and columns around theirs. Cost: two
/// passes over the columns.
pub(super) fn sum_of_squares(v: &Influence, matches: &Matches, nuisance: &Nuisance) -> f64 {
    let parts = match &nuisance.kind {
        Kind::Logistic {
            overlap,
            probability,
            residual,
        } => logistic(v, matches, nuisance, *overlap, (probability, residual)),
        Kind::Balance => balance(v, matches, nuisance),
    };
    parts.iter().map(|x| x * x).sum()
}

/// Every row's part with the weights known but for their scale in each stratum: g u, or -w v, both
/// around the stratum's mean of v (which without strata is 0).
fn known(v: &Influence, matches: &Matches, rows: usize) -> Vec<f64> {
    let means = matches.shared_means(&v.pool);
    let mut parts = vec![0.0; rows];
    let counts = matches.participant_weight.iter().zip(&v.participants);
    let participants = matches.participants.iter().zip(counts);
    for ((&row, (g, u)), m) in participants.zip(&means.participants) {
        parts[row as usize] = g * (u - m);
    }
    let weights = matches.weight.iter().zip(&v.pool);
    let pool = matches.pool.iter().zip(weights).zip(&means.pool);
    for ((&row, (w, x)), m) in pool.filter(|p| *p.0.1.0 > 0.0) {
        parts[row as usize] = -w * (x - m);
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

fn balance(v: &Influence, matches: &Matches, nuisance: &Nuisance) -> Vec<f64> {
    let (matrix, terms) = (&nuisance.matrix, &nuisance.terms);
    let mut parts = known(v, matches, matrix.rows());
    let n: f64 = matches.weight.iter().sum();
    let mut of_pool = vec![0.0; parts.len()];
    for &row in &matches.pool {
        of_pool[row as usize] = -parts[row as usize] / n;
    }
    // These add up to 0 in every stratum, so that it is the same around any point.
    let around = Array1::from(matrix.weighted_sums(terms, &of_pool));
    let slopes = nuisance.covariance.dot(&around).to_vec();
    let fitted = matrix.combination(terms, &slopes);
    let of_pool: Vec<f64> = matches.pool.iter().map(|&r| fitted[r as usize]).collect();
    let means = matches.shared_means(&of_pool);
    let counts = matches.participant_weight.iter().zip(&means.participants);
    for (&row, (g, m)) in matches.participants.iter().zip(counts) {
        parts[row as usize] -= g * (fitted[row as usize] - m);
    }
    let weights = matches.weight.iter().zip(&means.pool);
    for (&row, (w, m)) in matches.pool.iter().zip(weights).filter(|p| *p.1.0 > 0.0) {
        parts[row as usize] += w * (fitted[row as usize] - m);
    }
    parts
}
