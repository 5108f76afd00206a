//! Who on the register each person of a file is, with the probability of it.

use super::assign::jointly;
use super::gather::{Claims, Pair};
use super::model::LinkageModel;
use super::rate::{Rates, Who};
use super::train::{Trained, fit, lookups};
use crate::identity::Identity;
use crate::register::{PersonKey, RegisterIndex};

/// Somebody on the register whom a person of the file may be. Not printable: a charity never learns
/// who was found.
#[derive(Clone, Copy, PartialEq)]
pub struct Found {
    /// Row of the index.
    pub row: u32,
    /// Who that is.
    pub person: PersonKey,
    /// That it is the person, 0 to 1.
    pub probability: f64,
}

/// What is known of one person of the file. Not printable.
///
/// ```compile_fail,E0277
/// fn show(scored: &counterpart::linkage::Scored) {
///     println!("{scored:?}");
/// }
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Scored {
    /// The likeliest, if there is any.
    pub best: Option<Found>,
    /// The next.
    pub runner_up: Option<Found>,
    /// That the person is not on the register, or nobody that was found.
    pub p_none: f64,
}

/// The probabilities of everybody, each person of the register counted as one person of the file at
/// most (rows of the file that are one person excepted). The same for any number of threads.
pub fn score(identities: &[Identity], index: &RegisterIndex, model: &LinkageModel) -> Vec<Scored> {
    let whos = lookups(identities, index);
    let rates = Rates::new(index, model, &whos);
    let (claims, _) = Claims::gather(&whos, &rates);
    weigh(&claims, &whos, &rates)
}

/// Trains a model on the people and scores them by it: as [`super::train`] and [`score`], each
/// candidate compared once.
pub fn train_and_score(
    identities: &[Identity],
    index: &RegisterIndex,
    base: &LinkageModel,
) -> (Trained, Vec<Scored>) {
    let whos = lookups(identities, index);
    let (trained, claims) = fit(&whos, index, base);
    let rates = Rates::new(index, &trained.model, &whos);
    let scored = weigh(&claims, &whos, &rates);
    (trained, scored)
}

fn weigh(claims: &Claims, whos: &[Who<'_>], rates: &Rates<'_>) -> Vec<Scored> {
    let mut odds = Vec::with_capacity(claims.pairs().len());
    for (person, who) in whos.iter().enumerate() {
        let overlap = who.overlap(rates.model);
        let none = absent(claims.of(person), rates.model, overlap);
        odds.extend(claims.of(person).iter().map(|pair| {
            let rate = pair.rate(rates.model.kin_of_present());
            overlap * rates.model.m_of(pair.pattern, pair.hand) / rate / none
        }));
    }
    let probability = jointly(claims, &odds, whos, rates);
    let people = 0..claims.people();
    people
        .map(|person| scored(claims, person, &probability, rates.model))
        .collect()
}

/// The weight of being on the register nowhere: less the overlap, and more so where the candidates
/// look like the relatives that the absent have (see [`super::train`]).
pub(super) fn absent(candidates: &[Pair], model: &LinkageModel, overlap: f64) -> f64 {
    let (present, absent) = (model.kin_of_present(), model.kin_of_absent);
    let expected: f64 = present.iter().sum::<f64>() - absent.iter().sum::<f64>();
    let seen: f64 = candidates
        .iter()
        .filter(|pair| pair.related != [0.0; 2])
        .map(|pair| (pair.rate(absent) / pair.rate(present)).ln())
        .sum();
    (1.0 - overlap) * (expected + seen).exp()
}

fn scored(claims: &Claims, person: usize, probability: &[f64], model: &LinkageModel) -> Scored {
    let range = claims.range(person);
    let mut order: Vec<usize> = range.clone().collect();
    order.sort_unstable_by(|&a, &b| {
        let (x, y) = (&claims.pairs()[a], &claims.pairs()[b]);
        (probability[b].total_cmp(&probability[a])).then(x.person.cmp(&y.person))
    });
    let found = |at: usize| {
        let pair = &claims.pairs()[at];
        Found {
            row: pair.row,
            person: pair.person,
            probability: model.calibrated(probability[at]),
        }
    };
    let any: f64 = range.map(|at| model.calibrated(probability[at])).sum();
    Scored {
        best: order.first().map(|&at| found(at)),
        runner_up: order.get(1).map(|&at| found(at)),
        p_none: (1.0 - any).clamp(0.0, 1.0),
    }
}
