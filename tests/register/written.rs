//! What a name says depends on how it is written, and what a row says on what it gives: planted
//! registers.

use counterpart::identity::{Dob, Identity, Record};
use counterpart::linkage::{Field, LinkageModel, explain, train};
use counterpart::register::{PersonKey, RegisterIndex};

const FORENAMES: [&str; 6] = ["john", "david", "paul", "james", "peter", "colin"];
const BEGINNINGS: [&str; 8] = [
    "ather", "bram", "calder", "farns", "grim", "hather", "kel", "lang",
];
const ENDS: [&str; 8] = [
    "bridge", "combe", "croft", "dale", "ford", "gate", "thorpe", "wick",
];

/// Number `i` of people who are all different; their names are common.
struct Person {
    forename: &'static str,
    surname: String,
    dob: Dob,
    postcode: String,
    pnc_id: String,
}

impl Person {
    fn number(i: usize) -> Person {
        let days = i * 7919 % 18_000;
        Person {
            forename: FORENAMES[i % 6],
            surname: format!("{}{}", BEGINNINGS[i / 6 % 8], ENDS[i / 48 % 8]),
            dob: Dob::from_parts(
                1950 + (days / 360) as u32,
                1 + (days / 30 % 12) as u32,
                1 + (days % 28) as u32,
            ),
            postcode: format!("LS{}{}AB", 1 + i % 29, i * 31 % 9),
            pnc_id: format!("2003/{i:07}A"),
        }
    }

    fn record(&self) -> Record<'_> {
        Record {
            forename: self.forename,
            surname: &self.surname,
            dob: self.dob,
            sex: b'M',
            postcode: &self.postcode,
            pnc_id: &self.pnc_id,
            prison_number: "",
        }
    }
}

fn index(people: &[Person]) -> RegisterIndex {
    let keyed = people.iter().enumerate();
    RegisterIndex::of_records(keyed.map(|(i, p)| (PersonKey(i as u64), p.record()))).unwrap()
}

/// Bits of a name as `written`, against the register's first person.
fn bits(held: &RegisterIndex, known: &Person, field: Field, written: &str) -> (&'static str, f64) {
    let mut record = known.record();
    match field {
        Field::Forename => record.forename = written,
        _ => record.surname = written,
    }
    record.pnc_id = "";
    let identity = Identity::of_record(&record);
    let w = explain(&identity, held, 0, &LinkageModel::builtin(), None);
    let all: f64 = w.steps.iter().map(|s| s.bits + s.frequency_bits).sum();
    let rest = w.prior_bits + w.both_names_bits + w.relatives_bits + w.competition_bits;
    assert!((all + rest - w.total_bits).abs() < 1e-6);
    let step = w.steps.into_iter().find(|s| s.field == field).unwrap();
    (step.level, step.bits + step.frequency_bits)
}

/// The register has Athergates by the dozen: an Athergaze on nobody's birth certificate is one of
/// them, an Atherdate with dozens of his own name is mostly himself.
#[test]
fn a_slip_that_is_no_name_says_more_than_one_that_is() {
    let mut people: Vec<Person> = (0..3_000).map(Person::number).collect();
    people[0].surname = "athergate".into();
    for person in people.iter_mut().skip(1).step_by(100) {
        person.surname = "atherdate".into();
    }
    let held = index(&people);
    let (level, no_name) = bits(&held, &people[0], Field::Surname, "athergaze");
    assert_eq!(level, "one_typing_error");
    let (level, a_name) = bits(&held, &people[0], Field::Surname, "atherdate");
    assert_eq!(level, "one_typing_error");
    let (level, itself) = bits(&held, &people[0], Field::Surname, "athergate");
    assert_eq!(level, "exact");
    assert!(no_name > a_name + 4.0, "{no_name} and {a_name}");
    assert!(itself > a_name, "{itself} and {a_name}");
}

/// One in six begins with a J (John, James are two in six): log2 of 3 at the most.
#[test]
fn an_initial_is_weighed_by_all_who_have_it() {
    let people: Vec<Person> = (0..3_000).map(Person::number).collect();
    let held = index(&people);
    let (level, both) = bits(&held, &people[0], Field::Forename, "j");
    assert_eq!(level, "initial");
    assert!(both > 0.0 && both <= 3f64.log2() + 1e-9, "{both}");
    let (level, another) = bits(&held, &people[0], Field::Forename, "d");
    assert_eq!(level, "different");
    assert!(another < 0.0, "no John: {another}");
}

/// 1,200 with an identifier, all on the register; 300 without, a third of them on it.
#[test]
fn who_gives_no_identifier_is_on_the_register_as_often_as_the_file_says() {
    let people: Vec<Person> = (0..8_000).map(Person::number).collect();
    let held = index(&people[..6_000]);
    let with = people[..1_200]
        .iter()
        .map(|p| Identity::of_record(&p.record()));
    let without = people[1_200..1_300].iter().chain(&people[6_000..6_200]);
    let without = without.map(|p| {
        let mut record = p.record();
        record.pnc_id = "";
        Identity::of_record(&record)
    });
    let list: Vec<Identity> = with.chain(without).collect();
    let trained = train(&list, &held, &LinkageModel::builtin());
    assert!(trained.converged);
    let text = trained.model.to_toml();
    let overlap = |group: &str| -> f64 {
        let line = text.lines().find_map(|l| l.strip_prefix(group)).unwrap();
        line.trim_start_matches(" = ").parse().unwrap()
    };
    assert!(
        (overlap("no_identifier") - 0.333).abs() < 0.06,
        "{}",
        overlap("no_identifier")
    );
    assert!(overlap("pnc_id") > 0.98, "{}", overlap("pnc_id"));
    // Nobody gave it: what was thought before.
    assert!((overlap("both_identifiers") - 0.85).abs() < 1e-6);
    assert!((trained.model.overlap() - 1_300.0 / 1_500.0).abs() < 0.03);
}
