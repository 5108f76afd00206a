//! Who is in the cohort: people of the register, and people who only look like some of them.

use super::population::{Kin, Population};
use crate::synth::names;
use crate::synth::person::{FIRST_DAY, Person, pnc_id};
use crate::synth::random::{Purpose, Streams, choose};
use rand::{Rng, RngExt};
use std::collections::HashSet;

/// Share of women: more than the register's, so that how often they are found can be measured.
const WOMEN: f64 = 0.25;
/// Share of those on the register who are picked among twins, fathers and sons.
const LOOK_ALIKES: f64 = 0.04;
/// Share of the cohort who are on no register.
pub(super) const ABSENT: f64 = 0.125;

/// What makes somebody easy or hard to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// On the register, no near relation made on purpose.
    Plain,
    /// On the register, as is a brother or sister.
    Sibling,
    /// On the register, as is the twin.
    Twin,
    /// On the register, as is the father or son of the same name.
    Junior,
    /// Not on the register, nor any relation.
    Absent,
    /// Not on the register; a brother or sister is.
    AbsentSibling,
    /// Not on the register; father or son is, with another forename.
    AbsentSon,
    /// Not on the register; the twin is.
    AbsentTwin,
    /// Not on the register; father or son of the same name is.
    AbsentJunior,
}

impl Kind {
    /// As the truth file writes it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Plain => "plain",
            Kind::Sibling => "sibling",
            Kind::Twin => "twin",
            Kind::Junior => "junior",
            Kind::Absent => "absent",
            Kind::AbsentSibling => "absent_sibling",
            Kind::AbsentSon => "absent_son",
            Kind::AbsentTwin => "absent_twin",
            Kind::AbsentJunior => "absent_junior",
        }
    }

    /// Is there nobody to find?
    pub fn is_absent(self) -> bool {
        self >= Kind::Absent
    }
}

/// Somebody of the cohort, before the charity writes them down.
pub struct Known {
    /// Who it is.
    pub person: Person,
    /// Forename in full.
    pub forename: String,
    /// What makes them easy or hard to find.
    pub kind: Kind,
    /// Number on the register, when they are on it.
    pub index: Option<u64>,
    /// Key of the relation on the register whom somebody absent resembles.
    pub near: Option<u64>,
}

/// Picks the cohort's people, each once, in the order of their rows.
/// `relations` as in [`super::rates::ErrorRates::relations`].
pub fn pick(
    population: &Population,
    register: u64,
    people: u64,
    relations: &[f64; 5],
    streams: &Streams,
) -> Vec<Known> {
    let mut taken = HashSet::new();
    (0..people)
        .map(|row| {
            let mut rng = streams.at(Purpose::Known, row);
            if rng.random_bool(ABSENT) {
                return absent(population, register, register + row, relations, &mut rng);
            }
            present(population, register, &mut taken, &mut rng)
        })
        .collect()
}

fn present(
    population: &Population,
    register: u64,
    taken: &mut HashSet<u64>,
    rng: &mut impl Rng,
) -> Known {
    let woman = rng.random_bool(WOMEN);
    // A small register may hold no look-alikes: after so many tries anybody will do.
    let mut look_alike_tries = if rng.random_bool(LOOK_ALIKES) { 500 } else { 0 };
    loop {
        let index = rng.random_range(0..register);
        let (person, own_kin) = population.person(index);
        // The other of the last pair may lie beyond the register's end.
        let kin = match index | 1 {
            odd if odd == index => own_kin,
            odd if odd < register => population.kin(index),
            _ => Kin::Plain,
        };
        if look_alike_tries > 0 && !matches!(kin, Kin::Twin | Kin::Junior) {
            look_alike_tries -= 1;
            continue;
        }
        if (person.female != woman && look_alike_tries == 0) || !taken.insert(index) {
            continue;
        }
        let kind = match kin {
            Kin::Plain => Kind::Plain,
            Kin::Sibling => Kind::Sibling,
            Kin::Twin => Kind::Twin,
            Kin::Junior => Kind::Junior,
        };
        return Known {
            forename: population.forename(index, &person, own_kin),
            person,
            kind,
            index: Some(index),
            near: None,
        };
    }
}

/// Somebody beyond the register's end: most of them strangers, some relations of somebody on it.
fn absent(
    population: &Population,
    register: u64,
    index: u64,
    relations: &[f64; 5],
    rng: &mut impl Rng,
) -> Known {
    let (mut person, _) = population.person(index);
    let kind = match choose(relations, rng) {
        1 => Kind::AbsentSibling,
        2 => Kind::AbsentSon,
        3 => Kind::AbsentTwin,
        4 => Kind::AbsentJunior,
        _ => Kind::Absent,
    };
    let mut near = None;
    let mut forename = person.forename.to_owned();
    if kind != Kind::Absent {
        let at = rng.random_range(0..register);
        let (anchor, kin) = population.person(at);
        near = Some(anchor.id);
        if kind == Kind::AbsentJunior {
            forename = population.forename(at, &anchor, kin);
            person.female = anchor.female;
        }
        relate(&mut person, anchor, kind, rng);
        if kind != Kind::AbsentJunior {
            forename = person.forename.to_owned();
        }
    }
    Known {
        person,
        forename,
        kind,
        index: None,
        near,
    }
}

/// Gives the person the surname, mostly the address, and what else the relation brings.
fn relate(person: &mut Person, anchor: Person, kind: Kind, rng: &mut impl Rng) {
    person.surname = anchor.surname;
    person.heritage = anchor.heritage;
    person.region = anchor.region;
    if rng.random_bool(0.7) {
        person.postcode = anchor.postcode;
    }
    let initial = anchor.forename.chars().next();
    let same_initial = rng.random_bool(0.25);
    for _ in 0..30 {
        person.forename = names::forename(anchor.heritage, person.female, rng);
        let starts = person.forename.chars().next() == initial;
        if person.forename != anchor.forename && (starts || !same_initial) {
            break;
        }
    }
    let generation = rng.random_range(18 * 365..36 * 365);
    let youngest = FIRST_DAY - 18 * 366;
    person.dob = match kind {
        Kind::AbsentTwin => anchor.dob,
        Kind::AbsentSibling => {
            let apart = rng.random_range(300..8 * 365);
            let older = rng.random_bool(0.5) || anchor.dob + apart > youngest;
            anchor.dob + if older { -apart } else { apart }
        }
        _ if anchor.dob + generation <= youngest => anchor.dob + generation,
        _ => anchor.dob - generation,
    };
    let serial = person.pnc_id.get(5..12).and_then(|s| s.parse().ok());
    let born = i32::from(crate::synth::person::civil(person.dob).year());
    person.pnc_id = pnc_id(born + person.age_first_offence, serial.unwrap_or(0));
}
