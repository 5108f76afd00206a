//! What is asked for and not given.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

/// The policy in force as a machine reads it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
pub struct Control {
    /// Fewest people submitted.
    pub min_submitted: u32,
    /// Fewest people matched.
    pub min_matched: u32,
    /// Fewest with, and without, a yes-or-no outcome in each group.
    pub min_each_side: u32,
    /// Counts of people go to the nearest multiple of this.
    pub count_unit: u64,
    /// What all the noise of this report spends together; null where there is none.
    pub epsilon: Option<f64>,
    /// Is a release of nearly the same people refused, and each person's use counted?
    pub repeats_guarded: bool,
    /// Each rule for numbers in words, with the places in this file that leave by it.
    pub numbers: BTreeMap<String, Vec<String>>,
    /// What the mode does not promise, in words.
    pub limits: Vec<String>,
}
