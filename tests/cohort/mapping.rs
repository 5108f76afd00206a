//! Columns by rule and by a saved mapping: whole names, birth dates in three columns, date orders.

use crate::kit::*;
use counterpart::cohort::{self, Cohort, Mapping, Reading, Verdict};
use proptest::prelude::*;

fn mapped(text: &str, mapping: &str) -> Cohort {
    let mapping = Mapping::parse(mapping).unwrap();
    let reading = Reading::of(&study_asking_for(1)).mapped(Some(mapping));
    let table = cohort::decode(text.as_bytes(), None).unwrap_or_else(|e| panic!("{e}"));
    cohort::read(&table, &reading, TODAY).unwrap_or_else(|e| panic!("{e}"))
}

/// Who is found in the first row: forename, surname, date of birth, start.
fn first(cohort: &Cohort) -> (String, String, String, String) {
    let p = &cohort.participants[0];
    let text = |t: &Option<counterpart::custody::Personal>| {
        t.as_ref().map_or(String::new(), |t| t.expose().to_owned())
    };
    let dob = p.dob.map_or(String::new(), |d| iso(d.expose_days()));
    (text(&p.forename), text(&p.surname), dob, iso(p.start))
}

fn is(cohort: &Cohort, forename: &str, surname: &str, dob: &str, start: &str) {
    let (f, s, d, t) = first(cohort);
    assert_eq!(
        (f.as_str(), s.as_str(), d.as_str(), t.as_str()),
        (forename, surname, dob, start)
    );
}

#[test]
fn a_whole_name_is_split_and_a_warning_says_how() {
    for name in ["\"QUUX, Ada Bea\"", "Ada Bea QUUX"] {
        let cohort = read(format!(
            "Full name,DOB,Start\n{name},03/04/1980,05/06/2023\n"
        ));
        is(&cohort, "Ada Bea", "QUUX", "1980-04-03", "2023-06-05");
        assert!(
            about(&cohort, "column 1")[0]
                .rule
                .contains("before a comma")
        );
    }
    let both = read("Name,Forename,Surname,DOB,Start\nX Y,Ada,Quux,03/04/1980,05/06/2023\n");
    is(&both, "Ada", "Quux", "1980-04-03", "2023-06-05");
    assert!(both.problems.is_empty());
    let half = read("Name,Surname,DOB,Start\nAda Bea,Quux,03/04/1980,05/06/2023\n");
    is(&half, "Ada Bea", "Quux", "1980-04-03", "2023-06-05");
}

#[test]
fn a_birth_date_is_read_from_three_columns() {
    for (d, m, y) in [
        ("3", "4", "1980"),
        ("03", "April", "1980"),
        ("3", "04", "80"),
    ] {
        let cohort = read(format!(
            "Forename,Surname,Day of birth,Month of birth,Year of birth,Start\nAda,Quux,{d},{m},{y},05/06/2023\n"
        ));
        is(&cohort, "Ada", "Quux", "1980-04-03", "2023-06-05");
    }
    let wrong = read(
        "Forename,Surname,DOB (day),DOB (month),DOB (year),Start\nAda,Quux,3,13,1980,05/06/2023\n",
    );
    assert_eq!(wrong.verdict, Verdict::NobodyUsable);
    assert!(
        about(&wrong, "dob")[0]
            .rule
            .contains("not a day of the calendar")
    );
}

#[test]
fn a_likely_heading_serves_only_where_none_is_sure() {
    let sure = read(
        "Known as,Forename,Surname,DOB,1st session,Start date\nAddy,Ada,Quux,03/04/1980,01/01/2020,05/06/2023\n",
    );
    is(&sure, "Ada", "Quux", "1980-04-03", "2023-06-05");
    assert!(sure.problems.is_empty());
    let likely = read("Known as,Surname,DOB,1st session\nAddy,Quux,03/04/1980,05/06/2023\n");
    is(&likely, "Addy", "Quux", "1980-04-03", "2023-06-05");
    assert_eq!(likely.problems.len(), 2);
    let two = read(
        "Forename,Surname,DOB,1st session,Enrolment date\nAda,Quux,03/04/1980,05/06/2023,06/06/2023\n",
    );
    assert_eq!(two.verdict, Verdict::Headings);
}

#[test]
fn a_case_reference_is_no_pnc_id() {
    let cohort = read("Forename,Surname,DOB,CRN,Start\nAda,Quux,03/04/1980,X123456,05/06/2023\n");
    assert!(about(&cohort, "pnc_id").is_empty());
    assert_eq!(cohort.quality.ignored_columns, ["column 4 (crn)"]);
}

const GERMAN: &str = "Vorname,Surname,DOB,Beginn\nAda,Quux,04/03/1980,05/06/2023\n";

#[test]
fn a_mapping_names_columns_by_heading_and_by_position() {
    let cohort = mapped(
        GERMAN,
        "[[columns]]\nheading = \" VORNAME \"\nfield = \"forename\"\n[[columns]]\ncolumn = \"D\"\nfield = \"programme_start\"\n",
    );
    is(&cohort, "Ada", "Quux", "1980-03-04", "2023-06-05");
    let cohort = mapped(
        GERMAN,
        "[[columns]]\ncolumn = 1\nfield = \"forename\"\n[[columns]]\ncolumn = 4\nfield = \"programme_start\"\ndates = \"month first\"\n[[columns]]\nheading = \"dob\"\nfield = \"dob\"\ndates = \"month first\"\n",
    );
    is(&cohort, "Ada", "Quux", "1980-04-03", "2023-05-06");
}

#[test]
fn an_order_that_was_said_is_trusted_where_the_file_looks_otherwise() {
    let text = "forename,surname,dob,start\nAda,Quux,01/02/1980,05/06/2023\nBob,Quux,01/25/1980,05/06/2023\n";
    assert_eq!(
        read(text).participants.len(),
        0,
        "ambiguous, and month over 12"
    );
    let said = mapped(
        text,
        "[[columns]]\nheading = \"dob\"\nfield = \"dob\"\ndates = \"month first\"\n",
    );
    assert_eq!(said.participants.len(), 2);
    is(&said, "Ada", "Quux", "1980-01-02", "2023-06-05");
}

#[test]
fn a_mapping_settles_what_is_ambiguous_and_can_ignore() {
    let text = "forename,surname,dob,start date,programme start\nAda,Quux,03/04/1980,05/06/2023,05/07/2023\n";
    assert_eq!(read(text).verdict, Verdict::Headings);
    let chosen = mapped(
        text,
        "[[columns]]\ncolumn = \"E\"\nfield = \"programme_start\"\n",
    );
    is(&chosen, "Ada", "Quux", "1980-04-03", "2023-07-05");
    let ignored = mapped(text, "[[columns]]\ncolumn = \"E\"\nfield = \"ignore\"\n");
    is(&ignored, "Ada", "Quux", "1980-04-03", "2023-06-05");
}

#[test]
fn a_heading_that_is_not_there_is_a_problem_and_is_not_repeated() {
    let cohort = mapped(
        GERMAN,
        "[[columns]]\nheading = \"Hortensia\"\nfield = \"forename\"\n",
    );
    assert_eq!(cohort.verdict, Verdict::Headings);
    assert!(says(
        &cohort,
        "names a heading that is not in the file (its line 1)"
    ));
    assert!(
        cohort
            .problems
            .iter()
            .all(|p| !p.rule.contains("Hortensia"))
    );
}

#[test]
fn nonsense_in_a_mapping_is_refused_with_its_line() {
    for (text, line, word) in [
        ("\ncolums = []", 2, "unknown setting `colums`"),
        ("sheet = 0", 1, "from 1"),
        (
            "[[columns]]\nfield = \"dob\"",
            1,
            "either `heading` or `column`",
        ),
        (
            "[[columns]]\nheading = \"a\"\ncolumn = 1\nfield = \"dob\"",
            1,
            "either",
        ),
        (
            "[[columns]]\ncolumn = 0\nfield = \"dob\"",
            1,
            "from 1 to 200",
        ),
        ("[[columns]]\ncolumn = \"4\"\nfield = \"dob\"", 1, "letters"),
        (
            "[[columns]]\ncolumn = \"ZZZZ\"\nfield = \"dob\"",
            1,
            "letters",
        ),
        (
            "[[columns]]\ncolumn = 1\nfield = \"birth\"",
            1,
            "unknown `field`",
        ),
        (
            "[[columns]]\ncolumn = 1\nfeld = \"dob\"",
            3,
            "unknown setting `feld`",
        ),
        (
            "[[columns]]\ncolumn = 1\nfield = \"sex\"\ndates = \"day first\"",
            1,
            "`dates` is for",
        ),
        (
            "[[columns]]\ncolumn = 1\nfield = \"dob\"\ndates = \"dmy\"",
            1,
            "`dates` must be",
        ),
        (
            "[[columns]]\nheading = \"(dob)\"\nfield = \"dob\"",
            1,
            "no letters",
        ),
        (
            "[[columns]]\ncolumn = 1\nfield = \"dob\"\n[[columns]]\ncolumn = 2\nfield = \"dob\"",
            4,
            "same field",
        ),
        (
            "[[columns]]\ncolumn = 1\nfield = \"dob\"\n[[columns]]\ncolumn = \"A\"\nfield = \"sex\"",
            4,
            "same column",
        ),
    ] {
        let error = Mapping::parse(text).unwrap_err();
        assert!(error.message.contains(word), "{text}: {error}");
        assert_eq!(error.line, line, "{text}: {error}");
    }
}

#[test]
fn a_saved_mapping_reads_its_own_file_alike_and_holds_no_unknown_heading() {
    let text = "Client's forename,Family name (Ada Quux),D.O.B.,Hortensia Quux,1st session\nAda,Quux,03/04/1980,x,05/06/2023\n";
    let once = read(text);
    for word in ["Hortensia", "hortensia", "Quux", "quux", "Ada"] {
        assert!(!once.mapping.contains(word), "{}", once.mapping);
    }
    assert!(once.mapping.contains("# column = \"D\""));
    let again = mapped(text, &once.mapping);
    assert_eq!(first(&again), first(&once));
    assert!(
        again.problems.is_empty(),
        "what was likely has been said now"
    );
    assert_eq!(again.mapping, once.mapping);
}

proptest! {
    /// Whatever headings a file has: no panic, and the mapping saved of it is one.
    #[test]
    fn any_headings_can_be_saved_and_read_back(cells in prop::collection::vec(".{0,12}|dob|Forename \\(.*\\)|1st session|name", 1..8)) {
        let line: Vec<String> = cells.iter().map(|c| format!("\"{}\"", c.replace(['"', '\n', '\r', '\0'], ""))).collect();
        let text = format!("{},surname\nAda,Quux\n", line.join(","));
        if let Ok(table) = cohort::decode(text.as_bytes(), None)
            && let Ok(cohort) = cohort::read(&table, &Reading::of(&study_asking_for(1)), TODAY)
        {
            prop_assert!(Mapping::parse(&cohort.mapping).is_ok(), "{}", cohort.mapping);
        }
    }
}
