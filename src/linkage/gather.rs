//! Each person of a file with the persons of the register that they may be: compared once, weighed
//! by a first model, and only those kept that any later model could think of.

use super::compare::{Comparer, Field, Pattern, level};
use super::model::{Hand, LEVELS, RELATED, SLOTS, Table, slot, slots};
use super::rate::{Rates, Who, borrowed};
use crate::register::PersonKey;
use rayon::prelude::*;

/// People a worker takes at a time.
const CHUNK: usize = 64;
/// Odds (of being the person, against being nobody on the register) below which a candidate is let
/// go: training moves odds by a factor of hundreds at most.
const LEAST_ODDS: f64 = 1e-6;
/// Candidates kept a person.
const MOST_CANDIDATES: usize = 48;

/// A candidate that is kept. Not printable: it says who may have been found.
pub(super) struct Pair {
    pub row: u32,
    pub person: PersonKey,
    pub pattern: Pattern,
    /// Which m-probabilities it has.
    pub hand: Hand,
    /// People who are somebody else and agree as much, see [`super::rate`]: all but those who are
    /// [`Pair::related`].
    pub unrelated: f64,
    /// And of each relative of the sets `RELATED`, how many agree as much.
    pub related: [f64; RELATED.len()],
}

impl Pair {
    /// How many agree as much when relatives are as frequent as that.
    pub fn rate(&self, kin: [f64; RELATED.len()]) -> f64 {
        let related = self.related.iter().zip(kin);
        self.unrelated + related.map(|(each, kin)| each * kin).sum::<f64>()
    }
}

/// The candidates of each person, best first by the model they were gathered with. Not printable.
pub(super) struct Claims {
    ends: Vec<usize>,
    pairs: Vec<Pair>,
}

impl Claims {
    /// Candidates of everybody, and how many were compared.
    pub fn gather(whos: &[Who<'_>], rates: &Rates<'_>) -> (Claims, u64) {
        let bound = Bound::new(rates);
        let chunks: Vec<(Claims, u64)> = whos
            .par_chunks(CHUNK)
            .map(|whos| gather_chunk(whos, rates, &bound))
            .collect();
        let mut all = Claims {
            ends: Vec::with_capacity(whos.len()),
            pairs: Vec::new(),
        };
        let mut compared = 0;
        for (chunk, n) in chunks {
            let before = all.pairs.len();
            all.ends.extend(chunk.ends.iter().map(|end| before + end));
            all.pairs.extend(chunk.pairs);
            compared += n;
        }
        (all, compared)
    }

    /// How many people claim.
    pub fn people(&self) -> usize {
        self.ends.len()
    }

    /// Where a person's candidates lie among [`Claims::pairs`].
    pub fn range(&self, person: usize) -> std::ops::Range<usize> {
        let start = match person {
            0 => 0,
            p => self.ends[p - 1],
        };
        start..self.ends[person]
    }

    /// Everybody's candidates, person by person.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// The same, to be weighed anew.
    pub fn pairs_mut(&mut self) -> &mut [Pair] {
        &mut self.pairs
    }

    /// A person's candidates.
    pub fn of(&self, person: usize) -> &[Pair] {
        &self.pairs[self.range(person)]
    }
}

fn gather_chunk(whos: &[Who<'_>], rates: &Rates<'_>, bound: &Bound) -> (Claims, u64) {
    let mut comparer = Comparer::new(rates.index);
    let mut rows = Vec::new();
    let mut found: Vec<(f64, Pair)> = Vec::new();
    let mut claims = Claims {
        ends: Vec::with_capacity(whos.len()),
        pairs: Vec::new(),
    };
    let mut compared = 0;
    for who in whos {
        rates.index.candidates(&who.record, &mut rows);
        compared += rows.len() as u64;
        comparer.turn_to(who.record);
        found.clear();
        for &row in &rows {
            let pattern = comparer.compare(row);
            if bound.allows(pattern, who) {
                found.push(weighed(who, pattern, row, rates));
            }
        }
        found.retain(|(odds, pair)| *odds >= LEAST_ODDS || borrowed(pair.pattern).is_some());
        // The best entry of each person, then the best persons.
        found.sort_unstable_by(|(a, x), (b, y)| {
            (x.person.cmp(&y.person)).then(b.total_cmp(a).then(x.row.cmp(&y.row)))
        });
        found.dedup_by_key(|(_, pair)| pair.person);
        found.sort_unstable_by(|(a, x), (b, y)| b.total_cmp(a).then(x.person.cmp(&y.person)));
        found.truncate(MOST_CANDIDATES);
        claims.pairs.extend(found.drain(..).map(|(_, pair)| pair));
        claims.ends.push(claims.pairs.len());
    }
    (claims, compared)
}

/// A candidate with its odds by the model at even overlap.
fn weighed(who: &Who<'_>, pattern: Pattern, row: u32, rates: &Rates<'_>) -> (f64, Pair) {
    let hand = hand(who, row, rates);
    let rate = rates.of_row(who, pattern, row);
    let odds = rates.model.m_of(pattern, hand) / rate.total;
    let of_related: f64 = (RELATED.iter().zip(rate.related))
        .map(|(&set, each)| rates.model.kin[set] * each)
        .sum();
    let pair = Pair {
        row,
        person: rates.index.person(row),
        pattern,
        hand,
        unrelated: (rate.total - of_related).max(0.0),
        related: rate.related,
    };
    (odds, pair)
}

/// How somebody's names are written; a woman by the file's sex, or else the register's.
pub(super) fn hand(who: &Who<'_>, row: u32, rates: &Rates<'_>) -> Hand {
    who.hand(match who.record.sex {
        0 => rates.index.record(row).sex == b'F',
        sex => sex == b'F',
    })
}

/// The most that a pattern can be worth, whatever the values: most candidates are let go on it.
struct Bound {
    log_ratio: Table<SLOTS>,
    least: f64,
}

impl Bound {
    fn new(rates: &Rates<'_>) -> Bound {
        let model = rates.model;
        let people = (rates.index.people() as f64).max(1.0);
        let rows = f64::from(rates.index.rows().max(1));
        let mut log_ratio = [[0.0; LEVELS]; SLOTS];
        for (slot, field) in slots() {
            for at in field.weighed() {
                let u = least_u(rates, field, at as u8, rows, people);
                log_ratio[slot][at] = (model.m[slot][at] / u).ln();
            }
        }
        Bound {
            log_ratio,
            least: LEAST_ODDS.ln() + people.ln(),
        }
    }

    fn allows(&self, pattern: Pattern, who: &Who<'_>) -> bool {
        let worth = |woman: bool| {
            let hand = who.hand(woman);
            let of = |field| self.log_ratio[slot(field, hand)][pattern.level(field) as usize];
            Field::ALL.into_iter().map(of).sum::<f64>()
        };
        let sexes = match who.record.sex {
            0 => worth(false).max(worth(true)),
            sex => worth(sex == b'F'),
        };
        sexes >= self.least || borrowed(pattern).is_some()
    }
}

/// The least u that any value gives a level.
fn least_u(rates: &Rates<'_>, field: Field, at: u8, rows: f64, people: f64) -> f64 {
    let model = rates.model;
    match (field, at) {
        (Field::Forename, level::forename::SWAPPED) => 1.0 / rows / rows,
        (Field::Sex, _) => model.u_sex_namesakes[usize::from(at)].min(rates.least_sex()),
        (Field::PncId | Field::PrisonNumber, level::EXACT) => 1e-6 / people,
        (_, level::EXACT) => 1.0 / rows,
        _ => model.u(field, at),
    }
}
