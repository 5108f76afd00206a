//! Made-up people, planted beside the real ones: whatever happens to those happens to these too,
//! and these can be looked for.

use crate::custody::Personal;
use sha2::{Digest, Sha512};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
const VOWELS: &[u8; 4] = b"aeiu";
/// Of the Police National Computer, by remainder.
const CHECK: &[u8; 23] = b"ZABCDEFGHJKLMNPQRTUVWXY";

/// A person who does not exist. Forename (12 letters), surname (14) and id (13) are long enough and
/// odd enough to be unmistakable; all are in the form in which a list would have them.
pub struct Canary {
    /// Letters only, capitalised.
    pub forename: Personal,
    /// Letters only, capitalised.
    pub surname: Personal,
    /// `YYYY-MM-DD`, between 1970 and 1999.
    pub dob: Personal,
    /// In the form of a postcode of the United Kingdom.
    pub postcode: Personal,
    /// In the form of a PNC id, with the check letter that belongs to it.
    pub pnc_id: Personal,
}

/// Canaries in the order of their number: the same for the same seed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Canaries {
    seed: [u8; 32],
    next: u32,
    end: u32,
}

impl Canaries {
    /// So many of that seed, which is kept in the store so that they can be looked for after a crash.
    pub fn derive(seed: &[u8; 32], how_many: u32) -> Canaries {
        Canaries {
            seed: *seed,
            next: 0,
            end: how_many,
        }
    }
}

impl Iterator for Canaries {
    type Item = Canary;

    fn next(&mut self) -> Option<Canary> {
        if self.next == self.end {
            return None;
        }
        let number = self.next;
        self.next += 1;
        let hash = Sha512::new_with_prefix(b"counterpart canary 1")
            .chain_update(self.seed)
            .chain_update(number.to_le_bytes());
        let mut dice = Zeroizing::new([0u8; 64]);
        dice.copy_from_slice(&hash.finalize());
        Some(canary(&dice))
    }
}

fn canary(dice: &[u8; 64]) -> Canary {
    let number = |at: usize, size: u32| {
        let four = [dice[at], dice[at + 1], dice[at + 2], 0];
        u32::from_le_bytes(four) % size
    };
    let (year, month, day) = (
        1970 + number(26, 30),
        1 + number(29, 12),
        1 + number(32, 28),
    );
    let (pnc_year, serial) = (1980 + number(35, 40), number(38, 10_000_000));
    let check = ((pnc_year % 100) * 10_000_000 + serial) % 23;
    let letter = |at: usize| char::from(b'A' + dice[at] % 26);
    Canary {
        forename: name(&dice[..12]),
        surname: name(&dice[12..26]),
        dob: Personal::new(format!("{year}-{month:02}-{day:02}")),
        postcode: Personal::new(format!(
            "{}{}{} {}{}{}",
            letter(41),
            letter(42),
            1 + dice[43] % 9,
            dice[44] % 10,
            // Letters that postcodes end with.
            char::from(b"ABDEFGHJLN"[usize::from(dice[45] % 10)]),
            char::from(b"PQRSTUWXYZ"[usize::from(dice[46] % 10)]),
        )),
        pnc_id: Personal::new(format!(
            "{pnc_year}/{serial:07}{}",
            char::from(CHECK[check as usize])
        )),
    }
}

/// A word of as many letters as there are dice, consonants and vowels by turns.
fn name(dice: &[u8]) -> Personal {
    let mut word = String::with_capacity(dice.len());
    for (n, die) in dice.iter().enumerate() {
        let die = usize::from(die >> 2);
        word.push(char::from(match n % 2 {
            0 => CONSONANTS[die % 16],
            _ => VOWELS[die % 4],
        }));
    }
    word[..1].make_ascii_uppercase();
    Personal::new(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn canaries_are_well_formed_and_all_different() {
        let all: Vec<Canary> = Canaries::derive(&[5; 32], 300).collect();
        let mut names = BTreeSet::new();
        for canary in &all {
            assert_eq!(canary.forename.expose().len(), 12);
            assert_eq!(canary.surname.expose().len(), 14);
            let pnc = canary.pnc_id.expose();
            assert_eq!(crate::identity::pnc::canonical(pnc).as_deref(), Ok(pnc));
            names.insert(canary.forename.expose());
            names.insert(canary.surname.expose());
            assert!(super::super::is_distinctive(canary.surname.expose()));
        }
        assert_eq!(names.len(), 600);
    }

    #[test]
    fn the_same_seed_gives_the_same_canaries_and_another_gives_others() {
        let first = |seed| Canaries::derive(&[seed; 32], 1).next().unwrap().surname;
        assert!(first(1) == first(1));
        assert!(first(1) != first(2));
    }
}
