//! The optional columns that analyses go by: who completed, and where. Read where the study asks for them,
//! never needed, never used to find anybody, and never repeated.

use super::kit::*;
use counterpart::cohort::{Cohort, Severity, template};

fn of(study: &str, heading: &str, values: &[&str]) -> Cohort {
    let mut text = format!("forename;surname;dob;programme_start;{heading}\n");
    for (i, value) in values.iter().enumerate() {
        let name: String = i.to_string().bytes().map(|b| char::from(b + 49)).collect();
        text += &format!("Ada{name};Quux{name};03/04/1980;05/06/2023;{value}\n");
    }
    read_for(&model(study), text)
}

#[test]
fn yes_and_no_are_read_as_people_write_them() {
    let values = ["yes", "N", "TRUE", "0", "", "n/a", "Completed"];
    let cohort = of("reoffending", "Completed yes/no?", &values);
    let read: Vec<Option<bool>> = cohort.participants.iter().map(|p| p.completed).collect();
    let (yes, no) = (Some(true), Some(false));
    assert_eq!(read, [yes, no, yes, no, None, None, yes]);
    assert!(cohort.problems.is_empty());
}

#[test]
fn what_breaks_its_rule_is_told_by_row_and_column_and_costs_nobody() {
    let cohort = of("reoffending", "completed_yes_no", &["yes", "Zebedee", "no"]);
    assert_eq!(cohort.participants.len(), 3);
    let [problem] = &cohort.problems[..] else {
        panic!("{} problems", cohort.problems.len());
    };
    assert_eq!((problem.row, problem.severity), (3, Severity::Warning));
    assert_eq!(problem.column.as_deref(), Some("completed_yes_no"));
    assert!(!format!("{problem:?}").contains("Zebedee"));
    let cohort = of(
        "reoffending",
        "site",
        &["North Street", "=cmd()", "Unit 4 (West)"],
    );
    let there: Vec<bool> = cohort
        .participants
        .iter()
        .map(|p| p.site.is_some())
        .collect();
    assert_eq!(there, [true, false, true]);
    assert_eq!(cohort.problems.len(), 1);
}

#[test]
fn a_study_that_does_not_ask_reads_neither_and_its_template_has_neither() {
    let cohort = of("employment", "site", &["North Street", "=cmd()"]);
    assert!(cohort.participants.iter().all(|p| p.site.is_none()));
    assert!(cohort.problems.is_empty());
    let headings = |study: &str| template(&model(study)).trim_end().to_owned();
    assert!(headings("employment").ends_with(",ethnicity"));
    assert!(headings("reoffending").ends_with(",ethnicity,completed_yes_no,site"));
}

#[test]
fn a_column_of_dates_called_completed_is_still_the_last_day() {
    let cohort = of("reoffending", "completed", &["05/09/2023", "06/09/2023"]);
    assert!(cohort.problems.is_empty());
    assert!(cohort.participants.iter().all(|p| p.completed.is_none()));
}
