//! Does blocking find people whose records were spoilt? A synthetic register, every record asked for
//! with planted errors; the truth is known.

use counterpart::identity::{Dob, Record};
use counterpart::register::{ParquetRegister, Register as _, RegisterIndex};
use counterpart::synth::register::{RegisterPlan, make};
use rand::seq::IndexedRandom as _;
use rand::{Rng, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// A record that can be spoilt.
struct Spoilt {
    forename: String,
    surname: String,
    dob: Dob,
    postcode: String,
    pnc_id: String,
    prison_number: String,
}

impl Spoilt {
    fn of(r: &Record<'_>) -> Spoilt {
        Spoilt {
            forename: r.forename.into(),
            surname: r.surname.into(),
            dob: r.dob,
            postcode: r.postcode.into(),
            pnc_id: r.pnc_id.into(),
            prison_number: r.prison_number.into(),
        }
    }

    fn record(&self) -> Record<'_> {
        Record {
            forename: &self.forename,
            surname: &self.surname,
            dob: self.dob,
            sex: 0,
            postcode: &self.postcode,
            pnc_id: &self.pnc_id,
            prison_number: &self.prison_number,
        }
    }

    /// One error, of the kinds that lists of people have.
    fn err(&mut self, kind: Error, rng: &mut impl Rng) {
        let dob = self.dob;
        let (year, month, day) = (dob.year(), dob.month(), dob.day());
        match kind {
            Error::ForenameTypo => typo(&mut self.forename, rng),
            Error::SurnameTypo => typo(&mut self.surname, rng),
            Error::Initial => self.forename.truncate(1),
            Error::Married => {
                self.surname = (*["obi", "taylor", "khan"].choose(rng).unwrap()).into()
            }
            Error::Swapped => std::mem::swap(&mut self.forename, &mut self.surname),
            Error::Barrelled => self.surname.push_str(" walker"),
            Error::DobBlank => self.dob = Dob::MISSING,
            Error::DayAndMonth => self.dob = dob.swapped(),
            Error::NewYear => self.dob = Dob::from_parts(year, 1, 1),
            Error::DobDigit => {
                let digit = [1, 10, 100, 1_000, 10_000, 100_000].choose(rng).unwrap();
                let (now, at) = (dob.expose(), *digit);
                let (old, new) = (now / at % 10, rng.random_range(0..10));
                let now = now - old * at + new * at;
                self.dob = Dob::from_parts(now / 10_000, now / 100 % 100, now % 100);
            }
            Error::Year => self.dob = Dob::from_parts(year + rng.random_range(1..4), month, day),
            Error::PostcodeBlank => self.postcode.clear(),
            Error::Moved => self.postcode = "ZZ99ZZ".into(),
            Error::PncBlank => self.pnc_id.clear(),
            Error::PncDigit => typo(&mut self.pnc_id, rng),
            Error::PrisonBlank => self.prison_number.clear(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Error {
    ForenameTypo,
    SurnameTypo,
    Initial,
    Married,
    Swapped,
    Barrelled,
    DobBlank,
    DayAndMonth,
    NewYear,
    DobDigit,
    Year,
    PostcodeBlank,
    Moved,
    PncBlank,
    PncDigit,
    PrisonBlank,
}

use Error::*;
const ERRORS: [Error; 16] = [
    ForenameTypo,
    SurnameTypo,
    Initial,
    Married,
    Swapped,
    Barrelled,
    DobBlank,
    DayAndMonth,
    NewYear,
    DobDigit,
    Year,
    PostcodeBlank,
    Moved,
    PncBlank,
    PncDigit,
    PrisonBlank,
];

/// A letter changed, dropped, doubled, or exchanged with the next.
fn typo(text: &mut String, rng: &mut impl Rng) {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.is_empty() {
        return;
    }
    let at = rng.random_range(0..letters.len());
    match rng.random_range(0..4) {
        0 => letters[at] = rng.random_range('a'..='z'),
        1 if letters.len() > 1 => drop(letters.remove(at)),
        2 if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => letters.insert(at, letters[at]),
    }
    *text = letters.into_iter().collect();
}

/// Share found, and candidates a person, when each of the people asked for has two errors.
fn found(index: &RegisterIndex, people: u32, ids: bool) -> (f64, f64) {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let (mut rows, mut hits, mut candidates) = (Vec::new(), 0u32, 0usize);
    let mut lost: std::collections::BTreeMap<String, u32> = Default::default();
    let kinds = if ids { &ERRORS[..] } else { &ERRORS[..13] };
    for _ in 0..people {
        let row = rng.random_range(0..index.rows());
        let mut asked = Spoilt::of(&index.record(row));
        if !ids {
            asked.pnc_id.clear();
            asked.prison_number.clear();
        }
        let errors: Vec<Error> = kinds.sample(&mut rng, 2).copied().collect();
        for &error in &errors {
            asked.err(error, &mut rng);
        }
        index.candidates(&asked.record(), &mut rows);
        candidates += rows.len();
        match rows.binary_search(&row) {
            Ok(_) => hits += 1,
            Err(_) => *lost.entry(format!("{errors:?}")).or_default() += 1,
        }
    }
    if std::env::var_os("COUNTERPART_REGISTER").is_some() {
        let mut lost: Vec<_> = lost.into_iter().collect();
        lost.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        println!("{:?}", &lost[..lost.len().min(12)]);
    }
    (
        f64::from(hits) / f64::from(people),
        candidates as f64 / f64::from(people),
    )
}

#[test]
fn people_with_two_errors_are_among_the_candidates() {
    let dir = tempfile::tempdir().unwrap();
    make(&RegisterPlan::new(20_000, 5), dir.path(), &mut |_| {}).unwrap();
    let index = ParquetRegister::open(dir.path()).unwrap().index().unwrap();
    let (with_ids, candidates) = found(&index, 10_000, true);
    assert!(with_ids >= 0.998, "{with_ids}");
    assert!(candidates < 40.0, "{candidates} of 20,000 a person");
    let (without, candidates) = found(&index, 10_000, false);
    assert!(without >= 0.985, "{without}");
    assert!(candidates < 40.0, "{candidates} of 20,000 a person");
}

/// Prints what the README says of a register of a million.
#[test]
#[ignore = "needs a register: COUNTERPART_REGISTER=DIR"]
fn measured_on_a_large_register() {
    let dir = std::env::var_os("COUNTERPART_REGISTER").unwrap();
    let register = ParquetRegister::open(dir.as_ref()).unwrap();
    let start = std::time::Instant::now();
    let index = register.index().unwrap();
    println!("{:?}, {} people", start.elapsed(), index.people());
    println!(
        "{} bytes a person",
        index.to_bytes().len() as f64 / index.people() as f64
    );
    for ids in [true, false] {
        let start = std::time::Instant::now();
        println!("ids {ids}: {:?}", found(&index, 10_000, ids));
        println!("{:?}", start.elapsed());
    }
}
