//! The blocking keys: what two records must share for one to be looked at as the other. A record is
//! a candidate when any key fits (OR), so each key forgives what the others insist on.

use super::intern::{mixed, text_hash};
use crate::identity::{Record, nicknames, phonetic};

/// A way of finding somebody.
pub(super) struct BlockingKey {
    /// Why it is there.
    #[cfg_attr(not(test), expect(dead_code, reason = "for who reads the table"))]
    pub why: &'static str,
    /// The hashes of a record under this key: none when it lacks a field.
    pub hashes: fn(&Facts<'_>, &mut dyn FnMut(u64)),
    /// In a large block, one of these must agree too (see [`super::candidates`]).
    pub confirm: u8,
    /// What is a large block, and one too large to be looked at.
    pub sizes: Sizes,
}

/// Up to how many rows a block is taken whole, and looked at at all.
pub(super) struct Sizes {
    pub whole: usize,
    pub largest: usize,
}

/// For keys of several facts: many share a birthday of 1 January or the name John Smith; what more
/// than 50,000 share is a value put for "not known", and the other keys find who is in there.
const SEVERAL_FACTS: Sizes = Sizes {
    whole: 256,
    largest: 50_000,
};

/// For keys of one name: of use where the name is rare, or the register small.
const ONE_NAME: Sizes = Sizes {
    whole: 16,
    largest: 2_000,
};

/// What may confirm a row of a large block.
pub(super) mod confirm {
    pub const FORENAME_INITIAL: u8 = 1;
    pub const SURNAME_INITIAL: u8 = 2;
    pub const YEAR: u8 = 4;
    pub const MONTH: u8 = 8;
    pub const DAY: u8 = 16;
    pub const MONTH_AND_DAY: u8 = 32;
    pub const POSTCODE: u8 = 64;
    /// Forename and surname the same text, where a date of birth is missing on a side.
    pub const UNDATED_NAMESAKE: u8 = 128;
}
use confirm::*;

const NAMES_OR_BIRTH: u8 = FORENAME_INITIAL | SURNAME_INITIAL | YEAR | MONTH_AND_DAY;

/// The key whose posting list is the full date of birth.
pub(super) const DOB: usize = 3;

/// The table. Sounds of a name are those of each of its parts; of a forename that is asked for, also
/// those of the names that may stand for it, so that nicknames cost the index nothing.
pub(super) const KEYS: [BlockingKey; 16] = [
    BlockingKey {
        why: "an identifier decides whatever happened to names and dates",
        hashes: |f, each| text(f.record.pnc_id, each),
        confirm: NAMES_OR_BIRTH,
        sizes: SEVERAL_FACTS,
    },
    BlockingKey {
        why: "likewise",
        hashes: |f, each| text(f.record.prison_number, each),
        confirm: NAMES_OR_BIRTH,
        sizes: SEVERAL_FACTS,
    },
    BlockingKey {
        why: "the serial alone finds a PNC id whose year or check letter was mistyped",
        hashes: |f, each| text(serial(&mut [0; 16], f.record.pnc_id), each),
        confirm: NAMES_OR_BIRTH,
        sizes: SEVERAL_FACTS,
    },
    BlockingKey {
        why: "names may both be spoilt, swapped or new when the date is right (asked with day and \
              month swapped too)",
        hashes: |f, each| {
            if !f.record.dob.is_missing() {
                each(mixed(f.record.dob.expose().into()));
            }
        },
        confirm: FORENAME_INITIAL | SURNAME_INITIAL | POSTCODE,
        sizes: SEVERAL_FACTS,
    },
    BlockingKey {
        why: "no date of birth, or a wrong one; order of the two does not matter, so that swapped \
              names are found",
        hashes: |f, each| {
            f.each_sounds(|a, b| each(pair(a.min(b).into(), a.max(b).into())));
        },
        confirm: YEAR | MONTH_AND_DAY | POSTCODE | UNDATED_NAMESAKE,
        sizes: SEVERAL_FACTS,
    },
    BlockingKey {
        why: "new or spoilt forename and a wrong day",
        hashes: |f, each| f.with(f.surname, f.year_month(), each),
        confirm: FORENAME_INITIAL | DAY | POSTCODE,
        sizes: SEVERAL_FACTS,
    },
    BlockingKey {
        why: "new or spoilt forename and a wrong year",
        hashes: |f, each| f.with(f.surname, f.month_day(), each),
        confirm: FORENAME_INITIAL | YEAR | POSTCODE,
        sizes: SEVERAL_FACTS,
    },
    BlockingKey {
        why: "new or spoilt forename and a wrong month",
        hashes: |f, each| f.with(f.surname, f.year_day(), each),
        confirm: FORENAME_INITIAL | MONTH | POSTCODE,
        sizes: SEVERAL_FACTS,
    },
    BlockingKey {
        why: "married or spoilt surname and a wrong day",
        hashes: |f, each| f.with(f.forename, f.year_month(), each),
        confirm: SURNAME_INITIAL | DAY | POSTCODE,
        sizes: SEVERAL_FACTS,
    },
    BlockingKey {
        why: "married or spoilt surname and a wrong year",
        hashes: |f, each| f.with(f.forename, f.month_day(), each),
        confirm: SURNAME_INITIAL | YEAR | POSTCODE,
        sizes: SEVERAL_FACTS,
    },
    BlockingKey {
        why: "married or spoilt surname and a wrong month",
        hashes: |f, each| f.with(f.forename, f.year_day(), each),
        confirm: SURNAME_INITIAL | MONTH | POSTCODE,
        sizes: SEVERAL_FACTS,
    },
    BlockingKey {
        why: "forename an initial or spoilt, and 1 January put for a day not known",
        hashes: |f, each| f.with(f.surname, f.year_and_initial(f.record.forename), each),
        confirm: MONTH | DAY | POSTCODE,
        sizes: SEVERAL_FACTS,
    },
    BlockingKey {
        why: "surname spoilt after its first letter, and 1 January put for a day not known",
        hashes: |f, each| f.with(f.forename, f.year_and_initial(f.record.surname), each),
        confirm: MONTH | DAY | POSTCODE,
        sizes: SEVERAL_FACTS,
    },
    BlockingKey {
        why: "surname and date both wrong, still at the address",
        hashes: |f, each| text(f.record.postcode, each),
        confirm: NAMES_OR_BIRTH,
        sizes: SEVERAL_FACTS,
    },
    BlockingKey {
        why: "a rare surname, whatever happened to forename, date and address",
        hashes: |f, each| {
            f.surname
                .iter()
                .for_each(|&sound| each(mixed(sound.into())))
        },
        confirm: MONTH_AND_DAY | POSTCODE,
        sizes: ONE_NAME,
    },
    BlockingKey {
        why: "a rare forename, likewise",
        hashes: |f, each| {
            f.forename
                .iter()
                .for_each(|&sound| each(mixed(sound.into())))
        },
        confirm: MONTH_AND_DAY | POSTCODE,
        sizes: ONE_NAME,
    },
];

/// A record and the sounds of its names.
pub(super) struct Facts<'a> {
    pub record: Record<'a>,
    pub forename: &'a [u32],
    pub surname: &'a [u32],
}

impl Facts<'_> {
    /// Every sound of the forename with every sound of the surname.
    fn each_sounds(&self, mut each: impl FnMut(u32, u32)) {
        for &a in self.forename {
            for &b in self.surname {
                each(a, b);
            }
        }
    }

    fn with(&self, sounds: &[u32], other: Option<u64>, each: &mut dyn FnMut(u64)) {
        let Some(other) = other else { return };
        for &sound in sounds {
            each(pair(sound.into(), other));
        }
    }

    fn parts(&self) -> Option<(u64, u64, u64)> {
        let dob = self.record.dob;
        let parts = (dob.year().into(), dob.month().into(), dob.day().into());
        (!dob.is_missing()).then_some(parts)
    }

    fn year_month(&self) -> Option<u64> {
        self.parts().map(|(year, month, _)| year << 8 | month)
    }

    fn month_day(&self) -> Option<u64> {
        self.parts().map(|(_, month, day)| month << 8 | day)
    }

    fn year_day(&self) -> Option<u64> {
        self.parts().map(|(year, _, day)| year << 8 | day)
    }

    fn year_and_initial(&self, name: &str) -> Option<u64> {
        let (year, ..) = self.parts()?;
        Some(year << 32 | initial(name)?)
    }
}

/// First letter of a name.
pub(super) fn initial(name: &str) -> Option<u64> {
    name.chars().next().map(|c| u64::from(u32::from(c)))
}

fn text(text: &str, each: &mut dyn FnMut(u64)) {
    if !text.is_empty() {
        each(text_hash(text.as_bytes()));
    }
}

fn pair(a: u64, b: u64) -> u64 {
    mixed(mixed(a) ^ b)
}

/// The serial's digits of a PNC id, without leading zeros: canonical after the slash; squeezed
/// after a year of four digits (ten or eleven digits in all) or two.
fn serial<'a>(digits: &'a mut [u8; 16], id: &str) -> &'a str {
    let mut n = 0;
    let given = id.bytes().filter(u8::is_ascii_digit);
    for (to, digit) in digits.iter_mut().zip(given) {
        *to = digit;
        n += 1;
    }
    let year = match n {
        10 | 11 => 4,
        3..=9 => 2,
        _ => return "",
    };
    let serial = std::str::from_utf8(&digits[year..n]).unwrap_or_default();
    serial.trim_start_matches('0')
}

/// Parts of a name that are looked at: more are hardly anybody's.
const PARTS: usize = 4;

/// Parts worth a sound: not `al`, `de`, an initial, unless they are all there is.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    let whole = !name.contains(' ');
    let parts = name.split(' ').take(PARTS);
    parts.filter(move |part| !part.is_empty() && (whole || part.chars().nth(2).is_some()))
}

/// The sounds of a name: of each part, and of all of it as one word.
pub(super) fn sounds(name: &str, into: &mut Vec<u32>) {
    into.clear();
    into.extend(parts(name).map(phonetic::code));
    as_one_word(name, into);
}

/// The sounds of a forename that is asked for: also of every name that may stand for a part of it.
pub(super) fn forename_sounds(name: &str, into: &mut Vec<u32>) {
    into.clear();
    for part in parts(name) {
        into.push(phonetic::code(part));
        into.extend(nicknames::others(part).map(phonetic::code));
    }
    as_one_word(name, into);
}

fn as_one_word(name: &str, into: &mut Vec<u32>) {
    if name.contains(' ') {
        into.push(phonetic::code(&name.replace(' ', "")));
    }
    into.sort_unstable();
    into.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_says_why_it_is_there() {
        assert!(
            KEYS.iter()
                .all(|key| !key.why.is_empty() && key.confirm != 0)
        );
    }

    #[test]
    fn a_serial_is_found_in_every_form_of_an_id() {
        for (id, digits) in [
            ("1979/0163001B", "163001"),
            ("19790163001C", "163001"),
            ("790163001C", "163001"),
            ("79163001C", "163001"),
            ("2003/1234567Q", "1234567"),
            ("A", ""),
            ("12345678901234567890", ""),
            ("", ""),
        ] {
            assert_eq!(serial(&mut [0; 16], id), digits, "{id}");
        }
    }

    #[test]
    fn a_nickname_finds_its_full_name_and_the_other_way_about() {
        let made = |make: fn(&str, &mut Vec<u32>), name: &str| {
            let mut into = Vec::new();
            make(name, &mut into);
            into
        };
        let finds = |asked: &str, held: &str| {
            let held = made(sounds, held);
            made(forename_sounds, asked)
                .iter()
                .any(|s| held.contains(s))
        };
        for (a, b) in [
            ("bill", "william"),
            ("bob", "robbert"),
            ("mary jane", "maryjane"),
            ("mary jane", "jane"),
            ("harry", "henry"),
        ] {
            assert!(finds(a, b), "{a} finds {b}");
        }
        assert!(finds("william", "bill") && finds("henry", "harry"));
        assert!(!finds("bill", "peter"));
        assert!(made(forename_sounds, "").is_empty());
    }

    #[test]
    fn particles_are_no_surnames() {
        let mut into = Vec::new();
        sounds("al hassan", &mut into);
        assert!(!into.contains(&phonetic::code("al")));
        assert!(into.contains(&phonetic::code("hassan")));
        sounds("li", &mut into);
        assert_eq!(into, [phonetic::code("li")]);
    }
}
