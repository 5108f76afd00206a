//! One field's text to its canonical form, or the rule it breaks. Rules never contain the text.

use crate::identity::pnc::{self, PncFault};
use crate::identity::prison_number;

/// A rule broken, and what to do.
pub(super) struct Fault {
    pub rule: &'static str,
    pub remedy: &'static str,
}

/// A name as written. Needs a letter; may not be a formula.
pub(super) fn name(text: &str) -> Result<String, Fault> {
    let broken = |rule, remedy| Err(Fault { rule, remedy });
    if text.contains('\u{FFFD}') {
        return broken(
            "a letter of the name was lost when the file was saved",
            "type the name again and save as CSV UTF-8",
        );
    }
    if text.starts_with(['=', '+', '@']) {
        return broken(
            "a name cannot be a formula",
            "replace the formula by its value",
        );
    }
    if !text.chars().any(char::is_alphabetic) {
        return broken(
            "a name has letters",
            "give the name, or leave the cell blank",
        );
    }
    if text.chars().any(|c| c.is_ascii_digit()) {
        return broken(
            "a name has no digits",
            "give the name as on official papers, and check that the row's cells are in the right columns",
        );
    }
    Ok(text.to_owned())
}

/// `F`, `M` or `X`.
pub(super) fn sex(text: &str) -> Result<String, Fault> {
    let sex = match text.to_lowercase().trim_end_matches('.') {
        "f" | "female" | "fem" | "woman" | "women" | "girl" | "w" => "F",
        "m" | "male" | "man" | "men" | "boy" => "M",
        "x" | "other" | "o" | "non-binary" | "nonbinary" | "non binary" | "nb"
        | "indeterminate" | "intersex" => "X",
        _ => {
            return Err(Fault {
                rule: "sex is F, M or other",
                remedy: "write F, M or other, or leave the cell blank",
            });
        }
    };
    Ok(sex.to_owned())
}

/// Yes or no.
pub(super) fn yes_or_no(text: &str) -> Result<bool, Fault> {
    match text.to_lowercase().trim_end_matches('.') {
        "y" | "yes" | "true" | "1" | "completed" | "complete" => Ok(true),
        "n" | "no" | "false" | "0" | "not completed" | "incomplete" => Ok(false),
        _ => Err(Fault {
            rule: "whether somebody completed is yes or no",
            remedy: "write yes or no, or leave the cell blank",
        }),
    }
}

/// Letters of the longest name of a place.
const LONGEST_SITE: usize = 60;

/// The name of a place.
pub(super) fn site(text: &str) -> Result<String, Fault> {
    let plain = |c: char| c.is_alphanumeric() || " '\u{2019}-,.&()/".contains(c);
    match text.chars().count() <= LONGEST_SITE && text.chars().all(plain) {
        true => Ok(text.to_owned()),
        false => Err(Fault {
            rule: "a site is the short name of a place, of letters and digits",
            remedy: "write the same short name for everybody who took part there, or leave the cell blank",
        }),
    }
}

/// A British postcode in upper case with one space; an outward part alone is kept as it is.
pub(super) fn postcode(text: &str) -> Result<Option<String>, Fault> {
    let code: String = text
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect();
    // No fixed abode, and the codes that stand for no address.
    if ["NFA", "NOFIXEDABODE", "NOFIXEDADDRESS"].contains(&code.as_str())
        || code.starts_with("ZZ99")
    {
        return Ok(None);
    }
    let whole = code
        .len()
        .checked_sub(3)
        .and_then(|at| code.split_at_checked(at))
        .filter(|(out, inward)| is_outward(out) && is_inward(inward));
    match whole {
        Some((out, inward)) => Ok(Some(format!("{out} {inward}"))),
        None if is_outward(&code) => Ok(Some(code)),
        None => Err(Fault {
            rule: "a postcode is written like SW1A 1AA",
            remedy: "correct the postcode, or leave the cell blank",
        }),
    }
}

/// `A9`, `A99`, `AA9`, `AA99`, `A9A`, `AA9A`.
fn is_outward(text: &str) -> bool {
    let shape: Vec<char> = text
        .chars()
        .map(|c| match c {
            'A'..='Z' => 'A',
            '0'..='9' => '9',
            _ => '?',
        })
        .take(5)
        .collect();
    let shape: String = shape.into_iter().collect();
    ["A9", "A99", "AA9", "AA99", "A9A", "AA9A"].contains(&shape.as_str())
}

/// A digit and two letters.
fn is_inward(text: &str) -> bool {
    matches!(text.as_bytes(), [d, a, b]
        if d.is_ascii_digit() && a.is_ascii_uppercase() && b.is_ascii_uppercase())
}

/// The canonical PNC id.
pub(super) fn pnc_id(text: &str) -> Result<String, Fault> {
    pnc::canonical(text.trim_start_matches('\'')).map_err(|fault| match fault {
        PncFault::Form => Fault {
            rule: "a PNC id is a year, a slash, up to seven digits and a letter, like 2003/0123456A",
            remedy: "copy the id from the referral or the case system, slash and letter included",
        },
        PncFault::Year => Fault {
            rule: "the year of a PNC id lies between 1900 and 2099",
            remedy: "copy the id from the referral or the case system",
        },
        PncFault::CheckLetter => Fault {
            rule: "the check letter at the end of the PNC id does not agree with its digits, so one of them is mistyped; the id is not used",
            remedy: "compare the id with the referral or the case system; if it stays as it is, name and date of birth are used",
        },
    })
}

/// The canonical prison number.
pub(super) fn prison_number(text: &str) -> Result<String, Fault> {
    prison_number::canonical(text).ok_or(Fault {
        rule: "a prison number is a letter, four digits and two letters, like A1234BC",
        remedy: "give the number used since 2009, or leave the cell blank",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_and_places() {
        for (text, read) in [("Y", true), ("Yes", true), ("no", false), ("0", false)] {
            assert_eq!(yes_or_no(text).ok(), Some(read));
        }
        assert!(yes_or_no("03/04/2024").is_err() && yes_or_no("maybe").is_err());
        assert_eq!(
            site("St. Anne's (North)").ok().as_deref(),
            Some("St. Anne's (North)")
        );
        assert!(site("=HYPERLINK").is_err() && site(&"x".repeat(61)).is_err());
    }

    #[test]
    fn postcodes_get_their_space() {
        let read = |t| postcode(t).ok().flatten();
        assert_eq!(read("sw1a1aa").as_deref(), Some("SW1A 1AA"));
        assert_eq!(read("M1  1ae").as_deref(), Some("M1 1AE"));
        assert_eq!(read("LS12").as_deref(), Some("LS12"));
        assert_eq!(read("NFA"), None);
        for text in [
            "12345", "SW1A 1A1", "É1 1AA", "ABC 1AA", "X", "LS1 2ABC", "1AA",
        ] {
            assert!(postcode(text).is_err(), "{text}");
        }
    }
}
