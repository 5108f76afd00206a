//! Bytes to text.

use super::{cp850, encoding};
use crate::cohort::error::{CohortError, NotText};
use crate::cohort::table::Encoding;
use encoding_rs::{MACINTOSH, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// A file's text and the encoding it was in.
pub(super) struct Text<'a> {
    pub text: Cow<'a, str>,
    pub encoding: Encoding,
}

/// # Errors
/// When the bytes are empty or no text.
pub(super) fn decode(bytes: &[u8]) -> Result<Text<'_>, CohortError> {
    let (encoding, mark) = encoding::find(bytes);
    let body = &bytes[mark..];
    let text = match encoding {
        Encoding::Utf8 | Encoding::Utf8Marked => std::str::from_utf8(body).ok().map(Cow::Borrowed),
        Encoding::Utf16Le | Encoding::Utf16LeUnmarked => utf_16(UTF_16LE, body),
        Encoding::Utf16Be | Encoding::Utf16BeUnmarked => utf_16(UTF_16BE, body),
        Encoding::Utf32Le => utf_32(body, u32::from_le_bytes),
        Encoding::Utf32Be => utf_32(body, u32::from_be_bytes),
        // Every byte means something in these.
        Encoding::Windows1252 => Some(WINDOWS_1252.decode_without_bom_handling(body).0),
        Encoding::MacRoman => Some(MACINTOSH.decode_without_bom_handling(body).0),
        Encoding::Cp850 => Some(Cow::Owned(cp850::decode(body))),
    };
    let Some(text) = text else {
        return Err(CohortError::NotText {
            reason: NotText::Damaged,
        });
    };
    refuse_control_characters(&text)?;
    if text.chars().all(crate::identity::text::is_padding) {
        return Err(CohortError::Empty);
    }
    Ok(Text { text, encoding })
}

fn utf_16<'a>(encoding: &'static encoding_rs::Encoding, body: &'a [u8]) -> Option<Cow<'a, str>> {
    let whole_units = body.len().is_multiple_of(2);
    let (text, malformed) = encoding.decode_without_bom_handling(body);
    (whole_units && !malformed).then_some(text)
}

fn utf_32(body: &[u8], unit: fn([u8; 4]) -> u32) -> Option<Cow<'_, str>> {
    let (units, rest) = body.as_chunks::<4>();
    let text: Option<String> = units.iter().map(|&u| char::from_u32(unit(u))).collect();
    text.filter(|_| rest.is_empty()).map(Cow::Owned)
}

/// Text has none of these; a binary file read as Windows-1252 always does. Ctrl-Z is the old mark
/// of a file's end, vertical tab and form feed are line ends within a cell, the unit separator is
/// a delimiter.
fn refuse_control_characters(text: &str) -> Result<(), CohortError> {
    let odd = |c: char| {
        (c < ' ' && !matches!(c, '\t' | '\n' | '\r' | '\x0B' | '\x0C' | '\x1A' | '\x1F'))
            || c == '\x7F'
    };
    match text.chars().find(|&c| odd(c)) {
        Some('\0') => Err(CohortError::NotText {
            reason: NotText::Nul,
        }),
        Some(_) => Err(CohortError::NotText {
            reason: NotText::Control,
        }),
        None => Ok(()),
    }
}
