//! The table of texts that the cells of an XLSX workbook point into.

use super::package::{Package, fault};
use super::text;
use super::xml::{Node, Xml};
use crate::cohort::error::{CohortError, WorkbookFault};
use crate::cohort::limits::{MAX_ROWS, MAX_TEXT};

/// Distinct texts: names repeat, so that postcode, two identifiers and what is rare of the names make
/// fewer than five a person.
const MAX_TEXTS: usize = 5 * MAX_ROWS as usize;

/// All shared texts in one block.
#[derive(Default)]
pub(super) struct Shared {
    text: String,
    ends: Vec<u32>,
}

impl Shared {
    /// Reads the part. How many it says there are is not looked at.
    ///
    /// # Errors
    /// When it is damaged or holds more than any list needs.
    pub fn read(package: &mut Package<'_>, part: &str) -> Result<Shared, CohortError> {
        let mut shared = Shared::default();
        let mut xml = Xml::new(package.part(part)?);
        loop {
            match xml.next()? {
                Node::Start(e) if e.local_name().as_ref() == "si" => {}
                Node::Eof => return Ok(shared),
                _ => continue,
            }
            text::read(&mut xml, &mut shared.text)?;
            if shared.text.len() > MAX_TEXT || shared.ends.len() >= MAX_TEXTS {
                return Err(fault(WorkbookFault::Count));
            }
            // Fits: below MAX_TEXT.
            shared.ends.push(shared.text.len() as u32);
        }
    }

    /// The text at that place.
    pub fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)? as usize;
        let from = at.checked_sub(1).map_or(0, |i| self.ends[i] as usize);
        Some(&self.text[from..end])
    }
}
