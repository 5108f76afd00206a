//! Ridge-penalised fit through linfa-logistic, for designs where maximum likelihood has no answer.
//!
//! linfa returns `Ok` when it runs out of steps and takes the more frequent label as positive, so
//! the label is pinned and its gradient is checked here before the result is believed.

use super::PropensityError;
use super::fitted::linear_predictor;
use super::problem::{Optimum, Problem};
use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};

/// Length of the gradient, per row, below which the fit is believed.
const GRADIENT: f64 = 1e-6;

pub(super) fn fit(
    problem: &Problem,
    terms: &[usize],
    max_steps: u32,
) -> Result<Optimum, PropensityError> {
    let Problem {
        matrix,
        treated,
        alpha,
        ..
    } = *problem;
    let n = matrix.rows();
    let mut x = Array2::zeros((n, terms.len()));
    for (j, &t) in terms.iter().enumerate() {
        let term = &matrix.terms()[t];
        let values = Array1::from(matrix.column(t));
        x.column_mut(j)
            .assign(&values.mapv(|v| (v - term.centre) / term.scale));
    }
    let labels = Array1::from_iter(treated.iter().map(|&t| t > 0.5));
    let model = LogisticRegression::default()
        .alpha(alpha)
        .max_iterations(u64::from(max_steps) * 100)
        .gradient_tolerance(GRADIENT / 10.0)
        .fit(&DatasetBase::new(x.view(), labels))
        .map_err(|_| PropensityError::NotConverged {
            iterations: max_steps,
        })?;
    let sign = if model.labels().pos.class { 1.0 } else { -1.0 };
    let mut gamma = Array1::zeros(terms.len() + 1);
    gamma[0] = sign * model.intercept();
    for (j, &p) in model.params().iter().enumerate() {
        gamma[j + 1] = sign * p;
    }
    let lp = linear_predictor(matrix, terms, &gamma);
    let residual = Array1::from_iter(
        lp.iter()
            .zip(treated)
            .map(|(&e, &t)| t - 1.0 / (1.0 + (-e).exp())),
    );
    let slopes = gamma.slice(ndarray::s![1..]).to_owned();
    let gradient = x.t().dot(&residual) - slopes * alpha;
    let longest = gradient
        .iter()
        .fold(residual.sum().abs(), |m, g| m.max(g.abs()));
    let per_row = longest / n as f64;
    if per_row.is_nan() || per_row > GRADIENT {
        return Err(PropensityError::NotConverged {
            iterations: max_steps,
        });
    }
    Ok(Optimum {
        gamma,
        iterations: 0,
        information: None,
    })
}
