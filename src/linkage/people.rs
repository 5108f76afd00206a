//! Who on the register is each person of the cohort? Identifiers first, then the probability.
//!
//! What is found does not depend on a threshold ([`Looked`]); who is believed does ([`Looked::at`]),
//! so that the price of a threshold can be told without looking again. Everybody on the register
//! who is or might be somebody of the cohort is kept from being a counterpart, at every threshold
//! the same people.

use super::exact::{Exact, Unconfirmed, exact};
use super::model::LinkageModel;
use super::reasons::{self, Unlinked};
use super::score::{Scored, train_and_score};
use super::{LinkageError, score};
use crate::cohort::{Lost, Participant, Step};
use crate::identity::Identity;
use crate::register::{PersonKey, RegisterIndex};
use crate::study::{LinkageKey, LinkageMethod, Study};
use std::collections::{HashMap, HashSet};

/// From this probability on somebody might be the person looked for.
pub const MIGHT: f64 = 0.01;
/// What is likelier true than not.
const LIKELIER_THAN_NOT: f64 = 0.5;
/// Two people fit about equally when the second is at least this share of the first.
const ABOUT_EQUALLY: f64 = 0.25;

/// A person of the cohort found on the register. Not printable: a charity never learns who was
/// found.
#[derive(Clone, Copy, PartialEq)]
pub struct Link {
    /// Index into the cohort.
    pub participant: usize,
    /// Who that is on the register.
    pub person: PersonKey,
    /// How it was found.
    pub by: FoundBy,
    /// That this is the person; 1 where keys alone decide.
    pub probability: f64,
}

/// How somebody was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FoundBy {
    /// By a key that fits exactly.
    Key(LinkageKey),
    /// By how well all fields agree.
    Probability,
}

/// What was found, whatever the threshold. Not printable.
pub struct Looked {
    rows: Vec<Row>,
    excluded_from_pool: HashSet<PersonKey>,
    keys: Vec<LinkageKey>,
}

/// One row of the cohort.
struct Row {
    start: i32,
    exact: Exact,
    /// The two likeliest; `None` when nothing was asked of probability.
    likely: Option<TwoLikeliest>,
}

#[derive(Clone, Copy)]
struct TwoLikeliest {
    best: Option<(PersonKey, f64)>,
    second: f64,
    /// That the person is on the register at all.
    any: f64,
}

/// What linkage found at a threshold. Not printable.
pub struct Links {
    /// People found, each once, in the cohort's order.
    pub linked: Vec<Link>,
    /// Everybody on the register who took part or might have: never a counterpart.
    pub excluded_from_pool: HashSet<PersonKey>,
    /// Who was not found, by reason.
    pub lost: Vec<Lost>,
    /// People found by each key, in the study's order.
    pub by_key: Vec<(LinkageKey, u64)>,
    /// People found by probability.
    pub by_probability: u64,
    /// Rows of the cohort found to be the same person as another row.
    pub repeated: Vec<usize>,
    /// Links expected to be wrong: the sum of what each link's probability leaves open.
    pub expected_false: f64,
    /// People expected to be on the register although not believed found: the sum of their
    /// probabilities of being there.
    pub expected_missed: f64,
}

impl Links {
    /// The step `found` of the attrition.
    pub fn step(&self) -> Step {
        Step {
            step: "found",
            reason: "found on the register, surely enough who".into(),
            people: self.linked.len() as u64,
            lost: self.lost.clone(),
        }
    }
}

/// Finds each participant on the register by exact keys alone.
pub fn link(cohort: &[Participant], index: &RegisterIndex, study: &Study) -> Links {
    look(cohort, &identities(cohort), index, study, None).at(study.linkage.threshold)
}

/// Finds each participant as the study says: by keys alone, or by probability too, with the study's
/// own model as it is, or with the built-in one adapted to these people.
///
/// # Errors
/// A model of the study's that cannot be used.
pub fn search(
    cohort: &[Participant],
    index: &RegisterIndex,
    study: &Study,
) -> Result<Looked, LinkageError> {
    let identities = identities(cohort);
    let scored = match (study.linkage.method, &study.linkage.model) {
        (LinkageMethod::Exact, _) => None,
        (LinkageMethod::Probabilistic, Some(file)) => {
            let model = LinkageModel::parse(&file.text).map_err(|e| LinkageError::Model {
                name: file.name.clone(),
                reason: e.to_string(),
            })?;
            Some(score(&identities, index, &model))
        }
        (LinkageMethod::Probabilistic, None) => {
            Some(train_and_score(&identities, index, &LinkageModel::builtin()).1)
        }
    };
    Ok(look(cohort, &identities, index, study, scored.as_deref()))
}

fn identities(cohort: &[Participant]) -> Vec<Identity> {
    cohort.iter().map(Participant::identity).collect()
}

/// Looks for each participant: by the study's keys and, with `scored` (an entry a participant, in
/// order), by probability.
///
/// With probabilities, only identifiers decide by themselves. A name and a birthday are shared by
/// many, so they decide nothing alone: what they are worth is in the probability.
pub fn look(
    cohort: &[Participant],
    identities: &[Identity],
    index: &RegisterIndex,
    study: &Study,
    scored: Option<&[Scored]>,
) -> Looked {
    let scored = scored.filter(|_| study.linkage.method == LinkageMethod::Probabilistic);
    let mut keys: Vec<LinkageKey> = study.linkage.keys.clone();
    keys.retain(|key| scored.is_none() || is_an_identifier(key));
    let (found, mut excluded_from_pool) = exact(cohort, identities, index, &keys);
    let likely = scored.into_iter().flatten();
    let likely = likely.flat_map(|s| s.best.iter().chain(&s.runner_up));
    excluded_from_pool.extend(likely.filter(|f| f.probability >= MIGHT).map(|f| f.person));
    let rows = found.into_iter().zip(cohort).enumerate();
    let rows = rows
        .map(|(i, (exact, participant))| Row {
            start: participant.start,
            exact,
            likely: scored.map(|s| s.get(i).map_or(TwoLikeliest::NOBODY, TwoLikeliest::of)),
        })
        .collect();
    Looked {
        rows,
        excluded_from_pool,
        keys,
    }
}

fn is_an_identifier(key: &LinkageKey) -> bool {
    matches!(key, LinkageKey::PncId | LinkageKey::PrisonNumber)
}

impl TwoLikeliest {
    const NOBODY: TwoLikeliest = TwoLikeliest {
        best: None,
        second: 0.0,
        any: 0.0,
    };

    fn of(scored: &Scored) -> TwoLikeliest {
        TwoLikeliest {
            best: scored.best.map(|f| (f.person, f.probability)),
            second: scored.runner_up.map_or(0.0, |f| f.probability),
            any: 1.0 - scored.p_none,
        }
    }

    /// Who it is, if that is sure enough.
    fn decide(self, threshold: f64) -> Result<(PersonKey, f64), Unlinked> {
        match self.best {
            Some((person, p)) if p >= threshold => Ok((person, p)),
            Some((_, p)) if p + self.second >= threshold && self.second >= ABOUT_EQUALLY * p => {
                Err(Unlinked::Ambiguous)
            }
            Some((_, p)) if p >= MIGHT => Err(Unlinked::NotSureEnough),
            _ => Err(Unlinked::NobodyAlike),
        }
    }
}

impl Row {
    fn decide(&self, threshold: f64) -> Result<(PersonKey, FoundBy, f64), Unlinked> {
        let Some(likely) = self.likely else {
            let (person, key) = self.exact.as_ref().map_err(Unlinked::of_keys)?;
            return Ok((*person, FoundBy::Key(*key), 1.0));
        };
        match &self.exact {
            Ok((person, key)) => match likely.best {
                // An identifier says one person, everything else another: neither is believed.
                Some((other, p)) if other != *person && p >= LIKELIER_THAN_NOT => {
                    Err(Unlinked::Ambiguous)
                }
                Some((best, p)) if best == *person && p >= threshold => {
                    Ok((*person, FoundBy::Key(*key), p))
                }
                Some((best, p)) if best == *person && p >= LIKELIER_THAN_NOT => {
                    Err(Unlinked::NotSureEnough)
                }
                _ => Err(Unlinked::Disagrees),
            },
            Err(why) => match likely.decide(threshold) {
                Ok((person, p)) => Ok((person, FoundBy::Probability, p)),
                // The identifier is the plainer reason when there was one.
                Err(Unlinked::NotSureEnough | Unlinked::NobodyAlike)
                    if *why == Unconfirmed::Disagrees =>
                {
                    Err(Unlinked::Disagrees)
                }
                Err(reason) => Err(reason),
            },
        }
    }

    /// That the person is on the register, as far as probability was asked.
    fn on_the_register(&self) -> f64 {
        self.likely.map_or(0.0, |l| l.any)
    }
}

impl Looked {
    /// Who is believed found at a threshold. Keys that fit exactly know no threshold.
    pub fn at(&self, threshold: f64) -> Links {
        let mut reasons: HashMap<Unlinked, u64> = HashMap::new();
        let mut linked = Vec::new();
        let mut expected_missed = 0.0;
        for (participant, row) in self.rows.iter().enumerate() {
            match row.decide(threshold) {
                Ok((person, by, probability)) => linked.push(Link {
                    participant,
                    person,
                    by,
                    probability,
                }),
                Err(reason) => {
                    *reasons.entry(reason).or_default() += 1;
                    expected_missed += row.on_the_register();
                }
            }
        }
        let (linked, repeated) = self.each_person_once(linked);
        if !repeated.is_empty() {
            reasons.insert(Unlinked::SamePerson, repeated.len() as u64);
        }
        let found_by = |by: FoundBy| linked.iter().filter(|l| l.by == by).count() as u64;
        let mut by_key: Vec<(LinkageKey, u64)> = Vec::new();
        for &key in &self.keys {
            if by_key.iter().all(|(counted, _)| *counted != key) {
                by_key.push((key, found_by(FoundBy::Key(key))));
            }
        }
        Links {
            by_key,
            by_probability: found_by(FoundBy::Probability),
            lost: reasons::in_words(&reasons),
            expected_false: linked.iter().map(|l| 1.0 - l.probability).sum(),
            expected_missed,
            excluded_from_pool: self.excluded_from_pool.clone(),
            repeated,
            linked,
        }
    }

    /// Keeps, of the rows found to be one person, the one with the earliest start (then the first);
    /// with the rows that go.
    fn each_person_once(&self, linked: Vec<Link>) -> (Vec<Link>, Vec<usize>) {
        let start = |link: &Link| self.rows[link.participant].start;
        let mut kept: Vec<Link> = Vec::with_capacity(linked.len());
        let mut gone = Vec::new();
        let mut place: HashMap<PersonKey, usize> = HashMap::with_capacity(linked.len());
        for link in linked {
            let at = *place.entry(link.person).or_insert(kept.len());
            match kept.get_mut(at) {
                Some(earlier) if start(&link) < start(earlier) => {
                    gone.push(earlier.participant);
                    *earlier = link;
                }
                Some(_) => gone.push(link.participant),
                None => kept.push(link),
            }
        }
        kept.sort_unstable_by_key(|link| link.participant);
        gone.sort_unstable();
        (kept, gone)
    }
}
