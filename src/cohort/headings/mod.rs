//! What a column is: headings in the words charities use ([`synonyms`]), read without what only says
//! whose field it is ([`words`]), or as a saved mapping says ([`Mapping`]); and the text of a field in
//! a row, whichever columns it stands in ([`Columns`]).

mod columns;
mod field;
mod mapping;
mod saved;
mod split;
mod synonyms;
mod words;

pub(super) use columns::Columns;
pub use field::Field;
pub use mapping::{Mapping, MappingError};

use super::table::Table;

/// How many cells of a row are headings this reader knows.
pub(super) fn known_in(cells: &[impl AsRef<str>]) -> usize {
    let known = |c: &&_| words::meaning(AsRef::as_ref(*c)).is_some();
    cells.iter().filter(known).count()
}

/// The headings are among the first rows that are not blank.
pub(super) const HEADING_WITHIN: usize = 10;

/// Where in a table the headings are, and how many of them are known: the most in one row, the
/// first of equals (a repeated heading row is further down). None when no row has one.
pub(super) fn find(table: &Table, mapping: Option<&Mapping>) -> Option<(usize, usize)> {
    let mut cells = Vec::new();
    let mut best = None;
    for at in 0..table.len().min(HEADING_WITHIN) {
        table.row(at, &mut cells);
        let assigned = |c: &&&str| mapping.is_some_and(|m| m.names(c));
        let known = |c: &&&str| assigned(c) || words::meaning(c).is_some();
        let known = cells.iter().filter(known).count();
        if known > best.map_or(0, |(_, known)| known) {
            best = Some((at, known));
        }
    }
    // Columns assigned by position alone: the first row is the headings, whatever they say.
    match mapping {
        Some(m) if best.is_none() && m.by_position() && table.len() > 0 => Some((0, 0)),
        _ => best,
    }
}
