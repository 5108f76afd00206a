//! A fit from beginning to end: columns, climb, elimination, the fitted model.

use super::fitted::{assemble, linear_predictor};
use super::problem::{Optimum, Problem, unit_weights};
use super::{
    Penalty, Propensity, PropensityError, ValidPropensityParams, backward, columns, firth, newton,
    ridge,
};
use crate::covariates::DesignMatrix;
use crate::numeric::symmetric::Cholesky;
use ndarray::Array1;

/// A problem with the settings under which it is solved.
pub(super) struct Fitting<'a> {
    pub problem: Problem<'a>,
    pub settings: &'a ValidPropensityParams,
}

impl Fitting<'_> {
    /// To the top, from `start` where there is one.
    pub fn climb(
        &self,
        terms: &[usize],
        start: Option<Array1<f64>>,
    ) -> Result<Optimum, PropensityError> {
        let (problem, steps) = (&self.problem, self.settings.max_steps);
        match self.settings.penalty {
            Penalty::Firth => firth::maximise(problem, terms, start, steps),
            // linfa knows no weights; Newton's method takes the same penalty.
            Penalty::Ridge(_) if problem.weight.is_none() => ridge::fit(problem, terms, steps),
            Penalty::None | Penalty::Ridge(_) => newton::maximise(problem, terms, start, steps),
        }
    }
}

impl ValidPropensityParams {
    /// Fits the model to rows that count by `weight`, one a row (`None` = all the same).
    ///
    /// # Formula
    /// Each row's log likelihood is multiplied by its weight, as R's `glm(weights = )` does; rows of
    /// weight 0 get a score and no say. Standard errors and covariance are model-based, from the
    /// inverse of the weighted information. Under sampling weights the coefficients are those of
    /// R's quasibinomial `glm` (what MatchIt fits with `s.weights`); its standard errors are these
    /// times the root of the dispersion. Penalties and Wald tests take the weights scaled to a
    /// mean of 1.
    ///
    /// # Errors
    /// As [`Fit::fit`](linfa::traits::Fit::fit), and a weight that is negative, infinite or `NaN`.
    pub fn fit_weighted(
        &self,
        matrix: &DesignMatrix,
        treated: &[f64],
        weight: Option<&[f64]>,
    ) -> Result<Propensity, PropensityError> {
        Problem::check_groups(treated, weight, matrix.rows())?;
        let unit = weight.map(unit_weights).transpose()?;
        let (weight, mean) = match &unit {
            Some((weight, mean)) => (Some(weight.as_slice()), *mean),
            None => (None, 1.0),
        };
        let alpha = match self.penalty {
            Penalty::Ridge(alpha) => alpha,
            Penalty::None | Penalty::Firth => 0.0,
        };
        let problem = Problem {
            matrix,
            treated,
            weight,
            alpha,
        };
        let fitting = Fitting {
            problem,
            settings: self,
        };
        let (mut terms, removed) = columns::kept(&problem)?;
        let mut top = fitting.climb(&terms, None)?;
        let mut dropped = Vec::new();
        if let Some(threshold) = self.backward {
            (top, dropped) = backward::eliminate(&fitting, threshold, &mut terms, top)?;
        }
        let covariance = match &top.information {
            None => None,
            Some(information) => {
                let factor = Cholesky::new(information).ok_or(PropensityError::NotConverged {
                    iterations: top.iterations,
                })?;
                Some(factor.inverse() / mean)
            }
        };
        let lp = linear_predictor(matrix, &terms, &top.gamma);
        let mut fitted = assemble(&problem, &terms, &top, covariance, lp);
        fitted.deviance *= mean;
        fitted.penalty = self.penalty;
        fitted.redundant = removed
            .iter()
            .map(|&t| matrix.terms()[t].name.clone())
            .collect();
        fitted.dropped = dropped;
        Ok(fitted)
    }
}
