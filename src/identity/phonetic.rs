//! How a name sounds: a code that spellings of one name share.

use rphonetic::DoubleMetaphone;

/// Sounds kept of a name; more would part the spellings that should meet.
const SOUNDS: usize = 4;

/// Set in codes that are no sounds but the first letters of a name that is not in Latin script.
const OTHER_SCRIPT: u32 = 1 << 31;

/// The code of one part of a name (as [`super::name_parts`] gives it): the first four sounds of
/// Philips' double metaphone (2000), an ASCII letter a byte; for a name in another script its
/// first three letters; 0 for no name.
///
/// ```
/// use counterpart::identity::phonetic::code;
/// assert_eq!(code("philips"), code("fillips"));
/// assert_ne!(code("smith"), code("brown"));
/// assert_eq!(code(""), 0);
/// ```
pub fn code(part: &str) -> u32 {
    if part.is_empty() {
        return 0;
    }
    if !part.bytes().all(|b| b.is_ascii_alphabetic()) {
        return first_letters(part);
    }
    let sounds = DoubleMetaphone::new(Some(SOUNDS))
        .double_metaphone(part)
        .primary();
    match sounds.is_empty() {
        true => first_letters(part),
        false => sounds.bytes().fold(0, |code, b| code << 8 | u32::from(b)),
    }
}

/// Three letters at ten bits each: enough to tell the letters of a script apart.
fn first_letters(part: &str) -> u32 {
    let letters = part.chars().take(3);
    OTHER_SCRIPT | letters.fold(0, |code, c| code << 10 | u32::from(c) & 0x3FF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_sound_share_a_code() {
        for (a, b) in [
            ("stephen", "steven"),
            ("catherine", "kathryn"),
            ("geoffrey", "jeffrey"),
            ("mohammed", "muhammad"),
            ("clarke", "clark"),
            ("wright", "right"),
            ("hussain", "hussein"),
        ] {
            assert_eq!(code(a), code(b), "{a} and {b}");
        }
        for (a, b) in [("john", "mary"), ("patel", "khan"), ("ольга", "иван")] {
            assert_ne!(code(a), code(b), "{a} and {b}");
        }
    }

    #[test]
    fn every_name_has_a_code_and_no_name_has_none() {
        for name in ["h", "w", "ольга", "محمد", "a1", "2"] {
            assert_ne!(code(name), 0, "{name}");
        }
        assert_eq!(code(""), 0);
    }

    proptest! {
        #[test]
        fn no_name_is_too_odd(name in "\\PC{0,24}", letters in "[a-z]{1,24}") {
            prop_assert_eq!(code(&name) == 0, name.is_empty());
            prop_assert!(code(&letters) != 0);
        }
    }
}
