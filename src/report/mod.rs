//! What people read: takes only [`crate::disclosure::Released`]. The words are made in
//! [`narrative`], the pictures in [`figures`], and each face is put together in a file of its own.

mod face;
mod facts;
pub mod figures;
mod html;
pub mod narrative;
mod numbered;
pub mod numbers;
mod ods;
mod opinions;
mod pdf;
mod quality;
mod sections;
pub mod table;
pub mod tidy;
pub mod workbook;
mod xlsx;

pub use face::Face;

use crate::disclosure::{Findings, Released};

/// A report could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The page could not be filled.
    #[error("the report page could not be filled: {0}")]
    Page(#[from] askama::Error),
    /// The long table could not be written.
    #[error("the table of every number could not be written: {0}")]
    Csv(#[from] csv::Error),
    /// The workbook could not be written.
    #[error("the workbook could not be written: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// The spreadsheet could not be written.
    #[error("the OpenDocument spreadsheet could not be written: {0}")]
    Ods(std::io::Error),
    /// The type could not be set.
    #[error("the PDF could not be made: {reason}")]
    Pdf {
        /// What the typesetting library said.
        reason: String,
    },
    /// A picture could not be drawn.
    #[error("the figure `{figure}` could not be drawn: {reason}")]
    Figure {
        /// Its id.
        figure: &'static str,
        /// What the drawing library said.
        reason: String,
    },
}

/// Released findings with their words filled in; every face is made from this one value.
#[derive(Debug, Clone)]
pub struct Report {
    findings: Findings,
}

impl Report {
    /// Fills in what can and cannot be said about each outcome.
    pub fn new(released: Released<Findings>) -> Report {
        let mut findings = released.get().clone();
        let words = findings.study.words.clone();
        for analysis in &mut findings.analyses {
            for outcome in &mut analysis.outcomes {
                outcome.can_say = narrative::can_say(outcome, analysis.well_matched, &words);
                outcome.cannot_say = narrative::cannot_say(outcome, analysis.well_matched, &words);
            }
        }
        let placebo = narrative::placebo_warning(&findings.sensitivity);
        findings.warnings.extend(placebo);
        Report { findings }
    }

    /// The same beside other results: sentences made of released and published numbers alone.
    pub fn with_context(mut self, sentences: Vec<String>) -> Report {
        self.findings.in_context = sentences;
        self
    }

    /// The findings, with can-say and cannot-say.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// The finding in one sentence.
    pub fn headline(&self) -> String {
        narrative::headline(&self.findings)
    }

    /// `report.json`, indented, ends with a newline.
    pub fn json(&self) -> String {
        // Proof that this cannot fail: the findings hold only strings, numbers, lists and maps with
        // string keys, and a number that is not finite is written as null.
        #[allow(clippy::expect_used)]
        let text = serde_json::to_string_pretty(&self.findings).expect("plain data");
        let mut out = String::with_capacity(text.len() + 1);
        for line in text.lines() {
            // Minus zero is a number only a computer could love. A line that ends so is a number's:
            // strings end with a quotation mark.
            match line.strip_suffix(',').unwrap_or(line).strip_suffix("-0.0") {
                Some(start) => {
                    out.push_str(start);
                    out.push_str("0.0");
                    out.push_str(if line.ends_with(',') { "," } else { "" });
                }
                None => out.push_str(line),
            }
            out.push('\n');
        }
        out
    }

    /// One page that needs nothing else: styles and pictures are inside, scripts there are none.
    pub fn html(&self) -> Result<String, ReportError> {
        html::page(&self.findings)
    }
}
