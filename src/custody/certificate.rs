//! The certificate of erasure: what was measured about one submission's end, judged by rules that
//! know nothing of how it was measured, and signed.
//!
//! An in-toto Statement (v1) in a DSSE envelope. What is signed is DSSE's pre-authentication
//! encoding of the payload, so that nothing can be taken for something else.

use super::commitment::ALGORITHM;
use super::evidence::{End, Evidence, Marks};
use super::hex;
use super::keys::{PublicKey, SigningKey};
use super::scan::sink;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// What a payload is.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// What a statement is.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// What this kind of statement says.
pub const PREDICATE_TYPE: &str = "https://counterpart.example/erasure/v1";

/// Everywhere that must have been looked.
pub const SINKS: [&str; 8] = [
    sink::SERVER,
    sink::WORKER,
    sink::DATA,
    sink::TEMPORARY,
    sink::DATABASE,
    sink::LOGS,
    sink::CORES,
    sink::SWAP,
];

/// A reason not to certify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// It, or something it started, is there.
    #[error("the process that held the data is not known to be gone")]
    WorkerNotGone,
    /// It could have written or sent what it held.
    #[error("the process that held the data was not confined")]
    NotConfined,
    /// A place was left out.
    #[error("the {0} was not looked at")]
    NotLookedAt(&'static str),
    /// A place was not looked at in full.
    #[error("not all of the {0} could be looked at")]
    Incomplete(String),
    /// Something is there.
    #[error("marks of the submission were found in the {0}")]
    Found(String),
    /// Something is there, wherever.
    #[error("{0} were found after the end")]
    FoundAfter(&'static str),
    /// Nothing to look for.
    #[error("no {0} were there to be looked for")]
    NothingPlanted(&'static str),
    /// Whether the scanner would have found them is not known.
    #[error("not all {0} were seen while the data was there: the scanner may be blind")]
    NotSeen(&'static str),
    /// It cannot end before it begins.
    #[error("the end is before the beginning")]
    Backwards,
    /// Nothing says what was done.
    #[error("no method is given")]
    NoMethod,
    /// Which file it was cannot be shown.
    #[error("there is no commitment to the file")]
    NoCommitment,
    /// Nothing says what program did it.
    #[error("the program is not identified")]
    NoProgram,
}

/// Not certified, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Each reason.
    pub doubts: Vec<Doubt>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let doubts: Vec<String> = self.doubts.iter().map(Doubt::to_string).collect();
        f.write_str(&doubts.join("; "))
    }
}

impl std::error::Error for Refused {}

/// Every reason not to certify.
pub fn doubts(evidence: &Evidence) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let mut unless = |fine: bool, doubt: Doubt| {
        if !fine {
            doubts.push(doubt);
        }
    };
    unless(evidence.worker.gone, Doubt::WorkerNotGone);
    // Of a process that ended with the server nothing was written down.
    let known = evidence.end != End::ServerEnded;
    unless(evidence.worker.confined || !known, Doubt::NotConfined);
    for name in SINKS {
        let looked = evidence.sinks.iter().any(|s| s.name == name);
        unless(looked, Doubt::NotLookedAt(name));
    }
    for sink in &evidence.sinks {
        unless(sink.complete, Doubt::Incomplete(sink.name.clone()));
        unless(sink.found == 0, Doubt::Found(sink.name.clone()));
    }
    let finished = evidence.end == End::Finished;
    for (marks, what, needed) in [
        (evidence.canaries, "canaries", finished || !known),
        // Of a list without long identifiers none can be taken, and that is said: canaries remain.
        (evidence.fingerprints, "fingerprints", false),
    ] {
        let Marks {
            planted,
            seen_during,
            found_after,
        } = marks;
        unless(found_after == 0, Doubt::FoundAfter(what));
        unless(planted > 0 || !needed, Doubt::NothingPlanted(what));
        unless(seen_during == planted || !finished, Doubt::NotSeen(what));
    }
    unless(in_order(evidence), Doubt::Backwards);
    let method = evidence.method.iter().any(|line| !line.is_empty());
    unless(method, Doubt::NoMethod);
    let committed = match &evidence.commitment {
        Some(c) => c.algorithm == ALGORITHM && hex::decode_32(&c.digest).is_some(),
        None => !finished,
    };
    unless(committed, Doubt::NoCommitment);
    let program = hex::decode_32(&evidence.engine_sha256).is_some();
    unless(
        program && !evidence.engine_version.is_empty(),
        Doubt::NoProgram,
    );
    doubts
}

/// By each clock that both moments have. RFC 3339 in UTC, to the millisecond, sorts as text does.
fn in_order(evidence: &Evidence) -> bool {
    let (from, to) = (&evidence.received, &evidence.erased);
    let monotonic = match (from.monotonic_ns, to.monotonic_ns) {
        // The machine was started again since.
        (Some(_), Some(_)) if evidence.end == End::ServerEnded => true,
        (Some(from), Some(to)) => from <= to,
        _ => evidence.end == End::ServerEnded,
    };
    monotonic && [from, to].iter().all(|m| is_utc(&m.wall)) && from.wall <= to.wall
}

/// `2026-11-23T12:00:00.000Z`, by its form.
fn is_utc(wall: &str) -> bool {
    const FORM: &[u8; 24] = b"0000-00-00T00:00:00.000Z";
    let fits = |(is, form): (u8, &u8)| match form {
        b'0' => is.is_ascii_digit(),
        other => is == *other,
    };
    wall.len() == FORM.len() && wall.bytes().zip(FORM).all(fits)
}

/// A statement about a submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// [`STATEMENT_TYPE`].
    #[serde(rename = "_type")]
    pub kind: String,
    /// The submission, by its commitment; or by the digest of its id where the file never came whole.
    pub subject: Vec<Subject>,
    /// [`PREDICATE_TYPE`].
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// What was measured.
    pub predicate: Evidence,
}

/// What a statement is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// `submission/` and its id.
    pub name: String,
    /// By kind, hexadecimal.
    pub digest: std::collections::BTreeMap<String, String>,
}

impl Statement {
    fn of(evidence: &Evidence) -> Statement {
        let (kind, digest) = match &evidence.commitment {
            Some(c) => (c.algorithm.clone(), c.digest.clone()),
            None => {
                let id = Sha256::digest(evidence.submission.as_bytes());
                ("sha256-of-id".to_owned(), hex::encode(&id))
            }
        };
        Statement {
            kind: STATEMENT_TYPE.to_owned(),
            subject: vec![Subject {
                name: format!("submission/{}", evidence.submission),
                digest: [(kind, digest)].into(),
            }],
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate: evidence.clone(),
        }
    }

    /// In the one form that is signed.
    fn to_bytes(&self) -> Vec<u8> {
        // Its own types can be written.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// A signed statement (DSSE v1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Envelope {
    /// The statement, base64.
    pub payload: String,
    /// [`PAYLOAD_TYPE`].
    pub payload_type: String,
    /// One or more.
    pub signatures: Vec<Signature>,
}

/// A signature of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Which key: a hint.
    pub keyid: String,
    /// Ed25519, base64.
    pub sig: String,
}

/// Why an envelope is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Not the form.
    #[error("the certificate is not in the form of a signed statement ({0})")]
    Form(&'static str),
    /// Not this key's.
    #[error("the certificate's signature is not that of the key")]
    Signature,
    /// Signed, and yet it should not have been.
    #[error("the certificate is signed, but what it says does not bear it out: {0}")]
    Doubted(Refused),
}

/// Certifies, or says why not.
///
/// # Errors
/// Every doubt.
pub fn issue(evidence: &Evidence, key: &SigningKey) -> Result<Envelope, Refused> {
    let doubts = doubts(evidence);
    if !doubts.is_empty() {
        return Err(Refused { doubts });
    }
    Ok(signed(&Statement::of(evidence).to_bytes(), key))
}

fn signed(payload: &[u8], key: &SigningKey) -> Envelope {
    let signature = key.sign(&pae(PAYLOAD_TYPE, payload));
    Envelope {
        payload: STANDARD.encode(payload),
        payload_type: PAYLOAD_TYPE.to_owned(),
        signatures: vec![Signature {
            keyid: key.public().id(),
            sig: STANDARD.encode(signature),
        }],
    }
}

/// What is signed: DSSE's pre-authentication encoding.
pub(super) fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    )
    .into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

impl Envelope {
    /// SHA-256 of what is signed and the signatures: the leaf of the ledger. The same however the
    /// envelope's JSON is spaced.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix(b"counterpart envelope 1\n");
        for text in [&self.payload_type, &self.payload] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        for signature in &self.signatures {
            for text in [&signature.keyid, &signature.sig] {
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text);
            }
        }
        hash.finalize().into()
    }

    /// What it says, if that key signed it and it bears its own rules out.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self, key: PublicKey) -> Result<Evidence, Invalid> {
        if self.payload_type != PAYLOAD_TYPE {
            return Err(Invalid::Form("its payload type"));
        }
        let payload = STANDARD.decode(&self.payload);
        let payload = payload.map_err(|_| Invalid::Form("its payload"))?;
        let signed = pae(PAYLOAD_TYPE, &payload);
        let is_signed = |s: &Signature| {
            s.keyid == key.id()
                && STANDARD
                    .decode(&s.sig)
                    .is_ok_and(|sig| key.verify(&signed, &sig))
        };
        if self.signatures.is_empty() || !self.signatures.iter().all(is_signed) {
            return Err(Invalid::Signature);
        }
        let statement: Statement =
            serde_json::from_slice(&payload).map_err(|_| Invalid::Form("its statement"))?;
        // One certificate has one form: no field twice, none besides, none left out.
        if Statement::of(&statement.predicate).to_bytes() != payload {
            return Err(Invalid::Form(
                "its subject, its types, or how it is written",
            ));
        }
        let doubts = doubts(&statement.predicate);
        match doubts.is_empty() {
            true => Ok(statement.predicate),
            false => Err(Invalid::Doubted(Refused { doubts })),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::sound::sound;
    use super::*;

    /// What no service may sign.
    pub fn unsound_but_signed(key: &SigningKey) -> Envelope {
        let mut evidence = sound();
        evidence.worker.gone = false;
        signed(&Statement::of(&evidence).to_bytes(), key)
    }

    #[test]
    fn what_is_signed_is_the_specifications_example() {
        // The DSSE specification's own example of its encoding.
        let encoded = pae("http://example.com/HelloWorld", b"hello world");
        assert_eq!(
            encoded,
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }
}
