//! Comparison levels of names.

use super::level::{self, forename as f, surname as s};
use crate::identity::{Record, nicknames, phonetic};
use rapidfuzz::distance::{jaro_winkler, osa};

/// Jaro-Winkler similarity from which two names are close, and similar. The bands that Winkler
/// (1990) and the linkage literature after him found to hold most misspellings.
const CLOSE: f64 = 0.92;
const SIMILAR: f64 = 0.85;
/// Names shorter than this are other names after one change (Jon, Ron).
const SHORTEST_MISTYPED: usize = 4;
/// Below this similarity two names of one sound are not written for one another.
const SOUNDS_FROM: f64 = 0.6;

/// Level of two forenames (parts with a space between).
pub(super) fn forename(a: &str, b: &str) -> u8 {
    if a.is_empty() || b.is_empty() {
        return level::MISSING;
    }
    if a == b {
        return level::EXACT;
    }
    let (first_a, first_b) = (first(a), first(b));
    if is_initial(first_a) || is_initial(first_b) {
        return match first_a.chars().next() == first_b.chars().next() {
            true => f::INITIAL,
            false if shares_part(a, b) => f::PART,
            false => f::DIFFERENT,
        };
    }
    if shares_part(a, b) {
        return f::PART;
    }
    if nicknames::same_group(first_a, first_b) {
        return f::NICKNAME;
    }
    let near = Nearness::of(a, b);
    if near.is_one_error() || near.similarity >= CLOSE {
        f::CLOSE
    } else if near.sounds_alike(first_a, first_b) {
        f::PHONETIC
    } else if near.similarity >= SIMILAR || near.is_two_errors() {
        f::SIMILAR
    } else {
        f::DIFFERENT
    }
}

/// Level of two surnames (parts with a space between).
pub(super) fn surname(a: &str, b: &str) -> u8 {
    if a.is_empty() || b.is_empty() {
        return level::MISSING;
    }
    if a == b {
        return level::EXACT;
    }
    if shares_part(a, b) {
        return s::PART;
    }
    let near = Nearness::of(a, b);
    if near.is_one_error() {
        s::ONE_ERROR
    } else if near.similarity >= CLOSE {
        s::CLOSE
    } else if near.similarity >= SIMILAR || near.sounds_alike(a, b) || near.is_two_errors() {
        s::SIMILAR
    } else {
        s::DIFFERENT
    }
}

/// Does each one's forename stand where the other's surname should, one of them letter by letter
/// and the other within a typing error?
pub(super) fn swapped(a: &Record<'_>, b: &Record<'_>) -> bool {
    if [a.forename, a.surname, b.forename, b.surname].contains(&"") {
        return false;
    }
    let near = |x: &str, y: &str| {
        let near = Nearness::of(x, y);
        near.is_one_error() || near.similarity >= CLOSE || shares_part(x, y)
    };
    match (a.forename == b.surname, a.surname == b.forename) {
        (true, true) => true,
        (true, false) => near(a.surname, b.forename),
        (false, true) => near(a.forename, b.surname),
        (false, false) => false,
    }
}

fn first(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}

fn is_initial(part: &str) -> bool {
    part.chars().nth(1).is_none()
}

/// Has one of them several parts, and one of those the other has too? Initials are no parts.
fn shares_part(a: &str, b: &str) -> bool {
    let several = |n: &str| n.contains(' ');
    (several(a) || several(b))
        && a.split(' ')
            .filter(|part| !is_initial(part))
            .any(|part| b.split(' ').any(|other| other == part))
}

/// How near two names are, letter by letter.
struct Nearness {
    similarity: f64,
    errors: usize,
    shortest: usize,
}

impl Nearness {
    fn of(a: &str, b: &str) -> Nearness {
        match a.is_ascii() && b.is_ascii() {
            true => Nearness::between(a.bytes(), b.bytes(), a.len().min(b.len())),
            false => {
                let shortest = a.chars().count().min(b.chars().count());
                Nearness::between(a.chars(), b.chars(), shortest)
            }
        }
    }

    fn between<I>(a: I, b: I, shortest: usize) -> Nearness
    where
        I: DoubleEndedIterator + Clone,
        I::Item: rapidfuzz::HashableChar + Copy + PartialEq,
    {
        let similarity = jaro_winkler::similarity(a.clone(), b.clone());
        // Names with next to nothing in common are not worth the second measure.
        let errors = match similarity < SOUNDS_FROM {
            true => usize::MAX,
            false => osa::distance(a, b),
        };
        Nearness {
            similarity,
            errors,
            shortest,
        }
    }

    fn is_one_error(&self) -> bool {
        self.errors == 1 && self.shortest >= SHORTEST_MISTYPED
    }

    fn is_two_errors(&self) -> bool {
        self.errors == 2 && self.shortest >= SHORTEST_MISTYPED + 2
    }

    fn sounds_alike(&self, a: &str, b: &str) -> bool {
        self.similarity >= SOUNDS_FROM && phonetic::code(a) == phonetic::code(b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forenames_are_told_apart_as_people_write_them() {
        for (a, b, expected) in [
            ("john", "john", level::EXACT),
            ("john paul", "john", f::PART),
            ("paul", "john paul", f::PART),
            ("bill", "william", f::NICKNAME),
            ("j", "john", f::INITIAL),
            ("john", "j p", f::INITIAL),
            ("p", "john", f::DIFFERENT),
            ("christopher", "chrsitopher", f::CLOSE),
            ("jonh", "john", f::CLOSE),
            ("ron", "jon", f::SIMILAR.max(f::DIFFERENT)),
            ("mary", "john", f::DIFFERENT),
            ("", "john", level::MISSING),
        ] {
            assert_eq!(forename(a, b), expected, "{a} and {b}");
            assert_eq!(forename(b, a), expected, "{b} and {a}");
        }
    }

    #[test]
    fn surnames_are_told_apart_as_people_write_them() {
        for (a, b, expected) in [
            ("smith jones", "jones", s::PART),
            ("smith", "smyth", s::ONE_ERROR),
            ("smith", "smiht", s::ONE_ERROR),
            ("featherstone", "fetherstonne", s::CLOSE),
            ("smith", "taylor", s::DIFFERENT),
            ("smith", "", level::MISSING),
            ("ольгина", "ольгена", s::ONE_ERROR),
        ] {
            assert_eq!(surname(a, b), expected, "{a} and {b}");
            assert_eq!(surname(b, a), expected, "{b} and {a}");
        }
    }
}
