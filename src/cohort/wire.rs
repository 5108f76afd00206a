//! A table as bytes, from the process that reads strangers' files to the one that asked. Both are
//! the same program on the same machine, but the one that reads may have been taken over by what
//! it read: every length is checked before anything is allocated, every number before it is used,
//! and an error is a number and not a text.

use super::error::{CohortError, Limit, NotText, Quote, WorkbookFault};
use super::kind::OtherKind;
use super::limits::{MAX_CELLS, MAX_NOTES, MAX_ROWS, MAX_TEXT};
use super::table::{About, Encoding, FileKind, Note, NoteKind, RowEnd, Table};
use std::io::{self, Read, Write};

const MAGIC: [u8; 8] = *b"cptable1";
const TABLE: u32 = 0;
const ERROR: u32 = 1;
/// Numbers before the cells: what is known about the file (11), how much follows (4).
const HEAD: usize = 15;

/// What was sent is no table and no error, or breaks off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer of the reading process is no table")]
pub struct Garbled;

/// Sends a table or an error.
///
/// # Errors
/// When it cannot be written.
pub fn send(read: &Result<Table, CohortError>, to: &mut impl Write) -> io::Result<()> {
    to.write_all(&MAGIC)?;
    match read {
        Err(error) => {
            words(to, &[ERROR])?;
            words(to, &error_code(*error))
        }
        Ok(table) => {
            words(to, &[TABLE])?;
            let a = &table.about;
            words(
                to,
                &[
                    a.kind as u32,
                    a.encoding as u32,
                    a.delimiter.map_or(0, u32::from),
                    a.sheets,
                    a.sheet,
                    a.hidden_sheets,
                    a.hidden_rows,
                    a.hidden_columns,
                    a.epoch_1904.into(),
                    a.date_cells,
                    a.notes_unlisted,
                    // All bounded far below 4 GB.
                    table.rows.len() as u32,
                    table.ends.len() as u32,
                    table.notes.len() as u32,
                    table.text.len() as u32,
                ],
            )?;
            to.write_all(bytemuck::cast_slice(&table.rows))?;
            to.write_all(bytemuck::cast_slice(&table.ends))?;
            for note in &table.notes {
                words(to, &[note.row, note.column, note.kind as u32])?;
            }
            to.write_all(table.text.as_bytes())
        }
    }
}

/// Receives what [`send`] sent.
///
/// # Errors
/// When it is anything else: nothing of it is used then.
pub fn receive(from: &mut impl Read) -> Result<Result<Table, CohortError>, Garbled> {
    let mut magic = [0; 8];
    from.read_exact(&mut magic).map_err(|_| Garbled)?;
    let mut tag = [0];
    take(from, &mut tag)?;
    let read = match (magic, tag) {
        (MAGIC, [ERROR]) => {
            let mut code = [0; 5];
            take(from, &mut code)?;
            Err(error_of(code).ok_or(Garbled)?)
        }
        (MAGIC, [TABLE]) => Ok(table(from)?),
        _ => return Err(Garbled),
    };
    match from.read(&mut [0]) {
        Ok(0) => Ok(read),
        _ => Err(Garbled),
    }
}

fn table(from: &mut impl Read) -> Result<Table, Garbled> {
    let mut head = [0; HEAD];
    take(from, &mut head)?;
    let [kind, encoding, delimiter, rest @ ..] = head;
    let [
        sheets,
        sheet,
        hidden_sheets,
        hidden_rows,
        hidden_columns,
        epoch,
        dates,
        unlisted,
        sizes @ ..,
    ] = rest;
    let [rows, cells, notes, text] = sizes.map(|n| n as usize);
    if rows > MAX_ROWS as usize || cells > MAX_CELLS || notes > MAX_NOTES || text > MAX_TEXT {
        return Err(Garbled);
    }
    let about = About {
        kind: *FileKind::ALL.get(kind as usize).ok_or(Garbled)?,
        encoding: *Encoding::ALL.get(encoding as usize).ok_or(Garbled)?,
        delimiter: u8::try_from(delimiter)
            .map(|d| Some(d).filter(|d| *d > 0))
            .map_err(|_| Garbled)?,
        sheets,
        sheet,
        hidden_sheets,
        hidden_rows,
        hidden_columns,
        epoch_1904: epoch == 1,
        date_cells: dates,
        notes_unlisted: unlisted,
    };
    let mut row_ends = vec![RowEnd::default(); rows];
    take(from, bytemuck::cast_slice_mut(&mut row_ends))?;
    let mut ends = vec![0_u32; cells];
    take(from, &mut ends)?;
    let notes = (0..notes)
        .map(|_| {
            let mut note = [0; 3];
            take(from, &mut note)?;
            let kind = NoteKind::ALL.get(note[2] as usize).ok_or(Garbled)?;
            Ok(Note {
                row: note[0],
                column: note[1],
                kind: *kind,
            })
        })
        .collect::<Result<_, Garbled>>()?;
    let mut bytes = vec![0; text];
    from.read_exact(&mut bytes).map_err(|_| Garbled)?;
    let table = Table {
        text: String::from_utf8(bytes).map_err(|_| Garbled)?,
        ends,
        rows: row_ends,
        notes,
        about,
    };
    match table.is_sound() {
        true => Ok(table),
        false => Err(Garbled),
    }
}

fn words(to: &mut impl Write, words: &[u32]) -> io::Result<()> {
    to.write_all(bytemuck::cast_slice(words))
}

fn take(from: &mut impl Read, words: &mut [u32]) -> Result<(), Garbled> {
    from.read_exact(bytemuck::cast_slice_mut(words))
        .map_err(|_| Garbled)
}

/// Which error, and its numbers.
fn error_code(error: CohortError) -> [u32; 5] {
    match error {
        CohortError::Empty => [0, 0, 0, 0, 0],
        CohortError::OtherKind { kind } => [1, kind as u32, 0, 0, 0],
        CohortError::NotText { reason } => [2, reason as u32, 0, 0, 0],
        CohortError::Workbook { fault } => [3, fault as u32, 0, 0, 0],
        CohortError::TooLarge { limit } => {
            let (which, row) = match limit {
                Limit::Bytes => (0, 0),
                Limit::Rows => (1, 0),
                Limit::Cells => (2, 0),
                Limit::Text => (3, 0),
                Limit::Sheets => (4, 0),
                Limit::Columns(row) => (5, row),
                Limit::Cell(row) => (6, row),
            };
            [4, which, row, 0, 0]
        }
        CohortError::Quote { row, fault } => [5, fault as u32, row, 0, 0],
        CohortError::NoHeadings => [6, 0, 0, 0, 0],
        CohortError::SeveralSheets {
            first,
            second,
            sheets,
        } => [7, first, second, sheets, 0],
        CohortError::NoSuchSheet { asked, sheets } => [8, asked, sheets, 0, 0],
        CohortError::Exhausted => [9, 0, 0, 0, 0],
    }
}

fn error_of([which, a, b, c, _]: [u32; 5]) -> Option<CohortError> {
    let place = a as usize;
    Some(match which {
        0 => CohortError::Empty,
        1 => CohortError::OtherKind {
            kind: *OtherKind::ALL.get(place)?,
        },
        2 => CohortError::NotText {
            reason: *NotText::ALL.get(place)?,
        },
        3 => CohortError::Workbook {
            fault: *WorkbookFault::ALL.get(place)?,
        },
        4 => CohortError::TooLarge {
            limit: match a {
                0 => Limit::Bytes,
                1 => Limit::Rows,
                2 => Limit::Cells,
                3 => Limit::Text,
                4 => Limit::Sheets,
                5 => Limit::Columns(b),
                6 => Limit::Cell(b),
                _ => return None,
            },
        },
        5 => CohortError::Quote {
            row: b,
            fault: *Quote::ALL.get(place)?,
        },
        6 => CohortError::NoHeadings,
        7 => CohortError::SeveralSheets {
            first: a,
            second: b,
            sheets: c,
        },
        8 => CohortError::NoSuchSheet {
            asked: a,
            sheets: b,
        },
        9 => CohortError::Exhausted,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sent(bytes: &[u8]) -> Vec<u8> {
        let mut sent = Vec::new();
        send(&super::super::decode(bytes, None), &mut sent).unwrap();
        sent
    }

    const LIST: &[u8] = "surname,dob\nQuux,01/02/1980\n\nZo\u{eb},\n".as_bytes();

    #[test]
    fn a_table_comes_back_as_it_was() {
        let table = receive(&mut &sent(LIST)[..]).ok().unwrap().ok().unwrap();
        let mut cells = Vec::new();
        let rows: Vec<(u32, Vec<String>)> = (0..table.len())
            .map(|at| {
                let number = table.row(at, &mut cells);
                (number, cells.iter().map(|c| c.to_string()).collect())
            })
            .collect();
        let row = |n, a: &str, b: &str| (n, vec![a.to_owned(), b.to_owned()]);
        let expected = [
            row(1, "surname", "dob"),
            row(2, "Quux", "01/02/1980"),
            row(4, "Zo\u{eb}", ""),
        ];
        assert_eq!(rows, expected);
        assert_eq!(table.about().delimiter, Some(b','));
    }

    #[test]
    fn every_error_comes_back_as_it_was() {
        let kinds = OtherKind::ALL.map(|kind| CohortError::OtherKind { kind });
        let faults = WorkbookFault::ALL.map(|fault| CohortError::Workbook { fault });
        let reasons = NotText::ALL.map(|reason| CohortError::NotText { reason });
        let quotes = Quote::ALL.map(|fault| CohortError::Quote { row: 7, fault });
        let limits = [
            Limit::Bytes,
            Limit::Rows,
            Limit::Cells,
            Limit::Text,
            Limit::Sheets,
            Limit::Columns(3),
            Limit::Cell(4),
        ];
        let limits = limits.map(|limit| CohortError::TooLarge { limit });
        let others = [
            CohortError::Empty,
            CohortError::NoHeadings,
            CohortError::Exhausted,
            CohortError::NoSuchSheet {
                asked: 9,
                sheets: 3,
            },
            CohortError::SeveralSheets {
                first: 1,
                second: 3,
                sheets: 4,
            },
        ];
        let all = [&kinds[..], &faults, &reasons, &quotes, &limits, &others].concat();
        for error in all {
            let mut sent = Vec::new();
            send(&Err(error), &mut sent).unwrap();
            let received = receive(&mut &sent[..]).ok().unwrap();
            assert_eq!(received.err(), Some(error));
        }
    }

    #[test]
    fn an_answer_that_breaks_off_or_goes_on_is_no_answer() {
        let whole = sent(LIST);
        for length in 0..whole.len() {
            assert!(receive(&mut &whole[..length]).is_err(), "{length} bytes");
        }
        assert!(receive(&mut &[&whole[..], b"x"].concat()[..]).is_err());
    }

    #[test]
    fn lengths_are_checked_before_anything_is_allocated() {
        let whole = sent(LIST);
        for at in (12 + 4 * 11..12 + 4 * HEAD).step_by(4) {
            let mut lying = whole.clone();
            lying[at..at + 4].copy_from_slice(&u32::MAX.to_ne_bytes());
            assert!(receive(&mut &lying[..]).is_err());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn no_answer_makes_the_receiver_panic_or_holds_what_a_table_does_not(
            changes in prop::collection::vec((0_usize..120, any::<u8>()), 1..6),
        ) {
            let mut bytes = sent(LIST);
            for (at, byte) in changes {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            if let Ok(Ok(table)) = receive(&mut &bytes[..]) {
                let mut cells = Vec::new();
                for at in 0..table.len() {
                    table.row(at, &mut cells);
                }
            }
        }
    }
}
