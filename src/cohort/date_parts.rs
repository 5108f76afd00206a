//! Dates that no calendar has, by their parts: they are still evidence of who somebody is.

use super::dates::YEARS;

/// Year, month and day as written, for what no calendar has: `31/02/1980`, `19801301`. None when
/// the parts cannot be told.
pub(super) fn parts(text: &str) -> Option<(u32, u32, u32)> {
    let text = text.trim_start_matches('\'').trim();
    let parts: Vec<&str> = text.split(['/', '-', '.', ' ']).collect();
    let number = |t: &str| -> Option<u32> {
        let plain = !t.is_empty() && t.len() <= 4 && t.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| t.parse().ok()).flatten()
    };
    let (year, month, day) = match parts.as_slice() {
        [all] if all.len() == 8 && all.is_ascii() => {
            let year = |t| number(t).is_some_and(|y| YEARS.contains(&(y as i16)));
            match year(&all[..4]) {
                true => (&all[..4], &all[4..6], &all[6..]),
                false => (&all[4..], &all[2..4], &all[..2]),
            }
        }
        [y, m, d] if y.len() == 4 => (*y, *m, *d),
        [d, m, y] if y.len() == 4 => (*y, *m, *d),
        _ => return None,
    };
    let two = |t: &str| number(t).filter(|&n| n < 100);
    Some((number(year)?, two(month)?, two(day)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_what_no_calendar_has_are_told() {
        for (text, found) in [
            ("31/02/1980", Some((1980, 2, 31))),
            ("1980-13-01", Some((1980, 13, 1))),
            ("19801301", Some((1980, 13, 1))),
            ("01131980", Some((1980, 13, 1))),
            ("4.25.1980", Some((1980, 25, 4))),
            ("31/02/80", None),
            ("sometime", None),
            ("é19801301", None),
            ("", None),
        ] {
            assert_eq!(parts(text), found, "{text}");
        }
    }
}
