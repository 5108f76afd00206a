//! Secrets: shown once, kept as a digest.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// A token or a password made here: not printable, wiped when dropped.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// 256 random bits behind a prefix by which people and scanners know it.
    pub(super) fn token(prefix: &str) -> Secret {
        let bits: Zeroizing<[u8; 32]> = Zeroizing::new(rand::random());
        let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(bits.as_slice()));
        Secret(Zeroizing::new([prefix, encoded.as_str()].concat()))
    }

    /// A password of 120 random bits, of letters and digits that are not mistaken for each other.
    pub fn password() -> Secret {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let bits: Zeroizing<[u8; 24]> = Zeroizing::new(rand::random());
        let mut text = Zeroizing::new(String::with_capacity(29));
        for (i, b) in bits.iter().enumerate() {
            if i > 0 && i % 4 == 0 {
                text.push('-');
            }
            text.push(char::from(LETTERS[usize::from(b % 32)]));
        }
        Secret(text)
    }

    /// What it is: to be told to its holder alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// What is kept of a token.
pub(super) fn token_digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_never_the_same() {
        let (a, b) = (Secret::token("cps_"), Secret::token("cps_"));
        assert!(a.expose() != b.expose() && a.expose().len() == 4 + 43);
        let password = Secret::password();
        assert_eq!(password.expose().len(), 29);
        assert!(password.expose() != Secret::password().expose());
    }
}
