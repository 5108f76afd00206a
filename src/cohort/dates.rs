//! Dates as people and spreadsheets write them, read day first as in Britain.

use jiff::civil::{Date, date};

/// A date and how it was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct ReadDate {
    /// Days since 1970-01-01.
    pub days: i32,
    /// The century was supplied by the reader.
    pub two_digit_year: bool,
    /// It was a spreadsheet's day number.
    pub serial: bool,
    /// What the way it is written says about day and month.
    pub order: Order,
}

/// What the writing of one date says about the order of day and month.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Order {
    /// Nothing: year first, month in letters, or day and month alike.
    Plain,
    /// Day first: the first number is over 12.
    DayFirst,
    /// Day and month could be swapped and would make another date.
    Swappable,
}

/// Why a text is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum DateFault {
    #[error("is not a date in a form this reader knows")]
    Form,
    #[error("is not a day of the calendar")]
    Calendar,
    #[error("has a month over 12: it seems to be written month first")]
    MonthFirst,
    #[error("has a time of day, so that the day itself is uncertain")]
    TimeOfDay,
    #[error("has no day")]
    NoDay,
    #[error("has a year outside 1900 to 2099")]
    Year,
}

/// Years a date may have.
pub(super) const YEARS: std::ops::RangeInclusive<i16> = 1900..=2099;

/// Day numbers of spreadsheets (1900 system): 1900-03-01, before which programs differ, comes to 61;
/// five digits keep years and small numbers from being taken for one (1927-05-18 to 2099-12-31).
const SERIALS: std::ops::RangeInclusive<i32> = 10_000..=73_050;

/// What a spreadsheet's day numbers count from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Epoch {
    /// 1 is 1900-01-01 (and 60 a 29 February that never was).
    Y1900,
    /// 0 is 1904-01-01.
    Y1904,
}

impl Epoch {
    /// Day number of 1970-01-01.
    pub fn of_1970(self) -> i32 {
        match self {
            Epoch::Y1900 => 25_569,
            Epoch::Y1904 => 24_107,
        }
    }
}

/// Days since 1970-01-01.
fn days(d: Date) -> i32 {
    (d - date(1970, 1, 1)).get_days()
}

/// The calendar date of days since 1970-01-01, ISO form; blank when out of range.
pub fn iso(days: i32) -> String {
    date(1970, 1, 1)
        .checked_add(jiff::Span::new().try_days(days).unwrap_or_default())
        .map_or_else(|_| String::new(), |d| d.to_string())
}

/// The day some whole years before, for ages; 29 February becomes 28 February.
pub(super) fn years_before(days_from: i32, years: i16) -> i32 {
    let shifted = jiff::Span::new()
        .try_days(days_from)
        .and_then(|s| date(1970, 1, 1).checked_add(s))
        .and_then(|d| d.checked_sub(jiff::Span::new().try_years(years)?));
    shifted.map_or(days_from.saturating_sub(i32::from(years) * 365), days)
}

/// Reads a date. A two-digit year becomes the latest year that keeps the date on or before
/// `latest` (days since 1970-01-01).
pub(super) fn read(text: &str, latest: i32, epoch: Epoch) -> Result<ReadDate, DateFault> {
    if text.len() > 60 {
        return Err(DateFault::Form);
    }
    let text = text.trim_start_matches('\'').to_lowercase();
    let text = without_time(text.trim())?;
    if let Some(found) = digits_only(text, epoch) {
        return found;
    }
    let parts: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || "/-.,‐‑–—".contains(c))
        .filter(|p| !p.is_empty())
        .collect();
    let parts = match parts.as_slice() {
        [weekday, rest @ ..] if rest.len() == 3 && is_weekday(weekday) => rest,
        all => all,
    };
    match parts {
        [a, b, c] => three_parts(a, b, c, latest),
        [a, b] if month(a).is_some() || month(b).is_some() => Err(DateFault::NoDay),
        [a, b] if number(a).is_some() && number(b).is_some() => Err(DateFault::NoDay),
        _ => Err(DateFault::Form),
    }
}

fn three_parts(a: &str, b: &str, c: &str, latest: i32) -> Result<ReadDate, DateFault> {
    if let Some(m) = month(b) {
        // 3 March 1980, and 1980 March 3
        return match a.len() {
            4 => build(a, m, ordinal(c)?, Order::Plain, latest),
            _ => build(c, m, ordinal(a)?, Order::Plain, latest),
        };
    }
    if let Some(m) = month(a) {
        return build(c, m, ordinal(b)?, Order::Plain, latest);
    }
    if a.len() == 4 {
        return build(a, small(b)?, small(c)?, Order::Plain, latest);
    }
    let (day, month) = (small(a)?, small(b)?);
    if month > 12 && (1..=12).contains(&day) && month <= 31 {
        return Err(DateFault::MonthFirst);
    }
    let order = match day {
        13.. => Order::DayFirst,
        d if d == month => Order::Plain,
        _ => Order::Swappable,
    };
    build(c, month, day, order, latest)
}

fn build(year: &str, month: i8, day: i8, order: Order, latest: i32) -> Result<ReadDate, DateFault> {
    let y = number(year).ok_or(DateFault::Form)?;
    let two_digit_year = match year.len() {
        2 => true,
        4 => false,
        _ => return Err(DateFault::Form),
    };
    if two_digit_year {
        // The first century that is not too late; 29 February exists in some of them only.
        let found = [2000, 1900]
            .into_iter()
            .filter_map(|c| Date::new(c + y, month, day).ok().map(days))
            .find(|&d| d <= latest);
        let fallback = Date::new(2000 + y, month, day).or(Date::new(1900 + y, month, day));
        let days = match (found, fallback) {
            (Some(d), _) => d,
            (None, Ok(d)) => days(d),
            (None, Err(_)) => return Err(DateFault::Calendar),
        };
        return Ok(ReadDate {
            days,
            two_digit_year,
            serial: false,
            order,
        });
    }
    if !YEARS.contains(&y) {
        return Err(DateFault::Year);
    }
    let found = Date::new(y, month, day).map_err(|_| DateFault::Calendar)?;
    Ok(ReadDate {
        days: days(found),
        two_digit_year,
        serial: false,
        order,
    })
}

/// `19800303`, `03031980` and a spreadsheet's day number. None: not digits only.
fn digits_only(text: &str, epoch: Epoch) -> Option<Result<ReadDate, DateFault>> {
    let digits = text.strip_suffix(".0").unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| digits[from..to].parse::<i16>().unwrap_or(0);
    let eight = |y: i16, m: i16, d: i16| {
        let found = Date::new(y, m as i8, d as i8)
            .ok()
            .filter(|_| YEARS.contains(&y))?;
        Some(ReadDate {
            days: days(found),
            two_digit_year: false,
            serial: false,
            order: Order::Plain,
        })
    };
    Some(match digits.len() {
        // Year first cannot be mistaken for day first: a month would be 19 or more, or the year
        // before 1232.
        8 => eight(part(0, 4), part(4, 6), part(6, 8))
            .or_else(|| eight(part(4, 8), part(2, 4), part(0, 2)))
            .ok_or(DateFault::Calendar),
        5 => match digits.parse::<i32>() {
            Ok(n) if SERIALS.contains(&n) => Ok(ReadDate {
                days: n - epoch.of_1970(),
                two_digit_year: false,
                serial: true,
                order: Order::Plain,
            }),
            _ => Err(DateFault::Form),
        },
        4 => Err(DateFault::NoDay),
        _ => Err(DateFault::Form),
    })
}

/// Takes a midnight off (`2020-01-03T00:00:00Z`, `03/01/2020 00:00`). Any other time is refused:
/// 23:00 in summer is a date stored an hour too early, and so another day.
fn without_time(text: &str) -> Result<&str, DateFault> {
    let Some(colon) = text.find(':') else {
        return Ok(text);
    };
    let start = text[..colon].rfind(['t', ' ']).ok_or(DateFault::Form)?;
    let time = text[start + 1..].trim_end_matches('z').trim_end();
    let time = time.strip_suffix("+00:00").unwrap_or(time);
    let midnight = time.chars().all(|c| matches!(c, '0' | ':' | '.'));
    match midnight || time == "12:00:00 am" || time == "12:00 am" {
        true => Ok(text[..start].trim_end()),
        false => Err(DateFault::TimeOfDay),
    }
}

fn number(text: &str) -> Option<i16> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// One or two digits.
fn small(text: &str) -> Result<i8, DateFault> {
    match text.len() {
        1 | 2 => number(text).map(|n| n as i8).ok_or(DateFault::Form),
        _ => Err(DateFault::Form),
    }
}

/// `3`, `3rd`.
fn ordinal(text: &str) -> Result<i8, DateFault> {
    let bare = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|e| text.strip_suffix(e));
    small(bare.unwrap_or(text))
}

/// A month's name, whole or cut after three letters or more (`sept`).
fn month(text: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let long_enough = text.len() >= 3;
    let at = MONTHS
        .iter()
        .position(|m| long_enough && m.starts_with(text))?;
    Some(at as i8 + 1)
}

fn is_weekday(text: &str) -> bool {
    const DAYS: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    text.len() >= 3 && DAYS.iter().any(|d| d.starts_with(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22 by hand: 56 years of 365 days, 14 leap days (1972 to 2024), 325 days of 2026.
    const TODAY: i32 = 56 * 365 + 14 + 325;

    fn shown(text: &str) -> Result<String, DateFault> {
        read(text, TODAY, Epoch::Y1900).map(|d| iso(d.days))
    }

    #[test]
    fn the_day_count_agrees_with_the_calendar() {
        assert_eq!(iso(TODAY), "2026-11-22");
        assert_eq!(iso(0), "1970-01-01");
        assert_eq!(days(date(1969, 12, 31)), -1);
        assert_eq!(iso(years_before(days(date(2024, 2, 29)), 10)), "2014-02-28");
    }

    #[test]
    fn one_day_in_every_style() {
        for text in [
            "03/04/1980",
            "3/4/1980",
            "03-04-1980",
            "03.04.1980",
            "3 4 1980",
            "03/04/80",
            "3.4.80",
            "1980-04-03",
            "1980/04/03",
            "1980.4.3",
            "3 April 1980",
            "03-Apr-80",
            "3rd Apr 1980",
            "April 3, 1980",
            "Thursday 3 April 1980",
            "Thu, 03 Apr 1980",
            "1980-04-03 00:00:00",
            "1980-04-03T00:00:00Z",
            "1980-04-03T00:00:00.000+00:00",
            "03/04/1980 00:00",
            "03/04/1980 12:00:00 AM",
            "19800403",
            "03041980",
            "29314",
            "29314.0",
            "'03/04/1980",
            "1980 Apr 3",
            "03–04–1980",
        ] {
            assert_eq!(shown(text).as_deref(), Ok("1980-04-03"), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused_with_its_reason() {
        for (text, fault) in [
            ("", DateFault::Form),
            ("yesterday", DateFault::Form),
            ("31/02/1980", DateFault::Calendar),
            ("29/02/1981", DateFault::Calendar),
            ("29/02/1900", DateFault::Calendar),
            ("00/01/1980", DateFault::Calendar),
            ("01/00/1980", DateFault::Calendar),
            ("32/01/1980", DateFault::Calendar),
            ("45/45/1980", DateFault::Calendar),
            ("04/25/1980", DateFault::MonthFirst),
            ("03/04/1880", DateFault::Year),
            ("03/04/2180", DateFault::Year),
            ("0001-01-01", DateFault::Year),
            ("1980", DateFault::NoDay),
            ("04/1980", DateFault::NoDay),
            ("April 1980", DateFault::NoDay),
            ("3/4", DateFault::NoDay),
            ("03/04/198", DateFault::Form),
            ("03/04/19800", DateFault::Form),
            ("003/04/1980", DateFault::Form),
            ("3/4/5/1980", DateFault::Form),
            ("1980-04-03T23:00:00Z", DateFault::TimeOfDay),
            ("1980-04-03T00:00:00+01:00", DateFault::TimeOfDay),
            ("9999", DateFault::NoDay),
            ("99999", DateFault::Form),
            ("123456", DateFault::Form),
            ("-29314", DateFault::Form),
            ("2.9314e4", DateFault::Form),
            ("３/４/1980", DateFault::Form),
            ("3 Smarch 1980", DateFault::Form),
            ("99999999", DateFault::Calendar),
        ] {
            assert_eq!(shown(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn two_digit_years_take_the_latest_century_that_is_not_too_late() {
        assert_eq!(shown("22/11/26").as_deref(), Ok("2026-11-22"));
        assert_eq!(shown("23/11/26").as_deref(), Ok("1926-11-23"));
        let child_free = read("05/06/20", years_before(TODAY, 10), Epoch::Y1900).unwrap();
        assert_eq!(iso(child_free.days), "1920-06-05");
        assert!(child_free.two_digit_year);
        assert_eq!(shown("29/02/00").as_deref(), Ok("2000-02-29"));
    }

    #[test]
    fn a_date_says_what_it_can_about_the_order_of_day_and_month() {
        let order = |t| read(t, TODAY, Epoch::Y1900).map(|d| d.order);
        assert_eq!(order("03/04/1980"), Ok(Order::Swappable));
        assert_eq!(order("04/04/1980"), Ok(Order::Plain));
        assert_eq!(order("13/04/1980"), Ok(Order::DayFirst));
        assert_eq!(order("1980-04-03"), Ok(Order::Plain));
        assert_eq!(order("3 Apr 1980"), Ok(Order::Plain));
    }

    #[test]
    fn day_numbers_of_the_1904_calendar_lie_four_years_and_a_day_later() {
        let read = |e| read("29314", TODAY, e).map(|d| iso(d.days));
        assert_eq!(read(Epoch::Y1900).as_deref(), Ok("1980-04-03"));
        assert_eq!(read(Epoch::Y1904).as_deref(), Ok("1984-04-04"));
    }
}
