//! Any file to a table.

use super::error::{CohortError, Limit};
use super::limits::MAX_BYTES;
use super::reading::Reading;
use super::table::Table;
use super::{Cohort, delimited, kind, sheet, workbook};
use crate::study::Study;

/// A file's bytes to its table; `sheet` (from 1) where a workbook has people on several. Memory:
/// the text of the file once more, and four bytes a cell.
///
/// Files of strangers belong into a process that may do nothing but this.
///
/// # Errors
/// When the bytes are no table at all, beyond a limit, or hold people on several sheets.
pub fn decode(bytes: &[u8], sheet: Option<u32>) -> Result<Table, CohortError> {
    if bytes.len() > MAX_BYTES {
        return Err(CohortError::TooLarge {
            limit: Limit::Bytes,
        });
    }
    if let Some(kind) = kind::of(bytes) {
        return Err(CohortError::OtherKind { kind });
    }
    if kind::is_zip(bytes) {
        return workbook::decode(bytes, sheet);
    }
    match sheet {
        Some(asked) if asked != 1 => Err(CohortError::NoSuchSheet { asked, sheets: 1 }),
        _ => delimited::decode(bytes),
    }
}

/// [`decode`] and [`super::read`] in this process: for bytes that are trusted.
///
/// # Errors
/// As theirs.
pub fn read_bytes(bytes: &[u8], study: &Study, today: i32) -> Result<Cohort, CohortError> {
    sheet::read(&decode(bytes, None)?, &Reading::of(study), today)
}
