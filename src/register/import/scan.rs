//! A first look at a CSV file: is it text, in which encoding, what stands between its cells?

use std::io::{self, BufRead};

/// Bytes of a quoted cell, above which its quotation mark was never meant to be one.
const LONGEST_CELL: u64 = 1 << 16;

/// What some programs begin a file in UTF-8 with.
pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What the whole file says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scanned {
    pub delimiter: u8,
    /// Else Windows-1252, of which Latin-1 is a part.
    pub utf8: bool,
}

/// One pass, a buffer at a time.
///
/// # Errors
/// Why it is no table, without any value.
pub(super) fn scan(mut file: impl BufRead) -> Result<Scanned, String> {
    if file.fill_buf().is_ok_and(|start| start.starts_with(BOM)) {
        file.consume(BOM.len());
    }
    let delimiter = delimiter(&mut file)?;
    let (mut cells, mut text) = (Cells::new(delimiter), Utf8::default());
    loop {
        let buffer = match file.fill_buf() {
            Ok(buffer) => buffer,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return Err("it cannot be read to its end".into()),
        };
        if buffer.is_empty() {
            break;
        }
        text.take(buffer);
        for &byte in buffer {
            cells.take(byte)?;
        }
        let read = buffer.len();
        file.consume(read);
    }
    cells.end()?;
    Ok(Scanned {
        delimiter,
        utf8: text.end(),
    })
}

/// Whichever of comma, semicolon, tab and bar the first line has most of.
fn delimiter(file: &mut impl BufRead) -> Result<u8, String> {
    let start = match file.fill_buf() {
        Ok(start) => start,
        Err(_) => return Err("it cannot be read".into()),
    };
    if start.is_empty() {
        return Err("it is empty; the first line must name the columns".into());
    }
    if start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]) {
        return Err("it is in UTF-16; save it as CSV in UTF-8".into());
    }
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err("it is a workbook or an archive; save the sheet as CSV in UTF-8".into());
    }
    if start.starts_with(b"PAR1") {
        return Err("it is Parquet; its name must end in .parquet".into());
    }
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    for &byte in start {
        quoted ^= byte == b'"';
        if !quoted && (byte == b'\n' || byte == b'\r') {
            break;
        }
        for (delimiter, count) in &mut counts {
            *count += u32::from(!quoted && byte == *delimiter);
        }
    }
    // The first of those that are equal: the comma.
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let found = counts.iter().find(|(_, count)| *count == most);
    Ok(found.map_or(b',', |(delimiter, _)| *delimiter))
}

/// Follows quotation marks as the reader will.
struct Cells {
    delimiter: u8,
    line: u64,
    /// At a cell's start, where a quotation mark opens.
    fresh: bool,
    /// Line in which it opened, bytes since.
    quoted: Option<(u64, u64)>,
    last: u8,
}

impl Cells {
    fn new(delimiter: u8) -> Cells {
        Cells {
            delimiter,
            line: 1,
            fresh: true,
            quoted: None,
            last: 0,
        }
    }

    fn take(&mut self, byte: u8) -> Result<(), String> {
        if byte == 0 {
            let line = self.line;
            return Err(format!(
                "line {line} holds a byte that no text has; save it as CSV in UTF-8"
            ));
        }
        self.line += u64::from(byte == b'\n');
        match (&mut self.quoted, byte) {
            (Some(_), b'"') => self.quoted = None,
            (Some((opened, length)), _) => {
                *length += 1;
                if *length > LONGEST_CELL {
                    return Err(never_closed(*opened));
                }
            }
            // A doubled mark inside a quoted cell: it goes on.
            (None, b'"') if self.fresh || self.last == b'"' => self.quoted = Some((self.line, 0)),
            _ => {}
        }
        self.fresh =
            self.quoted.is_none() && (byte == self.delimiter || byte == b'\n' || byte == b'\r');
        self.last = byte;
        Ok(())
    }

    fn end(&self) -> Result<(), String> {
        self.quoted
            .map_or(Ok(()), |(opened, _)| Err(never_closed(opened)))
    }
}

fn never_closed(line: u64) -> String {
    format!("a quotation mark in line {line} is opened and never closed; close or remove it")
}

/// Is it UTF-8, with characters that may lie across two buffers?
#[derive(Default)]
struct Utf8 {
    broken: bool,
    rest: Vec<u8>,
}

impl Utf8 {
    fn take(&mut self, bytes: &[u8]) {
        if self.broken {
            return;
        }
        let mut start = 0;
        while !self.rest.is_empty() && start < bytes.len() {
            self.rest.push(bytes[start]);
            start += 1;
            match std::str::from_utf8(&self.rest) {
                Ok(_) => self.rest.clear(),
                Err(e) if e.error_len().is_some() => self.broken = true,
                Err(_) => {}
            }
            if self.broken {
                return;
            }
        }
        if let Err(e) = std::str::from_utf8(&bytes[start..]) {
            match e.error_len() {
                Some(_) => self.broken = true,
                None => self
                    .rest
                    .extend_from_slice(&bytes[start + e.valid_up_to()..]),
            }
        }
    }

    fn end(self) -> bool {
        !self.broken && self.rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn of(text: &[u8]) -> Result<Scanned, String> {
        let small = scan(BufReader::with_capacity(16, text));
        assert_eq!(small.is_ok(), scan(text).is_ok());
        scan(text)
    }

    #[test]
    fn delimiters_and_encodings_are_told() {
        for (text, delimiter) in [
            ("a,b;c,d\n", b','),
            ("a;b;c\n", b';'),
            ("a\tb", b'\t'),
            ("a|b|c", b'|'),
            ("a", b','),
        ] {
            assert_eq!(of(text.as_bytes()).unwrap().delimiter, delimiter, "{text}");
        }
        assert!(
            of("é,ü\nжук,b and a longer line\n".as_bytes())
                .unwrap()
                .utf8
        );
        assert!(!of(b"a,b\nSe\xE1n,c\n").unwrap().utf8);
        assert!(!of(b"a,b\nSe\xC3").unwrap().utf8);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for bytes in [
            &b""[..],
            b"\xFF\xFEa\0",
            b"PK\x03\x04",
            b"PAR1",
            b"a,b\n1,\0\n",
        ] {
            assert!(of(bytes).is_err());
        }
    }

    #[test]
    fn a_quotation_mark_left_open_is_named_by_its_line() {
        assert!(
            of(b"a,b\n1,2\n\"1,2\n3,4\n")
                .unwrap_err()
                .contains("line 3")
        );
        for text in [
            "a,b\n\"x, \"\"y\"\"\nz\",2\n",
            "a,b\nO\"Brien,2\n",
            "a\n\"\"\n\"\"\"\"\n",
        ] {
            assert!(of(text.as_bytes()).is_ok(), "{text}");
        }
        let long = format!("a\n\"{}\"\n", "x".repeat(1 << 17));
        assert!(of(long.as_bytes()).unwrap_err().contains("line 2"));
    }
}
