//! Certificates that were changed by somebody without the key.

use crate::both::Desk;
use crate::log::{LIST, Log, SALT, payload};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use counterpart::custody::hex;
use serde_json::{Value, json};

/// The parts of the one signature.
const SIG: &str = "/envelope/signatures/0/sig";
const KEYID: &str = "/envelope/signatures/0/keyid";
const PAYLOAD: &str = "/envelope/payload";

fn changed(bundle: &Value, at: &str, to: impl Into<Value>) -> Value {
    let mut bundle = bundle.clone();
    *bundle.pointer_mut(at).unwrap() = to.into();
    bundle
}

fn text<'a>(bundle: &'a Value, at: &str) -> &'a str {
    bundle.pointer(at).unwrap().as_str().unwrap()
}

/// Every value of a JSON text, by its path.
fn values(of: &Value, at: String, found: &mut Vec<String>) {
    match of {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, v)| values(v, format!("{at}/{name}"), found)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(n, v)| values(v, format!("{at}/{n}"), found)),
        _ => found.push(at),
    }
}

fn other(value: &Value) -> Value {
    match value {
        Value::Bool(b) => json!(!b),
        Value::Number(n) => json!(n.as_u64().unwrap() + 1),
        Value::String(s) => json!(format!("{s}0")),
        _ => json!(7),
    }
}

#[test]
fn no_field_of_the_statement_can_be_changed() {
    let (desk, log) = (Desk::new(), Log::of(1));
    let bundle = log.bundle(0, 1);
    let said: Value = serde_json::from_str(&payload(&log)).unwrap();
    let mut fields = Vec::new();
    values(&said, String::new(), &mut fields);
    assert!(fields.len() > 50, "{fields:?}");
    for field in fields {
        let mut lie = said.clone();
        let value = lie.pointer_mut(&field).unwrap();
        *value = other(value);
        let lie = changed(&bundle, PAYLOAD, STANDARD.encode(lie.to_string()));
        let because = "signature is not that of the key";
        desk.refuses(&field, lie.to_string(), &[], because);
    }
}

#[test]
fn no_part_of_the_envelope_can_be_changed() {
    let (desk, log) = (Desk::new(), Log::of(7));
    let bundle = log.bundle(3, 7);
    let sig = STANDARD.decode(text(&bundle, SIG)).unwrap();
    let said = STANDARD.decode(text(&bundle, PAYLOAD)).unwrap();
    let stranger = Log::of(1);
    let flipped = |byte: usize| {
        let mut sig = sig.clone();
        sig[byte] ^= 1;
        STANDARD.encode(sig)
    };
    let strangers = stranger.sealed(&said);
    let twice = [&bundle["envelope"]["signatures"][0]; 2];
    let both = json!([twice[0], {"keyid": strangers.signatures[0].keyid, "sig": strangers.signatures[0].sig}]);
    let form = "not in the form";
    let unsigned = "signature is not that of the key";
    let absent = "not shown to be in the ledger";
    for (case, lie, because) in [
        (
            "signature cut",
            changed(&bundle, SIG, STANDARD.encode(&sig[..63])),
            unsigned,
        ),
        (
            "signature longer",
            changed(&bundle, SIG, STANDARD.encode([&sig[..], &[0]].concat())),
            unsigned,
        ),
        (
            "signature flipped, R",
            changed(&bundle, SIG, flipped(5)),
            unsigned,
        ),
        (
            "signature flipped, S",
            changed(&bundle, SIG, flipped(40)),
            unsigned,
        ),
        (
            "signature of zeros",
            changed(&bundle, SIG, STANDARD.encode([0; 64])),
            unsigned,
        ),
        ("signature empty", changed(&bundle, SIG, ""), unsigned),
        (
            "signature of another key",
            changed(&bundle, SIG, strangers.signatures[0].sig.clone()),
            unsigned,
        ),
        (
            "signature unpadded",
            changed(&bundle, SIG, STANDARD_NO_PAD.encode(&sig)),
            unsigned,
        ),
        (
            "signature in the other alphabet",
            changed(&bundle, SIG, format!("-_{}", &URL_SAFE.encode(&sig)[2..])),
            unsigned,
        ),
        (
            "key id of another",
            changed(&bundle, KEYID, strangers.signatures[0].keyid.clone()),
            unsigned,
        ),
        ("key id empty", changed(&bundle, KEYID, ""), unsigned),
        (
            "key id in capitals",
            changed(&bundle, KEYID, format!("{}A", &text(&bundle, KEYID)[1..])),
            unsigned,
        ),
        (
            "payload type",
            changed(&bundle, "/envelope/payloadType", "application/json"),
            form,
        ),
        (
            "payload with a line break",
            changed(&bundle, PAYLOAD, format!("{}\n", text(&bundle, PAYLOAD))),
            form,
        ),
        (
            "payload in the other alphabet",
            changed(
                &bundle,
                PAYLOAD,
                URL_SAFE.encode([&said[..], &[0xff; 3]].concat()),
            ),
            form,
        ),
        (
            "payload cut",
            changed(&bundle, PAYLOAD, STANDARD.encode(&said[1..])),
            unsigned,
        ),
        ("payload empty", changed(&bundle, PAYLOAD, ""), unsigned),
        (
            "payload spaced anew",
            changed(
                &bundle,
                PAYLOAD,
                STANDARD.encode([&said[..], b"\n"].concat()),
            ),
            unsigned,
        ),
        (
            "no signature",
            changed(&bundle, "/envelope/signatures", json!([])),
            unsigned,
        ),
        (
            "a stranger's signature beside",
            changed(&bundle, "/envelope/signatures", both),
            unsigned,
        ),
        (
            "the signature twice",
            changed(&bundle, "/envelope/signatures", json!(twice)),
            absent,
        ),
        (
            "another submission's envelope",
            changed(&bundle, "/envelope", log.bundle(4, 7)["envelope"].clone()),
            absent,
        ),
        (
            "another log's envelope",
            changed(
                &bundle,
                "/envelope",
                stranger.bundle(0, 1)["envelope"].clone(),
            ),
            unsigned,
        ),
    ] {
        desk.refuses(case, lie.to_string(), &[], because);
    }
}

/// The last character of base64 that encodes one byte over has four loose bits: set one.
fn loose(text: &str) -> String {
    let (body, padding) = text.split_at(text.find('=').unwrap());
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let last = alphabet.find(body.chars().last().unwrap()).unwrap();
    let other = &alphabet[last + 1..last + 2];
    format!("{}{other}{padding}", &body[..body.len() - 1])
}

#[test]
fn base64_has_one_form() {
    let (desk, log) = (Desk::new(), Log::of(1));
    let bundle = log.bundle(0, 1);
    let lie = changed(&bundle, SIG, loose(text(&bundle, SIG)));
    desk.refuses("loose bits", lie.to_string(), &[], "signature is not that");
    let head = text(&bundle, "/checkpoint");
    let last = head.rsplit(' ').next().unwrap().trim_end();
    let lie = changed(&bundle, "/checkpoint", head.replace(last, &loose(last)));
    desk.refuses("loose bits", lie.to_string(), &[], "not a signed note");
    let head = log.head_of_one(|root| format!("counterpart/ledger\n1\n{}\n", loose(root)));
    let lie = changed(&bundle, "/checkpoint", head);
    desk.refuses("loose bits", lie.to_string(), &[], "not a signed note");
}

#[test]
fn no_place_but_its_own() {
    let (desk, log) = (Desk::new(), Log::of(7));
    let bundle = log.bundle(3, 7);
    let proof = "/inclusion_proof";
    let path: Vec<&str> = bundle[&proof[1..]]
        .as_array()
        .unwrap()
        .iter()
        .map(|h| h.as_str().unwrap())
        .collect();
    assert_eq!(path.len(), 3);
    let absent = "not shown to be in the ledger";
    let mut cases: Vec<(String, Value)> = [0_u64, 1, 2, 4, 5, 6, 7, 8, u64::MAX]
        .into_iter()
        .map(|n| (format!("place {n}"), changed(&bundle, "/leaf_index", n)))
        .collect();
    let mut put =
        |case: &str, path: Vec<&str>| cases.push((case.into(), changed(&bundle, proof, path)));
    put("no path", vec![]);
    put("shorter", path[..2].to_vec());
    put("shorter in front", path[1..].to_vec());
    put("longer", [&path[..], &path[..1]].concat());
    put("longer in front", [&path[..1], &path[..]].concat());
    put("swapped", vec![path[1], path[0], path[2]]);
    put("turned", path.iter().rev().copied().collect());
    let flipped = path[1].replacen(['a', '7'], "8", 1);
    put(
        "flipped",
        vec![
            path[0],
            if flipped == path[1] {
                path[0]
            } else {
                &flipped
            },
            path[2],
        ],
    );
    let endless = vec![path[0]; 500];
    put("endless", endless);
    for size in [4, 6] {
        let head = log.checkpoint(size);
        cases.push((
            format!("under the head of {size}"),
            changed(&bundle, "/checkpoint", head),
        ));
    }
    cases.push((
        "another's path".into(),
        changed(&bundle, proof, log.bundle(2, 7)["inclusion_proof"].clone()),
    ));
    for (case, lie) in cases {
        desk.refuses(&case, lie.to_string(), &[], absent);
    }
    for (case, hash) in [
        ("capitals", path[0].to_uppercase()),
        ("a plus sign", format!("+{}", &path[0][1..])),
        ("too short", path[0][2..].to_owned()),
        ("a space", format!(" {}", &path[0][1..])),
        ("other digits", format!("\u{660}\u{660}{}", &path[0][4..])),
    ] {
        let lie = changed(&bundle, proof, json!([hash, path[1], path[2]]));
        desk.refuses(case, lie.to_string(), &[], "its inclusion proof");
    }
}

#[test]
fn no_head_but_the_ledgers_own() {
    let (desk, log, other) = (Desk::new(), Log::of(1), Log::of(1));
    let bundle = log.bundle(0, 1);
    let head = text(&bundle, "/checkpoint");
    let ours = "counterpart/ledger";
    let no_note = "not a signed note of this ledger";
    let unsigned = "the checkpoint is not signed by the key";
    let absent = "not shown to be in the ledger";
    let lines = |make: &dyn Fn(&str) -> String| log.head_of_one(make);
    for (case, lie, because) in [
        (
            "another origin",
            log.note(
                &format!("elsewhere\n1\n{}\n", STANDARD.encode(log.roots[0])),
                ours,
            ),
            no_note,
        ),
        (
            "another name",
            log.note(
                &format!("{ours}\n1\n{}\n", STANDARD.encode(log.roots[0])),
                "elsewhere",
            ),
            unsigned,
        ),
        ("another log's", other.checkpoint(1), unsigned),
        (
            "another size, unsigned",
            head.replacen("\n1\n", "\n2\n", 1),
            unsigned,
        ),
        (
            "another size, signed",
            lines(&|root| format!("{ours}\n2\n{root}\n")),
            absent,
        ),
        (
            "no size, signed",
            lines(&|root| format!("{ours}\n0\n{root}\n")),
            absent,
        ),
        (
            "the largest size, signed",
            lines(&|root| format!("{ours}\n{}\n{root}\n", u64::MAX)),
            absent,
        ),
        (
            "a larger size than there is",
            lines(&|root| format!("{ours}\n18446744073709551616\n{root}\n")),
            no_note,
        ),
        (
            "a size with a zero before",
            lines(&|root| format!("{ours}\n01\n{root}\n")),
            no_note,
        ),
        (
            "a size with a sign",
            lines(&|root| format!("{ours}\n+1\n{root}\n")),
            no_note,
        ),
        (
            "another root, unsigned",
            head.replacen("\n1\n", "\n1\nA", 1),
            unsigned,
        ),
        (
            "another root, signed",
            lines(&|_| format!("{ours}\n1\n{}\n", STANDARD.encode([9; 32]))),
            absent,
        ),
        (
            "a short root, signed",
            lines(&|_| format!("{ours}\n1\n{}\n", STANDARD.encode([9; 31]))),
            no_note,
        ),
        (
            "no root, signed",
            lines(&|_| format!("{ours}\n1\n")),
            no_note,
        ),
        (
            "an empty line, signed",
            lines(&|root| format!("{ours}\n1\n{root}\n\n")),
            no_note,
        ),
        (
            "no signature",
            head.split_once("\n\n").unwrap().0.to_owned() + "\n\n",
            no_note,
        ),
        (
            "its signature cut",
            head[..head.len() - 5].to_owned() + "\n",
            unsigned,
        ),
        (
            "its signature's key",
            head.replacen("ledger ", "ledger AA", 1),
            no_note,
        ),
        ("no newline at its end", head.trim_end().to_owned(), no_note),
        ("carriage returns", head.replace('\n', "\r\n"), no_note),
        (
            "a hyphen for the dash",
            head.replace('\u{2014}', "-"),
            no_note,
        ),
        ("nothing", String::new(), no_note),
    ] {
        let lie = changed(&bundle, "/checkpoint", lie);
        desk.refuses(case, lie.to_string(), &[], because);
    }
}

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
fn only_a_certificate_is_one() {
    let (desk, log) = (Desk::new(), Log::of(1));
    let bundle = log.bundle(0, 1);
    let whole = bundle.to_string();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let place =
        |number: &str| whole.replacen("\"leaf_index\":0", &format!("\"leaf_index\":{number}"), 1);
    let again = |field: &str| whole.replacen('{', &format!("{{{field},"), 1);
    let as_list = json!([
        bundle["schema"],
        bundle["envelope"],
        0,
        [],
        bundle["checkpoint"],
        bundle["public_key"]
    ]);
    let envelope = &bundle["envelope"];
    let listed = json!([
        envelope["payload"],
        envelope["payloadType"],
        envelope["signatures"]
    ]);
    let mut short = bundle.clone();
    short.as_object_mut().unwrap().remove("leaf_index");
    let mut more = bundle.clone();
    more["note"] = json!("trust me");
    let fields = "its fields";
    for (case, lie, because) in [
        ("nothing", String::new(), fields),
        ("a word", "certificate".into(), fields),
        ("null", "null".into(), fields),
        ("a list", "[]".into(), fields),
        ("nested deeply", deep, fields),
        ("cut", whole[..whole.len() - 1].to_owned(), fields),
        ("two of them", format!("{whole}{whole}"), fields),
        ("a byte order mark", format!("\u{feff}{whole}"), fields),
        ("a field missing", short.to_string(), fields),
        ("a field besides", more.to_string(), fields),
        ("a field twice", again("\"leaf_index\":0"), fields),
        (
            "a field twice, escaped",
            again("\"leaf\\u005findex\":0"),
            fields,
        ),
        ("the envelope twice", again("\"envelope\":{}"), fields),
        (
            "the signature's field twice",
            whole.replacen("\"keyid\"", "\"sig\":\"\",\"keyid\"", 1),
            fields,
        ),
        ("a list for an object", as_list.to_string(), fields),
        (
            "a list for the envelope",
            changed(&bundle, "/envelope", listed).to_string(),
            fields,
        ),
        ("a place below nothing", place("-0"), fields),
        ("a broken place", place("0.0"), fields),
        ("a place with a power", place("0e0"), fields),
        ("a place too large", place("18446744073709551616"), fields),
        ("a place in words", place("\"0\""), fields),
        ("a place that is true", place("true"), fields),
        ("a place that is no number", place("NaN"), fields),
        (
            "half a character",
            changed(&bundle, "/schema", "x")
                .to_string()
                .replacen("\"x\"", "\"\\ud800\"", 1),
            fields,
        ),
        (
            "a tab within",
            whole.replacen("counterpart.c", "counterpart.\tc", 1),
            fields,
        ),
        (
            "another schema",
            changed(&bundle, "/schema", "counterpart.certificate/2").to_string(),
            "its schema",
        ),
        (
            "too large",
            format!("{whole}{}", " ".repeat(1 << 20)),
            "larger than 1 MiB",
        ),
    ] {
        desk.refuses(case, lie, &[], because);
    }
    desk.refuses("not text", [0xff, 0xfe, 0x7b], &[], "not text");
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
