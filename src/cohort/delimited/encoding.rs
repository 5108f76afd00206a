//! In which encoding a text is, by its mark or by its bytes.

use crate::cohort::table::Encoding;
use encoding_rs::{MACINTOSH, WINDOWS_1252};

/// The encoding and the length of its byte-order mark.
pub(super) fn find(bytes: &[u8]) -> (Encoding, usize) {
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        (Encoding::Utf8Marked, 3)
    } else if bytes.starts_with(b"\xFF\xFE\0\0") {
        (Encoding::Utf32Le, 4)
    } else if bytes.starts_with(b"\0\0\xFE\xFF") {
        (Encoding::Utf32Be, 4)
    } else if bytes.starts_with(b"\xFF\xFE") {
        (Encoding::Utf16Le, 2)
    } else if bytes.starts_with(b"\xFE\xFF") {
        (Encoding::Utf16Be, 2)
    } else if let Some(found) = utf_16_without_mark(bytes) {
        (found, 0)
    } else if std::str::from_utf8(bytes).is_ok() {
        (Encoding::Utf8, 0)
    } else if is_mac_roman(bytes) {
        (Encoding::MacRoman, 0)
    } else {
        (Encoding::Windows1252, 0)
    }
}

/// Headings, dates and delimiters are ASCII, so in UTF-16 every second byte of most characters is
/// zero. Four in ten of the first bytes on one side and hardly any on the other tell which way.
fn utf_16_without_mark(bytes: &[u8]) -> Option<Encoding> {
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
        Some(Encoding::Utf16LeUnmarked)
    } else if many(even) && few(odd) {
        Some(Encoding::Utf16BeUnmarked)
    } else {
        None
    }
}

/// Old spreadsheets on a Mac write `é` where Windows has `Ž`. A byte above ASCII beside a small
/// letter is most likely a small letter or an apostrophe itself: the reading that makes more of
/// them so is taken, and Windows between equals.
fn is_mac_roman(bytes: &[u8]) -> bool {
    let small = |b: Option<&u8>| b.is_some_and(u8::is_ascii_lowercase);
    let (mut mac, mut windows) = (0_i64, 0_i64);
    for (at, &byte) in bytes.iter().enumerate().filter(|(_, b)| !b.is_ascii()) {
        let before = at.checked_sub(1).and_then(|i| bytes.get(i));
        if small(before) || small(bytes.get(at + 1)) {
            mac += fits(MACINTOSH, byte);
            windows += fits(WINDOWS_1252, byte);
        }
    }
    mac > windows
}

/// 1: belongs into a word; -1: does not.
fn fits(encoding: &'static encoding_rs::Encoding, byte: u8) -> i64 {
    let one = [byte];
    let (text, _) = encoding.decode_without_bom_handling(&one);
    match text
        .chars()
        .all(|c| c.is_lowercase() || matches!(c, '’' | '‘'))
    {
        true => 1,
        false => -1,
    }
}
