//! Looks for many short texts in many bytes in one pass.

use crate::planted::Person;
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A text is looked up by its first bytes, as many as the shortest text (a prison number) has.
const HEAD: usize = 7;
const SIEVE_BITS: u32 = 20;

/// The texts and whose they are, in UTF-8 and UTF-16.
pub struct Needles {
    by_head: HashMap<u64, Vec<(Vec<u8>, usize)>>,
    /// Set where a head may be: most places are passed over without a look into the map.
    sieve: Vec<bool>,
    longest: usize,
}

impl Needles {
    pub fn new(people: &[Person]) -> Needles {
        let mut needles = Needles {
            by_head: HashMap::new(),
            sieve: vec![false; 1 << SIEVE_BITS],
            longest: 0,
        };
        for (owner, person) in people.iter().enumerate() {
            for form in person.forms() {
                needles.add(&form, owner);
            }
        }
        needles
    }

    /// Also looks for the name of that file, without its extension.
    pub fn add_name_of(&mut self, file: &Path) {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        self.add(&name, usize::MAX);
    }

    fn add(&mut self, text: &str, owner: usize) {
        let wide = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [text.as_bytes().to_vec(), wide] {
            let head = head(&bytes).expect("a text long enough to be unmistakable");
            self.sieve[place(head)] = true;
            self.longest = self.longest.max(bytes.len());
            self.by_head.entry(head).or_default().push((bytes, owner));
        }
    }

    /// Whose texts are in there.
    pub fn found_in(&self, bytes: &[u8]) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut head = 0;
        for (end, &byte) in bytes.iter().enumerate() {
            head = (head >> 8) | (u64::from(byte) << (8 * (HEAD - 1)));
            if head == 0 || !self.sieve[place(head)] || end + 1 < HEAD {
                continue;
            }
            let at = end + 1 - HEAD;
            for (text, owner) in self.by_head.get(&head).into_iter().flatten() {
                if bytes[at..].starts_with(text) {
                    found.insert(*owner);
                }
            }
        }
        found
    }
}

fn head(bytes: &[u8]) -> Option<u64> {
    let mut word = [0; 8];
    word[..HEAD].copy_from_slice(bytes.get(..HEAD)?);
    Some(u64::from_le_bytes(word))
}

fn place(head: u64) -> usize {
    (head.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - SIEVE_BITS)) as usize
}

/// Whose texts are in the file. Read in pieces that overlap by the longest text.
pub fn found_in_file(path: &Path, needles: &Needles) -> BTreeSet<usize> {
    const PIECE: usize = 1 << 20;
    let mut file = File::open(path).unwrap();
    let mut found = BTreeSet::new();
    let mut window = Vec::new();
    loop {
        let kept = window.len().min(needles.longest);
        window.drain(..window.len() - kept);
        let read = file.by_ref().take(PIECE as u64).read_to_end(&mut window);
        if read.unwrap() == 0 {
            return found;
        }
        found.extend(needles.found_in(&window));
    }
}

/// Files under a folder, and how many of them hold somebody in their content or name.
pub fn found_under(folder: &Path, needles: &Needles) -> (usize, usize) {
    let (mut files, mut found) = (0, 0);
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let named = !needles
            .found_in(path.file_name().unwrap().as_encoded_bytes())
            .is_empty();
        let inside = if path.is_dir() {
            let (more, theirs) = found_under(&path, needles);
            files += more;
            found += theirs;
            false
        } else {
            files += 1;
            !found_in_file(&path, needles).is_empty()
        };
        found += usize::from(named || inside);
    }
    (files, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_finds_every_form_wherever_a_piece_of_the_file_ends() {
        let people = crate::planted::people(3);
        let needles = Needles::new(&people);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for before in [0, 1, (1 << 20) - 3, (1 << 20) + 5] {
            for form in people[1].forms() {
                let wide: Vec<u8> = form.encode_utf16().flat_map(u16::to_le_bytes).collect();
                for bytes in [form.as_bytes(), &wide] {
                    let mut content = vec![b'.'; before];
                    content.extend_from_slice(bytes);
                    std::fs::write(&path, content).unwrap();
                    let found = found_in_file(&path, &needles);
                    assert_eq!(found, BTreeSet::from([1]), "{before} bytes before");
                }
            }
        }
        std::fs::write(&path, vec![b'.'; 3 << 20]).unwrap();
        assert!(found_in_file(&path, &needles).is_empty());
    }
}
