//! What weights were estimated from: the equations whose error standard errors that stack them
//! count in.

use super::Matches;
use crate::covariates::DesignMatrix;
use crate::numeric::logistic::logistic;
use crate::propensity::{Penalty, Propensity};
use crate::study::{SeMethod, WeightKind};
use ndarray::Array2;

/// The estimating equations of weights, solved. Columns are the standardised ones of the matrix.
#[derive(Clone)]
pub struct Nuisance {
    /// The covariates; a clone shares its columns.
    pub(crate) matrix: DesignMatrix,
    /// Columns in the equations, as indices into the matrix's terms.
    pub(crate) terms: Vec<usize>,
    /// Inverse of the equations' derivative, in the order of `terms`: for a logistic model with the
    /// intercept first, for entropy balancing of the weighted covariance in the pool, within exact
    /// strata.
    pub(crate) covariance: Array2<f64>,
    /// Which equations.
    pub(crate) kind: Kind,
}

/// Which equations.
#[derive(Clone)]
pub enum Kind {
    /// Those of a logistic regression of taking part, on everybody in the table.
    Logistic {
        /// Overlap weights; else odds.
        overlap: bool,
        /// e, one a row.
        probability: Vec<f64>,
        /// Sampling weight times (t - e), one a row.
        residual: Vec<f64>,
    },
    /// Those of entropy balancing.
    Balance,
}

impl Matches {
    /// The standard error that can be had when `asked` for: [`SeMethod::Robust`] in the place of
    /// [`SeMethod::Stacked`] where nothing says what the weights were estimated from.
    pub fn error_in_force(&self, asked: SeMethod) -> SeMethod {
        match asked {
            SeMethod::Stacked if self.nuisance.is_none() => SeMethod::Robust,
            se => se,
        }
    }
}

/// Says what it is and how large; people's values stay out of logs.
impl std::fmt::Debug for Nuisance {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let kind = match self.kind {
            Kind::Logistic { overlap: true, .. } => "overlap",
            Kind::Logistic { .. } => "odds",
            Kind::Balance => "entropy",
        };
        write!(f, "Nuisance({kind}, {} columns)", self.terms.len())
    }
}

impl Nuisance {
    /// Of weights made from a fitted propensity. `treated` and `sampling` have one entry a row,
    /// `sampling` may be empty. `None` where the score equations are not those of maximum
    /// likelihood (ridge, Firth, scores of the user's own), and for entropy balancing, which has
    /// its own.
    pub fn of_propensity(
        kind: WeightKind,
        matrix: &DesignMatrix,
        propensity: &Propensity,
        treated: &[bool],
        sampling: &[f64],
    ) -> Option<Nuisance> {
        let overlap = match kind {
            WeightKind::Odds => false,
            WeightKind::Overlap => true,
            WeightKind::Entropy => return None,
        };
        let covariance = propensity.covariance.clone()?;
        if propensity.penalty != Penalty::None {
            return None;
        }
        let probability: Vec<f64> = propensity.lp.iter().map(|&lp| logistic(lp)).collect();
        let residual = |row: usize| {
            let lp = propensity.lp[row];
            let weight = sampling.get(row).copied().unwrap_or(1.0);
            weight
                * if treated[row] {
                    logistic(-lp)
                } else {
                    -logistic(lp)
                }
        };
        Some(Nuisance {
            matrix: matrix.clone(),
            terms: propensity.model_terms.clone(),
            covariance,
            kind: Kind::Logistic {
                overlap,
                residual: (0..treated.len()).map(residual).collect(),
                probability,
            },
        })
    }
}
