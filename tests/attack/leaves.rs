//! Every number of a real report has a rule, and keeps it.

use crate::world;
use counterpart::disclosure::{Rule, keeps, rule};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

fn walk<'v>(value: &'v Value, place: &mut Vec<&'v str>, seen: &mut dyn FnMut(&[&str], f64)) {
    match value {
        Value::Object(map) => {
            for (key, below) in map {
                place.push(key);
                walk(below, place, seen);
                place.pop();
            }
        }
        Value::Array(list) => list.iter().for_each(|v| walk(v, place, seen)),
        Value::Number(n) => seen(place, n.as_f64().unwrap()),
        _ => (),
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The sample's report, with outcomes of every kind.
fn sample() -> Value {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(root().join("models/reoffending.toml")).unwrap();
    let more = r#"
[[outcomes]]
name = "time_to_first"
column = "days_to_first"
kind = "survival"
given = "reoffended"
horizon = 365

[[outcomes]]
name = "weeks"
column = "weeks_in_work_12_months"
kind = "continuous"
"#;
    let study = folder.path().join("study.toml");
    std::fs::write(&study, text + more).unwrap();
    let out = folder.path().join("out");
    let run = Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .current_dir(root())
        .args([
            "evaluate",
            "sample_data/cohorts/messy.csv",
            "--register",
            "sample_data/register",
        ])
        .args(["--format", "json", "--study"])
        .arg(&study)
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let json = std::fs::read_to_string(out.join("report.json")).unwrap();
    serde_json::from_str(&json).unwrap()
}

#[test]
fn no_number_leaves_without_a_rule_or_against_it() {
    let mut broken = Vec::new();
    let mut numbers = 0;
    let reports = [
        sample(),
        world::released(&world::world(97, 31, 1), &world::study("controlled", "")).unwrap(),
        world::released(&world::world(97, 31, 1), &world::study("formal", "")).unwrap(),
    ];
    for report in &reports {
        walk(report, &mut Vec::new(), &mut |place, x| {
            numbers += 1;
            match keeps(place, x) {
                Some(true) => (),
                Some(false) => broken.push(format!(
                    "{}: {x} against {:?}",
                    place.join("/"),
                    rule(place)
                )),
                None => broken.push(format!("{}: {x} has no rule", place.join("/"))),
            }
        });
    }
    broken.dedup();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(numbers > 1_000);
    assert_eq!(
        rule(&["analyses", "design", "participants"]),
        Some(Rule::Count)
    );
}

#[test]
fn no_rate_is_none_or_all_and_every_rate_is_of_the_counts_beside_it() {
    let report = sample();
    for a in report["analyses"].as_array().unwrap() {
        for o in a["outcomes"].as_array().unwrap() {
            if o["kind"] != "binary" || o["treated"].is_null() {
                continue;
            }
            for group in ["treated", "comparison"] {
                let mean = o[group]["mean"].as_f64().unwrap();
                assert!(mean > 0.0 && mean < 1.0, "{}", o["name"]);
            }
            let t = &o["treated"];
            let count = t["mean"].as_f64().unwrap() * t["people"].as_f64().unwrap();
            assert!(
                (count / 5.0 - (count / 5.0).round()).abs() < 1e-9,
                "{count}"
            );
            let apart = t["mean"].as_f64().unwrap() - o["comparison"]["mean"].as_f64().unwrap();
            let d = &o["difference"];
            assert!((apart - d["estimate"].as_f64().unwrap()).abs() < 1e-9);
            // p says what the range says.
            let holds_zero =
                d["ci_low"].as_f64() <= Some(0.0) && d["ci_high"].as_f64() >= Some(0.0);
            assert_eq!(holds_zero, d["p"].as_f64().unwrap() >= 0.05, "{d}");
        }
    }
}

#[test]
fn the_policy_and_its_rules_are_in_the_output() {
    let report = sample();
    let disclosure = &report["disclosure"];
    assert_eq!(disclosure["policy"], "controlled");
    let control = &disclosure["control"];
    assert_eq!(control["min_matched"], 30);
    assert_eq!(control["count_unit"], 5);
    assert_eq!(control["repeats_guarded"], false);
    assert!(control["numbers"].as_object().unwrap().len() >= 8);
    assert!(disclosure["rules_applied"].as_array().unwrap().len() > 12);
}
