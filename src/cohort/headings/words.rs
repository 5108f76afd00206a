//! A heading to what it means: case, spaces, punctuation, hidden characters, brackets, numbering, and
//! words that say whose field it is or that it is required, come off by rule. O(length) and one
//! look-up a form tried.

use super::synonyms::{HARMLESS, KNOWN, Meaning, Rank};
use crate::cohort::cell;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Bytes beyond which a cell is a text and no heading.
const LONGEST_HEADING: usize = 200;

/// Whose name or number it is says nothing: `client surname`, `the service user's dob`.
const WHOSE: [&str; 32] = [
    "participants",
    "participant",
    "serviceusers",
    "serviceuser",
    "clients",
    "client",
    "beneficiarys",
    "beneficiary",
    "offenders",
    "offender",
    "learners",
    "learner",
    "prisoners",
    "prisoner",
    "residents",
    "resident",
    "patients",
    "patient",
    "students",
    "student",
    "pupils",
    "pupil",
    "youngpersons",
    "youngperson",
    "persons",
    "person",
    "mentees",
    "mentee",
    "trainees",
    "trainee",
    "their",
    "the",
];

/// What may stand behind it: `surname of participant`, `dob dd/mm/yyyy`, `postcode if known`.
const BEHIND: [&str; 22] = [
    "ddmmyyyy",
    "ddmmyy",
    "ddmonyyyy",
    "yyyymmdd",
    "dmy",
    "required",
    "mandatory",
    "optional",
    "essential",
    "ifknown",
    "ifany",
    "ifavailable",
    "ifapplicable",
    "whereknown",
    "ofparticipant",
    "ofclient",
    "ofserviceuser",
    "oftheparticipant",
    "oftheclient",
    "oftheserviceuser",
    "ofperson",
    "oflearner",
];

/// What a heading means, and how surely.
pub(super) fn meaning(heading: &str) -> Option<(Meaning, Rank)> {
    // Every row is asked whether it repeats the headings, so the words are hashed once.
    static BY_WORD: LazyLock<HashMap<&str, (Meaning, Rank)>> = LazyLock::new(|| {
        let known = KNOWN.iter();
        known
            .flat_map(|&(m, r, words)| words.split_whitespace().map(move |w| (w, (m, r))))
            .collect()
    });
    if heading.len() > LONGEST_HEADING {
        return None;
    }
    let known = |h: &str| BY_WORD.get(h).copied();
    // `DOB (day)`: here the brackets hold the meaning.
    let open: String = heading.chars().filter(|c| c.is_alphanumeric()).collect();
    if let Some(part @ (Meaning::DobDay | Meaning::DobMonth | Meaning::DobYear, _)) =
        known(&open.to_lowercase())
    {
        return Some(part);
    }
    let forms = [heading, without_number(heading)];
    forms
        .into_iter()
        .find_map(|h| known_within(&squeeze(h), MOST_OFF, &known))
}

/// Words that come off a heading at most: "2. the client's surname (required) if known".
const MOST_OFF: u32 = 4;

/// What is known when words that say nothing have come off, in whatever order.
fn known_within<T>(bare: &str, off: u32, known: &impl Fn(&str) -> Option<T>) -> Option<T> {
    if let Some(found) = known(bare) {
        return Some(found);
    }
    let off = off.checked_sub(1)?;
    let before = WHOSE.iter().filter_map(|w| bare.strip_prefix(w));
    let behind = BEHIND.iter().filter_map(|w| bare.strip_suffix(w));
    before
        .chain(behind)
        .filter(|rest| !rest.is_empty())
        .find_map(|rest| known_within(rest, off, known))
}

/// Without the number of a question before it: `1. `, `2) `, `Q3: `, `a) `.
fn without_number(heading: &str) -> &str {
    let trimmed = heading.trim_start_matches(|c: char| !c.is_alphanumeric());
    let Some((number, rest)) = trimmed.split_once(['.', ')', ':', '-']) else {
        return heading;
    };
    let number = number.trim_start_matches(['q', 'Q']);
    let digits = number.chars().all(|c| c.is_ascii_digit()) && number.len() <= 2;
    let letter = number.len() == 1 && number.is_ascii() && rest.starts_with(' ');
    match digits || letter {
        true => rest,
        false => heading,
    }
}

/// Lower case, letters and digits only, without what stands in brackets.
pub(super) fn squeeze(heading: &str) -> String {
    outside_brackets(heading)
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn outside_brackets(heading: &str) -> impl Iterator<Item = char> {
    let mut depth = 0_u32;
    heading.chars().filter(move |&c| match c {
        '(' | '[' | '{' => {
            depth += 1;
            false
        }
        ')' | ']' | '}' => {
            depth = depth.saturating_sub(1);
            false
        }
        _ => depth == 0,
    })
}

/// A recognised heading in words that hold nothing else: what stands in brackets could be anything.
pub(super) fn plain(heading: &str) -> String {
    let bare: String = outside_brackets(heading)
        .map(
            |c| match c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}' | '/') {
                true => c,
                false => ' ',
            },
        )
        .collect();
    bare.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

/// The words of a heading, where each of them is one that is nobody's name.
pub(super) fn harmless(heading: &str) -> Option<String> {
    let lower = cell::clean(heading).to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect();
    let known = |w: &&str| HARMLESS.split(' ').any(|h| h == *w);
    (!words.is_empty() && words.iter().all(known)).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cohort::Field;

    #[test]
    fn no_heading_means_two_things() {
        let mut seen = std::collections::HashSet::new();
        for (_, _, words) in KNOWN {
            for word in words.split_whitespace() {
                assert!(seen.insert(word), "{word}");
                assert_eq!(squeeze(word), *word);
            }
        }
        assert!(seen.len() > 400, "{}", seen.len());
    }

    #[test]
    fn headings_are_read_in_the_words_charities_use() {
        for (heading, field) in [
            ("Forename", Field::Forename),
            ("First Name(s)", Field::Forename),
            ("GIVEN NAMES", Field::Forename),
            ("given name(s)", Field::Forename),
            ("Client Forename", Field::Forename),
            ("1. Participant first name *", Field::Forename),
            ("Q2: Learner's first name", Field::Forename),
            ("a) First name", Field::Forename),
            ("\u{FEFF}last_name", Field::Surname),
            ("Family\u{00A0}name *", Field::Surname),
            ("service user surname", Field::Surname),
            ("Surname of participant (required)", Field::Surname),
            ("Sirname", Field::Surname),
            ("D.O.B.", Field::Dob),
            ("d.o.b (dd/mm/yyyy)", Field::Dob),
            ("Date of Birth (dd/mm/yyyy)", Field::Dob),
            ("date of birth dd/mm/yyyy", Field::Dob),
            ("birth dt", Field::Dob),
            ("The client's DOB - if known", Field::Dob),
            ("Service User's DOB", Field::Dob),
            ("Gender", Field::Sex),
            ("Sex (M/F)", Field::Sex),
            ("Sex at birth", Field::Sex),
            ("Post Code", Field::Postcode),
            ("home p/code", Field::Postcode),
            ("Police National Computer ID (PNC ID)", Field::PncId),
            ("PNC/ID", Field::PncId),
            ("PNC ID No.", Field::PncId),
            ("PNC ref. (if known)", Field::PncId),
            ("NOMIS no.", Field::PrisonNumber),
            ("NOMS", Field::PrisonNumber),
            ("Prison No (NOMIS)", Field::PrisonNumber),
            ("Prisoner  number", Field::PrisonNumber),
            ("Start of\nprogramme", Field::Start),
            ("date commenced", Field::Start),
            ("Treatment start date [DD-MM-YYYY]", Field::Start),
            ("Intervention end date", Field::End),
            ("Date finished", Field::End),
        ] {
            assert_eq!(Field::of_heading(heading), Some(field), "{heading}");
        }
    }

    #[test]
    fn likely_headings_whole_names_and_parts_of_a_birth_date_are_told_apart() {
        let start = (Meaning::Field(Field::Start), Rank::Likely);
        for heading in [
            "referral accepted",
            "1st session",
            "Date of first session",
            "Enrolment date",
        ] {
            assert_eq!(meaning(heading), Some(start), "{heading}");
        }
        let known_as = (Meaning::Field(Field::Forename), Rank::Likely);
        assert_eq!(meaning("Known as"), Some(known_as));
        for (heading, whole) in [
            ("Name", Meaning::FullName),
            ("Client full name", Meaning::FullName),
            ("Surname, forename", Meaning::FullName),
            ("Day of birth", Meaning::DobDay),
            ("DOB (month)", Meaning::DobMonth),
            ("DOB month", Meaning::DobMonth),
            ("Year of birth", Meaning::DobYear),
        ] {
            assert_eq!(meaning(heading), Some((whole, Rank::Sure)), "{heading}");
        }
    }

    #[test]
    fn what_is_no_such_heading_is_left_alone() {
        for heading in [
            "",
            "Smith",
            "01/02/1980",
            "dd/mm/yyyy",
            "startle",
            "(dob)",
            "CRN",
            "CRO number",
            "CRN (PNC)",
            "NHS number",
            "NI number",
            "ULN",
            "User name",
            "Staff name",
            "Prison name",
            "Prison",
            "Case name",
            "Client",
            "participant id",
            "Referral date",
            "Middle names",
            "Alias",
            "1.",
            "*",
            "Maiden name",
            "Mother's surname",
            "Age at start",
            "The",
            "Their",
            "Client's",
            "if known",
        ] {
            assert_eq!(meaning(heading), None, "{heading}");
        }
    }

    #[test]
    fn a_recognised_heading_is_repeated_without_its_brackets() {
        assert_eq!(plain("Client's  D.O.B. (Ada Quux) *"), "client's d o b");
        assert_eq!(harmless("Case ref: 1181"), None);
        assert_eq!(harmless("Ethnic  group").as_deref(), Some("ethnic group"));
    }
}
