//! Comparison levels of dates of birth, digit by digit.

use super::level::{self, dob as d};
use crate::identity::Dob;

/// Day and month that a record gives when only the year is known.
const FIRST_JANUARY: u32 = 101;
/// Two dates nearer than this are within a year.
const YEAR_DAYS: u32 = 366;

/// Level of two dates of birth.
pub(super) fn level(a: Dob, b: Dob) -> u8 {
    if a.is_missing() || b.is_missing() {
        return level::MISSING;
    }
    if a == b {
        return level::EXACT;
    }
    if a == b.swapped() {
        return d::DAY_MONTH;
    }
    match differing(a.expose(), b.expose()) {
        Digits::One => return d::ONE_DIGIT,
        Digits::Transposed => return d::TRANSPOSED,
        Digits::More => {}
    }
    let same_year = a.year() == b.year();
    let defaulted = |x: Dob| x.expose() % 10_000 == FIRST_JANUARY;
    if same_year && (defaulted(a) || defaulted(b)) {
        d::FIRST_JANUARY
    } else if a.expose() % 10_000 == b.expose() % 10_000 {
        d::OTHER_YEAR
    } else if same_year && a.month() == b.month() {
        d::YEAR_MONTH
    } else if same_year || days(a).abs_diff(days(b)) <= YEAR_DAYS {
        d::NEAR
    } else {
        d::DIFFERENT
    }
}

enum Digits {
    One,
    Transposed,
    More,
}

/// Which of the eight digits differ.
fn differing(a: u32, b: u32) -> Digits {
    let (mut a, mut b) = (a, b);
    let mut place = 0;
    let mut differ: [(u32, u32, u32); 2] = [(0, 0, 0); 2];
    let mut count = 0;
    while a > 0 || b > 0 {
        let (x, y) = (a % 10, b % 10);
        if x != y {
            if count == 2 {
                return Digits::More;
            }
            differ[count] = (place, x, y);
            count += 1;
        }
        (a, b, place) = (a / 10, b / 10, place + 1);
    }
    match (count, differ) {
        (1, _) => Digits::One,
        (2, [(i, x, y), (j, v, w)]) if i + 1 == j && x == w && y == v => Digits::Transposed,
        _ => Digits::More,
    }
}

/// Roughly the days since year 0: enough to tell a year.
fn days(dob: Dob) -> u32 {
    dob.year() * 365 + dob.month() * 30 + dob.day()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_wrong_in_known_ways() {
        for (a, b, expected) in [
            (19800512, 19800512, level::EXACT),
            (19800512, 19801205, d::DAY_MONTH),
            (19800512, 19800513, d::ONE_DIGIT),
            (19800512, 19810512, d::ONE_DIGIT),
            (19800521, 19800512, d::TRANSPOSED),
            (19890512, 19980512, d::TRANSPOSED),
            (19800101, 19800527, d::FIRST_JANUARY),
            (19800512, 19670512, d::OTHER_YEAR),
            (19800512, 19800528, d::YEAR_MONTH),
            (19800512, 19800927, d::NEAR),
            (19801230, 19810104, d::NEAR),
            (19800512, 19630927, d::DIFFERENT),
            (0, 19800512, level::MISSING),
        ] {
            let date = |d: u32| Dob::from_parts(d / 10_000, d / 100 % 100, d % 100);
            assert_eq!(level(date(a), date(b)), expected, "{a} and {b}");
            assert_eq!(level(date(b), date(a)), expected, "{b} and {a}");
        }
    }
}
