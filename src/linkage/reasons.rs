//! Why somebody has no link, in words, each with what could be changed.

use super::exact::Unconfirmed;
use crate::cohort::Lost;
use std::collections::HashMap;

/// Why a row of the cohort has no link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Unlinked {
    NotFound,
    NobodyAlike,
    NotSureEnough,
    Ambiguous,
    Disagrees,
    Unconfirmed,
    SamePerson,
}

impl Unlinked {
    /// Where keys alone decide.
    pub(super) fn of_keys(why: &Unconfirmed) -> Unlinked {
        match why {
            Unconfirmed::NotFound => Unlinked::NotFound,
            Unconfirmed::Disagrees => Unlinked::Disagrees,
            Unconfirmed::NothingToConfirm => Unlinked::Unconfirmed,
            Unconfirmed::Several => Unlinked::Ambiguous,
        }
    }
}

const ALL: [(Unlinked, &str, &str); 7] = [
    (
        Unlinked::NotFound,
        "nobody on the register has these identifiers, or this name and date of birth",
        "give PNC ids or prison numbers, and names and dates of birth as official records have them",
    ),
    (
        Unlinked::NobodyAlike,
        "nobody on the register is like this person",
        "give PNC ids or prison numbers, other names the person uses, and a checked date of birth; \
         some people have no record to find",
    ),
    (
        Unlinked::NotSureEnough,
        "somebody on the register is like this person, but not surely enough",
        "fill in what is blank: date of birth, full first name, postcode, PNC id or prison number",
    ),
    (
        Unlinked::Ambiguous,
        "two or more people on the register fit about equally",
        "give a PNC id or prison number: names and dates of birth are shared",
    ),
    (
        Unlinked::Disagrees,
        "identifier found but name and date of birth disagree",
        "check the identifier, name and date of birth against the person's papers",
    ),
    (
        Unlinked::Unconfirmed,
        "identifier found but no name or date of birth to confirm it",
        "give surname and date of birth beside each identifier",
    ),
    (
        Unlinked::SamePerson,
        "found to be the same person as another row of the file",
        "list each person once, with the first start",
    ),
];

/// Every reason that occurred, in a fixed order.
pub(super) fn in_words(reasons: &HashMap<Unlinked, u64>) -> Vec<Lost> {
    let counted = ALL.iter().filter_map(|(reason, words, remedy)| {
        let people = *reasons.get(reason)?;
        Some(Lost {
            reason: (*words).into(),
            people,
            remedy: Some((*remedy).into()),
        })
    });
    counted.collect()
}
