//! Text to rows of cells. Rows are numbered as a spreadsheet numbers them: blank rows count, a
//! line break inside quotation marks does not. Cells borrow from the text: nothing is copied
//! unless a doubled quotation mark has to be undone.

use crate::cohort::error::{CohortError, Limit, Quote};
use crate::cohort::limits::{MAX_CELL_CHARS, MAX_COLUMNS, MAX_ROWS};
use crate::cohort::table::is_too_long;
use std::borrow::Cow;

/// What may stand between cells, with its name.
pub(in crate::cohort) const DELIMITERS: [(u8, &str); 8] = [
    (b',', "comma"),
    (b';', "semicolon"),
    (b'\t', "tab"),
    (b'|', "pipe"),
    (b':', "colon"),
    (b'^', "caret"),
    (b'~', "tilde"),
    (b'\x1F', "unit separator"),
];

/// A walk through the rows of a text.
pub(super) struct Rows<'a> {
    text: &'a str,
    at: usize,
    delimiter: u8,
    row: u32,
}

/// What ended a cell.
enum End {
    Delimiter,
    Row,
}

impl<'a> Rows<'a> {
    pub fn new(text: &'a str, delimiter: u8) -> Self {
        Rows {
            text: text.trim_end_matches('\x1A'),
            at: 0,
            delimiter,
            row: 0,
        }
    }

    /// The next row's cells into `cells`, and its number; none at the end.
    ///
    /// # Errors
    /// Beyond a limit, or when a quotation mark is out of place.
    pub fn next(&mut self, cells: &mut Vec<Cow<'a, str>>) -> Result<Option<u32>, CohortError> {
        cells.clear();
        if self.at >= self.text.len() {
            return Ok(None);
        }
        self.row += 1;
        if self.row > MAX_ROWS {
            return Err(CohortError::TooLarge { limit: Limit::Rows });
        }
        loop {
            let (cell, end) = self.cell()?;
            cells.push(cell);
            if cells.len() > MAX_COLUMNS {
                return Err(CohortError::TooLarge {
                    limit: Limit::Columns(self.row),
                });
            }
            if matches!(end, End::Row) {
                return Ok(Some(self.row));
            }
        }
    }

    fn cell(&mut self) -> Result<(Cow<'a, str>, End), CohortError> {
        let rest = &self.text.as_bytes()[self.at..];
        let spaces = rest.iter().take_while(|&&b| b == b' ').count();
        if rest.get(spaces) == Some(&b'"') {
            self.at += spaces + 1;
            return self.quoted();
        }
        let stop = |b: &u8| *b == self.delimiter || *b == b'\n' || *b == b'\r';
        let length = rest.iter().position(stop).unwrap_or(rest.len());
        let cell = &self.text[self.at..self.at + length];
        self.at += length;
        self.check_length(cell)?;
        Ok((Cow::Borrowed(cell), self.end()))
    }

    /// From behind the opening quotation mark to behind the delimiter or line end.
    fn quoted(&mut self) -> Result<(Cow<'a, str>, End), CohortError> {
        let mut whole = Cow::Borrowed("");
        loop {
            let rest = &self.text[self.at..];
            let Some(length) = rest.find('"') else {
                return Err(self.quote(Quote::Open));
            };
            let piece = &rest[..length];
            self.at += length + 1;
            if whole.is_empty() {
                whole = Cow::Borrowed(piece);
            } else {
                whole.to_mut().push_str(piece);
            }
            // Four bytes a character at most; the characters are counted once, at the end.
            if whole.len() > 4 * MAX_CELL_CHARS {
                return Err(self.cell_too_long());
            }
            if self.text.as_bytes().get(self.at) != Some(&b'"') {
                break;
            }
            whole.to_mut().push('"');
            self.at += 1;
        }
        self.check_length(&whole)?;
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|&&b| b == b' ').count();
        match self.text.as_bytes().get(self.at) {
            None | Some(b'\n' | b'\r') => Ok((whole, self.end())),
            Some(b) if *b == self.delimiter => Ok((whole, self.end())),
            Some(_) => Err(self.quote(Quote::Early)),
        }
    }

    /// Steps over a delimiter or line end (`\r\n`, `\n`, `\r`).
    fn end(&mut self) -> End {
        let rest = &self.text.as_bytes()[self.at..];
        match rest {
            [b, ..] if *b == self.delimiter => {
                self.at += 1;
                End::Delimiter
            }
            [b'\r', b'\n', ..] => {
                self.at += 2;
                End::Row
            }
            [_, ..] => {
                self.at += 1;
                End::Row
            }
            [] => End::Row,
        }
    }

    fn check_length(&self, cell: &str) -> Result<(), CohortError> {
        match is_too_long(cell) {
            true => Err(self.cell_too_long()),
            false => Ok(()),
        }
    }

    fn cell_too_long(&self) -> CohortError {
        CohortError::TooLarge {
            limit: Limit::Cell(self.row),
        }
    }

    fn quote(&self, fault: Quote) -> CohortError {
        CohortError::Quote {
            row: self.row,
            fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<(u32, Vec<String>)>, CohortError> {
        let mut rows = Rows::new(text, b',');
        let mut cells = Vec::new();
        let mut all = Vec::new();
        while let Some(n) = rows.next(&mut cells)? {
            all.push((n, cells.iter().map(|c| c.to_string()).collect()));
        }
        Ok(all)
    }

    #[test]
    fn blank_rows_count_and_breaks_in_quotes_do_not() {
        let found = rows("a,\"b\nc\"\r\n\r\n\"say \"\"hi\"\"\",d\re,").unwrap();
        let expected = [
            (1, vec!["a", "b\nc"]),
            (2, vec![""]),
            (3, vec!["say \"hi\"", "d"]),
            (4, vec!["e", ""]),
        ];
        for (f, e) in found.iter().zip(&expected) {
            assert_eq!(
                (f.0, &f.1),
                (e.0, &e.1.iter().map(|s| s.to_string()).collect())
            );
        }
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn a_lone_quotation_mark_names_the_row_it_opens_in() {
        let open = rows("a,b\nc,\"d\ne,f\n").unwrap_err();
        assert!(matches!(open, CohortError::Quote { row: 2, .. }));
        let early = rows("a,b\nc,d\n\"e\" f,g\n").unwrap_err();
        assert!(matches!(early, CohortError::Quote { row: 3, .. }));
        assert!(rows("a,O\"Brien\n").is_ok());
    }
}
