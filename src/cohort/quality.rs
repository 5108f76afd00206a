//! How good a file is, in counts.

use super::headings::Field;
use serde::Serialize;

/// A file in numbers; no value of any cell but the range of programme starts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileQuality {
    /// `CSV`, `XLSX` or `ODS`.
    pub kind: &'static str,
    /// Encoding found.
    pub encoding: &'static str,
    /// What stands between cells; none in a workbook.
    pub delimiter: Option<&'static str>,
    /// The sheet that was read, counted from 1 on the left.
    pub sheet: u32,
    /// Sheets in the workbook; 1 for CSV.
    pub sheets: u32,
    /// Row of the headings.
    pub heading_row: u32,
    /// Columns with or without a known heading.
    pub columns: u64,
    /// Columns not read: by position, and by heading where that cannot be anybody's data.
    pub ignored_columns: Vec<String>,
    /// Rows of people.
    pub rows: u64,
    /// Blank rows among them, skipped.
    pub blank_rows: u64,
    /// Totals, notes and repeated headings, skipped.
    pub other_rows: u64,
    /// One entry a field the reader knows.
    pub fields: Vec<FieldQuality>,
    /// Dates whose century the reader supplied.
    pub two_digit_years: u64,
    /// Dates given as a spreadsheet's day number.
    pub spreadsheet_dates: u64,
    /// Earliest programme start among usable rows, ISO.
    pub first_start: Option<String>,
    /// Latest.
    pub last_start: Option<String>,
}

/// One field of a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldQuality {
    /// The field's name.
    pub field: &'static str,
    /// Is there a column for it?
    pub column: bool,
    /// Rows where it is not blank.
    pub filled: u64,
    /// Of them, those that hold to the field's rules.
    pub valid: u64,
}

impl FieldQuality {
    /// Filled, of the rows of people, 0-100.
    pub fn complete_percent(&self, rows: u64) -> f64 {
        percent(self.filled, rows)
    }

    /// Valid, of the filled ones, 0-100.
    pub fn valid_percent(&self) -> f64 {
        percent(self.valid, self.filled)
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    match whole {
        0 => 0.0,
        _ => 100.0 * part as f64 / whole as f64,
    }
}

impl FileQuality {
    pub(super) fn of_field(&mut self, field: Field) -> &mut FieldQuality {
        &mut self.fields[field as usize]
    }
}
