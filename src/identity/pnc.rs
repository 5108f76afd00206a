//! The Police National Computer id: `YYYY/NNNNNNNC`, with a check letter that catches typing errors.

/// Letters in the order of the remainder; I, O and S are not used.
const LETTERS: &[u8; 23] = b"ZABCDEFGHJKLMNPQRTUVWXY";

/// Two-digit years from here on are 19xx, those below 20xx. Ids began in the 1970s, for people
/// already on file too; a fixed pivot keeps both sides of a link reading the same id alike.
const CENTURY_PIVOT: u32 = 40;

/// The check letter: the last two digits of the year followed by the seven-digit serial, modulo 23.
///
/// ```
/// assert_eq!(counterpart::identity::pnc::check_letter(1979, 163001), 'B');
/// ```
pub fn check_letter(year: u32, serial: u32) -> char {
    let number = u64::from(year % 100) * 10_000_000 + u64::from(serial);
    LETTERS[(number % 23) as usize] as char
}

/// Why a text is no PNC id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PncFault {
    /// Not year, up to seven digits and a letter.
    #[error("a PNC id is a year, a slash, up to seven digits and a letter, like 2003/0123456A")]
    Form,
    /// A four-digit year outside 1900 to 2099.
    #[error("the year of a PNC id lies between 1900 and 2099")]
    Year,
    /// The last letter does not agree with the digits.
    #[error("the check letter at the end of the PNC id does not agree with its digits")]
    CheckLetter,
}

/// The canonical form `YYYY/NNNNNNNC` of an id as people write it: two-digit years, lost leading
/// zeros, spaces, lower case, a missing slash before a full seven digits.
///
/// ```
/// use counterpart::identity::pnc::{PncFault, canonical};
/// assert_eq!(canonical(" 79/163001b ").as_deref(), Ok("1979/0163001B"));
/// assert_eq!(canonical("79/163001C"), Err(PncFault::CheckLetter));
/// ```
///
/// # Errors
/// When the form, the year or the check letter is wrong.
pub fn canonical(text: &str) -> Result<String, PncFault> {
    let mut id = String::with_capacity(text.len());
    for c in text.chars().filter(|&c| !super::text::is_padding(c)) {
        if id.len() == 16 || !c.is_ascii() {
            return Err(PncFault::Form);
        }
        id.push(c.to_ascii_uppercase());
    }
    let letter = id
        .pop()
        .filter(char::is_ascii_uppercase)
        .ok_or(PncFault::Form)?;
    let (year, serial) = parts(&id).ok_or(PncFault::Form)?;
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if !digits(year) || !digits(serial) || !(1..=7).contains(&serial.len()) {
        return Err(PncFault::Form);
    }
    // At most four and seven digits: both fit.
    let number = |s: &str| s.parse::<u32>().map_err(|_| PncFault::Form);
    let year = match (year.len(), number(year)?) {
        (1 | 2, y) if y < CENTURY_PIVOT => 2000 + y,
        (1 | 2, y) => 1900 + y,
        (4, y @ 1900..=2099) => y,
        (4, _) => return Err(PncFault::Year),
        _ => return Err(PncFault::Form),
    };
    let serial = number(serial)?;
    if check_letter(year, serial) != letter {
        return Err(PncFault::CheckLetter);
    }
    Ok(format!("{year:04}/{serial:07}{letter}"))
}

/// Year and serial: at the slash, or without one before the last seven digits.
fn parts(id: &str) -> Option<(&str, &str)> {
    id.split_once(['/', '\\', '-'])
        .or_else(|| id.split_at_checked(id.len().checked_sub(7)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked by hand: 79 0163001 = 23 x 34354913 + 2, the third letter of ZAB is B;
    /// 03 1234567 = 31234567 = 23 x 1358024 + 15, LETTERS[15] = Q (Z A B C D E F G H J K L M N P Q).
    #[test]
    fn check_letters_worked_by_hand() {
        assert_eq!(check_letter(1979, 163_001), 'B');
        assert_eq!(check_letter(2003, 1_234_567), 'Q');
        assert_eq!(check_letter(2000, 0), 'Z');
    }

    #[test]
    fn every_way_of_writing_an_id_has_one_canonical_form() {
        for text in [
            "03/1234567Q",
            "2003/1234567Q",
            "3/1234567q",
            " 03 / 1234567 q",
            "031234567Q",
            "20031234567Q",
            "03\\1234567Q",
            "\u{200B}2003/1234567Q\u{00A0}",
        ] {
            assert_eq!(canonical(text).as_deref(), Ok("2003/1234567Q"), "{text}");
        }
        assert_eq!(canonical("79/163001B").as_deref(), Ok("1979/0163001B"));
        assert_eq!(canonical("39/0Q"), Err(PncFault::CheckLetter));
    }

    #[test]
    fn two_digit_years_pivot_at_forty() {
        let id = |yy: u32| format!("{yy:02}/0000001{}", check_letter(yy, 1));
        assert!(canonical(&id(39)).unwrap().starts_with("2039/"));
        assert!(canonical(&id(40)).unwrap().starts_with("1940/"));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in [
            "",
            "/",
            "A",
            "03/",
            "03/A",
            "/1234567Q",
            "03/12345678Q",
            "003/1234567Q",
            "03/123456Q7",
            "03/1234567",
            "03/12E4567Q",
            "03/-234567Q",
            "03/+234567Q",
            "ab/1234567Q",
            "03/1234567É",
            "１２/1234567Q",
            "03//1234567Q",
            "999999999999999999999999Q",
        ] {
            assert_eq!(canonical(text), Err(PncFault::Form), "{text}");
        }
        assert_eq!(canonical("1803/1234567Q"), Err(PncFault::Year));
        assert_eq!(canonical("03/1234567A"), Err(PncFault::CheckLetter));
        assert_eq!(canonical("04/1234567Q"), Err(PncFault::CheckLetter));
    }
}
