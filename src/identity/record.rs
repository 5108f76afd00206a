//! One person's identifiers, normalised, as linkage compares them.

use super::{Dob, name_parts, pnc, prison_number};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Borrowed from an [`Identity`] or from a register's index. An empty text, a missing date and a
/// zero are "not known". Not printable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Parts of the given names, see [`name_parts`].
    pub forename: &'a str,
    /// Parts of the family name.
    pub surname: &'a str,
    /// Date of birth; may be a date that no calendar has.
    pub dob: Dob,
    /// `b'F'`, `b'M'`, `b'X'`, or 0.
    pub sex: u8,
    /// Letters and digits, upper case, nothing between: `SW1A1AA`. Any country's.
    pub postcode: &'a str,
    /// Canonical `YYYY/NNNNNNNC` when it is a valid PNC id; else its letters and digits, upper case.
    pub pnc_id: &'a str,
    /// Canonical `A1234BC` when it is a prison number; else its letters and digits, upper case.
    pub prison_number: &'a str,
}

/// One person's identifiers, owned and wiped in the end. Not printable.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Identity {
    forename: String,
    surname: String,
    dob: Dob,
    sex: u8,
    postcode: String,
    pnc_id: String,
    prison_number: String,
}

/// What is known of somebody, as written; `None` is "not known".
#[derive(Clone, Copy, Default)]
pub(crate) struct Written<'a> {
    pub forename: Option<&'a str>,
    pub surname: Option<&'a str>,
    pub dob: Option<Dob>,
    pub sex: Option<&'a str>,
    pub postcode: Option<&'a str>,
    pub pnc_id: Option<&'a str>,
    pub prison_number: Option<&'a str>,
}

impl Identity {
    /// Every field in its normal form.
    pub(crate) fn of(written: Written<'_>) -> Identity {
        let text = |t: Option<&str>, form: fn(&str) -> String| t.map_or_else(String::new, form);
        Identity {
            forename: text(written.forename, name_parts),
            surname: text(written.surname, name_parts),
            dob: written.dob.unwrap_or(Dob::MISSING),
            sex: sex(written.sex),
            postcode: text(written.postcode, squeezed),
            pnc_id: text(written.pnc_id, pnc_form),
            prison_number: text(written.prison_number, prison_number_form),
        }
    }

    /// A copy of a record, which is in its normal form already.
    pub fn of_record(record: &Record<'_>) -> Identity {
        Identity {
            forename: record.forename.to_owned(),
            surname: record.surname.to_owned(),
            dob: record.dob,
            sex: record.sex,
            postcode: record.postcode.to_owned(),
            pnc_id: record.pnc_id.to_owned(),
            prison_number: record.prison_number.to_owned(),
        }
    }

    /// To compare.
    pub fn record(&self) -> Record<'_> {
        Record {
            forename: &self.forename,
            surname: &self.surname,
            dob: self.dob,
            sex: self.sex,
            postcode: &self.postcode,
            pnc_id: &self.pnc_id,
            prison_number: &self.prison_number,
        }
    }
}

/// A PNC id, canonical when it is one.
pub(crate) fn pnc_form(text: &str) -> String {
    pnc::canonical(text).unwrap_or_else(|_| squeezed(text))
}

/// A prison number, canonical when it is one.
pub(crate) fn prison_number_form(text: &str) -> String {
    prison_number::canonical(text).unwrap_or_else(|| squeezed(text))
}

/// Letters and digits, upper case.
pub(crate) fn squeezed(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

/// `b'F'`, `b'M'`, `b'X'`, or 0, by the first letter.
pub(crate) fn sex(text: Option<&str>) -> u8 {
    match text.and_then(|t| t.trim().chars().next()) {
        Some('F' | 'f' | 'W' | 'w') => b'F',
        Some('M' | 'm') => b'M',
        Some('X' | 'x' | 'O' | 'o') => b'X',
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_identifier_is_canonical_and_another_is_kept_as_it_is() {
        let with = |pnc_id, prison_number| {
            Identity::of(Written {
                pnc_id: Some(pnc_id),
                prison_number: Some(prison_number),
                ..Written::default()
            })
        };
        let good = with("79/163001b", "a1234 bc");
        assert!(good.record().pnc_id == "1979/0163001B");
        assert!(good.record().prison_number == "A1234BC");
        let odd = with(" 530-4218 ", "1234");
        assert!(odd.record().pnc_id == "5304218" && odd.record().prison_number == "1234");
    }

    #[test]
    fn what_is_not_known_is_empty() {
        let nobody = Identity::of(Written::default());
        let r = nobody.record();
        assert!(r.forename.is_empty() && r.postcode.is_empty() && r.dob.is_missing());
        assert_eq!(r.sex, 0);
    }
}
