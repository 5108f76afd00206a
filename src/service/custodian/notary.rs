//! Certificates into the ledger, and proofs out of it.

use crate::custody::bundle::{Bundle, SCHEMA};
use crate::custody::certificate::{Envelope, Refused, issue};
use crate::custody::evidence::Evidence;
use crate::custody::hex;
use crate::custody::keys::{PublicKey, SigningKey};
use crate::custody::ledger::{self, Digest};
use crate::custody::seal_key;
use crate::service::model::SubmissionId;
use crate::service::store::{Growth, Shelf, Store, StoreError};

/// Signs, and proves what was signed.
pub struct Notary {
    key: SigningKey,
}

impl Notary {
    /// With that key.
    pub fn new(key: SigningKey) -> Notary {
        Notary { key }
    }

    /// What others check with.
    pub fn public_key(&self) -> PublicKey {
        self.key.public()
    }

    /// Certifies, or says why not.
    ///
    /// # Errors
    /// Every doubt.
    pub fn certify(&self, evidence: &Evidence) -> Result<Envelope, Refused> {
        issue(evidence, &self.key)
    }

    /// Whether a head of the ledger is signed with this key.
    pub fn has_signed(&self, head: &str) -> bool {
        ledger::Checkpoint::open(head, self.public_key()).is_ok()
    }

    /// Vouches for a key that a submission's list is to be sealed to; base64.
    pub fn vouch(&self, submission: SubmissionId, public_key: &[u8]) -> String {
        seal_key::vouch(&self.key, &submission.to_string(), public_key)
    }

    /// The ledger with one more leaf, and its signed head.
    pub fn grow(&self, shelf: &Shelf, leaf: &Digest) -> Option<Growth> {
        let grown = ledger::grow(shelf.size(), leaf, |places| shelf.hashes(places))?;
        Some(Growth {
            checkpoint: ledger::sign(grown.size, &grown.root, &self.key),
            hashes: grown.hashes,
        })
    }

    /// All it takes to check a submission's certificate; none when it has none.
    ///
    /// # Errors
    /// The store's.
    pub async fn bundle(
        &self,
        store: &Store,
        of: SubmissionId,
    ) -> Result<Option<Bundle>, StoreError> {
        let Some(kept) = store.certificate(of).await? else {
            return Ok(None);
        };
        let damaged = StoreError::Damaged {
            what: "certificate",
        };
        let envelope = serde_json::from_str(&kept.envelope).map_err(|_| damaged.clone())?;
        let (size, proof) = inclusion(store, kept.leaf).await?;
        let checkpoint = store.checkpoint(Some(size)).await?.ok_or(damaged)?;
        Ok(Some(Bundle {
            schema: SCHEMA.to_owned(),
            envelope,
            leaf_index: kept.leaf,
            inclusion_proof: proof.iter().map(|h| hex::encode(h)).collect(),
            checkpoint,
            public_key: self.key.public().to_text(),
        }))
    }
}

/// The ledger's size, and the proof that a leaf is in it.
///
/// # Errors
/// The store's.
pub async fn inclusion(store: &Store, index: u64) -> Result<(u64, Vec<Digest>), StoreError> {
    store
        .ledger_read(|shelf| {
            let size = shelf.size();
            let proof = ledger::inclusion(size, index, |places| shelf.hashes(places))?;
            Some((size, proof))
        })
        .await
}

/// The proof that the ledger has only grown between two sizes.
///
/// # Errors
/// The store's.
pub async fn consistency(store: &Store, from: u64, to: u64) -> Result<Vec<Digest>, StoreError> {
    store
        .ledger_read(|shelf| ledger::consistency(from, to, |places| shelf.hashes(places)))
        .await
}
