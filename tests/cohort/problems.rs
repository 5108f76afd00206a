//! The list of problems: places, groups, and the files it is written to.

use crate::kit::*;
use calamine::{Reader, open_workbook_auto_from_rs};
use counterpart::cohort;
use std::io::Cursor;

fn bad() -> cohort::Cohort {
    read(format!(
        "{HEAD}Ada,Quux,31/02/1980,,05/06/2023\nBob,Quux,31/02/1981,,05/06/2023\nCleo,Quux,03/04/1980,03/1234567A,\n"
    ))
}

#[test]
fn a_problem_names_the_letter_of_its_column() {
    let cohort = bad();
    let letters = |column| about(&cohort, column)[0].letter.clone();
    assert_eq!(letters("dob").as_deref(), Some("C"));
    assert_eq!(letters("programme_start").as_deref(), Some("E"));
    assert_eq!(about(&cohort, "dob")[0].place(), "dob (column C)");
}

#[test]
fn one_rule_broken_in_many_rows_is_one_group_and_none_is_lost() {
    let cohort = bad();
    let groups = cohort::groups(&cohort.problems);
    let first = &groups[0];
    assert!(first.first.rule.contains("not a day of the calendar"));
    assert_eq!(first.rows, [2, 3]);
    let rows: usize = groups.iter().map(|g| g.rows.len()).sum();
    assert_eq!(rows, cohort.problems.len());
    assert!(
        groups
            .windows(2)
            .all(|g| g[0].first.severity <= g[1].first.severity)
    );
}

#[test]
fn every_kind_of_list_holds_the_same_rows() {
    let cohort = bad();
    let csv = String::from_utf8(cohort::problems_csv(&cohort.problems).unwrap()).unwrap();
    assert_eq!(csv.lines().count(), 1 + cohort.problems.len());
    assert!(csv.lines().nth(1).unwrap().starts_with("2,dob,C,error,"));
    for bytes in [
        cohort::problems_xlsx(&cohort.problems).unwrap(),
        cohort::problems_ods(&cohort.problems).unwrap(),
    ] {
        let mut book = open_workbook_auto_from_rs(Cursor::new(bytes)).unwrap();
        assert_eq!(book.sheet_names(), ["by_rule", "by_row"]);
        let rows = book.worksheet_range("by_row").unwrap();
        assert_eq!(rows.height(), 1 + cohort.problems.len());
        let cell = |r, c| rows.get((r, c)).unwrap().to_string();
        assert_eq!(
            (cell(0, 0), cell(1, 0), cell(1, 1)),
            ("row".into(), "2".into(), "dob".into())
        );
    }
    let html = cohort::problems_html(&cohort).unwrap();
    let body = html.matches("<th scope=\"row\"").count();
    assert_eq!(
        body,
        cohort.problems.len() + cohort::groups(&cohort.problems).len()
    );
    assert!(html.contains("<html lang=\"en\">") && html.matches("<caption>").count() == 2);
    assert!(!html.contains("<script") && !html.contains("http"));
}

#[test]
fn no_cell_of_a_list_begins_like_a_formula_and_none_holds_a_value() {
    let cohort = read(format!(
        "{HEAD}=1+1,Quuxley,31/02/1980,,05/06/2023\n@Quuxley,+1,01/13/1980,-2,=A1\nQuuxley,,,,\n"
    ));
    assert!(cohort.problems.len() > 3);
    for p in &cohort.problems {
        for text in [&p.rule, &p.remedy, &p.place()] {
            assert!(
                !text.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{text}"
            );
        }
    }
    let csv = String::from_utf8(cohort::problems_csv(&cohort.problems).unwrap()).unwrap();
    let html = cohort::problems_html(&cohort).unwrap();
    assert!(!csv.contains("Quuxley") && !html.contains("Quuxley"));
}

#[test]
fn a_file_without_problems_has_a_page_that_says_so() {
    let html =
        cohort::problems_html(&read(format!("{HEAD}Ada,Quux,03/04/1980,,05/06/2023\n"))).unwrap();
    assert!(html.contains("0 problems.") && !html.contains("<table"));
}
