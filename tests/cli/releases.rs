//! The record of releases, from the command.

use crate::kit::{Folder, counterpart, read_json};

fn evaluate(folder: &Folder, more: &[&str]) -> crate::kit::Said {
    let (out, releases) = (folder.path("out"), folder.path("releases"));
    let mut args = vec!["evaluate", "sample_data/cohorts/messy.csv"];
    args.extend(["--study", "models/reoffending.toml", "--format", "json"]);
    args.extend(["--register", "sample_data/register"]);
    args.extend(["--out", &out, "--releases", &releases]);
    args.extend(more);
    counterpart(&args)
}

#[test]
fn the_same_people_are_released_once_and_again_where_a_steward_allows_it() {
    let folder = Folder::new();
    evaluate(&folder, &[]).ends_with(0);
    let report = read_json(folder.path("out/report.json").as_ref());
    assert_eq!(report["disclosure"]["control"]["repeats_guarded"], true);
    evaluate(&folder, &["--seed", "2"])
        .refuses(1, "nearly the same people were released before")
        .says("--steward-allows");
    evaluate(&folder, &["--steward-allows", "a two-year follow-up"]).ends_with(0);
    // A record that cannot be read is no empty one.
    folder.write("releases/releases.bin", "CPRELES1 and then nothing");
    evaluate(&folder, &["--steward-allows", "again"]).refuses(3, "damaged or cut short");
}

#[test]
fn formal_mode_wants_a_record_of_releases() {
    let folder = Folder::new();
    let text = std::fs::read_to_string("models/reoffending.toml").unwrap();
    let study = folder.write(
        "study.toml",
        text.replace("mode = \"controlled\"", "mode = \"formal\""),
    );
    let out = folder.path("out");
    let mut args = vec![
        "evaluate",
        "sample_data/cohorts/messy.csv",
        "--study",
        &study,
    ];
    args.extend(["--register", "sample_data/register", "--out", &out]);
    counterpart(&args)
        .refuses(1, "there is no record of releases")
        .says("--releases DIR");
}
