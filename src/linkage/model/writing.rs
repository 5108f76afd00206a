//! On what else an error depends: how a name is written, and by whom it is borne.
//!
//! A name that the register has nowhere is a slip of the pen or a new name; a name that many have
//! is mostly meant. Whoever writes `Smitj` means a Smith, and says so as surely as by writing
//! `Smith`; whoever writes `Smyth` mostly means a Smyth. So the levels of a name have m-probabilities
//! for each [`Writing`]: P(level | same person, how the name is written). It is the name of the file
//! that is asked about, never the register's, so that u is the frequency of what it is compared with
//! as before.

use super::Field;

/// How a name of a file is written, as the register knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::linkage) enum Writing {
    /// A name that the register has often.
    Common,
    /// One that it has, but seldom.
    Rare,
    /// One that it has nowhere.
    Unseen,
    /// Several parts: a middle name, a double-barrelled surname.
    Several,
    /// An initial first.
    Initial,
}

/// A name is rare below this share of the register's rows (or in one row only): where wrong
/// spellings of common names are as frequent as names.
const RARE: f64 = 2e-5;

impl Writing {
    /// Every one, in the order of their slots.
    const ALL: [Writing; 5] = [
        Writing::Common,
        Writing::Rare,
        Writing::Unseen,
        Writing::Several,
        Writing::Initial,
    ];

    /// Of a canonical name that so many of the register's rows have.
    pub fn of(name: &str, count: u32, rows: f64) -> Writing {
        let first = name.split(' ').next().unwrap_or(name);
        if first.chars().nth(1).is_none() {
            Writing::Initial
        } else if first.len() < name.len() {
            Writing::Several
        } else if count == 0 {
            Writing::Unseen
        } else if count < 2 || f64::from(count) < RARE * rows {
            Writing::Rare
        } else {
            Writing::Common
        }
    }

    fn name(self) -> &'static str {
        match self {
            Writing::Common => "",
            Writing::Rare => "_rare",
            Writing::Unseen => "_unseen",
            Writing::Several => "_several",
            Writing::Initial => "_initial",
        }
    }
}

/// What decides which m-probabilities a pair has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::linkage) struct Hand {
    /// Is one of the two a woman? Surnames of women change more often.
    pub woman: bool,
    /// How the forename is written.
    pub forename: Writing,
    /// How the surname is.
    pub surname: Writing,
}

impl Hand {
    /// Both names common.
    pub fn common(woman: bool) -> Hand {
        Hand {
            woman,
            forename: Writing::Common,
            surname: Writing::Common,
        }
    }
}

/// The slots of forenames follow those of the fields, then the surnames of men, then of women; the
/// first of each, of common names, stands in the field's own.
const FORENAMES: usize = Field::ALL.len();
const SURNAMES: usize = FORENAMES + Writing::ALL.len() - 1;
const SURNAMES_OF_WOMEN: usize = SURNAMES + Writing::ALL.len() - 1;
/// Rows of m-probabilities.
pub(in crate::linkage) const SLOTS: usize = SURNAMES_OF_WOMEN + Writing::ALL.len();

/// The row of m-probabilities a field of a pair has.
pub(in crate::linkage) fn slot(field: Field, hand: Hand) -> usize {
    match (field, hand.woman) {
        (Field::Forename, _) if hand.forename != Writing::Common => {
            FORENAMES + hand.forename as usize - 1
        }
        (Field::Surname, true) => SURNAMES_OF_WOMEN + hand.surname as usize,
        (Field::Surname, false) if hand.surname != Writing::Common => {
            SURNAMES + hand.surname as usize - 1
        }
        _ => field as usize,
    }
}

/// Every slot with its field.
pub(in crate::linkage) fn slots() -> impl Iterator<Item = (usize, Field)> {
    Field::ALL
        .into_iter()
        .flat_map(|field| slots_of(field).map(move |(slot, _)| (slot, field)))
}

/// The slots of a field, with what model files call their m.
pub(super) fn slots_of(field: Field) -> impl Iterator<Item = (usize, String)> {
    let writings: &[Writing] = match field {
        Field::Forename | Field::Surname => &Writing::ALL,
        _ => &[Writing::Common],
    };
    let sexes: &[bool] = match field {
        Field::Surname => &[false, true],
        _ => &[false],
    };
    sexes.iter().flat_map(move |&woman| {
        writings.iter().map(move |&writing| {
            let hand = Hand {
                woman,
                forename: writing,
                surname: writing,
            };
            let women = if woman { "_women" } else { "" };
            (slot(field, hand), format!("m{women}{}", writing.name()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_is_of_one_field_and_one_name() {
        let mut seen = [0; SLOTS];
        for (slot, _) in slots() {
            seen[slot] += 1;
        }
        assert_eq!(seen, [1; SLOTS]);
        for field in Field::ALL {
            let mut names: Vec<String> = slots_of(field).map(|(_, name)| name).collect();
            assert_eq!(names[0], "m");
            let all = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), all, "{field:?}");
        }
    }

    #[test]
    fn names_are_told_apart_by_how_often_the_register_has_them() {
        for (name, count, expected) in [
            ("smith", 9_000, Writing::Common),
            ("featherstonehaugh", 19, Writing::Rare),
            ("smitj", 0, Writing::Unseen),
            ("smith jones", 0, Writing::Several),
            ("smith jones", 50, Writing::Several),
            ("j", 0, Writing::Initial),
            ("j paul", 0, Writing::Initial),
            ("", 0, Writing::Initial),
        ] {
            assert_eq!(Writing::of(name, count, 1e6), expected, "{name}");
        }
        // Of a small register, one row is rare and two are not.
        assert_eq!(Writing::of("smith", 1, 500.0), Writing::Rare);
        assert_eq!(Writing::of("smith", 2, 500.0), Writing::Common);
    }
}
