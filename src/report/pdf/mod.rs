//! The report on paper: a tagged PDF after PDF/UA-1 (ISO 14289-1), with title, language, headings,
//! tables with their headings, and pictures with a description. It says what the page says; what
//! the page folds away, the tables of the spreadsheets have.
//!
//! Set by typst from a template of ours. What the study says reaches it as values, never as
//! mark-up; it can read nothing but what is handed to it here, and knows no clock.

mod blocks;
mod document;
mod press;

use super::{ReportError, html};
use crate::disclosure::findings::Findings;

/// Stack of the thread that sets the type: the same whoever asks, and enough for the deepest
/// nesting that the template has.
const STACK: usize = 8 << 20;

/// The file's bytes: the same findings, the same bytes.
///
/// # Errors
/// When a figure cannot be drawn or the type cannot be set.
pub fn write(findings: &Findings) -> Result<Vec<u8>, ReportError> {
    let document = document::of(&html::parts(findings)?);
    let failed = |reason: String| ReportError::Pdf { reason };
    let set = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let thread = thread.spawn_scoped(scope, || press::set(document));
        thread
            .map_err(|e| e.to_string())?
            .join()
            .unwrap_or_else(|_| Err("setting the type broke off".into()))
    });
    set.map_err(failed)
}
