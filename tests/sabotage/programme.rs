//! A list of people: made of canaries, some planted, some in the part of the real ones.

use counterpart::custody::marks::{Canaries, MarkKey, Prints};
use counterpart::custody::scan::MarkSet;
use sha2::{Digest, Sha256};

pub const CANARIES: u32 = 5;
pub const PEOPLE: u32 = 7;

/// A submission's secrets.
pub struct Programme {
    pub canaries: [u8; 32],
    people: [u8; 32],
    pub key: [u8; 32],
}

impl Programme {
    /// The same for the same text.
    pub fn of(text: &str) -> Programme {
        let seed = |what: &str| Sha256::digest(format!("{what} of {text}")).into();
        Programme {
            canaries: seed("canaries"),
            people: seed("people"),
            key: *MarkKey::random().bytes(),
        }
    }

    pub fn key(&self) -> MarkKey {
        MarkKey::from_bytes(self.key)
    }

    /// What a list with all of them in it says.
    pub fn list(&self) -> String {
        let mut text = String::with_capacity(4096);
        for canary in self.everybody() {
            for value in [&canary.forename, &canary.surname, &canary.pnc_id] {
                text += value.expose();
                text.push(',');
            }
            text.push('\n');
        }
        text
    }

    /// One of the real ones' names.
    pub fn a_name(&self) -> String {
        let one = Canaries::derive(&self.people, 1).next().unwrap();
        one.surname.expose().to_owned()
    }

    /// Canaries and fingerprints, as the scanner is given them.
    pub fn sets(&self) -> [MarkSet; 2] {
        let names: Vec<_> = Canaries::derive(&self.people, PEOPLE)
            .map(|c| c.surname)
            .collect();
        let texts = names.iter().map(|n| n.expose());
        let prints = Prints::of_texts(&self.key(), texts);
        assert_eq!(prints.marks(), PEOPLE as usize);
        let canaries = Prints::of_canaries(&self.key(), &self.canaries, CANARIES);
        [canaries, prints].map(|prints| MarkSet {
            key: self.key(),
            prints,
        })
    }

    fn everybody(&self) -> impl Iterator<Item = counterpart::custody::marks::Canary> {
        let planted = Canaries::derive(&self.canaries, CANARIES);
        planted.chain(Canaries::derive(&self.people, PEOPLE))
    }
}
