//! Attrition: who was lost at which step, why, and what could be done about it.

/// A step of the attrition: `people` are those left after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Short name: `readable`, `unique`, `found`, ...
    pub step: &'static str,
    /// Why people are lost at this step, in words.
    pub reason: String,
    /// People left.
    pub people: u64,
    /// Who was lost, by reason; adds up to the drop from the step before.
    pub lost: Vec<Lost>,
}

/// People lost for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// In words.
    pub reason: String,
    /// How many.
    pub people: u64,
    /// What could be changed, if anything.
    pub remedy: Option<String>,
}
