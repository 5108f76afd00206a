//! What may leave. The only maker of [`Released`].

mod attrition;
mod counts;
mod curves;
mod differencing;
pub mod findings;
mod formal;
mod leaves;
mod noise;
mod outcome;
mod parts;
mod print;
mod printed;
pub mod releases;
mod rules;
mod said;
mod sensitivity;
mod subgroups;
mod suppression;
mod tables;
mod thresholds;

pub use differencing::People;
pub use findings::Findings;
pub use leaves::{Rule, keeps, rule};
pub use noise::{Noise, variance as noise_variance};
pub use rules::{Cell, EachSide, Evidence, release, release_with};
pub use thresholds::AtOtherThreshold;

/// A value that has passed disclosure control. Reports take nothing else.
#[derive(Debug, Clone)]
pub struct Released<T>(T);

impl<T> Released<T> {
    /// The released value.
    pub fn get(&self) -> &T {
        &self.0
    }

    /// The released value, for a report to put words to.
    pub fn into_inner(self) -> T {
        self.0
    }
}
