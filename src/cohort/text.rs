//! Bytes to text: says what a file is when it is not text, and finds its encoding.

use super::error::{CohortError, Limit};
use super::limits::MAX_BYTES;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// A file's text and the encoding it was in.
pub(super) struct Text<'a> {
    pub text: Cow<'a, str>,
    pub encoding: &'static str,
}

/// How other kinds of file begin. Leading white space is passed over for the last ones.
const SIGNATURES: [(&[u8], &str); 16] = [
    (b"PK\x03\x04", "a workbook (XLSX, ODS) or a zip file"),
    (b"PK\x05\x06", "an empty zip file"),
    (b"\xD0\xCF\x11\xE0", "an old or encrypted Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"\x1F\x8B", "a compressed (gzip) file"),
    (b"7z\xBC\xAF", "a compressed (7z) file"),
    (b"Rar!", "a compressed (RAR) file"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a database"),
    (b"\x89PNG", "a picture"),
    (b"\xFF\xD8\xFF", "a picture"),
    (b"<?xml", "an XML document"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"<table", "a web page"),
];

/// # Errors
/// When the bytes are empty, too many, another kind of file, or no text.
pub(super) fn decode(bytes: &[u8]) -> Result<Text<'_>, CohortError> {
    if bytes.len() > MAX_BYTES {
        return Err(CohortError::TooLarge {
            limit: Limit::Bytes,
        });
    }
    refuse_other_kinds(bytes)?;
    let (encoding, bom, name) = encoding_of(bytes);
    let body = &bytes[bom..];
    let whole_units = encoding == UTF_8 || encoding == WINDOWS_1252 || body.len().is_multiple_of(2);
    let (text, malformed) = encoding.decode_without_bom_handling(body);
    if !whole_units || (malformed && encoding != WINDOWS_1252) {
        return Err(CohortError::NotText {
            reason: "it breaks off or is damaged",
        });
    }
    refuse_control_characters(&text)?;
    if text.chars().all(crate::identity::text::is_padding) {
        return Err(CohortError::Empty);
    }
    Ok(Text {
        text,
        encoding: name,
    })
}

fn refuse_other_kinds(bytes: &[u8]) -> Result<(), CohortError> {
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let body = body.trim_ascii_start();
    for (start, kind) in SIGNATURES {
        let begins = body.get(..start.len());
        if begins.is_some_and(|b| b.eq_ignore_ascii_case(start)) {
            return Err(CohortError::NotCsv { kind });
        }
    }
    Ok(())
}

/// Encoding, length of its byte-order mark, and its name for people.
fn encoding_of(bytes: &[u8]) -> (&'static Encoding, usize, &'static str) {
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        (UTF_8, 3, "UTF-8 with byte-order mark")
    } else if bytes.starts_with(b"\xFF\xFE") {
        (UTF_16LE, 2, "UTF-16 little-endian")
    } else if bytes.starts_with(b"\xFE\xFF") {
        (UTF_16BE, 2, "UTF-16 big-endian")
    } else if let Some(found) = utf_16_without_mark(bytes) {
        found
    } else if std::str::from_utf8(bytes).is_ok() {
        (UTF_8, 0, "UTF-8")
    } else {
        (WINDOWS_1252, 0, "Windows-1252")
    }
}

/// Headings, dates and delimiters are ASCII, so in UTF-16 every second byte of most characters is
/// zero. Four in ten of the first bytes on one side and hardly any on the other tell which way.
fn utf_16_without_mark(bytes: &[u8]) -> Option<(&'static Encoding, usize, &'static str)> {
    let head = &bytes[..bytes.len().min(2_000)];
    let pairs = head.len() / 2;
    let zeros = |side: usize| {
        head.iter()
            .skip(side)
            .step_by(2)
            .filter(|&&b| b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let many = |n: usize| pairs >= 4 && n * 10 >= pairs * 6;
    let few = |n: usize| n * 20 <= pairs;
    if many(odd) && few(even) {
        Some((UTF_16LE, 0, "UTF-16 little-endian without byte-order mark"))
    } else if many(even) && few(odd) {
        Some((UTF_16BE, 0, "UTF-16 big-endian without byte-order mark"))
    } else {
        None
    }
}

/// Text has none of these; a binary file read as Windows-1252 always does. Ctrl-Z is the old mark
/// of a file's end, vertical tab and form feed are line ends within a cell.
fn refuse_control_characters(text: &str) -> Result<(), CohortError> {
    let odd = |c: char| {
        (c < ' ' && !matches!(c, '\t' | '\n' | '\r' | '\x0B' | '\x0C' | '\x1A')) || c == '\x7F'
    };
    match text.chars().find(|&c| odd(c)) {
        Some('\0') => Err(CohortError::NotText {
            reason: "it contains NUL bytes",
        }),
        Some(_) => Err(CohortError::NotText {
            reason: "it contains control characters",
        }),
        None => Ok(()),
    }
}
