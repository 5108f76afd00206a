//! Analyses by the list's own columns: those who completed, and each place with enough people.

use crate::kit::{Folder, counterpart, read_json, root};
use serde_json::Value;
use std::path::Path;

/// The sample list with who completed and where; `few` of its people in a place of their own.
fn list(few: usize) -> String {
    let clean = std::fs::read_to_string(root().join("sample_data/cohorts/clean.csv")).unwrap();
    let mut lines = clean.lines();
    let mut text = format!("{},completed_yes_no,site\n", lines.next().unwrap());
    for (i, line) in lines.enumerate() {
        let completed = if i % 5 < 3 { "yes" } else { "no" };
        let site = match i {
            i if i < few => "Zebedee House",
            i if i < 450 => "North Street",
            _ => "South Street",
        };
        text += &format!("{line},{completed},{site}\n");
    }
    text
}

fn evaluated(few: usize) -> (Value, Folder) {
    let folder = Folder::new();
    let cohort = folder.write("list.csv", list(few));
    let out = folder.path("out");
    let (study, register) = ("models/reoffending.toml", "sample_data/register");
    counterpart(&[
        "evaluate",
        &cohort,
        "--study",
        study,
        "--register",
        register,
        "--out",
        &out,
        "--format",
        "all",
    ])
    .ends_with(0);
    let report = read_json(&Path::new(&out).join("report.json"));
    (report, folder)
}

fn analysis<'r>(report: &'r Value, title: &str) -> Option<&'r Value> {
    let analyses = report["analyses"].as_array().unwrap();
    analyses.iter().find(|a| a["title"] == title)
}

#[test]
fn those_who_completed_and_each_place_are_looked_at_by_themselves() {
    let (report, _folder) = evaluated(0);
    let people = |title: &str| {
        let found = analysis(&report, title).unwrap_or_else(|| panic!("no {title}"));
        found["design"]["participants"].as_u64().unwrap()
    };
    let all = report["analyses"][0]["design"]["participants"]
        .as_u64()
        .unwrap();
    let completed = people("People who completed the programme");
    assert!(
        completed.abs_diff(all * 3 / 5) <= 10,
        "{completed} of {all}"
    );
    let (north, south) = (people("Site: North Street"), people("Site: South Street"));
    assert!(
        (north + south).abs_diff(all) <= 10,
        "{north} and {south} of {all}"
    );
    assert!(north.abs_diff(all * 45 / 100) <= 10);
    // Each has the whole pool to be compared with.
    for title in ["Site: North Street", "People who completed the programme"] {
        let pool = &analysis(&report, title).unwrap()["design"]["comparison_pool"];
        assert_eq!(pool, &report["analyses"][0]["design"]["comparison_pool"]);
    }
}

#[test]
fn a_place_of_few_is_named_nowhere_and_cannot_be_worked_out() {
    let (report, folder) = evaluated(15);
    let shown = report["analyses"].as_array().unwrap();
    let held: Vec<&Value> = shown
        .iter()
        .filter(|a| a["title"].as_str().unwrap().starts_with("Site"))
        .filter(|a| !a["outcomes"][0]["treated"].is_null())
        .collect();
    // With the values of both large places, those of the small one would be the rest.
    assert!(held.len() < 2, "{}", held.len());
    let out = folder.path("out");
    for file in std::fs::read_dir(out).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(7).any(|w| w.eq_ignore_ascii_case(b"zebedee"));
        assert!(!found, "{}", path.display());
    }
}
