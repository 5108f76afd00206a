//! The heading row: synonyms, places, faults.

use crate::kit::*;
use counterpart::cohort::{self, CohortError, Verdict};
use counterpart::study::LinkageKey;

#[test]
fn headings_are_known_by_many_names() {
    for head in [
        "Forename,Surname,DOB,Start Date",
        "FIRST NAME(S),LAST NAME,D.O.B.,PROGRAMME START DATE",
        "given_name,family_name,date_of_birth,start_of_programme",
        " First  Name , Last-Name , Birth Date , Intervention Start ",
        "Client's forename,Client's surname,Client's date of birth (dd/mm/yyyy),Start date*",
    ] {
        let cohort = read(format!("{head}\nAda,Quux,03/04/1980,05/06/2023\n"));
        assert_eq!(cohort.participants.len(), 1, "{head}");
        assert!(cohort.problems.is_empty(), "{head}");
    }
}

#[test]
fn headings_may_stand_below_a_title() {
    let cohort =
        read("Referrals,,,\n\nforename,surname,dob,start\nAda,Quux,03/04/1980,05/06/2023\n");
    assert_eq!(cohort.quality.heading_row, 3);
    assert_eq!(cohort.participants[0].row, 4);
    assert!(says(&cohort, "above the headings: 2 rows"));
}

#[test]
fn a_file_without_headings_is_refused_and_not_repeated() {
    let error = refused("Ada,Quux,03/04/1980,05/06/2023\nBob,Quux,03/04/1981,05/06/2023\n");
    assert_eq!(error, CohortError::NoHeadings);
    assert!(!error.is_unreadable());
    assert!(!error.to_string().contains("Ada") && !error.hint().contains("Ada"));
}

#[test]
fn headings_without_people_are_told_from_faulty_people() {
    assert_eq!(read(HEAD).verdict, Verdict::NoRows);
    assert_eq!(read(format!("{HEAD},,,,\n\n")).verdict, Verdict::NoRows);
    assert_eq!(
        read(format!("{HEAD}Ada,,,,\n")).verdict,
        Verdict::NobodyUsable
    );
}

#[test]
fn a_missing_start_column_is_told_once_and_not_in_every_row() {
    let cohort = read("forename,surname,dob\nAda,Quux,03/04/1980\nBob,Quux,03/04/1981\n");
    assert_eq!(cohort.verdict, Verdict::Headings);
    assert_eq!(errors(&cohort).len(), 1);
    assert_eq!(about(&cohort, "programme_start").len(), 1);
    assert_adds_up(&cohort);
}

#[test]
fn without_columns_to_find_people_by_the_file_is_unusable() {
    let cohort = read("forename,dob,start date\nAda,03/04/1980,05/06/2023\n");
    assert_eq!(cohort.verdict, Verdict::Headings);
    let problem = errors(&cohort)[0];
    assert!(
        problem
            .remedy
            .contains("pnc_id, or prison_number, or forename, surname and dob")
    );
}

#[test]
fn only_the_keys_of_the_study_count_as_ways_to_find_people() {
    let text = "pnc_id,forename,surname,dob,start\n03/1234567Q,,,,05/06/2023\n,Ada,Quux,03/04/1980,05/06/2023\n";
    let people = |keys: &[LinkageKey]| {
        let cohort = cohort::read_bytes(text.as_bytes(), &study_with_keys(keys), TODAY);
        cohort
            .ok()
            .unwrap()
            .participants
            .iter()
            .map(|p| p.row)
            .collect::<Vec<_>>()
    };
    assert_eq!(people(&[LinkageKey::PncId]), [2]);
    assert_eq!(people(&[LinkageKey::NameAndDob]), [3]);
    assert_eq!(people(&[LinkageKey::PncId, LinkageKey::NameAndDob]), [2, 3]);
}

#[test]
fn two_columns_of_one_meaning_make_the_file_unusable() {
    let cohort = read(
        "forename,surname,dob,start date,programme start\nAda,Quux,03/04/1980,05/06/2023,05/07/2023\n",
    );
    assert_eq!(cohort.verdict, Verdict::Headings);
    assert!(says(&cohort, "columns 4 and 5 both mean programme_start"));
}

#[test]
fn unknown_columns_are_listed_without_risk() {
    let cohort = read(
        "forename,surname,dob,start,National group,Hortensia,Case ref 99\nAda,Quux,03/04/1980,05/06/2023,a,b,c\n",
    );
    assert_eq!(
        cohort.quality.ignored_columns,
        ["column 5 (national group)", "column 6", "column 7"]
    );
    assert!(cohort.problems.is_empty());
}

#[test]
fn a_column_of_whole_names_gets_advice() {
    let cohort = read("Name,pnc id,start\nAda Quux,03/1234567Q,05/06/2023\n");
    assert_eq!(cohort.participants.len(), 1);
    assert!(about(&cohort, "column 1")[0].remedy.contains("two columns"));
}

#[test]
fn repeated_headings_totals_and_notes_are_no_people() {
    let cohort = read(format!(
        "{HEAD}Ada,Quux,03/04/1980,,05/06/2023\n{HEAD}Bob,Quux,03/04/1981,,05/06/2023\n\
         Total,2,,,\nNote: two left early,,,,\nEnd of report,,,,\n"
    ));
    assert_eq!((cohort.submitted, cohort.quality.other_rows), (2, 4));
    assert_eq!(cohort.participants.len(), 2);
    assert!(errors(&cohort).is_empty());
}

#[test]
fn people_whose_names_are_words_for_totals_stay_people() {
    let cohort = read(format!(
        "{HEAD}Page,Count,03/04/1980,,05/06/2023\nEnd,,,03/1234567Q,05/06/2023\n"
    ));
    assert_eq!(cohort.participants.len(), 2);
}

#[test]
fn the_template_is_read_by_the_reader_itself() {
    let study = study_asking_for(1);
    let text = cohort::template(&study);
    let cohort = read(&text);
    assert_eq!(cohort.verdict, Verdict::NoRows);
    assert!(cohort.quality.fields.iter().all(|f| f.column));
    assert!(cohort.problems.is_empty());
    let names_only = cohort::template(&study_with_keys(&[LinkageKey::NameAndDob]));
    assert!(!names_only.contains("pnc_id") && names_only.contains("dob"));
}
