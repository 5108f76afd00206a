//! `counterpart compare`: published results and reports side by side, as people meet it.

use crate::kit::{Folder, counterpart, read_json, root};
use crate::page::{reads_well, tools_are_there};
use std::path::Path;

const PUBLISHED: &str = "sample_data/published/results.csv";
const OUTCOME: &str = "one-year proven reoffending rate";

#[test]
fn published_results_become_a_page_a_document_and_a_table() {
    tools_are_there();
    let folder = Folder::new();
    let out = folder.path("out");
    let said = counterpart(&[
        "compare",
        PUBLISHED,
        "--outcome",
        OUTCOME,
        "--out",
        &out,
        "--format",
        "html,json,csv",
    ]);
    said.ends_with(0);
    assert!(
        said.stdout
            .starts_with("Taken together, these 10 programmes helped"),
        "{}",
        said.stdout
    );
    assert!(
        said.stdout.contains("42 results: 10 used, 32 left out"),
        "{}",
        said.stdout
    );
    let found = read_json(Path::new(&folder.path("out/comparison.json")));
    assert_eq!(found["schema"], "counterpart.comparison/1");
    assert_eq!(found["providers"].as_array().map(Vec::len), Some(10));
    let table = std::fs::read_to_string(folder.path("out/comparison.csv")).expect("written");
    assert_eq!(table.lines().count(), 11);
    reads_well(
        &folder.path("out/comparison.html"),
        &folder.path("pictures"),
    );
    let page = std::fs::read_to_string(folder.path("out/comparison.html")).expect("written");
    for part in [
        "id=\"forest\"",
        "id=\"funnel\"",
        "id=\"next-steps\"",
        "id=\"left-out-table\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.to_lowercase().contains("best programme"));
}

#[test]
fn reports_of_this_engine_stand_beside_published_ones() {
    let folder = Folder::new();
    for (seed, name) in [("1", "north"), ("2", "south")] {
        let cohort = folder.path(&format!("{name}.csv"));
        let made = counterpart(&[
            "synth",
            "cohort",
            "--register",
            "sample_data/register",
            "--people",
            "400",
            "--seed",
            seed,
            "--out",
            &cohort,
        ]);
        if made.code != 0 {
            // What synth is asked with is its own test's business.
            panic!("{}", made.stderr);
        }
        let out = folder.path(name);
        counterpart(&[
            "evaluate",
            &cohort,
            "--study",
            "models/reoffending.toml",
            "--register",
            "sample_data/register",
            "--out",
            &out,
            "--format",
            "json",
        ])
        .ends_with(0);
    }
    let (north, south) = (
        folder.path("north/report.json"),
        folder.path("south/report.json"),
    );
    let said = counterpart(&["compare", &north, &south, "--json"]);
    let found = said.ends_with(0).json();
    assert_eq!(found["better"], "lower");
    assert_eq!(found["counts"]["rows"], 2);
    let like = &found["like_with_like"];
    assert!(like["pairs"][0]["terms"].as_u64() > Some(10), "{like}");
    assert!(like["pairs"][0]["overlap"].as_f64() > Some(0.3), "{like}");
}

#[test]
fn a_department_gives_rules_of_its_own() {
    let folder = Folder::new();
    let rules = folder.write(
        "rules.toml",
        "[[step]]\nid = 'ours'\nstep = 'Ring {name}.'\nreason = 'Because we say so.'\n",
    );
    let said = counterpart(&[
        "compare",
        PUBLISHED,
        "--outcome",
        OUTCOME,
        "--steps",
        &rules,
        "--json",
    ]);
    let found = said.ends_with(0).json();
    let step = &found["providers"][0]["next_step"];
    assert_eq!(step["rule"], "ours");
    let name = found["providers"][0]["name"].as_str().expect("a name");
    assert_eq!(step["step"], format!("Ring {name}."));
    let bad = folder.write(
        "bad.toml",
        "[[step]]\nid = 'a'\nstep = '{who}'\nreason = ''\n",
    );
    counterpart(&["compare", PUBLISHED, "--outcome", OUTCOME, "--steps", &bad])
        .refuses(1, "placeholder that is not known: {who}");
}

#[test]
fn what_cannot_be_compared_is_refused_with_the_way_out() {
    counterpart(&["compare", PUBLISHED])
        .refuses(1, "there are several outcomes")
        .says("--outcome");
    counterpart(&["compare"]).refuses(2, "this is missing");
    counterpart(&["compare", "nowhere.csv"]).refuses(3, "cannot read nowhere.csv");
    let folder = Folder::new();
    let bad = folder.write(
        "bad.csv",
        "name,unit,treat_value,comp_value,n_treatment\nSecret,pct,140,30,50\n",
    );
    counterpart(&["compare", &bad])
        .refuses(
            1,
            "bad.csv, row 2, column `treat_value`: a rate must lie from 0 to 100",
        )
        .never_says("140");
    let pages = root().join("sample_data/README.md");
    counterpart(&["compare", pages.to_str().expect("UTF-8")]).refuses(1, "heading is not known");
}
