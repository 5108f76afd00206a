//! What is given beside a certificate: key, list and salt, an earlier head.

use crate::both::{Desk, changed};
use crate::log::Log;
use crate::sound::{LIST, SALT};
use counterpart::custody::hex;
use serde_json::json;

#[test]
fn no_key_but_the_one_given() {
    let (desk, log, other) = (Desk::new(), Log::of(1), Log::of(1));
    let bundle = log.bundle(0, 1);
    let (key, stranger) = (log.key.public().to_text(), other.key.public().to_text());
    desk.put("key", &stranger);
    desk.refuses(
        "a stranger's key given",
        bundle.to_string(),
        &["--key", "key"],
        "another key than the one given",
    );
    // He can make everything anew: only the key tells.
    desk.put("key", &key);
    desk.refuses(
        "a stranger's certificate",
        other.bundle(0, 1).to_string(),
        &["--key", "key"],
        "another key than the one given",
    );
    for none in [
        "",
        "\n",
        "key",
        "a+b+c",
        &key[1..],
        &key[..key.len() - 2],
        &format!("{key} x"),
    ] {
        desk.put("key", none);
        desk.refuses(
            none,
            bundle.to_string(),
            &["--key", "key"],
            "does not hold a verifier key",
        );
    }
    let lie = changed(&bundle, "/public_key", stranger);
    desk.refuses(
        "a stranger's key within",
        lie.to_string(),
        &[],
        "signature is not that",
    );
    let upper = key.replacen("counterpart/ledger", "counterpart/Ledger", 1);
    for none in [String::new(), upper, format!("{key}\n"), format!(" {key}")] {
        let lie = changed(&bundle, "/public_key", none);
        desk.refuses("no key within", lie.to_string(), &[], "its public key");
    }
}

#[test]
fn only_the_list_itself_with_its_salt() {
    let (desk, log) = (Desk::new(), Log::of(2));
    let bundle = log.bundle(1, 2).to_string();
    let salt = hex::encode(&SALT);
    desk.put("list", LIST);
    let given = |name: &str, list: &[u8], salt: &str, because: &str| {
        desk.put("other", list);
        desk.refuses(name, &bundle, &["--file", "other", "--salt", salt], because);
    };
    let not_it = "list and salt are not those";
    given("a row less", &LIST[..LIST.len() - 1], &salt, not_it);
    given("empty", b"", &salt, not_it);
    given("huge", &vec![b'x'; 16 << 20], &salt, not_it);
    given(
        "other line ends",
        b"forename,surname\r\nAnn,Lee\r\n",
        &salt,
        not_it,
    );
    given("another salt", LIST, &hex::encode(&[0xa4; 32]), not_it);
    let no_salt = "--salt is not 64 hexadecimal digits";
    for wrong in [
        &salt[2..],
        &format!("{salt}a5"),
        "",
        &salt.replacen("a5", "+5", 1),
        &salt.replacen("a5", "g5", 1),
    ] {
        given("no salt", LIST, wrong, no_salt);
    }
    let capitals = salt.to_uppercase();
    let read = desk.verify_text(&bundle, &["--file", "list", "--salt", &capitals]);
    assert_eq!(
        read.code, 0,
        "a salt may be typed in capitals: {}",
        read.told
    );
}

#[test]
fn a_ledger_that_was_rewritten_or_shrunk_is_seen() {
    let desk = Desk::new();
    let log = Log::of(8);
    let mut forked = Log::keyed(log.seed);
    for (n, envelope) in log.envelopes.iter().enumerate() {
        match n {
            2 => forked.add(Log::of(1).envelopes[0].clone()),
            _ => forked.add(envelope.clone()),
        }
    }
    let bundle = log.bundle(4, 7).to_string();
    let proof = |of: &Log, from, to| of.consistency(from, to);
    let not_grown = "not shown to have only grown";
    let given = |case: &str, checkpoint: String, proof: Vec<String>, because: &str| {
        let ledger = json!({"checkpoint": checkpoint, "consistency_proof": proof});
        desk.put("ledger", ledger.to_string());
        desk.refuses(case, &bundle, &["--ledger", "ledger"], because);
    };
    given(
        "a fork before",
        forked.checkpoint(3),
        proof(&log, 3, 7),
        not_grown,
    );
    given(
        "a fork before, its own proof",
        forked.checkpoint(3),
        proof(&forked, 3, 7),
        not_grown,
    );
    given(
        "a fork of the same size",
        forked.checkpoint(7),
        vec![],
        not_grown,
    );
    given(
        "a fork after",
        forked.checkpoint(8),
        proof(&forked, 7, 8),
        not_grown,
    );
    given("no proof", log.checkpoint(3), vec![], not_grown);
    given(
        "a proof of other sizes",
        log.checkpoint(3),
        proof(&log, 2, 7),
        not_grown,
    );
    given(
        "a proof where none is needed",
        log.checkpoint(7),
        proof(&log, 3, 7),
        not_grown,
    );
    let mut longer = proof(&log, 3, 7);
    longer.push(longer[0].clone());
    given(
        "a proof too long",
        log.checkpoint(3),
        longer.clone(),
        not_grown,
    );
    given(
        "a proof turned",
        log.checkpoint(3),
        proof(&log, 3, 7).into_iter().rev().collect(),
        not_grown,
    );
    let empty = log.note(
        "counterpart/ledger\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "counterpart/ledger",
    );
    given("of nothing", empty, vec![], not_grown);
    given(
        "another log",
        Log::of(3).checkpoint(3),
        proof(&log, 3, 7),
        "not signed by the key",
    );
    longer[0] = longer[0].to_uppercase() + "0";
    given(
        "no hashes",
        log.checkpoint(3),
        longer,
        "64 hexadecimal digits",
    );
    for none in [
        "",
        "[]",
        "[\"x\", []]",
        "{\"checkpoint\": \"x\"}",
        "{\"consistency_proof\": []}",
    ] {
        desk.put("ledger", none);
        desk.refuses(
            none,
            &bundle,
            &["--ledger", "ledger"],
            "ledger file is not a JSON object",
        );
    }
    let twice = json!({"checkpoint": log.checkpoint(7), "consistency_proof": []}).to_string();
    desk.put(
        "ledger",
        twice.replacen('{', "{\"consistency_proof\": [],", 1),
    );
    desk.refuses(
        "a field twice",
        &bundle,
        &["--ledger", "ledger"],
        "ledger file is not a JSON object",
    );
}

#[test]
fn what_cannot_be_read_and_what_is_not_understood_is_told_apart() {
    let (desk, log) = (Desk::new(), Log::of(1));
    let bundle = log.bundle(0, 1).to_string();
    let certificate = desk.put("certificate.json", &bundle);
    let code = |more: &[&str]| desk.verify(&certificate, more).code;
    let salt = hex::encode(&SALT);
    assert_eq!(desk.verify("absent.json".as_ref(), &[]).code, 3);
    assert_eq!(desk.verify(certificate.parent().unwrap(), &[]).code, 3);
    for flag in ["--key", "--ledger"] {
        assert_eq!(code(&[flag, "absent"]), 3, "{flag}");
        assert_eq!(code(&[flag]), 2, "{flag} without a value");
    }
    assert_eq!(code(&["--file", "absent", "--salt", &salt]), 3);
    assert_eq!(
        code(&["--file", "absent", "--salt", "short"]),
        1,
        "the salt is looked at first"
    );
    assert_eq!(code(&["--file", "certificate.json"]), 2);
    assert_eq!(code(&["--salt", &salt]), 2);
    assert_eq!(code(&["--unknown"]), 2);
    assert_eq!(code(&["another.json"]), 2);
}
