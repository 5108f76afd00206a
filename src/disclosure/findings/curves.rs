//! What is found beside an average: curves over time, and where values lie.

use super::Difference;
use serde::{Deserialize, Serialize};

/// Weighted Kaplan-Meier curves at a few times.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct SurvivalCurves {
    /// The time up to which mean times are counted.
    pub horizon: f64,
    /// What the study asked for, where both groups were not followed that long.
    pub asked: Option<f64>,
    /// Times, from 0 to the horizon.
    pub times: Vec<f64>,
    /// Participants.
    pub treated: SurvivalCurve,
    /// Matched pool, weighted.
    pub comparison: SurvivalCurve,
}

/// One curve, an entry a time.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
pub struct SurvivalCurve {
    /// Share to whom it has not happened yet.
    pub surv: Vec<f64>,
    /// Pointwise 95 % band on the log(-log) scale, low.
    pub low: Vec<f64>,
    /// High.
    pub high: Vec<f64>,
    /// People to whom it has happened.
    pub events: Vec<u64>,
    /// People still followed (a sum of weights for the matched pool); empty where withheld.
    pub at_risk: Vec<f64>,
}

/// Weighted quantiles of each group.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct QuantilesFinding {
    /// Shares of people: 0.1, 0.25, 0.5, 0.75, 0.9, or those of them that could be released.
    pub shares: Vec<f64>,
    /// Participants' values.
    pub treated: Vec<f64>,
    /// Matched pool's values.
    pub comparison: Vec<f64>,
    /// Participants' median minus the matched pool's.
    pub median_difference: Option<Difference>,
}
