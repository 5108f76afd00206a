//! Lines of a list as it came, kept until they have been looked for: what a careless server would
//! have left of it are its bytes, and these are pieces of them.

use crate::custody::marks::{MARK_CHARS, is_distinctive};
use std::collections::HashMap;
use zeroize::Zeroizing;

/// Lines that are kept, at most; never fewer than half of them once there were as many.
const MOST: usize = 1_000;
/// Bytes of a line that are kept, at most.
const LONGEST: usize = 400;
/// What stands between two cells.
const BETWEEN: [char; 4] = [',', ';', '\t', '|'];
/// A line about a person has a date in it; headings, titles and notes mostly have not.
const DIGITS: usize = 6;
/// Letters of a piece: one with fewer tells dates and codes, which are many people's.
const LETTERS: usize = 6;

/// Lines from all over a text file. Not printable.
#[derive(Default)]
pub struct Lines {
    /// Kept so far: each `every`-th, counted from the first.
    kept: Vec<Zeroizing<Vec<u8>>>,
    every: usize,
    seen: usize,
    open: Zeroizing<Vec<u8>>,
    /// Nothing of a workbook stands in it as it is written.
    is_no_text: bool,
}

impl Lines {
    /// Takes the next bytes of the file.
    pub fn take(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if self.is_no_text {
                return;
            }
            match byte {
                b'\n' | b'\r' => self.line(),
                0 => self.no_text(),
                // A workbook is an archive, and begins as every archive does.
                _ if self.open.len() < LONGEST => {
                    self.open.push(byte);
                    if self.seen == 0 && self.open.starts_with(b"PK\x03\x04") {
                        self.no_text();
                    }
                }
                _ => {}
            }
        }
    }

    fn no_text(&mut self) {
        *self = Lines {
            is_no_text: true,
            ..Lines::default()
        };
    }

    fn line(&mut self) {
        let line = std::mem::take(&mut self.open);
        if line.is_empty() {
            return;
        }
        let every = self.every.max(1);
        if self.seen.is_multiple_of(every) {
            self.kept.push(line);
        }
        self.seen += 1;
        if self.kept.len() > MOST {
            let mut nth = 0;
            self.kept.retain(|_| {
                nth += 1;
                nth % 2 == 1
            });
            self.every = every * 2;
        }
    }

    /// The file is whole: of each line kept a piece that stands once in it, runs over the border of
    /// two cells and has letters in it. So it is a piece of this list, and of nothing else that a
    /// service holds, whatever its programmes and organisations are called.
    pub fn pieces(&mut self) -> Vec<&str> {
        self.line();
        let lines: Vec<&str> = self.kept.iter().filter_map(|l| person(l)).collect();
        let mut times: HashMap<&str, u32> = HashMap::new();
        for piece in lines.iter().copied().flat_map(windows) {
            *times.entry(piece).or_default() += 1;
        }
        let once = |line| windows(line).find(|p| times.get(p) == Some(&1));
        lines.into_iter().filter_map(once).collect()
    }
}

/// The line as a text, when it can be about a person.
fn person(line: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(line).ok()?;
    let cells = text.matches(BETWEEN).count();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (cells >= 2 && digits >= DIGITS).then_some(text)
}

/// Every piece of a line that could serve.
fn windows(line: &str) -> impl Iterator<Item = &str> {
    let mut ends = line.char_indices().map(|(at, _)| at).chain([line.len()]);
    // So that both go side by side, as many characters apart as a piece has.
    ends.by_ref().take(MARK_CHARS).for_each(drop);
    let starts = line.char_indices().map(|(at, _)| at);
    let pieces = starts.zip(ends).map(|(from, to)| &line[from..to]);
    pieces.filter(|piece| {
        let letters = piece.chars().filter(|c| c.is_alphabetic()).count();
        letters >= LETTERS && piece.contains(BETWEEN) && is_distinctive(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(file: &[u8], cut: usize) -> Vec<String> {
        let mut lines = Lines::default();
        file.chunks(cut).for_each(|part| lines.take(part));
        lines.pieces().into_iter().map(str::to_owned).collect()
    }

    const LIST: &str = "Handed in by Hand on 01/02/2022\n\
        forename,surname,dob,prison\r\n\
        Ann,Ohlsson,01/02/1980,HMP Wandsworth\r\n\
        Bo,Li,02/03/1981,HMP Wandsworth\r\n\
        Zo\u{eb},O'Reilly,03/04/1982,HMP Wandsworth\r\n\
        Ann,Ohlsson,01/02/1980,HMP Wandsworth";

    #[test]
    fn a_piece_stands_once_in_the_list_and_runs_over_the_border_of_two_cells() {
        for cut in [1, 7, 1000] {
            // Ann stands there twice, and neither piece of hers is the only one; Bo has no piece
            // with letters enough but of the prison, which all have.
            let found = pieces(LIST.as_bytes(), cut);
            assert_eq!(found, ["1981,HMP Wan", "Zo\u{eb},O'Reilly"]);
        }
    }

    #[test]
    fn of_long_lists_lines_from_all_over_are_kept() {
        let mut list = String::from("forename,surname,dob\n");
        for n in 0..5_000 {
            let letters = format!("{n:04}")
                .bytes()
                .map(|b| char::from(b + 49))
                .collect::<String>();
            list += &format!("Person{letters},Q{letters},01/01/1980\n");
        }
        let found = pieces(list.as_bytes(), 64);
        assert!((500..=MOST).contains(&found.len()), "{}", found.len());
        let last = found.last().unwrap();
        assert!(list.find(last.as_str()).unwrap() > list.len() * 9 / 10);
    }

    #[test]
    fn what_is_no_text_has_no_pieces() {
        let mut workbook = b"PK\x03\x04".to_vec();
        workbook.extend_from_slice(LIST.as_bytes());
        assert!(pieces(&workbook, 3).is_empty());
        let wide: Vec<u8> = LIST.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(pieces(&wide, 64).is_empty());
        assert!(pieces(b"", 1).is_empty());
        let mut broken = LIST.as_bytes().to_vec();
        broken.extend(b"\n\xff\xfe,Smith,01/01/1980,and more\n");
        assert_eq!(pieces(&broken, 9).len(), 2);
    }
}
