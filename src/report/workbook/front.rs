//! What stands before the tables: the cover, the list of contents, the notes.

use super::{Missing, Sheet, Value};
use crate::disclosure::findings::Findings;
use crate::report::html::{moment, policy};
use crate::report::narrative::{self, reading_the_numbers, sentence};

/// The notes' sheet.
pub(super) const NOTES: &str = "Notes";

/// What this is, whose, and of when.
pub(super) fn cover(findings: &Findings) -> Sheet {
    let mut sheet = Sheet::new("Cover", &format!("{}: tables", findings.study.title), &[]);
    let mut say = |line: String| sheet.about.push(line);
    say(narrative::headline(findings));
    for line in narrative::how_sure(findings) {
        say(line);
    }
    say(policy(&findings.disclosure.policy).to_owned());
    say("The sheet Contents lists the tables, a sheet each. The sheet Notes explains columns and shorthand and says what was held back.".into());
    say(
        "Numbers are as released: a cell holds every digit, of which its format shows a few."
            .into(),
    );
    let run = &findings.run;
    say(format!("Finished: {}.", moment(&run.finished)));
    say(format!("Study: {}.", findings.study.id));
    say(format!(
        "Study file (SHA-256): {}.",
        findings.study.spec_digest
    ));
    say(format!("Design (SHA-256): {}.", run.design_digest));
    say(format!("Seed: {}.", run.seed));
    say(format!("Made by counterpart {}.", run.engine_version));
    if let Some(erasure) = &findings.erasure {
        say(format!(
            "The list of participants has been erased. The certificate is {}, its fingerprint (SHA-256) {}.",
            erasure.certificate_id, erasure.digest
        ));
    }
    sheet
}

/// Every sheet that follows.
pub(super) fn contents(tables: &[Sheet]) -> Sheet {
    let mut sheet = Sheet::new(
        "Contents",
        "Contents",
        &[("Sheet", 24), ("What it shows", 80)],
    );
    sheet.row(vec![
        Value::Link(NOTES),
        Value::text("Columns, shorthand, and what was held back"),
    ]);
    for table in tables {
        sheet.row(vec![Value::Link(table.name), Value::text(&table.title)]);
    }
    sheet
}

/// Everything a reader of a table may have to look up.
pub(super) fn notes(findings: &Findings) -> Sheet {
    let mut sheet = Sheet::new(NOTES, NOTES, &[("About", 24), ("Note", 110)]);
    let mut note = |about: &str, text: &str| {
        sheet.row(vec![Value::text(about), Value::text(text)]);
    };
    for missing in Missing::ALL {
        note(
            &format!("Shorthand {}", missing.shorthand()),
            missing.meaning(),
        );
    }
    for (term, meaning) in reading_the_numbers() {
        note(term, meaning);
    }
    if super::results::banded(findings) {
        note(
            "p",
            "Given as a band: <0.001, <0.01, <0.05, or 0.05 or more.",
        );
    }
    for w in &findings.warnings {
        note("Before you use a result", &w.message);
    }
    for said in &findings.in_context {
        note("In context", said);
    }
    for (analysis, outcome) in super::results::outcomes(findings) {
        let about = narrative::title(outcome);
        if let Some(reason) = &outcome.suppressed {
            let text = format!("{}: withheld. {}", analysis.title, sentence(reason));
            note(about, &text);
        }
        if let Some(why) = &outcome.no_ratio {
            note(about, &sentence(why));
        }
    }
    for text in &findings.sensitivity.notes {
        note("Other choices", text);
    }
    for rule in &findings.disclosure.rules_applied {
        note("What was held back", &sentence(rule));
    }
    for limit in findings.disclosure.control.iter().flat_map(|c| &c.limits) {
        note("What this does not promise", &sentence(limit));
    }
    sheet
}
