//! Mahalanobis matching.

use super::sets::Matches;
use super::{MatchError, Metric};
use crate::study::MatchSettings;

pub(super) fn run(
    metric: &Metric,
    settings: &MatchSettings,
    turns: &[u32],
) -> Result<Matches, MatchError> {
    let _ = (metric, settings, turns);
    Err(MatchError::NoColumns {
        method: "mahalanobis",
    })
}
