//! What to do next: a few sentences, each tied to something the evidence shows.

use super::{Verdict, headline_analysis, in_sentence, primary_outcome, sentence};
use crate::disclosure::findings::{Findings, FlowStep, OutcomeFinding};
use crate::report::numbers::{about, count, percent};
use crate::study::Words;

/// In the order in which they matter.
pub fn next_steps(findings: &Findings) -> Vec<String> {
    let words = &findings.study.words;
    let mut steps = first(findings, words);
    steps.extend(biggest_loss(&findings.flow));
    steps
}

fn first(findings: &Findings, words: &Words) -> Vec<String> {
    let support = &words.support;
    let Some(analysis) = headline_analysis(findings) else {
        return vec![more_people(None, words)];
    };
    let primary = primary_outcome(analysis);
    match Verdict::of(findings) {
        Verdict::Better => vec![
            format!("Share this result, with its range. It supports carrying on with {support}."),
            "Send the next group when its follow-up is complete. A result seen twice is far stronger than one seen once.".into(),
        ],
        Verdict::Worse => vec![
            "Look into this before the programme grows. Ask who was referred, who dropped out, and what changed for them.".into(),
            "Send the next group when its follow-up is complete, to see whether the result holds.".into(),
        ],
        Verdict::Different => vec![
            "Decide with those who know the programme whether this difference is wanted. The study did not say which direction is good.".into(),
        ],
        Verdict::CannotTell => vec![more_people(primary, words)],
        Verdict::NotMatched => {
            let red: Vec<String> = analysis
                .balance
                .iter()
                .filter(|r| r.light == "red")
                .take(3)
                .map(|r| in_sentence(if r.label.is_empty() { &r.term } else { &r.label }))
                .collect();
            let on = match red.is_empty() {
                true => String::new(),
                false => format!(" Begin with {}.", red.join(", ")),
            };
            vec![format!(
                "Look for a better comparison: a larger or more similar pool, a narrower caliper, or a smaller and clearer group of participants.{on}"
            )]
        }
        Verdict::Withheld => vec![more_people(primary, words)],
    }
}

/// Pooling is the way out for small programmes.
fn more_people(primary: Option<&OutcomeFinding>, words: &Words) -> String {
    let people = &words.people;
    let pool = format!(
        "Put several groups together: send earlier and later {people} of the same programme as one list, or join with others who run it."
    );
    match primary.and_then(|o| o.number_needed.filter(|_| o.suppressed.is_none())) {
        Some(n) if n <= 1_000_000 => format!(
            "To be sure of the direction of a difference like this one, about {} {people} in the treatment group would be needed. {pool}",
            about(n)
        ),
        _ => pool,
    }
}

/// The reason that cost most people, and its remedy.
fn biggest_loss(flow: &[FlowStep]) -> Option<String> {
    let submitted = flow.first()?.people;
    let by_reason = flow
        .iter()
        .flat_map(|s| &s.lost)
        .filter(|l| l.people > 0)
        .max_by_key(|l| l.people);
    let (lost, reason, remedy) = match by_reason {
        Some(l) => (l.people, l.reason.as_str(), l.remedy.as_deref()),
        None => flow
            .windows(2)
            .map(|w| (w[0].people.saturating_sub(w[1].people), &w[1]))
            .filter(|(lost, _)| *lost > 0)
            .max_by_key(|(lost, _)| *lost)
            .map(|(lost, step)| (lost, step.reason.as_str(), None))?,
    };
    let share = percent(100.0 * lost as f64 / submitted.max(1) as f64, lost);
    let remedy = remedy.map_or(String::new(), |r| format!(" {}", sentence(r)));
    Some(format!(
        "Lose fewer people on the way. The largest loss was {} of {} ({share}): {}.{remedy}",
        count(lost),
        count(submitted),
        in_sentence(reason.trim_end_matches('.'))
    ))
}
