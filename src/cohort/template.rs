//! An empty file to fill in, as the study needs it: headings, and in a workbook a sheet of notes.

use super::ethnicity::Ethnicity;
use super::headings::Field;
use super::reading::of_list;
use super::spreadsheet::{self, Column, Holds, NotMade, Sheet};
use crate::study::{LinkageKey, Study};

/// The headings a study can use, as a CSV file without people. Begins with a byte-order mark, so
/// that spreadsheet programs keep accented letters.
pub fn template(study: &Study) -> String {
    let names: Vec<&str> = wanted(study).map(Field::name).collect();
    format!("\u{FEFF}{}\r\n", names.join(","))
}

/// The same as an XLSX workbook with a sheet to fill in, `people`, and one of `notes`.
///
/// # Errors
/// When the library refuses.
pub fn template_xlsx(study: &Study) -> Result<Vec<u8>, NotMade> {
    spreadsheet::xlsx(&sheets(study))
}

/// The same as an ODS spreadsheet.
///
/// # Errors
/// When the library refuses.
pub fn template_ods(study: &Study) -> Result<Vec<u8>, NotMade> {
    spreadsheet::ods(&sheets(study))
}

fn wanted(study: &Study) -> impl Iterator<Item = Field> {
    let keys = &study.linkage.keys;
    Field::ALL.into_iter().filter(|field| match field {
        Field::PncId => keys.contains(&LinkageKey::PncId),
        Field::PrisonNumber => keys.contains(&LinkageKey::PrisonNumber),
        Field::Completed | Field::Site => of_list(study).contains(field),
        _ => true,
    })
}

fn sheets(study: &Study) -> [Sheet; 2] {
    let people = wanted(study).map(|field| Column {
        heading: field.name().into(),
        width: match field {
            Field::Sex => 8,
            Field::Completed => 16,
            Field::Postcode => 12,
            Field::Ethnicity => 24,
            _ => 18,
        },
        holds: match field {
            Field::Dob | Field::Start | Field::End => Holds::Date,
            Field::Sex => Holds::OneOf(&["F", "M", "X"]),
            Field::Ethnicity => Holds::OneOf(&Ethnicity::CHOICES),
            Field::Completed => Holds::OneOf(&["yes", "no"]),
            _ => Holds::Text,
        },
    });
    let headings = [
        ("Column", 18),
        ("What it is", 40),
        ("Needed", 40),
        ("Example", 16),
        ("Rule", 60),
    ];
    let notes = headings.map(|(heading, width)| Column {
        heading: heading.into(),
        width,
        holds: Holds::Text,
    });
    [
        Sheet {
            name: "people",
            columns: people.collect(),
            rows: Vec::new(),
        },
        Sheet {
            name: "notes",
            columns: notes.into(),
            rows: wanted(study).map(|field| note(field, study)).collect(),
        },
    ]
}

/// One column explained. Examples are of nobody.
fn note(field: Field, study: &Study) -> Vec<String> {
    let support = &study.words.support;
    let (what, example, rule) = match field {
        Field::Forename => (
            "First name, or all given names".to_owned(),
            "Alex",
            "Letters, as on official papers. Leave blank if not known.",
        ),
        Field::Surname => (
            "Family name".into(),
            "Example",
            "Letters, as on official papers. Leave blank if not known.",
        ),
        Field::Dob => (
            "Date of birth".into(),
            "1990-12-31",
            "A date with a year of four digits: 1990-12-31 or 31/12/1990 (day first).",
        ),
        Field::Sex => ("Sex".into(), "F", "F, M or X (another, or not said)."),
        Field::Postcode => (
            "Last known home postcode".into(),
            "ZZ1 1ZZ",
            "In full where known; the first half alone is of use too.",
        ),
        Field::PncId => (
            "Police National Computer id".into(),
            "2003/0123456A",
            "Year, slash, up to seven digits, one letter. A case reference number (CRN) is another thing.",
        ),
        Field::PrisonNumber => (
            "Prison number (NOMIS)".into(),
            "A1234BC",
            "A letter, four digits, two letters.",
        ),
        Field::Start => (
            format!("First day of the {support}"),
            "2024-06-30",
            "A date with a year of four digits, not in the future.",
        ),
        Field::End => (
            format!("Last day of the {support}"),
            "2024-09-30",
            "A date on or after programme_start. Blank if it goes on.",
        ),
        Field::Ethnicity => (
            "Ethnic group, as the person says".into(),
            Ethnicity::Mixed.name(),
            "One of the five groups of the census, one of its detailed groups, or a code such as W1. Blank if not said.",
        ),
        Field::Completed => (
            format!("Did the person go through with the {support}?"),
            "yes",
            "yes or no. Blank if not known.",
        ),
        Field::Site => (
            format!("Where the {support} was given"),
            "North Street",
            "The same short name for everybody there. Blank if there is one place only.",
        ),
    };
    vec![
        field.name().into(),
        what,
        needed(field, study),
        example.into(),
        rule.into(),
    ]
}

/// Required or helpful, as the study finds people.
fn needed(field: Field, study: &Study) -> String {
    let keys = &study.linkage.keys;
    let by_name = keys.contains(&LinkageKey::NameAndDob);
    let by_number = keys.len() > usize::from(by_name);
    let text = match field {
        Field::Start => "Required for everybody",
        Field::Forename | Field::Surname | Field::Dob if by_name && by_number => {
            "Required, unless the row has an identifier; helps to be sure of it then"
        }
        Field::Forename | Field::Surname | Field::Dob if by_name => "Required for everybody",
        Field::Surname | Field::Dob => "Helps: an identifier counts only if one of them agrees",
        Field::PncId | Field::PrisonNumber if by_name => {
            "Helps most: people with an identifier are found far more often"
        }
        Field::PncId | Field::PrisonNumber => "Required, or another identifier",
        Field::Forename | Field::Sex | Field::Postcode => "Helps, where it is known",
        Field::End => "Not needed; checked against the start",
        Field::Ethnicity => {
            "Not needed; shows whether each group was found as often, and is never used to find anybody"
        }
        Field::Completed => "Not needed; with it, those who completed are looked at by themselves",
        Field::Site => "Not needed; with it, each place with enough people is looked at by itself",
    };
    text.into()
}
