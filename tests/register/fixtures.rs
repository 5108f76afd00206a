//! Small registers, cohorts and studies, made by hand.

use counterpart::cohort::Participant;
use counterpart::custody::{Personal, PersonalDate};
use counterpart::numeric::frame::{Column, Frame};
use counterpart::register::{Events, PersonKey, RegisterIndex};
use counterpart::study::{
    DisclosurePolicy, Eligibility, IndexEventRule, Linkage, MatchSettings, Study, Words,
};
use polars::prelude::{
    Column as PolarsColumn, DataFrame, DataType, IntoColumn, NamedFrom, ParquetWriter, Series,
};
use std::path::Path;

/// A study with defaults, to be changed by each test.
pub fn study() -> Study {
    Study {
        id: "test".into(),
        title: "A test".into(),
        domain: "justice".into(),
        words: Words {
            event: "release".into(),
            ..Words::default()
        },
        eligibility: Eligibility::default(),
        index_event: IndexEventRule::default(),
        linkage: Linkage::default(),
        covariates: Vec::new(),
        propensity: Default::default(),
        analyses: Vec::new(),
        matching: MatchSettings::default(),
        outcomes: Vec::new(),
        disclosure: DisclosurePolicy::default(),
        table: None,
        digest: String::new(),
    }
}

/// Who somebody is, as tests write it; empty text is missing, day 0 is no date of birth.
#[derive(Debug, Clone, Copy, Default)]
pub struct Who<'a> {
    pub forename: &'a str,
    pub surname: &'a str,
    pub dob: i32,
    pub pnc: &'a str,
    pub prison: &'a str,
}

/// Names and a date of birth.
pub fn named<'a>(forename: &'a str, surname: &'a str, dob: i32) -> Who<'a> {
    Who {
        forename,
        surname,
        dob,
        ..Who::default()
    }
}

fn text(value: &str) -> Option<Personal> {
    (!value.is_empty()).then(|| Personal::new(value.to_owned()))
}

fn date(day: i32) -> Option<PersonalDate> {
    (day != 0).then(|| PersonalDate::from_days(day))
}

/// A participant who started on that day.
pub fn participant(who: Who, start: i32) -> Participant {
    Participant {
        completed: None,
        site: None,
        row: 2,
        forename: text(who.forename),
        surname: text(who.surname),
        dob: date(who.dob),
        sex: None,
        ethnicity: None,
        postcode: None,
        pnc_id: text(who.pnc),
        prison_number: text(who.prison),
        as_written: Default::default(),
        start,
    }
}

/// Persons of a register, keyed and indexed.
pub fn persons(people: &[(u64, Who)]) -> RegisterIndex {
    let known: Vec<_> = people
        .iter()
        .map(|&(key, who)| (PersonKey(key), participant(who, 0).identity()))
        .collect();
    RegisterIndex::of_records(known.iter().map(|(key, who)| (*key, who.record()))).unwrap()
}

/// Events as (person, day, sentence).
pub fn events(rows: &[(u64, i32, &str)], cut_off: i32) -> Events {
    let mut frame = Frame::new(rows.len());
    let sentences = rows.iter().map(|(_, _, s)| Some(*s));
    frame.push("sentence", Column::category(sentences));
    Events {
        person: rows.iter().map(|(p, _, _)| PersonKey(*p)).collect(),
        date: rows.iter().map(|(_, d, _)| *d).collect(),
        frame,
        cut_off,
    }
}

pub const DICTIONARY: &str = r#"title = "A small register"
source = "made by a test"
made = "2024-02-01"
cut_off = "2023-12-31"
synthetic = true

[[columns]]
table = "persons"
name = "pnc_id"
label = "PNC id"
kind = "text"
role = "identifier"

[[columns]]
table = "events"
name = "event_date"
label = "Date of release"
kind = "date"
role = "date"

[[columns]]
table = "events"
name = "age"
label = "Age"
kind = "number"
role = "covariate"
unit = "years"

[[columns]]
table = "events"
name = "region"
label = "Region"
kind = "category"
role = "covariate"

[[columns]]
table = "events"
name = "needy"
label = "Has a need"
kind = "flag"
role = "covariate"

[[columns]]
table = "events"
name = "again"
label = "Reoffended"
kind = "flag"
role = "outcome"
"#;

/// 2023-01-01 in days since 1970-01-01.
pub const NEW_YEAR_2023: i32 = 19_358;

/// Days as a column of dates.
pub fn dates(name: &str, days: &[Option<i32>]) -> PolarsColumn {
    let days = Series::new(name.into(), days);
    days.cast(&DataType::Date).unwrap().into_column()
}

/// Anything else as a column.
macro_rules! values {
    ($name:expr, $values:expr) => {
        polars::prelude::IntoColumn::into_column(
            <polars::prelude::Series as polars::prelude::NamedFrom<_, _>>::new(
                $name.into(),
                $values,
            ),
        )
    };
}
pub(crate) use values;

pub fn write(dir: &Path, file: &str, columns: Vec<PolarsColumn>) {
    let mut frame = DataFrame::new_infer_height(columns).unwrap();
    let file = std::fs::File::create(dir.join(file)).unwrap();
    ParquetWriter::new(file).finish(&mut frame).unwrap();
}

/// The persons of the small register.
pub fn small_persons() -> Vec<PolarsColumn> {
    vec![
        values!("person_id", [1u64, 2, 3]),
        values!("forename", [Some(" Ada "), Some("Grace"), None]),
        values!("surname", ["Lovelace", "Hopper", "  "]),
        dates("dob", &[Some(-5000), None, Some(-3000)]),
        values!(
            "pnc_id",
            [Some("1979/0163001B"), Some("1979/0163001C"), None]
        ),
    ]
}

/// Its events: two of person 1, one of person 2, the last after the cut-off.
pub fn small_events() -> Vec<PolarsColumn> {
    let day = NEW_YEAR_2023;
    vec![
        values!("person_id", [1u64, 2, 1]),
        dates("event_date", &[Some(day), Some(day + 10), Some(day + 400)]),
        values!("age", [Some(30i64), None, Some(31)]),
        values!("region", [7i32, 10, 7]),
        values!("needy", [Some(true), Some(false), None]),
        values!("again", [1i32, 0, 0]),
        values!("unsaid", [1i32, 0, 0]),
    ]
}

/// Writes the small register with its dictionary.
pub fn write_small(dir: &Path) {
    write(dir, "persons.parquet", small_persons());
    write(dir, "events.parquet", small_events());
    std::fs::write(dir.join("register.toml"), DICTIONARY).unwrap();
}
