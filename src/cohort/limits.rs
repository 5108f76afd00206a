//! How large a file may be. A cohort is a few hundred people; the limits leave room for a national
//! programme and none for a file made to exhaust the machine.

/// Bytes in the file.
pub const MAX_BYTES: usize = 100 * 1024 * 1024;
/// Rows, heading and blank rows included.
pub const MAX_ROWS: u32 = 200_000;
/// Columns.
pub const MAX_COLUMNS: usize = 200;
/// Characters in a cell.
pub const MAX_CELL_CHARS: usize = 10_000;
/// Problems listed one by one; beyond, they are counted.
pub const MAX_PROBLEMS: usize = 100_000;
