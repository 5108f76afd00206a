//! Why a pair has the probability it has: match weights in bits, step by step. Level names only,
//! never a value.

use super::compare::{Comparer, Field, level};
use super::gather::{Claims, hand};
use super::model::{LinkageModel, slot, weighs};
use super::rate::{BOTH_BORROWED, Rate, Rates, Who, borrowed};
use super::score::absent;
use crate::identity::Identity;
use crate::register::RegisterIndex;

/// One field of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Which field.
    pub field: Field,
    /// The level of agreement.
    pub level: &'static str,
    /// log2(m / u): what the level is worth whatever the value; 0 for a missing field.
    pub bits: f64,
    /// More for a rare value, less for a frequent one (term frequency).
    pub frequency_bits: f64,
}

/// The match weights of a pair, from the prior to the probability. All bits add up to
/// [`Waterfall::total_bits`], the log2 of the odds.
#[derive(Debug, Clone, PartialEq)]
pub struct Waterfall {
    /// Before anything is compared: log2 of λ / (N (1 − λ)).
    pub prior_bits: f64,
    /// Field by field.
    pub steps: Vec<Step>,
    /// Both names together are more frequent than each alone lets expect.
    pub both_names_bits: f64,
    /// Relatives who share several fields at once.
    pub relatives_bits: f64,
    /// Others on the register whom the person may be, and others of the file who may be this one.
    pub competition_bits: f64,
    /// All of them.
    pub total_bits: f64,
    /// That the pair is one person.
    pub probability: f64,
}

/// Two probabilities no further apart than this are one, rounded differently.
const AS_GOOD_AS_EQUAL: f64 = 1e-9;

/// Weighs one person against one row of the register. `reported` is the probability that
/// [`super::score`] gave with everybody of the file in view; without it, the person's own
/// candidates alone compete.
pub fn explain(
    identity: &Identity,
    index: &RegisterIndex,
    row: u32,
    model: &LinkageModel,
    reported: Option<f64>,
) -> Waterfall {
    let whos = [Who::new(identity.record(), index)];
    let who = &whos[0];
    let rates = Rates::new(index, model, &whos);
    let mut comparer = Comparer::new(index);
    comparer.turn_to(who.record);
    let pattern = comparer.compare(row);
    let hand = hand(who, row, &rates);
    let rate = rates.of_row(who, pattern, row);
    let (claims, _) = Claims::gather(&whos, &rates);
    let overlap = who.overlap(model);
    let none = absent(claims.of(0), model, overlap);

    let people = (index.people() as f64).max(1.0);
    let prior_bits = (overlap / (1.0 - overlap) / people).log2();
    let steps: Vec<Step> = Field::ALL
        .into_iter()
        .map(|field| {
            let at = pattern.level(field);
            let m = model.m[slot(field, hand)][usize::from(at)];
            let (general, own) = u(field, at, &rate, model, people, borrowed(pattern));
            let weighs = weighs(field, at);
            Step {
                field,
                level: field.levels()[usize::from(at)],
                bits: if weighs { (m / general).log2() } else { 0.0 },
                frequency_bits: if weighs { (general / own).log2() } else { 0.0 },
            }
        })
        .collect();
    let both_names_bits = -rate.both_names.log2();
    let relatives_bits = (rate.chance / rate.total).log2() - (none / (1.0 - overlap)).log2();

    let own = overlap * model.m_of(pattern, hand) / rate.total / none;
    let others: f64 = (claims.of(0).iter())
        .filter(|pair| pair.person != index.person(row))
        .map(|pair| {
            let rate = pair.rate(model.kin_of_present());
            overlap * model.m_of(pair.pattern, pair.hand) / rate / none
        })
        .sum();
    let odds = own / (1.0 + others);
    let alone = model.calibrated(odds / (1.0 + odds));
    let probability = reported.unwrap_or(alone);
    let total_bits = match (probability - alone).abs() < AS_GOOD_AS_EQUAL {
        // Near certainty the probability has no digits left to tell its odds by.
        true => model.calibrated_bits(odds.log2()),
        false => (probability / (1.0 - probability)).log2(),
    };
    let before: f64 = steps.iter().map(|s| s.bits + s.frequency_bits).sum::<f64>()
        + prior_bits
        + both_names_bits
        + relatives_bits;
    Waterfall {
        prior_bits,
        steps,
        both_names_bits,
        relatives_bits,
        competition_bits: total_bits - before,
        total_bits,
        probability,
    }
}

/// u of a level in general, and of the value.
fn u(
    field: Field,
    at: u8,
    rate: &Rate,
    model: &LinkageModel,
    people: f64,
    mistaken: Option<usize>,
) -> (f64, f64) {
    let own = rate.u[field as usize];
    match (field, at, mistaken) {
        // Somebody else's identifier: the share of mistakes, one of everybody; the second of a pair
        // of identifiers mostly comes with the first.
        (Field::PncId, level::EXACT, Some(which)) => {
            let u = model.borrowed[which] / people;
            (u, u)
        }
        (Field::PrisonNumber, level::EXACT, Some(0)) => (BOTH_BORROWED, BOTH_BORROWED),
        (Field::PrisonNumber, level::EXACT, Some(which)) => {
            let u = model.borrowed[which] / people;
            (u, u)
        }
        // Sexes agree as they do among people of one name.
        (Field::Sex, ..) => (own, own),
        // An initial agrees with all who have it: no name in general does.
        (Field::Forename, level::forename::INITIAL, _) => (own, own),
        _ => (model.u(field, at), own),
    }
}
