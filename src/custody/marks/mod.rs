//! Marks: texts of a submission that stand nowhere else, and how to look for them without knowing
//! them. Canaries are made-up people planted beside the real ones; fingerprints are taken of the
//! file's own cells. A scanner is given [`Prints`] of both, never a text.
//!
//! A print is a keyed fingerprint of a window of twelve characters, in the manner of Karp and Rabin
//! ("Efficient randomized pattern-matching algorithms", IBM J. Res. Dev. 31(2), 1987): whoever
//! searches computes the same fingerprint of the window at each byte, and compares numbers.
//!
//! **One pass for all submissions.** Every submission has a key of its own, and a search that
//! fingerprinted each byte under each key would cost bytes x submissions. So a print has two parts.
//! - The *sieve* (24 bits) is a universal hash of the window's first eight bytes (multiply-shift;
//!   Dietzfelbinger et al., J. Algorithms 25, 1997) under a base that all submissions of one server
//!   process share. It is computed once a byte, one multiplication that does not wait for the byte
//!   before as a polynomial's would, and looked up in a bitmap of 64 KiB and more.
//! - The *tag* (40 bits) is SipHash-2-4 (Aumasson and Bernstein, 2012) under the submission's own
//!   key, of the whole window as encoded (24 bytes in UTF-16 and hexadecimal). It is computed only
//!   where the sieve has met a mark's.
//!
//! Both are then hidden: added (exclusive or) to a pad made by SipHash from the submission's
//! own key, the print's place and a nonce. Without that key a set of prints is noise: no guess can be
//! confirmed on it, and two equal texts cannot be told from two others. Sets of different servers, or
//! of one that was started again, have different bases: they are searched in the same pass over the
//! bytes, at the price of one more multiplication a byte for each further base.
//!
//! Chance: a window that is no mark is taken for one of `n` prints with probability `n / 2^64`: for
//! 16 submissions of 1,200 marks of ten prints or more and 16 GB, once in some thousand scans; a
//! window that begins as a mark does, and then goes on otherwise, with probability `2^-40`.
//!
//! **Eight encodings**: each window is looked for as it is (UTF-8), in UTF-16 of either byte order,
//! in upper and lower case, in base64 at its three offsets, in hexadecimal, percent-encoded, and
//! escaped as in JSON. A text counts as found when any window is found in any encoding.

mod canary;
mod forms;
mod key;

pub use canary::{Canaries, Canary};
pub use forms::{CHARS as MARK_CHARS, is_distinctive};
pub use key::MarkKey;

pub(super) use forms::{FORMS, Form};
pub(super) use key::{Base, SIEVE_BITS, SPAN, WINDOW};

use key::TAG_BITS;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Windows of one mark.
const WINDOWS: usize = 3;
/// Prints of one mark.
pub(super) const PRINTS: usize = WINDOWS * FORMS.len();
/// So many marks make a set, at most.
pub const MOST_MARKS: usize = 1 << 16;

/// Prints of a set of marks under one key. Harmless without the key; not printable all the same.
///
/// The first number is the set's nonce; then each mark has a fixed number of places, one for each
/// window and encoding, some of them empty.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Prints(Vec<u64>);

impl Prints {
    /// Of texts, each of which becomes one mark: its first, middle and last twelve characters.
    /// Passes over those that prove nothing (see [`is_distinctive`]), and stops at [`MOST_MARKS`].
    /// [`Prints::marks`] tells how many were taken.
    pub fn of_texts<'a>(key: &MarkKey, texts: impl IntoIterator<Item = &'a str>) -> Prints {
        let mut prints = Prints::none();
        for text in texts {
            if is_distinctive(text) && prints.marks() < MOST_MARKS {
                prints.add(key, forms::windows(text));
            }
        }
        prints
    }

    /// Of canaries, one mark each: forename, surname and id, any of which counts.
    pub fn of_canaries(key: &MarkKey, seed: &[u8; 32], how_many: u32) -> Prints {
        let mut prints = Prints::none();
        for canary in Canaries::derive(seed, how_many).take(MOST_MARKS) {
            let texts = [&canary.forename, &canary.surname, &canary.pnc_id];
            prints.add(key, texts.map(|t| Some(t.expose())));
        }
        prints
    }

    /// As they came from another process; none when they cannot be a set of prints.
    pub fn received(prints: Vec<u64>) -> Option<Prints> {
        let marks = prints.len().checked_sub(1)?;
        let whole = marks % PRINTS == 0 && marks / PRINTS <= MOST_MARKS;
        whole.then_some(Prints(prints))
    }

    /// To hand over to another process.
    pub fn numbers(&self) -> &[u64] {
        &self.0
    }

    /// How many texts these are the prints of.
    pub fn marks(&self) -> usize {
        (self.0.len() - 1) / PRINTS
    }

    fn none() -> Prints {
        Prints(vec![rand::random()])
    }

    fn add(&mut self, key: &MarkKey, windows: [Option<&str>; WINDOWS]) {
        let nonce = self.0[0];
        let first = self.0.len();
        self.0.resize(first + PRINTS, 0);
        let base = key.base();
        for (w, window) in windows.into_iter().enumerate() {
            let Some(window) = window else { continue };
            forms::each(window, &mut |form, bytes| {
                let place = first + w * FORMS.len() + form;
                let print = u64::from(base.sieve(bytes)) << TAG_BITS | key.tag(bytes);
                self.0[place] = print ^ key.pad(nonce, place as u64);
            });
        }
    }

    /// In the clear for whoever has the key: number of the mark, encoding, sieve, tag.
    pub(super) fn open(&self, key: &MarkKey) -> impl Iterator<Item = (u32, Form, u32, u64)> {
        let nonce = self.0[0];
        let filled = self.0.iter().enumerate().skip(1).filter(|(_, p)| **p != 0);
        filled.map(move |(place, print)| {
            let print = print ^ key.pad(nonce, place as u64);
            let mark = (place - 1) / PRINTS;
            let form = FORMS[(place - 1) % FORMS.len()];
            let sieve = (print >> TAG_BITS) as u32;
            (mark as u32, form, sieve, print & ((1 << TAG_BITS) - 1))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 3] = ["Bartholomew Quigley", "short", "            ....."];

    #[test]
    fn texts_that_prove_nothing_are_passed_over() {
        let prints = Prints::of_texts(&MarkKey::random(), TEXTS);
        assert_eq!(prints.marks(), 1);
    }

    #[test]
    fn prints_of_one_text_have_nothing_in_common_without_the_key() {
        let key = MarkKey::derived(&[7; 32]);
        let (one, two) = (Prints::of_texts(&key, TEXTS), Prints::of_texts(&key, TEXTS));
        let same = one.numbers().iter().zip(two.numbers());
        let same = same.filter(|(a, b)| a == b && **a != 0).count();
        assert_eq!(same, 0);
        let opened = |prints: &Prints| -> Vec<(u32, u64)> {
            prints.open(&key).map(|(_, _, s, t)| (s, t)).collect()
        };
        assert_eq!(opened(&one), opened(&two), "the same with it");
        let other: Vec<_> = one.open(&MarkKey::derived(&[8; 32])).collect();
        let alike = other.iter().zip(opened(&one));
        assert_eq!(alike.filter(|(a, b)| (a.2, a.3) == *b).count(), 0);
    }

    #[test]
    fn only_whole_sets_are_received() {
        let prints = Prints::of_canaries(&MarkKey::random(), &[1; 32], 3);
        assert_eq!(prints.marks(), 3);
        let mut numbers = prints.numbers().to_vec();
        assert_eq!(Prints::received(numbers.clone()).unwrap().marks(), 3);
        numbers.pop();
        assert!(Prints::received(numbers).is_none());
        assert!(Prints::received(Vec::new()).is_none());
    }
}
