//! People who cannot be taken for anybody else, and the files they are planted in.

use counterpart::cohort::pnc::check_letter;
use polars::prelude::{Column, DataFrame, ParquetWriter};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Planted in the register beside the people looked for, so that it is worth reading in parallel.
const OTHERS: usize = 5_000;

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

    /// Writes the cohort and the register with those people in them.
    pub fn write(folder: &Path, people: &[Person]) -> Plan {
        let plan = Plan::at(folder);
        fs::create_dir_all(&plan.register).unwrap();
        fs::create_dir_all(&plan.temp).unwrap();
        fs::write(&plan.cohort, cohort_csv(people)).unwrap();
        let others = self::people(OTHERS);
        let everyone: Vec<&Person> = others.iter().chain(people).collect();
        let file = File::create(plan.register.join("persons.parquet")).unwrap();
        let mut table = persons_table(&everyone);
        ParquetWriter::new(file).finish(&mut table).unwrap();
        plan
    }
}

fn cohort_csv(people: &[Person]) -> String {
    let mut csv = String::from(
        "Forename,Surname,Date of birth,Sex,Postcode,PNC ID,Prison number,Start date\n",
    );
    for (i, p) in people.iter().enumerate() {
        csv += &format!(
            "{},{},{:02}/{:02}/{},{},{},{},{},01/06/2023\n",
            p.forename,
            p.surname,
            i % 28 + 1,
            i % 12 + 1,
            1960 + i % 40,
            ["F", "M"][i % 2],
            p.postcode,
            p.pnc_id,
            p.prison_number
        );
    }
    csv
}

fn persons_table(people: &[&Person]) -> DataFrame {
    let text = |name: &str, value: fn(&Person) -> &str| {
        let values: Vec<&str> = people.iter().map(|p| value(p)).collect();
        Column::new(name.into(), values)
    };
    let keys: Vec<u64> = (1..=people.len() as u64).collect();
    let sexes: Vec<&str> = (0..people.len()).map(|i| ["F", "M"][i % 2]).collect();
    DataFrame::new(
        people.len(),
        vec![
            Column::new("person_id".into(), keys),
            text("forename", |p| &p.forename),
            text("surname", |p| &p.surname),
            Column::new("sex".into(), sexes),
            text("postcode", |p| &p.postcode),
            text("pnc_id", |p| &p.pnc_id),
            text("prison_number", |p| &p.prison_number),
        ],
    )
    .unwrap()
}
