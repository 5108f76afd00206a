//! The key that certificates and checkpoints are signed with (Ed25519, RFC 8032).

use ed25519_dalek::{Signer as _, VerifyingKey};
use signed_note::new_ed25519_verifier_key;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use zeroize::Zeroizing;

/// The name that checkpoints carry where no other is given: the origin of the ledger (C2SP).
pub const ORIGIN: &str = "counterpart/ledger";

/// A private key. Not printable; wiped when dropped.
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// A new one.
    pub fn random() -> SigningKey {
        let seed = Zeroizing::new(rand::random::<[u8; 32]>());
        SigningKey(ed25519_dalek::SigningKey::from_bytes(&seed))
    }

    /// That of a [`key_file`].
    ///
    /// # Errors
    /// As there.
    pub fn open_or_create(path: &Path) -> io::Result<SigningKey> {
        let seed = key_file(path)?;
        Ok(SigningKey(ed25519_dalek::SigningKey::from_bytes(&seed)))
    }

    /// What others check with.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs bytes.
    pub(super) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }
}

/// The 32 secret bytes of a file; drawn and written, for this user alone, where there is none.
///
/// # Errors
/// When the file cannot be read or made, does not hold 32 bytes, or others may read it.
pub fn key_file(path: &Path) -> io::Result<Zeroizing<[u8; 32]>> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Ok(mut file) => {
            let secret = Zeroizing::new(rand::random::<[u8; 32]>());
            file.write_all(secret.as_slice())?;
            file.sync_all()?;
            Ok(secret)
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => read_key(path),
        Err(e) => Err(e),
    }
}

fn read_key(path: &Path) -> io::Result<Zeroizing<[u8; 32]>> {
    use std::os::unix::fs::PermissionsExt as _;

    let mut file = File::open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        let rule = "the key's file may be read by others: it must be its owner's alone (mode 600)";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, rule));
    }
    let mut secret = Zeroizing::new([0; 32]);
    file.read_exact(secret.as_mut_slice())?;
    if file.read(&mut [0])? != 0 {
        let rule = "the key's file must hold 32 bytes";
        return Err(io::Error::new(io::ErrorKind::InvalidData, rule));
    }
    Ok(secret)
}

/// A public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// In the form of a signed note's verifier key (C2SP): `name+id+base64`.
    pub fn to_text(self) -> String {
        new_ed25519_verifier_key(ORIGIN, &self.0)
    }

    /// From that form, to the letter. A key of small order is none: it signs for anybody.
    pub fn parse(text: &str) -> Option<PublicKey> {
        use base64::Engine as _;

        let encoded = text.splitn(3, '+').nth(2)?;
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(encoded)
            .ok()?;
        let key: &[u8; 32] = bytes.get(1..)?.try_into().ok()?;
        let key = PublicKey(VerifyingKey::from_bytes(key).ok()?);
        (!key.0.is_weak() && key.to_text() == text).then_some(key)
    }

    /// The first eight bytes of SHA-256 of the key, hexadecimal: which key it is.
    pub fn id(self) -> String {
        use sha2::Digest as _;
        super::hex::encode(&sha2::Sha256::digest(self.0.as_bytes())[..8])
    }

    /// Whether this key has signed those bytes.
    pub(super) fn verify(self, bytes: &[u8], signature: &[u8]) -> bool {
        let signature = ed25519_dalek::Signature::from_slice(signature);
        signature.is_ok_and(|s| self.0.verify_strict(bytes, &s).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        let made = SigningKey::open_or_create(&path).unwrap().public();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(SigningKey::open_or_create(&path).unwrap().public() == made);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(SigningKey::open_or_create(&path).is_err());
        let short = dir.path().join("short");
        std::fs::write(&short, [1; 31]).unwrap();
        std::fs::set_permissions(&short, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(SigningKey::open_or_create(&short).is_err());
    }

    #[test]
    fn signatures_are_those_of_rfc_8032() {
        // Section 7.1, test 2.
        let seed = [
            0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11,
            0x4e, 0x0f, 0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed,
            0x4f, 0xb8, 0xa6, 0xfb,
        ];
        let key = SigningKey(ed25519_dalek::SigningKey::from_bytes(&seed));
        let signature = key.sign(&[0x72]);
        assert!(
            super::super::hex::encode(&signature).starts_with("92a009a9f0d4cab8720e820b5f642540")
        );
        assert!(key.public().verify(&[0x72], &signature));
        assert!(!key.public().verify(&[0x73], &signature));
    }

    #[test]
    fn a_public_key_goes_through_text() {
        let key = SigningKey::random().public();
        let text = key.to_text();
        assert!(PublicKey::parse(&text) == Some(key));
        assert!(PublicKey::parse(&text.replace('c', "d")).is_none());
        for none in [
            "",
            "+",
            "a+b",
            "counterpart/ledger+00000000+",
            &format!(" {text}"),
        ] {
            assert!(PublicKey::parse(none).is_none(), "{none}");
        }
        let renamed = text.replacen("counterpart", "other", 1);
        assert!(PublicKey::parse(&renamed).is_none());
        // The neutral element of the curve: every signature of zeros is its own.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let neutral = PublicKey(VerifyingKey::from_bytes(&neutral).unwrap());
        assert!(PublicKey::parse(&neutral.to_text()).is_none());
    }
}
