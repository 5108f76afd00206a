//! Who fits by a key exactly: the study's keys in their order, the first that fits deciding.

use crate::cohort::Participant;
use crate::identity::{Identity, Record};
use crate::register::{PersonKey, RegisterIndex};
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

/// Does an identifier's owner agree with who the cohort says it is?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Agreement {
    /// No surname and no date of birth on both sides.
    Unknown,
    /// Neither agrees.
    Differs,
    /// Date of birth or surname agrees.
    Agrees,
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
///
/// O(rows of the index's blocks), a few hundred a person.
pub(super) fn exact(
    cohort: &[Participant],
    identities: &[Identity],
    index: &RegisterIndex,
    keys: &[LinkageKey],
) -> (Vec<Exact>, HashSet<PersonKey>) {
    let mut pointed_at = HashSet::new();
    let mut rows = Vec::new();
    let answers = cohort
        .iter()
        .zip(identities)
        .map(|(participant, identity)| {
            let ours = identity.record();
            index.candidates(&ours, &mut rows);
            let mut candidates = Vec::new();
            for &row in &rows {
                let theirs = index.record(row);
                for &key in keys
                    .iter()
                    .filter(|k| fits(**k, participant, &ours, &theirs))
                {
                    let person = index.person(row);
                    pointed_at.insert(person);
                    candidates.push(Candidate {
                        key,
                        person,
                        agreement: agreement(&ours, &theirs),
                    });
                }
            }
            decide(&candidates, keys)
        })
        .collect();
    (answers, pointed_at)
}

/// Is the key the same on both sides? An identifier that breaks its rules is no key.
fn fits(key: LinkageKey, who: &Participant, ours: &Record<'_>, theirs: &Record<'_>) -> bool {
    match key {
        LinkageKey::PncId => who.pnc_id.is_some() && same_text(ours.pnc_id, theirs.pnc_id),
        LinkageKey::PrisonNumber => {
            who.prison_number.is_some() && same_text(ours.prison_number, theirs.prison_number)
        }
        LinkageKey::NameAndDob => {
            !ours.dob.is_missing()
                && ours.dob == theirs.dob
                && same_name(ours.surname, theirs.surname)
                && same_name(ours.forename, theirs.forename)
        }
    }
}

fn same_text(a: &str, b: &str) -> bool {
    !a.is_empty() && a == b
}

/// Both known and, where their parts are divided aside, the same.
fn same_name(a: &str, b: &str) -> bool {
    let letters = |name| str::chars(name).filter(|c| *c != ' ');
    !a.is_empty() && !b.is_empty() && letters(a).eq(letters(b))
}

fn agreement(ours: &Record<'_>, theirs: &Record<'_>) -> Agreement {
    let dobs = !ours.dob.is_missing() && !theirs.dob.is_missing();
    let surnames = !ours.surname.is_empty() && !theirs.surname.is_empty();
    if (dobs && ours.dob == theirs.dob) || same_name(ours.surname, theirs.surname) {
        Agreement::Agrees
    } else if dobs || surnames {
        Agreement::Differs
    } else {
        Agreement::Unknown
    }
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
