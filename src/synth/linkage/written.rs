//! How a charity writes somebody down: each field with what may go wrong in it.

use super::population::Population;
use super::rates::ErrorRates;
use super::slips::{capitalised, nickname, other_spelling, part, typo, without_marks};
use super::who::Known;
use crate::synth::names;
use crate::synth::person::{Person, civil};
use crate::synth::places;
use crate::synth::random::choose;
use rand::{Rng, RngExt};

/// One row of the file, and what is wrong with it.
pub struct Row {
    /// Given name.
    pub forename: String,
    /// Family name.
    pub surname: String,
    /// Date of birth, in one of six styles.
    pub dob: String,
    /// Sex.
    pub sex: &'static str,
    /// Postcode.
    pub postcode: String,
    /// PNC id.
    pub pnc_id: String,
    /// Prison number.
    pub prison_number: String,
    /// What went wrong, by name, in the order of the columns.
    pub errors: Vec<&'static str>,
}

/// Somebody writing a row down.
pub struct Writer<'a, R> {
    /// How often what goes wrong.
    pub rates: &'a ErrorRates,
    /// Whose ids may be taken for this one's.
    pub population: &'a Population,
    /// How many people the register holds.
    pub register: u64,
    /// The row's own random numbers.
    pub rng: R,
    care: f64,
    errors: Vec<&'static str>,
}

impl<'a, R: Rng> Writer<'a, R> {
    /// A writer for one row, careful or careless as it falls.
    pub fn new(rates: &'a ErrorRates, population: &'a Population, register: u64, rng: R) -> Self {
        let mut rng = rng;
        let care = rates.care[choose(&rates.care_shares, &mut rng)];
        Writer {
            rates,
            population,
            register,
            rng,
            care,
            errors: Vec::new(),
        }
    }

    /// The row.
    pub fn row(mut self, known: &Known) -> Row {
        let p = &known.person;
        let (forename, surname) = self.names(p, &known.forename);
        let dob = self.dob(p);
        let sex = self.sex(p.female);
        let postcode = self.postcode(p);
        let pnc_id = self.pnc_id(known);
        let prison_number = self.prison_number(known);
        Row {
            forename,
            surname,
            dob,
            sex,
            postcode,
            pnc_id,
            prison_number,
            errors: self.errors,
        }
    }

    /// Something that happens to people, however careful who writes is.
    fn happens(&mut self, rate: f64, what: &'static str) -> bool {
        let does = self.rng.random_bool(rate.clamp(0.0, 1.0));
        if does {
            self.errors.push(what);
        }
        does
    }

    /// An error of writing.
    fn slips(&mut self, rate: f64, what: &'static str) -> bool {
        self.happens((rate * self.care).min(0.9), what)
    }

    fn names(&mut self, p: &Person, full: &str) -> (String, String) {
        let surname = self.surname(p);
        let forename = self.forename(p, full);
        let (forename, surname) = match self.slips(self.rates.swapped_names, "swapped_names") {
            true => (surname, forename),
            false => (forename, surname),
        };
        let style = self.rng.random::<f64>();
        let cased = |name: String| match style {
            s if s < self.rates.capitals => name.to_uppercase(),
            s if s < self.rates.capitals + self.rates.small_letters => name.to_lowercase(),
            _ => name,
        };
        (cased(forename), cased(surname))
    }

    fn surname(&mut self, p: &Person) -> String {
        let rates = self.rates;
        let mut name = p.surname.clone();
        let changed = match p.female {
            true => self.happens(rates.married_surname, "married_surname"),
            false => self.happens(rates.changed_surname, "changed_surname"),
        };
        if changed {
            let new = names::surname(p.heritage, &mut self.rng);
            // One in five keeps the old name beside the new.
            name = match self.rng.random_bool(0.2) && !name.contains('-') && !new.contains('-') {
                true => format!("{name}-{new}"),
                false => new,
            };
        } else if name.contains('-') && self.happens(rates.part_of_double, "part_of_surname") {
            name = part(&name, &mut self.rng).unwrap_or(name);
        }
        self.spelling(
            name,
            rates.surname_typo,
            ["surname_spelling", "surname_marks", "surname_typo"],
        )
    }

    fn forename(&mut self, p: &Person, full: &str) -> String {
        let rates = self.rates;
        if self.slips(rates.initial, "initial") {
            return full.chars().take(1).collect();
        }
        let mut name = full.to_owned();
        if self.happens(rates.other_forename, "other_forename") {
            name = names::forename(p.heritage, p.female, &mut self.rng).to_owned();
        } else if let Some(short) = nickname(&name, &mut self.rng) {
            if self.happens(rates.nickname, "nickname") {
                name = short.to_owned();
            }
        } else if name.contains('-') && self.happens(rates.part_of_double, "part_of_forename") {
            name = part(&name, &mut self.rng).unwrap_or(name);
        }
        let labels = ["forename_spelling", "forename_marks", "forename_typo"];
        let mut name = self.spelling(name, rates.forename_typo, labels);
        if self.happens(rates.middle_added, "middle_added") {
            let middle = names::forename(p.heritage, p.female, &mut self.rng);
            name.push(' ');
            match self.rng.random_bool(0.6) {
                true => name.extend(middle.chars().take(1)),
                false => name.push_str(middle),
            }
        }
        name
    }

    /// Another spelling, marks left out, a slip: `labels` in this order.
    fn spelling(&mut self, name: String, typo_rate: f64, labels: [&'static str; 3]) -> String {
        let mut name = name;
        if let Some(other) = other_spelling(&name, &mut self.rng)
            && self.slips(self.rates.other_spelling, labels[0])
        {
            name = other.to_owned();
        }
        if let Some(plain) = without_marks(&name, &mut self.rng)
            && self.happens(self.rates.marks_changed, labels[1])
        {
            name = plain;
        }
        if self.slips(typo_rate, labels[2]) {
            name = typo(&name, &mut self.rng);
        }
        name
    }

    fn dob(&mut self, p: &Person) -> String {
        let rates = self.rates;
        if self.slips(rates.dob_blank, "dob_blank") {
            return String::new();
        }
        let born = civil(p.dob);
        let (mut year, mut month, mut day) = (i32::from(born.year()), born.month(), born.day());
        if self.happens(rates.dob_first_january, "dob_first_january") {
            (month, day) = (1, 1);
        } else if self.slips(rates.dob_year, "dob_year") {
            let off = 1 + (self.rng.random::<f64>().powi(2) * 10.0) as i32;
            year += if self.rng.random_bool(0.5) { off } else { -off };
        } else if day <= 12 && day != month && self.slips(rates.dob_swapped, "dob_swapped") {
            (month, day) = (day, month);
        } else if self.slips(rates.dob_digit, "dob_digit") {
            (year, month, day) = wrong_digit((year, month, day), &mut self.rng);
        }
        let other_style = self.rng.random_bool(rates.dob_other_style);
        date(year, month, day, other_style, &mut self.rng)
    }

    fn sex(&mut self, female: bool) -> &'static str {
        if self.slips(self.rates.sex_blank, "sex_blank") {
            return "";
        }
        let female = female ^ self.slips(self.rates.sex_wrong, "sex_wrong");
        match (female, self.rng.random_range(0..10)) {
            (true, 0..5) => "F",
            (true, 5..8) => "Female",
            (true, _) => "f",
            (false, 0..5) => "M",
            (false, 5..8) => "Male",
            (false, _) => "m",
        }
    }

    fn postcode(&mut self, p: &Person) -> String {
        let rates = self.rates;
        if self.happens(rates.postcode_blank, "postcode_blank") {
            return String::new();
        }
        let mut postcode = p.postcode.clone();
        if self.happens(rates.moved, "moved") {
            postcode = self.moved_to(p);
        }
        if self.slips(rates.postcode_partial, "postcode_partial") {
            let (district, unit) = postcode.split_once(' ').unwrap_or((&postcode, ""));
            return match (self.rng.random_bool(0.6), unit.get(..1)) {
                (false, Some(sector)) => format!("{district} {sector}"),
                _ => district.to_owned(),
            };
        }
        if self.slips(rates.postcode_typo, "postcode_typo") {
            postcode = typo(&postcode, &mut self.rng).to_uppercase();
        }
        match self.rng.random_range(0..10) {
            0..6 => postcode,
            6..9 => postcode.replace(' ', ""),
            _ => postcode.to_lowercase(),
        }
    }

    /// The same area, when they stay near; else anywhere.
    fn moved_to(&mut self, p: &Person) -> String {
        if !self.rng.random_bool(self.rates.moved_nearby) {
            let region = places::region(&mut self.rng);
            return places::postcode(region, &mut self.rng);
        }
        let new = places::postcode(p.region, &mut self.rng);
        let digits = |s: &str| s.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
        format!(
            "{}{}",
            &p.postcode[..digits(&p.postcode)],
            &new[digits(&new)..]
        )
    }

    fn pnc_id(&mut self, known: &Known) -> String {
        let rates = self.rates;
        // Whoever was never convicted mostly has none.
        let blank = if known.kind.is_absent() {
            0.75
        } else {
            rates.pnc_blank
        };
        if self.happens(blank, "pnc_blank") {
            return String::new();
        }
        let mut id = known.person.pnc_id.clone();
        if self.happens(rates.pnc_of_another, "pnc_of_another") {
            let other = match known.index {
                // Half of the time the line beside theirs.
                Some(index) if self.rng.random_bool(0.5) && (index ^ 1) < self.register => {
                    index ^ 1
                }
                _ => self.rng.random_range(0..self.register),
            };
            id = self.population.person(other).0.pnc_id;
        }
        if self.slips(rates.pnc_digit, "pnc_digit") {
            let at = self.rng.random_range(5..12);
            id = with_other_digit(&id, at, &mut self.rng);
        }
        if self.slips(rates.pnc_without_letter, "pnc_without_letter") {
            id.pop();
        }
        if self.rng.random_bool(rates.pnc_short) {
            let short = id.split_off(2);
            let (year, serial) = short.split_once('/').unwrap_or((&short, ""));
            id = match self.rng.random_bool(0.3) {
                true => format!("{year}/{}", serial.trim_start_matches('0')),
                false => format!("{year}/{serial}"),
            };
        }
        id
    }

    fn prison_number(&mut self, known: &Known) -> String {
        let absent = known.kind.is_absent();
        let blank = if absent {
            0.95
        } else {
            self.rates.prison_blank
        };
        if self.happens(blank, "prison_blank") {
            return String::new();
        }
        let number = &known.person.prison_number;
        match self.slips(self.rates.prison_typo, "prison_typo") {
            true => {
                let at = self.rng.random_range(1..5);
                with_other_digit(number, at, &mut self.rng)
            }
            false => number.clone(),
        }
    }
}

/// The text with another digit at that place.
fn with_other_digit(text: &str, at: usize, rng: &mut impl Rng) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let digit = bytes[at].wrapping_sub(b'0') % 10;
    bytes[at] = b'0' + (digit + rng.random_range(1..10)) % 10;
    // Identifiers are ASCII, and so is a digit.
    String::from_utf8(bytes).unwrap_or_default()
}

/// One digit wrong, in a date that still has a month and a day (31 February among them).
fn wrong_digit((year, month, day): (i32, i8, i8), rng: &mut impl Rng) -> (i32, i8, i8) {
    let text = format!("{year:04}{month:02}{day:02}");
    loop {
        let at = rng.random_range(2..8);
        let wrong = with_other_digit(&text, at, rng);
        let number = |range: std::ops::Range<usize>| wrong[range].parse::<i32>().unwrap_or(0);
        let (y, m, d) = (number(0..4), number(4..6), number(6..8));
        if (1..=12).contains(&m) && (1..=31).contains(&d) && (1930..=2008).contains(&y) {
            // Both are at most two digits.
            return (y, m as i8, d as i8);
        }
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// dd/mm/yyyy, or one of five other styles.
fn date(y: i32, m: i8, d: i8, other_style: bool, rng: &mut impl Rng) -> String {
    if !other_style {
        return format!("{d:02}/{m:02}/{y:04}");
    }
    // Months run from 1 to 12.
    let month = MONTHS[(m as usize).saturating_sub(1) % 12];
    match choose(&[25.0, 30.0, 20.0, 15.0, 10.0], rng) {
        0 => format!("{d}/{m}/{:02}", y.rem_euclid(100)),
        1 => format!("{y:04}-{m:02}-{d:02}"),
        2 => format!("{d} {} {y:04}", &month[..3]),
        3 => format!("{d:02}.{m:02}.{y:04}"),
        _ => format!("{d:02}-{m:02}-{y:04}"),
    }
}

/// A slip in a name that still looks like a name.
pub(super) fn misspelt(name: &str, rng: &mut impl Rng) -> String {
    match name.is_ascii() {
        true => capitalised(&typo(name, rng)),
        false => name.to_owned(),
    }
}
