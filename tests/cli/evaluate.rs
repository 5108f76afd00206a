//! A charity's evaluation from the file to the finding, against the truth the sample was made with.

use crate::kit::{Folder, counterpart, evaluate, number, outcome, read_json, root};
use serde_json::Value;

fn truth(cohort: &str) -> Value {
    read_json(&root().join(format!("sample_data/cohorts/{cohort}.truth.json")))
}

fn interval_holds_the_truth(report: &Value, cohort: &str, name: &str, in_truth: &str) {
    let att = number(&truth(cohort)["outcomes"][in_truth]["att"]);
    let difference = &outcome(report, name)["difference"];
    let (low, high) = (
        number(&difference["ci_low"]),
        number(&difference["ci_high"]),
    );
    assert!(
        low <= att && att <= high,
        "{name}: {att} not in {low}..{high}"
    );
}

/// People only leave, each with a reason, and whoever is left is analysed. What the list alone
/// decides adds up exactly; from finding people on, counts are to the nearest five and those under
/// ten are written as five, so that sums are as far apart as that allows (that the exact ones add
/// up is shown where they are made).
fn the_flow_adds_up(report: &Value) {
    let flow = report["flow"].as_array().unwrap();
    assert_eq!(flow.first().unwrap()["step"], "submitted");
    assert_eq!(flow.last().unwrap()["step"], "analysed");
    let submitted = number(&flow[0]["people"]);
    for steps in flow.windows(2) {
        let lost: f64 = steps[1]["lost"]
            .as_array()
            .unwrap()
            .iter()
            .map(|l| {
                assert!(!l["reason"].as_str().unwrap().is_empty());
                number(&l["people"])
            })
            .sum();
        let left = number(&steps[0]["people"]) - number(&steps[1]["people"]);
        let of_the_list = ["readable", "unique"].contains(&steps[1]["step"].as_str().unwrap());
        let reasons = steps[1]["lost"].as_array().unwrap().len() as f64;
        let apart = if of_the_list {
            0.0
        } else {
            5.0 + 4.0 * reasons
        };
        assert!((left - lost).abs() <= apart, "{}", steps[1]["step"]);
        assert!(of_the_list || number(&steps[1]["people"]) % 5.0 == 0.0);
    }
    for step in flow {
        let percent = 100.0 * number(&step["people"]) / submitted;
        assert!((percent - number(&step["percent_of_submitted"])).abs() < 1e-9);
    }
    let analysed = number(&flow.last().unwrap()["people"]);
    assert_eq!(
        analysed,
        number(&report["analyses"][0]["design"]["participants_matched"])
    );
}

#[test]
fn the_clean_list_finds_the_planted_effect_where_a_raw_comparison_is_wrong() {
    let (said, report, _folder) = evaluate("clean", "reoffending", &[]);
    interval_holds_the_truth(&report, "clean", "reoffended", "reoffended");
    interval_holds_the_truth(&report, "clean", "reoffences", "reoffences");
    interval_holds_the_truth(&report, "clean", "custody", "custody");
    let found = number(&outcome(&report, "reoffended")["difference"]["estimate"]);
    let register = read_json(&root().join("sample_data/register/truth/truth.json"));
    let raw = number(&register["outcomes"]["reoffended"]["raw_difference"]);
    assert!(raw > 0.0 && found < 0.0, "raw {raw}, matched {found}");
    assert!(said.stdout.contains("lower by between"), "{}", said.stdout);
    assert_eq!(said.stdout.lines().count(), 1, "stdout is the finding");
    the_flow_adds_up(&report);
}

#[test]
fn the_clean_list_is_matched_well_on_every_covariate() {
    let (_, report, _folder) = evaluate("clean", "reoffending", &["--format", "json"]);
    let analysis = &report["analyses"][0];
    assert_eq!(analysis["well_matched"], true);
    let balance = analysis["balance"].as_array().unwrap();
    assert!(balance.len() > 20);
    for row in balance {
        assert!(row["light"] == "green" || row["light"] == "amber", "{row}");
    }
    let apart = |key: &str| {
        let smd = balance.iter().filter_map(|b| b[key].as_f64());
        smd.map(f64::abs).fold(0.0, f64::max)
    };
    assert!(apart("smd_before") > 0.3 && apart("smd_after") < 0.1);
}

#[test]
fn the_messy_list_still_finds_the_effect_and_counts_every_loss() {
    let (said, report, _folder) = evaluate("messy", "reoffending", &[]);
    said.says("problems in the file (`counterpart check` lists them)");
    interval_holds_the_truth(&report, "messy", "reoffended", "reoffended");
    the_flow_adds_up(&report);
    let dirt = &truth("messy")["dirt"];
    let lost = |reason: &str| -> f64 {
        let steps = report["flow"].as_array().unwrap().iter();
        let lost = steps.flat_map(|s| s["lost"].as_array().unwrap());
        lost.filter(|l| l["reason"].as_str().unwrap().contains(reason))
            .map(|l| number(&l["people"]))
            .sum()
    };
    assert_eq!(
        lost("programme start is blank"),
        number(&dirt["missing_start"])
    );
    assert_eq!(lost("more than once"), number(&dirt["duplicate_rows"]));
    // Strangers are not found, all others are, to the rounding of the count (`link` on this list, in
    // tests/cli/link.rs, is exact): 2.5, and the strangers whose rows have no start.
    let flow = report["flow"].as_array().unwrap();
    let people = |step: &str| number(&flow.iter().find(|s| s["step"] == step).unwrap()["people"]);
    let not_found = people("unique") - people("found");
    let strangers = number(&dirt["not_on_register"]);
    let least = strangers - 2.5 - number(&dirt["missing_start"]);
    assert!(
        (least..=strangers + 2.5).contains(&not_found),
        "{not_found} not found, {strangers} strangers"
    );
}

#[test]
fn a_rare_outcome_is_withheld_with_one_more_so_that_it_cannot_be_worked_out() {
    let (_, report, _folder) = evaluate("messy", "reoffending", &[]);
    let withheld: Vec<&Value> = report["analyses"][0]["outcomes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|o| o["suppressed"].is_string())
        .collect();
    assert!(withheld.len() >= 2);
    for o in withheld {
        for key in ["treated", "comparison", "difference", "ratio"] {
            assert!(o[key].is_null(), "{key} of {}", o["name"]);
        }
    }
}

#[test]
fn too_few_people_is_an_answer_with_a_way_on() {
    let folder = Folder::new();
    let out = folder.path("out");
    let said = counterpart(&[
        "evaluate",
        "sample_data/cohorts/too_small.csv",
        "--study",
        "models/reoffending.toml",
        "--register",
        "sample_data/register",
        "--out",
        &out,
    ]);
    said.refuses(1, "25 can be used and 60 are needed, 35 more")
        .says("hint: add people")
        .says("counterpart power");
    assert!(!std::path::Path::new(&out).exists(), "nothing is written");
}

#[test]
fn the_employment_study_finds_its_effect_on_the_same_list() {
    let (said, report, _folder) = evaluate("clean", "employment", &[]);
    interval_holds_the_truth(
        &report,
        "clean",
        "employed_at_12_months",
        "employed_at_12_months",
    );
    interval_holds_the_truth(&report, "clean", "weeks_in_work", "weeks_in_work_12_months");
    interval_holds_the_truth(&report, "clean", "earnings", "earnings_12_months");
    assert!(said.stdout.contains("higher by between"), "{}", said.stdout);
    the_flow_adds_up(&report);
}

#[test]
fn the_report_has_every_key_that_stays() {
    let (_, report, _folder) = evaluate("clean", "reoffending", &[]);
    let has = |value: &Value, path: &str, keys: &str| {
        let object = value.as_object().unwrap_or_else(|| panic!("{path}"));
        for key in keys.split_whitespace() {
            assert!(object.contains_key(key), "{path}.{key}");
        }
    };
    has(
        &report,
        "report",
        "schema study run flow analyses sensitivity quality disclosure erasure warnings",
    );
    assert_eq!(report["schema"], "counterpart.report/1");
    has(&report["study"], "study", "id title domain spec_digest");
    has(
        &report["run"],
        "run",
        "engine_version seed started finished design_digest",
    );
    has(
        &report["flow"][0],
        "flow",
        "step reason people percent_of_submitted",
    );
    let analysis = &report["analyses"][0];
    has(
        analysis,
        "analysis",
        "id title headline pool design balance outcomes",
    );
    has(
        &analysis["design"],
        "design",
        "estimand method caliper caliper_scale replace ratio exact propensity participants
         participants_matched comparison_pool comparison_matched comparison_ess",
    );
    has(
        &analysis["design"]["propensity"],
        "propensity",
        "converged iterations c_statistic terms",
    );
    has(
        &analysis["design"]["propensity"]["terms"][0],
        "term",
        "term estimate se",
    );
    has(
        &analysis["balance"][0],
        "balance",
        "term mean_treated mean_pool mean_matched smd_before smd_after variance_ratio ks light",
    );
    for o in analysis["outcomes"].as_array().unwrap() {
        has(
            o,
            "outcome",
            "name kind primary unit treated comparison difference ratio adjusted number_needed
             detectable can_say cannot_say suppressed",
        );
        has(
            &o["difference"],
            "difference",
            "estimate se se_method df ci_low ci_high p p_holm",
        );
    }
    has(
        &report["sensitivity"],
        "sensitivity",
        "rosenbaum_gamma e_value placebo specifications",
    );
    has(
        &report["sensitivity"]["specifications"][0],
        "specification",
        "method caliper estimate ci_low ci_high",
    );
    has(&report["quality"], "quality", "cohort register linkage");
    has(
        &report["disclosure"],
        "disclosure",
        "policy rules_applied suppressed_cells",
    );
    has(&report["warnings"][0], "warning", "code message");
    assert_eq!(report["disclosure"]["policy"], "controlled");
}

#[test]
fn the_same_seed_gives_the_same_bytes_but_for_the_clock() {
    let read = || {
        let (_, _, folder) = evaluate("messy", "reoffending", &["--seed", "7"]);
        let text = std::fs::read_to_string(folder.path("out/report.json")).unwrap();
        let page = std::fs::read_to_string(folder.path("out/report.html")).unwrap();
        let clock = |l: &&str| !l.contains("\"started\"") && !l.contains("\"finished\"");
        let kept: Vec<String> = text.lines().filter(clock).map(str::to_owned).collect();
        assert_eq!(text.lines().count(), kept.len() + 2);
        (kept, page.len())
    };
    assert_eq!(read(), read());
}

#[test]
fn format_chooses_the_faces_and_json_prints_the_whole_report() {
    let (said, report, folder) = evaluate("clean", "employment", &["--format", "json", "--json"]);
    assert!(!std::path::Path::new(&folder.path("out/report.html")).exists());
    assert_eq!(said.json(), report);
}

#[test]
fn ridge_is_a_way_on_here_too() {
    let (said, report, folder) = evaluate("clean", "reoffending", &["--ridge", "1"]);
    assert_eq!(said.code, 0);
    let propensity = &report["analyses"][0]["design"]["propensity"];
    assert_eq!(propensity["iterations"], 0, "{propensity}");
    let mut names: Vec<String> = std::fs::read_dir(folder.path("out"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["report.html", "report.json"], "and nothing else");
    let study = ["--study", "models/reoffending.toml"];
    let register = ["--register", "sample_data/register", "--out", "x"];
    let mut args = vec!["evaluate", "x.csv", "--ridge", "0"];
    args.extend(study.iter().chain(&register));
    counterpart(&args)
        .ends_with(2)
        .says("must be a number above 0");
}
