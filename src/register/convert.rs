//! Stored columns to the engine's own: keys, days, covariates, identifiers.

use super::dictionary::{Entry, Kind};
use super::table::{ParquetTable, Stored};
use super::{PersonKey, RegisterError};
use crate::numeric::frame::Column;
use polars::prelude::DataType;

/// The ways a column of that kind may be stored.
pub(crate) fn storage_of(kind: Kind) -> &'static [Stored] {
    match kind {
        Kind::Text => &[Stored::Text],
        Kind::Date => &[Stored::Date],
        Kind::Number | Kind::Count | Kind::Flag => &[Stored::Whole, Stored::Decimal, Stored::Truth],
        Kind::Category => &[Stored::Text, Stored::Whole, Stored::Truth],
    }
}

/// Person keys: whole numbers, none missing.
pub(crate) fn keys(table: &ParquetTable, column: &str) -> Result<Vec<PersonKey>, RegisterError> {
    table.require(column, &[Stored::Whole])?;
    let read = table.read_as(column, &DataType::UInt64)?;
    let missing = read.null_count();
    if missing > 0 {
        let rule = format!("is blank or negative in {missing} rows; every row needs a key");
        return Err(table.bad(column, rule));
    }
    let values = read.u64().map_err(|_| table.bad(column, "is not whole"))?;
    Ok(values.iter().flatten().map(PersonKey).collect())
}

/// Days since 1970-01-01, `None` where missing.
pub(crate) fn days(table: &ParquetTable, column: &str) -> Result<Vec<Option<i32>>, RegisterError> {
    table.require(column, &[Stored::Date])?;
    let read = table
        .read_as(column, &DataType::Date)?
        .cast(&DataType::Int32)
        .map_err(|_| table.bad(column, "is not a date"))?;
    let values = read.i32().map_err(|_| table.bad(column, "is not a date"))?;
    Ok(values.iter().collect())
}

/// Whole numbers from 0, `None` where missing.
pub(crate) fn wholes(
    table: &ParquetTable,
    column: &str,
) -> Result<Vec<Option<u32>>, RegisterError> {
    table.require(column, &[Stored::Whole])?;
    let read = table.read_as(column, &DataType::UInt32)?;
    let values = read.u32().map_err(|_| table.bad(column, "is not whole"))?;
    Ok(values.iter().collect())
}

/// Days since 1970-01-01, none missing.
pub(crate) fn all_days(table: &ParquetTable, column: &str) -> Result<Vec<i32>, RegisterError> {
    let days = days(table, column)?;
    let missing = days.iter().filter(|d| d.is_none()).count();
    if missing > 0 {
        let rule = format!("is blank in {missing} rows; every event needs a date");
        return Err(table.bad(column, rule));
    }
    Ok(days.into_iter().flatten().collect())
}

/// A covariate or outcome, by the kind the dictionary gives it.
pub(crate) fn column(table: &ParquetTable, entry: &Entry) -> Result<Column, RegisterError> {
    let name = entry.name.as_str();
    table.require(name, storage_of(entry.kind))?;
    match entry.kind {
        Kind::Text | Kind::Category => categories(table, name),
        Kind::Date => Ok(Column::Number(
            days(table, name)?
                .into_iter()
                .map(|d| d.map_or(f64::NAN, f64::from))
                .collect(),
        )),
        Kind::Number | Kind::Count | Kind::Flag => numbers(table, entry).map(Column::Number),
    }
}

/// Numbers, `NaN` where missing.
pub(crate) fn numbers(table: &ParquetTable, entry: &Entry) -> Result<Vec<f64>, RegisterError> {
    let name = entry.name.as_str();
    let read = table.read_as(name, &DataType::Float64)?;
    let values = read.f64().map_err(|_| table.bad(name, "is not a number"))?;
    let values: Vec<f64> = values.iter().map(|v| v.unwrap_or(f64::NAN)).collect();
    let breaks = |v: f64| match entry.kind {
        Kind::Flag => v != 0.0 && v != 1.0,
        Kind::Count => v < 0.0 || v.fract() != 0.0 || v.is_infinite(),
        _ => v.is_infinite(),
    };
    let broken = values.iter().filter(|v| !v.is_nan() && breaks(**v)).count();
    if broken == 0 {
        return Ok(values);
    }
    let rule = match entry.kind {
        Kind::Flag => "0 or 1",
        Kind::Count => "0, 1, 2, ...",
        _ => "a finite number",
    };
    Err(table.bad(name, format!("must be {rule}; {broken} rows are not")))
}

fn categories(table: &ParquetTable, name: &str) -> Result<Column, RegisterError> {
    let read = table.read_as(name, &DataType::String)?;
    let values = read.str().map_err(|_| table.bad(name, "is not text"))?;
    Ok(Column::category(values.iter()))
}

/// Runs over the texts of a column: trimmed, `None` where missing or blank.
pub(crate) fn each_text(
    table: &ParquetTable,
    column: &str,
    mut each: impl FnMut(usize, Option<&str>),
) -> Result<(), RegisterError> {
    table.require(column, &[Stored::Text])?;
    let read = table.read(column)?;
    let values = read.str().map_err(|_| table.bad(column, "is not text"))?;
    for (row, value) in values.iter().enumerate() {
        each(row, value.map(str::trim).filter(|v| !v.is_empty()));
    }
    Ok(())
}
