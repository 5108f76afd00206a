//! What any file becomes before a cell of it is understood: rows of text cells with the row numbers
//! a spreadsheet shows. All text lies in one block, a cell is where it ends: about the file's size
//! twice while it is read, and no allocation a cell. The block is wiped when it is freed, as is
//! everything on this heap.

use super::error::{CohortError, Limit};
use super::limits::{
    MAX_CELL_CHARS, MAX_CELLS, MAX_COLUMNS, MAX_NOTES, MAX_ROWS, MAX_SHEETS, MAX_TEXT,
};
use crate::identity::text::is_padding;

/// A file as rows of text cells. Blank rows are left out, which the row numbers show. Not
/// printable:
///
/// ```compile_fail,E0277
/// format!("{:?}", counterpart::cohort::decode(b"surname\n", None).ok());
/// ```
pub struct Table {
    pub(super) text: String,
    /// End of each cell in `text`.
    pub(super) ends: Vec<u32>,
    pub(super) rows: Vec<RowEnd>,
    pub(super) notes: Vec<Note>,
    pub(super) about: About,
}

/// A row's number and the number of cells up to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub(super) struct RowEnd {
    pub number: u32,
    pub cells: u32,
}

/// What was found out about a file on the way to its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// Kind of file.
    pub kind: FileKind,
    /// How its text was written.
    pub encoding: Encoding,
    /// What stood between cells; none in a workbook.
    pub delimiter: Option<u8>,
    /// Sheets in the workbook, hidden ones included; 1 for text.
    pub sheets: u32,
    /// The sheet that was read, from 1.
    pub sheet: u32,
    /// Sheets nobody sees, which are not chosen unasked.
    pub hidden_sheets: u32,
    /// Rows with content that are hidden in the workbook, read like the others.
    pub hidden_rows: u32,
    /// Columns with content that are hidden in the workbook, read like the others.
    pub hidden_columns: u32,
    /// Days are counted from 1904-01-01, not from 1900.
    pub epoch_1904: bool,
    /// Cells that were dates and not text or plain numbers.
    pub date_cells: u32,
    /// Notes beyond those listed.
    pub notes_unlisted: u32,
}

/// Kinds of file that become tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Text with delimiters.
    Csv,
    /// Office Open XML workbook.
    Xlsx,
    /// OpenDocument spreadsheet.
    Ods,
}

impl FileKind {
    /// All of them.
    pub const ALL: [FileKind; 3] = [FileKind::Csv, FileKind::Xlsx, FileKind::Ods];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            FileKind::Csv => "CSV",
            FileKind::Xlsx => "XLSX",
            FileKind::Ods => "ODS",
        }
    }
}

/// How a file's text was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-8 after a byte-order mark.
    Utf8Marked,
    /// UTF-16, little end first.
    Utf16Le,
    /// UTF-16, big end first.
    Utf16Be,
    /// The same without a byte-order mark.
    Utf16LeUnmarked,
    /// The same without a byte-order mark.
    Utf16BeUnmarked,
    /// UTF-32, little end first.
    Utf32Le,
    /// UTF-32, big end first.
    Utf32Be,
    /// Windows-1252, of which Latin-1 is a part.
    Windows1252,
    /// Mac OS Roman.
    MacRoman,
    /// Code page 850, of DOS in western Europe.
    Cp850,
}

impl Encoding {
    /// All of them.
    pub const ALL: [Encoding; 11] = [
        Encoding::Utf8,
        Encoding::Utf8Marked,
        Encoding::Utf16Le,
        Encoding::Utf16Be,
        Encoding::Utf16LeUnmarked,
        Encoding::Utf16BeUnmarked,
        Encoding::Utf32Le,
        Encoding::Utf32Be,
        Encoding::Windows1252,
        Encoding::MacRoman,
        Encoding::Cp850,
    ];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf8Marked => "UTF-8 with byte-order mark",
            Encoding::Utf16Le => "UTF-16 little-endian",
            Encoding::Utf16Be => "UTF-16 big-endian",
            Encoding::Utf16LeUnmarked => "UTF-16 little-endian without byte-order mark",
            Encoding::Utf16BeUnmarked => "UTF-16 big-endian without byte-order mark",
            Encoding::Utf32Le => "UTF-32 little-endian",
            Encoding::Utf32Be => "UTF-32 big-endian",
            Encoding::Windows1252 => "Windows-1252",
            Encoding::MacRoman => "Mac OS Roman",
            Encoding::Cp850 => "code page 850",
        }
    }
}

/// A cell whose content could not be had; it is blank in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Note {
    pub row: u32,
    /// From 0.
    pub column: u32,
    pub kind: NoteKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoteKind {
    /// A formula without the value it had when the file was saved.
    Formula,
    /// `#REF!` and its like, or a number that is none.
    Error,
}

impl NoteKind {
    pub const ALL: [NoteKind; 2] = [NoteKind::Formula, NoteKind::Error];
}

impl Table {
    /// What was found out about the file.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Rows that are not blank.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The cells of the row at that place into `cells`, and its number.
    pub(super) fn row<'t>(&'t self, at: usize, cells: &mut Vec<&'t str>) -> u32 {
        cells.clear();
        let before = |i: usize| i.checked_sub(1);
        let first = before(at).map_or(0, |i| self.rows[i].cells as usize);
        let row = self.rows[at];
        let mut from = before(first).map_or(0, |i| self.ends[i] as usize);
        for &end in &self.ends[first..row.cells as usize] {
            cells.push(&self.text[from..end as usize]);
            from = end as usize;
        }
        row.number
    }

    /// Does it hold what every table holds, whoever made it? Ends ascend and part the text between
    /// characters, rows ascend, nothing is beyond its limit. O(cells).
    pub(super) fn is_sound(&self) -> bool {
        let about = &self.about;
        let bounded = self.text.len() <= MAX_TEXT
            && self.ends.len() <= MAX_CELLS
            && self.notes.len() <= MAX_NOTES
            && (1..=MAX_SHEETS).contains(&about.sheets)
            && (1..=about.sheets).contains(&about.sheet);
        let cells = self.ends.iter().try_fold(0, |from, &end| {
            let cell = self.text.get(from..end as usize)?;
            (!is_too_long(cell)).then_some(end as usize)
        });
        let rows = self.rows.iter().try_fold((0, 0), |(number, cells), row| {
            let count = row.cells.checked_sub(cells)? as usize;
            let next = row.number > number && row.number <= MAX_ROWS;
            (next && (1..=MAX_COLUMNS).contains(&count)).then_some((row.number, row.cells))
        });
        bounded
            && cells == Some(self.text.len())
            && rows.is_some_and(|(_, cells)| cells as usize == self.ends.len())
            && self.notes.iter().all(|n| n.column < MAX_COLUMNS as u32)
    }
}

/// Bytes first: they are never fewer than the characters, and need no counting.
pub(super) fn is_too_long(cell: &str) -> bool {
    cell.len() > MAX_CELL_CHARS && cell.chars().count() > MAX_CELL_CHARS
}

/// A table being filled, row by row.
#[derive(Default)]
pub(super) struct Builder {
    text: String,
    ends: Vec<u32>,
    rows: Vec<RowEnd>,
    notes: Vec<Note>,
    notes_unlisted: u32,
    /// Is there anything to see in the row being filled?
    filled: bool,
}

impl Builder {
    /// Room for so many bytes of text.
    pub fn with_room(bytes: usize) -> Builder {
        Builder {
            text: String::with_capacity(bytes),
            ..Builder::default()
        }
    }

    /// Adds a cell to the row being filled, which is `row`.
    ///
    /// # Errors
    /// Beyond a limit.
    pub fn cell(&mut self, row: u32, cell: &str) -> Result<(), CohortError> {
        let too_large = |limit| Err(CohortError::TooLarge { limit });
        if is_too_long(cell) {
            return too_large(Limit::Cell(row));
        }
        if self.row_start() + MAX_COLUMNS <= self.ends.len() {
            return too_large(Limit::Columns(row));
        }
        if self.ends.len() >= MAX_CELLS {
            return too_large(Limit::Cells);
        }
        if self.text.len() + cell.len() > MAX_TEXT {
            return too_large(Limit::Text);
        }
        self.filled = self.filled || !cell.chars().all(is_padding);
        self.text.push_str(cell);
        // Fits: a table's text is below 4 GB.
        self.ends.push(self.text.len() as u32);
        Ok(())
    }

    /// Cells of the row being filled.
    pub fn width(&self) -> usize {
        self.ends.len() - self.row_start()
    }

    fn row_start(&self) -> usize {
        self.rows.last().map_or(0, |r| r.cells as usize)
    }

    /// Ends the row. A blank one is forgotten; says whether it was.
    ///
    /// # Errors
    /// Beyond the number of rows.
    pub fn end_row(&mut self, number: u32) -> Result<bool, CohortError> {
        let start = self.row_start();
        if !std::mem::take(&mut self.filled) {
            let from = start.checked_sub(1).map_or(0, |i| self.ends[i] as usize);
            self.text.truncate(from);
            self.ends.truncate(start);
            return Ok(false);
        }
        if number > MAX_ROWS {
            return Err(CohortError::TooLarge { limit: Limit::Rows });
        }
        self.rows.push(RowEnd {
            number,
            cells: self.ends.len() as u32,
        });
        Ok(true)
    }

    /// The last row once more, under another number.
    ///
    /// # Errors
    /// Beyond a limit.
    pub fn repeat_row(&mut self, number: u32) -> Result<(), CohortError> {
        let too_large = |limit| Err(CohortError::TooLarge { limit });
        let (before, last, from) = self.last_bounds();
        if number > MAX_ROWS {
            return too_large(Limit::Rows);
        }
        if self.ends.len() + (last - before) > MAX_CELLS {
            return too_large(Limit::Cells);
        }
        if 2 * self.text.len() - from > MAX_TEXT {
            return too_large(Limit::Text);
        }
        let shift = (self.text.len() - from) as u32;
        self.text.extend_from_within(from..);
        for i in before..last {
            self.ends.push(self.ends[i] + shift);
        }
        self.rows.push(RowEnd {
            number,
            cells: self.ends.len() as u32,
        });
        Ok(())
    }

    /// Where the last row's cells begin and end, and where its text begins.
    fn last_bounds(&self) -> (usize, usize, usize) {
        let mut ends = self.rows.iter().rev().map(|r| r.cells as usize);
        let (last, before) = (ends.next().unwrap_or(0), ends.next().unwrap_or(0));
        let from = before.checked_sub(1).map_or(0, |i| self.ends[i] as usize);
        (before, last, from)
    }

    /// The cells of the last row.
    pub fn last_row(&self) -> Vec<&str> {
        let (before, last, mut from) = self.last_bounds();
        let cells = self.ends[before..last].iter().map(|&end| {
            let cell = &self.text[from..end as usize];
            from = end as usize;
            cell
        });
        cells.collect()
    }

    /// Notes a cell that could not be had.
    pub fn note(&mut self, note: Note) {
        if note.column as usize >= MAX_COLUMNS {
            return;
        }
        match self.notes.len() < MAX_NOTES {
            true => self.notes.push(note),
            false => self.notes_unlisted = self.notes_unlisted.saturating_add(1),
        }
    }

    /// Done.
    pub fn finish(self, about: About) -> Table {
        Table {
            text: self.text,
            ends: self.ends,
            rows: self.rows,
            about: About {
                notes_unlisted: self.notes_unlisted,
                ..about
            },
            notes: self.notes,
        }
    }
}
