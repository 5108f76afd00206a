//! What stands between the cells.

use super::rows::{DELIMITERS, Rows};
use crate::cohort::error::CohortError;
use crate::cohort::headings::{self, HEADING_WITHIN};
use std::borrow::Cow;

/// Rows looked at: headings may stand below a title and a blank row.
const SAMPLE_ROWS: usize = 20;
/// From this one on a delimiter is rare, and is taken for one only when it shows two headings.
const RARE: usize = 4;

/// How to read a text as a table.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub delimiter: u8,
    /// The first row is no row, but the spreadsheet's word for the delimiter: `sep=;`.
    pub names_delimiter: bool,
}

/// The delimiter that shows the most known headings in one row; between equals, the one with the
/// most rows as long as that row. Headings that only a mapping knows are no reason to refuse here:
/// then the delimiter is the one that cuts most of the first rows alike, if any does.
///
/// # Errors
/// When no row has a known heading and no delimiter makes columns, or a quotation mark or limit
/// stops every attempt.
pub(super) fn find(text: &str) -> Result<Layout, CohortError> {
    if let Some(delimiter) = named(text) {
        return Ok(Layout {
            delimiter,
            names_delimiter: true,
        });
    }
    let mut best: Option<((usize, usize), u8)> = None;
    let mut unknown: Option<((usize, usize), u8)> = None;
    let mut stopped = None;
    for (at, (delimiter, _)) in DELIMITERS.into_iter().enumerate() {
        let (rows, fault) = sample(text, delimiter);
        let (known, width) = rows
            .iter()
            .take(HEADING_WITHIN)
            .map(|(_, cells)| (headings::known_in(cells), cells.len()))
            // The first of equals: a repeated heading row is further down.
            .fold((0, 0), |a, b| if b.0 > a.0 { b } else { a });
        if known == 0 || (at >= RARE && known < 2) {
            if fault.is_none() && at < RARE {
                let score = columns(&rows);
                if score.is_some() && score > unknown.map(|(score, _)| score) {
                    unknown = score.map(|score| (score, delimiter));
                }
            }
            stopped = stopped.or(fault);
            continue;
        }
        let alike = rows
            .iter()
            .filter(|(_, cells)| cells.len() == width)
            .count();
        if best.is_none_or(|(score, _)| (known, alike) > score) {
            best = Some(((known, alike), delimiter));
        }
    }
    match best.or(unknown.filter(|_| stopped.is_none())) {
        Some((_, delimiter)) => Ok(Layout {
            delimiter,
            names_delimiter: false,
        }),
        None => Err(stopped.unwrap_or(CohortError::NoHeadings)),
    }
}

/// Rows as long as the first, and how long it is: where it has two cells or more, and more than half
/// of the rows are like it.
fn columns(rows: &[Row<'_>]) -> Option<(usize, usize)> {
    let width = rows.first().map(|(_, cells)| cells.len())?;
    let alike = rows.iter().filter(|(_, cells)| cells.len() == width);
    let alike = alike.count();
    (width > 1 && alike * 2 > rows.len()).then_some((alike, width))
}

/// The delimiter that the first line names, if it does.
fn named(text: &str) -> Option<u8> {
    let line = text.split(['\r', '\n']).next()?.trim_matches('"');
    let (word, delimiter) = line.split_at_checked(4)?;
    let known = |d: &(u8, &str)| delimiter.as_bytes() == [d.0];
    let named = DELIMITERS.into_iter().find(known)?;
    word.eq_ignore_ascii_case("sep=").then_some(named.0)
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
