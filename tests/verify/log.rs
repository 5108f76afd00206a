//! A ledger in memory, made by the program's own code, whose key the test knows: so that it can also
//! sign what the program never would.

use crate::sound::sound;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use counterpart::custody::bundle::{Bundle, SCHEMA};
use counterpart::custody::certificate::{Envelope, PAYLOAD_TYPE, Signature, issue};
use counterpart::custody::hex;
use counterpart::custody::keys::{ORIGIN, SigningKey};
use counterpart::custody::ledger::{self, Digest};
use ed25519_dalek::Signer as _;
use serde_json::Value;
use std::collections::HashMap;

pub struct Log {
    pub seed: [u8; 32],
    pub key: SigningKey,
    pub envelopes: Vec<Envelope>,
    pub roots: Vec<Digest>,
    hashes: HashMap<u64, Digest>,
}

impl Log {
    /// Empty, with the key of that seed.
    pub fn keyed(seed: [u8; 32]) -> Log {
        use std::os::unix::fs::PermissionsExt as _;

        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), seed).unwrap();
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(file.path(), private).unwrap();
        Log {
            seed,
            key: SigningKey::open_or_create(file.path()).unwrap(),
            envelopes: Vec::new(),
            roots: Vec::new(),
            hashes: HashMap::new(),
        }
    }

    /// Of so many submissions that were treated properly.
    pub fn of(entries: usize) -> Log {
        let mut log = Log::keyed(rand::random());
        for n in 0..entries {
            log.add(issue(&sound(n), &log.key).unwrap());
        }
        log
    }

    /// Enters an envelope, whatever it says.
    pub fn add(&mut self, envelope: Envelope) {
        let size = self.envelopes.len() as u64;
        let stored = &self.hashes;
        let read = |places: &[u64]| places.iter().map(|p| stored.get(p).copied()).collect();
        let grown = ledger::grow(size, &envelope.digest(), read).unwrap();
        self.hashes.extend(grown.hashes);
        self.roots.push(grown.root);
        self.envelopes.push(envelope);
    }

    fn read(&self) -> impl Fn(&[u64]) -> Option<Vec<Digest>> + '_ {
        |places| places.iter().map(|p| self.hashes.get(p).copied()).collect()
    }

    pub fn checkpoint(&self, size: usize) -> String {
        ledger::sign(size as u64, &self.roots[size - 1], &self.key)
    }

    pub fn consistency(&self, from: usize, to: usize) -> Vec<String> {
        let proof = ledger::consistency(from as u64, to as u64, self.read()).unwrap();
        proof.iter().map(|h| hex::encode(h)).collect()
    }

    /// The certificate at a place, under the head of that size.
    pub fn bundle(&self, index: usize, size: usize) -> Value {
        let proof = ledger::inclusion(size as u64, index as u64, self.read()).unwrap();
        let bundle = Bundle {
            schema: SCHEMA.to_owned(),
            envelope: self.envelopes[index].clone(),
            leaf_index: index as u64,
            inclusion_proof: proof.iter().map(|h| hex::encode(h)).collect(),
            checkpoint: self.checkpoint(size),
            public_key: self.key.public().to_text(),
        };
        serde_json::from_str(&bundle.to_text()).unwrap()
    }

    /// Signs any payload as a certificate would be.
    pub fn sealed(&self, payload: &[u8]) -> Envelope {
        let kind = PAYLOAD_TYPE.len();
        let mut message = format!("DSSEv1 {kind} {PAYLOAD_TYPE} {} ", payload.len()).into_bytes();
        message.extend_from_slice(payload);
        Envelope {
            payload: STANDARD.encode(payload),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: vec![Signature {
                keyid: self.key.public().id(),
                sig: STANDARD.encode(self.sign(&message)),
            }],
        }
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let key = ed25519_dalek::SigningKey::from_bytes(&self.seed);
        key.sign(message).to_bytes()
    }

    /// A note of any text, signed under any name.
    pub fn note(&self, text: &str, name: &str) -> String {
        let public = self.key.public().to_text();
        let id = hex::decode(public.split('+').nth(1).unwrap()).unwrap();
        let signature = [&id[..], &self.sign(text.as_bytes())].concat();
        format!("{text}\n\u{2014} {name} {}\n", STANDARD.encode(signature))
    }

    /// The checkpoint of one entry, with other lines of text.
    pub fn head_of_one(&self, lines: impl Fn(&str) -> String) -> String {
        let root = STANDARD.encode(self.roots[0]);
        self.note(&lines(&root), ORIGIN)
    }
}

/// What the first certificate of a log says, as it was signed.
pub fn payload(log: &Log) -> String {
    let bytes = STANDARD.decode(&log.envelopes[0].payload).unwrap();
    String::from_utf8(bytes).unwrap()
}
