//! Days as departments write them.

use crate::identity::Dob;
use jiff::civil::Date;

/// What a text says of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    /// Days since 1970-01-01.
    Known(i32),
    /// Year, month and day that no calendar has together, as `YYYYMMDD`.
    NoCalendar(u32),
    /// No year, month and day.
    Unreadable,
}

/// `2024-06-30`, `20240630`, `30/06/2024` (also with dots or hyphens); a time of day behind it is
/// left out.
pub(super) fn read(text: &str) -> Day {
    let text = without_time(text);
    let Some((year, month, day)) = in_digits(text).or_else(|| in_parts(text)) else {
        return Day::Unreadable;
    };
    let small = |n: u32| i8::try_from(n).ok();
    let date = (i16::try_from(year).ok())
        .zip(small(month))
        .zip(small(day))
        .filter(|_| year > 0)
        .and_then(|((year, month), day)| Date::new(year, month, day).ok());
    match date.and_then(since_1970) {
        Some(days) => Day::Known(days),
        None => match Dob::from_parts(year, month, day) {
            Dob::MISSING => Day::Unreadable,
            odd => Day::NoCalendar(odd.expose()),
        },
    }
}

fn since_1970(date: Date) -> Option<i32> {
    let since = date.duration_since(Date::constant(1970, 1, 1));
    i32::try_from(since.as_hours() / 24).ok()
}

fn without_time(text: &str) -> &str {
    match text.split_once([' ', 'T']) {
        Some((day, time)) if time.contains(':') => day,
        _ => text,
    }
}

fn in_digits(text: &str) -> Option<(u32, u32, u32)> {
    let whole = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let number: u32 = whole.then(|| text.parse().ok())??;
    Some((number / 10_000, number / 100 % 100, number % 100))
}

fn in_parts(text: &str) -> Option<(u32, u32, u32)> {
    let separator = ['-', '/', '.'].into_iter().find(|&s| text.contains(s))?;
    let mut parts = text.split(separator);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    let number = |part: &str| -> Option<u32> {
        let digits = (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse().ok())?
    };
    let (a, b, c) = (number(first)?, number(second)?, number(third)?);
    if parts.next().is_some() || second.len() > 2 {
        return None;
    }
    match (first.len(), third.len()) {
        (4, 1 | 2) => Some((a, b, c)),
        (1 | 2, 4) => Some((c, b, a)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_day_is_the_day() {
        for text in [
            "1970-01-02",
            "19700102",
            "02/01/1970",
            "2/1/1970",
            "2.1.1970",
            "02-01-1970",
            "1970/1/2",
            "1970-01-02 00:00:00",
            "1970-01-02T10:30:00Z",
        ] {
            assert_eq!(read(text), Day::Known(1), "{text}");
        }
        assert_eq!(read("31/12/1969"), Day::Known(-1));
    }

    #[test]
    fn days_of_no_calendar_are_kept_and_the_rest_is_none() {
        assert_eq!(read("31/02/1980"), Day::NoCalendar(19_800_231));
        assert_eq!(read("19801301"), Day::NoCalendar(19_801_301));
        assert_eq!(read("19800000"), Day::NoCalendar(19_800_000));
        for text in [
            "",
            "0",
            "1980",
            "00000000",
            "1/2/80",
            "1980-01",
            "1-2-3-4",
            "aaaa-bb-cc",
            "+1/2/1980",
            "12345678901",
            "१९८०-०१-०१",
            "1980-011-01",
            "31 May 1980",
        ] {
            assert_eq!(read(text), Day::Unreadable, "{text}");
        }
    }
}
