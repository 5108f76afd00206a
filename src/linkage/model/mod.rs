//! What a linkage model knows: for each comparison level how often it occurs among records of one
//! person (m) and of two (u), how many kin share fields, how many of a file are on the register.
//! No value of anybody.

mod file;
mod group;
mod writing;

pub use file::ModelError;
pub(super) use file::kin_sets;
pub(super) use group::{GROUPS, group};
pub(super) use writing::{Hand, SLOTS, Writing, slot, slots};

use super::compare::{Field, Pattern, level};

/// Most levels a field has.
pub(super) const LEVELS: usize = 10;
/// Sets of the four fields that people share by kinship: forename, surname, date of birth, postcode.
pub(super) const KIN_SETS: usize = 16;
/// The fields of a set, in the order of its bits.
pub(super) const KIN_FIELDS: [Field; 4] =
    [Field::Forename, Field::Surname, Field::Dob, Field::Postcode];

/// Sets that a file's people may share with relatives more often than the register's people do with
/// theirs: twins and the like (surname, date of birth, postcode), father and son of one name
/// (forename, surname, postcode).
pub(super) const RELATED: [usize; 2] = [0b1110, 0b1011];

/// Probabilities of comparison levels: a row a field (or slot), a column a level; column 0,
/// missing, is not used.
pub(super) type Table<const ROWS: usize> = [[f64; LEVELS]; ROWS];

/// A model of how records of one person, and of two, agree (Fellegi & Sunter 1969).
#[derive(Debug, Clone, PartialEq)]
pub struct LinkageModel {
    /// What it is, in a line.
    pub(super) title: String,
    /// What it was trained on, in counts.
    pub(super) trained_on: TrainedOn,
    /// Share of a file's people who are on the register.
    pub(super) overlap: f64,
    /// The same of each group of people, see [`group`].
    pub(super) overlap_of: [f64; GROUPS],
    /// m by slot.
    pub(super) m: Table<SLOTS>,
    /// u by field.
    pub(super) u: Table<7>,
    /// u of sex for two people whose forenames agree.
    pub(super) u_sex_namesakes: [f64; LEVELS],
    /// Register persons, for each one, who share just these fields by kinship and not by chance.
    pub(super) kin: [f64; KIN_SETS],
    /// The same for people who are not on the register themselves, of the sets [`RELATED`].
    pub(super) kin_of_absent: [f64; RELATED.len()],
    /// Of people with an identifier, how many have somebody else's: PNC id, prison number.
    pub(super) borrowed: [f64; 2],
    /// From the model's log-odds to the odds reported.
    pub(super) calibration: Calibration,
}

/// Counts of what a model was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrainedOn {
    /// People of the file.
    pub people: u64,
    /// Pairs of a person and a candidate that were weighed.
    pub candidates: u64,
    /// Persons of the register.
    pub register_people: u64,
    /// Iterations of the EM algorithm.
    pub iterations: u32,
}

/// `logit(reported) = offset + slope · logit(model)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Calibration {
    pub offset: f64,
    pub slope: f64,
}

impl LinkageModel {
    /// The model that comes with the program: trained on synthetic people (see its card,
    /// `models/linkage.md`).
    pub fn builtin() -> LinkageModel {
        // The file is part of the program, and a test reads it.
        LinkageModel::parse(include_str!("../../../models/linkage.toml"))
            .expect("the built-in model is sound")
    }

    /// Share of a file's people who are on the register, as trained.
    pub fn overlap(&self) -> f64 {
        self.overlap
    }

    /// What it was trained on.
    pub fn trained_on(&self) -> TrainedOn {
        self.trained_on
    }

    /// m-probability of a field's level; for names, of those the register has often; for surnames,
    /// of men and women apart.
    pub fn m(&self, field: Field, level: u8, woman: bool) -> f64 {
        self.m[slot(field, Hand::common(woman))][usize::from(level)]
    }

    /// u-probability of a field's level, without regard to how frequent the value is.
    pub fn u(&self, field: Field, level: u8) -> f64 {
        self.u[field as usize][usize::from(level)]
    }

    /// The probability reported for one of the model's.
    pub(super) fn calibrated(&self, p: f64) -> f64 {
        let Calibration { offset, slope } = self.calibration;
        if (offset, slope) == (0.0, 1.0) || p <= 0.0 || p >= 1.0 {
            return p;
        }
        let logit = offset + slope * (p / (1.0 - p)).ln();
        1.0 / (1.0 + (-logit).exp())
    }

    /// The log2 of the odds reported for those of the model.
    pub(super) fn calibrated_bits(&self, bits: f64) -> f64 {
        self.calibration.offset / std::f64::consts::LN_2 + self.calibration.slope * bits
    }

    /// Rates of kin of the sets [`RELATED`], for people who are on the register.
    pub(super) fn kin_of_present(&self) -> [f64; RELATED.len()] {
        RELATED.map(|set| self.kin[set])
    }

    /// Probability of the pattern among records of one person.
    pub(super) fn m_of(&self, pattern: Pattern, hand: Hand) -> f64 {
        let of = |field: Field| match weighs(field, pattern.level(field)) {
            true => self.m[slot(field, hand)][usize::from(pattern.level(field))],
            false => 1.0,
        };
        Field::ALL.into_iter().map(of).product()
    }
}

/// Is a level evidence at all?
pub(super) fn weighs(field: Field, level: u8) -> bool {
    level != level::MISSING && !(field == Field::Surname && level == level::surname::SWAPPED)
}

/// Is the forename's level one of agreement, so that sexes agree more often than by chance?
pub(super) fn namesakes(pattern: Pattern) -> bool {
    use level::forename as f;
    !matches!(
        pattern.level(Field::Forename),
        level::MISSING | f::INITIAL | f::SIMILAR | f::SWAPPED | f::DIFFERENT
    )
}
