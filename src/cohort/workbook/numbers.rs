//! Numbers and dates of a workbook's cells as text.

use crate::cohort::dates::{Epoch, iso};

/// The number as a person reads it: `1234567` for `1234567.0` and `1.234567E6`. Digits that are
/// all there stay as they are. None when it is no number.
pub(super) fn plain(text: &str) -> Option<String> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if whole {
        return Some(text.to_owned());
    }
    let number: f64 = text.parse().ok().filter(|n: &f64| n.is_finite())?;
    // Beyond, a number is no identifier, and written out would be hundreds of digits.
    (number.abs() < 1e18).then(|| format!("{number}"))
}

/// Day numbers end with the year 9999.
const LAST_SERIAL: f64 = 2_958_465.0;
/// The day that programs believe 1900 had between 28 February (59) and 1 March (61).
const FEBRUARY_29_1900: i32 = 60;

/// The date of a day number in ISO form, with the time when there is one. None when it is no day: a
/// time alone, a negative number, one beyond the calendar.
pub(super) fn date(text: &str, epoch: Epoch) -> Option<String> {
    let number: f64 = text.trim().parse().ok()?;
    let first = match epoch {
        Epoch::Y1900 => 1.0,
        Epoch::Y1904 => 0.0,
    };
    // A time alone is a fraction of day 0.
    let time_alone = number < 1.0 && number != 0.0;
    if !(first..LAST_SERIAL + 1.0).contains(&number) || time_alone {
        return None;
    }
    let mut day = number.floor() as i32;
    let mut seconds = ((number - number.floor()) * 86_400.0).round() as u32;
    if seconds == 86_400 {
        day += 1;
        seconds = 0;
    }
    let date = match (epoch, day) {
        (Epoch::Y1900, FEBRUARY_29_1900) => "1900-02-29".to_owned(),
        (Epoch::Y1900, ..FEBRUARY_29_1900) => iso(day - epoch.of_1970() + 1),
        _ => iso(day - epoch.of_1970()),
    };
    Some(match seconds {
        0 => date,
        s => format!("{date} {:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60),
    })
}

/// Does a number format show a day? By its built-in number where it has no code.
pub(super) fn is_date_format(id: u32, code: Option<&str>) -> bool {
    match code {
        Some(code) => shows_a_day(code),
        None => matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58),
    }
}

/// `d`, `m` or `y` outside quotation marks, brackets and escapes, in the section for positive
/// numbers.
fn shows_a_day(code: &str) -> bool {
    let mut chars = code.chars();
    let mut quoted = false;
    let mut bracketed = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            // The next character stands for itself, or for a space of its width.
            '\\' | '_' | '*' => {
                chars.next();
            }
            '[' => bracketed = true,
            ']' => bracketed = false,
            _ if bracketed => {}
            ';' => return false,
            'd' | 'm' | 'y' | 'D' | 'M' | 'Y' => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        for (text, expected) in [
            ("1234567", Some("1234567")),
            ("1234567.0", Some("1234567")),
            ("1.234567E6", Some("1234567")),
            ("1.23E+06", Some("1230000")),
            ("0042", Some("0042")),
            ("12345678901234567890", Some("12345678901234567890")),
            ("-5", Some("-5")),
            ("0.1", Some("0.1")),
            ("1e400", None),
            ("1e300", None),
            ("NaN", None),
            ("inf", None),
            ("", None),
            ("12x", None),
        ] {
            assert_eq!(plain(text).as_deref(), expected, "{text}");
        }
    }

    /// By hand: 1 is New Year 1900; 60 never was; 25,569 and 24,107 are New Year 1970.
    #[test]
    fn day_numbers_become_dates_in_both_calendars() {
        let old = |t| date(t, Epoch::Y1900);
        assert_eq!(old("1").as_deref(), Some("1900-01-01"));
        assert_eq!(old("59").as_deref(), Some("1900-02-28"));
        assert_eq!(old("60").as_deref(), Some("1900-02-29"));
        assert_eq!(old("61").as_deref(), Some("1900-03-01"));
        assert_eq!(old("25569").as_deref(), Some("1970-01-01"));
        assert_eq!(old("29314.0").as_deref(), Some("1980-04-03"));
        assert_eq!(old("29314.5").as_deref(), Some("1980-04-03 12:00:00"));
        assert_eq!(old("29313.999999999").as_deref(), Some("1980-04-03"));
        assert_eq!(old("2958465").as_deref(), Some("9999-12-31"));
        for none in ["0", "0.5", "-1", "2958466", "19150614", "1e99", "NaN", ""] {
            assert_eq!(old(none), None, "{none}");
        }
        let mac = |t| date(t, Epoch::Y1904);
        assert_eq!(mac("0").as_deref(), Some("1904-01-01"));
        assert_eq!(mac("24107").as_deref(), Some("1970-01-01"));
        assert_eq!(mac("27852").as_deref(), Some("1980-04-03"));
        assert_eq!(mac("0.5"), None);
    }

    #[test]
    fn formats_that_show_a_day_are_told_from_those_that_do_not() {
        for code in [
            "dd/mm/yyyy",
            "[$-809]d mmmm yyyy;@",
            "yyyy\\-mm\\-dd",
            "mmm-yy",
            "\"born\" d.m.yy",
            "[Red]m/d",
        ] {
            assert!(is_date_format(164, Some(code)), "{code}");
        }
        for code in [
            "General",
            "0.00",
            "@",
            "#,##0;[Red]-#,##0",
            "0 \"days\"",
            "\\d0",
            "[DBNum1]0",
            "0_d",
            "0;\"d\";yy",
        ] {
            assert!(!is_date_format(164, Some(code)), "{code}");
        }
        assert!(is_date_format(14, None) && is_date_format(58, None));
        assert!(!is_date_format(0, None) && !is_date_format(49, None));
    }
}
