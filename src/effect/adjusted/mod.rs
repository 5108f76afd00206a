//! Second opinions: the same comparison with what matching left over taken off by a regression.
//!
//! Never instead of balance: across a gap a regression is a guess. Both need the covariates of the
//! matched alone, and cost a few passes over them.
//!
//! For linear models both are the participants' mean less the pool's regression at their mean
//! covariates, so that they give one estimate with two standard errors: of sets at hand, and of a
//! model's coefficients. For yes-or-no outcomes they differ.

mod bias_corrected;
mod g_computation;
mod regression;

pub use bias_corrected::{Residuals, bias_corrected, residuals};
pub use g_computation::{Clusters, g_computation};

use super::estimate::{Interval, OutcomeData};
use super::gather::Matched;
use crate::covariates::DesignMatrix;
use crate::matching::Matches;
use crate::study::{OutcomeKind, OutcomeSpec};
use regression::Arm;

/// Most columns of a regression: beyond, solving it would take longer than all the rest.
pub const MOST_COLUMNS: usize = 400;

/// An estimate beside the headline.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// Participants minus counterparts, in the outcome's units.
    pub difference: Interval,
    /// Logarithm of the risk ratio, where a model of risks gives one.
    pub log_risk_ratio: Option<Interval>,
    /// Mean of participants; as predicted, where a model predicts it.
    pub mean_treated: f64,
    /// What theirs would have been.
    pub mean_comparison: f64,
    /// Coefficients of the outcome model.
    pub coefficients: usize,
    /// Coefficients dropped because their columns repeat earlier ones.
    pub aliased: usize,
}

/// Why there is no second opinion.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{reason}")]
pub struct NotGiven {
    /// In words.
    pub reason: String,
}

impl NotGiven {
    fn because(reason: impl Into<String>) -> NotGiven {
        NotGiven {
            reason: reason.into(),
        }
    }
}

/// The same cannot be asked of every outcome, nor with any number of columns.
fn checked(
    spec: &OutcomeSpec,
    data: &OutcomeData,
    terms: &[usize],
    matches: &Matches,
) -> Result<Matched, NotGiven> {
    let reason = match spec.kind {
        OutcomeKind::Survival => {
            "a regression of times that are cut off where following ended would need a model of its own"
        }
        OutcomeKind::Duration => {
            "it is a mean among those with the event, who are not the people that were matched"
        }
        OutcomeKind::Ordered | OutcomeKind::Categories => {
            "it has levels, and each has an opinion of its own"
        }
        OutcomeKind::Binary | OutcomeKind::Count | OutcomeKind::Continuous => "",
    };
    if !reason.is_empty() {
        return Err(NotGiven::because(reason));
    }
    if terms.len() > MOST_COLUMNS {
        return Err(NotGiven::because(format!(
            "the covariates make more than {MOST_COLUMNS} columns"
        )));
    }
    let columns =
        Matched::gather(spec, data, matches).map_err(|e| NotGiven::because(e.to_string()))?;
    if columns.no_spread(spec.kind) {
        return Err(NotGiven::because(
            "the outcome is the same for everybody who was matched",
        ));
    }
    Ok(columns)
}

/// The participants, and the pool members with weight with their places in the pool.
fn arms<'a>(
    matrix: &'a DesignMatrix,
    terms: &'a [usize],
    columns: &Matched,
    matches: &Matches,
) -> (Arm<'a>, Arm<'a>, Vec<u32>) {
    let participants = Arm {
        matrix,
        terms,
        rows: matches.participants.clone(),
        y: columns.y_t.clone(),
        weight: matches.participant_weight.clone(),
    };
    let mut places: Vec<u32> = (0..matches.pool.len() as u32)
        .filter(|&c| matches.weight[c as usize] > 0.0)
        .collect();
    // In row order the matrix is read from front to back.
    places.sort_unstable_by_key(|&c| matches.pool[c as usize]);
    let of = |v: &[f64]| places.iter().map(|&c| v[c as usize]).collect();
    let pool = Arm {
        matrix,
        terms,
        rows: places.iter().map(|&c| matches.pool[c as usize]).collect(),
        y: of(&columns.y_c),
        weight: of(&matches.weight),
    };
    (participants, pool, places)
}

/// A difference and its error, unless rounding is all there is to go by.
fn sound(estimate: f64, se: f64, df: f64) -> Result<Interval, NotGiven> {
    match estimate.is_finite() && se.is_finite() && se > 0.0 {
        true => Ok(Interval::new(estimate, se, df)),
        false => Err(NotGiven::because(
            "the covariates say the outcome exactly, so that there is no error to go by",
        )),
    }
}
