//! A cell as people fill it in: spaces and hidden characters off, words for "nothing" read as blank.

use crate::identity::text::{is_hidden, is_padding};
use std::borrow::Cow;

/// The cell without padding at its ends, hidden characters, and runs of spaces inside.
pub(super) fn clean<'a>(cell: &'a str) -> Cow<'a, str> {
    let cell = cell.trim_matches(is_padding);
    let plain = |c: char| !is_padding(c) || c == ' ';
    if cell.chars().all(plain) && !cell.contains("  ") {
        return Cow::Borrowed(cell);
    }
    let mut whole = String::with_capacity(cell.len());
    for c in cell.chars().filter(|&c| !is_hidden(c)) {
        match is_padding(c) {
            true if whole.ends_with(' ') => {}
            true => whole.push(' '),
            false => whole.push(c),
        }
    }
    Cow::Owned(whole)
}

/// Words people write for "nothing known".
const NOTHING: [&str; 20] = [
    "n/a",
    "#n/a",
    "n.a.",
    "-",
    "--",
    "---",
    "–",
    "—",
    ".",
    "?",
    "unknown",
    "none",
    "null",
    "nil",
    "blank",
    "not known",
    "not recorded",
    "not available",
    "not applicable",
    "tbc",
];

/// Nothing in it, or a word for nothing. (`na` is not among them: it is also a name.)
pub(super) fn is_blank(cell: &str) -> bool {
    cell.is_empty() || NOTHING.iter().any(|w| cell.eq_ignore_ascii_case(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_of_every_kind_comes_off() {
        assert_eq!(
            clean("\u{FEFF}\u{00A0} Zo\u{200B}e\u{2003}\t Ann \u{200F}"),
            "Zoe Ann"
        );
        assert!(matches!(clean(" plain "), Cow::Borrowed("plain")));
    }

    #[test]
    fn words_for_nothing_are_blank() {
        for w in ["", "N/A", "-", "Unknown", "NONE", "null"] {
            assert!(is_blank(w));
        }
        assert!(!is_blank("Na"));
        assert!(!is_blank("0"));
    }
}
