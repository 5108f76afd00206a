//! Seeded random numbers: one ChaCha stream a purpose, one stretch of it a person.
//!
//! Person 17's name is the same whether they are made alone, in a chunk of ten or by two threads,
//! and a change in how names are drawn leaves every sentence as it was.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What the numbers are for. The values are part of the format: changing one changes the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Constants of the whole register: how numbers are scrambled into identifiers.
    Scramble = 1,
    /// Names, birth, address, identifiers.
    Identity = 2,
    /// Criminal careers and sentences.
    Career = 3,
    /// Which values are missing.
    Missing = 4,
    /// Who takes part in the programme, and when.
    Programme = 5,
    /// Justice outcomes.
    Reoffending = 6,
    /// Employment outcomes.
    Employment = 7,
    /// Drawing a charity's cohort from the participants.
    Cohort = 8,
    /// What a charity's file does to its people.
    Dirt = 9,
    /// Rows of a trial table.
    Trial = 10,
    /// The order of participants and pool in a trial table.
    Order = 11,
    /// Which identifiers the register lacks.
    Blanks = 12,
    /// Rare surnames, fathers and sons: what makes people hard or easy to tell apart.
    Family = 13,
    /// Who is in a cohort made for linkage.
    Known = 14,
    /// How such a cohort's people are written down.
    Writing = 15,
    /// How the register's own clerks wrote people down.
    Clerk = 16,
    /// Second forenames.
    Forename = 17,
    /// What the courts made of reoffences after the first.
    Court = 18,
}

/// Words of a stream set apart for one person: far more than the rejection samplers ever use.
const WORDS_EACH: u128 = 4096;

/// All the random numbers of one seed.
#[derive(Debug, Clone, Copy)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    /// The streams of `seed`.
    pub fn new(seed: u64) -> Self {
        Streams { seed }
    }

    /// The generator of one person (or row, or table: `index` 0) for one purpose.
    pub fn at(&self, purpose: Purpose, index: u64) -> ChaCha8Rng {
        let mut key = *b"counterpart synthetic data......";
        key[24..].copy_from_slice(&self.seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(purpose as u64);
        rng.set_word_pos(u128::from(index) * WORDS_EACH);
        rng
    }
}

/// A one-to-one scramble of 1..prime: turns row numbers into identifiers that mean nothing and
/// never collide, without a table of those already given.
#[derive(Debug, Clone, Copy)]
pub struct Scramble {
    prime: u64,
    factor: u64,
}

impl Scramble {
    /// Multiplication by a random non-zero factor modulo `prime` (which must be prime).
    pub fn new(prime: u64, rng: &mut impl rand::Rng) -> Self {
        use rand::RngExt;
        let factor = rng.random_range(prime / 3..prime - prime / 3);
        Scramble { prime, factor }
    }

    /// The identifier of `index`, in 1..prime; distinct for distinct `index` < prime - 1.
    pub fn of(&self, index: u64) -> u64 {
        let i = u128::from(index % (self.prime - 1) + 1);
        // Both factors are below the prime, so the remainder fits.
        (i * u128::from(self.factor) % u128::from(self.prime)) as u64
    }
}

/// Draws an index with probability proportional to its weight.
pub fn choose(weights: &[f64], rng: &mut impl rand::Rng) -> usize {
    use rand::RngExt;
    let total: f64 = weights.iter().sum();
    let mut left = rng.random::<f64>() * total;
    for (i, w) in weights.iter().enumerate() {
        left -= w;
        if left < 0.0 {
            return i;
        }
    }
    weights.len().saturating_sub(1)
}

/// The logistic function: log odds to probability.
pub fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}
