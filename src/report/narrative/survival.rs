//! Words for times to an event that does not happen to everybody.

use super::Direction;
use super::estimate::noun;
use crate::disclosure::findings::OutcomeFinding;
use crate::report::numbers::fixed;
use crate::study::{OutcomeKind, Words};

/// A time in the outcome's unit: `365 days`, `1 week`.
pub fn time(o: &OutcomeFinding, t: f64) -> String {
    let written = written(t);
    // The noun of a time does not depend on the words of the study.
    let unit = noun(o, &Words::default(), written == "1");
    format!("{written}{unit}")
}

/// A time as it is written: whole where it is.
pub fn written(t: f64) -> String {
    fixed(t, if t.fract() == 0.0 { 0 } else { 1 })
}

/// " (counting at most 365 days)": what is averaged is cut off where following ends.
pub(super) fn counted_up_to(o: &OutcomeFinding) -> String {
    o.survival.as_ref().map_or_else(String::new, |s| {
        format!(" (counting at most {})", time(o, s.horizon))
    })
}

/// What follows the limits: nothing is known beyond the horizon.
pub(super) fn afterwards(o: &OutcomeFinding) -> String {
    match &o.survival {
        Some(s) => format!(
            " Nothing is known of the time after {}.",
            time(o, s.horizon)
        ),
        None => String::new(),
    }
}

/// "Within 365 days it had happened to 38 of 100 typical people in the treatment group, and to 45 of
/// 100 in the comparison group." And, where the study asked for longer, that it could not be. It
/// follows the sentence that says what "it" is.
pub fn free_of_it(o: &OutcomeFinding, words: &Words) -> Option<String> {
    let s = o
        .survival
        .as_ref()
        .filter(|_| o.kind == OutcomeKind::Survival)?;
    let (t, c) = (s.treated.surv.last()?, s.comparison.surv.last()?);
    let hundred = |free: f64| fixed(100.0 * (1.0 - free), 0);
    let mut said = format!(
        "Within {} it had happened to {} of 100 typical {} in the treatment group, and to {} of 100 in the comparison group.",
        time(o, s.horizon),
        hundred(*t),
        words.people,
        hundred(*c),
    );
    if let Some(asked) = s.asked {
        said.push_str(&format!(
            " The study asked for {}, but not both groups were followed that long.",
            time(o, asked)
        ));
    }
    if let Some(d) = &o.difference
        && Direction::of(d) == Direction::Unclear
    {
        said.push_str(" A gap between the two may be due to chance.");
    }
    Some(said)
}
