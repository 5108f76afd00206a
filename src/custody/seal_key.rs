//! The service's word that a key to seal a list to is its own: whoever knows its verifier key from
//! elsewhere sees whether a proxy on the way has put in another.
//!
//! Ed25519 over DSSE's pre-authentication encoding (v1) of the submission's id, a line break, the
//! key in base64, a line break; of a payload type of its own, so that it passes for nothing else.

use super::certificate::pae;
use super::keys::{PublicKey, SigningKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What is signed.
pub const PAYLOAD_TYPE: &str = "application/vnd.counterpart.seal-key.v1";

/// Vouches for a key; the signature, base64.
pub fn vouch(key: &SigningKey, submission: &str, public_key: &[u8]) -> String {
    STANDARD.encode(key.sign(&said(submission, public_key)))
}

/// Whether the service of that verifier key vouches for a key.
pub fn is_vouched_for(
    known: PublicKey,
    submission: &str,
    public_key: &[u8],
    signature: &str,
) -> bool {
    let signature = STANDARD.decode(signature);
    signature.is_ok_and(|s| known.verify(&said(submission, public_key), &s))
}

fn said(submission: &str, public_key: &[u8]) -> Vec<u8> {
    let payload = format!("{submission}\n{}\n", STANDARD.encode(public_key));
    pae(PAYLOAD_TYPE, payload.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_vouched_for_by_one_service_for_one_submission() {
        let (ours, other) = (SigningKey::random(), SigningKey::random());
        let key = [4; 65];
        let word = vouch(&ours, "one", &key);
        assert!(is_vouched_for(ours.public(), "one", &key, &word));
        assert!(!is_vouched_for(other.public(), "one", &key, &word));
        assert!(!is_vouched_for(ours.public(), "two", &key, &word));
        assert!(!is_vouched_for(ours.public(), "one", &[5; 65], &word));
        assert!(!is_vouched_for(ours.public(), "one", &key, ""));
        // Where one text ends and the other begins is part of what is signed.
        let moved = vouch(&ours, "one\nBA==", &[]);
        assert!(!is_vouched_for(ours.public(), "one", &[4], &moved));
    }
}
