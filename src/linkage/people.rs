//! Who on the register is each person of the cohort? Exact keys, in the study's order.

use super::identity::{Agreement, CohortIndex};
use crate::cohort::{Lost, Participant, Step};
use crate::register::{PersonKey, Persons};
use crate::study::{LinkageKey, Study};
use std::collections::{HashMap, HashSet};

/// A person of the cohort found on the register. Not printable: a charity never learns who was
/// found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Index into the cohort.
    pub participant: usize,
    /// Who that is on the register.
    pub person: PersonKey,
    /// By which key.
    pub by: LinkageKey,
}

/// What linkage found. Not printable.
pub struct Links {
    /// People found, each once, in the cohort's order.
    pub linked: Vec<Link>,
    /// Everybody on the register who took part or might have: never a counterpart.
    pub excluded_from_pool: HashSet<PersonKey>,
    /// Who was not found, by reason.
    pub lost: Vec<Lost>,
    /// People found by each key, in the study's order.
    pub by_key: Vec<(LinkageKey, u64)>,
}

impl Links {
    /// The step `found` of the attrition.
    pub fn step(&self) -> Step {
        Step {
            step: "found",
            reason: "found on the register, with certainty who".into(),
            people: self.linked.len() as u64,
            lost: self.lost.clone(),
        }
    }
}

/// Why a row of the cohort has no link.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Unlinked {
    NotFound,
    Disagrees,
    Unconfirmed,
    Ambiguous,
    SamePerson,
}

/// Someone on the register whom a key of a cohort row fits.
struct Candidate {
    key: LinkageKey,
    person: PersonKey,
    agreement: Agreement,
}

/// Finds each participant on the register: by the study's keys in their order, the first that
/// fits deciding. An identifier fits when date of birth or surname agrees with it; name and date
/// of birth fit when both agree exactly after normalising. A key that fits more than one person
/// links none of them, but all of them stay out of the comparison pool. Two rows found to be one
/// person count once, with the earlier start.
///
/// One pass over the register, against an index of the cohort: the time is linear in both.
pub fn link(cohort: &[Participant], persons: &Persons, study: &Study) -> Links {
    let keys = &study.linkage.keys;
    let candidates = candidates(cohort, persons, keys);
    let excluded_from_pool = candidates.iter().flatten().map(|c| c.person).collect();

    let mut reasons: HashMap<Unlinked, u64> = HashMap::new();
    let mut linked = Vec::new();
    for (participant, candidates) in candidates.iter().enumerate() {
        match decide(candidates, keys) {
            Ok((person, by)) => linked.push(Link {
                participant,
                person,
                by,
            }),
            Err(reason) => *reasons.entry(reason).or_default() += 1,
        }
    }
    let rows = linked.len();
    let linked = each_person_once(linked, cohort);
    if rows > linked.len() {
        reasons.insert(Unlinked::SamePerson, (rows - linked.len()) as u64);
    }
    Links {
        by_key: count_by_key(&linked, keys),
        lost: in_words(&reasons),
        linked,
        excluded_from_pool,
    }
}

fn candidates(
    cohort: &[Participant],
    persons: &Persons,
    keys: &[LinkageKey],
) -> Vec<Vec<Candidate>> {
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
    candidates
}

/// The one person the first fitting key points at, or why there is none.
fn decide(
    candidates: &[Candidate],
    keys: &[LinkageKey],
) -> Result<(PersonKey, LinkageKey), Unlinked> {
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
            (Some(_), Some(_)) => return Err(Unlinked::Ambiguous),
            (None, _) => {}
        }
    }
    let best = candidates.iter().map(|c| c.agreement).max();
    Err(match best {
        Some(Agreement::Differs) => Unlinked::Disagrees,
        Some(_) => Unlinked::Unconfirmed,
        None => Unlinked::NotFound,
    })
}

/// Keeps, of the rows found to be one person, the one with the earliest start (then the first).
fn each_person_once(linked: Vec<Link>, cohort: &[Participant]) -> Vec<Link> {
    let start = |link: &Link| cohort[link.participant].start;
    let mut kept: Vec<Link> = Vec::with_capacity(linked.len());
    let mut place: HashMap<PersonKey, usize> = HashMap::with_capacity(linked.len());
    for link in linked {
        let at = *place.entry(link.person).or_insert(kept.len());
        match kept.get_mut(at) {
            Some(earlier) if start(&link) < start(earlier) => *earlier = link,
            Some(_) => {}
            None => kept.push(link),
        }
    }
    kept.sort_unstable_by_key(|link| link.participant);
    kept
}

fn count_by_key(linked: &[Link], keys: &[LinkageKey]) -> Vec<(LinkageKey, u64)> {
    let mut counts: Vec<(LinkageKey, u64)> = Vec::new();
    for &key in keys {
        if counts.iter().all(|(counted, _)| *counted != key) {
            let people = linked.iter().filter(|link| link.by == key).count();
            counts.push((key, people as u64));
        }
    }
    counts
}

fn in_words(reasons: &HashMap<Unlinked, u64>) -> Vec<Lost> {
    let all = [
        (
            Unlinked::NotFound,
            "nobody on the register has these identifiers, or this name and date of birth",
            Some(
                "give PNC ids or prison numbers, and names and dates of birth as official records \
                 have them",
            ),
        ),
        (
            Unlinked::Disagrees,
            "identifier found but name and date of birth disagree",
            Some("check the identifier, name and date of birth against the person's papers"),
        ),
        (
            Unlinked::Unconfirmed,
            "identifier found but no name or date of birth to confirm it",
            Some("give surname and date of birth beside each identifier"),
        ),
        (
            Unlinked::Ambiguous,
            "more than one person on the register fits",
            Some("give a PNC id or prison number: names and dates of birth are shared"),
        ),
        (
            Unlinked::SamePerson,
            "found to be the same person as another row of the file",
            Some("list each person once, with the first start"),
        ),
    ];
    all.into_iter()
        .filter_map(|(reason, words, remedy)| {
            reasons.get(&reason).map(|&people| Lost {
                reason: words.into(),
                people,
                remedy: remedy.map(str::to_owned),
            })
        })
        .collect()
}
