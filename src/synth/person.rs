//! One invented person: names, birth, address, identifiers.
//!
//! Households make people hard to tell apart: every seventh person or so shares surname and address with
//! the one before, and a few of those are twins, with the same day of birth too.

use super::names::{self, Heritage};
use super::places::{self, Region};
use super::random::{Purpose, Scramble, Streams};
use crate::identity::pnc::check_letter;
use rand::{Rng, RngExt};
use rand_distr::{Distribution, Gamma};

/// The largest primes below what each identifier can hold: no two people share one.
const PNC_SERIALS: u64 = 9_999_991;
const PRISON_NUMBERS: u64 = 99_999_989;
const PERSON_IDS: u64 = 99_999_989;

/// More people than this, and PNC serials would have to repeat.
pub const MOST_PEOPLE: u64 = 9_000_000;

/// 2021-01-01 in days since 1970-01-01: the register's first day, to which ages refer.
pub const FIRST_DAY: i32 = 18_628;

/// With whom somebody lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Household {
    /// Nobody else of the register.
    Own,
    /// Shares surname, and mostly address, with the person before.
    Shared,
    /// Twin of the person before.
    Twin,
}

/// A person as generated, before blanks are made.
pub struct Person {
    /// Pseudonymous key.
    pub id: u64,
    /// Forename.
    pub forename: &'static str,
    /// Surname.
    pub surname: String,
    /// Day of birth, days since 1970-01-01.
    pub dob: i32,
    /// Woman?
    pub female: bool,
    /// Postcode.
    pub postcode: String,
    /// PNC id, canonical.
    pub pnc_id: String,
    /// Prison number.
    pub prison_number: String,
    /// Family background.
    pub heritage: Heritage,
    /// With whom they live.
    pub household: Household,
    /// Region of the address.
    pub region: &'static Region,
    /// Age at first offence.
    pub age_first_offence: i32,
    /// Pull towards offending, standard normal. Shapes the career's covariates, never the outcome directly.
    pub pull: f64,
    /// Disadvantage, standard normal; likewise.
    pub disadvantage: f64,
}

/// Makes people, any of them at any time.
pub struct People {
    streams: Streams,
    serial: Scramble,
    prison: Scramble,
    key: Scramble,
}

impl People {
    /// The people of a seed.
    pub fn new(streams: Streams) -> Self {
        let mut rng = streams.at(Purpose::Scramble, 0);
        People {
            streams,
            serial: Scramble::new(PNC_SERIALS, &mut rng),
            prison: Scramble::new(PRISON_NUMBERS, &mut rng),
            key: Scramble::new(PERSON_IDS, &mut rng),
        }
    }

    /// Person number `index`, counted from 0.
    pub fn person(&self, index: u64) -> Person {
        let mut rng = self.streams.at(Purpose::Identity, index);
        let mut person = self.alone(index, &mut rng);
        // Only odd numbers have kin, always even ones, so that nobody's kin depends on a chain.
        if index % 2 == 1 && rng.random_bool(0.3) {
            let mut kin_rng = self.streams.at(Purpose::Identity, index - 1);
            join_household(&mut person, self.alone(index - 1, &mut kin_rng), &mut rng);
        }
        let born = i32::from(civil(person.dob).year());
        person.pnc_id = pnc_id(born + person.age_first_offence, self.serial.of(index));
        person
    }

    fn alone(&self, index: u64, rng: &mut impl Rng) -> Person {
        let heritage = names::heritage(rng);
        let female = rng.random_bool(0.15);
        let pull = standard_normal(rng);
        let age_years = (18.0 + gamma(2.0, 8.5, rng)).min(78.0);
        let age_first_offence = (11.0 + gamma(2.0, 4.0 * (-0.3 * pull).exp(), rng))
            .floor()
            .min((age_years - 0.5).floor()) as i32;
        let region = places::region(rng);
        Person {
            id: 100_000_000 + self.key.of(index),
            forename: names::forename(heritage, female, rng),
            surname: names::surname(heritage, rng),
            dob: birthday(FIRST_DAY - (age_years * 365.25) as i32, rng),
            female,
            postcode: places::postcode(region, rng),
            pnc_id: String::new(),
            prison_number: prison_number(self.prison.of(index)),
            heritage,
            household: Household::Own,
            region,
            age_first_offence,
            pull,
            disadvantage: standard_normal(rng),
        }
    }
}

/// One in sixty has a birthday nobody knew, written down as 1 January.
fn birthday(day: i32, rng: &mut impl Rng) -> i32 {
    if rng.random_bool(1.0 / 60.0) {
        days(civil(day).first_of_year())
    } else {
        day
    }
}

/// Shares surname, background and address; a twin also shares the day of birth.
fn join_household(person: &mut Person, kin: Person, rng: &mut impl Rng) {
    person.household = Household::Shared;
    person.heritage = kin.heritage;
    person.surname = kin.surname;
    person.region = kin.region;
    if rng.random_bool(0.7) {
        person.postcode = kin.postcode;
    }
    person.forename = names::forename(kin.heritage, person.female, rng);
    if rng.random_bool(0.05) {
        person.household = Household::Twin;
        person.dob = kin.dob;
        person.age_first_offence = kin.age_first_offence;
    }
}

/// `YYYY/NNNNNNNC`: the year the record was opened, the serial, the check letter.
pub(super) fn pnc_id(year: i32, serial: u64) -> String {
    // Years lie within 1950..2030 and serials below ten million: neither cast can lose anything.
    let letter = check_letter(year as u32, serial as u32);
    format!("{year:04}/{serial:07}{letter}")
}

/// `A1234BC`: a letter, four digits, two letters.
fn prison_number(number: u64) -> String {
    let letter = |n: u64| char::from(b'A' + (n % 26) as u8);
    let (digits, rest) = (number % 10_000, number / 10_000);
    let (last, rest) = (letter(rest), rest / 26);
    let (middle, rest) = (letter(rest), rest / 26);
    format!("{}{digits:04}{middle}{last}", letter(rest))
}

/// A standard normal number.
pub fn standard_normal(rng: &mut impl Rng) -> f64 {
    rand_distr::StandardNormal.sample(rng)
}

/// A gamma number, or 0 for parameters that make no distribution (none here do).
pub fn gamma(shape: f64, scale: f64, rng: &mut impl Rng) -> f64 {
    Gamma::new(shape, scale).map_or(0.0, |g| g.sample(rng))
}

/// The calendar day of a day number.
pub fn civil(day: i32) -> jiff::civil::Date {
    // Day numbers made here lie within a century of 1970: the addition cannot overflow.
    jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(day))
}

/// The day number of a calendar day.
pub fn days(date: jiff::civil::Date) -> i32 {
    let span = jiff::civil::date(1970, 1, 1).until(date);
    // `until` counts in days, and any calendar day is within range of the first.
    span.map_or(0, |s| s.get_days())
}
