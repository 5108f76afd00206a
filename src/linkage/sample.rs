//! What the register says about people who are two: how often their fields agree by chance (u), and
//! how many share several of them by kinship.
//!
//! u comes from random pairs. Kinship comes from a sample of persons, each compared with everybody
//! the index finds for them and everybody at their address: who shares two fields or more is kin or
//! chance, and an EM algorithm tells how many are which, chance being known. O(pairs + sample ×
//! candidates).

use super::compare::{Comparer, Field, level};
use super::model::{KIN_SETS, LEVELS, LinkageModel, Table, kin_sets, namesakes};
use super::rate::{Rates, Who, beyond};
use crate::identity::{Dob, Record};
use crate::numeric::random::stream;
use crate::register::{PersonKey, RegisterIndex};
use rand::{Rng, RngExt};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Random pairs: a level of one pair in a thousand is seen a hundred times.
const RANDOM_PAIRS: usize = 100_000;
/// Pairs a worker takes at a time.
const CHUNK: usize = 5_000;
/// How much the model's u weighs against the pairs: as so many pairs seen at that level.
const U_PRIOR_SHAPE: f64 = 0.3;
/// How much the model's rates of kin weigh: as so many persons looked at.
const KIN_PRIOR_PEOPLE: f64 = 20.0;
/// No rate of kin is quite 0.
const LEAST_KIN: f64 = 1e-7;
const KIN_ITERATIONS: usize = 50;
/// Any seed will do; a fixed one gives everybody the same answer.
const SEED: u64 = 0x001d_e471;

/// The model with u and kinship as the register has them; `people` of it are looked at for kin.
pub(super) fn sampled(base: &LinkageModel, index: &RegisterIndex, people: usize) -> LinkageModel {
    let mut model = base.clone();
    if index.people() < 2 {
        return model;
    }
    let counts = random_pairs(index);
    for field in Field::ALL {
        let (f, levels) = (field as usize, field.weighed());
        smooth(&counts.levels[f], &base.u[f], levels, &mut model.u[f]);
    }
    smooth(
        &counts.namesakes,
        &base.u_sex_namesakes,
        Field::Sex.weighed(),
        &mut model.u_sex_namesakes,
    );
    model.kin = kin(&model, index, people);
    // Until the file says otherwise, those who are not on it have as many relatives there.
    model.kin_of_absent = model.kin_of_present();
    model
}

#[derive(Default)]
struct Counts {
    levels: Table<7>,
    namesakes: [f64; LEVELS],
}

fn random_pairs(index: &RegisterIndex) -> Counts {
    let chunks: Vec<Counts> = (0..RANDOM_PAIRS / CHUNK)
        .into_par_iter()
        .map(|chunk| {
            let mut rng = stream(SEED, chunk as u64);
            let mut counts = Counts::default();
            let mut comparer = Comparer::new(index);
            for _ in 0..CHUNK {
                let (a, b) = (any_row(index, &mut rng), any_row(index, &mut rng));
                if index.person(a) == index.person(b) {
                    continue;
                }
                comparer.turn_to(index.record(a));
                let pattern = comparer.compare(b);
                for field in Field::ALL {
                    counts.levels[field as usize][usize::from(pattern.level(field))] += 1.0;
                }
                if namesakes(pattern) {
                    counts.namesakes[usize::from(pattern.level(Field::Sex))] += 1.0;
                }
            }
            counts
        })
        .collect();
    let mut all = Counts::default();
    for chunk in chunks {
        let rows = all.levels.iter_mut().zip(&chunk.levels);
        for (sum, part) in rows.chain([(&mut all.namesakes, &chunk.namesakes)]) {
            sum.iter_mut().zip(part).for_each(|(s, p)| *s += p);
        }
    }
    all
}

fn any_row(index: &RegisterIndex, rng: &mut impl Rng) -> u32 {
    rng.random_range(0..index.rows())
}

/// Gamma-Poisson: each level but the last as the base has it until it has been seen, the last what
/// is left.
fn smooth(
    counts: &[f64; LEVELS],
    base: &[f64; LEVELS],
    levels: std::ops::Range<usize>,
    into: &mut [f64; LEVELS],
) {
    let n: f64 = counts[levels.clone()].iter().sum();
    // The level of no agreement: what the others leave.
    let rest = levels.end - 1;
    let mut sum = 0.0;
    for level in levels.start..rest {
        let shape = U_PRIOR_SHAPE;
        into[level] = (counts[level] + shape) / (n + shape / base[level]);
        sum += into[level];
    }
    if sum >= 1.0 - base[rest].min(0.01) {
        // Nearly all agree (a register of one sex).
        let scale = (1.0 - base[rest].min(0.01)) / sum;
        into[levels.start..rest]
            .iter_mut()
            .for_each(|u| *u *= scale);
        sum *= scale;
    }
    into[rest] = 1.0 - sum;
}

/// Two persons who share at least two of the four fields.
struct Sharing {
    equal: usize,
    u: [f64; 7],
    chance: f64,
}

fn kin(model: &LinkageModel, index: &RegisterIndex, people: usize) -> [f64; KIN_SETS] {
    let mut rng = stream(SEED, u64::MAX);
    let rows: Vec<u32> = (0..people).map(|_| any_row(index, &mut rng)).collect();
    let whos: Vec<Who<'_>> = rows
        .iter()
        .map(|&row| Who::new(index.record(row), index))
        .collect();
    let rates = Rates::new(index, model, &whos);
    let sharing: Vec<Vec<Sharing>> = rows
        .par_chunks(32)
        .zip(whos.par_chunks(32))
        .map(|(rows, whos)| {
            let mut comparer = Comparer::new(index);
            let people = rows.iter().zip(whos);
            people
                .flat_map(|(&row, who)| sharers(row, who, &rates, &mut comparer))
                .collect()
        })
        .collect();
    let sharing: Vec<Sharing> = sharing.into_iter().flatten().collect();
    fit(&model.kin, &sharing, people)
}

/// Everybody who shares two fields or more with a row, each person once.
fn sharers<'a>(
    row: u32,
    who: &Who<'a>,
    rates: &Rates<'a>,
    comparer: &mut Comparer<'a>,
) -> Vec<Sharing> {
    let index = rates.index;
    let mut found: BTreeMap<PersonKey, (usize, u32)> = BTreeMap::new();
    for other in looked_at(&who.record, index) {
        let person = index.person(other);
        let equal = shared(row, other, index);
        if person == index.person(row) || equal.count_ones() < 2 || equal == 0b0011 {
            continue;
        }
        let best = found.entry(person).or_insert((equal, other));
        if best.0.count_ones() < equal.count_ones() {
            *best = (equal, other);
        }
    }
    comparer.turn_to(who.record);
    let sharing = found.into_values().filter_map(|(equal, other)| {
        let pattern = comparer.compare(other);
        // One identifier, one person: two entries of the same.
        let same = [Field::PncId, Field::PrisonNumber]
            .into_iter()
            .any(|id| pattern.level(id) == level::EXACT);
        let rate = rates.of_row(who, pattern, other);
        let besides = [Field::Sex, Field::PncId, Field::PrisonNumber].map(|f| rate.u[f as usize]);
        (!same).then(|| Sharing {
            equal,
            u: rate.u,
            chance: rate.chance / besides.iter().product::<f64>(),
        })
    });
    sharing.collect()
}

/// Candidates, and everybody at the postcode whatever their initial.
fn looked_at(who: &Record<'_>, index: &RegisterIndex) -> Vec<u32> {
    let mut rows = Vec::new();
    let mut all = Vec::new();
    index.candidates(who, &mut all);
    if !who.postcode.is_empty() {
        for initial in ALPHABET {
            let at_address = Record {
                forename: initial,
                surname: "",
                dob: Dob::MISSING,
                sex: 0,
                postcode: who.postcode,
                pnc_id: "",
                prison_number: "",
            };
            index.candidates(&at_address, &mut rows);
            all.extend_from_slice(&rows);
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

const ALPHABET: [&str; 26] = [
    "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s",
    "t", "u", "v", "w", "x", "y", "z",
];

/// Which of the four fields two rows share, a bit a field.
fn shared(a: u32, b: u32, index: &RegisterIndex) -> usize {
    let (x, y) = (index.ids(a), index.ids(b));
    let equal = |a: u32, b: u32| usize::from(a != 0 && a == b);
    let (dob_a, dob_b) = (index.dob(a), index.dob(b));
    equal(x.forename, y.forename)
        | equal(x.surname, y.surname) << 1
        | usize::from(!dob_a.is_missing() && dob_a == dob_b) << 2
        | equal(x.postcode, y.postcode) << 3
}

/// EM: how many of those who share are kin of each set; chance is known and stays.
fn fit(base: &[f64; KIN_SETS], sharing: &[Sharing], people: usize) -> [f64; KIN_SETS] {
    let mut kin = [0.0; KIN_SETS];
    for set in kin_sets() {
        kin[set] = base[set].max(0.01);
    }
    for _ in 0..KIN_ITERATIONS {
        let mut sums = [0.0; KIN_SETS];
        for pair in sharing {
            let mut parts = [0.0; KIN_SETS];
            let mut total = pair.chance;
            for set in kin_sets().filter(|set| set & !pair.equal == 0) {
                parts[set] = kin[set] * beyond(set, &pair.u);
                total += parts[set];
            }
            for set in kin_sets() {
                sums[set] += parts[set] / total;
            }
        }
        for set in kin_sets() {
            let prior = KIN_PRIOR_PEOPLE * base[set];
            let rate = (sums[set] + prior) / (people as f64 + KIN_PRIOR_PEOPLE);
            kin[set] = rate.max(LEAST_KIN);
        }
    }
    kin
}
