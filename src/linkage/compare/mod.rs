//! How alike two records are: one comparison level a field, the seven levels packed in a pattern.
//!
//! A level is found once for each distinct pair of names; the rest of a comparison is a few
//! integers. Field values go in, levels come out: nothing of a person is kept.

mod dob;
mod identifier;
mod name;
mod postcode;

use crate::identity::Record;
use crate::register::{Interned, RegisterIndex};

/// A field that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Given names.
    Forename,
    /// Family name.
    Surname,
    /// Date of birth.
    Dob,
    /// Sex.
    Sex,
    /// Postcode.
    Postcode,
    /// PNC id.
    PncId,
    /// Prison number.
    PrisonNumber,
}

/// What a comparison can come to, field by field. Level 0 is always "missing".
pub(super) mod level {
    /// On either side there is nothing to compare. The same number in every field.
    pub const MISSING: u8 = 0;
    /// Equal. The same number in every field (for sex: the same).
    pub const EXACT: u8 = 1;

    pub mod forename {
        pub const PART: u8 = 2;
        pub const NICKNAME: u8 = 3;
        pub const INITIAL: u8 = 4;
        pub const CLOSE: u8 = 5;
        pub const PHONETIC: u8 = 6;
        pub const SIMILAR: u8 = 7;
        pub const SWAPPED: u8 = 8;
        pub const DIFFERENT: u8 = 9;
    }
    pub mod surname {
        pub const PART: u8 = 2;
        pub const ONE_ERROR: u8 = 3;
        pub const CLOSE: u8 = 4;
        pub const SIMILAR: u8 = 5;
        pub const DIFFERENT: u8 = 6;
        /// Forename and surname changed about: the forename's level says so, and weighs for both.
        pub const SWAPPED: u8 = 7;
    }
    pub mod dob {
        pub const ONE_DIGIT: u8 = 2;
        pub const DAY_MONTH: u8 = 3;
        pub const TRANSPOSED: u8 = 4;
        pub const FIRST_JANUARY: u8 = 5;
        pub const OTHER_YEAR: u8 = 6;
        pub const YEAR_MONTH: u8 = 7;
        pub const NEAR: u8 = 8;
        pub const DIFFERENT: u8 = 9;
    }
    pub mod sex {
        pub const DIFFERENT: u8 = 2;
    }
    pub mod postcode {
        pub const ONE_CHARACTER: u8 = 2;
        pub const SECTOR: u8 = 3;
        pub const DISTRICT: u8 = 4;
        pub const AREA: u8 = 5;
        pub const DIFFERENT: u8 = 6;
    }
    pub mod pnc_id {
        pub const SERIAL: u8 = 2;
        pub const ONE_CHARACTER: u8 = 3;
        pub const DIFFERENT: u8 = 4;
    }
    pub mod prison_number {
        pub const ONE_CHARACTER: u8 = 2;
        pub const DIFFERENT: u8 = 3;
    }
}

impl Field {
    /// Every field, in the order of a pattern.
    pub const ALL: [Field; 7] = [
        Field::Forename,
        Field::Surname,
        Field::Dob,
        Field::Sex,
        Field::Postcode,
        Field::PncId,
        Field::PrisonNumber,
    ];

    /// Its name in model files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Field::Forename => "forename",
            Field::Surname => "surname",
            Field::Dob => "dob",
            Field::Sex => "sex",
            Field::Postcode => "postcode",
            Field::PncId => "pnc_id",
            Field::PrisonNumber => "prison_number",
        }
    }

    /// The names of its levels, by number; the first is `missing`.
    pub fn levels(self) -> &'static [&'static str] {
        match self {
            Field::Forename => &[
                "missing",
                "exact",
                "one_part_equal",
                "nickname",
                "initial",
                "close",
                "sounds_alike",
                "similar",
                "swapped_with_surname",
                "different",
            ],
            Field::Surname => &[
                "missing",
                "exact",
                "one_part_equal",
                "one_typing_error",
                "close",
                "similar",
                "different",
                "swapped_with_forename",
            ],
            Field::Dob => &[
                "missing",
                "exact",
                "one_digit",
                "day_month_swapped",
                "digits_transposed",
                "first_january",
                "other_year",
                "same_year_and_month",
                "within_a_year",
                "different",
            ],
            Field::Sex => &["missing", "same", "different"],
            Field::Postcode => &[
                "missing",
                "exact",
                "one_character",
                "sector",
                "district",
                "area",
                "different",
            ],
            Field::PncId => &[
                "missing",
                "exact",
                "same_serial",
                "one_character",
                "different",
            ],
            Field::PrisonNumber => &["missing", "exact", "one_character", "different"],
        }
    }

    /// How many levels a probability is held for: all but those that weigh nothing (missing; the
    /// surname of names changed about, which the forename's level weighs for both).
    pub(super) fn weighed(self) -> std::ops::Range<usize> {
        match self {
            Field::Surname => 1..level::surname::SWAPPED as usize,
            _ => 1..self.levels().len(),
        }
    }
}

/// Seven comparison levels, four bits a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Pattern(u32);

impl Pattern {
    /// The level of a field.
    pub fn level(self, field: Field) -> u8 {
        (self.0 >> (4 * field as u32) & 15) as u8
    }

    pub(super) fn with(self, field: Field, level: u8) -> Pattern {
        let shift = 4 * field as u32;
        Pattern(self.0 & !(15 << shift) | u32::from(level) << shift)
    }
}

/// No name of the register.
const NONE: Interned = Interned {
    forename: 0,
    surname: 0,
    postcode: 0,
};

/// One record, compared with many of the register. Not printable.
pub(super) struct Comparer<'a> {
    index: &'a RegisterIndex,
    who: Record<'a>,
    /// Ids of the record's own names among the register's: equal names need no comparing.
    own: Interned,
    /// Ids of its surname among the register's forenames, and of its forename among the surnames.
    crossed: Interned,
    forenames: Memo,
    surnames: Memo,
}

impl<'a> Comparer<'a> {
    pub fn new(index: &'a RegisterIndex) -> Comparer<'a> {
        Comparer {
            index,
            who: Record {
                forename: "",
                surname: "",
                dob: crate::identity::Dob::MISSING,
                sex: 0,
                postcode: "",
                pnc_id: "",
                prison_number: "",
            },
            own: NONE,
            crossed: NONE,
            forenames: Memo::new(),
            surnames: Memo::new(),
        }
    }

    /// Who is compared from here on.
    pub fn turn_to(&mut self, who: Record<'a>) {
        let known = |id: Option<u32>| id.unwrap_or(0);
        self.own = Interned {
            forename: known(self.index.forename_id(who.forename)),
            surname: known(self.index.surname_id(who.surname)),
            postcode: 0,
        };
        self.crossed = Interned {
            forename: known(self.index.forename_id(who.surname)),
            surname: known(self.index.surname_id(who.forename)),
            postcode: 0,
        };
        self.forenames.clear();
        self.surnames.clear();
        self.who = who;
    }

    /// The pattern of agreement with a row of the register.
    pub fn compare(&mut self, row: u32) -> Pattern {
        let theirs = self.index.record(row);
        let ids = self.index.ids(row);
        let (forename, surname) = self.names(&theirs, ids);
        Pattern::default()
            .with(Field::Forename, forename)
            .with(Field::Surname, surname)
            .with(Field::Dob, dob::level(self.who.dob, theirs.dob))
            .with(Field::Sex, sex(self.who.sex, theirs.sex))
            .with(
                Field::Postcode,
                postcode::level(self.who.postcode, theirs.postcode),
            )
            .with(
                Field::PncId,
                identifier::pnc_id(self.who.pnc_id, theirs.pnc_id),
            )
            .with(
                Field::PrisonNumber,
                identifier::prison_number(self.who.prison_number, theirs.prison_number),
            )
    }

    fn names(&mut self, theirs: &Record<'_>, ids: Interned) -> (u8, u8) {
        let equal = |a: u32, b: u32| a != 0 && a == b;
        let who = self.who;
        let forename = match equal(self.own.forename, ids.forename) {
            true => level::EXACT,
            false => self.forenames.level(ids.forename, || {
                name::forename(who.forename, theirs.forename)
            }),
        };
        let surname = match equal(self.own.surname, ids.surname) {
            true => level::EXACT,
            false => self
                .surnames
                .level(ids.surname, || name::surname(who.surname, theirs.surname)),
        };
        let agrees = forename != level::forename::DIFFERENT || surname == level::EXACT;
        let crossed =
            equal(self.crossed.forename, ids.forename) || equal(self.crossed.surname, ids.surname);
        if !agrees && crossed && name::swapped(&who, theirs) {
            return (level::forename::SWAPPED, level::surname::SWAPPED);
        }
        (forename, surname)
    }
}

/// Two records in themselves, as when two rows of one file may be one person.
pub(super) fn pattern(a: &Record<'_>, b: &Record<'_>) -> Pattern {
    let forename = name::forename(a.forename, b.forename);
    let surname = name::surname(a.surname, b.surname);
    let differ = forename == level::forename::DIFFERENT && surname != level::EXACT;
    let (forename, surname) = match differ && name::swapped(a, b) {
        true => (level::forename::SWAPPED, level::surname::SWAPPED),
        false => (forename, surname),
    };
    Pattern::default()
        .with(Field::Forename, forename)
        .with(Field::Surname, surname)
        .with(Field::Dob, dob::level(a.dob, b.dob))
        .with(Field::Sex, sex(a.sex, b.sex))
        .with(Field::Postcode, postcode::level(a.postcode, b.postcode))
        .with(Field::PncId, identifier::pnc_id(a.pnc_id, b.pnc_id))
        .with(
            Field::PrisonNumber,
            identifier::prison_number(a.prison_number, b.prison_number),
        )
}

fn sex(a: u8, b: u8) -> u8 {
    match (a, b) {
        (0, _) | (_, 0) => level::MISSING,
        _ if a == b => level::EXACT,
        _ => level::sex::DIFFERENT,
    }
}

/// Levels already found for names of the register, of the record being compared: a direct-mapped
/// table, emptied by moving on to the next turn.
struct Memo {
    turn: u32,
    slots: Vec<(u32, u32, u8)>,
}

/// Distinct names among one record's candidates are some hundreds.
const MEMO_SLOTS: usize = 1 << 12;

impl Memo {
    fn new() -> Memo {
        Memo {
            turn: 0,
            slots: vec![(0, 0, 0); MEMO_SLOTS],
        }
    }

    fn clear(&mut self) {
        self.turn += 1;
    }

    fn level(&mut self, id: u32, compare: impl FnOnce() -> u8) -> u8 {
        let slot = &mut self.slots[id as usize & (MEMO_SLOTS - 1)];
        if (slot.0, slot.1) != (self.turn, id) {
            *slot = (self.turn, id, compare());
        }
        slot.2
    }
}
