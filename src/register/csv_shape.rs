//! Has every row of a CSV the header's cells? The reader itself drops what is too much and takes
//! what is too little as blank, which would move values to other people's columns unseen.

use std::io::{self, BufRead, BufReader, Read};

/// Checks the shape in one pass: the data rows there are, empty lines at the end left out (the
/// reader takes them for rows of blanks).
///
/// # Errors
/// The first row at fault (data row, first = 1) and the rule, without any value.
pub(super) fn check(file: impl Read) -> Result<u64, String> {
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let mut shape = Shape::default();
    loop {
        let buffer = match reader.fill_buf() {
            Ok(buffer) => buffer,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return Err("it cannot be read to its end".into()),
        };
        if buffer.is_empty() {
            return shape.end();
        }
        for &byte in buffer {
            shape.take(byte)?;
        }
        let read = buffer.len();
        reader.consume(read);
    }
}

#[derive(Default)]
struct Shape {
    /// Commas outside quotation marks, this row.
    commas: usize,
    /// Something other than a line end in this row?
    started: bool,
    quoted: bool,
    /// Data row in which the quotation mark opened.
    opened: u64,
    /// Commas of the header.
    header: Option<usize>,
    /// Data rows that are complete.
    rows: u64,
    /// The last of them that was not an empty line.
    last: u64,
}

impl Shape {
    fn take(&mut self, byte: u8) -> Result<(), String> {
        match byte {
            b'"' => {
                self.quoted = !self.quoted;
                self.started = true;
                self.opened = self.rows + 1;
            }
            b',' if !self.quoted => {
                self.commas += 1;
                self.started = true;
            }
            b'\n' if !self.quoted => self.row()?,
            b'\r' => {}
            _ => self.started = true,
        }
        Ok(())
    }

    /// A row is complete. Empty lines are left to the reader.
    fn row(&mut self) -> Result<(), String> {
        let Some(header) = self.header else {
            if self.started {
                self.header = Some(self.commas);
            }
            (self.commas, self.started) = (0, false);
            return Ok(());
        };
        self.rows += 1;
        if self.started && self.commas != header {
            return Err(format!(
                "data row {} has {} cells where the header has {}; mend that row (a comma inside a cell needs quotation marks around the cell)",
                self.rows,
                self.commas + 1,
                header + 1
            ));
        }
        if self.started {
            self.last = self.rows;
        }
        (self.commas, self.started) = (0, false);
        Ok(())
    }

    fn end(mut self) -> Result<u64, String> {
        if self.quoted {
            return Err(format!(
                "a quotation mark in data row {} is opened and never closed; close or remove it",
                self.opened
            ));
        }
        if self.started {
            self.row()?;
        }
        Ok(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        check(text.as_bytes()).err().unwrap_or_default()
    }

    #[test]
    fn rows_of_the_headers_length_pass() {
        for text in [
            "a,b\n1,2\n3,4",
            "a,b\r\n1,2\r\n\r\n",
            "a,b\n\"x, y\",2\n\"say \"\"hi\"\"\nthere\",\n",
            "a\n1\n\n2\n",
        ] {
            assert_eq!(fault(text), "", "{text}");
        }
    }

    #[test]
    fn empty_lines_at_the_end_are_no_rows() {
        assert_eq!(check("a,b\n1,2\n\n3,4\n\n\r\n".as_bytes()), Ok(3));
        assert_eq!(check("a,b\n1,2".as_bytes()), Ok(1));
        assert_eq!(check("a,b\n".as_bytes()), Ok(0));
    }

    #[test]
    fn a_row_too_long_or_too_short_is_named() {
        assert!(fault("a,b\n1,2\n1,2,Quux\n").starts_with("data row 2 has 3 cells"));
        assert!(fault("a,b\n1,2\n1,2\nQuux").starts_with("data row 3 has 1 cells"));
        assert!(!fault("a,b\n1,2,Quux\n").contains("Quux"));
    }

    #[test]
    fn a_quotation_mark_left_open_is_named() {
        assert!(fault("a,b\n1,2\n\"1,2\n3,4\n").contains("in data row 2 is opened"));
    }
}
