//! People who are nobody, lists of them, and a search for them in whatever a process has left.

use crate::kit::folder;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// Looked for, of each list.
pub const PEOPLE: usize = 200;

/// A surname that stands nowhere else, with a letter that most encodings write differently.
fn surname(list: usize, person: usize) -> String {
    let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
    let mut name = String::from("Qz\u{eb}qzx");
    for (n, digit) in format!("{list:02}{person:06}").bytes().enumerate() {
        name.push(letter(usize::from(digit) * 7 + n * 5));
        name.push(letter(usize::from(digit) + n * 3));
    }
    name + "wyx"
}

/// A charity's list of so many people.
pub fn list(number: usize, rows: usize) -> Vec<u8> {
    let mut text = String::from("forename,surname,dob,sex,postcode,programme_start\n");
    for person in 0..rows {
        let (day, month) = (person % 28 + 1, person % 12 + 1);
        let surname = surname(number, person);
        let _ = writeln!(
            text,
            "Zebedee,{surname},{day:02}/{month:02}/1980,M,,05/03/2022"
        );
    }
    text.into_bytes()
}

/// A way to write a text.
type Form = fn(&str) -> Vec<u8>;

fn base64_from(text: &str, skip: usize) -> Vec<u8> {
    // Whole groups: what comes before and after is not known.
    let bytes = &text.as_bytes()[skip..];
    let whole = &bytes[..bytes.len() / 3 * 3];
    STANDARD_NO_PAD.encode(whole).into_bytes()
}

/// Without its accents, as names are compared.
fn plain(text: &str) -> String {
    text.replace('\u{eb}', "e")
}

/// Eight encodings: UTF-8, in capitals, in small letters, UTF-16 of either order, base64 (wherever it
/// begins), hexadecimal, as in an address, as in JSON; those of one kind are one line.
const FORMS: [&[Form]; 9] = [
    &[|s| s.as_bytes().to_vec()],
    &[
        |s| s.to_uppercase().into_bytes(),
        |s| plain(s).to_uppercase().into_bytes(),
    ],
    &[
        |s| s.to_lowercase().into_bytes(),
        |s| plain(s).to_lowercase().into_bytes(),
    ],
    &[|s| s.encode_utf16().flat_map(u16::to_le_bytes).collect()],
    &[|s| s.encode_utf16().flat_map(u16::to_be_bytes).collect()],
    &[
        |s| base64_from(s, 0),
        |s| base64_from(s, 1),
        |s| base64_from(s, 2),
    ],
    &[
        |s| {
            s.bytes()
                .flat_map(|b| format!("{b:02x}").into_bytes())
                .collect()
        },
        |s| {
            s.bytes()
                .flat_map(|b| format!("{b:02X}").into_bytes())
                .collect()
        },
    ],
    &[|s| s.replace('\u{eb}', "%C3%AB").into_bytes()],
    &[|s| s.replace('\u{eb}', "\\u00eb").into_bytes()],
];

/// Looks for people of lists.
pub struct Search {
    written: Vec<Written>,
    /// What the first four bytes of a beginning come to; most others do not.
    sieve: Vec<bool>,
}

/// All of them in one encoding.
struct Written {
    names: HashSet<Vec<u8>>,
    beginning: Vec<u8>,
    length: usize,
}

/// Of four bytes.
fn sieved(bytes: [u8; 4]) -> usize {
    (u32::from_le_bytes(bytes).wrapping_mul(0x9e37_79b1) >> 16) as usize
}

impl Search {
    /// Of lists of so many rows each: for people from all over each.
    pub fn of(rows: &[usize]) -> Search {
        let mut people = Vec::new();
        for (number, rows) in rows.iter().enumerate() {
            people.extend((0..PEOPLE).map(|n| surname(number, n * rows / PEOPLE)));
        }
        let mut sieve = vec![false; 1 << 16];
        let mut written = |form: &Form| {
            let names: HashSet<Vec<u8>> = people.iter().map(|p| form(p)).collect();
            assert_eq!(names.len(), people.len());
            let first = form(&people[0]);
            let alike = |a: &[u8]| a.iter().zip(&first).take_while(|(a, b)| a == b).count();
            let same = names.iter().map(|n| alike(n)).min().unwrap();
            sieve[sieved(first[..4].try_into().unwrap())] = true;
            assert!(same >= 4, "there is something to look for");
            Written {
                beginning: first[..same].to_vec(),
                length: first.len(),
                names,
            }
        };
        let written = FORMS.iter().copied().flatten().map(&mut written).collect();
        Search { written, sieve }
    }

    /// How many people stand in bytes, at most in any one encoding.
    pub fn inside(&self, bytes: &[u8]) -> usize {
        let mut seen: Vec<HashSet<&[u8]>> = vec![HashSet::new(); self.written.len()];
        for (at, word) in bytes.windows(4).enumerate() {
            if !self.sieve[sieved([word[0], word[1], word[2], word[3]])] {
                continue;
            }
            for (written, seen) in self.written.iter().zip(&mut seen) {
                if bytes[at..].starts_with(&written.beginning)
                    && let Some(window) = bytes.get(at..at + written.length)
                    && written.names.contains(window)
                {
                    seen.insert(window);
                }
            }
        }
        seen.iter().map(HashSet::len).max().unwrap()
    }

    /// The same of all files below a folder, and of their names.
    pub fn below(&self, folder: &Path) -> usize {
        let mut most = 0;
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            most = most.max(self.inside(path.file_name().unwrap().as_encoded_bytes()));
            most = most.max(match path.is_dir() {
                true => self.below(&path),
                // A database's own lock files come and go.
                false => self.inside(&std::fs::read(&path).unwrap_or_default()),
            });
        }
        most
    }

    /// The same of a process's memory, all of it; none when it has ended.
    pub fn memory(&self, process: u32) -> Option<usize> {
        let folder = folder();
        let done = Command::new("gcore")
            .arg("-a")
            .arg("-o")
            .arg(folder.path().join("core"))
            .arg(process.to_string())
            .output()
            .unwrap();
        match done.status.success() {
            true => Some(self.below(folder.path())),
            false => {
                let there = Path::new("/proc").join(process.to_string()).exists();
                let why = String::from_utf8_lossy(&done.stderr);
                assert!(!there, "gcore: {why}");
                None
            }
        }
    }
}

/// Each encoding is found: a search that sees nothing proves nothing.
#[test]
fn the_search_finds_people_in_every_encoding() {
    let search = Search::of(&[200, 400]);
    let half = |form: &Form| -> Vec<u8> {
        let people = (0..150).map(|n| form(&surname(0, n)));
        people.flat_map(|p| [b"xy,".to_vec(), p].concat()).collect()
    };
    for form in FORMS.iter().copied().flatten() {
        assert_eq!(search.inside(&half(form)), 150);
    }
    for before in ["", "x", "xy"] {
        let text = format!("{before}{}, and more", surname(1, 2));
        let whole = base64::engine::general_purpose::STANDARD.encode(text);
        assert_eq!(search.inside(whole.as_bytes()), 1);
    }
    assert_eq!(search.inside(&list(0, 200)), 200);
    assert_eq!(search.inside(&list(2, 200)), 0, "others");
}
