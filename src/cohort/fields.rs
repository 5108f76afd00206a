//! One field's text to its canonical form, or the rule it breaks. Rules never contain the text.

use super::pnc::{self, PncFault};

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

/// A prison number `A1234BC`.
pub(super) fn prison_number(text: &str) -> Result<String, Fault> {
    let number: String = text
        .chars()
        .filter(|c| c.is_alphanumeric())
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let fits = matches!(number.as_bytes(), [a, n @ .., b, c]
        if n.len() == 4 && n.iter().all(u8::is_ascii_digit)
            && [a, b, c].iter().all(|l| l.is_ascii_uppercase()));
    match fits {
        true => Ok(number),
        false => Err(Fault {
            rule: "a prison number is a letter, four digits and two letters, like A1234BC",
            remedy: "give the number used since 2009, or leave the cell blank",
        }),
    }
}

/// A name for comparing: letters only, lower case, common accents off, so that `O'Brien`,
/// `OBRIEN` and `O’Brien` are one name.
pub fn name_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for c in name.chars().filter(|c| c.is_alphanumeric()) {
        for c in c.to_lowercase() {
            match without_accent(c) {
                "" => key.push(c),
                plain => key.push_str(plain),
            }
        }
    }
    key
}

/// The plain letters of an accented one; empty when it has none here. Combining marks are not
/// letters and have gone already.
fn without_accent(c: char) -> &'static str {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ì'..='ï' | 'ī' | 'į' | 'ı' => "i",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ř' => "r",
        'ś' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ț' => "t",
        'ù'..='ü' | 'ū' | 'ů' | 'ű' | 'ų' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn prison_numbers_have_one_form() {
        assert_eq!(prison_number(" a1234 bc").ok().as_deref(), Some("A1234BC"));
        for text in ["A123BC", "A12345BC", "1234ABC", "AB1234", "Á1234BC", ""] {
            assert!(prison_number(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_compare_without_case_accents_and_marks() {
        assert_eq!(name_key("O’Brien-Łukasz"), "obrienlukasz");
        assert_eq!(name_key("José Ñandú"), name_key("JOSE NANDU"));
        assert_eq!(name_key("Зоя"), "зоя");
    }
}
