//! XLSX and ODS workbooks to a table. Cells are streamed out of the container: no range is ever
//! laid out, no count or size that a file states is believed. O(bytes inflated).

mod draft;
mod numbers;
mod ods;
mod package;
mod shared;
mod styles;
mod text;
mod wide;
mod xlsx;
mod xml;

use super::error::{CohortError, Limit};
use super::kind::OtherKind;
use super::limits::MAX_SHEETS;
use super::table::{About, Encoding, FileKind, Table};
use draft::Draft;
use package::Package;

/// # Errors
/// When it is no workbook, damaged, beyond a limit, or has people on several sheets.
pub(super) fn decode(bytes: &[u8], asked: Option<u32>) -> Result<Table, CohortError> {
    let mut package = Package::open(bytes)?;
    if package.has("mimetype") || package.has("content.xml") {
        return ods::decode(&mut package, asked);
    }
    if package.has("[Content_Types].xml") || package.has("_rels/.rels") {
        return xlsx::decode(&mut package, asked);
    }
    Err(CohortError::OtherKind {
        kind: OtherKind::Zip,
    })
}

/// A sheet that was looked at.
#[derive(Clone, Copy)]
struct Found {
    /// From 1, hidden sheets counted.
    position: u32,
    known: usize,
    has_people: bool,
}

/// A sheet's rows, or the limit that it is beyond.
type Looked = (Found, Result<Draft, CohortError>);

/// What the sheets of a workbook share.
#[derive(Clone, Copy)]
struct Workbook {
    kind: FileKind,
    epoch_1904: bool,
    sheets: u32,
    hidden_sheets: u32,
}

/// The sheet asked for; else the one sheet of people; else the one with the most known headings.
fn choose(mut looked: Vec<Looked>, asked: Option<u32>, of: Workbook) -> Result<Table, CohortError> {
    if let Some(asked) = asked.filter(|a| !(1..=of.sheets).contains(a)) {
        return Err(CohortError::NoSuchSheet {
            asked,
            sheets: of.sheets,
        });
    }
    let mut people = looked.iter().filter(|(f, _)| f.has_people);
    if let (Some((first, _)), Some((second, _))) = (people.next(), people.next()) {
        return Err(CohortError::SeveralSheets {
            first: first.position,
            second: second.position,
            sheets: of.sheets,
        });
    }
    // The first of equals.
    looked.sort_by_key(|(f, _)| (!f.has_people, std::cmp::Reverse(f.known), f.position));
    let usable = |f: &Found| f.known > 0 || asked == Some(f.position);
    let Some((found, draft)) = looked.into_iter().find(|(f, _)| usable(f)) else {
        return Err(CohortError::NoHeadings);
    };
    Ok(draft?.finish(About {
        kind: of.kind,
        encoding: Encoding::Utf8,
        delimiter: None,
        sheets: of.sheets,
        sheet: found.position,
        hidden_sheets: of.hidden_sheets,
        hidden_rows: 0,
        hidden_columns: 0,
        epoch_1904: of.epoch_1904,
        date_cells: 0,
        notes_unlisted: 0,
    }))
}

/// A sheet that was read to its end or to a limit. A limit counts only if the sheet is chosen;
/// damage of any sheet is damage of the file.
fn look(
    position: u32,
    mut draft: Draft,
    read: impl FnOnce(&mut Draft) -> Result<(), CohortError>,
) -> Result<Looked, CohortError> {
    let end = read(&mut draft);
    let found = draft.found(position);
    match end {
        Ok(()) => Ok((found, Ok(draft))),
        Err(limit @ CohortError::TooLarge { .. }) => Ok((found, Err(limit))),
        Err(damage) => Err(damage),
    }
}

/// # Errors
/// When there are more than any list of people needs.
fn check_sheets(sheets: usize) -> Result<u32, CohortError> {
    match u32::try_from(sheets) {
        Ok(sheets) if sheets <= MAX_SHEETS => Ok(sheets),
        _ => Err(CohortError::TooLarge {
            limit: Limit::Sheets,
        }),
    }
}
