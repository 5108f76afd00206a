//! A set of people in 32 numbers, from which nobody can be read, and of two of which one can tell
//! whether the sets differ by few: the power sums of keyed tags in a field of 2^64 elements, as codes
//! for set reconciliation have them (Dodis, Ostrovsky, Reyzin & Smith 2008, doi:10.1137/060651380,
//! section 6.3).
//!
//! The sketch of a symmetric difference is the exclusive or of the sketches. A difference of d tags,
//! d below [`CAPACITY`], is found for certain, since its power sums obey a linear recurrence of
//! exactly d terms; one of more passes for fewer with a chance below 2^-60. A sketch of more than
//! [`CAPACITY`] people is 2,048 bits about a set that needs more: it fits every guess at some of them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Differences below this many people are told from larger ones.
pub const CAPACITY: usize = 32;

/// A set of people as [`CAPACITY`] odd power sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch([u64; CAPACITY]);

/// A person of the register under a secret key; never 0.
pub fn tag(secret: &[u8; 32], person: u64) -> u64 {
    // Proof: a key of any length is allowed.
    #[allow(clippy::expect_used)]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length");
    mac.update(&person.to_le_bytes());
    let digest = mac.finalize().into_bytes();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(first).max(1)
}

impl Sketch {
    /// Of distinct tags: O(people x [`CAPACITY`]).
    pub fn of(tags: &[u64]) -> Sketch {
        let mut sums = [0; CAPACITY];
        for &x in tags {
            let square = times(x, x);
            let mut power = x;
            for sum in &mut sums {
                *sum ^= power;
                power = times(power, square);
            }
        }
        Sketch(sums)
    }

    /// Of those in one of the two sets and not in the other.
    pub fn difference(&self, other: &Sketch) -> Sketch {
        let mut sums = self.0;
        for (sum, other) in sums.iter_mut().zip(other.0) {
            *sum ^= other;
        }
        Sketch(sums)
    }

    /// How many people it is of, when fewer than [`CAPACITY`]. O([`CAPACITY`] squared).
    pub fn few(&self) -> Option<usize> {
        // All power sums: in a field of characteristic two, s(2k) is the square of s(k).
        let mut all = [0; 2 * CAPACITY];
        for (i, &odd) in self.0.iter().enumerate() {
            all[2 * i] = odd;
        }
        for i in (1..all.len()).step_by(2) {
            let half = all[i.div_ceil(2) - 1];
            all[i] = times(half, half);
        }
        Some(recurrence(&all)).filter(|n| *n < CAPACITY)
    }

    /// To keep.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|s| s.to_le_bytes()).collect()
    }

    /// As it was kept; `None` when the length is wrong.
    pub fn from_bytes(bytes: &[u8]) -> Option<Sketch> {
        let mut sums = [0; CAPACITY];
        let (words, rest) = bytes.as_chunks::<8>();
        if words.len() != CAPACITY || !rest.is_empty() {
            return None;
        }
        for (sum, word) in sums.iter_mut().zip(words) {
            *sum = u64::from_le_bytes(*word);
        }
        Some(Sketch(sums))
    }
}

/// Length of the shortest linear recurrence (Berlekamp 1968, Massey 1969).
fn recurrence(s: &[u64]) -> usize {
    let (mut now, mut before) = (vec![1u64], vec![1u64]);
    let (mut length, mut since, mut last) = (0usize, 1usize, 1u64);
    for n in 0..s.len() {
        let mut gap = s[n];
        for (i, &c) in now.iter().enumerate().skip(1).take(length) {
            gap ^= times(c, s[n - i]);
        }
        if gap == 0 {
            since += 1;
            continue;
        }
        let scale = times(gap, inverse(last));
        let mut next = now.clone();
        next.resize(next.len().max(before.len() + since), 0);
        for (i, &c) in before.iter().enumerate() {
            next[i + since] ^= times(scale, c);
        }
        if 2 * length <= n {
            (length, last, since) = (n + 1 - length, gap, 1);
            before = now;
        } else {
            since += 1;
        }
        now = next;
    }
    length
}

/// Product in GF(2^64), modulo x^64 + x^4 + x^3 + x + 1.
fn times(a: u64, b: u64) -> u64 {
    let (mut product, mut a, mut b) = (0, a, b);
    while b != 0 {
        product ^= a & (b & 1).wrapping_neg();
        let over = (a >> 63).wrapping_neg() & 0x1b;
        a = (a << 1) ^ over;
        b >>= 1;
    }
    product
}

/// `a^(2^64 - 2)`.
fn inverse(a: u64) -> u64 {
    let (mut result, mut power) = (1, a);
    for _ in 1..64 {
        power = times(power, power);
        result = times(result, power);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(range: std::ops::Range<u64>) -> Sketch {
        let tags: Vec<u64> = range.map(|p| tag(&[7; 32], p)).collect();
        Sketch::of(&tags)
    }

    #[test]
    fn the_field_is_one() {
        for a in [1u64, 2, 0x8000_0000_0000_0000, 0x1234_5678_9abc_def1] {
            assert_eq!(times(a, inverse(a)), 1);
            assert_eq!(times(a, 3), a ^ times(a, 2));
        }
    }

    #[test]
    fn differences_of_few_are_counted_and_of_many_are_not() {
        let whole = people(0..200);
        for few in [0usize, 1, 2, 15, 29, 31] {
            let other = people(few as u64..200);
            assert_eq!(whole.difference(&other).few(), Some(few));
            // As many out as in.
            let half = people(few as u64 / 2..200 + (few as u64).div_ceil(2));
            assert_eq!(whole.difference(&half).few(), Some(few));
        }
        for many in [32u64, 33, 50, 120, 200] {
            assert_eq!(whole.difference(&people(many..200)).few(), None, "{many}");
        }
        assert_eq!(whole.difference(&people(1_000..1_200)).few(), None);
    }

    #[test]
    fn what_is_kept_is_read_again() {
        let sketch = people(0..90);
        assert_eq!(Sketch::from_bytes(&sketch.to_bytes()), Some(sketch));
        assert_eq!(Sketch::from_bytes(&[0; 255]), None);
    }

    #[test]
    fn two_parts_of_a_set_are_told_from_it() {
        let parts = people(0..80).difference(&people(80..199));
        assert_eq!(people(0..200).difference(&parts).few(), Some(1));
    }
}
