//! How large a file may be. A cohort is a few hundred people; the limits leave room for a national
//! programme and none for a file made to exhaust the machine.

/// Bytes in the file.
pub const MAX_BYTES: usize = 100 * 1024 * 1024;
/// Rows, heading and blank rows included.
pub const MAX_ROWS: u32 = 200_000;
/// Columns.
pub const MAX_COLUMNS: usize = 200;
/// Cells.
pub const MAX_CELLS: usize = 5_000_000;
/// Characters in a cell.
pub const MAX_CELL_CHARS: usize = 10_000;
/// Bytes of all cells, as UTF-8.
pub const MAX_TEXT: usize = 200 * 1024 * 1024;
/// Problems listed one by one; beyond, they are counted.
pub const MAX_PROBLEMS: usize = 100_000;
/// Cells of a workbook whose content could not be had, listed one by one.
pub(super) const MAX_NOTES: usize = 10_000;
/// Sheets of a workbook.
pub(super) const MAX_SHEETS: u32 = 255;
