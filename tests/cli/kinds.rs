//! Survival, levels and quantiles from a table or a register to the report.

use crate::kit::{Folder, Said, close, counterpart, number, outcome, read_json};
use serde_json::Value;
use std::path::Path;

fn rossi(outcomes: &[&str]) -> Said {
    let mut args = vec![
        "analyse",
        "sample_data/real/rossi.csv",
        "--treatment",
        "treat",
        "--id",
        "id",
    ];
    for o in outcomes {
        args.extend(["--outcome", o]);
    }
    args.extend(["--covariates", "age,prio,educ", "--json"]);
    counterpart(&args)
}

#[test]
fn a_time_to_an_event_has_means_curves_and_a_hazard_ratio() {
    let said = rossi(&["week:survival:arrest", "weeks_emp:continuous"]);
    let report = said.ends_with(0).json();
    let weeks = outcome(&report, "week");
    assert_eq!(weeks["kind"], "survival");
    let curves = &weeks["survival"];
    assert_eq!(number(&curves["horizon"]), 52.0);
    let last = |group: &str| number(curves[group]["surv"].as_array().unwrap().last().unwrap());
    // Everybody was followed for a year: what is left of the curve is who was not arrested.
    assert!((0.70..0.85).contains(&last("treated")) && last("comparison") < last("treated"));
    assert_eq!(weeks["ratio"]["kind"], "hazard_ratio");
    let ratio = number(&weeks["ratio"]["estimate"]);
    assert!((0.6..0.85).contains(&ratio), "{ratio}");
    let means = number(&weeks["treated"]["mean"]) - number(&weeks["comparison"]["mean"]);
    close(
        "difference",
        number(&weeks["difference"]["estimate"]),
        means,
        1e-12,
    );
    let work = outcome(&report, "weeks_emp");
    assert_eq!(work["quantiles"]["shares"].as_array().unwrap().len(), 5);
    assert!(number(&work["quantiles"]["median_difference"]["se"]) > 0.0);
    // Up to half a year.
    let report = rossi(&["week:survival:arrest:26"]).ends_with(0).json();
    assert_eq!(
        number(&outcome(&report, "week")["survival"]["horizon"]),
        26.0
    );
}

#[test]
fn words_and_small_numbers_are_levels() {
    let folder = Folder::new();
    let mut text = String::from("treat,age,y,grade\n");
    for i in 0..300usize {
        let hash = i.wrapping_mul(2_654_435_761) >> 7;
        let grade = ["low", "mid", "high"][hash % 11 % 3];
        text += &format!(
            "{},{},{},{grade}\n",
            hash % 5 / 3,
            20 + hash % 41,
            hash % 7 / 4
        );
    }
    let path = folder.write("t.csv", &text);
    let analyse = |outcomes: &[&str]| {
        let mut args = vec!["analyse", &path, "--treatment", "treat", "--json"];
        outcomes.iter().for_each(|o| args.extend(["--outcome", o]));
        counterpart(&args)
    };
    let said = analyse(&["y", "grade:ordered:low,mid,high"]);
    let report = said.ends_with(0).json();
    let names: Vec<&str> = report["analyses"][0]["outcomes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| o["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["y", "grade: low", "grade: mid", "grade: high"]);
    for group in ["treated", "comparison"] {
        let all: f64 = names[1..]
            .iter()
            .map(|n| number(&outcome(&report, n)[group]["mean"]))
            .sum();
        close(group, all, 1.0, 1e-12);
    }
    analyse(&["y", "grade:categories"]).ends_with(0);
    analyse(&["y", "grade:ordered"]).refuses(1, "list them from lowest to highest");
    analyse(&["y", "grade:ordered:low,high"]).refuses(1, "none of the levels");
    analyse(&["grade:categories", "y"]).refuses(2, "the first outcome decides");
    analyse(&["grade"]).refuses(1, "must hold numbers, but holds text");
    analyse(&["y", "y:survival"]).refuses(2, "survival needs the 0/1 column");
    analyse(&["age:survival:y:0"]).refuses(2, "the horizon must be a number above 0");
    analyse(&["age:survival:y:-1"]).refuses(2, "the horizon must be a number above 0");
}

/// The reoffending study with more outcomes.
fn with(outcomes: &str) -> (Said, Option<Value>) {
    let folder = Folder::new();
    let study = std::fs::read_to_string("models/reoffending.toml").unwrap() + outcomes;
    let (study, out) = (folder.write("study.toml", study), folder.path("out"));
    let said = counterpart(&[
        "evaluate",
        "sample_data/cohorts/clean.csv",
        "--study",
        &study,
        "--register",
        "sample_data/register",
        "--out",
        &out,
    ]);
    let report = Path::new(&folder.path("out/report.json")).exists();
    let report = report.then(|| read_json(Path::new(&folder.path("out/report.json"))));
    (said, report)
}

const TIMES: &str = r#"
[[outcomes]]
name = "time_to_first"
column = "days_to_first"
kind = "survival"
given = "reoffended"
horizon = 365
label = "Time to first reoffence"
phrase = "the first proven reoffence"

[[outcomes]]
name = "severity"
kind = "ordered"
label = "Severity of the first reoffence"
phrase = "whose first reoffence was of grade"
levels = ["0", "1", "2", "3", "4", "5"]
"#;

#[test]
fn a_controlled_report_shows_no_step_and_no_level_of_a_few() {
    let (said, report) = with(TIMES);
    said.ends_with(0);
    let report = report.unwrap();
    let times = outcome(&report, "time_to_first");
    assert_eq!(times["suppressed"], Value::Null, "{times}");
    for group in ["treated", "comparison"] {
        let curve = &times["survival"][group];
        let events: Vec<u64> = curve["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e.as_u64().unwrap())
            .collect();
        assert!(
            events.len() <= 13 && events.windows(2).all(|w| w[1] - w[0] >= 10),
            "{events:?}"
        );
        assert!(curve["at_risk"].as_array().unwrap().is_empty());
    }
    // The curve ends where the yearly rate is.
    let rate = number(&outcome(&report, "reoffended")["treated"]["mean"]);
    let end = number(
        times["survival"]["treated"]["surv"]
            .as_array()
            .unwrap()
            .last()
            .unwrap(),
    );
    close("rate", 1.0 - end, rate, 1e-12);
    let levels: Vec<&Value> = report["analyses"][0]["outcomes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|o| o["name"].as_str().unwrap().starts_with("severity: "))
        .collect();
    assert_eq!(levels.len(), 6);
    let withheld = levels.iter().filter(|o| !o["suppressed"].is_null()).count();
    assert!(withheld != 1, "one alone is everybody less the others");
    for o in levels.iter().filter(|o| !o["suppressed"].is_null()) {
        assert!(o["treated"].is_null() && o["difference"].is_null());
    }
}

#[test]
fn a_controlled_study_says_its_horizon_and_levels() {
    for key in [
        "horizon = 365\n",
        "levels = [\"0\", \"1\", \"2\", \"3\", \"4\", \"5\"]\n",
    ] {
        let (said, report) = with(&TIMES.replace(key, ""));
        said.refuses(1, "under a controlled policy");
        assert!(report.is_none());
    }
    let (said, _) = with(&TIMES.replace("horizon = 365", "horizon = 730"));
    said.refuses(1, "after which nobody is followed");
}
