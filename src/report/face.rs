//! The forms of a report: one list of them, for the command line, the worker and the service.

use super::{Report, ReportError, ods, pdf, tidy, workbook::Book, xlsx};

/// A form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Face {
    /// One page that needs nothing else.
    Html,
    /// Every number, for programs.
    Json,
    /// Every number in one long table.
    Csv,
    /// Tables, as an Office Open XML workbook.
    Xlsx,
    /// The same tables, as an OpenDocument spreadsheet.
    Ods,
    /// The page on paper, tagged.
    Pdf,
}

impl Face {
    /// All of them. Those that every report has come first.
    pub const ALL: [Face; 6] = [
        Face::Html,
        Face::Json,
        Face::Csv,
        Face::Xlsx,
        Face::Ods,
        Face::Pdf,
    ];

    /// The name of its file.
    pub fn file_name(self) -> &'static str {
        match self {
            Face::Html => "report.html",
            Face::Json => "report.json",
            Face::Csv => "report.csv",
            Face::Xlsx => "report.xlsx",
            Face::Ods => "report.ods",
            Face::Pdf => "report.pdf",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Face::Html => "text/html; charset=utf-8",
            Face::Json => "application/json",
            Face::Csv => "text/csv; charset=utf-8; header=present",
            Face::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Face::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Face::Pdf => "application/pdf",
        }
    }

    /// The form whose file has that name.
    pub fn named(file_name: &str) -> Option<Face> {
        Face::ALL.into_iter().find(|f| f.file_name() == file_name)
    }

    /// Do the bytes begin as those of this form do?
    pub fn begins(self, bytes: &[u8]) -> bool {
        let first: &[u8] = match self {
            Face::Html => b"<!",
            Face::Json => b"{",
            Face::Csv => b"part,",
            Face::Xlsx | Face::Ods => b"PK\x03\x04",
            Face::Pdf => b"%PDF-",
        };
        bytes.starts_with(first)
    }

    /// Is it text, in UTF-8?
    pub fn is_text(self) -> bool {
        matches!(self, Face::Html | Face::Json | Face::Csv)
    }

    /// Must every report have it? The others are left out where they cannot be made.
    pub fn is_always_there(self) -> bool {
        matches!(self, Face::Html | Face::Json)
    }
}

impl Report {
    /// The report in that form: the same findings, the same bytes.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub fn face(&self, face: Face) -> Result<Vec<u8>, ReportError> {
        let findings = self.findings();
        Ok(match face {
            Face::Html => self.html()?.into_bytes(),
            Face::Json => self.json().into_bytes(),
            Face::Csv => tidy::write(findings)?,
            Face::Xlsx => xlsx::write(&Book::of(findings))?,
            Face::Ods => ods::write(&Book::of(findings)).map_err(ReportError::Ods)?,
            Face::Pdf => pdf::write(findings)?,
        })
    }
}
