//! How sure: other designs, covariates left out, placebo outcomes, sub-groups, hidden bias, in the
//! words and numbers of whoever runs them.

use crate::kit::{Folder, counterpart, evaluate, number, read_json, root};
use serde_json::Value;
use std::path::Path;

fn analyse(table: &str, flags: &[&str]) -> (Value, String, Folder) {
    let folder = Folder::new();
    let out = folder.path("out");
    let mut args = vec!["analyse", table, "--out", &out];
    args.extend(flags);
    counterpart(&args).ends_with(0);
    let report = read_json(Path::new(&folder.path("out/report.json")));
    let page = std::fs::read_to_string(folder.path("out/report.html")).unwrap();
    (report, page, folder)
}

const LALONDE: &str = "sample_data/real/lalonde.csv";
const COVARIATES: &str = "age,educ,race,married,nodegree,re74";

fn lalonde(flags: &[&str]) -> (Value, String, Folder) {
    let mut all = vec!["--treatment", "treat", "--outcome", "re78"];
    all.extend(["--covariates", COVARIATES]);
    all.extend(flags);
    analyse(LALONDE, &all)
}

#[test]
fn a_placebo_outcome_is_a_check_and_no_result() {
    let (report, page, _folder) = lalonde(&["--placebo", "re75", "--outcome", "emp78"]);
    let placebo = report["sensitivity"]["placebo"].as_array().unwrap();
    assert_eq!(placebo.len(), 1);
    assert_eq!(placebo[0]["name"], "re75");
    for key in ["estimate", "ci_low", "ci_high", "p", "label"] {
        assert!(!placebo[0][key].is_null(), "{key}");
    }
    // Not among the outcomes, nor in the family that Holm adjusts for.
    let outcomes = report["analyses"][0]["outcomes"].as_array().unwrap();
    assert_eq!(outcomes.len(), 2);
    let d = &outcomes[1]["difference"];
    assert_eq!(d["p"], d["p_holm"], "the only secondary outcome");
    assert!(page.contains("Were the groups alike before the start?"));
    // The same number as when it is an outcome.
    let (plain, _, _folder) = lalonde(&["--outcome", "re75"]);
    let as_outcome = &plain["analyses"][0]["outcomes"][1]["difference"];
    assert_eq!(as_outcome["estimate"], placebo[0]["estimate"]);
    assert_eq!(as_outcome["p"], placebo[0]["p"]);
}

#[test]
fn a_placebo_that_differs_warns_beside_the_answer() {
    // Two pools cut apart on what came before: who earns more, before as after, is in one group.
    let mut table = String::from("t,x,before,after\n");
    for i in 0..600 {
        let t = i % 3 == 0;
        let x = (i * 7919) % 100 + if t { 5 } else { 0 };
        let noise = (i * 104_729) % 50;
        let lift = if t { 20 } else { 0 };
        let (before, after) = (x + noise + lift, x + noise + lift + 3);
        table.push_str(&format!("{},{x},{before},{after}\n", u8::from(t)));
    }
    let folder = Folder::new();
    let path = folder.write("apart.csv", table);
    let flags = [
        "--treatment",
        "t",
        "--outcome",
        "after",
        "--covariates",
        "x",
    ];
    let (report, page, _out) = analyse(&path, &[&flags[..], &["--placebo", "before"]].concat());
    let warned = report["warnings"].as_array().unwrap();
    assert!(warned.iter().any(|w| w["code"] == "placebo"), "{warned:?}");
    assert!(page.contains("already differed in before before the start"));
}

#[test]
fn every_covariate_left_out_is_the_analysis_without_it() {
    let (report, _page, _folder) = lalonde(&["--leave-one-out"]);
    let rows = report["sensitivity"]["leave_one_out"].as_array().unwrap();
    assert_eq!(rows.len(), 6);
    for row in rows {
        let name = row["left_out"].as_str().unwrap();
        let others: Vec<&str> = COVARIATES.split(',').filter(|c| *c != name).collect();
        let joined = others.join(",");
        let base = ["--treatment", "treat", "--outcome", "re78", "--covariates"];
        let (without, _, _folder) = analyse(LALONDE, &[&base[..], &[&joined]].concat());
        let d = &without["analyses"][0]["outcomes"][0]["difference"];
        for key in ["estimate", "ci_low", "ci_high"] {
            let (got, want) = (number(&row[key]), number(&d[key]));
            assert!(
                (got - want).abs() < 1e-6 * want.abs().max(1.0),
                "{name} {key}: {got}, not {want}"
            );
        }
    }
}

#[test]
fn every_method_is_in_the_table_or_says_why_not() {
    let (report, page, _folder) = lalonde(&["--specifications", "--method", "nearest"]);
    let s = &report["sensitivity"];
    let made = s["specifications"].as_array().unwrap();
    let refused = s["specifications_refused"].as_array().unwrap();
    let named = |list: &[Value], method: &str| {
        list.iter()
            .any(|c| c["method"].as_str().unwrap().starts_with(method))
    };
    for method in [
        "radius",
        "kernel",
        "nearest",
        "mahalanobis",
        "optimal",
        "full",
        "subclass",
        "exact",
        "cem",
        "weighting, odds",
        "weighting, entropy",
        "weighting, overlap",
    ] {
        assert!(named(made, method) || named(refused, method), "{method}");
    }
    assert!(
        refused
            .iter()
            .all(|r| !r["reason"].as_str().unwrap().is_empty())
    );
    // The chosen design stands first, once, with the report's own numbers.
    assert_eq!(made[0]["chosen"], true);
    assert_eq!(made.iter().filter(|c| c["chosen"] == true).count(), 1);
    let own = &report["analyses"][0]["outcomes"][0]["difference"];
    assert_eq!(made[0]["estimate"], own["estimate"]);
    assert_eq!(made[0]["ci_low"], own["ci_low"]);
    for c in made {
        assert!(number(&c["comparison_ess"]) >= 1.0);
        assert!(number(&c["participants_matched"]) >= 1.0);
        assert!(number(&c["ci_low"]) <= number(&c["ci_high"]));
    }
    // Nobody chose this report's design for its groups: they are unlike, and no picture is drawn.
    assert!(page.contains("Not well enough matched"));
}

#[test]
fn a_sub_group_is_the_analysis_of_its_rows_alone() {
    let (report, page, _folder) = lalonde(&[
        "--subgroup",
        "nodegree=1",
        "--subgroup",
        "married=0",
        "--subgroup",
        "race=green",
    ]);
    let analyses = report["analyses"].as_array().unwrap();
    assert_eq!(analyses.len(), 3);
    assert!(analyses[1..].iter().all(|a| a["headline"] == false));
    let rows = std::fs::read_to_string(root().join(LALONDE)).unwrap();
    let kept: Vec<&str> = rows
        .lines()
        .enumerate()
        .filter(|(i, line)| *i == 0 || line.split(',').nth(6) == Some("1"))
        .map(|l| l.1)
        .collect();
    let folder = Folder::new();
    let alone = folder.write("alone.csv", kept.join("\n"));
    let flags = [
        "--treatment",
        "treat",
        "--outcome",
        "re78",
        "--covariates",
        COVARIATES,
    ];
    let (by_hand, _, _out) = analyse(&alone, &flags);
    let (a, b) = (&analyses[1], &by_hand["analyses"][0]);
    assert_eq!(a["design"]["participants"], b["design"]["participants"]);
    let of = |a: &Value, key: &str| number(&a["outcomes"][0]["difference"][key]);
    for key in ["estimate", "se"] {
        assert!((of(a, key) - of(b, key)).abs() < 1e-6 * of(b, key).abs());
    }
    // All of the further analyses' outcomes are one family.
    let p: Vec<f64> = analyses[1..].iter().map(|a| of(a, "p")).collect();
    let smallest = p.iter().copied().fold(1.0, f64::min);
    let holm = analyses[1..]
        .iter()
        .map(|a| of(a, "p_holm"))
        .fold(1.0, f64::min);
    assert!((holm - (2.0 * smallest).min(1.0)).abs() < 1e-12);
    // Nobody has that value: said, without numbers.
    let withheld = &report["analyses_withheld"];
    assert_eq!(withheld.as_array().unwrap().len(), 1);
    assert_eq!(withheld[0]["id"], "race-green");
    assert!(
        withheld[0]["reason"]
            .as_str()
            .unwrap()
            .contains("check how the value is written")
    );
    assert!(page.contains("Sub-groups and other comparisons"));
}

/// The reoffending study with other analyses.
fn with_analyses(folder: &Folder, analyses: &str) -> String {
    let study = std::fs::read_to_string(root().join("models/reoffending.toml")).unwrap();
    let (before, rest) = study.split_once("[[analyses]]").unwrap();
    let outcomes = &rest[rest.find("[[outcomes]]").unwrap()..];
    folder.write("study.toml", format!("{before}{analyses}\n{outcomes}"))
}

fn evaluated(study: &str) -> Value {
    let folder = Folder::new();
    let out = folder.path("out");
    let mut args = vec![
        "evaluate",
        "sample_data/cohorts/clean.csv",
        "--study",
        study,
    ];
    args.extend(["--register", "sample_data/register", "--out", &out]);
    counterpart(&args).ends_with(0);
    read_json(Path::new(&folder.path("out/report.json")))
}

#[test]
fn what_a_few_people_are_about_is_withheld_when_analyses_are_put_together() {
    let folder = Folder::new();
    // 124 women and 875 men: both may be shown. Everybody but one ethnic group may not, nor a
    // sub-group of a few.
    let study = with_analyses(
        &folder,
        r#"
[[analyses]]
id = "women"
only = { sex = ["F"] }
[[analyses]]
id = "all-but-a-few"
only = { sentence_type = ["custody", "community", "suspended"] }
[[analyses]]
id = "few"
only = { sex = ["F"], ethnicity = ["Chinese", "Mixed"] }
[[analyses]]
id = "regions"
pool_shares = ["region"]
"#,
    );
    let report = evaluated(&study);
    let shown: Vec<&str> = report["analyses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["id"].as_str().unwrap())
        .collect();
    assert!(shown.starts_with(&["main", "women"]), "{shown:?}");
    // Participants live in every region there is: their regions' pool is everybody's, as is who was
    // sentenced at all, and neither is worked out a second time.
    let withheld = report["analyses_withheld"].as_array().unwrap();
    for again in ["regions", "all-but-a-few"] {
        let found = withheld.iter().find(|w| w["id"] == again).unwrap();
        let reason = found["reason"].as_str().unwrap();
        assert!(reason.contains("same people on both sides"), "{reason}");
    }
    let main = number(&report["analyses"][0]["design"]["participants"]);
    for a in report["analyses"].as_array().unwrap() {
        let n = number(&a["design"]["participants"]);
        assert!(n == main || main - n >= 30.0, "{}", a["id"]);
        assert!(number(&a["design"]["participants_matched"]) >= 30.0);
    }
    let withheld = report["analyses_withheld"].as_array().unwrap();
    let few = withheld.iter().find(|w| w["id"] == "few").unwrap();
    assert_eq!(few["reason"], "it has fewer than 30 participants");
    let rules = report["disclosure"]["rules_applied"].to_string();
    assert!(rules.contains("leave out together"));
}

#[test]
fn the_sample_says_how_much_would_have_to_be_hidden() {
    let (said, report, folder) = evaluate("clean", "reoffending", &[]);
    said.ends_with(0);
    let s = &report["sensitivity"];
    let gamma = number(&s["rosenbaum_gamma"]);
    assert!(gamma > 1.0 && gamma < 3.0, "{gamma}");
    assert_eq!(s["rosenbaum"]["rematched"], true);
    assert_eq!(s["rosenbaum"]["gamma"], s["rosenbaum_gamma"]);
    let e = &s["e_values"][0];
    assert_eq!(e["basis"], "risk_ratio");
    assert_eq!(e["e_value"], s["e_value"]);
    // The limit nearer to no difference asks for less.
    let (point, limit) = (number(&e["e_value"]), number(&e["e_value_limit"]));
    assert!(limit > 1.0 && limit < point);
    assert!(s["leave_one_out"].as_array().unwrap().len() >= 10);
    let page = std::fs::read_to_string(folder.path("out/report.html")).unwrap();
    for words in [
        "Rosenbaum\u{2019}s gamma",
        "to make its direction unclear",
        "other ways;",
    ] {
        assert!(page.contains(words), "{words}");
    }
}
