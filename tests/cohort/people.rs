//! Rows: dates, identifiers, blanks, duplicates, verdict.

use crate::kit::*;
use counterpart::cohort::{self, Cohort, Severity, Verdict};

fn dob_of(cohort: &Cohort) -> Option<String> {
    let person = cohort.participants.first()?;
    person.dob.map(|d| iso(d.expose_days()))
}

#[test]
fn one_birthday_in_every_style() {
    for text in [
        "03/04/1980",
        "3/4/80",
        "03-04-1980",
        "03.04.1980",
        "1980-04-03",
        "3 April 1980",
        "03-Apr-80",
        "1980-04-03 00:00:00",
        "29314",
        "\u{00A0}03/04/1980\u{200B} ",
    ] {
        let cohort = dated(text, "05/06/2023");
        assert_eq!(dob_of(&cohort).as_deref(), Some("1980-04-03"), "{text}");
        assert!(errors(&cohort).is_empty());
    }
}

#[test]
fn birthdays_that_cannot_be_are_problems_of_their_cell() {
    for (dob, rule) in [
        ("31/02/1980", "not a day of the calendar"),
        ("04/25/1980", "month first"),
        ("sometime", "not a date"),
        ("1980", "no day"),
        ("1979-06-01T23:00:00Z", "time of day"),
        ("01/01/2030", "in the future"),
        ("05/06/2014", "younger than 10"),
        ("05/06/1911", "older than 110"),
        ("01/01/0080", "outside 1900"),
    ] {
        let cohort = dated(dob, "05/06/2023");
        let mut problems = about(&cohort, "dob");
        problems.retain(|p| p.row == 2);
        assert_eq!(problems.len(), 1, "{dob}");
        assert!(
            problems[0].rule.contains(rule),
            "{dob}: {}",
            problems[0].rule
        );
        assert_eq!(
            (problems[0].row, problems[0].severity),
            (2, Severity::Error)
        );
        assert_eq!(cohort.verdict, Verdict::NobodyUsable);
        assert_adds_up(&cohort);
    }
}

#[test]
fn ages_of_ten_and_a_hundred_and_ten_are_within_the_bounds() {
    assert_eq!(
        dob_of(&dated("05/06/2013", "05/06/2023")).as_deref(),
        Some("2013-06-05")
    );
    assert_eq!(
        dob_of(&dated("05/06/1913", "05/06/2023")).as_deref(),
        Some("1913-06-05")
    );
    assert_eq!(dob_of(&dated("06/06/2013", "05/06/2023")), None);
    assert_eq!(dob_of(&dated("04/06/1913", "05/06/2023")), None);
}

#[test]
fn starts_that_cannot_be_lose_the_row() {
    for (start, rule) in [
        ("23/11/2026", "in the future"),
        ("23/11/26", "in the future"),
        ("31/12/1989", "before 1990"),
        ("soon", "not a date"),
        ("Jan 2023", "no day"),
    ] {
        let cohort = dated("03/04/1980", start);
        assert!(cohort.participants.is_empty());
        let problems = about(&cohort, "programme_start");
        assert!(
            problems[0].rule.contains(rule),
            "{start}: {}",
            problems[0].rule
        );
        assert_eq!(cohort.unreadable[0].people, 1);
        assert!(cohort.unreadable[0].remedy.is_some());
    }
    assert_eq!(dated("03/04/1980", "22/11/2026").participants.len(), 1);
    assert_eq!(dated("03/04/1960", "01/01/1990").participants.len(), 1);
}

#[test]
fn a_bad_birthday_beside_a_good_identifier_is_a_warning() {
    let cohort = read(format!(
        "{HEAD}Ada,Quux,31/02/1980,03/1234567Q,05/06/2023\n"
    ));
    assert_eq!(cohort.participants.len(), 1);
    assert!(cohort.participants[0].dob.is_none());
    assert_eq!(about(&cohort, "dob")[0].severity, Severity::Warning);
}

#[test]
fn two_digit_years_are_told_with_their_rule() {
    let cohort = dated("3/4/25", "05/06/23");
    assert_eq!(dob_of(&cohort).as_deref(), Some("1925-04-03"));
    let cohort = dated("3/4/13", "05/06/23");
    assert_eq!(dob_of(&cohort).as_deref(), Some("2013-04-03"));
    assert!(says(&cohort, "2 dates with a year of two digits"));
}

#[test]
fn in_a_month_first_column_no_date_is_guessed() {
    let cohort = read(format!(
        "{HEAD}Ada,Quux,04/25/1980,03/1234567Q,05/06/2023\nBob,Quux,05/06/1980,,05/06/2023\n\
         Cy,Quux,07/07/1980,,05/06/2023\nDi,Quux,1980-06-05,,05/06/2023\n"
    ));
    let rows: Vec<u32> = cohort.participants.iter().map(|p| p.row).collect();
    assert_eq!(rows, [2, 4, 5]);
    assert!(says(&cohort, "month first in this column: 1 date"));
    assert!(says(&cohort, "may be day first or month first"));
}

#[test]
fn one_month_first_slip_among_day_first_dates_spoils_nothing_else() {
    let cohort = read(format!(
        "{HEAD}Ada,Quux,04/25/1980,,05/06/2023\nBob,Quux,05/06/1980,,05/06/2023\n\
         Cy,Quux,25/04/1980,,05/06/2023\n"
    ));
    assert_eq!(cohort.participants.len(), 2);
    assert_eq!(errors(&cohort).len(), 2);
}

#[test]
fn pnc_ids_in_every_writing_are_one_id() {
    for id in [
        "03/1234567Q",
        "2003/1234567q",
        " 03 / 1234567 Q",
        "031234567Q",
    ] {
        let cohort = read(format!("{HEAD},,,{id},05/06/2023\n"));
        assert_eq!(
            cohort.participants[0].pnc_id.as_ref().unwrap().expose(),
            "2003/1234567Q"
        );
    }
}

#[test]
fn a_wrong_check_letter_costs_the_id_and_not_the_row() {
    let cohort = read(format!(
        "{HEAD}Ada,Quux,03/04/1980,03/1234567A,05/06/2023\n"
    ));
    assert!(cohort.participants[0].pnc_id.is_none());
    let problem = about(&cohort, "pnc_id")[0];
    assert_eq!(problem.severity, Severity::Warning);
    assert!(problem.rule.contains("check letter"));
    let pnc = &cohort.quality.fields[5];
    assert_eq!((pnc.field, pnc.filled, pnc.valid), ("pnc_id", 1, 0));
}

#[test]
fn a_wrong_check_letter_and_nothing_else_loses_the_row() {
    let cohort = read(format!("{HEAD}Ada,Quux,,03/1234567A,05/06/2023\n"));
    assert_eq!(cohort.verdict, Verdict::NobodyUsable);
    assert_eq!(about(&cohort, "pnc_id")[0].severity, Severity::Error);
    assert!(
        cohort.unreadable[0]
            .reason
            .contains("nothing to find the person by")
    );
}

#[test]
fn words_for_nothing_are_blank() {
    for word in [
        "n/a", "N/A", "-", "unknown", "None", "NULL", " ", "\u{200B}",
    ] {
        let cohort = read(format!("{HEAD}Ada,Quux,03/04/1980,{word},05/06/2023\n"));
        assert!(cohort.problems.is_empty(), "{word}");
        assert_eq!(cohort.quality.fields[5].filled, 0);
    }
}

#[test]
fn optional_fields_are_canonical_or_left_out() {
    let cohort = read(
        "prison no,sex,post code,start,end\na1234bc,Female,m11ae,05/06/2023,05/07/2023\n\
         B1234BC,maybe,nowhere,05/06/2023,05/05/2023\n",
    );
    let first = &cohort.participants[0];
    assert_eq!(first.prison_number.as_ref().unwrap().expose(), "A1234BC");
    assert_eq!(first.sex.as_ref().unwrap().expose(), "F");
    assert_eq!(first.postcode.as_ref().unwrap().expose(), "M1 1AE");
    let second = &cohort.participants[1];
    assert!(second.sex.is_none() && second.postcode.is_none());
    assert_eq!(cohort.problems.len(), 3);
    assert!(
        cohort
            .problems
            .iter()
            .all(|p| p.severity == Severity::Warning && p.row == 3)
    );
}

#[test]
fn names_that_are_no_names_are_not_used() {
    for (name, rule) in [
        ("=HYPERLINK(1)", "formula"),
        ("@SUM(A1)", "formula"),
        ("1234", "letters"),
        ("'", "letters"),
        ("Ad4", "digits"),
        ("Zo\u{FFFD}", "lost"),
    ] {
        let cohort = read(format!("{HEAD}{name},Quux,03/04/1980,,05/06/2023\n"));
        assert!(cohort.participants.is_empty());
        assert!(about(&cohort, "forename")[0].rule.contains(rule), "{name}");
    }
    for name in ["O'Brien", "Anne-Marie", "Зоя", "李", "d’Arcy", "Na", "X"] {
        let cohort = read(format!("{HEAD}{name},Quux,03/04/1980,,05/06/2023\n"));
        assert_eq!(cohort.participants.len(), 1, "{name}");
    }
}

#[test]
fn a_row_with_cells_beyond_the_headings_is_left_out() {
    let cohort = read(format!(
        "{HEAD}Quux, Ada,Quux,03/04/1980,,05/06/2023\nBob,Quux,03/04/1980,,05/06/2023,,,\n"
    ));
    assert_eq!(cohort.participants.len(), 1);
    assert_eq!(errors(&cohort)[0].row, 2);
    assert!(says(&cohort, "more cells than there are headings"));
}

#[test]
fn a_note_beside_the_list_costs_nobody() {
    let cohort = read("forename,surname,dob,start,,\nAda,Quux,03/04/1980,05/06/2023,,moved away\n");
    assert_eq!(cohort.participants.len(), 1);
    assert!(cohort.problems.is_empty());
}

#[test]
fn short_rows_are_blank_at_the_end() {
    let cohort =
        read("start,forename,surname,dob,pnc_id,sex\n05/06/2023,Ada,Quux,03/04/1980\n05/06/2023\n");
    assert_eq!(cohort.participants.len(), 1);
    assert_eq!(cohort.submitted, 2);
}

#[test]
fn the_same_person_counts_once_from_the_earliest_start() {
    let cohort = read(format!(
        "{HEAD}Ada,O'Quux,03/04/1980,,05/06/2023\nADA,oquux,3 Apr 1980,03/1234567Q,01/05/2023\n\
         ,,,2003/1234567Q,09/09/2023\nBob,Quux,03/04/1980,,05/06/2023\n"
    ));
    assert_eq!((cohort.participants.len(), cohort.duplicates), (2, 2));
    let ada = &cohort.participants[0];
    assert_eq!((ada.row, iso(ada.start).as_str()), (2, "2023-05-01"));
    assert_eq!(ada.pnc_id.as_ref().unwrap().expose(), "2003/1234567Q");
    assert_eq!(ada.surname.as_ref().unwrap().expose(), "O'Quux");
    assert_adds_up(&cohort);
}

#[test]
fn a_row_that_links_two_earlier_ones_makes_them_one() {
    let cohort = read(format!(
        "{HEAD}Ada,Quux,03/04/1980,,05/06/2023\n,,,03/1234567Q,01/02/2023\n\
         Ada,Quux,03/04/1980,03/1234567Q,05/06/2023\n,,,03/1234567Q,01/01/2023\n"
    ));
    assert_eq!((cohort.participants.len(), cohort.duplicates), (1, 3));
    assert_eq!(iso(cohort.participants[0].start), "2023-01-01");
    assert_adds_up(&cohort);
}

#[test]
fn contradicting_rows_stay_two_people_with_a_warning() {
    let cohort = read(
        "forename,surname,dob,pnc_id,prison_number,start\n\
         Ada,Quux,03/04/1980,03/1234567Q,,05/06/2023\n\
         Ada,Quux,03/04/1980,79/163001B,,05/06/2023\n\
         Bob,Wump,05/05/1985,03/1234567Q,,05/06/2023\n",
    );
    assert_eq!((cohort.participants.len(), cohort.duplicates), (3, 0));
    assert!(says(&cohort, "a different PNC id"));
    assert!(says(&cohort, "a different surname and date of birth"));
}

#[test]
fn too_few_people_is_a_verdict_of_its_own() {
    let row = |i: u32| {
        format!(
            "Ada{},Quux,03/04/1980,,05/06/2023\n",
            "a".repeat(i as usize)
        )
    };
    let text = |n: u32| format!("{HEAD}{}", (0..n).map(row).collect::<String>());
    let verdict = |n: u32| {
        let cohort = cohort::read_bytes(text(n).as_bytes(), &study_asking_for(60), TODAY);
        cohort.ok().unwrap().verdict
    };
    assert_eq!(
        verdict(59),
        Verdict::TooFew {
            people: 59,
            needed: 60
        }
    );
    assert_eq!(verdict(60), Verdict::Usable { people: 60 });
    assert!(verdict(59).sentence().contains("60 are needed"));
    let mut own_table = study_asking_for(60);
    own_table.disclosure.mode = counterpart::study::DisclosureMode::None;
    let cohort = cohort::read_bytes(text(2).as_bytes(), &own_table, TODAY)
        .ok()
        .unwrap();
    assert!(cohort.verdict.is_usable());
}

#[test]
fn every_problem_of_a_file_is_found_in_one_pass() {
    let cohort = read(format!(
        "{HEAD}Ada,Quux,bad,bad,bad\n1,2,03/04/1980,,05/06/2023\n,,,,05/06/2023\nAda,Quux,03/04/1980,,\n"
    ));
    let found: Vec<(u32, Option<&str>)> = cohort
        .problems
        .iter()
        .map(|p| (p.row, p.column.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            (2, Some("programme_start")),
            (2, Some("dob")),
            (2, Some("pnc_id")),
            (3, Some("forename")),
            (3, Some("surname")),
            (3, None),
            (4, None),
            (5, Some("programme_start")),
        ]
    );
    let by_reason: Vec<u64> = cohort.unreadable.iter().map(|l| l.people).collect();
    assert_eq!(by_reason, [1, 1, 2]);
    assert_adds_up(&cohort);
}

#[test]
fn quality_counts_what_is_filled_and_what_is_valid() {
    let cohort = read(format!(
        "{HEAD}Ada,Quux,03/04/1980,03/1234567Q,05/06/2023\nBob,Quux,bad,03/1234567A,06/06/2023\n\
         Cy,Quux,,,07/06/2023\nDi,Quux,03/04/1981,,08/06/2023\n"
    ));
    let q = &cohort.quality;
    let dob = &q.fields[2];
    assert_eq!((dob.filled, dob.valid), (3, 2));
    assert_eq!(dob.complete_percent(q.rows), 75.0);
    assert!((dob.valid_percent() - 200.0 / 3.0).abs() < 1e-12);
    assert_eq!(q.first_start.as_deref(), Some("2023-06-05"));
    assert_eq!(q.last_start.as_deref(), Some("2023-06-08"));
}
