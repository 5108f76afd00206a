//! The key of a submission's marks, and the two hashes under it.

use sha2::{Digest, Sha256};
use std::sync::OnceLock;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes of which the sieve part is taken.
const HEAD: usize = 8;
/// Bits of the sieve part.
pub const SIEVE_BITS: u32 = 24;
/// Bits of the tag part.
pub const TAG_BITS: u32 = 64 - SIEVE_BITS;
/// Bytes of an encoded window, at least.
pub const WINDOW: usize = 12;
/// Bytes of the longest encoded window.
pub const SPAN: usize = 24;

/// A secret of 256 bits under which marks are fingerprinted. Not printable; wipes itself. The first
/// half is the base of the sieve, the second is the submission's own.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct MarkKey([u8; 32]);

impl MarkKey {
    /// A new one. All that a process makes share their base, so that they can be searched together.
    pub fn random() -> MarkKey {
        static BASE: OnceLock<[u8; 16]> = OnceLock::new();
        let mut key = MarkKey(rand::random());
        key.0[..16].copy_from_slice(BASE.get_or_init(rand::random));
        key
    }

    /// The same one for the same seed.
    pub fn derived(seed: &[u8; 32]) -> MarkKey {
        let hash = Sha256::new_with_prefix(b"counterpart mark key 1").chain_update(seed);
        MarkKey(hash.finalize().into())
    }

    /// As it came from another process.
    pub fn from_bytes(bytes: [u8; 32]) -> MarkKey {
        MarkKey(bytes)
    }

    /// To hand over to another process that may have it.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The base of the sieve.
    pub(super) fn base(&self) -> Base {
        Base::of(self)
    }

    /// Tag part of the whole window as encoded, under the submission's own key.
    pub(in crate::custody) fn tag(&self, window: &[u8]) -> u64 {
        sip(self.half(1), window) >> SIEVE_BITS
    }

    /// What hides the print in that place of a set.
    pub(super) fn pad(&self, nonce: u64, place: u64) -> u64 {
        // Sixteen bytes: no window is as long.
        let mut both = [0; 16];
        both[..8].copy_from_slice(&nonce.to_le_bytes());
        both[8..].copy_from_slice(&place.to_le_bytes());
        sip(self.half(1), &both)
    }

    fn half(&self, which: usize) -> [u64; 2] {
        [0, 8].map(|at| word(&self.0[which * 16 + at..]))
    }
}

/// Multiplier of the sieve part: odd.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Base(u64);

impl Base {
    /// Of a key.
    pub fn of(key: &MarkKey) -> Base {
        Base(sip(key.half(0), b"base") | 1)
    }

    /// Of a window's first eight bytes as a little-endian number: the upper [`SIEVE_BITS`] bits are
    /// the sieve part, any number of them from the top on being as good a hash.
    #[inline(always)]
    pub fn mix(self, head: u64) -> u64 {
        head.wrapping_mul(self.0)
    }

    /// Sieve part of a window.
    pub fn sieve(self, window: &[u8]) -> u32 {
        (self.mix(word(&window[..HEAD])) >> TAG_BITS) as u32
    }
}

/// Up to eight bytes as a little-endian number.
fn word(bytes: &[u8]) -> u64 {
    let bytes = &bytes[..bytes.len().min(8)];
    bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b))
}

/// SipHash-2-4: a keyed hash of short texts.
fn sip(key: [u64; 2], bytes: &[u8]) -> u64 {
    let mut v = [
        key[0] ^ 0x736f_6d65_7073_6575,
        key[1] ^ 0x646f_7261_6e64_6f6d,
        key[0] ^ 0x6c79_6765_6e65_7261,
        key[1] ^ 0x7465_6462_7974_6573,
    ];
    let mut absorb = |m: u64| {
        v[3] ^= m;
        rounds(&mut v, 2);
        v[0] ^= m;
    };
    let mut blocks = bytes.chunks_exact(8);
    blocks.by_ref().for_each(|block| absorb(word(block)));
    absorb(word(blocks.remainder()) | (bytes.len() as u64) << 56);
    v[2] ^= 0xff;
    rounds(&mut v, 4);
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

fn rounds(v: &mut [u64; 4], n: usize) {
    for _ in 0..n {
        v[0] = v[0].wrapping_add(v[1]);
        v[2] = v[2].wrapping_add(v[3]);
        v[1] = v[1].rotate_left(13) ^ v[0];
        v[3] = v[3].rotate_left(16) ^ v[2];
        v[0] = v[0].rotate_left(32);
        v[2] = v[2].wrapping_add(v[1]);
        v[0] = v[0].wrapping_add(v[3]);
        v[1] = v[1].rotate_left(17) ^ v[2];
        v[3] = v[3].rotate_left(21) ^ v[0];
        v[2] = v[2].rotate_left(32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(deprecated, reason = "the standard library's SipHash-2-4 takes a key")]
    fn the_keyed_hash_is_siphash_2_4() {
        use std::hash::Hasher;

        let bytes: Vec<u8> = (0..40).collect();
        let key = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
        // The example of the paper's appendix A.
        assert_eq!(sip(key, &bytes[..15]), 0xa129_ca61_49be_45e5);
        for n in 0..bytes.len() {
            let mut theirs = std::hash::SipHasher::new_with_keys(key[0], key[1]);
            theirs.write(&bytes[..n]);
            assert_eq!(sip(key, &bytes[..n]), theirs.finish(), "{n} bytes");
        }
    }

    #[test]
    fn keys_of_one_process_share_their_base_and_nothing_else() {
        let (a, b) = (MarkKey::random(), MarkKey::random());
        assert!(a.base() == b.base());
        assert_ne!(a.tag(b"twelve bytes"), b.tag(b"twelve bytes"));
        let derived = MarkKey::derived(&[3; 32]);
        assert!(derived.base() != a.base());
        assert_eq!(derived.bytes(), MarkKey::derived(&[3; 32]).bytes());
    }
}
