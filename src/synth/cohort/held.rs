//! What of a register and its truth a cohort is drawn from.

use crate::synth::cohort::Record;
use crate::synth::truth::ALL;
use crate::synth::{SynthError, table, truth};
use polars::prelude::{DataFrame, DataType, PolarsError};
use std::collections::HashMap;
use std::path::Path;

/// The register's persons, by key.
pub(super) struct People {
    frame: DataFrame,
    rows: HashMap<u64, usize>,
    dobs: Vec<Option<i32>>,
    ethnicities: HashMap<u64, &'static str>,
}

impl People {
    pub fn read(register: &Path) -> Result<People, SynthError> {
        let path = &register.join("persons.parquet");
        let frame = table::read(path, None)?;
        let wrong = |e| SynthError::table(&path.display().to_string(), e);
        let rows = keys(&frame).map_err(wrong)?.into_iter().zip(0..).collect();
        let dobs = numbers(&frame, "dob").map_err(wrong)?;
        for column in [
            "forename",
            "surname",
            "sex",
            "postcode",
            "pnc_id",
            "prison_number",
        ] {
            frame
                .column(column)
                .and_then(|c| c.str().map(drop))
                .map_err(wrong)?;
        }
        let path = register.join("events.parquet");
        let ethnicities = ethnicities(&table::read(&path, None)?)
            .map_err(|e| SynthError::table(&path.display().to_string(), e))?;
        Ok(People {
            frame,
            rows,
            dobs,
            ethnicities,
        })
    }

    pub fn dob(&self, id: u64) -> Option<i32> {
        self.rows.get(&id).and_then(|&row| self.dobs[row])
    }

    pub fn record(&self, id: u64) -> Option<Record> {
        let row = *self.rows.get(&id)?;
        let text = |column: &str| {
            let cell = self.frame.column(column).ok()?.str().ok()?.get(row)?;
            Some(cell.to_owned())
        };
        Some(Record {
            forename: text("forename").unwrap_or_default(),
            surname: text("surname").unwrap_or_default(),
            dob: self.dobs[row],
            sex: text("sex").unwrap_or_default(),
            postcode: text("postcode"),
            pnc_id: text("pnc_id"),
            prison_number: text("prison_number"),
            ethnicity: self.ethnicities.get(&id).map(|&group| group.to_owned()),
            start: 0,
            end: 0,
        })
    }
}

/// Each person's ethnic group as first recorded, in words a charity would write.
fn ethnicities(events: &DataFrame) -> Result<HashMap<u64, &'static str>, PolarsError> {
    let ids = keys(events)?;
    let recorded = events.column("ethnicity")?.cast(&DataType::String)?;
    let mut of = HashMap::new();
    for (id, group) in ids.into_iter().zip(recorded.str()?.iter()) {
        let written = match group {
            Some("asian") => "Asian or Asian British",
            Some("black") => "Black or Black British",
            Some("mixed") => "Mixed or multiple",
            Some("white") => "White",
            Some(_) => "Other",
            None => continue,
        };
        of.entry(id).or_insert(written);
    }
    Ok(of)
}

/// Expectations of every participant in both worlds.
pub(super) struct Worlds {
    with: Vec<Vec<f64>>,
    without: Vec<Vec<f64>>,
}

impl Worlds {
    pub fn read(frame: &DataFrame) -> Result<Worlds, PolarsError> {
        let world = |prefix: &str| {
            truth::names()
                .map(|n| {
                    let column = frame.column(&format!("{prefix}_{n}"))?.f64()?;
                    Ok(column.iter().map(|x| x.unwrap_or(f64::NAN)).collect())
                })
                .collect::<Result<Vec<Vec<f64>>, PolarsError>>()
        };
        Ok(Worlds {
            with: world("y1")?,
            without: world("y0")?,
        })
    }

    pub fn rows(&self, i: usize) -> ([f64; ALL], [f64; ALL]) {
        let row = |world: &[Vec<f64>]| std::array::from_fn(|k| world[k][i]);
        (row(&self.with), row(&self.without))
    }
}

/// The key of every row.
pub(super) fn keys(frame: &DataFrame) -> Result<Vec<u64>, PolarsError> {
    Ok(frame
        .column("person_id")?
        .u64()?
        .into_no_null_iter()
        .collect())
}

/// Whole numbers, or days since 1970-01-01.
pub(super) fn numbers(frame: &DataFrame, column: &str) -> Result<Vec<Option<i32>>, PolarsError> {
    let days = frame.column(column)?.cast(&DataType::Int32)?;
    Ok(days.i32()?.iter().collect())
}
