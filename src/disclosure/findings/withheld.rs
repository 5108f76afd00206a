//! What is asked for and not given.

use serde::{Deserialize, Serialize};

/// An analysis that the study asks for and that cannot be given: no numbers, a reason.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct WithheldAnalysis {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Why, in words.
    pub reason: String,
}
