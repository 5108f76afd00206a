//! People to register, then person to the right index event.
//!
//! [`link`] finds people by the study's keys; [`index_events`] finds each one's index event and
//! gathers the comparison pool. Every loss is counted with its reason, so that the attrition adds
//! up from the people handed in to the people followed up.

mod assign;
mod compare;
mod exact;
mod explain;
mod gather;
mod index_event;
mod losses;
mod model;
mod people;
mod pool;
mod rate;
mod reasons;
mod sample;
mod score;
mod train;

pub use compare::{Field, Pattern};
pub use explain::{Step as WaterfallStep, Waterfall, explain};
pub use index_event::{Selection, index_events};
pub use model::{LinkageModel, ModelError, TrainedOn};
pub use people::{FoundBy, Link, Links, Looked, MIGHT, link, look, search};
pub use score::{Found, Scored, score, train_and_score};
pub use train::{Trained, train};

/// What can go wrong in linkage.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum LinkageError {
    /// The study's linkage model cannot be used.
    #[error("the linkage model {name} cannot be used: {reason}")]
    Model {
        /// Which file.
        name: String,
        /// Why.
        reason: String,
    },
    /// An eligibility rule names a column that was not read.
    #[error("eligibility needs the column `{column}`, which was not read from the register")]
    NoColumn {
        /// Which column.
        column: String,
    },
    /// The date of the index event is no date.
    #[error("the index event is chosen by the column `{column}`, which holds no dates")]
    NoDates {
        /// Which column.
        column: String,
    },
    /// An eligibility rule that nobody can meet.
    #[error("eligibility allows {allowed} for `{column}`; {rule}")]
    BadRule {
        /// Which column.
        column: String,
        /// What the study allows.
        allowed: String,
        /// Why nobody can meet it.
        rule: String,
    },
}
