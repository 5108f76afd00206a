//! What stands between the cells, and which row holds the headings.

use super::error::CohortError;
use super::headings;
use super::table::{DELIMITERS, Rows};
use std::borrow::Cow;

/// Rows looked at: headings may stand below a title and a blank row.
const SAMPLE_ROWS: usize = 20;
/// The headings are among the first rows.
const HEADING_WITHIN: usize = 10;

/// How to read a text as a table.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub delimiter: u8,
    pub delimiter_name: &'static str,
    pub heading_row: u32,
}

/// The delimiter that shows the most known headings in one row; between equals, the one with the
/// most rows as long as that row.
///
/// # Errors
/// When no row has a known heading, or a quotation mark or limit stops every attempt.
pub(super) fn find(text: &str) -> Result<Layout, CohortError> {
    let mut best: Option<((usize, usize), Layout)> = None;
    let mut stopped = None;
    for (delimiter, delimiter_name) in DELIMITERS {
        let (rows, fault) = sample(text, delimiter);
        let heading = rows
            .iter()
            .take(HEADING_WITHIN)
            .map(|(row, cells)| (headings::known_in(cells), cells.len(), *row))
            // The first of equals: a repeated heading row is further down.
            .fold((0, 0, 0), |a, b| if b.0 > a.0 { b } else { a });
        let (known, width, heading_row) = heading;
        if known == 0 {
            stopped = stopped.or(fault);
            continue;
        }
        let alike = rows
            .iter()
            .filter(|(_, cells)| cells.len() == width)
            .count();
        let layout = Layout {
            delimiter,
            delimiter_name,
            heading_row,
        };
        if best.is_none_or(|(score, _)| (known, alike) > score) {
            best = Some(((known, alike), layout));
        }
    }
    match best {
        Some((_, layout)) => Ok(layout),
        None => Err(stopped.unwrap_or(CohortError::NoHeadings)),
    }
}

/// A row's number and cells.
type Row<'a> = (u32, Vec<Cow<'a, str>>);

/// The first rows that are not blank, and what stopped the reading, if anything did.
fn sample(text: &str, delimiter: u8) -> (Vec<Row<'_>>, Option<CohortError>) {
    let mut walk = Rows::new(text, delimiter);
    let mut rows = Vec::new();
    let mut cells = Vec::new();
    while rows.len() < SAMPLE_ROWS {
        match walk.next(&mut cells) {
            Ok(Some(row)) if cells.iter().any(|c| !c.trim().is_empty()) => {
                rows.push((row, std::mem::take(&mut cells)));
            }
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(fault) => return (rows, Some(fault)),
        }
    }
    (rows, None)
}
