//! Settings of the propensity model, checked once.

use super::{Propensity, PropensityError, newton, ridge};
use crate::covariates::DesignMatrix;
use crate::study::{PenaltyChoice, PropensitySettings};
use linfa::ParamGuard;
use linfa::dataset::{DatasetBase, Records};
use linfa::traits::Fit;
use ndarray::Array1;

/// Penalty on the coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Penalty {
    /// Maximum likelihood.
    #[default]
    None,
    /// Ridge: `alpha / 2` times the squared length of the coefficients of the standardised columns.
    Ridge(f64),
}

/// Settings, unchecked.
#[derive(Debug, Clone)]
pub struct PropensityParams(ValidPropensityParams);

/// Settings, checked.
#[derive(Debug, Clone)]
pub struct ValidPropensityParams {
    pub(super) penalty: Penalty,
    pub(super) max_steps: u32,
}

impl PropensityParams {
    /// Maximum likelihood, at most 60 Newton steps.
    pub fn new() -> Self {
        PropensityParams(ValidPropensityParams {
            penalty: Penalty::None,
            max_steps: 60,
        })
    }

    /// As a study asks for.
    pub fn of(settings: &PropensitySettings) -> Self {
        match settings.penalty {
            PenaltyChoice::Ridge(alpha) => Self::new().penalty(Penalty::Ridge(alpha)),
            PenaltyChoice::None | PenaltyChoice::Firth => Self::new(),
        }
    }

    /// Sets the penalty.
    #[must_use]
    pub fn penalty(mut self, penalty: Penalty) -> Self {
        self.0.penalty = penalty;
        self
    }

    /// Sets the most Newton steps.
    #[must_use]
    pub fn max_steps(mut self, steps: u32) -> Self {
        self.0.max_steps = steps;
        self
    }
}

impl Default for PropensityParams {
    fn default() -> Self {
        Self::new()
    }
}

impl ParamGuard for PropensityParams {
    type Checked = ValidPropensityParams;
    type Error = PropensityError;

    fn check_ref(&self) -> Result<&Self::Checked, Self::Error> {
        let sound = match self.0.penalty {
            Penalty::None => true,
            Penalty::Ridge(alpha) => alpha.is_finite() && alpha > 0.0,
        };
        if sound && self.0.max_steps > 0 {
            Ok(&self.0)
        } else {
            Err(PropensityError::BadParams)
        }
    }

    fn check(self) -> Result<Self::Checked, Self::Error> {
        self.check_ref()?;
        Ok(self.0)
    }
}

impl Records for DesignMatrix {
    type Elem = f64;

    fn nsamples(&self) -> usize {
        self.rows()
    }

    fn nfeatures(&self) -> usize {
        self.terms().len()
    }
}

impl Fit<DesignMatrix, Array1<f64>, PropensityError> for ValidPropensityParams {
    type Object = Propensity;

    /// Fits the model.
    ///
    /// # Formula
    /// `P(t = 1 | x) = 1 / (1 + exp(-(b0 + x'b)))`; `b` maximises the likelihood, minus the
    /// penalty where there is one.
    ///
    /// # Errors
    /// One group empty, separation (columns named), out of steps: never a result that only looks
    /// like one.
    fn fit(
        &self,
        dataset: &DatasetBase<DesignMatrix, Array1<f64>>,
    ) -> Result<Propensity, PropensityError> {
        let treated = &dataset.targets;
        let participants = treated.iter().filter(|&&t| t > 0.5).count();
        let pool = treated.len() - participants;
        if participants == 0 || pool == 0 {
            return Err(PropensityError::OneGroup { participants, pool });
        }
        let treated = treated
            .as_slice()
            .map_or_else(|| treated.to_vec(), <[f64]>::to_vec);
        match self.penalty {
            Penalty::None => newton::fit(&dataset.records, &treated, self.max_steps),
            Penalty::Ridge(alpha) => ridge::fit(&dataset.records, &treated, alpha, self.max_steps),
        }
    }
}
