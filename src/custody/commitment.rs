//! A salted commitment to a file: whoever has file and salt can show that this was the file; to
//! anybody else it says nothing, not even whether a guess is right.

use super::evidence::Commitment;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// How it is made.
pub const ALGORITHM: &str = "hmac-sha256";

/// A commitment in the making. Not printable.
#[derive(Clone)]
pub struct Committing(Hmac<Sha256>);

impl Committing {
    /// Under that salt: HMAC-SHA-256 (RFC 2104) with the salt for a key.
    pub fn new(salt: &[u8; 32]) -> Committing {
        // A fixed-size key of a size that HMAC takes as it is: 32 bytes of a block of 64.
        let mut block = Zeroizing::new([0u8; 64]);
        block[..32].copy_from_slice(salt);
        Committing(Hmac::new((&*block).into()))
    }

    /// More of the file.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The file is whole.
    pub fn finish(self) -> Commitment {
        Commitment {
            algorithm: ALGORITHM.to_owned(),
            digest: super::hex::encode(&self.0.finalize().into_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_hmac_sha_256_with_the_salt_for_a_key() {
        // Computed by Python's hmac: key bytes 0 to 31, message `hello, world`.
        let salt: [u8; 32] = std::array::from_fn(|n| n as u8);
        let mut committing = Committing::new(&salt);
        committing.update(b"hello, ");
        committing.update(b"world");
        let made = committing.finish();
        assert_eq!(made.algorithm, ALGORITHM);
        assert_eq!(
            made.digest,
            "fe751971276e8bc03a398380b60d4cbfcde5da9a4a834f610fd82bff4daa3257"
        );
    }
}
