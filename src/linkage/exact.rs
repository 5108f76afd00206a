//! Who fits by a key exactly: the study's keys in their order, the first that fits deciding.

use super::identity::{Agreement, CohortIndex};
use crate::cohort::Participant;
use crate::register::{PersonKey, Persons};
use crate::study::LinkageKey;
use std::collections::HashSet;

/// The one person a key points at and the key, or why there is none.
pub(super) type Exact = Result<(PersonKey, LinkageKey), Unconfirmed>;

/// Why no key decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unconfirmed {
    /// Nobody has these keys.
    NotFound,
    /// Its owner has another name and another date of birth.
    Disagrees,
    /// There is neither name nor date of birth to confirm it.
    NothingToConfirm,
    /// More than one person has it.
    Several,
}

/// Someone on the register whom a key of a cohort row fits.
struct Candidate {
    key: LinkageKey,
    person: PersonKey,
    agreement: Agreement,
}

/// An identifier fits when date of birth or surname agrees with it; name and date of birth fit when
/// both agree exactly after normalising. A key that fits more than one person decides for none of
/// them. Beside the answers: everybody a key points at, who may all be somebody of the cohort.
pub(super) fn exact(
    cohort: &[Participant],
    persons: &Persons,
    keys: &[LinkageKey],
) -> (Vec<Exact>, HashSet<PersonKey>) {
    let index = CohortIndex::new(cohort, keys);
    let mut candidates: Vec<Vec<Candidate>> = cohort.iter().map(|_| Vec::new()).collect();
    for person in &persons.people {
        index.each_row(person, |row, key, agreement| {
            candidates[row as usize].push(Candidate {
                key,
                person: person.key,
                agreement,
            });
        });
    }
    let pointed_at = candidates.iter().flatten().map(|c| c.person).collect();
    let answers = candidates.iter().map(|c| decide(c, keys)).collect();
    (answers, pointed_at)
}

fn decide(candidates: &[Candidate], keys: &[LinkageKey]) -> Exact {
    for &key in keys {
        // Aliases of one person are rows of persons with one key: they count once.
        let fitting: HashSet<PersonKey> = candidates
            .iter()
            .filter(|c| c.key == key && c.agreement == Agreement::Agrees)
            .map(|c| c.person)
            .collect();
        let mut fitting = fitting.into_iter();
        match (fitting.next(), fitting.next()) {
            (Some(person), None) => return Ok((person, key)),
            (Some(_), Some(_)) => return Err(Unconfirmed::Several),
            (None, _) => {}
        }
    }
    let best = candidates.iter().map(|c| c.agreement).max();
    Err(match best {
        Some(Agreement::Differs) => Unconfirmed::Disagrees,
        Some(_) => Unconfirmed::NothingToConfirm,
        None => Unconfirmed::NotFound,
    })
}
