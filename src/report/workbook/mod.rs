//! The report as tables for spreadsheet programs: a cover, a list of contents, notes, and one table
//! a sheet. The sheets are values made once, here; `xlsx` and `ods` write them, so that two files
//! can never say different things.
//!
//! The rules are those of the UK Government Analysis Function for accessible spreadsheets: every
//! sheet begins in its first cell with its title, says what it holds, and holds one table without
//! merged, hidden or empty cells; what cannot be a number is shorthand that the notes explain.
//!
//! Every number is one of `report.json`, in full; a format says how many digits are shown.

mod alike;
mod data;
mod doubt;
mod front;
mod people;
mod results;
mod value;

pub(super) use people::few;
pub use value::{Missing, Shown, Value};

use super::narrative::capital;
use crate::disclosure::findings::{Analysis, Findings};

/// Longest table of which the headings need not stay in sight.
const IN_SIGHT: usize = 20;

/// A workbook, ready to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    /// Of the document.
    pub title: String,
    /// What is in it, in a sentence.
    pub description: String,
    /// When the run finished; none where the findings do not say it as a time.
    pub made: Option<jiff::Timestamp>,
    /// In order: cover, contents, notes, tables.
    pub sheets: Vec<Sheet>,
}

/// The language of every word in it.
pub const LANGUAGE: &str = "en-GB";

/// A sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// On its tab, and the name of its table: letters and `_`, at most 31.
    pub name: &'static str,
    /// In its first cell.
    pub title: String,
    /// Lines between title and table.
    pub about: Vec<String>,
    /// Of the table; none on the cover.
    pub columns: Vec<Column>,
    /// A value for each column.
    pub rows: Vec<Vec<Value>>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Unlike those of the other columns.
    pub heading: &'static str,
    /// Characters.
    pub width: u8,
}

impl Sheet {
    fn new(name: &'static str, title: &str, columns: &[(&'static str, u8)]) -> Sheet {
        let column = |&(heading, width)| Column { heading, width };
        Sheet {
            name,
            title: title.into(),
            about: Vec::new(),
            columns: columns.iter().map(column).collect(),
            rows: Vec::new(),
        }
    }

    fn about(mut self, line: &str) -> Sheet {
        self.about.push(line.into());
        self
    }

    fn row(&mut self, cells: Vec<Value>) {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    /// Does it hold a table?
    pub fn has_table(&self) -> bool {
        !self.columns.is_empty()
    }

    /// The lines above the table, the title first. All that can be known of the table before it is
    /// read: how many there are, and where shorthand is explained.
    pub fn lines(&self) -> Vec<Value> {
        let mut lines = vec![Value::text(&self.title)];
        if self.has_table() {
            lines.push(Value::text("This worksheet contains one table."));
        }
        lines.extend(self.about.iter().map(|line| Value::text(line)));
        let short = self.rows.iter().flatten();
        if short.into_iter().any(|v| matches!(v, Value::Missing(_))) && self.name != front::NOTES {
            lines.push(Value::text(
                "Some cells hold shorthand such as [c]: the sheet Notes explains it.",
            ));
        }
        lines
    }

    /// Are its headings to stay in sight while it is scrolled? Only where it is long: whoever
    /// enlarges the screen has little of it left.
    pub fn is_long(&self) -> bool {
        self.rows.len() > IN_SIGHT
    }
}

impl Book {
    /// Everything released, as tables; sheets with nothing to say are left out.
    pub fn of(findings: &Findings) -> Book {
        let tables = [
            Some(results::results(findings)),
            Some(results::said(findings)),
            results::ratios(findings),
            results::opinions(findings),
            results::quantiles(findings),
            results::curves(findings),
            people::steps(findings),
            people::losses(findings),
            Some(people::designs(findings)),
            people::withheld(findings),
            alike::balance(findings),
            alike::overlap(findings),
            alike::terms(findings),
            doubt::choices(findings),
            doubt::without(findings),
            doubt::unseen(findings),
            doubt::before(findings),
            data::lights(findings),
            data::found(findings),
            data::thresholds(findings),
            data::facts(findings),
        ];
        let mut tables: Vec<Sheet> = tables.into_iter().flatten().collect();
        // After every result and what may be said of them.
        tables.splice(2..2, results::numbered(findings));
        let mut sheets = vec![
            front::cover(findings),
            front::contents(&tables),
            front::notes(findings),
        ];
        sheets.extend(tables);
        Book {
            title: format!("{}: tables", findings.study.title),
            description: super::narrative::headline(findings),
            made: findings.run.finished.parse().ok(),
            sheets,
        }
    }
}

/// An analysis' name, as the first cell of its rows.
fn of(analysis: &Analysis) -> Value {
    Value::text(&capital(&analysis.title))
}

fn yes(is: bool) -> Value {
    Value::text(if is { "Yes" } else { "No" })
}

/// A sheet only where it has a row.
fn filled(sheet: Sheet) -> Option<Sheet> {
    (!sheet.rows.is_empty()).then_some(sheet)
}
