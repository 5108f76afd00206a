//! A sheet on its way to a table. Blank cells and rows cost nothing, however many a file says
//! there are; a sheet whose first rows have no heading is given up,
//! unless it was asked for.

use super::Found;
use crate::cohort::error::{CohortError, Limit};
use crate::cohort::headings::{Field, HEADING_WITHIN};
use crate::cohort::limits::{MAX_COLUMNS, MAX_ROWS};
use crate::cohort::table::{About, Builder, Note, NoteKind, Table};
use crate::identity::text::is_padding;

/// Rows and cells in their order.
pub(super) struct Draft {
    table: Builder,
    /// Rows that are not blank.
    rows: usize,
    /// Headings known in the row that has the most, and whether they say who somebody is.
    known: usize,
    identifies: bool,
    /// Read on, whatever the headings: somebody has said that this is the sheet.
    asked: bool,
    /// The row of those headings, counted among rows that are not blank.
    heading: usize,
    hidden_columns: Vec<bool>,
    filled_columns: Vec<bool>,
    hidden_rows: u32,
    dates: u32,
}

impl Draft {
    /// `asked`: somebody has said that this is the sheet; its headings may be known to a mapping.
    pub fn new(asked: bool) -> Draft {
        Draft {
            asked,
            table: Builder::default(),
            rows: 0,
            known: 0,
            identifies: false,
            heading: 0,
            hidden_columns: vec![false; MAX_COLUMNS],
            filled_columns: vec![false; MAX_COLUMNS],
            hidden_rows: 0,
            dates: 0,
        }
    }

    /// Columns that are hidden, from 0.
    pub fn hide_columns(&mut self, columns: std::ops::Range<u64>) {
        let last = columns.end.min(MAX_COLUMNS as u64);
        for column in columns.start.min(last)..last {
            self.hidden_columns[column as usize] = true;
        }
    }

    /// A cell of the row being filled; rows and columns (from 0) ascend.
    ///
    /// # Errors
    /// Beyond a limit.
    pub fn cell(&mut self, row: u64, column: u64, text: &str) -> Result<(), CohortError> {
        if text.chars().all(is_padding) {
            return Ok(());
        }
        let Some(row) = u32::try_from(row).ok().filter(|&r| r <= MAX_ROWS) else {
            return Err(CohortError::TooLarge { limit: Limit::Rows });
        };
        if column >= MAX_COLUMNS as u64 {
            return Err(CohortError::TooLarge {
                limit: Limit::Columns(row),
            });
        }
        while (self.table.width() as u64) < column {
            self.table.cell(row, "")?;
        }
        self.filled_columns[column as usize] = true;
        self.table.cell(row, text)
    }

    /// A cell that held a date.
    pub fn date(&mut self) {
        self.dates = self.dates.saturating_add(1);
    }

    /// A cell whose content cannot be had.
    pub fn note(&mut self, row: u64, column: u64, kind: NoteKind) {
        if row <= u64::from(MAX_ROWS) && column < MAX_COLUMNS as u64 {
            self.table.note(Note {
                row: row as u32,
                column: column as u32,
                kind,
            });
        }
    }

    /// Ends the row, which is there `times` in a row. Says whether to go on: not where the first
    /// rows have no heading that is known, unless the sheet was asked for.
    ///
    /// # Errors
    /// Beyond a limit.
    pub fn end_row(&mut self, row: u64, times: u64, hidden: bool) -> Result<bool, CohortError> {
        // A row beyond has no cells, else it would have been refused by them.
        let Ok(number) = u32::try_from(row) else {
            return Ok(true);
        };
        if !self.table.end_row(number)? {
            return Ok(true);
        }
        self.rows += 1;
        if self.rows <= HEADING_WITHIN {
            self.look_for_headings();
        }
        for more in 1..times {
            let number = u32::try_from(row.saturating_add(more)).unwrap_or(u32::MAX);
            self.table.repeat_row(number)?;
            self.rows += 1;
        }
        if hidden {
            let times = u32::try_from(times).unwrap_or(u32::MAX);
            self.hidden_rows = self.hidden_rows.saturating_add(times);
        }
        Ok(self.asked || self.known > 0 || self.rows < HEADING_WITHIN)
    }

    fn look_for_headings(&mut self) {
        let cells = self.table.last_row();
        let fields: Vec<Field> = cells.into_iter().filter_map(Field::of_heading).collect();
        if fields.len() > self.known {
            let has = |f| fields.contains(&f);
            self.known = fields.len();
            self.heading = self.rows;
            self.identifies = has(Field::PncId)
                || has(Field::PrisonNumber)
                || has(Field::Surname) && (has(Field::Forename) || has(Field::Dob));
        }
    }

    /// Headings that say who somebody is, and rows below them.
    fn has_people(&self) -> bool {
        self.identifies && self.rows > self.heading
    }

    /// The sheet as it is chosen by.
    pub fn found(&self, position: u32) -> Found {
        Found {
            position,
            known: self.known,
            has_people: self.has_people(),
        }
    }

    /// The table.
    pub fn finish(self, about: About) -> Table {
        let hidden = self.hidden_columns.iter().zip(&self.filled_columns);
        let hidden_columns = hidden
            .filter(|(hidden, filled)| **hidden && **filled)
            .count();
        self.table.finish(About {
            hidden_rows: self.hidden_rows,
            // At most MAX_COLUMNS.
            hidden_columns: hidden_columns as u32,
            date_cells: self.dates,
            ..about
        })
    }
}
