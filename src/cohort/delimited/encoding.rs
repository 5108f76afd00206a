//! In which encoding a text is, by its mark or by its bytes.

use super::cp850;
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
    } else {
        (of_eight_bits(bytes), 0)
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

/// Old spreadsheets on a Mac write `é` where Windows has `Ž`, and DOS where it has a comma. A byte above
/// ASCII beside a small letter is most likely a small letter or an apostrophe itself, and likelier one
/// that names here have: the reading that makes more of them so is taken, and the first here of
/// equals.
fn of_eight_bits(bytes: &[u8]) -> Encoding {
    let mut scores = [0_i64; 3];
    for (at, &byte) in bytes.iter().enumerate().filter(|(_, b)| !b.is_ascii()) {
        let beside = |at: Option<usize>| at.and_then(|i| bytes.get(i)).copied().unwrap_or(b' ');
        let (before, after) = (beside(at.checked_sub(1)), beside(at.checked_add(1)));
        if before.is_ascii_lowercase() || after.is_ascii_lowercase() {
            scores[0] += fits(decoded(WINDOWS_1252, byte), before, after);
            scores[1] += fits(decoded(MACINTOSH, byte), before, after);
            scores[2] += fits(cp850::character(byte), before, after);
        }
    }
    let [windows, mac, dos] = scores;
    match () {
        () if windows >= mac && windows >= dos => Encoding::Windows1252,
        () if mac >= dos => Encoding::MacRoman,
        () => Encoding::Cp850,
    }
}

fn decoded(encoding: &'static encoding_rs::Encoding, byte: u8) -> char {
    let one = [byte];
    let (text, _) = encoding.decode_without_bom_handling(&one);
    text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Letters that names on these islands have more often than other accented ones.
const USUAL: &str = "éèëáíóúüöñçøå";

/// How well it belongs between these two: a usual letter, a small one, neither. An apostrophe stands in
/// O’Neil, D’Arcy and Client’s, rarely elsewhere; a no-break space, from web pages, at the end of a cell
/// and between two words.
fn fits(c: char, before: u8, after: u8) -> i64 {
    let capitals = before.is_ascii_uppercase() && after.is_ascii_uppercase();
    match c {
        '\u{2019}' if before == b'O' || after == b's' || capitals => 2,
        '\u{2019}' | '\u{2018}' if after.is_ascii_alphabetic() => 1,
        '\u{A0}' if !after.is_ascii_lowercase() => 2,
        c if USUAL.contains(c) => 2,
        c if c.is_lowercase() => 1,
        _ => -2,
    }
}
