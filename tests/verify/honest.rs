//! What must be accepted.

use crate::both::Desk;
use crate::log::Log;
use crate::sound::{LIST, SALT};
use counterpart::custody::hex;
use serde_json::json;

#[test]
fn every_place_of_every_size_is_accepted_by_both() {
    let desk = Desk::new();
    let salt = hex::encode(&SALT);
    desk.put("list.csv", LIST);
    for size in [1, 2, 3, 7, 8, 100] {
        let log = Log::of(size);
        desk.put("key", log.key.public().to_text() + "\n");
        let mut places = vec![0, size / 2, size - 1];
        places.dedup();
        for place in places {
            let bundle = log.bundle(place, size);
            let list = ["--file", "list.csv", "--salt", &salt];
            desk.accepts(&bundle, &[&list[..], &["--key", "key"]].concat());
        }
    }
}

#[test]
fn a_head_of_the_past_or_of_the_future_shows_that_the_ledger_has_only_grown() {
    let desk = Desk::new();
    let log = Log::of(100);
    for (place, size, other) in [
        (0, 1, 1),
        (0, 8, 1),
        (6, 7, 3),
        (2, 7, 8),
        (4, 8, 4),
        (40, 100, 64),
        (99, 100, 99),
        (5, 6, 100),
    ] {
        let ledger = json!({
            "checkpoint": log.checkpoint(other),
            "consistency_proof": log.consistency(size.min(other), size.max(other)),
        });
        desk.put("ledger", ledger.to_string());
        desk.accepts(&log.bundle(place, size), &["--ledger", "ledger"]);
    }
}

#[test]
fn how_the_file_is_spaced_and_who_else_has_signed_the_head_does_not_matter() {
    let desk = Desk::new();
    let (log, witness) = (Log::of(3), Log::of(1));
    let bundle = log.bundle(1, 3);
    let mut text = serde_json::to_string_pretty(&bundle).unwrap();
    text.extend(std::iter::repeat_n(' ', (1 << 20) - text.len()));
    assert_eq!(desk.verify_text(&text, &[]).code, 0);
    let mut seen = bundle.clone();
    let line = witness.note("x\n", "witness.example/w");
    let head = log.checkpoint(3) + line.split_once("\n\n").unwrap().1;
    seen["checkpoint"] = json!(head);
    desk.accepts(&seen, &[]);
    let log = Log::of(1);
    let mut extended = log.bundle(0, 1);
    let head =
        log.head_of_one(|root| format!("counterpart/ledger\n1\n{root}\nan extension line\n"));
    extended["checkpoint"] = json!(head);
    desk.accepts(&extended, &[]);
    let escaped = bundle
        .to_string()
        .replace("counterpart.cert", "\\u0063ounterpart.cert");
    assert_eq!(desk.verify_text(&escaped, &[]).code, 0);
}
