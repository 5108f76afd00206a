//! Comparison levels of identifiers: a wrong character is evidence, not a lost row.

use super::level::{self, pnc_id as p, prison_number as n};
use rapidfuzz::distance::osa;

/// Level of two PNC ids, canonical or as they are.
pub(super) fn pnc_id(a: &str, b: &str) -> u8 {
    match (a.is_empty() || b.is_empty(), a == b) {
        (true, _) => level::MISSING,
        (_, true) => level::EXACT,
        _ if serial(a).is_some_and(|s| Some(s) == serial(b)) => p::SERIAL,
        _ if is_one_error(&plain(a), &plain(b)) => p::ONE_CHARACTER,
        _ => p::DIFFERENT,
    }
}

/// Level of two prison numbers.
pub(super) fn prison_number(a: &str, b: &str) -> u8 {
    match (a.is_empty() || b.is_empty(), a == b) {
        (true, _) => level::MISSING,
        (_, true) => level::EXACT,
        _ if is_one_error(a, b) => n::ONE_CHARACTER,
        _ => n::DIFFERENT,
    }
}

/// The seven digits of an id that is one, or nearly: `YYYY/NNNNNNNC`, `YYYYNNNNNNNC`.
fn serial(id: &str) -> Option<&str> {
    let body = id.strip_suffix(|c: char| c.is_ascii_uppercase())?;
    let at = body.len().checked_sub(7)?;
    let digits = body.get(at..)?;
    let year = body.get(..at)?.trim_end_matches('/');
    let all = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    (all(digits) && all(year) && (2..=4).contains(&year.len())).then_some(digits)
}

/// Without the slash, which an id that is not canonical lacks.
fn plain(id: &str) -> std::borrow::Cow<'_, str> {
    match id.contains('/') {
        true => id.replace('/', "").into(),
        false => id.into(),
    }
}

fn is_one_error(a: &str, b: &str) -> bool {
    // Too short to be told from another's.
    a.len().min(b.len()) >= 5
        && a.len().abs_diff(b.len()) <= 1
        && osa::distance(a.bytes(), b.bytes()) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_character_is_not_another_person() {
        for (a, b, expected) in [
            ("2003/1234567Q", "2003/1234567Q", level::EXACT),
            ("2003/1234567Q", "2003/1234567A", p::SERIAL),
            ("2003/1234567Q", "20041234567Q", p::SERIAL),
            ("20031234576Q", "2003/1234567Q", p::ONE_CHARACTER),
            ("2003/1234567Q", "2003/7654321Q", p::DIFFERENT),
            ("", "2003/1234567Q", level::MISSING),
            ("5304218", "5304218", level::EXACT),
            ("5304218", "5304281", p::ONE_CHARACTER),
        ] {
            assert_eq!(pnc_id(a, b), expected, "{a} and {b}");
            assert_eq!(pnc_id(b, a), expected, "{b} and {a}");
        }
        assert_eq!(prison_number("A1234BC", "A1243BC"), n::ONE_CHARACTER);
        assert_eq!(prison_number("A1234BC", "A1234BC"), level::EXACT);
        assert_eq!(prison_number("A1234BC", "Z9876BC"), n::DIFFERENT);
    }
}
