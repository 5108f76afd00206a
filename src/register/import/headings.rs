//! Which column is which, by its heading; case, spaces and signs forgiven. Headings that are not
//! known are never repeated: a file without headings has a person in its first line.

use super::{ImportError, Input};
use crate::register::parquet::{EVENT_DATE, IDENTIFIERS, PERSON_ID};

/// Most columns a table has.
const MOST_COLUMNS: usize = 2_000;

/// Other words for a column.
const ALSO: [(&str, &str); 12] = [
    ("dateofbirth", "dob"),
    ("birthdate", "dob"),
    ("firstname", "forename"),
    ("givenname", "forename"),
    ("givennames", "forename"),
    ("forenames", "forename"),
    ("lastname", "surname"),
    ("familyname", "surname"),
    ("gender", "sex"),
    ("pnc", "pnc_id"),
    ("pncnumber", "pnc_id"),
    ("nomsid", "prison_number"),
];

/// The name of a known column, as the register has it.
pub(super) fn known(heading: &str) -> Option<&'static str> {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let heading = plain(heading);
    let own = IDENTIFIERS.into_iter().chain([PERSON_ID, EVENT_DATE]);
    let own = own.into_iter().find(|name| plain(name) == heading);
    own.or_else(|| {
        ALSO.into_iter()
            .find(|(other, _)| *other == heading)
            .map(|(_, name)| name)
    })
}

/// The place of each known column among the headings; refuses two of one name.
pub(super) fn places(
    file: Input,
    headings: &[String],
) -> Result<Vec<(&'static str, usize)>, ImportError> {
    let refuse = |rule: String| Err(ImportError::Headings { file, rule });
    if headings.len() > MOST_COLUMNS {
        return refuse(format!(
            "it has {} columns; at most {MOST_COLUMNS} are read",
            headings.len()
        ));
    }
    let mut places: Vec<(&'static str, usize)> = Vec::new();
    for (i, name) in headings
        .iter()
        .enumerate()
        .filter_map(|(i, h)| Some((i, known(h)?)))
    {
        if let Some((_, before)) = places.iter().find(|(n, _)| *n == name) {
            return refuse(format!(
                "columns {} and {} are both `{name}`; rename one or leave it out",
                before + 1,
                i + 1
            ));
        }
        places.push((name, i));
    }
    Ok(places)
}

/// The place of a column there must be.
pub(super) fn required(
    file: Input,
    places: &[(&'static str, usize)],
    name: &str,
) -> Result<usize, ImportError> {
    let place = places.iter().find(|(n, _)| *n == name).map(|(_, i)| *i);
    place.ok_or_else(|| {
        let found: Vec<&str> = places.iter().map(|(n, _)| *n).collect();
        let found = match found.is_empty() {
            true => "none of its headings is known here (is the first line the headings?)".into(),
            false => format!("known of its headings: {}", found.join(", ")),
        };
        ImportError::Headings {
            file,
            rule: format!("there is no column `{name}`; {found}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headings(all: &[&str]) -> Vec<String> {
        all.iter().map(|h| (*h).to_owned()).collect()
    }

    #[test]
    fn case_spaces_and_other_words_are_forgiven() {
        for (heading, name) in [
            ("Person ID", "person_id"),
            ("PNC-id", "pnc_id"),
            ("date of birth", "dob"),
            (" Prison  Number ", "prison_number"),
            ("EVENT_DATE", "event_date"),
        ] {
            assert_eq!(known(heading), Some(name));
        }
        assert_eq!(known("offence"), None);
        assert_eq!(known(""), None);
    }

    #[test]
    fn two_of_one_name_and_a_missing_one_are_refused_without_the_headings() {
        let twice = places(Input::Persons, &headings(&["dob", "x", "Date of birth"]));
        assert!(twice.unwrap_err().to_string().contains("columns 1 and 3"));
        let odd = places(Input::Persons, &headings(&["Quux", "Zap"])).unwrap();
        let missing = required(Input::Persons, &odd, "person_id")
            .unwrap_err()
            .to_string();
        assert!(missing.contains("`person_id`") && !missing.contains("Quux"));
        assert!(places(Input::Events, &vec![String::new(); 2_001]).is_err());
    }
}
