//! Settings of the propensity model, checked once.

use super::{Propensity, PropensityError};
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
    /// Firth's: finite under separation (doi:10.1093/biomet/80.1.27).
    Firth,
}

/// Settings, unchecked.
#[derive(Debug, Clone)]
pub struct PropensityParams(ValidPropensityParams);

/// Settings, checked.
#[derive(Debug, Clone)]
pub struct ValidPropensityParams {
    pub(super) penalty: Penalty,
    pub(super) max_steps: u32,
    pub(super) backward: Option<f64>,
}

impl PropensityParams {
    /// Maximum likelihood, at most 60 Newton steps.
    pub fn new() -> Self {
        PropensityParams(ValidPropensityParams {
            penalty: Penalty::None,
            max_steps: 60,
            backward: None,
        })
    }

    /// As a study asks for.
    pub fn of(settings: &PropensitySettings) -> Self {
        let penalty = match settings.penalty {
            PenaltyChoice::None => Penalty::None,
            PenaltyChoice::Firth => Penalty::Firth,
            PenaltyChoice::Ridge(alpha) => Penalty::Ridge(alpha),
        };
        Self::new().penalty(penalty).backward(settings.backward)
    }

    /// Sets the penalty.
    #[must_use]
    pub fn penalty(mut self, penalty: Penalty) -> Self {
        self.0.penalty = penalty;
        self
    }

    /// Drops covariates whose Wald p is above this, the largest first; `None` keeps all.
    #[must_use]
    pub fn backward(mut self, threshold: Option<f64>) -> Self {
        self.0.backward = threshold;
        self
    }

    /// Sets the most Newton steps (Firth's likelihood may take ten times as many).
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
            Penalty::None | Penalty::Firth => true,
            Penalty::Ridge(alpha) => alpha.is_finite() && alpha > 0.0,
        };
        if !sound || self.0.max_steps == 0 {
            return Err(PropensityError::BadParams);
        }
        match (self.0.backward, self.0.penalty) {
            (Some(p), _) if !(p > 0.0 && p < 1.0) => Err(PropensityError::BadThreshold),
            (Some(_), Penalty::Ridge(_)) => Err(PropensityError::BackwardUnderRidge),
            _ => Ok(&self.0),
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
        let treated = treated
            .as_slice()
            .map_or_else(|| treated.to_vec(), <[f64]>::to_vec);
        self.fit_weighted(&dataset.records, &treated, None)
    }
}
