//! Can a file be used?

use serde::Serialize;

/// The answer, as a sentence too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Verdict {
    /// Yes.
    Usable {
        /// People who can be looked for.
        people: u64,
    },
    /// A column is missing, or two have the same meaning.
    Headings,
    /// Headings, and nobody below them.
    NoRows,
    /// No row could be used.
    NobodyUsable,
    /// Fewer people than the study's disclosure rules ask for.
    TooFew {
        /// People who can be looked for.
        people: u64,
        /// People needed.
        needed: u64,
    },
}

impl Verdict {
    /// Yes or no.
    pub fn is_usable(self) -> bool {
        matches!(self, Verdict::Usable { .. })
    }

    /// For people.
    pub fn sentence(self) -> String {
        match self {
            Verdict::Usable { people } => {
                format!("This file can be used: {people} people can be looked for in the register.")
            }
            Verdict::Headings => {
                "This file cannot be used yet: its headings have to be put right first.".into()
            }
            Verdict::NoRows => {
                "This file cannot be used: it has headings and no rows of people below them.".into()
            }
            Verdict::NobodyUsable => {
                "This file cannot be used: no row has all that is needed to find the person.".into()
            }
            Verdict::TooFew { people, needed } => format!(
                "Too few people: {people} can be used and {needed} are needed, {} more.",
                needed - people
            ),
        }
    }
}
