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
