//! What happened to participants and counterparts: differences, ratios, how sure.
//!
//! Every estimate is a function of four averages, so one idea gives every standard error: replace
//! each outcome by its influence on the estimate and put that into the variance of a matched
//! difference (the delta method).

pub mod adjusted;
pub mod cox;
mod estimate;
mod gather;
mod inference;
mod influence;
pub mod kaplan_meier;
mod levels;
mod local;
pub mod power;
pub mod quantiles;
mod ratios;
mod sensitivity;
mod stacked;
pub mod survival;
mod variance;

pub use estimate::{Estimate, Interval, OutcomeData, RatioEstimate, estimate};
pub use gather::EstimateError;
pub use inference::{DETECTABLE, holm, number_needed};
pub use levels::{Level, MOST_LEVELS, levels};
pub use local::{NEIGHBOURS, neighbour_variance};
pub use sensitivity::{
    ALPHA, Basis, COMMON, EValue, GAMMA_CAP, HiddenBias, HiddenBiasTest, MatchedSet, Rosenbaum,
    disjoint_sets, e_value, from_difference, from_ratio,
};
