//! A file as charities have them: another program's export, several people's typing, ten years of habits.

use crate::synth::cohort::{Record, chance, slashed};
use crate::synth::person::{People, civil, days};
use crate::synth::random::{Purpose, Streams, choose};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// Share of the people in a messy file who are on no register, per cent.
pub const STRANGERS_PERCENT: usize = 8;

/// What is wrong with a file: rows by kind of fault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Dirt {
    /// Rows with nothing in them.
    pub blank_rows: usize,
    /// Rows that repeat somebody.
    pub duplicate_rows: usize,
    /// Lines below the people that are about nobody.
    pub total_lines: usize,
    /// People who are on no register.
    pub not_on_register: usize,
    /// Dates of birth left out.
    pub missing_dob: usize,
    /// Dates of birth with day and month swapped.
    pub swapped_day_month: usize,
    /// PNC ids with a wrong check letter.
    pub wrong_check_letter: usize,
    /// Programme starts left out.
    pub missing_start: usize,
    /// Names misspelt, shortened or swapped.
    pub altered_names: usize,
}

/// Header of a messy file, as another program exported it.
const HEADER: [&str; 10] = [
    "First name(s)",
    " Last Name",
    "DOB",
    "Gender",
    "Post code",
    "PNC No",
    "NOMIS no",
    "Start date",
    "End Date",
    "Ethnic origin",
];

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The file's bytes (Windows-1252, semicolons), its rows below the header, and what is wrong with it.
///
/// # Errors
/// Never in practice: it writes to memory.
pub fn file(
    known: &[Record],
    strangers: usize,
    streams: &Streams,
) -> std::io::Result<(Vec<u8>, usize, Dirt)> {
    let mut dirt = Dirt::default();
    let mut people: Vec<(Record, bool)> = known.iter().cloned().map(|r| (r, false)).collect();
    people.extend(invent(known, strangers, streams).map(|r| (r, true)));
    let mut rng = streams.at(Purpose::Dirt, u64::from(u32::MAX));
    rand::seq::SliceRandom::shuffle(&mut people[..], &mut rng);
    let mut rows: Vec<[String; 10]> = Vec::with_capacity(people.len() + people.len() / 20);
    for (i, (record, stranger)) in people.iter().enumerate() {
        let mut rng = streams.at(Purpose::Dirt, i as u64);
        dirt.not_on_register += usize::from(*stranger);
        let mut cells = row(record, &mut dirt, &mut rng);
        // A stream of its own, so that the other cells are as they were without the column.
        let mut rng_of_last = streams.at(Purpose::Dirt, (1 << 40) + i as u64);
        cells[9] = ethnicity(record.ethnicity.as_deref(), &mut rng_of_last).to_owned();
        rows.push(cells);
        if chance(0.025, &mut rng) {
            // Sometimes typed in again by a colleague, far from the first.
            let again = rows[rng.random_range(0..rows.len())].clone();
            dirt.duplicate_rows += 1;
            rows.push(again);
        }
        if chance(0.015, &mut rng) {
            dirt.blank_rows += 1;
            rows.push(Default::default());
        }
    }
    let mut total: [String; 10] = Default::default();
    total[0] = format!("Total: {}", people.len());
    dirt.total_lines = 1;
    rows.push(total);
    Ok((encode(&rows)?, rows.len(), dirt))
}

fn encode(rows: &[[String; 10]]) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for row in rows {
        writer.write_record(row)?;
    }
    let utf8 = writer.into_inner().map_err(|e| e.into_error())?;
    // Written by the csv crate from Strings: always UTF-8.
    let text = String::from_utf8_lossy(&utf8);
    Ok(encoding_rs::WINDOWS_1252.encode(&text).0.into_owned())
}

/// People of another seed, without identifiers, in the programme when others were.
fn invent<'a>(
    known: &'a [Record],
    strangers: usize,
    streams: &'a Streams,
) -> impl Iterator<Item = Record> + 'a {
    let others = People::new(Streams::new(streams.at(Purpose::Cohort, 1).random::<u64>()));
    (0..strangers).filter_map(move |i| {
        let p = others.person(i as u64);
        let spell = known.get(i % known.len().max(1))?;
        Some(Record {
            forename: p.forename.to_owned(),
            surname: p.surname,
            dob: Some(p.dob),
            sex: if p.female { "F" } else { "M" }.to_owned(),
            postcode: Some(p.postcode),
            pnc_id: None,
            prison_number: None,
            ethnicity: spell.ethnicity.clone(),
            start: spell.start,
            end: spell.end,
        })
    })
}

fn row(r: &Record, dirt: &mut Dirt, rng: &mut ChaCha8Rng) -> [String; 10] {
    let (forename, surname) = altered_names(r, dirt, rng);
    let start = if chance(0.01, rng) {
        dirt.missing_start += 1;
        String::new()
    } else {
        date(r.start, rng)
    };
    let end = if chance(0.15, rng) {
        String::new()
    } else {
        date(r.end, rng)
    };
    [
        typed(&forename, rng),
        typed(&surname, rng),
        birth(r.dob, dirt, rng),
        sex(&r.sex, rng).to_owned(),
        postcode(r.postcode.as_deref(), rng),
        pnc_id(r.pnc_id.as_deref(), dirt, rng),
        prison_number(r.prison_number.as_deref(), rng),
        start,
        end,
        String::new(),
    ]
}

/// Mistyped, shortened to an initial, given a middle initial, or in each other's columns.
fn altered_names(r: &Record, dirt: &mut Dirt, rng: &mut ChaCha8Rng) -> (String, String) {
    let (forename, surname) = (r.forename.clone(), r.surname.clone());
    let altered = match choose(&[90.0, 3.5, 1.5, 3.0, 2.0], rng) {
        1 => (forename, slip(&surname, rng)),
        2 => (forename.chars().take(1).collect(), surname),
        3 => {
            let initial = (b'A' + rng.random_range(0..26)) as char;
            (format!("{forename} {initial}"), surname)
        }
        4 => (surname, forename),
        _ => return (forename, surname),
    };
    dirt.altered_names += 1;
    altered
}

/// Two neighbouring letters change places.
fn slip(name: &str, rng: &mut ChaCha8Rng) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    if letters.len() > 3 {
        let i = rng.random_range(1..letters.len() - 2);
        letters.swap(i, i + 1);
    }
    letters.into_iter().collect()
}

/// Case and spaces as fingers left them; some spaces are the unbreakable ones of a pasted table.
fn typed(text: &str, rng: &mut ChaCha8Rng) -> String {
    let cased = match choose(&[77.0, 15.0, 8.0], rng) {
        1 => text.to_uppercase(),
        2 => text.to_lowercase(),
        _ => text.to_owned(),
    };
    match choose(&[86.0, 6.0, 4.0, 4.0], rng) {
        1 => format!("{cased} "),
        2 => format!("  {cased}"),
        3 => format!("{cased}\u{a0}"),
        _ => cased,
    }
}

fn birth(dob: Option<i32>, dirt: &mut Dirt, rng: &mut ChaCha8Rng) -> String {
    let Some(day) = dob.filter(|_| !chance(0.03, rng)) else {
        dirt.missing_dob += 1;
        return String::new();
    };
    let d = civil(day);
    if i32::from(d.day()) <= 12 && d.day() != d.month() && chance(0.06, rng) {
        // Both lie in 1..=12, so the swapped date exists.
        if let Ok(swapped) = jiff::civil::Date::new(d.year(), d.day(), d.month()) {
            dirt.swapped_day_month += 1;
            return date(days(swapped), rng);
        }
    }
    date(day, rng)
}

/// One of six styles.
fn date(day: i32, rng: &mut ChaCha8Rng) -> String {
    let d = civil(day);
    let (y, m, dd) = (d.year(), d.month(), d.day());
    match choose(&[60.0, 8.0, 10.0, 10.0, 6.0, 6.0], rng) {
        1 => format!("{dd}/{m}/{:02}", y.rem_euclid(100)),
        2 => format!("{y:04}-{m:02}-{dd:02}"),
        // Months run from 1 to 12.
        3 => format!("{dd} {} {y:04}", MONTHS[m as usize - 1]),
        4 => format!("{dd:02}.{m:02}.{y:04}"),
        5 => format!("{dd:02}-{m:02}-{y:04}"),
        _ => slashed(day),
    }
}

/// As people write it down: in words, in codes, or not at all.
fn ethnicity(group: Option<&str>, rng: &mut ChaCha8Rng) -> &'static str {
    let ways: [&str; 4] = match group {
        Some("White") => ["White", "White British", "W1", "white - other"],
        Some("Black or Black British") => ["Black", "Black Caribbean", "B1", "Black African"],
        Some("Asian or Asian British") => ["Asian", "Pakistani", "A1", "British Asian"],
        Some("Mixed or multiple") => ["Mixed", "White/Black Caribbean", "M1", "mixed - other"],
        Some(_) => ["Other", "Arab", "O9", "any other ethnic group"],
        None => [""; 4],
    };
    match choose(&[30.0, 30.0, 10.0, 10.0, 8.0, 10.0, 2.0], rng) {
        4 => "Not stated",
        5 => "",
        6 => "see file",
        way => ways[way],
    }
}

fn sex(sex: &str, rng: &mut ChaCha8Rng) -> &'static str {
    let female = sex == "F";
    match choose(&[50.0, 35.0, 10.0, 5.0], rng) {
        0 => {
            if female {
                "F"
            } else {
                "M"
            }
        }
        1 => {
            if female {
                "Female"
            } else {
                "Male"
            }
        }
        2 => {
            if female {
                "f"
            } else {
                "m"
            }
        }
        _ => "",
    }
}

fn postcode(postcode: Option<&str>, rng: &mut ChaCha8Rng) -> String {
    let Some(p) = postcode else {
        return String::new();
    };
    match choose(&[55.0, 15.0, 10.0, 20.0], rng) {
        0 => p.to_owned(),
        1 => p.replace(' ', ""),
        2 => p.to_lowercase(),
        _ => String::new(),
    }
}

/// Often unknown; short, or with its leading zeros dropped; now and then with a wrong check letter.
fn pnc_id(id: Option<&str>, dirt: &mut Dirt, rng: &mut ChaCha8Rng) -> String {
    let Some(id) = id.filter(|_| chance(0.6, rng)) else {
        return String::new();
    };
    let mut id = id.to_owned();
    if chance(0.04, rng) {
        dirt.wrong_check_letter += 1;
        let wrong = if id.ends_with('K') { 'L' } else { 'K' };
        id.pop();
        id.push(wrong);
    }
    let short = id.get(2..).unwrap_or(&id);
    match choose(&[40.0, 40.0, 15.0, 5.0], rng) {
        1 => short.to_owned(),
        2 => match short.split_once('/') {
            Some((year, serial)) => format!("{year}/{}", serial.trim_start_matches('0')),
            None => short.to_owned(),
        },
        3 => short.to_lowercase(),
        _ => id,
    }
}

fn prison_number(number: Option<&str>, rng: &mut ChaCha8Rng) -> String {
    let Some(number) = number.filter(|_| chance(0.5, rng)) else {
        return String::new();
    };
    match choose(&[85.0, 8.0, 7.0], rng) {
        1 => number.to_lowercase(),
        2 => format!("{number} "),
        _ => number.to_owned(),
    }
}
