//! What the right key has signed, and yet does not hold: a service that breaks its own rules is seen
//! by whoever checks.

use crate::both::Desk;
use crate::log::{Log, payload};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use counterpart::custody::bundle::SCHEMA;
use counterpart::custody::certificate::{Envelope, PAYLOAD_TYPE, SINKS, Signature};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// In the ledger and signed, with that payload.
fn entered(payload: &[u8]) -> String {
    let mut log = Log::keyed([7; 32]);
    log.add(log.sealed(payload));
    log.bundle(0, 1).to_string()
}

/// Each pair of texts in the payload once exchanged, and everything signed anew.
fn refused(desk: &Desk, because: &str, exchanges: &[(&str, &str)]) {
    let said = payload(&Log::of(1));
    for (from, to) in exchanges {
        assert!(said.contains(from), "{from}");
        let lie = said.replacen(from, to, 1);
        desk.refuses(to, entered(lie.as_bytes()), &[], because);
    }
}

#[test]
fn an_erasure_that_its_own_evidence_does_not_show_is_refused() {
    let desk = Desk::new();
    assert_eq!(
        desk.verify_text(entered(payload(&Log::of(1)).as_bytes()), &[])
            .code,
        0
    );
    let first = "\"found\":0,\"complete\":true";
    let marks = "\"planted\":200,\"seen_during\":200,\"found_after\":0";
    let prints = "\"planted\":17,\"seen_during\":17,\"found_after\":0";
    let start = "2026-11-23T12:00:03.250Z\",\"monotonic_ns\":3000000000";
    refused(
        &desk,
        "does not bear it out",
        &[
            ("\"gone\":true", "\"gone\":false"),
            ("\"confined\":true", "\"confined\":false"),
            (first, "\"found\":1,\"complete\":true"),
            (first, "\"found\":0,\"complete\":false"),
            (
                marks,
                "\"planted\":200,\"seen_during\":199,\"found_after\":0",
            ),
            (
                marks,
                "\"planted\":200,\"seen_during\":201,\"found_after\":0",
            ),
            (
                marks,
                "\"planted\":200,\"seen_during\":200,\"found_after\":1",
            ),
            (marks, "\"planted\":0,\"seen_during\":0,\"found_after\":0"),
            (prints, "\"planted\":17,\"seen_during\":0,\"found_after\":0"),
            (
                prints,
                "\"planted\":17,\"seen_during\":17,\"found_after\":17",
            ),
            (
                start,
                "2026-11-23T12:00:10.000Z\",\"monotonic_ns\":3000000000",
            ),
            (
                start,
                "2026-11-23T12:00:03.250Z\",\"monotonic_ns\":9000000001",
            ),
            (start, "2026-11-23T12:00:03.250Z\",\"monotonic_ns\":null"),
            (start, "2026-11-23T12:00:03.250+01:00\",\"monotonic_ns\":1"),
            (start, "yesterday\",\"monotonic_ns\":1"),
            ("\"engine_version\":\"0.1.0\"", "\"engine_version\":\"\""),
            ("5c5c", "5c5"),
            ("5c5c", "5C5c"),
        ],
    );
    for name in SINKS {
        let (here, there) = (format!("\"name\":\"{name}\""), "\"name\":\"somewhere\"");
        refused(
            &desk,
            &format!("the {name} was not looked at"),
            &[(&here, there)],
        );
    }
}

#[test]
fn a_statement_has_one_form_whoever_signs_it() {
    let desk = Desk::new();
    let said = payload(&Log::of(1));
    let form = "not in the form of a signed statement";
    refused(
        &desk,
        form,
        &[
            ("\"gone\":true", "\"gone\":false,\"gone\":true"),
            ("\"gone\":true", "\"gone\": true"),
            ("\"gone\":true", "\"g\\u006fne\":true"),
            (
                "\"gone\":true,\"how\":\"exit 0\"",
                "\"how\":\"exit 0\",\"gone\":true",
            ),
            ("\"gone\":true", "\"gone\":true,\"copied\":true"),
            ("\"gone\":true", "\"gone\":1"),
            ("\"gone\":true,", ""),
            (
                "\"worker\":{\"gone\":true,\"how\":\"exit 0\",\"memory_locked\":true,\"confined\":true}",
                "\"worker\":[true,\"exit 0\",true,true]",
            ),
            ("\\u0001", "\\u001"),
            ("\u{e9}", "\\u00e9"),
            ("\u{e9}", "\\ud800"),
            ("exit 0", "exit\\/0"),
            ("\"bytes\":4096", "\"bytes\":4096.0"),
            ("\"bytes\":4096", "\"bytes\":18446744073709551616"),
            ("\"planted\":200", "\"planted\":4294967496"),
            ("\"found\":0", "\"found\":-0"),
            ("\"end\":\"finished\"", "\"end\":\"forgotten\""),
            ("\"complete\":true,\"note\":null", "\"complete\":true"),
            (
                "\"subject\":[",
                "\"subject\":[{\"name\":\"another\",\"digest\":{}},",
            ),
            ("submission/0", "submission/1"),
            (
                "\"digest\":{\"hmac",
                "\"digest\":{\"hmac-sha256\":\"00\",\"hmac",
            ),
            ("\"hmac-sha256\":\"", "\"sha256\":\""),
            (
                "https://in-toto.io/Statement/v1",
                "https://in-toto.io/Statement/v2",
            ),
            ("/erasure/v1", "/erasure/v2"),
        ],
    );
    for lie in [
        format!("{said}\n"),
        format!(" {said}"),
        String::new(),
        "{}".into(),
        "[]".into(),
        format!("\u{feff}{said}"),
    ] {
        desk.refuses(&lie, entered(lie.as_bytes()), &[], form);
    }
    desk.refuses("not text", entered(b"\xff\xfe"), &[], form);
}

/// L, the order of the group (RFC 8032, 5.1), with its little end first.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

#[test]
fn a_signature_has_one_form() {
    let (desk, mut log) = (Desk::new(), Log::keyed([8; 32]));
    let mut envelope = Log::of(1).envelopes.remove(0);
    envelope = log.sealed(&STANDARD.decode(envelope.payload).unwrap());
    let mut sig = STANDARD.decode(&envelope.signatures[0].sig).unwrap();
    let mut carry = 0;
    for (byte, more) in sig[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(more) + carry;
        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    envelope.signatures[0].sig = STANDARD.encode(sig);
    log.add(envelope);
    let bundle = log.bundle(0, 1).to_string();
    desk.refuses(
        "S and the order",
        bundle,
        &[],
        "signature is not that of the key",
    );
}

#[test]
fn a_key_that_signs_for_anybody_is_none() {
    // The neutral element: R = 1 and S = 0 is its signature of whatever one likes.
    let mut key = [0; 32];
    key[0] = 1;
    let nobodys = [key, [0; 32]].concat();
    let typed = [&[1], &key[..]].concat();
    let id = Sha256::digest([b"counterpart/ledger\n", &typed[..]].concat());
    let log = Log::of(1);
    let envelope = Envelope {
        payload: log.envelopes[0].payload.clone(),
        payload_type: PAYLOAD_TYPE.into(),
        signatures: vec![Signature {
            keyid: counterpart::custody::hex::encode(&Sha256::digest(key)[..8]),
            sig: STANDARD.encode(&nobodys),
        }],
    };
    let root = Sha256::digest([&[0], &envelope.digest()[..]].concat());
    let head = format!("counterpart/ledger\n1\n{}\n", STANDARD.encode(root));
    let signature = STANDARD.encode([&id[..4], &nobodys].concat());
    let bundle = json!({
        "schema": SCHEMA,
        "envelope": envelope,
        "leaf_index": 0,
        "inclusion_proof": [],
        "checkpoint": format!("{head}\n\u{2014} counterpart/ledger {signature}\n"),
        "public_key": format!("counterpart/ledger+{}+{}", counterpart::custody::hex::encode(&id[..4]), STANDARD.encode(typed)),
    });
    let desk = Desk::new();
    desk.refuses("nobody's", bundle.to_string(), &[], "its public key");
}
