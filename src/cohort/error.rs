//! Why a file cannot be read as a table at all.

use super::limits::{MAX_BYTES, MAX_CELL_CHARS, MAX_COLUMNS, MAX_ROWS};

/// A file that is not a table of people. Problems inside a table are [`super::Problem`]s.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CohortError {
    /// Nothing in it.
    #[error("the cohort file is empty")]
    Empty,
    /// Another kind of file.
    #[error("the cohort file is {kind}, not a CSV file")]
    NotCsv {
        /// What it looks like.
        kind: &'static str,
    },
    /// Control characters or broken encoding.
    #[error("the cohort file is not plain text: {reason}")]
    NotText {
        /// What shows it.
        reason: &'static str,
    },
    /// Beyond a limit.
    #[error("the cohort file is too large: {limit}")]
    TooLarge {
        /// Which limit.
        limit: Limit,
    },
    /// A quotation mark that opens and does not close, or closes too early.
    #[error("row {row}: a quotation mark {fault}, so the rows after it cannot be told apart")]
    Quote {
        /// Row in which the quotation mark opens.
        row: u32,
        /// How it is out of place.
        fault: &'static str,
    },
    /// No row of headings.
    #[error("none of the first rows of the cohort file has a heading this reader knows")]
    NoHeadings,
}

impl CohortError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            CohortError::Empty => {
                "choose the file with the list of people; `counterpart check --template` makes an empty one to fill in"
            }
            CohortError::NotCsv { .. } => {
                "open it in a spreadsheet program, choose `Save as`, then `CSV UTF-8 (comma separated)`: save as CSV"
            }
            CohortError::NotText { .. } => {
                "open it in a spreadsheet program and save as CSV UTF-8, without password or encryption"
            }
            CohortError::TooLarge { .. } => {
                "keep the columns of the template and one row a person; split a larger programme into several files"
            }
            CohortError::Quote { .. } => {
                "remove the quotation mark in that row, or open the file in a spreadsheet program and save as CSV again"
            }
            CohortError::NoHeadings => {
                "make the first row headings such as forename, surname, dob, postcode, pnc_id, programme_start; `counterpart check --template` writes them"
            }
        }
    }

    /// The bytes cannot be read as a table (exit 3), as against a table that cannot be used.
    pub fn is_unreadable(&self) -> bool {
        !matches!(self, CohortError::NoHeadings)
    }
}

/// A limit on the size of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`MAX_BYTES`].
    Bytes,
    /// [`MAX_ROWS`].
    Rows,
    /// [`MAX_COLUMNS`] in the row.
    Columns(u32),
    /// [`MAX_CELL_CHARS`] in the row.
    Cell(u32),
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Limit::Bytes => write!(f, "more than {} megabytes", MAX_BYTES / 1024 / 1024),
            Limit::Rows => write!(f, "more than {MAX_ROWS} rows"),
            Limit::Columns(row) => write!(f, "row {row} has more than {MAX_COLUMNS} columns"),
            Limit::Cell(row) => {
                write!(
                    f,
                    "a cell that begins in row {row} has more than {MAX_CELL_CHARS} characters"
                )
            }
        }
    }
}
