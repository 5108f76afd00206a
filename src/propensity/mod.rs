//! The probability of taking part, given the covariates: logistic model, c-statistic, overlap.
//!
//! Shaped after linfa: [`PropensityParams`] are checked once into [`ValidPropensityParams`], whose
//! `fit` takes a linfa dataset of a [`DesignMatrix`](crate::covariates::DesignMatrix) and 0/1
//! targets and returns a [`Propensity`].

mod fitted;
mod newton;
mod params;
mod pass;
mod ridge;
mod score;

pub use params::{Penalty, PropensityParams, ValidPropensityParams};
pub use score::{c_statistic, sorted_by_score};

/// A fitted propensity model.
#[derive(Debug, Clone)]
pub struct Propensity {
    /// Intercept first, then a coefficient a model column; log odds.
    pub terms: Vec<FittedTerm>,
    /// Linear predictor, log odds, one a row.
    pub lp: Vec<f64>,
    /// Newton steps over all rows; 0 under a ridge penalty, as linfa does not say how many it took.
    pub iterations: u32,
    /// -2 log likelihood.
    pub deviance: f64,
    /// Area under the ROC curve.
    pub c_statistic: f64,
    /// Rows sorted by (lp, row).
    pub order: Vec<u32>,
    /// Standard deviation of lp over everyone, n - 1.
    pub lp_sd: f64,
    /// Columns left out because they repeat earlier ones.
    pub redundant: Vec<String>,
    /// Penalty in force.
    pub penalty: Penalty,
}

/// A coefficient with its standard error.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedTerm {
    /// Column name; `(Intercept)` for the first, as R has it.
    pub name: String,
    /// Log odds per unit.
    pub estimate: f64,
    /// From the inverse information; `NaN` under a ridge penalty, where it has no meaning.
    pub se: f64,
}

/// What can go wrong with a propensity model.
#[derive(Debug, thiserror::Error)]
pub enum PropensityError {
    /// One of the groups is empty.
    #[error("the table has {participants} participants and {pool} others: a comparison needs both")]
    OneGroup {
        /// Participants.
        participants: usize,
        /// The others.
        pool: usize,
    },
    /// A combination of columns predicts perfectly.
    #[error("the covariates separate participants from the others: {} tells them apart perfectly, so that no propensity exists", columns.join(", "))]
    Separation {
        /// The columns at fault.
        columns: Vec<String>,
    },
    /// Out of iterations.
    #[error("the propensity model did not converge in {iterations} steps")]
    NotConverged {
        /// Steps taken.
        iterations: u32,
    },
    /// Nothing to fit on.
    #[error(
        "every covariate is the same for everybody or repeats another: there is nothing to match on"
    )]
    NoColumns,
    /// A setting out of range.
    #[error("penalty must be a finite number above 0, and steps at least 1")]
    BadParams,
    /// linfa's own errors.
    #[error(transparent)]
    Linfa(#[from] linfa::error::Error),
}
