//! Words for people: states, steps, times.

use crate::service::model::{EndReason, State};
use crate::service::store::Submission;
use crate::service::worker::{CHECKED, Step};

/// A state as a tag says it: the words, and the colour of the design system beside them.
pub fn tag(of: &Submission) -> (&'static str, &'static str) {
    let code = of.problem.as_ref().and_then(|p| p["code"].as_str());
    if code == Some(CHECKED) {
        return ("Checked", "govuk-tag--green");
    }
    match (of.state, of.reason) {
        (State::Received, _) => ("Waiting its turn", "govuk-tag--light-blue"),
        (State::Running, _) => ("Being worked on", "govuk-tag--blue"),
        (State::AwaitingRelease, _) => ("Being checked", "govuk-tag--yellow"),
        (State::Released, _) => ("Report ready", "govuk-tag--green"),
        (State::Incident, _) => ("Being looked into", "govuk-tag--red"),
        (State::Erased, Some(EndReason::NoAnswer)) => ("Problems found", "govuk-tag--red"),
        (State::Erased, Some(EndReason::Withdrawn)) => ("Withdrawn", "govuk-tag--grey"),
        (State::Erased, Some(EndReason::NotApproved)) => ("Not released", "govuk-tag--grey"),
        (State::Erased, _) => ("Did not finish", "govuk-tag--red"),
    }
}

/// The way of a list, in order: the step's one word, and what is said of it.
pub fn steps(event: &str) -> Vec<(&'static str, String)> {
    let words = |step: Step| match step {
        Step::Received => "Your list has arrived".into(),
        Step::Started => "It is your list's turn".into(),
        Step::Reading => "Reading your list".into(),
        Step::Linking => "Looking for your people in the register".into(),
        Step::IndexEvents => format!("Finding the {event} your help followed"),
        Step::Designing => "Finding people like them to compare with".into(),
        Step::Comparing => "Comparing what happened next".into(),
        Step::Checking => "Checking the answer in other ways".into(),
        Step::Writing => "Writing the report".into(),
    };
    let mut steps: Vec<(&str, String)> = Step::ALL
        .into_iter()
        .map(|step| (step.name(), words(step)))
        .collect();
    steps.push((
        "erased",
        "Erasing your list, and checking that it is gone".into(),
    ));
    steps
}

/// A moment in milliseconds since 1970, to the minute, in UTC.
pub fn moment(ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

/// A moment as evidence has it, to the second.
pub fn wall(text: &str) -> String {
    match text.parse::<jiff::Timestamp>() {
        Ok(at) => at.strftime("%-d %B %Y, %H:%M:%S UTC").to_string(),
        Err(_) => text.to_owned(),
    }
}

/// A day in ISO 8601.
pub fn day(iso: &str) -> String {
    match iso.parse::<jiff::civil::Date>() {
        Ok(day) => day.strftime("%-d %B %Y").to_string(),
        Err(_) => iso.to_owned(),
    }
}

/// A whole number with commas.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(d);
    }
    text
}

/// A text with its first letter large, and a full stop at its end.
pub fn sentence(text: &str) -> String {
    let mut letters = text.trim().chars();
    let first = letters.next().map(char::to_uppercase);
    let mut said: String = first.into_iter().flatten().chain(letters).collect();
    if !said.is_empty() && !said.ends_with(['.', '?', '!']) {
        said.push('.');
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_numbers_are_written_as_people_write_them() {
        assert_eq!(moment(1_795_435_200_000), "23 November 2026, 12:00 UTC");
        assert_eq!(
            wall("2026-11-23T12:00:05.123Z"),
            "23 November 2026, 12:00:05 UTC"
        );
        assert_eq!(wall("no time"), "no time");
        assert_eq!(day("2025-03-31"), "31 March 2025");
        for (n, words) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(number(n), words);
        }
    }

    #[test]
    fn a_rule_is_told_as_a_sentence() {
        assert_eq!(sentence("the date is missing"), "The date is missing.");
        assert_eq!(sentence("why?"), "Why?");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn every_step_of_a_worker_has_words_and_erasing_comes_last() {
        let steps = steps("sentence or release");
        assert_eq!(steps.len(), Step::ALL.len() + 1);
        assert!(
            steps
                .iter()
                .all(|(_, words)| words.starts_with(char::is_uppercase))
        );
        assert_eq!(steps.last().map(|s| s.0), Some("erased"));
    }
}
