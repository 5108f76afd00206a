//! Certificates moved to another place, or under another head.

use crate::both::{Desk, changed, text};
use crate::log::Log;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

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
