//! `counterpart register` as people run it.

use crate::fixtures::*;
use std::path::Path;
use std::process::{Command, Output};

fn register(verb: &str, dir: &Path, flags: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .args(["register", verb])
        .arg(dir)
        .args(flags)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn describe_prints_the_dictionary_and_no_identifier() {
    let dir = tempfile::tempdir().unwrap();
    write_small(dir.path());
    let done = register("describe", dir.path(), &[]);
    let page = text(&done.stdout);
    assert_eq!(done.status.code(), Some(0));
    assert!(page.contains("SYNTHETIC") && page.contains("2023-12-31"));
    assert!(page.contains("needy") && page.contains("[2 levels]"));
    for value in ["Ada", "Hopper", "1979/0163001", "1956"] {
        assert!(!page.contains(value), "a person's value is printed");
    }
    assert!(done.stderr.is_empty());
}

#[test]
fn describe_prints_json_for_machines() {
    let dir = tempfile::tempdir().unwrap();
    write_small(dir.path());
    let done = register("describe", dir.path(), &["--json"]);
    let json: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(json["persons"], 3);
    assert_eq!(json["cut_off"], "2023-12-31");
    assert_eq!(json["columns"][3]["role"], "covariate");
    assert!(
        json["quality"]
            .as_array()
            .unwrap()
            .iter()
            .all(|f| f["fatal"] == false)
    );
}

#[test]
fn check_says_no_to_a_register_without_events() {
    let dir = tempfile::tempdir().unwrap();
    write_small(dir.path());
    assert_eq!(register("check", dir.path(), &[]).status.code(), Some(0));
    let empty: Vec<_> = small_events().iter().map(|c| c.slice(0, 0)).collect();
    write(dir.path(), "events.parquet", empty);
    let done = register("check", dir.path(), &[]);
    assert_eq!(done.status.code(), Some(1));
    assert!(text(&done.stdout).contains("UNUSABLE"));
    assert!(text(&done.stderr).contains("hint: "));
    assert_eq!(register("describe", dir.path(), &[]).status.code(), Some(0));
}

#[test]
fn what_cannot_be_read_and_what_cannot_be_used_have_exit_codes_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let done = register("describe", dir.path(), &[]);
    assert_eq!(done.status.code(), Some(3));
    assert!(text(&done.stderr).contains("cannot read register.toml: there is no such file"));
    write_small(dir.path());
    let wrong = DICTIONARY.replace("\"2023-12-31\"", "\"soon\"");
    std::fs::write(dir.path().join("register.toml"), wrong).unwrap();
    let done = register("describe", dir.path(), &[]);
    assert_eq!(done.status.code(), Some(1));
    assert!(text(&done.stderr).contains("register.toml, line 4: `cut_off` must be a date"));
}
