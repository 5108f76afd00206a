//! The cohort's identities, indexed: a register is read past them once, person by person.

use crate::cohort::Participant;
use crate::custody::{Personal, PersonalDate};
use crate::identity::normalise_name;
use crate::register::RegisterPerson;
use crate::study::LinkageKey;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

/// A person's names and date of birth in the form in which they are compared. Not printable.
pub(super) struct Identity {
    forename: Personal,
    surname: Personal,
    dob: Option<PersonalDate>,
}

/// Does an identifier's owner agree with who the cohort says it is?
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Agreement {
    /// No surname and no date of birth on both sides.
    Unknown,
    /// Neither agrees.
    Differs,
    /// Date of birth or surname agrees.
    Agrees,
}

impl Identity {
    fn of(
        forename: Option<&Personal>,
        surname: Option<&Personal>,
        dob: Option<PersonalDate>,
    ) -> Identity {
        let plain = |name: Option<&Personal>| {
            Personal::new(name.map_or_else(String::new, |n| normalise_name(n.expose())))
        };
        Identity {
            forename: plain(forename),
            surname: plain(surname),
            dob,
        }
    }

    pub(super) fn of_participant(p: &Participant) -> Identity {
        Identity::of(p.forename.as_ref(), p.surname.as_ref(), p.dob)
    }

    fn of_person(p: &RegisterPerson) -> Identity {
        Identity::of(p.forename.as_ref(), p.surname.as_ref(), p.dob)
    }

    fn is_complete(&self) -> bool {
        let named = |name: &Personal| !name.expose().is_empty();
        named(&self.forename) && named(&self.surname) && self.dob.is_some()
    }

    fn is_same(&self, other: &Identity) -> bool {
        self.dob == other.dob && self.surname == other.surname && self.forename == other.forename
    }

    fn agreement(&self, other: &Identity) -> Agreement {
        let dobs = self.dob.is_some() && other.dob.is_some();
        let surnames = !self.surname.expose().is_empty() && !other.surname.expose().is_empty();
        if (dobs && self.dob == other.dob) || (surnames && self.surname == other.surname) {
            Agreement::Agrees
        } else if dobs || surnames {
            Agreement::Differs
        } else {
            Agreement::Unknown
        }
    }
}

/// Rows of the cohort by identifier and by name and date of birth. The maps hold keyed hashes
/// only; what they find is compared with the values themselves.
pub(super) struct CohortIndex<'a> {
    cohort: &'a [Participant],
    identities: Vec<Identity>,
    hasher: RandomState,
    rows: HashMap<u64, Vec<u32>>,
    /// Dates of birth in the cohort: most of a register is passed over on these.
    dobs: HashSet<u64>,
    keys: &'a [LinkageKey],
}

impl<'a> CohortIndex<'a> {
    pub(super) fn new(cohort: &'a [Participant], keys: &'a [LinkageKey]) -> CohortIndex<'a> {
        let mut index = CohortIndex {
            cohort,
            identities: cohort.iter().map(Identity::of_participant).collect(),
            hasher: RandomState::new(),
            rows: HashMap::new(),
            dobs: HashSet::new(),
            keys,
        };
        for (row, participant) in cohort.iter().enumerate() {
            for &key in keys {
                let hash = match key {
                    LinkageKey::PncId => index.of_text(key, participant.pnc_id.as_ref()),
                    LinkageKey::PrisonNumber => {
                        index.of_text(key, participant.prison_number.as_ref())
                    }
                    LinkageKey::NameAndDob => {
                        index.dobs.extend(index.of_dob(participant.dob));
                        index.of_identity(&index.identities[row])
                    }
                };
                if let Some(hash) = hash {
                    let rows = index.rows.entry(hash).or_default();
                    // A key listed twice in the study finds nobody twice.
                    if rows.last() != Some(&(row as u32)) {
                        rows.push(row as u32);
                    }
                }
            }
        }
        index
    }

    /// Every row this person of the register may be, by which key, and whether it agrees.
    pub(super) fn each_row(
        &self,
        person: &RegisterPerson,
        mut found: impl FnMut(u32, LinkageKey, Agreement),
    ) {
        let mut identity = None;
        for &key in self.keys {
            let hash = match key {
                LinkageKey::PncId => self.of_text(key, person.pnc_id.as_ref()),
                LinkageKey::PrisonNumber => self.of_text(key, person.prison_number.as_ref()),
                LinkageKey::NameAndDob => self
                    .of_dob(person.dob)
                    .filter(|dob| self.dobs.contains(dob))
                    .and_then(|_| {
                        self.of_identity(
                            identity.get_or_insert_with(|| Identity::of_person(person)),
                        )
                    }),
            };
            let Some(rows) = hash.and_then(|hash| self.rows.get(&hash)) else {
                continue;
            };
            for &row in rows {
                let participant = &self.cohort[row as usize];
                let theirs = &self.identities[row as usize];
                let ours = &*identity.get_or_insert_with(|| Identity::of_person(person));
                let same = match key {
                    LinkageKey::PncId => participant.pnc_id == person.pnc_id,
                    LinkageKey::PrisonNumber => participant.prison_number == person.prison_number,
                    LinkageKey::NameAndDob => theirs.is_same(ours),
                };
                if same {
                    found(row, key, theirs.agreement(ours));
                }
            }
        }
    }

    fn of_text(&self, key: LinkageKey, text: Option<&Personal>) -> Option<u64> {
        let text = text.filter(|t| !t.expose().is_empty())?;
        Some(self.hasher.hash_one((key, text.expose())))
    }

    fn of_dob(&self, dob: Option<PersonalDate>) -> Option<u64> {
        Some(self.hasher.hash_one(dob?.expose_days()))
    }

    fn of_identity(&self, identity: &Identity) -> Option<u64> {
        identity.is_complete().then(|| {
            let names = (identity.forename.expose(), identity.surname.expose());
            let dob = identity.dob.map(PersonalDate::expose_days);
            self.hasher.hash_one((LinkageKey::NameAndDob, names, dob))
        })
    }
}
