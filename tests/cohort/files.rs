//! Bytes: encodings, line ends, delimiters, and files that are no table.

use crate::kit::*;
use counterpart::cohort::{CohortError, Limit, MAX_CELL_CHARS, MAX_COLUMNS, MAX_ROWS};

const LIST: &str = "forename,surname,dob,programme_start\r\nZoë,Quúx,03/04/1980,05/06/2023\r\n";

fn utf_16(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let units = mark
        .then_some(0xFEFF)
        .into_iter()
        .chain(text.encode_utf16());
    let bytes = |u: u16| {
        if big {
            u.to_be_bytes()
        } else {
            u.to_le_bytes()
        }
    };
    units.flat_map(bytes).collect()
}

fn windows_1252(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
}

#[test]
fn one_list_reads_alike_in_every_encoding() {
    let with_mark = [b"\xEF\xBB\xBF", LIST.as_bytes()].concat();
    for (bytes, encoding) in [
        (LIST.as_bytes().to_vec(), "UTF-8"),
        (with_mark, "UTF-8 with byte-order mark"),
        (utf_16(LIST, false, true), "UTF-16 little-endian"),
        (utf_16(LIST, true, true), "UTF-16 big-endian"),
        (
            utf_16(LIST, false, false),
            "UTF-16 little-endian without byte-order mark",
        ),
        (
            utf_16(LIST, true, false),
            "UTF-16 big-endian without byte-order mark",
        ),
        (windows_1252(LIST), "Windows-1252"),
    ] {
        let cohort = read(bytes);
        assert_eq!(cohort.quality.encoding, encoding);
        let person = &cohort.participants[0];
        assert_eq!(person.forename.as_ref().unwrap().expose(), "Zoë");
        assert_eq!(person.surname.as_ref().unwrap().expose(), "Quúx");
        assert_eq!(iso(person.dob.unwrap().expose_days()), "1980-04-03");
        assert_eq!(iso(person.start), "2023-06-05");
        assert!(cohort.problems.is_empty());
    }
}

#[test]
fn every_line_end_and_delimiter_is_found() {
    for (delimiter, name) in [
        (",", "comma"),
        (";", "semicolon"),
        ("\t", "tab"),
        ("|", "pipe"),
    ] {
        for end in ["\n", "\r\n", "\r"] {
            let text = LIST.replace(',', delimiter).replace("\r\n", end);
            let cohort = read(text.trim_end());
            assert_eq!(cohort.quality.delimiter, Some(name));
            assert_eq!(cohort.participants.len(), 1, "{name} {end:?}");
        }
    }
}

#[test]
fn delimiters_inside_quotation_marks_do_not_mislead() {
    let cohort = read(
        "\"surname\";\"forename\";\"dob\";\"start, first\";\"start date\"\n\
         \"Quux, jr\";\"A,B,C,D\";\"03/04/1980\";\"x,y,z\";\"05/06/2023\"\n",
    );
    assert_eq!(cohort.quality.delimiter, Some("semicolon"));
    assert_eq!(
        cohort.participants[0].surname.as_ref().unwrap().expose(),
        "Quux, jr"
    );
}

#[test]
fn the_line_spreadsheets_write_to_name_the_delimiter_is_skipped() {
    let cohort = read(format!("sep=;\r\n{}", LIST.replace(',', ";")));
    assert_eq!(cohort.participants.len(), 1);
    assert_eq!(cohort.participants[0].row, 3);
}

#[test]
fn other_kinds_of_file_are_named_and_the_remedy_is_to_save_as_csv() {
    for (bytes, word) in [
        (&b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"[..], "Excel"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x1F\x8B\x08\x00", "gzip"),
        (b"{\\rtf1\\ansi", "RTF"),
        (b"<?xml version=\"1.0\"?>", "XML"),
        (b"\xEF\xBB\xBF <!doctype html>", "web page"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"SQLite format 3\0", "database"),
    ] {
        let error = refused(bytes);
        assert!(error.to_string().contains(word), "{error}");
        assert!(error.hint().contains("save as CSV"), "{}", error.hint());
        assert!(error.is_unreadable());
    }
}

#[test]
fn empty_files_are_refused() {
    for bytes in [
        &b""[..],
        b"\n\n\r\n",
        b"   ",
        b"\xEF\xBB\xBF",
        b"\xFF\xFE",
        b"\t\t\n",
    ] {
        assert_eq!(refused(bytes), CohortError::Empty, "{bytes:?}");
    }
}

#[test]
fn nul_bytes_and_control_characters_are_refused() {
    let with = |c: &str| LIST.replace("Zo", c);
    assert!(refused(with("Z\0o")).to_string().contains("NUL"));
    assert!(refused(with("Z\x07o")).to_string().contains("control"));
    assert!(refused(with("Z\x1B[2J")).to_string().contains("control"));
}

#[test]
fn damaged_utf_16_is_refused() {
    let mut odd = utf_16(LIST, false, true);
    odd.pop();
    assert!(matches!(refused(odd), CohortError::NotText { .. }));
    let mut lone = utf_16(LIST, false, true);
    lone.extend(0xD800_u16.to_le_bytes());
    assert!(matches!(refused(lone), CohortError::NotText { .. }));
}

#[test]
fn lone_quotation_marks_are_refused_with_their_row() {
    let open =
        format!("{HEAD}Ada,Quux,03/04/1980,,05/06/2023\n\"Bob,Quux,03/04/1980,,05/06/2023\n");
    assert!(matches!(refused(open), CohortError::Quote { row: 3, .. }));
    let early = format!("{HEAD}\"Ada\" Jane,Quux,03/04/1980,,05/06/2023\n");
    assert!(matches!(refused(early), CohortError::Quote { row: 2, .. }));
    let in_headings = "\"forename,surname\nAda,Quux\n";
    assert!(matches!(
        refused(in_headings),
        CohortError::Quote { row: 1, .. }
    ));
}

#[test]
fn a_quotation_mark_within_a_name_is_a_letter_like_others() {
    let cohort = read(format!("{HEAD}Ada \"Bee\",Quux,03/04/1980,,05/06/2023\n"));
    assert_eq!(
        cohort.participants[0].forename.as_ref().unwrap().expose(),
        "Ada \"Bee\""
    );
}

#[test]
fn rows_are_numbered_as_a_spreadsheet_numbers_them() {
    let cohort = read(format!(
        "{HEAD}\n\"Ada\nJane\",Quux,03/04/1980,,05/06/2023\n,,,,\nBob,Quux,bad,,05/06/2023\n"
    ));
    assert_eq!(cohort.participants[0].row, 3);
    assert_eq!(
        cohort.participants[0].forename.as_ref().unwrap().expose(),
        "Ada Jane"
    );
    assert_eq!(about(&cohort, "dob")[0].row, 5);
    assert_eq!((cohort.submitted, cohort.quality.blank_rows), (2, 2));
}

#[test]
fn limits_are_refused_clearly() {
    let rows = format!("{HEAD}{}", "\n".repeat(MAX_ROWS as usize));
    assert_eq!(refused(rows), CohortError::TooLarge { limit: Limit::Rows });
    let columns = format!("{HEAD}{}\n", ",".repeat(MAX_COLUMNS));
    assert_eq!(
        refused(columns),
        CohortError::TooLarge {
            limit: Limit::Columns(2)
        }
    );
    for quote in ["", "\""] {
        let long = "é".repeat(MAX_CELL_CHARS + 1);
        let cell = format!("{HEAD}{quote}{long}{quote},Quux,03/04/1980,,05/06/2023\n");
        assert_eq!(
            refused(cell),
            CohortError::TooLarge {
                limit: Limit::Cell(2)
            }
        );
    }
    let bytes = vec![b'a'; 100 * 1024 * 1024 + 1];
    let error = refused(bytes);
    assert!(error.to_string().contains("100 megabytes"), "{error}");
}

#[test]
fn a_cell_at_the_limit_is_read() {
    let name = "é".repeat(MAX_CELL_CHARS);
    let cohort = read(format!("{HEAD}{name},Quux,03/04/1980,,05/06/2023\n"));
    assert_eq!(cohort.participants.len(), 1);
}

#[test]
fn a_file_of_nothing_but_faults_does_not_fill_the_memory() {
    let rows = "A1,B2,x,y,z\n".repeat(30_000);
    let cohort = read(format!("{HEAD}{rows}"));
    assert_eq!(cohort.submitted, 30_000);
    assert_eq!(cohort.problems.len(), counterpart::cohort::MAX_PROBLEMS);
    assert_eq!(cohort.problems_unlisted, 30_000 * 5 - 100_000);
}
