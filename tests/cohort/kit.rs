//! What the tests share: a study, a day, and ways of asking for a problem.

use counterpart::cohort::{self, Cohort, CohortError, Problem, Severity};
use counterpart::study::{LinkageKey, LinkageMethod, Study};
use std::path::Path;

/// 2026-11-22.
pub const TODAY: i32 = 20_779;

/// A study that asks for so many people and finds them by exact keys: what makes a row usable is
/// strictest there. (For the other way see `likeness.rs`.)
pub fn study_asking_for(min_submitted: u32) -> Study {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/models/reoffending.toml");
    let mut study = Study::load(Path::new(file)).unwrap();
    study.disclosure.min_submitted = min_submitted;
    study.linkage.method = LinkageMethod::Exact;
    study
}

/// A study of `models/`, for lists of any size.
pub fn model(name: &str) -> Study {
    let file = format!("{}/models/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let mut study = Study::load(Path::new(&file)).unwrap();
    study.disclosure.min_submitted = 1;
    study
}

/// A file that has to be read for that study.
pub fn read_for(study: &Study, text: impl AsRef<[u8]>) -> Cohort {
    match cohort::read_bytes(text.as_ref(), study, TODAY) {
        Ok(cohort) => cohort,
        Err(e) => panic!("refused: {e}"),
    }
}

pub fn study_with_keys(keys: &[LinkageKey]) -> Study {
    let mut study = study_asking_for(1);
    study.linkage.keys = keys.to_vec();
    study
}

pub fn try_read(bytes: &[u8]) -> Result<Cohort, CohortError> {
    cohort::read_bytes(bytes, &study_asking_for(1), TODAY)
}

/// A file that has to be read, whatever is wrong inside.
pub fn read(text: impl AsRef<[u8]>) -> Cohort {
    match try_read(text.as_ref()) {
        Ok(cohort) => cohort,
        Err(e) => panic!("refused: {e}"),
    }
}

/// A file that has to be refused.
pub fn refused(bytes: impl AsRef<[u8]>) -> CohortError {
    match try_read(bytes.as_ref()) {
        Ok(_) => panic!("was read"),
        Err(e) => e,
    }
}

/// Headings and rows for a person called Ada Quux.
pub const HEAD: &str = "forename,surname,dob,pnc_id,programme_start\n";

/// One row of [`HEAD`] with this date of birth and start.
pub fn dated(dob: &str, start: &str) -> Cohort {
    read(format!("{HEAD}Ada,Quux,\"{dob}\",,\"{start}\"\n"))
}

pub fn iso(days: i32) -> String {
    cohort::iso(days)
}

/// Problems about a column.
pub fn about<'c>(cohort: &'c Cohort, column: &str) -> Vec<&'c Problem> {
    let about = |p: &&Problem| p.column.as_deref() == Some(column);
    cohort.problems.iter().filter(about).collect()
}

pub fn errors(cohort: &Cohort) -> Vec<&Problem> {
    let is_error = |p: &&Problem| p.severity == Severity::Error;
    cohort.problems.iter().filter(is_error).collect()
}

/// Is there a problem whose rule says this?
pub fn says(cohort: &Cohort, words: &str) -> bool {
    cohort.problems.iter().any(|p| p.rule.contains(words))
}

/// The attrition adds up, and agrees with the rest.
pub fn assert_adds_up(cohort: &Cohort) {
    let flow = cohort.attrition();
    let steps: Vec<&str> = flow.iter().map(|s| s.step).collect();
    assert_eq!(steps, ["submitted", "readable", "unique"]);
    for pair in flow.windows(2) {
        let lost: u64 = pair[1].lost.iter().map(|l| l.people).sum();
        assert_eq!(pair[0].people - lost, pair[1].people);
    }
    assert_eq!(flow[2].people, cohort.participants.len() as u64);
    assert_eq!(flow[0].people, cohort.submitted);
}
