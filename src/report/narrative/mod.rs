//! The words of the report: natural frequencies first, an interval beside every number, and a pair
//! of ready sentences for each outcome. A result that is not significant is never worded as if
//! nothing had happened.

mod agreement;
mod estimate;
mod limits;
mod method;
mod next;
mod say;
mod survival;
mod unseen;
mod verdict;

pub use agreement::{Agreement, comparable};
pub use estimate::{could_be, estimate, observed};
pub use limits::{power_words, rounding_note};
pub use method::{method, reading_the_numbers};
pub use next::next_steps;
pub use say::{can_say, cannot_say};
pub use survival::{free_of_it, time as survival_time, written as survival_written};
pub use unseen::{e_values_table, placebo_sentence, placebo_table, placebo_warning, robustness};
pub use verdict::{Verdict, headline, how_sure};

use crate::disclosure::findings::{Analysis, Difference, Findings, OutcomeFinding};
use crate::report::numbers::ALPHA;
use crate::study::{OutcomeKind, Words};

/// Which side of zero the interval lies on. The interval decides, and p comes from the same statistic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The whole interval lies below zero.
    Lower,
    /// The whole interval lies above zero.
    Higher,
    /// The interval holds zero.
    Unclear,
}

impl Direction {
    /// Read off the interval.
    pub fn of(d: &Difference) -> Direction {
        if d.ci_high < 0.0 {
            Direction::Lower
        } else if d.ci_low > 0.0 {
            Direction::Higher
        } else {
            Direction::Unclear
        }
    }

    /// Does the interval leave zero out?
    pub fn significant(self) -> bool {
        self != Direction::Unclear
    }
}

/// Does the interval leave zero out, and p after Holm say that chance alone may do as much?
pub fn among_many(d: &Difference) -> bool {
    Direction::of(d).significant() && d.p_holm.is_some_and(|holm| holm >= ALPHA)
}

/// Significant or not, for a table.
pub fn significant(d: &Difference) -> &'static str {
    match (Direction::of(d).significant(), among_many(d)) {
        (false, _) => "No",
        (true, false) => "Yes",
        (true, true) => "On its own; not among all outcomes tested",
    }
}

/// The analysis the headline speaks of.
pub fn headline_analysis(findings: &Findings) -> Option<&Analysis> {
    let analyses = &findings.analyses;
    analyses
        .iter()
        .find(|a| a.headline)
        .or_else(|| analyses.first())
}

/// The outcome fixed beforehand as the deciding one.
pub fn primary_outcome(analysis: &Analysis) -> Option<&OutcomeFinding> {
    let outcomes = &analysis.outcomes;
    outcomes
        .iter()
        .find(|o| o.primary)
        .or_else(|| outcomes.first())
}

/// What is measured, as it stands in the middle of a sentence.
pub fn measure(o: &OutcomeFinding) -> String {
    let phrase = o.phrase.trim();
    let named = in_sentence(title(o));
    let kind = match o.kind {
        // Levels come one by one, each a share of people.
        OutcomeKind::Ordered | OutcomeKind::Categories => OutcomeKind::Binary,
        kind => kind,
    };
    match (kind, phrase.is_empty()) {
        (OutcomeKind::Binary, false) => format!("the number {phrase}"),
        (OutcomeKind::Binary, true) => format!("the number with \u{201c}{}\u{201d}", title(o)),
        (OutcomeKind::Count, false) => format!("the number of {phrase}"),
        (OutcomeKind::Count, true) => format!("the number of {named}"),
        (OutcomeKind::Duration, false) => format!("the average time to {phrase}"),
        (OutcomeKind::Duration, true) => format!("the average time to {named}"),
        (OutcomeKind::Survival, without) => {
            let what = if without { &named } else { phrase };
            format!("the average time to {what}{}", survival::counted_up_to(o))
        }
        (_, false) => format!("average {phrase}"),
        (_, true) => format!("average {named}"),
    }
}

/// What its table is called.
pub fn title(o: &OutcomeFinding) -> &str {
    if o.label.trim().is_empty() {
        &o.name
    } else {
        o.label.trim()
    }
}

/// A label inside a sentence: small first letter, unless it begins with an abbreviation.
pub fn in_sentence(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.next()) {
        (Some(a), Some(b)) if a.is_uppercase() && b.is_lowercase() => {
            a.to_lowercase().chain(label.chars().skip(1)).collect()
        }
        _ => label.to_owned(),
    }
}

/// Large first letter.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// Ends with exactly one full stop (or the mark it already has).
pub fn sentence(text: &str) -> String {
    let text = capital(text.trim());
    if text.is_empty() || text.ends_with(['.', '!', '?']) {
        text
    } else {
        text + "."
    }
}

/// `people` to `person`, `patients` to `patient`: for sentences about one or fewer.
pub fn one_of(words: &Words) -> String {
    match words.people.as_str() {
        "people" => "person".into(),
        "children" => "child".into(),
        "women" => "woman".into(),
        "men" => "man".into(),
        other => match (other.strip_suffix("ies"), other.strip_suffix('s')) {
            (Some(stem), _) => format!("{stem}y"),
            (None, Some(stem)) => stem.into(),
            (None, None) => other.into(),
        },
    }
}
