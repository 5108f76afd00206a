//! Weighting matching.

use super::sets::Matches;
use super::{MatchError, Metric};
use crate::study::MatchSettings;

pub(super) fn run(metric: &Metric, settings: &MatchSettings) -> Result<Matches, MatchError> {
    let _ = (metric, settings);
    Err(MatchError::NoColumns {
        method: "weighting",
    })
}
