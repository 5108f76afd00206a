//! Why a file cannot be read as a table at all. Everything said here is a fixed sentence with
//! numbers in it: a process that is not trusted hands it over.

use super::kind::OtherKind;
use super::limits::{
    MAX_BYTES, MAX_CELL_CHARS, MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, MAX_TEXT,
};

/// A file that is not a table of people. Problems inside a table are [`super::Problem`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CohortError {
    /// Nothing in it.
    #[error("the cohort file is empty")]
    Empty,
    /// Another kind of file.
    #[error("the cohort file is {}, not a table this reader knows", .kind.name())]
    OtherKind {
        /// What it looks like.
        kind: OtherKind,
    },
    /// Control characters or broken encoding.
    #[error("the cohort file is not plain text: {}", .reason.rule())]
    NotText {
        /// What shows it.
        reason: NotText,
    },
    /// A workbook that is damaged, or made to do harm.
    #[error("the cohort file is a workbook that cannot be read: {}", .fault.rule())]
    Workbook {
        /// What is wrong.
        fault: WorkbookFault,
    },
    /// Beyond a limit.
    #[error("the cohort file is too large: {limit}")]
    TooLarge {
        /// Which limit.
        limit: Limit,
    },
    /// A quotation mark that opens and does not close, or closes too early.
    #[error("row {row}: a quotation mark {}, so the rows after it cannot be told apart", .fault.rule())]
    Quote {
        /// Row in which the quotation mark opens.
        row: u32,
        /// How it is out of place.
        fault: Quote,
    },
    /// No row of headings.
    #[error("none of the first rows of the cohort file has a heading this reader knows")]
    NoHeadings,
    /// Two sheets or more hold people.
    #[error("sheet {first} and sheet {second} of the workbook's {sheets} both hold people")]
    SeveralSheets {
        /// The first, from 1.
        first: u32,
        /// The second.
        second: u32,
        /// Sheets in the workbook.
        sheets: u32,
    },
    /// A sheet was asked for that is not there.
    #[error("there is no sheet {asked} in the cohort file: it has {sheets}")]
    NoSuchSheet {
        /// The sheet asked for.
        asked: u32,
        /// Sheets in the workbook, or 1.
        sheets: u32,
    },
    /// The process that read it ended without an answer.
    #[error(
        "the cohort file could not be read: reading it took more memory or time than any list of people needs"
    )]
    Exhausted,
}

impl CohortError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            CohortError::Empty => {
                "choose the file with the list of people; `counterpart check --template` makes an empty one to fill in"
            }
            CohortError::OtherKind { kind } => kind.hint(),
            CohortError::NotText { .. } => {
                "open it in a spreadsheet program and save as CSV UTF-8, without password or encryption"
            }
            CohortError::Workbook { fault } => fault.hint(),
            CohortError::TooLarge { .. } => {
                "keep the columns of the template and one row a person; split a larger programme into several files"
            }
            CohortError::Quote { .. } => {
                "remove the quotation mark in that row, or open the file in a spreadsheet program and save as CSV again"
            }
            CohortError::NoHeadings => {
                "make the first row headings such as forename, surname, dob, postcode, pnc_id, programme_start; `counterpart check --template` writes them; or keep the file as it is and say what its columns are with --mapping FILE.toml, for each of them three lines such as `[[columns]]`, `column = \"A\"`, `field = \"forename\"` (of a workbook, first `sheet = 1`)"
            }
            CohortError::SeveralSheets { .. } => {
                "say which one with --sheet N, counting from 1 on the left, hidden sheets too; or copy everybody into one sheet"
            }
            CohortError::NoSuchSheet { .. } => {
                "count the sheets from 1 on the left, hidden ones too; or leave --sheet out"
            }
            CohortError::Exhausted => {
                "open it in a spreadsheet program, copy the list of people alone into a new file, and save as CSV UTF-8 or XLSX"
            }
        }
    }

    /// The bytes cannot be read as a table (exit 3), as against a table that cannot be used.
    pub fn is_unreadable(&self) -> bool {
        !matches!(
            self,
            CohortError::NoHeadings
                | CohortError::SeveralSheets { .. }
                | CohortError::NoSuchSheet { .. }
        )
    }
}

/// What shows that bytes are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotText {
    /// Not valid in its encoding.
    Damaged,
    /// NUL bytes.
    Nul,
    /// Other control characters.
    Control,
}

impl NotText {
    /// All of them.
    pub(super) const ALL: [NotText; 3] = [NotText::Damaged, NotText::Nul, NotText::Control];

    fn rule(self) -> &'static str {
        match self {
            NotText::Damaged => "it breaks off or is damaged",
            NotText::Nul => "it contains NUL bytes",
            NotText::Control => "it contains control characters",
        }
    }
}

/// How a quotation mark is out of place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// Never closed.
    Open,
    /// Closed before the cell ends.
    Early,
}

impl Quote {
    /// All of them.
    pub(super) const ALL: [Quote; 2] = [Quote::Open, Quote::Early];

    fn rule(self) -> &'static str {
        match self {
            Quote::Open => "is opened and never closed",
            Quote::Early => "stands in the middle of a cell",
        }
    }
}

/// What is wrong with a workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkbookFault {
    /// The container is damaged, or lies about what it holds.
    Container,
    /// A part of it is encrypted.
    Encrypted,
    /// A part that every workbook has is missing.
    PartMissing,
    /// A part is no well-formed XML.
    Xml,
    /// A part declares a document type or names an entity that XML does not have.
    Entity,
    /// A part is in another encoding than UTF-8 and UTF-16.
    Encoding,
    /// Rows or cells are out of order.
    Order,
    /// Unpacked it would be out of all proportion.
    Inflated,
    /// Elements stand too deep in each other, or one tag or text is too long.
    Shape,
    /// Too many parts, sheets or shared texts.
    Count,
}

impl WorkbookFault {
    /// All of them.
    pub(super) const ALL: [WorkbookFault; 10] = [
        WorkbookFault::Container,
        WorkbookFault::Encrypted,
        WorkbookFault::PartMissing,
        WorkbookFault::Xml,
        WorkbookFault::Entity,
        WorkbookFault::Encoding,
        WorkbookFault::Order,
        WorkbookFault::Inflated,
        WorkbookFault::Shape,
        WorkbookFault::Count,
    ];

    fn rule(self) -> &'static str {
        match self {
            WorkbookFault::Container => "it breaks off or is damaged",
            WorkbookFault::Encrypted => "it is protected by a password",
            WorkbookFault::PartMissing => "a part that every workbook has is missing",
            WorkbookFault::Xml => "a part of it is damaged",
            WorkbookFault::Entity => "it declares entities, which no workbook does",
            WorkbookFault::Encoding => "a part of it is neither in UTF-8 nor in UTF-16",
            WorkbookFault::Order => "its rows or cells are out of order",
            WorkbookFault::Inflated => "it unpacks to far more than any list of people needs",
            WorkbookFault::Shape => "a part of it is not built as any workbook is",
            WorkbookFault::Count => {
                "it has more parts, sheets or texts than any list of people needs"
            }
        }
    }

    fn hint(self) -> &'static str {
        match self {
            WorkbookFault::Encrypted => {
                "open it in a spreadsheet program, remove the password, and save as XLSX or CSV UTF-8"
            }
            _ => {
                "open it in a spreadsheet program, copy the list of people alone into a new file, and save as XLSX or CSV UTF-8"
            }
        }
    }
}

/// A limit on the size of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`MAX_BYTES`].
    Bytes,
    /// [`MAX_ROWS`].
    Rows,
    /// [`MAX_CELLS`].
    Cells,
    /// [`MAX_TEXT`].
    Text,
    /// `MAX_SHEETS`.
    Sheets,
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
            Limit::Cells => write!(f, "more than {MAX_CELLS} cells"),
            Limit::Text => write!(f, "more than {} megabytes of text", MAX_TEXT / 1024 / 1024),
            Limit::Sheets => write!(f, "more than {MAX_SHEETS} sheets"),
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
