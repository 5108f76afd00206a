//! A researcher's own table: one CSV or Parquet file, a row a person. Its outcomes go into a vault
//! that opens only to a fixed design, as the register's do.

use super::table::{guarded, in_words};
use super::{FixedDesign, RegisterError, csv_shape};
use crate::numeric::frame::{Column, Frame, MISSING};
use polars::prelude::*;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// Words that mean "not recorded" in a CSV, besides an empty cell.
pub(super) const BLANK: [&str; 6] = ["NA", "N/A", "NaN", "nan", "NULL", "null"];
/// Rows looked at to tell what a column holds, before all are.
const LOOK_AT: usize = 2_000;

/// A table split into what the design may see and what it may not.
pub struct Table {
    /// Covariates and exact columns.
    pub design: Frame,
    /// Who took part, one a row.
    pub treated: Vec<bool>,
    /// Outcomes, shut.
    pub vault: Vault,
}

/// Outcome columns that open only to a fixed design.
pub struct Vault(Frame);

impl Vault {
    /// Does the column hold nothing but 0, 1 and blanks? The kind of an outcome may be asked
    /// before the design is fixed, its values not.
    pub fn is_binary(&self, column: &str) -> bool {
        matches!(self.0.get(column), Some(Column::Number(v)) if v.iter().all(|v| v.is_nan() || *v == 0.0 || *v == 1.0))
    }

    /// Does the column hold words?
    pub fn holds_text(&self, column: &str) -> bool {
        matches!(self.0.get(column), Some(Column::Category { .. }))
    }

    /// The outcomes of the rows named, in that order, for the design of an analysis of these rows.
    pub fn open_rows(&self, _design: &dyn FixedDesign, rows: &[u32]) -> Frame {
        self.0.take(rows)
    }

    /// The outcomes, in row order.
    pub fn open(self, _design: &dyn FixedDesign) -> Frame {
        self.0
    }
}

/// Which columns of a table are what.
#[derive(Debug, Clone, Default)]
pub struct Roles {
    /// The 0/1 column that says who took part.
    pub treatment: String,
    /// Covariates and exact columns; `None` = every column that has no other role.
    pub design: Option<Vec<String>>,
    /// Outcome columns, with the columns they need.
    pub outcomes: Vec<String>,
    /// The identifier column, which is nobody's covariate.
    pub id: Option<String>,
}

impl Table {
    /// Reads the columns named from a CSV or Parquet file (by its ending).
    ///
    /// # Errors
    /// A file or column that is not there, text where numbers are needed (with its row), a
    /// treatment that is not 0/1. No value is repeated.
    pub fn read(path: &Path, roles: &Roles) -> Result<Table, RegisterError> {
        let file = path.display().to_string();
        let have = column_names(path)?;
        let mut design = match &roles.design {
            Some(names) => names.clone(),
            None => have
                .iter()
                .filter(|c| {
                    // A column without a name is the row number that some programs write.
                    !c.trim().is_empty()
                        && **c != roles.treatment
                        && Some(*c) != roles.id.as_ref()
                        && !roles.outcomes.contains(c)
                })
                .cloned()
                .collect(),
        };
        dedupe(&mut design);
        let mut outcomes = roles.outcomes.clone();
        dedupe(&mut outcomes);
        let mut wanted = vec![roles.treatment.clone()];
        wanted.extend(design.iter().cloned());
        wanted.extend(outcomes.iter().cloned());
        dedupe(&mut wanted);
        for column in &wanted {
            if !have.contains(column) {
                return Err(RegisterError::NoColumn {
                    file,
                    column: column.clone(),
                    have: listed(&have),
                });
            }
        }
        let mut data = load(path, &wanted, false)?;
        if holds_blank_words(&data) {
            data = load(path, &wanted, true)?;
        }
        let rows = data.height();
        if rows == 0 {
            return Err(RegisterError::Unreadable {
                file,
                reason: "it has a header and no rows".into(),
            });
        }
        let mut take = |name: &str| -> Result<Column, RegisterError> {
            // Every name was checked against the file; a column asked for twice is copied before.
            let series = data
                .drop_in_place(name)
                .map_err(|_| RegisterError::NoColumn {
                    file: file.clone(),
                    column: name.to_owned(),
                    have: listed(&have),
                })?;
            to_column(&series, name, &file)
        };
        let treated = treatment(take(&roles.treatment)?, &roles.treatment, &file)?;
        let mut vault = Frame::new(rows);
        for name in &outcomes {
            vault.push(name.clone(), take(name)?);
        }
        let mut frame = Frame::new(rows);
        for name in &design {
            frame.push(name.clone(), take(name)?);
        }
        Ok(Table {
            design: frame,
            treated,
            vault: Vault(vault),
        })
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.treated.len()
    }
}

/// The text of one column, as written, for naming rows in an output file.
///
/// # Errors
/// A file or column that is not there, or a name that stands in two rows (blanks name nobody): a
/// row is a person, and the intervals take people to be independent.
pub fn identifiers(path: &Path, column: &str) -> Result<Vec<String>, RegisterError> {
    require(path, column)?;
    let data = load(path, &[column.to_owned()], false)?;
    let text = data
        .column(column)
        .and_then(|c| c.cast(&DataType::String))
        .map_err(|_| {
            bad(
                &path.display().to_string(),
                column,
                "cannot be read as text",
            )
        })?;
    let text = text.str().map_err(|_| {
        bad(
            &path.display().to_string(),
            column,
            "cannot be read as text",
        )
    })?;
    let names: Vec<String> = text
        .iter()
        .map(|v| v.unwrap_or_default().to_owned())
        .collect();
    let mut first = HashMap::with_capacity(names.len());
    for (row, name) in names.iter().enumerate().filter(|n| !n.1.trim().is_empty()) {
        if let Some(before) = first.insert(name.as_str(), row) {
            let rule = format!(
                "names one person in data rows {} and {}; a row must be a person: leave doubles out, or take another column as the identifier",
                before + 1,
                row + 1
            );
            return Err(bad(&path.display().to_string(), column, &rule));
        }
    }
    Ok(names)
}

const NO_HEADER: &str = "a first line that does not look like column names";

/// Nothing that a column would be called: a number, a date, nothing, not text.
fn is_value(name: &str) -> bool {
    name.trim().is_empty()
        || name.parse::<f64>().is_ok()
        || name.contains(char::is_control)
        || name.contains('\u{fffd}')
        || name.starts_with(|c: char| c.is_ascii_digit()) && name.contains(['/', '-'])
}

/// The columns there are, for a message. A table without a header has a person's values in its
/// first line: those are not repeated.
fn listed(names: &[String]) -> String {
    const MOST: usize = 40;
    if names.iter().any(|n| is_value(n)) {
        return NO_HEADER.into();
    }
    let more = names.len().saturating_sub(MOST);
    let mut text = names[..names.len() - more].join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

fn dedupe(names: &mut Vec<String>) {
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|n| seen.insert(n.clone()));
}

fn is_parquet(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("parquet"))
}

fn open(path: &Path) -> Result<std::fs::File, RegisterError> {
    let unreadable = |reason: String| RegisterError::Unreadable {
        file: path.display().to_string(),
        reason,
    };
    if path.is_dir() {
        return Err(unreadable("it is a folder, not a table".into()));
    }
    std::fs::File::open(path).map_err(|e| unreadable(in_words(e.kind())))
}

/// Refuses a column that the table does not have.
///
/// # Errors
/// A file or column that is not there.
pub fn require(path: &Path, column: &str) -> Result<(), RegisterError> {
    let have = column_names(path)?;
    match have.iter().any(|c| c == column) {
        true => Ok(()),
        false => Err(RegisterError::NoColumn {
            file: path.display().to_string(),
            column: column.into(),
            have: listed(&have),
        }),
    }
}

/// The column names of a table, in order.
///
/// # Errors
/// A file that is not there or not a table.
pub fn column_names(path: &Path) -> Result<Vec<String>, RegisterError> {
    let unreadable = |reason: &str| RegisterError::Unreadable {
        file: path.display().to_string(),
        reason: reason.into(),
    };
    if is_parquet(path) {
        let opened = open(path)?;
        let file = path.display().to_string();
        let schema = guarded(&file, || ParquetReader::new(opened).schema())?;
        return Ok(schema.iter_names().map(|n| n.to_string()).collect());
    }
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(open(path)?);
    let headers = reader
        .headers()
        .map_err(|_| unreadable("its first line is not readable as a CSV header in UTF-8"))?;
    let names: Vec<String> = headers
        .iter()
        .map(|h| h.trim_start_matches('\u{feff}').to_owned())
        .collect();
    let mut sorted = names.clone();
    sorted.sort();
    if names.len() == 1 && names[0].contains([';', '\t', '|']) {
        return Err(unreadable(
            "its columns are not separated by commas; save it as CSV (comma separated)",
        ));
    }
    if names.iter().all(|n| n.is_empty()) {
        return Err(unreadable(
            "it is empty; the first line must name the columns",
        ));
    }
    if let Some(twice) = sorted.windows(2).find(|w| w[0] == w[1]) {
        if names.iter().any(|n| is_value(n)) {
            return Err(unreadable(&format!("it has {NO_HEADER}")));
        }
        return Err(RegisterError::BadColumn {
            file: path.display().to_string(),
            column: twice[0].clone(),
            rule: "is named twice in the header; rename one".into(),
        });
    }
    Ok(names)
}

/// `blank_words`: take the words of [`BLANK`] for empty cells, which costs time on every cell.
fn load(path: &Path, wanted: &[String], blank_words: bool) -> Result<DataFrame, RegisterError> {
    let file = path.display().to_string();
    // The parser's own messages quote cells: they are dropped here on purpose.
    let damaged = |reason: &str| RegisterError::Unreadable {
        file: file.clone(),
        reason: reason.into(),
    };
    if is_parquet(path) {
        let opened = open(path)?;
        return guarded(&file, || {
            ParquetReader::new(opened)
                .with_columns(Some(wanted.to_vec()))
                .finish()
        });
    }
    let rows = csv_shape::check(open(path)?).map_err(|reason| damaged(&reason))?;
    let columns: Arc<[PlSmallStr]> = wanted.iter().map(|n| n.as_str().into()).collect();
    let read = |look_at: Option<usize>| {
        let blank = NullValues::AllColumns(BLANK.iter().map(|&b| b.into()).collect());
        CsvReadOptions::default()
            .with_columns(Some(columns.clone()))
            .with_infer_schema_length(look_at)
            .with_rechunk(false)
            .map_parse_options(|p| p.with_null_values(blank_words.then(|| blank.clone())))
            .try_into_reader_with_file_path(Some(path.to_owned()))?
            .finish()
    };
    read(Some(LOOK_AT))
        .or_else(|_| read(None))
        .map(|frame| frame.head(Some(rows as usize)))
        .map_err(|_| damaged("its rows do not all have the header's columns, or it is not UTF-8; save it as CSV (UTF-8) again"))
}

/// Is one of the words of [`BLANK`] in a column of text? A column of numbers with such a word in it
/// is read as text.
fn holds_blank_words(data: &DataFrame) -> bool {
    data.columns()
        .iter()
        .filter_map(|c| c.str().ok())
        .any(|text| {
            text.iter()
                .flatten()
                .any(|v| v.len() <= 4 && BLANK.contains(&v))
        })
}

fn bad(file: &str, column: &str, rule: &str) -> RegisterError {
    RegisterError::BadColumn {
        file: file.to_owned(),
        column: column.to_owned(),
        rule: rule.to_owned(),
    }
}

/// Numbers stay numbers (`NaN` where blank), text becomes categories.
fn to_column(
    series: &polars::prelude::Column,
    name: &str,
    file: &str,
) -> Result<Column, RegisterError> {
    let cannot = || bad(file, name, "cannot be read as numbers or text");
    if series.dtype().is_string() {
        let text = series.str().map_err(|_| cannot())?;
        let column = Column::category(text.iter());
        mostly_numbers(&column, name, file)?;
        return Ok(column);
    }
    let numbers = series.cast(&DataType::Float64).map_err(|_| cannot())?;
    let numbers = numbers.f64().map_err(|_| cannot())?;
    let mut values = Vec::with_capacity(numbers.len());
    for chunk in numbers.downcast_iter() {
        match chunk.validity().filter(|v| v.unset_bits() > 0) {
            None => values.extend_from_slice(chunk.values()),
            Some(_) => values.extend(chunk.iter().map(|v| v.copied().unwrap_or(f64::NAN))),
        }
    }
    Ok(Column::Number(values))
}

/// Text among numbers is a slip, not a category: say where.
fn mostly_numbers(column: &Column, name: &str, file: &str) -> Result<(), RegisterError> {
    let Column::Category { codes, levels } = column else {
        return Ok(());
    };
    let is_number: Vec<bool> = levels.iter().map(|l| l.parse::<f64>().is_ok()).collect();
    let is_dressed: Vec<bool> = levels.iter().map(|l| dressed(l)).collect();
    let row_of = |row: &&u32| **row != MISSING && is_dressed[**row as usize];
    let count = codes.iter().filter(row_of).count();
    let recorded = codes.iter().filter(|c| **c != MISSING).count();
    if count > 0
        && 2 * count > recorded
        && let Some(first) = codes.iter().position(|c| row_of(&c))
    {
        let rule = format!(
            "holds numbers with a comma, a currency or a percent sign (first in data row {}): write plain numbers such as 1234.5",
            first + 1
        );
        return Err(bad(file, name, &rule));
    }
    if !is_number.contains(&true) {
        return Ok(());
    }
    let words: Vec<usize> = (0..codes.len())
        .filter(|&r| codes[r] != MISSING && !is_number[codes[r] as usize])
        .collect();
    match words.first() {
        Some(first) if 2 * words.len() <= recorded => {
            let others = match words.len() - 1 {
                0 => String::new(),
                n => format!(" (and {n} more)"),
            };
            let rule = format!(
                "holds numbers, but data row {}{others} is not one: correct it or leave it blank",
                first + 1
            );
            Err(bad(file, name, &rule))
        }
        _ => Ok(()),
    }
}

/// A number as spreadsheets show it, which is not one to a reader: `1,234`, `23,5`, `£20`, `40 %`.
fn dressed(text: &str) -> bool {
    let bare: String = text
        .chars()
        .filter(|c| !matches!(c, ',' | '£' | '$' | '€' | '%' | ' ' | '\u{a0}'))
        .collect();
    bare.len() != text.len() && bare.parse::<f64>().is_ok()
}

fn treatment(column: Column, name: &str, file: &str) -> Result<Vec<bool>, RegisterError> {
    let Column::Number(values) = column else {
        return Err(bad(
            file,
            name,
            "says who took part and must hold 0 and 1, but holds text",
        ));
    };
    if let Some(row) = values.iter().position(|&v| v != 0.0 && v != 1.0) {
        let rule = format!(
            "says who took part: data row {} is neither 0 nor 1 (1 = took part)",
            row + 1
        );
        return Err(bad(file, name, &rule));
    }
    Ok(values.iter().map(|&v| v == 1.0).collect())
}
