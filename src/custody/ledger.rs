//! The ledger: a Merkle tree of certificates (RFC 9162, section 2.1) that only grows. A leaf is a
//! certificate's digest; a checkpoint (C2SP tlog-checkpoint) is the tree's size and root, signed.
//!
//! Pure: hashes come from a reader that may not have them at hand yet (None), and then the caller
//! asks again. Cost of an append or a proof: O(log n) hashes.

use super::keys::{ORIGIN, PublicKey, SigningKey};
use signed_note::{Note, StandardVerifier, VerifierList};
use std::cell::Cell;
use tlog_tiles::tlog::{self, Hash, HashReader};

/// A hash of the tree.
pub type Digest = [u8; 32];

/// What is wrong with a proof, a checkpoint or the ledger itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The checkpoint is no signed note of this ledger.
    #[error("the checkpoint is not a signed note of this ledger")]
    Checkpoint,
    /// Its signature does not fit.
    #[error("the checkpoint is not signed by the key")]
    Signature,
    /// The leaf is not shown to be in the tree.
    #[error("the certificate is not shown to be in the ledger")]
    Inclusion,
    /// The smaller tree is not shown to be the beginning of the larger.
    #[error("the ledger is not shown to have only grown")]
    Consistency,
}

/// What an append adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grown {
    /// New hashes by their place in storage.
    pub hashes: Vec<(u64, Digest)>,
    /// Leaves there are now.
    pub size: u64,
    /// The root now.
    pub root: Digest,
}

/// Reads stored hashes, and remembers that some were not at hand.
struct Reader<'a, R> {
    read: &'a R,
    more: &'a [(u64, Digest)],
    missing: Cell<bool>,
}

impl<R: Fn(&[u64]) -> Option<Vec<Digest>>> HashReader for Reader<'_, R> {
    fn read_hashes(&self, places: &[u64]) -> Result<Vec<Hash>, tlog::Error> {
        let new = |place: &u64| self.more.iter().find(|(at, _)| at == place);
        let stored: Vec<u64> = places
            .iter()
            .copied()
            .filter(|p| new(p).is_none())
            .collect();
        let Some(found) = (self.read)(&stored).filter(|f| f.len() == stored.len()) else {
            self.missing.set(true);
            return Err(tlog::Error::IndexesNotInTree);
        };
        let mut found = found.into_iter();
        let hashes = places.iter().filter_map(|place| match new(place) {
            Some((_, hash)) => Some(Hash(*hash)),
            None => found.next().map(Hash),
        });
        Ok(hashes.collect())
    }
}

fn reader<'a, R>(read: &'a R, more: &'a [(u64, Digest)]) -> Reader<'a, R> {
    Reader {
        read,
        more,
        missing: Cell::new(false),
    }
}

/// Appends a leaf to a tree of `size` leaves. None when hashes are not at hand.
pub fn grow(size: u64, leaf: &[u8], read: impl Fn(&[u64]) -> Option<Vec<Digest>>) -> Option<Grown> {
    let hashes = tlog::stored_hashes(size, leaf, &reader(&read, &[])).ok()?;
    let first = tlog::stored_hash_count(size);
    let hashes: Vec<(u64, Digest)> = (first..).zip(hashes.iter().map(|h| h.0)).collect();
    let root = tlog::tree_hash(size + 1, &reader(&read, &hashes)).ok()?;
    Some(Grown {
        hashes,
        size: size + 1,
        root: root.0,
    })
}

/// Hashes from a leaf to the root of a tree of `size` leaves. None when hashes are not at hand.
pub fn inclusion(
    size: u64,
    index: u64,
    read: impl Fn(&[u64]) -> Option<Vec<Digest>>,
) -> Option<Vec<Digest>> {
    let proof = tlog::prove_record(size, index, &reader(&read, &[])).ok()?;
    Some(proof.iter().map(|h| h.0).collect())
}

/// That a tree of `from` leaves is the beginning of one of `to`. None when hashes are not at hand.
pub fn consistency(
    from: u64,
    to: u64,
    read: impl Fn(&[u64]) -> Option<Vec<Digest>>,
) -> Option<Vec<Digest>> {
    let proof = tlog::prove_tree(to, from, &reader(&read, &[])).ok()?;
    Some(proof.iter().map(|h| h.0).collect())
}

/// Checks that a leaf is in a tree.
///
/// # Errors
/// [`LedgerError::Inclusion`].
pub fn check_inclusion(
    checkpoint: &Checkpoint,
    index: u64,
    leaf: &[u8],
    proof: &[Digest],
) -> Result<(), LedgerError> {
    // No tree has a longer path.
    if proof.len() > 64 || index >= checkpoint.size {
        return Err(LedgerError::Inclusion);
    }
    let proof = proof.iter().map(|h| Hash(*h)).collect();
    let (root, leaf) = (Hash(checkpoint.root), tlog::record_hash(leaf));
    tlog::check_record(&proof, checkpoint.size, root, index, leaf)
        .map_err(|_| LedgerError::Inclusion)
}

/// Checks that a later tree begins with an earlier one.
///
/// # Errors
/// [`LedgerError::Consistency`].
pub fn check_consistency(
    earlier: &Checkpoint,
    later: &Checkpoint,
    proof: &[Digest],
) -> Result<(), LedgerError> {
    if proof.len() > 128 || earlier.size == 0 || earlier.size > later.size {
        return Err(LedgerError::Consistency);
    }
    let proof = proof.iter().map(|h| Hash(*h)).collect();
    tlog::check_tree(
        &proof,
        later.size,
        Hash(later.root),
        earlier.size,
        Hash(earlier.root),
    )
    .map_err(|_| LedgerError::Consistency)
}

/// The head of the ledger, as it was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Leaves.
    pub size: u64,
    /// Root.
    pub root: Digest,
}

/// Signs the head of the ledger: a note that ends with a newline.
pub fn sign(size: u64, root: &Digest, key: &SigningKey) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    let text = format!("{ORIGIN}\n{size}\n{}\n", STANDARD.encode(root));
    // Signed as a note's Ed25519 signature is: key id and signature, in base64.
    let public = key.public().to_text();
    let id = public.split('+').nth(1).unwrap_or_default();
    let mut signature = u32::from_str_radix(id, 16)
        .unwrap_or_default()
        .to_be_bytes()
        .to_vec();
    signature.extend(key.sign(text.as_bytes()));
    format!("{text}\n\u{2014} {ORIGIN} {}\n", STANDARD.encode(signature))
}

impl Checkpoint {
    /// Of a signed note, if that key signed it. Signatures of others (witnesses) may stand beside.
    ///
    /// # Errors
    /// [`LedgerError::Checkpoint`] or [`LedgerError::Signature`].
    pub fn open(note: &str, key: PublicKey) -> Result<Checkpoint, LedgerError> {
        let note = Note::from_bytes(note.as_bytes()).map_err(|_| LedgerError::Checkpoint)?;
        let verifier = StandardVerifier::new(&key.to_text()).map_err(|_| LedgerError::Signature)?;
        let (verified, _) = note
            .verify(&VerifierList::new(vec![Box::new(verifier)]))
            .map_err(|_| LedgerError::Signature)?;
        // Once more, by the stricter rules that certificates are held to.
        let signed = |s: &signed_note::Signature| key.verify(note.text(), s.signature());
        if verified.is_empty() || !verified.iter().all(signed) {
            return Err(LedgerError::Signature);
        }
        let head = tlog_tiles::checkpoint::Checkpoint::from_bytes(note.text())
            .map_err(|_| LedgerError::Checkpoint)?;
        if head.origin() != ORIGIN {
            return Err(LedgerError::Checkpoint);
        }
        Ok(Checkpoint {
            size: head.size(),
            root: head.hash().0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::collections::HashMap;

    /// Storage in memory, as a store would have it.
    #[derive(Default)]
    struct Shelf(RefCell<HashMap<u64, Digest>>, Cell<u64>);

    impl Shelf {
        fn read(&self) -> impl Fn(&[u64]) -> Option<Vec<Digest>> + '_ {
            |places| {
                let stored = self.0.borrow();
                places.iter().map(|p| stored.get(p).copied()).collect()
            }
        }

        fn append(&self, leaf: &Digest) -> Checkpoint {
            let grown = grow(self.1.get(), leaf, self.read()).unwrap();
            self.0.borrow_mut().extend(grown.hashes.iter().copied());
            self.1.set(grown.size);
            Checkpoint {
                size: grown.size,
                root: grown.root,
            }
        }
    }

    /// The root by the definition (RFC 9162, 2.1.1), the long way.
    fn root(leaves: &[Digest]) -> Digest {
        use sha2::{Digest as _, Sha256};
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => Sha256::new_with_prefix([0])
                .chain_update(leaf)
                .finalize()
                .into(),
            _ => {
                let k = leaves.len().next_power_of_two() / 2;
                let hash = Sha256::new_with_prefix([1]).chain_update(root(&leaves[..k]));
                hash.chain_update(root(&leaves[k..])).finalize().into()
            }
        }
    }

    #[test]
    fn roots_are_those_of_the_definition_and_every_proof_holds() {
        let shelf = Shelf::default();
        let leaves: Vec<Digest> = (0..40u8).map(|n| [n; 32]).collect();
        let mut heads = Vec::new();
        for (n, leaf) in leaves.iter().enumerate() {
            let head = shelf.append(leaf);
            assert_eq!(head.root, root(&leaves[..=n]), "{} leaves", n + 1);
            heads.push(head);
        }
        for head in &heads {
            for index in 0..head.size {
                let proof = inclusion(head.size, index, shelf.read()).unwrap();
                let leaf = &leaves[index as usize];
                assert_eq!(check_inclusion(head, index, leaf, &proof), Ok(()));
                let other = [99; 32];
                assert!(check_inclusion(head, index, &other, &proof).is_err());
                for broken in 0..proof.len() {
                    let mut tampered = proof.clone();
                    tampered[broken][7] ^= 1;
                    assert!(check_inclusion(head, index, leaf, &tampered).is_err());
                }
            }
            for earlier in heads.iter().filter(|e| e.size <= head.size) {
                let proof = consistency(earlier.size, head.size, shelf.read()).unwrap();
                assert_eq!(check_consistency(earlier, head, &proof), Ok(()));
                let forged = Checkpoint {
                    root: [1; 32],
                    ..*earlier
                };
                assert!(check_consistency(&forged, head, &proof).is_err());
            }
        }
    }

    #[test]
    fn a_checkpoint_is_believed_only_with_its_keys_signature() {
        let (key, other) = (SigningKey::random(), SigningKey::random());
        let note = sign(5, &[3; 32], &key);
        let head = Checkpoint::open(&note, key.public()).unwrap();
        assert_eq!((head.size, head.root), (5, [3; 32]));
        assert_eq!(
            Checkpoint::open(&note, other.public()),
            Err(LedgerError::Signature)
        );
        let forged = note.replacen("\n5\n", "\n6\n", 1);
        assert!(Checkpoint::open(&forged, key.public()).is_err());
        assert!(Checkpoint::open("", key.public()).is_err());
    }

    #[test]
    fn what_is_not_at_hand_is_asked_for_again() {
        assert!(grow(5, &[1; 32], |_| None).is_none());
        assert!(inclusion(5, 2, |_| None).is_none());
    }
}
