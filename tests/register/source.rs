//! The Parquet source: what it reads, what it refuses, how it describes itself.

use crate::fixtures::*;
use counterpart::identity::Dob;
use counterpart::numeric::frame::Column;
use counterpart::register::{ParquetRegister, Register, RegisterError};
use std::path::Path;
use tempfile::TempDir;

fn small() -> (TempDir, ParquetRegister) {
    let dir = tempfile::tempdir().unwrap();
    write_small(dir.path());
    let register = ParquetRegister::open(dir.path()).unwrap();
    (dir, register)
}

fn asked(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|c| (*c).to_owned()).collect()
}

fn open_error(dir: &Path) -> RegisterError {
    ParquetRegister::open(dir).map(|_| ()).unwrap_err()
}

fn with_dictionary(from: &str, to: &str) -> RegisterError {
    let dir = tempfile::tempdir().unwrap();
    write_small(dir.path());
    assert!(DICTIONARY.contains(from));
    let text = DICTIONARY.replacen(from, to, 1);
    std::fs::write(dir.path().join("register.toml"), text).unwrap();
    open_error(dir.path())
}

#[test]
fn identifiers_are_read_trimmed_and_blank_ones_are_missing() {
    let (_dir, register) = small();
    let index = register.index().unwrap();
    assert_eq!((index.rows(), index.people()), (3, 3));
    assert_eq!(index.record(0).forename, "ada");
    assert_eq!(index.record(2).forename, "");
    assert_eq!(index.record(2).surname, "");
    assert!(index.dob(0) == Dob::from_days(-5000));
    assert!(index.dob(1).is_missing());
    let nothing =
        |row| index.record(row).postcode.is_empty() && index.record(row).prison_number.is_empty();
    assert!((0..3).all(nothing));
}

#[test]
fn identifiers_are_read_in_the_form_the_cohorts_are_and_what_breaks_its_rules_is_evidence() {
    let dir = tempfile::tempdir().unwrap();
    let written = [
        ("79/163001b", "a 1234 bc"),
        (" 1979/0163001B ", "A1234BC"),
        ("1979/0163001C", "A123BC"),
        ("", "  "),
    ];
    let columns = vec![
        values!("person_id", [1u64, 2, 3, 4]),
        values!("pnc_id", written.map(|w| w.0)),
        values!("prison_number", written.map(|w| w.1)),
    ];
    write(dir.path(), "persons.parquet", columns);
    write(dir.path(), "events.parquet", small_events());
    std::fs::write(dir.path().join("register.toml"), DICTIONARY).unwrap();
    let register = ParquetRegister::open(dir.path()).unwrap();

    let index = register.index().unwrap();
    let read = (0..4).map(|row| (index.record(row).pnc_id, index.record(row).prison_number));
    let canonical = ("1979/0163001B", "A1234BC");
    // Without a slash it is no PNC id and equals none; its letters and digits are still compared.
    assert!(read.eq([canonical, canonical, ("19790163001C", "A123BC"), ("", "")]));

    let facts = register.describe().unwrap().quality_map();
    for name in ["pnc_id", "prison_number"] {
        assert_eq!(facts[&format!("{name}_blank")], 1, "{name}");
        assert_eq!(facts[&format!("{name}_invalid")], 1, "{name}");
    }
}

#[test]
fn covariates_become_numbers_and_categories_with_missing_values() {
    let (_dir, register) = small();
    let events = register
        .events(&asked(&["age", "region", "needy"]))
        .unwrap();
    assert_eq!(events.frame.names(), ["age", "region", "needy"]);
    let Some(Column::Number(age)) = events.frame.get("age") else {
        panic!("numbers")
    };
    assert_eq!((age[0], age[2]), (30.0, 31.0));
    assert!(age[1].is_nan());
    let region = Column::Category {
        codes: vec![1, 0, 1],
        levels: vec!["10".into(), "7".into()],
    };
    assert_eq!(events.frame.get("region"), Some(&region));
    let Some(Column::Number(needy)) = events.frame.get("needy") else {
        panic!("numbers")
    };
    assert_eq!(needy[..2], [1.0, 0.0]);
    assert!(needy[2].is_nan());
    assert_eq!(events.date[0], NEW_YEAR_2023);
    assert_eq!(events.cut_off, NEW_YEAR_2023 + 364);
}

#[test]
fn an_outcome_cannot_be_read_as_a_covariate() {
    let (_dir, register) = small();
    let refused = register.events(&asked(&["age", "again"])).unwrap_err();
    assert!(matches!(&refused, RegisterError::Outcome { column } if column == "again"));
}

#[test]
fn a_column_nobody_described_cannot_be_read() {
    let (_dir, register) = small();
    let refused = register.events(&asked(&["unsaid"])).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("not described in register.toml")
    );
}

#[test]
fn a_column_that_is_not_there_is_named_with_those_that_are() {
    let (_dir, register) = small();
    let refused = register
        .events(&asked(&["income"]))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("no column `income`") && refused.contains("region"));
}

#[test]
fn missing_files_are_named() {
    for file in ["persons.parquet", "events.parquet", "register.toml"] {
        let dir = tempfile::tempdir().unwrap();
        write_small(dir.path());
        std::fs::remove_file(dir.path().join(file)).unwrap();
        let error = open_error(dir.path());
        assert!(matches!(&error, RegisterError::Unreadable { file: f, .. } if f == file));
    }
    assert!(matches!(
        open_error(Path::new("/no/such/register")),
        RegisterError::Unreadable { .. }
    ));
}

#[test]
fn a_cut_short_or_foreign_file_is_refused_without_quoting_it() {
    let dir = tempfile::tempdir().unwrap();
    write_small(dir.path());
    let file = dir.path().join("persons.parquet");
    let whole = std::fs::read(&file).unwrap();
    for keep in [0, 3, 8, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&file, &whole[..keep]).unwrap();
        let message = open_error(dir.path()).to_string();
        assert!(message.starts_with("cannot read persons.parquet"));
    }
    std::fs::write(&file, "forename,surname\nLovelace,Ada\n".repeat(9)).unwrap();
    let message = open_error(dir.path()).to_string();
    assert!(message.starts_with("cannot read persons.parquet"));
    assert!(!message.contains("Lovelace"));
}

#[test]
fn a_file_damaged_in_its_pages_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    write_small(dir.path());
    let file = dir.path().join("persons.parquet");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[4..60].fill(0xff);
    std::fs::write(&file, bytes).unwrap();
    let register = ParquetRegister::open(dir.path()).unwrap();
    let error = register.index().map(|_| ()).unwrap_err();
    assert!(matches!(error, RegisterError::Unreadable { .. }));
}

#[test]
fn key_columns_must_be_there_whole_and_filled() {
    let open = |persons| {
        let dir = tempfile::tempdir().unwrap();
        write_small(dir.path());
        write(dir.path(), "persons.parquet", persons);
        let opened = ParquetRegister::open(dir.path());
        opened.and_then(|r| r.index().map(|_| ()))
    };
    let pnc = || values!("pnc_id", ["a", "b"]);
    let no_key = open(vec![pnc()]);
    assert!(matches!(no_key, Err(RegisterError::NoColumn { .. })));
    for bad in [
        values!("person_id", ["1", "2"]),
        values!("person_id", [1.0f64, 2.0]),
        values!("person_id", [Some(1u64), None]),
        values!("person_id", [1i64, -2]),
    ] {
        let refused = open(vec![bad, pnc()]);
        assert!(matches!(refused, Err(RegisterError::BadColumn { .. })));
    }
    assert!(open(vec![values!("person_id", [1i64, 2]), pnc()]).is_ok());
}

#[test]
fn events_need_dates_stored_as_dates() {
    let read = |date| {
        let dir = tempfile::tempdir().unwrap();
        write_small(dir.path());
        let mut columns = small_events();
        columns[1] = date;
        write(dir.path(), "events.parquet", columns);
        let opened = ParquetRegister::open(dir.path());
        opened.and_then(|r| r.events(&[]).map(|_| ()))
    };
    for bad in [
        values!("event_date", ["2023-01-01", "2023-01-02", "2023-01-03"]),
        values!("event_date", [1i32, 2, 3]),
        dates("event_date", &[Some(1), None, Some(3)]),
    ] {
        assert!(matches!(read(bad), Err(RegisterError::BadColumn { .. })));
    }
}

#[test]
fn a_time_of_day_beside_the_date_is_dropped() {
    use polars::prelude::{DataType, TimeUnit};
    let dir = tempfile::tempdir().unwrap();
    write_small(dir.path());
    let mut columns = small_events();
    let times = DataType::Datetime(TimeUnit::Milliseconds, None);
    columns[1] = columns[1].cast(&times).unwrap();
    write(dir.path(), "events.parquet", columns);
    let register = ParquetRegister::open(dir.path()).unwrap();
    assert_eq!(register.events(&[]).unwrap().date[0], NEW_YEAR_2023);
}

#[test]
fn columns_must_hold_what_the_dictionary_says() {
    let read = |at: usize, column| {
        let dir = tempfile::tempdir().unwrap();
        write_small(dir.path());
        let mut columns = small_events();
        columns[at] = column;
        write(dir.path(), "events.parquet", columns);
        let opened = ParquetRegister::open(dir.path());
        opened.and_then(|r| r.events(&asked(&["age", "region", "needy"])).map(|_| ()))
    };
    let refused = [
        read(2, values!("age", ["thirty", "forty", "fifty"])),
        read(2, values!("age", [1.0f64, f64::INFINITY, 2.0])),
        read(3, values!("region", [1.5f64, 2.5, 3.5])),
        read(4, values!("needy", [0i32, 1, 2])),
    ];
    for result in refused {
        assert!(matches!(result, Err(RegisterError::BadColumn { .. })));
    }
    assert!(read(3, values!("region", [Some("n"), None, Some("s")])).is_ok());
}

#[test]
fn a_wrong_dictionary_is_refused_with_its_line() {
    let cases = [
        ("cut_off = \"2023-12-31\"", "cut_off = \"31/12/2023\"", 4),
        ("made = \"2024-02-01\"", "made = \"2024-02-30\"", 3),
        ("synthetic = true", "synthetic = true\nsecret = 1", 6),
        ("unit = \"years\"", "units = \"years\"", 27),
        ("kind = \"number\"", "kind = \"integer\"", 25),
        ("name = \"region\"", "name = \"age\"", 29),
        ("table = \"persons\"", "table = \"events\"", 7),
        ("name = \"region\"", "name = \"surname\"", 29),
    ];
    for (from, to, expected) in cases {
        let error = with_dictionary(from, to);
        let RegisterError::Dictionary { line, .. } = &error else {
            panic!("{to}: {error}")
        };
        assert_eq!(*line, expected, "{to}: {error}");
    }
    let absent = with_dictionary("name = \"region\"", "name = \"county\"");
    assert!(matches!(absent, RegisterError::NoColumn { .. }));
}

#[test]
fn a_description_counts_what_is_there_and_what_is_wrong() {
    let (_dir, register) = small();
    let d = register.describe().unwrap();
    assert_eq!((d.persons, d.events), (3, 3));
    assert_eq!((d.people_with_events, d.people_with_several_events), (2, 1));
    assert_eq!(d.first_event.as_deref(), Some("2023-01-01"));
    assert_eq!(
        d.last_event.as_deref(),
        Some("2023-01-11"),
        "the third lies after the cut-off"
    );
    let facts = d.quality_map();
    for (name, count) in [
        ("events_after_cut_off", 1),
        ("person_id_repeated", 0),
        ("person_id_unknown", 0),
        ("forename_blank", 1),
        ("surname_blank", 1),
        ("pnc_id_blank", 1),
        ("pnc_id_invalid", 1),
        // All of persons but the PNC id; `person_id` and `unsaid` of events.
        ("columns_undescribed", 6),
    ] {
        assert_eq!(facts[name], count, "{name}");
    }
    assert!(d.usable());
    let column = |name: &str| d.columns.iter().find(|c| c.name == name).unwrap();
    assert_eq!(column("age").complete_percent, Some(66.6));
    assert_eq!(column("region").levels, Some(2));
    assert_eq!(
        column("age").mean,
        None,
        "three values are too few to average"
    );
}

#[test]
fn outcomes_are_described_by_completeness_alone() {
    let dir = tempfile::tempdir().unwrap();
    write_small(dir.path());
    let n = 40usize;
    let flags: Vec<bool> = (0..n).map(|i| i % 4 == 0).collect();
    let events = vec![
        values!("person_id", vec![1u64; n]),
        dates("event_date", &vec![Some(NEW_YEAR_2023); n]),
        values!("age", (0..n).map(|i| i as f64).collect::<Vec<_>>()),
        values!("region", vec!["north"; n]),
        values!("needy", flags.clone()),
        values!("again", flags),
    ];
    write(dir.path(), "events.parquet", events);
    let d = ParquetRegister::open(dir.path())
        .unwrap()
        .describe()
        .unwrap();
    let column = |name: &str| d.columns.iter().find(|c| c.name == name).unwrap();
    assert_eq!(column("needy").mean, Some(0.25));
    assert_eq!(column("age").mean, Some(19.5));
    assert_eq!(column("age").quartiles, Some([9.75, 19.5, 29.2]));
    let again = column("again");
    assert_eq!((again.mean, again.complete_percent), (None, Some(100.0)));
}

#[test]
fn an_empty_table_is_described_and_cannot_serve() {
    let dir = tempfile::tempdir().unwrap();
    write_small(dir.path());
    let empty: Vec<_> = small_events().iter().map(|c| c.slice(0, 0)).collect();
    write(dir.path(), "events.parquet", empty);
    let register = ParquetRegister::open(dir.path()).unwrap();
    let events = register.events(&asked(&["age", "region"])).unwrap();
    assert_eq!(events.frame.rows(), 0);
    let d = register.describe().unwrap();
    assert!(!d.usable());
    assert_eq!((d.first_event, d.columns[2].complete_percent), (None, None));
}

#[test]
fn repeated_and_unknown_person_ids_are_counted_not_fatal() {
    let dir = tempfile::tempdir().unwrap();
    write_small(dir.path());
    let mut persons = small_persons();
    persons[0] = values!("person_id", [1u64, 1, 9]);
    write(dir.path(), "persons.parquet", persons);
    let d = ParquetRegister::open(dir.path())
        .unwrap()
        .describe()
        .unwrap();
    let facts = d.quality_map();
    assert_eq!(facts["person_id_repeated"], 1);
    assert_eq!(facts["person_id_unknown"], 1);
    assert!(d.usable());
}

#[test]
fn no_single_damaged_byte_ends_in_a_panic() {
    let dir = tempfile::tempdir().unwrap();
    write_small(dir.path());
    let file = dir.path().join("persons.parquet");
    let whole = std::fs::read(&file).unwrap();
    for at in (0..whole.len()).step_by(3) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        std::fs::write(&file, bytes).unwrap();
        // Damage in a page's values may pass for values; what matters is that nothing panics.
        if let Ok(register) = ParquetRegister::open(dir.path()) {
            let _ = register.index();
        }
    }
}
