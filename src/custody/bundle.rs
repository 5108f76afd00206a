//! All it takes to check a certificate without the service: envelope, place in the ledger with its
//! proof, checkpoint, public key.

use super::certificate::{Envelope, Invalid};
use super::evidence::Evidence;
use super::hex;
use super::keys::PublicKey;
use super::ledger::{Checkpoint, Digest, LedgerError, check_inclusion};
use serde::{Deserialize, Serialize};

/// What a bundle says it is.
pub const SCHEMA: &str = "counterpart.certificate/1";

/// A certificate and its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// [`SCHEMA`].
    pub schema: String,
    /// The signed statement.
    pub envelope: Envelope,
    /// Its place in the ledger, from 0.
    pub leaf_index: u64,
    /// Hashes from the leaf to the root, hexadecimal.
    pub inclusion_proof: Vec<String>,
    /// The signed head of the ledger.
    pub checkpoint: String,
    /// The key that signed both, as a verifier key. To be compared with the one the service is known
    /// by: a bundle vouches for itself otherwise.
    pub public_key: String,
}

/// Why a bundle is not good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Not the form.
    #[error("this is not a certificate of erasure ({0})")]
    Form(&'static str),
    /// Signed by somebody else.
    #[error("the certificate is signed with another key than the one given")]
    OtherKey,
    /// The certificate.
    #[error(transparent)]
    Certificate(#[from] Invalid),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// What a good bundle shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// What was measured.
    pub evidence: Evidence,
    /// The head of the ledger that holds it.
    pub checkpoint: Checkpoint,
    /// The key that signed.
    pub key: PublicKey,
}

impl Bundle {
    /// From JSON.
    ///
    /// # Errors
    /// [`BundleError::Form`].
    pub fn parse(text: &str) -> Result<Bundle, BundleError> {
        let form = |_| BundleError::Form("its fields");
        // This reader lets no field stand twice, but takes a list for an object.
        let bundle: Bundle = serde_json::from_str(text).map_err(form)?;
        let plain: serde_json::Value = serde_json::from_str(text).map_err(form)?;
        if serde_json::to_value(&bundle).map_err(form)? != plain {
            return Err(BundleError::Form("its fields"));
        }
        match bundle.schema == SCHEMA {
            true => Ok(bundle),
            false => Err(BundleError::Form("its schema")),
        }
    }

    /// As JSON.
    pub fn to_text(&self) -> String {
        // Texts and numbers: they can be written.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Checks signature, rules, inclusion and checkpoint; and the key, where the one is given that
    /// the service is known by.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn verify(&self, known: Option<PublicKey>) -> Result<Verified, BundleError> {
        let key = PublicKey::parse(&self.public_key).ok_or(BundleError::Form("its public key"))?;
        if known.is_some_and(|known| known != key) {
            return Err(BundleError::OtherKey);
        }
        let evidence = self.envelope.check(key)?;
        let checkpoint = Checkpoint::open(&self.checkpoint, key)?;
        let proof = self.inclusion_proof.iter().map(|h| hex::decode_32(h));
        let proof: Option<Vec<Digest>> = proof.collect();
        let proof = proof.ok_or(BundleError::Form("its inclusion proof"))?;
        check_inclusion(
            &checkpoint,
            self.leaf_index,
            &self.envelope.digest(),
            &proof,
        )?;
        Ok(Verified {
            evidence,
            checkpoint,
            key,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::certificate::tests::unsound_but_signed;
    use super::super::certificate::{Doubt, Refused, issue};
    use super::super::keys::SigningKey;
    use super::super::ledger::{grow, sign};
    use super::super::sound::sound;
    use super::*;

    /// The only entry of its ledger.
    fn alone(envelope: Envelope, key: &SigningKey) -> Bundle {
        let grown = grow(0, &envelope.digest(), |_| Some(Vec::new())).unwrap();
        Bundle {
            schema: SCHEMA.into(),
            envelope,
            leaf_index: 0,
            inclusion_proof: Vec::new(),
            checkpoint: sign(1, &grown.root, key),
            public_key: key.public().to_text(),
        }
    }

    fn good(key: &SigningKey) -> Bundle {
        alone(issue(&sound(), key).unwrap(), key)
    }

    #[test]
    fn a_good_one_goes_through_text_and_shows_what_it_says() {
        let key = SigningKey::random();
        let text = good(&key).to_text();
        let bundle = Bundle::parse(&text).unwrap();
        assert_eq!(bundle, good(&key));
        for known in [None, Some(key.public())] {
            let verified = bundle.verify(known).unwrap();
            assert_eq!(verified.evidence, sound());
            assert_eq!(verified.checkpoint.size, 1);
            assert!(verified.key == key.public());
        }
    }

    #[test]
    fn the_first_thing_that_is_wrong_is_named() {
        let (key, other) = (SigningKey::random(), SigningKey::random());
        let bundle = good(&key);
        let refused = |bundle: &Bundle| bundle.verify(None).unwrap_err();
        let stranger = bundle.verify(Some(other.public()));
        assert_eq!(stranger.unwrap_err(), BundleError::OtherKey);
        let mut lie = bundle.clone();
        lie.public_key.push('\n');
        assert_eq!(refused(&lie), BundleError::Form("its public key"));
        let mut lie = bundle.clone();
        lie.public_key = other.public().to_text();
        assert_eq!(refused(&lie), BundleError::Certificate(Invalid::Signature));
        let mut lie = bundle.clone();
        lie.envelope.signatures[0].sig = String::new();
        assert_eq!(refused(&lie), BundleError::Certificate(Invalid::Signature));
        let mut lie = bundle.clone();
        lie.checkpoint = sign(1, &[0; 32], &other);
        assert_eq!(refused(&lie), BundleError::Ledger(LedgerError::Signature));
        lie.checkpoint = sign(1, &[0; 32], &key);
        assert_eq!(refused(&lie), BundleError::Ledger(LedgerError::Inclusion));
        lie.checkpoint = sign(0, &[0; 32], &key);
        assert_eq!(refused(&lie), BundleError::Ledger(LedgerError::Inclusion));
        let mut lie = bundle.clone();
        lie.leaf_index = 1;
        assert_eq!(refused(&lie), BundleError::Ledger(LedgerError::Inclusion));
        lie.inclusion_proof = vec!["A0".repeat(32)];
        assert_eq!(refused(&lie), BundleError::Form("its inclusion proof"));
    }

    #[test]
    fn what_was_signed_against_the_rules_is_refused_by_them() {
        let key = SigningKey::random();
        let bundle = alone(unsound_but_signed(&key), &key);
        let doubts = vec![Doubt::WorkerNotGone];
        assert_eq!(
            bundle.verify(None).unwrap_err(),
            BundleError::Certificate(Invalid::Doubted(Refused { doubts }))
        );
    }

    #[test]
    fn a_list_a_field_twice_or_besides_and_another_schema_are_not_taken() {
        let text = good(&SigningKey::random()).to_text();
        let fields = Err(BundleError::Form("its fields"));
        for lie in [
            "[]".to_owned(),
            text.replacen('{', "{\"leaf_index\": 0,", 1),
            text.replacen('{', "{\"more\": 0,", 1),
            text.replacen("\"leaf_index\": 0", "\"leaf_index\": -1", 1),
            format!("{text}{text}"),
        ] {
            assert_eq!(Bundle::parse(&lie), fields, "{lie}");
        }
        let bundle: Bundle = serde_json::from_str(&text).unwrap();
        let parts = (&bundle.schema, &bundle.envelope, 0, [""; 0]);
        let list = serde_json::to_string(&(parts.0, parts.1, parts.2, parts.3, "", "")).unwrap();
        assert!(
            serde_json::from_str::<Bundle>(&list).is_ok(),
            "the reader would"
        );
        assert_eq!(Bundle::parse(&list), fields);
        let other = text.replacen("certificate/1", "certificate/2", 1);
        assert_eq!(Bundle::parse(&other), Err(BundleError::Form("its schema")));
    }
}
