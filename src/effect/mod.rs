//! What happened to participants and counterparts: differences, ratios, how sure.
//!
//! Every estimate is a function of four averages, so one idea gives every standard error: replace
//! each outcome by its influence on the estimate and put that into the variance of a matched
//! difference (the delta method).

mod estimate;
mod inference;
mod influence;
mod local;
pub mod power;
mod sensitivity;
mod variance;

pub use estimate::{Estimate, EstimateError, Interval, OutcomeData, RatioEstimate, estimate};
pub use inference::{DETECTABLE, holm, number_needed};
pub use local::{NEIGHBOURS, neighbour_variance};
pub use sensitivity::e_value;
