//! Days since 1970-01-01 to ISO dates and back.

use jiff::civil::Date;

/// Days since 1970-01-01 of an ISO date (`2024-06-30`), if it is one.
pub(crate) fn parse_iso(text: &str) -> Option<i32> {
    // jiff reads date-times as well; a register's dates are dates.
    if text.len() != 10 {
        return None;
    }
    let date: Date = text.parse().ok()?;
    let hours = date.duration_since(Date::new(1970, 1, 1).ok()?).as_hours();
    i32::try_from(hours / 24).ok()
}

/// The ISO date of days since 1970-01-01; `-` outside the years 0-9999.
pub(crate) fn iso(days: i32) -> String {
    Date::new(1970, 1, 1)
        .ok()
        .and_then(|epoch| {
            let span = jiff::Span::new().try_days(i64::from(days)).ok()?;
            epoch.checked_add(span).ok()
        })
        .map_or_else(|| "-".to_owned(), |date| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_dates_and_days_are_inverse() {
        assert_eq!(parse_iso("1970-01-01"), Some(0));
        assert_eq!(parse_iso("1969-12-31"), Some(-1));
        for days in [-40_000, -1, 0, 11_016, 19_782, 47_482] {
            assert_eq!(parse_iso(&iso(days)), Some(days));
        }
    }

    #[test]
    fn anything_but_an_iso_date_is_refused() {
        for text in [
            "",
            "30/06/2024",
            "2024-02-30",
            "2024-6-3",
            "2024-06-30T10:00",
        ] {
            assert_eq!(parse_iso(text), None);
        }
    }

    #[test]
    fn days_beyond_the_calendar_have_no_date() {
        assert_eq!(iso(i32::MAX), "-");
        assert_eq!(iso(i32::MIN), "-");
    }
}
