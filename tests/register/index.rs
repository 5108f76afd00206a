//! The index of a register's persons: the same answers in memory, as bytes and from a file; every
//! damage told.

use counterpart::identity::{Dob, Record};
use counterpart::register::{PersonKey, RegisterIndex};

const NAMES: [(&str, &str); 8] = [
    ("william", "smith"),
    ("mary jane", "obrien smith"),
    ("mohammed", "al hassan"),
    ("anna", "kowalska"),
    ("", "jones"),
    ("ольга", "иванова"),
    ("john", "smith"),
    ("zoe", ""),
];

/// A few hundred people with blanks, aliases, repeated and odd values.
fn people() -> Vec<(PersonKey, Record<'static>)> {
    const POSTCODES: [&str; 4] = ["SW1A1AA", "M11AE", "", "CF101EP"];
    const PNC: [&str; 3] = ["2003/1234567Q", "1979/0163001B", ""];
    const PRISON: [&str; 3] = ["A1234BC", "", "ODD1"];
    (0..300u32)
        .map(|i| {
            let (forename, surname) = NAMES[i as usize % NAMES.len()];
            let record = Record {
                forename,
                surname,
                dob: match i % 11 {
                    0 => Dob::MISSING,
                    1 => Dob::from_parts(1980, 13, 31),
                    _ => Dob::from_parts(1950 + i % 50, 1 + i % 12, 1 + i % 28),
                },
                sex: [b'F', b'M', b'X', 0][i as usize % 4],
                postcode: POSTCODES[i as usize % 4],
                pnc_id: PNC[i as usize % 3],
                prison_number: PRISON[i as usize % 3],
            };
            (PersonKey(u64::from(i / 2) + 1_000), record)
        })
        .collect()
}

#[test]
fn every_record_reads_as_it_was_given() {
    let people = people();
    let index = RegisterIndex::of_records(people.iter().copied()).unwrap();
    assert_eq!((index.rows(), index.people()), (300, 150));
    for (row, (person, record)) in (0..).zip(&people) {
        assert!(index.record(row) == *record, "row {row}");
        assert_eq!(index.person(row), *person);
        assert_eq!(index.external_id(row), person.0.to_string());
    }
    assert!(index.record(300).surname.is_empty());
}

#[test]
fn counts_are_those_of_the_records() {
    let people = people();
    let index = RegisterIndex::of_records(people.iter().copied()).unwrap();
    let smith = index.surname_id("smith").unwrap();
    let smiths = people.iter().filter(|(_, r)| r.surname == "smith").count();
    assert_eq!(index.surname_count(smith) as usize, smiths);
    assert_eq!(index.surname(smith), "smith");
    assert_eq!(index.surname_id("smyth"), None);
    assert_eq!(index.forename_id(""), Some(0));
    assert_eq!(index.forenames() as usize, NAMES.len());
    let total: u32 = (0..index.postcodes())
        .map(|id| index.postcode_count(id))
        .sum();
    assert_eq!(total, index.rows());
    let odd = Dob::from_parts(1980, 13, 31);
    let odds = people.iter().filter(|(_, r)| r.dob == odd).count();
    assert_eq!(index.dob_count(odd) as usize, odds);
    assert_eq!(index.dob_count(Dob::MISSING), 0);
}

#[test]
fn everybody_is_a_candidate_for_themselves_and_candidates_ascend() {
    let people = people();
    let index = RegisterIndex::of_records(people.iter().copied()).unwrap();
    let mut rows = Vec::new();
    for (row, (_, record)) in (0..).zip(&people) {
        index.candidates(record, &mut rows);
        assert!(rows.windows(2).all(|w| w[0] < w[1]));
        let findable = !record.dob.is_missing()
            || !record.pnc_id.is_empty()
            || !(record.forename.is_empty() || record.surname.is_empty());
        assert!(!findable || rows.contains(&row), "row {row}");
    }
}

#[test]
fn a_copy_of_the_bytes_answers_alike() {
    let people = people();
    let index = RegisterIndex::of_records(people.iter().copied()).unwrap();
    let again = RegisterIndex::from_bytes(index.to_bytes()).unwrap();
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for (row, (_, record)) in (0..).zip(&people) {
        assert!(again.record(row) == *record);
        index.candidates(record, &mut a);
        again.candidates(record, &mut b);
        assert_eq!(a, b);
    }
}
