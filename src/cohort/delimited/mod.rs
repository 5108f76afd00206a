//! Text with delimiters to a table. O(bytes): a look at the first rows with each delimiter, then
//! one pass.

mod cp850;
mod encoding;
mod layout;
mod rows;
mod text;

use super::error::CohortError;
use super::table::{About, Builder, FileKind, Table};
use rows::Rows;

/// A delimiter's name for people.
pub(super) fn name_of(delimiter: u8) -> Option<&'static str> {
    let known = rows::DELIMITERS.iter().find(|(d, _)| *d == delimiter);
    known.map(|&(_, name)| name)
}

/// # Errors
/// When the bytes are no text, have no heading that is known, or are beyond a limit.
pub(super) fn decode(bytes: &[u8]) -> Result<Table, CohortError> {
    let text = text::decode(bytes)?;
    let layout = layout::find(&text.text)?;
    let mut table = Builder::with_room(text.text.len());
    let mut rows = Rows::new(&text.text, layout.delimiter);
    let mut cells = Vec::new();
    while let Some(row) = rows.next(&mut cells)? {
        if row == 1 && layout.names_delimiter {
            continue;
        }
        for cell in &cells {
            table.cell(row, cell)?;
        }
        table.end_row(row)?;
    }
    Ok(table.finish(About {
        kind: FileKind::Csv,
        encoding: text.encoding,
        delimiter: Some(layout.delimiter),
        sheets: 1,
        sheet: 1,
        hidden_sheets: 0,
        hidden_rows: 0,
        hidden_columns: 0,
        epoch_1904: false,
        date_cells: 0,
        notes_unlisted: 0,
    }))
}
