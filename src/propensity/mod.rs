//! The probability of taking part, given the covariates: logistic model, c-statistic, overlap.
//!
//! Shaped after linfa: [`PropensityParams`] are checked once into [`ValidPropensityParams`], whose
//! `fit` takes a linfa dataset of a [`DesignMatrix`](crate::covariates::DesignMatrix) and 0/1
//! targets and returns a [`Propensity`]; `fit_weighted` takes rows that count differently.
//! Maximum likelihood by Newton's method (`newton`), Firth's penalised likelihood (`firth`), ridge
//! through linfa (`ridge`), elimination (`backward`), or the user's own scores (`supplied`).

mod backward;
mod columns;
mod firth;
mod fit;
mod fitted;
mod newton;
mod params;
mod pass;
mod problem;
mod ridge;
mod score;
mod separation;
mod supplied;

pub use params::{Penalty, PropensityParams, ValidPropensityParams};
pub use score::{c_statistic, sorted_by_score, weighted_c_statistic};

use ndarray::Array2;

/// A fitted propensity model, or scores that were supplied.
#[derive(Debug, Clone)]
pub struct Propensity {
    /// Intercept first, then a coefficient a model column; log odds. Empty for supplied scores.
    pub terms: Vec<FittedTerm>,
    /// Linear predictor, log odds, one a row.
    pub lp: Vec<f64>,
    /// Steps over all rows of the last fit; 0 under a ridge penalty, as linfa does not say how many
    /// it took, and for supplied scores.
    pub iterations: u32,
    /// -2 log likelihood (weighted where the rows are), without any penalty.
    pub deviance: f64,
    /// Area under the ROC curve, weighted where the rows are.
    pub c_statistic: f64,
    /// Rows sorted by (lp, row).
    pub order: Vec<u32>,
    /// Standard deviation of lp over everyone, n - 1; weighted where the rows are.
    pub lp_sd: f64,
    /// Columns left out because they repeat earlier ones.
    pub redundant: Vec<String>,
    /// Covariates that backward elimination dropped, in that order, with the p each had.
    pub dropped: Vec<(String, f64)>,
    /// Columns of the fit, as indices into the matrix's `terms()`, in the order of `covariance`.
    pub model_terms: Vec<usize>,
    /// Inverse information at the optimum, (k + 1) x (k + 1) for k `model_terms`, intercept first,
    /// of the coefficients of the *standardised* columns `(x - centre) / scale`. With `u_i` the row
    /// (1, standardised columns), the influence of row i on the coefficients is
    /// `covariance u_i w_i (t_i - p_i)`, and on the lp of row j `u_j' covariance u_i w_i (t_i - p_i)`.
    /// `None` under a ridge penalty and for supplied scores.
    pub covariance: Option<Array2<f64>>,
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
    #[error("the covariates separate participants from the others: {} tells them apart perfectly, so that no propensity exists; leave the column out if it says who took part, else ask for Firth's penalised likelihood, which has an answer (penalty = \"firth\" under [propensity], or --penalty firth)", columns.join(", "))]
    Separation {
        /// The columns at fault.
        columns: Vec<String>,
    },
    /// More columns than a model can have.
    #[error(
        "the design has {columns} columns and can have {most}: {rule}; leave columns out or group levels"
    )]
    TooManyColumns {
        /// How many there are.
        columns: usize,
        /// How many there may be.
        most: usize,
        /// Which bound this is.
        rule: &'static str,
    },
    /// A weight that is none.
    #[error(
        "row {row}: a weight must be a finite number, 0 or above; correct it or leave the row out"
    )]
    Weight {
        /// Data row (first = 1).
        row: usize,
    },
    /// A treatment that is none.
    #[error("row {row}: who took part must be 0 or 1")]
    Treatment {
        /// Data row (first = 1).
        row: usize,
    },
    /// A supplied score that is none.
    #[error("row {row}: the score {rule}")]
    Score {
        /// Data row (first = 1).
        row: usize,
        /// The rule and what to do.
        rule: &'static str,
    },
    /// Not one a row.
    #[error("there are {len} {what} for {rows} rows; give one a row")]
    Length {
        /// What there should be one a row of.
        what: &'static str,
        /// How many there are.
        len: usize,
        /// Rows.
        rows: usize,
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
    /// An elimination threshold out of range.
    #[error("the p above which backward elimination drops a covariate must be between 0 and 1")]
    BadThreshold,
    /// Elimination has nothing to go by.
    #[error(
        "backward elimination needs standard errors, which a ridge penalty does not give; use maximum likelihood or Firth's penalty"
    )]
    BackwardUnderRidge,
    /// linfa's own errors.
    #[error(transparent)]
    Linfa(#[from] linfa::error::Error),
}
