//! People who cannot be taken for anybody else, and the files they are planted in.

use counterpart::cohort::iso;
use counterpart::identity::pnc::check_letter;
use counterpart::synth::register::{self, RegisterPlan};
use polars::prelude::{Column, DataFrame, ParquetReader, ParquetWriter, SerReader};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// People on the register, so that more than 200 took part and reading it is worth two threads.
const REGISTER: u64 = 8_000;

/// A person, as text.
pub struct Person {
    pub forename: String,
    pub surname: String,
    pub postcode: String,
    pub pnc_id: String,
    pub prison_number: String,
}

impl Person {
    /// Every form in which a careless programme could keep one of the values.
    pub fn forms(&self) -> Vec<String> {
        let mut forms = Vec::new();
        for name in [&self.forename, &self.surname] {
            forms.extend([name.clone(), name.to_uppercase(), name.to_lowercase()]);
        }
        for id in [&self.postcode, &self.pnc_id, &self.prison_number] {
            let bare: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
            forms.extend([id.to_lowercase(), bare.to_lowercase(), bare, id.clone()]);
        }
        forms.sort();
        forms.dedup();
        forms
    }
}

/// People of random letters, different in every run: nothing of an earlier one can be mistaken.
pub fn people(n: usize) -> Vec<Person> {
    let mut seed = [0; 32];
    File::open("/dev/urandom")
        .and_then(|mut f| std::io::Read::read_exact(&mut f, &mut seed))
        .unwrap();
    let mut random = ChaCha12Rng::from_seed(seed);
    (0..n).map(|_| person(&mut random)).collect()
}

fn person(random: &mut impl Rng) -> Person {
    let year = random.random_range(1980..2020);
    let serial = random.random_range(1_000_000..10_000_000);
    let letter = check_letter(year, serial);
    Person {
        forename: capitalised(&letters(random, 9)),
        surname: capitalised(&letters(random, 12)),
        postcode: format!(
            "{}{} {}{}",
            letters(random, 2),
            random.random_range(10..100),
            random.random_range(0..10),
            letters(random, 2)
        ),
        pnc_id: format!("{year}/{serial}{letter}"),
        prison_number: format!(
            "{}{}{}",
            letters(random, 1),
            random.random_range(1_000..10_000),
            letters(random, 2)
        ),
    }
}

fn letters(random: &mut impl Rng, n: usize) -> String {
    (0..n)
        .map(|_| char::from(random.random_range(b'A'..=b'Z')))
        .collect()
}

fn capitalised(word: &str) -> String {
    format!("{}{}", &word[..1], word[1..].to_lowercase())
}

/// Where things are.
pub struct Plan {
    pub cohort: PathBuf,
    pub register: PathBuf,
    pub out: PathBuf,
    pub temp: PathBuf,
}

impl Plan {
    /// The places under that folder.
    pub fn at(folder: &Path) -> Plan {
        Plan {
            // A file's own name can be personal as well.
            cohort: folder.join("Qzxwvkj-Pfllgrth clients.csv"),
            register: folder.join("register"),
            out: folder.join("out"),
            temp: folder.join("temp"),
        }
    }

    /// Writes the cohort and a register with those people in them: a synthetic register in which
    /// they stand in the place of people who took part.
    pub fn write(folder: &Path, people: &[Person]) -> Plan {
        let plan = Plan::at(folder);
        fs::create_dir_all(&plan.temp).unwrap();
        register::make(&RegisterPlan::new(REGISTER, 7), &plan.register, &mut |_| {}).unwrap();
        let participants = read(&plan.register.join("truth/participants.parquet"));
        let starts: Vec<(u64, i32)> = {
            let ids = participants.column("person_id").unwrap().u64().unwrap();
            let starts = participants.column("programme_start").unwrap();
            let starts = starts.date().unwrap().physical();
            ids.iter()
                .zip(starts.iter())
                .map(|(id, day)| (id.unwrap(), day.unwrap()))
                .collect()
        };
        let mut persons = read(&plan.register.join("persons.parquet"));
        let rows = replace(&mut persons, &starts, people);
        let file = File::create(plan.register.join("persons.parquet")).unwrap();
        ParquetWriter::new(file).finish(&mut persons).unwrap();
        fs::write(&plan.cohort, cohort_csv(people, &rows)).unwrap();
        plan
    }
}

fn read(path: &Path) -> DataFrame {
    ParquetReader::new(File::open(path).unwrap())
        .finish()
        .unwrap()
}

/// Puts the people in the place of those who took part and have a date of birth; gives each one's
/// date of birth and start.
fn replace(persons: &mut DataFrame, starts: &[(u64, i32)], people: &[Person]) -> Vec<(i32, i32)> {
    let start_of: HashMap<u64, i32> = starts.iter().copied().collect();
    let ids = persons.column("person_id").unwrap().u64().unwrap().clone();
    let dobs = persons
        .column("dob")
        .unwrap()
        .date()
        .unwrap()
        .physical()
        .clone();
    let places: Vec<(usize, i32, i32)> = (0..persons.height())
        .filter_map(|row| Some((row, dobs.get(row)?, *start_of.get(&ids.get(row)?)?)))
        .take(people.len())
        .collect();
    assert_eq!(places.len(), people.len(), "enough people took part");
    type Field = (&'static str, fn(&Person) -> &str);
    let fields: [Field; 5] = [
        ("forename", |p| &p.forename),
        ("surname", |p| &p.surname),
        ("postcode", |p| &p.postcode),
        ("pnc_id", |p| &p.pnc_id),
        ("prison_number", |p| &p.prison_number),
    ];
    for (name, value) in fields {
        let old = persons.column(name).unwrap().str().unwrap().clone();
        let mut new: Vec<Option<&str>> = old.iter().collect();
        for (person, place) in people.iter().zip(&places) {
            new[place.0] = Some(value(person));
        }
        let column = Column::new(name.into(), new);
        persons.replace(name, column).unwrap();
    }
    places
        .into_iter()
        .map(|(_, dob, start)| (dob, start))
        .collect()
}

fn cohort_csv(people: &[Person], rows: &[(i32, i32)]) -> String {
    let mut csv =
        String::from("Forename,Surname,Date of birth,Postcode,PNC ID,Prison number,Start date\n");
    for (p, (dob, start)) in people.iter().zip(rows) {
        let row = [
            &p.forename,
            &p.surname,
            &iso(*dob),
            &p.postcode,
            &p.pnc_id,
            &p.prison_number,
            &iso(*start),
        ];
        csv += &row.map(String::as_str).join(",");
        csv.push('\n');
    }
    csv
}
