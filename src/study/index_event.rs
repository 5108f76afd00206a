//! The rule that picks one event of a person's: the sentence or release that the programme followed.

use super::OutcomeSpec;
use super::parse::{Broken, refuse_outcome};
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// The register's own date of an event, from which outcomes are measured.
pub const EVENT_DATE: &str = "event_date";

/// Days a window may reach to one side: a hundred years.
const LONGEST_WINDOW: u32 = 36_525;

/// The index event of a participant: an eligible one dated within the window around the start.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct IndexEventRule {
    /// The event may lie this many days before the programme's start ...
    pub window_before_days: u32,
    /// ... and this many after it (support that began before release).
    pub window_after_days: u32,
    /// The date the window looks at: [`EVENT_DATE`], or another date column of the register's
    /// events (`end_date`: a sentence that ended within the window). Outcomes and follow-up always
    /// count from [`EVENT_DATE`].
    pub date: String,
    /// Which of several eligible events in the window.
    pub several: Several,
    /// An event whose follow-up is not complete counts for nothing, so that another one in the
    /// window can stand in for it. Without it such a person is lost.
    pub fall_back: bool,
}

impl Default for IndexEventRule {
    fn default() -> Self {
        IndexEventRule {
            window_before_days: 365,
            window_after_days: 0,
            date: EVENT_DATE.into(),
            several: Several::Latest,
            fall_back: false,
        }
    }
}

/// Which of several eligible events in the window is the index event.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash, Default)]
#[serde(rename_all = "snake_case")]
pub enum Several {
    /// The last one.
    #[default]
    Latest,
    /// The first one.
    Earliest,
    /// The fewest days from the start; of two equally near, the one before it.
    Nearest,
    /// None: who has several is left out, and counted.
    Refuse,
}

impl Several {
    /// For people: `the latest of them`.
    pub fn in_words(self) -> &'static str {
        match self {
            Several::Latest => "the latest",
            Several::Earliest => "the earliest",
            Several::Nearest => "the one nearest to the start",
            Several::Refuse => "none: they are left out",
        }
    }
}

impl IndexEventRule {
    /// The date column to be read beside the register's own, if the rule names one.
    pub fn other_date(&self) -> Option<&str> {
        (self.date != EVENT_DATE).then_some(self.date.as_str())
    }

    /// The rule it breaks, if any.
    fn fault(&self) -> Option<String> {
        for (name, days) in [
            ("window_before_days", self.window_before_days),
            ("window_after_days", self.window_after_days),
        ] {
            if days > LONGEST_WINDOW {
                let rule = format!("`{name}` must be from 0 to {LONGEST_WINDOW} (a hundred years)");
                return Some(rule);
            }
        }
        if self.date.trim().is_empty() {
            let rule = "`date` is empty: name a date column of the register's events, such as event_date or end_date";
            return Some(rule.into());
        }
        if self.fall_back && self.several == Several::Refuse {
            let rule = "`fall_back` needs several = \"latest\", \"earliest\" or \"nearest\": with \"refuse\" there is no other event to fall back to";
            return Some(rule.into());
        }
        None
    }
}

/// The rule as a study file gives it, checked.
pub(super) fn index_event(
    raw: Option<Spanned<IndexEventRule>>,
    outcomes: &[OutcomeSpec],
) -> Result<IndexEventRule, Broken> {
    let Some(raw) = raw else {
        return Ok(IndexEventRule::default());
    };
    let rule = raw.get_ref();
    let role = "the date of the index event";
    refuse_outcome(&rule.date, &raw.span(), outcomes, role)?;
    match rule.fault() {
        Some(fault) => Err((raw.span(), fault)),
        None => Ok(raw.into_inner()),
    }
}
