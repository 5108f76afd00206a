//! What a file and a register say about how records of one person agree: m and the overlap, by the
//! EM algorithm over persons (Dempster, Laird & Rubin 1977, doi:10.1111/j.2517-6161.1977.tb01600.x).
//!
//! # Formula
//! Person i is candidate j, or nobody on the register (λ = overlap):
//!
//! ```text
//! w_ij = λ m(γ_ij)/rate_ij / ( Σ_k λ m(γ_ik)/rate_ik + 1 − λ )
//! m_f(l) = ( Σ w_ij [γ_ij,f = l] + A m⁰_f(l) ) / ( Σ w_ij [γ_ij,f not missing] + A )
//! λ_g    = ( Σ w_ij + B λ⁰_g ) / ( people of group g + B )
//! ```
//!
//! Over persons and not pairs, the expectation knows that somebody is one person at most; and pairs
//! that blocking never finds, whose odds are negligible, are missed by nobody. A and B are the
//! weight of the model trained from: thirty people stay near it, ten thousand learn their own.
//! Each iteration raises the posterior density. O(candidates kept) an iteration.

use super::compare::{Field, Pattern};
use super::gather::Claims;
use super::model::{
    GROUPS, Hand, LEVELS, LinkageModel, RELATED, SLOTS, Table, TrainedOn, group, slot, slots,
    weighs,
};
use super::rate::{Rates, Who, borrowed};
use super::sample::sampled;
use crate::identity::Identity;
use crate::register::RegisterIndex;
use std::collections::BTreeMap;

/// The weight of the base model's m, in people.
const M_PRIOR_PEOPLE: f64 = 60.0;
/// The weight of its overlap, in people.
const OVERLAP_PRIOR_PEOPLE: f64 = 8.0;
/// The weight of its share of identifiers borrowed, in people.
const BORROWED_PRIOR_PEOPLE: f64 = 50.0;
/// The weight of the rates of kin, in people on the register and in people who are not.
const KIN_PRIOR_PEOPLE: f64 = 100.0;
const ABSENT_PRIOR_PEOPLE: f64 = 400.0;
const MOST_ITERATIONS: u32 = 1000;
/// The parameters have settled when none moves by more.
const SETTLED: f64 = 1e-7;
/// Persons of the register that are looked at for kin: two a person of the file, within these.
const KIN_SAMPLE: (usize, usize) = (1_000, 4_000);

/// A model trained, with how the training went.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The model.
    pub model: LinkageModel,
    /// Iterations taken.
    pub iterations: u32,
    /// Did the parameters settle? If not, the model is the last of them.
    pub converged: bool,
    /// Log posterior density after each iteration, up to a constant; it never falls.
    pub log_posterior: Vec<f64>,
    /// Pairs compared.
    pub compared: u64,
}

/// Trains a model on a file's people and a register, from a base model.
pub fn train(identities: &[Identity], index: &RegisterIndex, base: &LinkageModel) -> Trained {
    let whos = lookups(identities, index);
    fit(&whos, index, base).0
}

/// Everybody's values, looked up.
pub(super) fn lookups<'a>(identities: &'a [Identity], index: &RegisterIndex) -> Vec<Who<'a>> {
    use rayon::prelude::*;
    let each = identities.par_iter();
    each.map(|i| Who::new(i.record(), index)).collect()
}

/// As [`train`], with the candidates it weighed.
pub(super) fn fit(
    whos: &[Who<'_>],
    index: &RegisterIndex,
    base: &LinkageModel,
) -> (Trained, Claims) {
    let people = (2 * whos.len()).clamp(KIN_SAMPLE.0, KIN_SAMPLE.1);
    let start = sampled(base, index, people.min(index.rows() as usize));
    let rates = Rates::new(index, &start, whos);
    let (mut claims, compared) = Claims::gather(whos, &rates);
    let mut em = Em::new(whos, &claims, &start);
    let mut log_posterior = Vec::new();
    let mut converged = false;
    while !converged && log_posterior.len() < MOST_ITERATIONS as usize {
        let (density, moved) = em.iterate();
        log_posterior.push(density);
        converged = moved < SETTLED;
    }
    let iterations = log_posterior.len() as u32;
    let mut model = em.model;
    for pair in claims.pairs_mut() {
        if let Some(which) = borrowed(pair.pattern) {
            let factor = model.borrowed[which] / start.borrowed[which];
            pair.unrelated *= factor;
            pair.related.iter_mut().for_each(|each| *each *= factor);
        }
    }
    model.title = "trained on a file of people and a register".into();
    model.trained_on = TrainedOn {
        people: whos.len() as u64,
        candidates: claims.pairs().len() as u64,
        register_people: index.people(),
        iterations,
    };
    let trained = Trained {
        model,
        iterations,
        converged,
        log_posterior,
        compared,
    };
    (trained, claims)
}

/// What a step expects of everybody.
struct Expected {
    by_class: Vec<f64>,
    /// On the register, by group.
    linked: [f64; GROUPS],
    mistakes: [f64; 2],
    kin: [f64; RELATED.len()],
    kin_of_absent: [f64; RELATED.len()],
    absent: f64,
    /// Of one person's candidates.
    odds: Vec<f64>,
}

impl Expected {
    fn new(classes: usize) -> Expected {
        Expected {
            by_class: vec![0.0; classes],
            linked: [0.0; GROUPS],
            mistakes: [0.0; 2],
            kin: [0.0; RELATED.len()],
            kin_of_absent: [0.0; RELATED.len()],
            absent: 0.0,
            odds: Vec::new(),
        }
    }
}

/// The state of an EM algorithm.
struct Em<'a> {
    base: &'a LinkageModel,
    model: LinkageModel,
    claims: &'a Claims,
    /// The distinct patterns, with whose they are.
    classes: Vec<(Pattern, Hand)>,
    /// The class of each pair.
    class: Vec<u32>,
    /// The group of each person.
    groups: Vec<usize>,
    /// People who give a PNC id, a prison number.
    holders: [f64; 2],
}

impl<'a> Em<'a> {
    fn new(whos: &[Who<'_>], claims: &'a Claims, base: &'a LinkageModel) -> Em<'a> {
        let mut known: BTreeMap<(Pattern, Hand), u32> = BTreeMap::new();
        let mut class = Vec::with_capacity(claims.pairs().len());
        let mut classes = Vec::new();
        for pair in claims.pairs() {
            let key = (pair.pattern, pair.hand);
            let next = known.len() as u32;
            class.push(*known.entry(key).or_insert_with(|| {
                classes.push(key);
                next
            }));
        }
        let holding = |has: fn(&Who<'_>) -> bool| whos.iter().filter(|w| has(w)).count() as f64;
        Em {
            base,
            model: base.clone(),
            claims,
            classes,
            class,
            groups: whos.iter().map(|w| group(&w.record)).collect(),
            holders: [
                holding(|w| !w.record.pnc_id.is_empty()),
                holding(|w| !w.record.prison_number.is_empty()),
            ],
        }
    }

    /// One step. Gives the log posterior density of the parameters it began with, and how far the
    /// furthest parameter moved.
    fn iterate(&mut self) -> (f64, f64) {
        let m: Vec<f64> = self
            .classes
            .iter()
            .map(|&(pattern, hand)| self.model.m_of(pattern, hand))
            .collect();
        let mut expected = Expected::new(self.classes.len());
        let mut density = self.prior_density();
        for person in 0..self.claims.people() {
            density += self.expectation(person, &m, &mut expected);
        }
        (density, self.maximise(&expected))
    }

    /// Who the person may be, added to what is expected; the log density of all it rests on.
    fn expectation(&self, person: usize, m: &[f64], expected: &mut Expected) -> f64 {
        let model = &self.model;
        let (present, absent) = (model.kin_of_present(), model.kin_of_absent);
        let range = self.claims.range(person);
        let pairs = &self.claims.pairs()[range.clone()];
        let group = self.groups[person];
        let overlap = model.overlap_of[group];
        let none = super::score::absent(pairs, model, overlap);
        let mut density = -present.iter().sum::<f64>();
        let mut total = none;
        expected.odds.clear();
        for (at, pair) in range.clone().zip(pairs) {
            let mistaken = borrowed(pair.pattern).map_or(1.0, |which| {
                model.borrowed[which] / self.base.borrowed[which]
            });
            let rate = pair.rate(present) * mistaken;
            density += rate.ln();
            let odds = overlap * m[self.class[at] as usize] / rate;
            expected.odds.push(odds);
            total += odds;
        }
        let w_none = none / total;
        expected.absent += w_none;
        expected.linked[group] += 1.0 - w_none;
        for (i, (at, pair)) in range.zip(pairs).enumerate() {
            let w = expected.odds[i] / total;
            expected.by_class[self.class[at] as usize] += w;
            if let Some(which) = borrowed(pair.pattern) {
                expected.mistakes[which] += 1.0 - w;
            }
            for set in 0..RELATED.len() {
                if pair.related[set] > 0.0 {
                    let share = |kin: [f64; 2]| kin[set] * pair.related[set] / pair.rate(kin);
                    expected.kin_of_absent[set] += w_none * share(absent);
                    expected.kin[set] += (1.0 - w_none - w).max(0.0) * share(present);
                }
            }
        }
        density + total.ln()
    }

    /// The parameters that are likeliest given who is whom; how far the furthest moved.
    fn maximise(&mut self, expected: &Expected) -> f64 {
        let mut sums: Table<SLOTS> = [[0.0; LEVELS]; SLOTS];
        for (&(pattern, hand), w) in self.classes.iter().zip(&expected.by_class) {
            for field in Field::ALL {
                let level = pattern.level(field);
                if weighs(field, level) {
                    sums[slot(field, hand)][usize::from(level)] += w;
                }
            }
        }
        let mut moved: f64 = 0.0;
        let mut set = |to: &mut f64, value: f64| {
            moved = moved.max((value - *to).abs());
            *to = value;
        };
        for (slot, field) in slots() {
            let seen: f64 = sums[slot][field.weighed()].iter().sum();
            for level in field.weighed() {
                let prior = M_PRIOR_PEOPLE * self.base.m[slot][level];
                let m = (sums[slot][level] + prior) / (seen + M_PRIOR_PEOPLE);
                set(&mut self.model.m[slot][level], m);
            }
        }
        let people = self.claims.people() as f64;
        for group in 0..GROUPS {
            let members = self.groups.iter().filter(|g| **g == group).count() as f64;
            let prior = OVERLAP_PRIOR_PEOPLE * self.base.overlap_of[group];
            let overlap = (expected.linked[group] + prior) / (members + OVERLAP_PRIOR_PEOPLE);
            set(&mut self.model.overlap_of[group], overlap);
        }
        let prior = OVERLAP_PRIOR_PEOPLE * self.base.overlap;
        let linked: f64 = expected.linked.iter().sum();
        self.model.overlap = (linked + prior) / (people + OVERLAP_PRIOR_PEOPLE);
        for which in 0..2 {
            let prior = BORROWED_PRIOR_PEOPLE * self.base.borrowed[which];
            let share =
                (expected.mistakes[which] + prior) / (self.holders[which] + BORROWED_PRIOR_PEOPLE);
            set(&mut self.model.borrowed[which], share.min(0.5));
        }
        for (i, &of) in RELATED.iter().enumerate() {
            let present = people - expected.absent;
            let kin = expected.kin[i] + KIN_PRIOR_PEOPLE * self.base.kin[of];
            set(&mut self.model.kin[of], kin / (present + KIN_PRIOR_PEOPLE));
            let kin = expected.kin_of_absent[i] + ABSENT_PRIOR_PEOPLE * self.base.kin_of_absent[i];
            set(
                &mut self.model.kin_of_absent[i],
                kin / (expected.absent + ABSENT_PRIOR_PEOPLE),
            );
        }
        moved
    }

    /// Log density of the parameters before any file is seen: Dirichlet for m, beta for the overlap,
    /// gamma for the identifiers borrowed (with the Poisson term of those who hold one).
    fn prior_density(&self) -> f64 {
        let (model, base) = (&self.model, self.base);
        let mut density = 0.0;
        for (slot, field) in slots() {
            for level in field.weighed() {
                density += M_PRIOR_PEOPLE * base.m[slot][level] * model.m[slot][level].ln();
            }
        }
        for (overlap, before) in model.overlap_of.iter().zip(base.overlap_of) {
            density += OVERLAP_PRIOR_PEOPLE
                * (before * overlap.ln() + (1.0 - before) * (1.0 - overlap).ln());
        }
        for which in 0..2 {
            let (share, before) = (model.borrowed[which], base.borrowed[which]);
            density += BORROWED_PRIOR_PEOPLE * (before * share.ln() - share);
            density -= self.holders[which] * share;
        }
        for (i, &of) in RELATED.iter().enumerate() {
            let (kin, before) = (model.kin[of], base.kin[of]);
            density += KIN_PRIOR_PEOPLE * (before * kin.ln() - kin);
            let (kin, before) = (model.kin_of_absent[i], base.kin_of_absent[i]);
            density += ABSENT_PRIOR_PEOPLE * (before * kin.ln() - kin);
        }
        density
    }
}
