//! Sealed uploads: the file is encrypted, before it leaves its sender, to a key that only the
//! process has that will hold it. HPKE (RFC 9180), base mode: DHKEM(P-256, HKDF-SHA256),
//! HKDF-SHA256, AES-256-GCM, one message; browsers have all of it.
//!
//! The form: `CPS1`, the encapsulated key's length (two bytes, big-endian), the encapsulated key,
//! the ciphertext with its tag.

use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::DhP256HkdfSha256 as Dh;
use hpke::{Deserializable as _, Kem, OpModeR, OpModeS, Serializable as _};
use zeroize::Zeroizing;

/// What the key schedule is bound to.
const INFO: &[u8] = b"counterpart sealed upload 1";
const MAGIC: &[u8; 4] = b"CPS1";

/// It is not a file sealed to that key for that submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file is not sealed to this submission's key")]
pub struct NotSealed;

/// A private key for one file. Not printable; wiped when dropped.
pub struct Opener {
    private: <Dh as Kem>::PrivateKey,
    public: Vec<u8>,
}

impl Default for Opener {
    fn default() -> Opener {
        Opener::new()
    }
}

impl Opener {
    /// A new one.
    pub fn new() -> Opener {
        let seed = Zeroizing::new(rand::random::<[u8; 32]>());
        let (private, public) = Dh::derive_keypair(seed.as_slice());
        Opener {
            private,
            public: public.to_bytes().to_vec(),
        }
    }

    /// What a file is sealed to: an uncompressed point, 65 bytes.
    pub fn public_key(&self) -> &[u8] {
        &self.public
    }

    /// Opens a file that was sealed for that submission. The key is used up.
    ///
    /// # Errors
    /// [`NotSealed`]: anything else, without a word on what.
    pub fn open(self, sealed: &[u8], submission: &str) -> Result<Zeroizing<Vec<u8>>, NotSealed> {
        let rest = sealed.strip_prefix(MAGIC).ok_or(NotSealed)?;
        let (length, rest) = rest.split_first_chunk::<2>().ok_or(NotSealed)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (key, ciphertext) = rest.split_at_checked(length).ok_or(NotSealed)?;
        let key = <Dh as Kem>::EncappedKey::from_bytes(key).map_err(|_| NotSealed)?;
        let plain = hpke::single_shot_open::<AesGcm256, HkdfSha256, Dh>(
            &OpModeR::Base,
            &self.private,
            &key,
            INFO,
            ciphertext,
            submission.as_bytes(),
        );
        plain.map(Zeroizing::new).map_err(|_| NotSealed)
    }
}

/// Seals a file to a key for a submission.
///
/// # Errors
/// [`NotSealed`] when the key is none.
pub fn seal(public_key: &[u8], file: &[u8], submission: &str) -> Result<Vec<u8>, NotSealed> {
    let key = <Dh as Kem>::PublicKey::from_bytes(public_key).map_err(|_| NotSealed)?;
    let (encapsulated, ciphertext) = hpke::single_shot_seal::<AesGcm256, HkdfSha256, Dh>(
        &OpModeS::Base,
        &key,
        INFO,
        file,
        submission.as_bytes(),
    )
    .map_err(|_| NotSealed)?;
    let encapsulated = encapsulated.to_bytes();
    let length = u16::try_from(encapsulated.len()).map_err(|_| NotSealed)?;
    let mut sealed = MAGIC.to_vec();
    sealed.extend(length.to_be_bytes());
    sealed.extend_from_slice(&encapsulated);
    sealed.extend(ciphertext);
    Ok(sealed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = b"forename,surname\nAnn,Lee\n";

    #[test]
    fn only_the_key_and_the_submission_it_was_sealed_for_open_a_file() {
        let opener = Opener::new();
        let sealed = seal(opener.public_key(), FILE, "one").unwrap();
        assert!(!sealed.windows(8).any(|w| FILE.windows(8).any(|f| f == w)));
        assert!(*opener.open(&sealed, "one").unwrap() == FILE);
        let opener = Opener::new();
        let sealed = seal(opener.public_key(), FILE, "one").unwrap();
        assert!(Opener::new().open(&sealed, "one").is_err(), "another key");
        assert!(opener.open(&sealed, "two").is_err(), "another submission");
    }

    #[test]
    fn whatever_is_changed_or_missing_it_does_not_open() {
        for broken in 0..120 {
            let opener = Opener::new();
            let mut sealed = seal(opener.public_key(), FILE, "one").unwrap();
            match broken % 2 {
                0 => {
                    let at = broken % sealed.len();
                    sealed[at] ^= 1;
                }
                _ => sealed.truncate(broken.min(sealed.len() - 1)),
            }
            assert!(opener.open(&sealed, "one").is_err(), "{broken}");
        }
        assert!(seal(&[4; 65], FILE, "one").is_err());
    }
}
