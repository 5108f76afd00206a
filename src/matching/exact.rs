//! Exact matching: participants and pool members who are alike on every column, missing being a
//! value like any other. Nobody is compared through a model; whoever has nobody alike is dropped,
//! which with many columns, or one that is measured finely, is most people.
//!
//! Categories are compared by the levels they came with, those that the design merges into `other`
//! apart. Columns named in the settings' `exact` count as well. Weights are those of [`cells`].
//!
//! Cost: one pass a column to number the combinations.

use super::sets::Matches;
use super::{MatchError, Metric, cells, strata};
use crate::covariates::Values;
use crate::study::MatchSettings;

pub(super) fn run(metric: &Metric, settings: &MatchSettings) -> Result<Matches, MatchError> {
    let matrix = metric
        .matrix
        .ok_or(MatchError::NoColumns { method: "exact" })?;
    let mut cell = metric.strata.to_vec();
    for (_, values) in strata::columns(matrix, &settings.columns)? {
        cell = match values {
            Values::Number(v) => strata::cross(&cell, v.iter().map(|&v| strata::bits(v))),
            Values::Codes(codes) => strata::cross(&cell, codes.iter().map(|&c| u64::from(c))),
        };
    }
    Ok(cells::matched(metric, &cell))
}
