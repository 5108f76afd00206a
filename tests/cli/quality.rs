//! What a report says of the data behind it: lights, confidence, who was found less often, and the
//! answer at three thresholds.

use crate::kit::*;
use serde_json::Value;

/// The messy list, evaluated once for all tests here.
fn messy() -> &'static (Value, String) {
    static MADE: std::sync::OnceLock<(Value, String)> = std::sync::OnceLock::new();
    MADE.get_or_init(|| {
        let out = tempfile::tempdir().unwrap();
        let folder = out.path().to_str().unwrap();
        let said = counterpart(&[
            "evaluate",
            "sample_data/cohorts/messy.csv",
            "--study",
            "models/reoffending.toml",
            "--register",
            "sample_data/register",
            "--out",
            folder,
            "--json",
        ]);
        said.ends_with(0);
        let page = std::fs::read_to_string(out.path().join("report.html")).unwrap();
        (said.json(), page)
    })
}

#[test]
fn twelve_answers_each_have_a_light_a_word_and_a_sentence() {
    let (report, page) = messy();
    let facts = report["quality"]["facts"].as_array().unwrap();
    assert_eq!(facts.len(), 12);
    for f in facts {
        let percent = f["percent"].as_f64().unwrap();
        assert!((0.0..=100.0).contains(&percent));
        assert!(["green", "amber", "red"].contains(&f["light"].as_str().unwrap()));
        assert!(f["sentence"].as_str().unwrap().ends_with('.'));
    }
    assert!(page.contains("Confidence that the data allow: "));
    let cells = page.matches("<span class=\"light ").count();
    assert!(cells >= 12, "{cells}");
}

#[test]
fn every_count_of_links_is_to_the_nearest_five() {
    let (report, _) = messy();
    let quality = &report["quality"];
    let five = |v: &Value| assert_eq!(v.as_f64().unwrap() % 5.0, 0.0, "{v}");
    for (fact, value) in quality["linkage"].as_object().unwrap() {
        match fact.ends_with('%') {
            // Of rounded counts, 360 of 390.
            true => assert_eq!(value.as_f64(), Some(92.0)),
            false => five(value),
        }
    }
    for f in quality["facts"].as_array().unwrap() {
        five(&f["part"]);
        five(&f["whole"]);
    }
    for r in quality["match_rates"].as_array().unwrap() {
        match r["suppressed"].is_null() {
            true => ["people", "found"].iter().for_each(|k| five(&r[k])),
            false => assert!(r["people"].is_null() && r["percent"].is_null()),
        }
    }
    for step in report["flow"].as_array().unwrap().iter().skip(3) {
        five(&step["people"]);
        let lost = step["lost"].as_array().unwrap();
        lost.iter().for_each(|l| five(&l["people"]));
    }
}

#[test]
fn the_answer_is_given_at_three_thresholds_and_the_middle_one_is_the_reports() {
    let (report, page) = messy();
    let s = &report["quality"]["linkage_sensitivity"];
    let rows = s["rows"].as_array().unwrap();
    let at: Vec<f64> = rows
        .iter()
        .map(|r| r["threshold"].as_f64().unwrap())
        .collect();
    assert_eq!(at, [0.8, 0.95, 0.99]);
    let found: Vec<u64> = rows.iter().map(|r| r["found"].as_u64().unwrap()).collect();
    assert!(found[0] >= found[1] && found[1] >= found[2]);
    assert_eq!(rows[1]["main"], true);
    let outcomes = report["analyses"][0]["outcomes"].as_array().unwrap();
    let primary = outcomes.iter().find(|o| o["primary"] == true).unwrap();
    assert_eq!(rows[1]["difference"], primary["difference"]);
    assert!(page.contains(s["sentence"].as_str().unwrap()));
    for r in rows {
        assert!(r["difference"].is_object() != r["why_not"].is_string());
    }
}

#[test]
fn exact_keys_find_fewer_of_a_messy_list_than_probability_does() {
    let (report, _) = messy();
    let folder = tempfile::tempdir().unwrap();
    let study = folder.path().join("exact.toml");
    let text = std::fs::read_to_string(root().join("models/reoffending.toml")).unwrap();
    let kept = text.lines().filter(|line| !line.starts_with("threshold"));
    let text = kept.collect::<Vec<_>>().join("\n");
    let text = text.replace("method = \"probabilistic\"", "method = \"exact\"");
    std::fs::write(&study, text).unwrap();
    let said = counterpart(&[
        "evaluate",
        "sample_data/cohorts/messy.csv",
        "--study",
        study.to_str().unwrap(),
        "--register",
        "sample_data/register",
        "--out",
        folder.path().join("out").to_str().unwrap(),
        "--json",
    ]);
    said.ends_with(0);
    let exact = said.json();
    let found = |r: &Value| r["flow"][3]["people"].as_u64().unwrap();
    assert!(
        found(report) > found(&exact),
        "{} and {}",
        found(report),
        found(&exact)
    );
    assert!(exact["quality"]["linkage_sensitivity"].is_null());
}
