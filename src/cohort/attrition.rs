//! Where people are lost, step by step, with the reason and what could be changed.

use serde::Serialize;

/// A step of the attrition: `people` are those left after it. What is lost adds up to the drop
/// from the step before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// `submitted`, `readable`, `unique`, and linkage's steps after them.
    pub step: &'static str,
    /// What the step asks for, in words.
    pub reason: String,
    /// People left.
    pub people: u64,
    /// People lost here, by reason.
    pub lost: Vec<Lost>,
}

/// People lost for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// In words.
    pub reason: String,
    /// How many.
    pub people: u64,
    /// What the charity could change, if anything.
    pub remedy: Option<String>,
}
