//! The job whose traces are looked for. One function, so that it can be any job: it gets the files,
//! calls `during` while the people are read and linked, and writes its result to `plan.out`.

use crate::planted::Plan;
use counterpart::custody::Personal;
use polars::prelude::{ParquetReader, SerReader};
use rayon::prelude::*;
use std::collections::HashMap;
use std::fs::File;

/// Reads the cohort and the register's persons, links them by PNC id, and counts.
pub fn run(plan: &Plan, during: &mut dyn FnMut()) {
    let cohort = read_cohort(plan);
    let persons = read_persons(plan);
    let by_id: HashMap<&Personal, usize> = persons
        .iter()
        .enumerate()
        .map(|(i, p)| (&p[4], i))
        .collect();
    let linked = cohort
        .par_iter()
        .filter(|p| by_id.contains_key(&p[4]))
        .count();
    during();
    std::fs::create_dir_all(&plan.out).unwrap();
    let result = format!(r#"{{"submitted": {}, "found": {linked}}}"#, cohort.len());
    std::fs::write(plan.out.join("report.json"), result).unwrap();
}

type Row = [Personal; 6];

fn read_cohort(plan: &Plan) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(&plan.cohort).unwrap();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    records
        .par_iter()
        .map(|r| [0, 1, 3, 4, 5, 6].map(|i| Personal::new(r[i].to_uppercase())))
        .collect()
}

fn read_persons(plan: &Plan) -> Vec<Row> {
    let file = File::open(plan.register.join("persons.parquet")).unwrap();
    let table = ParquetReader::new(file).finish().unwrap();
    let columns = planted_columns().map(|name| table.column(name).unwrap().str().unwrap());
    (0..table.height())
        .into_par_iter()
        .map(|row| columns.map(|c| Personal::new(c.get(row).unwrap_or("").to_uppercase())))
        .collect()
}

/// In the order of [`Row`].
fn planted_columns() -> [&'static str; 6] {
    [
        "forename",
        "surname",
        "sex",
        "postcode",
        "pnc_id",
        "prison_number",
    ]
}
