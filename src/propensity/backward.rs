//! Backward elimination by Wald p: the older labs' habit, off by default.
//!
//! The covariate with the largest p above the threshold is dropped, the model fitted again, until
//! none is above it. A covariate is judged as a whole, by `W = b' V^-1 b` on as many degrees of
//! freedom as it has columns (levels, square, spline, missing): half a category is no covariate.
//! One covariate always stays. Each fit starts from the maximum of the last likelihood's quadratic
//! form without the dropped columns, `b_r - V_rd V_dd^-1 b_d`, so that it takes two or three passes.
//!
//! A covariate that does not predict taking part may still predict the outcome, and p says little
//! of balance: what is dropped here stays in the balance table.

use super::PropensityError;
use super::fit::Fitting;
use super::problem::Optimum;
use crate::numeric::symmetric::Cholesky;
use ndarray::{Array1, Array2, Axis};
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Drops covariates from `terms`; the optimum without them, and which, with the p each had when it
/// went.
pub(super) fn eliminate(
    fitting: &Fitting,
    threshold: f64,
    terms: &mut Vec<usize>,
    mut top: Optimum,
) -> Result<(Optimum, Vec<(String, f64)>), PropensityError> {
    let matrix = fitting.problem.matrix;
    let covariate = |t: usize| matrix.covariate(&matrix.terms()[t]);
    let mut dropped = Vec::new();
    loop {
        let iterations = top.iterations;
        let covariance = (top.information.as_ref())
            .and_then(Cholesky::new)
            .ok_or(PropensityError::NotConverged { iterations })?
            .inverse();
        let mut names: Vec<&str> = Vec::new();
        for &t in terms.iter() {
            if !names.contains(&covariate(t)) {
                names.push(covariate(t));
            }
        }
        // The first of equals stays longest: later covariates give way, as with redundant columns.
        let mut weakest: Option<(&str, f64, Vec<usize>)> = None;
        for name in names.iter().copied() {
            let of: Vec<usize> = (0..terms.len())
                .filter(|&j| covariate(terms[j]) == name)
                .map(|j| j + 1)
                .collect();
            let p = wald_p(&top.gamma, &covariance, &of)
                .ok_or(PropensityError::NotConverged { iterations })?;
            if weakest.as_ref().is_none_or(|w| p >= w.1) {
                weakest = Some((name, p, of));
            }
        }
        let Some((name, p, out)) = weakest.filter(|w| w.1 > threshold && names.len() > 1) else {
            return Ok((top, dropped));
        };
        dropped.push((name.to_owned(), p));
        let start = without(&top.gamma, &covariance, &out);
        *terms = (terms.iter().enumerate())
            .filter(|(j, _)| !out.contains(&(j + 1)))
            .map(|(_, &t)| t)
            .collect();
        top = fitting.climb(terms, start)?;
    }
}

/// P(chi-squared >= b' V^-1 b); `None` when V is singular.
fn wald_p(gamma: &Array1<f64>, covariance: &Array2<f64>, of: &[usize]) -> Option<f64> {
    let b = gamma.select(Axis(0), of);
    let v = covariance.select(Axis(0), of).select(Axis(1), of);
    let wald = b.dot(&Cholesky::new(&v)?.solve(&b));
    // Degrees of freedom are at least 1, which is all that the distribution asks.
    Some(ChiSquared::new(of.len() as f64).ok()?.sf(wald.max(0.0)))
}

/// The maximum of the quadratic form where the columns `out` are 0.
fn without(gamma: &Array1<f64>, covariance: &Array2<f64>, out: &[usize]) -> Option<Array1<f64>> {
    let stay: Vec<usize> = (0..gamma.len()).filter(|j| !out.contains(j)).collect();
    let v_dd = covariance.select(Axis(0), out).select(Axis(1), out);
    let v_rd = covariance.select(Axis(0), &stay).select(Axis(1), out);
    let pull = Cholesky::new(&v_dd)?.solve(&gamma.select(Axis(0), out));
    Some(gamma.select(Axis(0), &stay) - v_rd.dot(&pull))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_joint_wald_test_worked_by_hand() {
        // b = (2, 1), V = [[2, 1], [1, 1]]: V^-1 = [[1, -1], [-1, 2]], W = 4 - 4 + 2 = 2;
        // P(chi2_2 >= 2) = exp(-1). Alone, the second has W = 1: P(chi2_1 >= 1) = 0.3173.
        let gamma = array![9.0, 2.0, 1.0];
        let v = array![[1.0, 0.0, 0.0], [0.0, 2.0, 1.0], [0.0, 1.0, 1.0]];
        let p = wald_p(&gamma, &v, &[1, 2]).unwrap();
        assert!((p - (-1f64).exp()).abs() < 1e-12, "{p}");
        let p = wald_p(&gamma, &v, &[2]).unwrap();
        assert!((p - 0.317_310_507_862_914).abs() < 1e-10, "{p}");
        // and without the second the first becomes 2 - 1 = 1
        assert_eq!(without(&gamma, &v, &[2]).unwrap(), array![9.0, 1.0]);
    }
}
