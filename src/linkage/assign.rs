//! One register person for one person of a file: the probabilities of everybody's candidates
//! together.
//!
//! # Formula
//! With odds o_ij that person i is register person j, an assignment gives each i one j or none, no j
//! to two people, and has weight ∏ o_ij over who is assigned. The probability of "i is j" is its
//! share of that weight. Messages between people and register persons find it
//!
//! ```text
//! μ_ij = o_ij / (1 + Σ_{l ≠ j} o_il ν_li)        ν_ji = 1 / (1 + Σ_{k ≠ i} μ_kj)
//! p_ij = o_ij ν_ji / (1 + Σ_l o_il ν_li)
//! ```
//!
//! exactly where claims form no ring (belief propagation, Pearl 1988; for matchings Chertkov & Yedidia
//! 2013, jmlr v14), closely where they do. Rows of a file that are one person do not exclude each
//! other. O(contested claims) a sweep.

use super::compare::pattern;
use super::gather::Claims;
use super::model::Hand;
use super::rate::{Rates, Who};
use crate::register::PersonKey;
use std::collections::BTreeMap;

/// Sweeps of messages; claims that form no ring need as many as the longest chain.
const MOST_SWEEPS: usize = 100;
const SETTLED: f64 = 1e-9;
/// A claim below these odds contests nothing.
const LEAST_CONTESTED: f64 = 1e-4;
/// How many rows of a file repeat a person who is in it already, before they are compared.
const REPEATED: f64 = 0.02;

/// The probability of each pair of the claims, given the odds of each.
pub(super) fn jointly(
    claims: &Claims,
    odds: &[f64],
    whos: &[Who<'_>],
    rates: &Rates<'_>,
) -> Vec<f64> {
    let contested = contested(claims, odds, whos, rates);
    // Odds that are left to a claim when others have had their say.
    let mut left = vec![1.0; odds.len()];
    let mut messages = odds.to_vec();
    for _ in 0..MOST_SWEEPS {
        let mut moved: f64 = 0.0;
        for claim in &contested {
            let range = claims.range(claim.person);
            let others: f64 = range
                .filter(|&at| at != claim.pair)
                .map(|at| odds[at] * left[at])
                .sum();
            messages[claim.pair] = odds[claim.pair] / (1.0 + others);
        }
        for claim in &contested {
            let against: f64 = claim.rivals.iter().map(|&at| messages[at]).sum();
            let now = 1.0 / (1.0 + against);
            moved = moved.max((now - left[claim.pair]).abs());
            left[claim.pair] = now;
        }
        if moved < SETTLED {
            break;
        }
    }
    let mut probability = vec![0.0; odds.len()];
    for person in 0..claims.people() {
        let range = claims.range(person);
        let total: f64 = range.clone().map(|at| odds[at] * left[at]).sum();
        for at in range {
            probability[at] = odds[at] * left[at] / (1.0 + total);
        }
    }
    once_each(&contested, &mut probability);
    probability
}

/// A pair whose register person others claim too.
struct Claim {
    person: usize,
    pair: usize,
    /// Pairs of other people, who are not the same person, with the same register person.
    rivals: Vec<usize>,
}

fn contested(claims: &Claims, odds: &[f64], whos: &[Who<'_>], rates: &Rates<'_>) -> Vec<Claim> {
    let mut claimants: BTreeMap<PersonKey, Vec<(usize, usize)>> = BTreeMap::new();
    for person in 0..claims.people() {
        for at in claims
            .range(person)
            .filter(|&at| odds[at] >= LEAST_CONTESTED)
        {
            let register = claims.pairs()[at].person;
            claimants.entry(register).or_default().push((person, at));
        }
    }
    claimants.retain(|_, who| who.len() > 1);
    let mut same: BTreeMap<(usize, usize), bool> = BTreeMap::new();
    let mut contested = Vec::new();
    for who in claimants.values() {
        for &(person, pair) in who {
            let rivals = who.iter().filter(|&&(other, _)| {
                let key = (person.min(other), person.max(other));
                other != person
                    && !*same
                        .entry(key)
                        .or_insert_with(|| repeats(&whos[key.0], &whos[key.1], rates, whos.len()))
            });
            let rivals: Vec<usize> = rivals.map(|&(_, at)| at).collect();
            contested.push(Claim {
                person,
                pair,
                rivals,
            });
        }
    }
    contested
}

/// Are two rows of a file one person? Weighed as a row and a register's record are.
fn repeats(a: &Who<'_>, b: &Who<'_>, rates: &Rates<'_>, people: usize) -> bool {
    let pattern = pattern(&a.record, &b.record);
    let woman = a.record.sex == b'F' || b.record.sex == b'F';
    let m = rates.model.m_of(pattern, Hand::common(woman));
    let rate = rates.of(a, pattern, None, people as f64).total;
    REPEATED * m > rate
}

/// Where rings of claims left a register person to two people, the less probable yields.
fn once_each(contested: &[Claim], probability: &mut [f64]) {
    let before = probability.to_vec();
    for claim in contested {
        let strongest = claim.rivals.iter().map(|&at| before[at]);
        let strongest = strongest.fold(0.0, f64::max);
        if strongest > 0.5 && strongest >= before[claim.pair] {
            probability[claim.pair] = before[claim.pair].min(1.0 - strongest);
        }
    }
}
