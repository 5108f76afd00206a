//! Templates in three formats, as they are made and as they are written.

use crate::kit::*;
use calamine::{Reader, open_workbook_auto_from_rs};
use counterpart::cohort;
use counterpart::study::LinkageKey;
use std::io::{Cursor, Read};
use std::process::Command;

fn part(bytes: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    zip.by_name(name)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

#[test]
fn workbooks_have_headings_to_fill_in_and_a_note_on_each() {
    let study = study_asking_for(1);
    let csv = cohort::template(&study);
    let names: Vec<&str> = csv
        .trim_start_matches('\u{FEFF}')
        .trim()
        .split(',')
        .collect();
    for bytes in [
        cohort::template_xlsx(&study).unwrap(),
        cohort::template_ods(&study).unwrap(),
    ] {
        let mut book = open_workbook_auto_from_rs(Cursor::new(bytes)).unwrap();
        assert_eq!(book.sheet_names(), ["people", "notes"]);
        let people = book.worksheet_range("people").unwrap();
        let first: Vec<String> = people
            .rows()
            .next()
            .unwrap()
            .iter()
            .map(|c| c.to_string())
            .collect();
        assert_eq!(first, names);
        let filled = |row: &[calamine::Data]| row.iter().any(|c| !c.to_string().is_empty());
        assert_eq!(
            people.rows().filter(|r| filled(r)).count(),
            1,
            "nobody is in it"
        );
        let notes = book.worksheet_range("notes").unwrap();
        let noted: Vec<String> = notes.rows().skip(1).map(|r| r[0].to_string()).collect();
        assert_eq!(noted, names);
        assert!(
            notes
                .rows()
                .all(|r| r.iter().all(|c| !c.to_string().is_empty()))
        );
    }
}

#[test]
fn columns_are_text_or_dates_and_are_checked_as_they_are_typed() {
    let study = study_asking_for(1);
    let xlsx = cohort::template_xlsx(&study).unwrap();
    let sheet = part(&xlsx, "xl/worksheets/sheet1.xml");
    assert_eq!(
        sheet.matches("<dataValidation ").count(),
        6,
        "sex, ethnicity, completed and three dates"
    );
    assert!(sheet.contains("state=\"frozen\"") && !sheet.contains("mergeCell"));
    assert!(
        part(&xlsx, "xl/styles.xml").contains("yyyy\\-mm\\-dd")
            || part(&xlsx, "xl/styles.xml").contains("yyyy-mm-dd")
    );
    let ods = part(&cohort::template_ods(&study).unwrap(), "content.xml");
    assert_eq!(ods.matches("<table:content-validation ").count(), 6);
    assert!(ods.contains("number:text-content") && !ods.contains("number-columns-spanned"));
}

#[test]
fn a_template_is_the_same_bytes_each_time_and_follows_the_study() {
    let study = study_with_keys(&[LinkageKey::NameAndDob]);
    assert!(cohort::template_xlsx(&study).unwrap() == cohort::template_xlsx(&study).unwrap());
    let bytes = cohort::template_xlsx(&study).unwrap();
    let mut book = open_workbook_auto_from_rs(Cursor::new(bytes)).unwrap();
    let notes = book.worksheet_range("notes").unwrap();
    let needed = |name: &str| {
        let row = notes.rows().find(|r| r[0] == name);
        row.map(|r| r[2].to_string())
    };
    assert_eq!(needed("surname").as_deref(), Some("Required for everybody"));
    assert_eq!(needed("pnc_id"), None);
}

#[test]
fn the_command_writes_by_the_ending_and_never_over_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let study = concat!(env!("CARGO_MANIFEST_DIR"), "/models/reoffending.toml");
    let check = |arguments: &[&str]| {
        let run = Command::new(env!("CARGO_BIN_EXE_counterpart"))
            .args(["check", "--study", study])
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        (
            run.status.code(),
            String::from_utf8_lossy(&run.stderr).into_owned(),
        )
    };
    for name in ["t.csv", "t.XLSX", "t.ods"] {
        assert_eq!(check(&["--template", name]).0, Some(0), "{name}");
        assert_eq!(check(&["--template", name]).0, Some(3), "{name} again");
    }
    let (code, said) = check(&["--template", "t.docx"]);
    assert!(
        code == Some(1) && said.contains(".csv, .xlsx or .ods"),
        "{said}"
    );
    let list = format!("{HEAD}Ada,Quux,31/02/1980,,05/06/2023\n");
    std::fs::write(folder.path().join("list.csv"), &list).unwrap();
    for name in ["p.csv", "p.xlsx", "p.ods", "p.html"] {
        check(&["list.csv", "--problems", name]);
        assert!(folder.path().join(name).exists(), "{name}");
    }
    check(&["list.csv", "--save-mapping", "m.toml"]);
    let (_, said) = check(&["list.csv", "--mapping", "m.toml"]);
    assert!(!said.contains("error"), "{said}");
    let (code, said) = check(&["list.csv", "--save-mapping", "list.csv"]);
    assert!(code == Some(1) && said.contains("ending"), "{said}");
    std::fs::write(
        folder.path().join("wrong.toml"),
        "[[columns]]\ncolumn = 1\nfield = \"x\"\n",
    )
    .unwrap();
    let (code, said) = check(&["list.csv", "--mapping", "wrong.toml"]);
    assert!(
        code == Some(1) && said.contains("mapping file, line 1: unknown `field`"),
        "{said}"
    );
    assert_eq!(
        std::fs::read_to_string(folder.path().join("list.csv")).unwrap(),
        list
    );
}
