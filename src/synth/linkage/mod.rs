//! A register's persons table and a charity's file of known truth, to measure how well people are
//! found: the errors of real files ([`rates`]), families that are hard to tell apart
//! ([`population`]), and people who are on no register ([`who`]).
//!
//! Everybody is made from their own stretch of the seed's random streams: the register is written
//! as it is made, a block at a time by all threads, in memory that does not grow with its people.
//! With or without identifiers, everything else of the cohort is the same.

pub mod population;
pub mod rates;
pub mod slips;
pub mod who;
pub mod written;

use super::person::{MOST_PEOPLE, civil, days};
use super::random::{Purpose, Streams};
use super::table::{Cell, Kind as Column, TableWriter};
use super::{Progress, SynthError, write_text};
use population::Population;
use rand::RngExt;
use rates::ErrorRates;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use who::Known;
use written::{Row, Writer};

/// What to make.
#[derive(Debug, Clone)]
pub struct LinkagePlan {
    /// People in the cohort's file.
    pub people: u64,
    /// People on the register.
    pub register_people: u64,
    /// Seed: same seed, same bytes.
    pub seed: u64,
    /// Has the file columns for PNC id and prison number?
    pub with_ids: bool,
    /// How often what goes wrong.
    pub rates: ErrorRates,
}

/// What was made.
#[derive(Debug, Clone, Serialize)]
pub struct LinkageSummary {
    /// Rows of the cohort's file.
    pub people: u64,
    /// People on the register.
    pub register_people: u64,
    /// Rows of the cohort whose person is on the register.
    pub on_register: u64,
    /// Rows by kind of person.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Rows by what is wrong with them; a row may count several times.
    pub errors: BTreeMap<&'static str, u64>,
}

/// Register people for each of the cohort, at least: women are a sixth of a register and a quarter
/// of a cohort.
const LEAST_RATIO: u64 = 2;

/// People made at a time.
const BLOCK: u64 = 32_768;

/// Makes `persons.parquet`, `cohort.csv` and `truth.csv` in the folder `out`.
///
/// # Errors
/// When the register is too small for the cohort, or too large for identifiers, or a file fails.
pub fn make(
    plan: &LinkagePlan,
    out: &Path,
    progress: Progress<'_>,
) -> Result<LinkageSummary, SynthError> {
    if plan.people == 0 || plan.register_people / LEAST_RATIO < plan.people {
        return Err(SynthError::Impossible(format!(
            "a cohort has at least one person, its register at least {LEAST_RATIO} for each of them"
        )));
    }
    if plan.register_people.saturating_add(plan.people) > MOST_PEOPLE {
        return Err(SynthError::Impossible(format!(
            "register and cohort hold at most {MOST_PEOPLE} people together"
        )));
    }
    std::fs::create_dir_all(out).map_err(|e| SynthError::io(&out.display().to_string(), e))?;
    let streams = Streams::new(plan.seed);
    let population = Population::new(streams);
    write_register(plan, &population, &streams, out, progress)?;
    let known = who::pick(
        &population,
        plan.register_people,
        plan.people,
        &plan.rates.relations,
        &streams,
    );
    write_cohort(plan, &population, &streams, &known, out)
}

const COLUMNS: [(&str, Column); 8] = [
    ("person_id", Column::Key),
    ("forename", Column::Text),
    ("surname", Column::Text),
    ("dob", Column::Date),
    ("sex", Column::Text),
    ("postcode", Column::Text),
    ("pnc_id", Column::Text),
    ("prison_number", Column::Text),
];

fn write_register(
    plan: &LinkagePlan,
    population: &Population,
    streams: &Streams,
    out: &Path,
    progress: Progress<'_>,
) -> Result<(), SynthError> {
    let mut table = TableWriter::create(&out.join("persons.parquet"), COLUMNS)?;
    let mut start = 0;
    while start < plan.register_people {
        let end = (start + BLOCK).min(plan.register_people);
        let rows: Vec<[Cell; 8]> = (start..end)
            .into_par_iter()
            .map(|index| register_row(population, streams, index))
            .collect();
        for row in rows {
            table.push(row)?;
        }
        start = end;
        progress(end);
    }
    table.finish()
}

/// Somebody as the register's clerks wrote them down.
fn register_row(population: &Population, streams: &Streams, index: u64) -> [Cell; 8] {
    let (person, kin) = population.person(index);
    let mut rng = streams.at(Purpose::Clerk, index);
    let mut forename = population.forename(index, &person, kin);
    let mut surname = person.surname;
    let mut there = |blank: f64| !rng.random_bool(blank);
    let dob = there(rates::register::DOB_BLANK).then_some(person.dob);
    let postcode = there(rates::register::POSTCODE_BLANK).then_some(person.postcode);
    let pnc_id = there(rates::register::PNC_BLANK).then_some(person.pnc_id);
    let prison_number = there(rates::register::PRISON_NUMBER_BLANK).then_some(person.prison_number);
    if rng.random_bool(rates::register::NICKNAME)
        && let Some(short) = slips::nickname(&forename, &mut rng)
    {
        forename = short.to_owned();
    }
    if rng.random_bool(rates::register::NAME_TYPO) {
        match rng.random_bool(0.4) {
            true => forename = written::misspelt(&forename, &mut rng),
            false => surname = written::misspelt(&surname, &mut rng),
        }
    }
    [
        Cell::Key(person.id),
        Cell::text(Some(forename)),
        Cell::text(Some(surname)),
        Cell::Date(dob),
        Cell::word(if person.female { "F" } else { "M" }),
        Cell::text(postcode),
        Cell::text(pnc_id),
        Cell::text(prison_number),
    ]
}

fn write_cohort(
    plan: &LinkagePlan,
    population: &Population,
    streams: &Streams,
    known: &[Known],
    out: &Path,
) -> Result<LinkageSummary, SynthError> {
    let rows: Vec<Row> = known
        .par_iter()
        .enumerate()
        .map(|(i, known)| {
            let rng = streams.at(Purpose::Writing, i as u64);
            Writer::new(&plan.rates, population, plan.register_people, rng).row(known)
        })
        .collect();
    let mut summary = LinkageSummary {
        people: plan.people,
        register_people: plan.register_people,
        on_register: known.iter().filter(|k| k.index.is_some()).count() as u64,
        kinds: BTreeMap::new(),
        errors: BTreeMap::new(),
    };
    for (known, row) in known.iter().zip(&rows) {
        *summary.kinds.entry(known.kind.name()).or_default() += 1;
        for error in &row.errors {
            *summary.errors.entry(error).or_default() += 1;
        }
    }
    let file = |name: &str, records: Vec<Vec<String>>| {
        let text = as_csv(records).map_err(|e| SynthError::io(name, e))?;
        write_text(&out.join(name), &text)
    };
    file("cohort.csv", cohort_records(plan, streams, &rows))?;
    file("truth.csv", truth_records(known, &rows))?;
    Ok(summary)
}

fn as_csv(records: Vec<Vec<String>>) -> std::io::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in records {
        writer.write_record(record)?;
    }
    let bytes = writer.into_inner().map_err(|e| e.into_error())?;
    String::from_utf8(bytes).map_err(std::io::Error::other)
}

fn cohort_records(plan: &LinkagePlan, streams: &Streams, rows: &[Row]) -> Vec<Vec<String>> {
    let mut header = vec!["forename", "surname", "dob", "sex", "postcode"];
    if plan.with_ids {
        header.extend(["pnc_id", "prison_number"]);
    }
    header.push("programme_start");
    let mut records = vec![header.into_iter().map(str::to_owned).collect()];
    let first = days(jiff::civil::date(2021, 1, 1));
    for (i, row) in rows.iter().enumerate() {
        let mut rng = streams.at(Purpose::Programme, i as u64);
        let start = civil(first + rng.random_range(0..4 * 365));
        let mut record = vec![
            row.forename.clone(),
            row.surname.clone(),
            row.dob.clone(),
            row.sex.to_owned(),
            row.postcode.clone(),
        ];
        if plan.with_ids {
            record.extend([row.pnc_id.clone(), row.prison_number.clone()]);
        }
        record.push(start.strftime("%d/%m/%Y").to_string());
        records.push(record);
    }
    records
}

/// One record a row of the cohort, numbered as a spreadsheet shows it (header = 1).
fn truth_records(known: &[Known], rows: &[Row]) -> Vec<Vec<String>> {
    let header = [
        "row",
        "person_id",
        "kind",
        "sex",
        "birth_year",
        "heritage",
        "blank",
        "errors",
        "near_id",
    ];
    let mut records = vec![header.map(str::to_owned).to_vec()];
    for (i, (known, row)) in known.iter().zip(rows).enumerate() {
        let p = &known.person;
        let key = |present: bool, id: u64| {
            if present {
                id.to_string()
            } else {
                String::new()
            }
        };
        let blank: Vec<&str> = [
            ("dob", row.dob.is_empty()),
            ("sex", row.sex.is_empty()),
            ("postcode", row.postcode.is_empty()),
            ("pnc_id", row.pnc_id.is_empty()),
            ("prison_number", row.prison_number.is_empty()),
        ]
        .into_iter()
        .filter_map(|(name, empty)| empty.then_some(name))
        .collect();
        records.push(vec![
            (i + 2).to_string(),
            key(known.index.is_some(), p.id),
            known.kind.name().to_owned(),
            if p.female { "F" } else { "M" }.to_owned(),
            civil(p.dob).year().to_string(),
            format!("{:?}", p.heritage).to_lowercase(),
            blank.join("+"),
            row.errors.join("+"),
            key(known.near.is_some(), known.near.unwrap_or(0)),
        ]);
    }
    records
}
