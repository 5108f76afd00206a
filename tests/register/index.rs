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

/// What an index says of everybody: records, counts, candidates.
fn answers(index: &RegisterIndex, people: &[(PersonKey, Record<'static>)]) -> Vec<u32> {
    let mut said = vec![index.rows(), index.people() as u32];
    let mut rows = Vec::new();
    for (row, (_, record)) in (0..).zip(people) {
        index.candidates(record, &mut rows);
        said.extend(&rows);
        let ids = index.ids(row);
        said.extend([ids.forename, ids.surname, ids.postcode]);
        said.push(u32::from(index.record(row) == *record));
        said.push(index.dob_count(record.dob));
        said.push(index.forename_count(ids.forename));
        said.push(index.person(row).0 as u32);
    }
    said
}

#[test]
fn damage_to_any_byte_is_an_error_or_changes_nothing() {
    let people = &people()[..40];
    let index = RegisterIndex::of_records(people.iter().copied()).unwrap();
    let whole = index.to_bytes().to_vec();
    let right = answers(&index, people);
    let places = (0..whole.len()).filter(|at| *at < 1_200 || at % 7 == 0);
    for at in places {
        for flip in [1u8, 0x80, 0xFF] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            if let Ok(changed) = RegisterIndex::from_bytes(&bytes) {
                // What it was made from is asked elsewhere.
                assert!(answers(&changed, people) == right, "byte {at}");
            }
        }
    }
    for length in (0..whole.len()).step_by(13).chain([whole.len() - 1]) {
        assert!(
            RegisterIndex::from_bytes(&whole[..length]).is_err(),
            "{length} bytes"
        );
    }
    let mut more = whole.clone();
    more.extend([0; 8]);
    assert!(RegisterIndex::from_bytes(&more).is_err());
}

#[test]
fn a_file_answers_as_memory_does_and_is_for_its_owner_alone() {
    let people = people();
    let index = RegisterIndex::of_records(people.iter().copied()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    index.write(dir.path()).unwrap();
    let path = dir.path().join(counterpart::register::INDEX_FILE);
    let mapped = RegisterIndex::open(&path).unwrap();
    assert!(mapped.to_bytes() == index.to_bytes());
    assert!(answers(&mapped, &people) == answers(&index, &people));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    // Written again while it is mapped: the old one stays what it was.
    RegisterIndex::of_records([])
        .unwrap()
        .write(dir.path())
        .unwrap();
    assert!(answers(&mapped, &people) == answers(&index, &people));
    assert_eq!(RegisterIndex::open(&path).unwrap().rows(), 0);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn an_index_of_nobody_finds_nobody() {
    let index = RegisterIndex::of_records([]).unwrap();
    let again = RegisterIndex::from_bytes(index.to_bytes()).unwrap();
    let mut rows = vec![7];
    again.candidates(&people()[3].1, &mut rows);
    assert!(rows.is_empty() && again.rows() == 0 && again.surname_id("smith").is_none());
}
