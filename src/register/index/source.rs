//! An index from a register's persons table: a column at a time, so that no more than one is held
//! as the file has it.

use super::build::push_form;
use super::{IndexBuilder, RegisterIndex};
use crate::identity::{self, Dob};
use crate::register::parquet::{DOB_DIGITS, EXTERNAL_ID, PERSON_ID};
use crate::register::table::ParquetTable;
use crate::register::{RegisterError, convert};

/// Builds the index of a persons table. `digest` is the file's.
pub(super) fn build(
    persons: &ParquetTable,
    digest: [u8; 32],
) -> Result<RegisterIndex, RegisterError> {
    let mut to = IndexBuilder::new();
    let rows = persons.rows();
    to.source = digest;
    to.person = convert::keys(persons, PERSON_ID)?
        .into_iter()
        .map(|k| k.0)
        .collect();
    to.dob = dobs(persons)?;
    for (name, column) in [
        ("forename", &mut to.forename),
        ("surname", &mut to.surname),
        ("postcode", &mut to.postcode),
    ] {
        each(persons, name, |text| column.push(text))?;
    }
    for (name, column, form) in [
        (
            "pnc_id",
            &mut to.pnc_id,
            identity::pnc_form as fn(&str) -> String,
        ),
        (
            "prison_number",
            &mut to.prison_number,
            identity::prison_number_form,
        ),
    ] {
        each(persons, name, |text| {
            push_form(column, text, form);
            Ok(())
        })?;
    }
    to.sex.reserve(rows);
    each(persons, "sex", |text| {
        to.sex.push(identity::sex(text));
        Ok(())
    })?;
    if persons.has(EXTERNAL_ID) {
        each(persons, EXTERNAL_ID, |text| {
            to.external.push(text.unwrap_or("").as_bytes());
            Ok(())
        })?;
    }
    Ok(to.finish()?)
}

/// Runs over a column; one that the table lacks is blank in every row.
fn each(
    persons: &ParquetTable,
    column: &str,
    mut take: impl FnMut(Option<&str>) -> Result<(), super::IndexError>,
) -> Result<(), RegisterError> {
    let mut taken = Ok(());
    let mut once = |text: Option<&str>| {
        if taken.is_ok() {
            taken = take(text);
        }
    };
    match persons.has(column) {
        true => convert::each_text(persons, column, |_, text| once(text))?,
        false => (0..persons.rows()).for_each(|_| once(None)),
    }
    Ok(taken?)
}

/// Dates of birth; where there is none, the digits kept of a date that no calendar has.
fn dobs(persons: &ParquetTable) -> Result<Vec<Dob>, RegisterError> {
    let mut dobs = match persons.has("dob") {
        true => {
            let days = convert::days(persons, "dob")?.into_iter();
            days.map(|day| day.map_or(Dob::MISSING, Dob::from_days))
                .collect()
        }
        false => vec![Dob::MISSING; persons.rows()],
    };
    if persons.has(DOB_DIGITS) {
        let digits = convert::wholes(persons, DOB_DIGITS)?;
        for (dob, digits) in dobs.iter_mut().zip(digits) {
            if let (true, Some(digits)) = (dob.is_missing(), digits) {
                *dob = Dob::from_parts(digits / 10_000, digits / 100 % 100, digits % 100);
            }
        }
    }
    Ok(dobs)
}
