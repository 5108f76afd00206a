//! Certificates that were changed by somebody without the key.

use crate::both::{Desk, changed, text};
use crate::log::{Log, payload};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use serde_json::{Value, json};

/// The parts of the one signature.
const SIG: &str = "/envelope/signatures/0/sig";
const KEYID: &str = "/envelope/signatures/0/keyid";
const PAYLOAD: &str = "/envelope/payload";

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
