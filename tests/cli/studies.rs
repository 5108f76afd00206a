//! Study files with mistakes: the file, the line and the rule are named.

use crate::kit::{Folder, Said, counterpart, evaluate_clean, root};

fn evaluate(study: &str) -> Said {
    evaluate_clean(study, "sample_data/register")
}

/// The reoffending study with one text replaced, once; the line is looked up, not written down.
#[track_caller]
fn refused(from: &str, to: &str, at: &str, message: &str) {
    let study = std::fs::read_to_string(root().join("models/reoffending.toml")).unwrap();
    assert!(study.contains(from), "{from}");
    let study = study.replacen(from, to, 1);
    let line = 1 + study
        .lines()
        .position(|l| l.contains(at))
        .expect("the line");
    let folder = Folder::new();
    let path = folder.write("mine.toml", study);
    evaluate(&path)
        .refuses(1, message)
        .says(&format!("mine.toml, line {line}: "))
        .says("models/");
}

#[test]
fn unknown_settings_and_choices_are_refused_with_those_there_are() {
    refused(
        "caliper = 0.1",
        "calliper = 0.1",
        "calliper",
        "unknown setting `calliper`, expected one of",
    );
    refused(
        "method = \"radius\"",
        "method = \"magic\"",
        "magic",
        "unknown choice `magic`",
    );
    refused(
        "[linkage]",
        "[linkages]",
        "[linkages]",
        "unknown setting `linkages`",
    );
}

#[test]
fn impossible_settings_are_refused() {
    let caliper = "`caliper` must be a number above 0, \"none\" or \"search\"";
    for value in ["-1", "0", "true", "\"wide\"", "nan"] {
        let to = format!("caliper = {value}");
        refused("caliper = 0.1", &to, &to, caliper);
    }
    refused(
        "se = \"matched\"",
        "se = \"cluster\"",
        "se = \"cluster\"",
        "need matched sets",
    );
    refused(
        "min_matched = 30",
        "min_matched = 2",
        "[disclosure]",
        "at least 10",
    );
    refused(
        "min_matched = 30",
        "min_matched = 70",
        "[disclosure]",
        "nobody could ever pass",
    );
    refused(
        "follow_up_days = 365 ",
        "follow_up_days = 0 ",
        "[eligibility]",
        "from 1 to 36525",
    );
    refused(
        "exact = [\"sex\"]",
        "exact = [\"reoffended\"]",
        "exact = ",
        "must not see outcomes",
    );
    refused(
        "column = \"age\"",
        "column = \"reoffended\"",
        "column = \"reoffended\"",
        "must not see outcomes",
    );
}

#[test]
fn wrong_types_are_told_in_words() {
    refused(
        "follow_up_days = 365 ",
        "follow_up_days = \"x\" ",
        "follow_up_days",
        "expected a whole number",
    );
    refused(
        "square = true",
        "square = 1",
        "square = 1",
        "expected true or false",
    );
    refused(
        "exact = [\"sex\"]",
        "exact = \"sex\"",
        "exact = ",
        "expected a list in square brackets",
    );
}

#[test]
fn exactly_one_outcome_is_primary() {
    refused(
        "name = \"custody\"",
        "name = \"custody\"\nprimary = true",
        "name = \"custody\"",
        "second primary",
    );
    let study = std::fs::read_to_string(root().join("models/reoffending.toml")).unwrap();
    let folder = Folder::new();
    let path = folder.write("mine.toml", study.replace("primary = true\n", ""));
    evaluate(&path).refuses(
        1,
        "no outcome is primary: set primary = true on the one that decides",
    );
}

#[test]
fn a_broken_file_names_its_line() {
    refused("[matching]", "[matching", "[matching", "]");
    refused("title = \"Proven", "title = Proven", "title = ", "");
    let folder = Folder::new();
    evaluate(&folder.write("mine.toml", "")).refuses(1, "missing setting `id`");
    evaluate(&folder.path("none.toml")).refuses(3, "there is no such file");
    evaluate(&folder.path("")).refuses(3, "it is a folder");
    evaluate(&folder.write("bytes.toml", [0xff, 0xfe])).refuses(3, "not text in UTF-8");
}

#[test]
fn a_column_the_register_does_not_have_is_answered_with_those_it_has() {
    let study = std::fs::read_to_string(root().join("models/reoffending.toml")).unwrap();
    let folder = Folder::new();
    for (from, to) in [
        ("column = \"age\"", "column = \"agee\""),
        ("column = \"custody\"", "column = \"custodi\""),
    ] {
        let path = folder.write("mine.toml", study.replacen(from, to, 1));
        evaluate(&path)
            .refuses(1, "events.parquet has no column `")
            .says("it has: person_id, event_date, age")
            .says("counterpart register describe");
    }
}

#[test]
fn a_study_without_a_table_part_cannot_run_on_a_table() {
    counterpart(&[
        "analyse",
        "sample_data/real/rossi.csv",
        "--study",
        "models/reoffending.toml",
    ])
    .refuses(1, "no [table] part")
    .says("counterpart evaluate");
}
