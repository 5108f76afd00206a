//! The bootstrap as a researcher asks for it.

use crate::kit::{Folder, counterpart, number, outcome, read_json};
use std::path::Path;

/// `analyse` of LaLonde's table with more flags, into a folder of its own.
fn lalonde(folder: &Folder, more: &[&str]) -> crate::kit::Said {
    let out = folder.path("out");
    let mut args = vec!["analyse", "sample_data/real/lalonde.csv"];
    args.extend(["--treatment", "treat", "--out", &out]);
    args.extend(["--outcome", "emp78", "--outcome", "re78:continuous"]);
    args.extend(["--covariates", "age,educ,race,married,nodegree,re74,re75"]);
    args.extend(more);
    counterpart(&args)
}

#[test]
fn the_bootstrap_stands_in_the_place_of_the_formula_and_says_what_it_did() {
    let folder = Folder::new();
    lalonde(&folder, &["--se", "bootstrap", "--replicates", "100"]).ends_with(0);
    let report = read_json(Path::new(&folder.path("out/report.json")));
    for name in ["emp78", "re78"] {
        let difference = &outcome(&report, name)["difference"];
        assert_eq!(difference["se_method"], "bootstrap");
        let (se, estimate) = (number(&difference["se"]), number(&difference["estimate"]));
        let (low, high) = (
            number(&difference["ci_low"]),
            number(&difference["ci_high"]),
        );
        assert!(se > 0.0 && (estimate - low - (high - estimate)).abs() < 1e-6 * se);
        let percentile = &difference["percentile"];
        assert!(number(&percentile[0]) < number(&percentile[1]));
    }
    let warnings = report["warnings"].as_array().expect("warnings");
    let said = warnings.iter().find(|w| w["code"] == "bootstrap");
    let said = said.expect("what was drawn")["message"].as_str();
    assert!(said.is_some_and(|m| m.contains("100 bootstrap replicates")));
}

#[test]
fn the_bootstrap_of_reused_neighbours_is_refused_with_the_paper() {
    let folder = Folder::new();
    let flags = ["--method", "nearest", "--replace", "--se", "bootstrap"];
    let said = lalonde(&folder, &flags);
    said.says("Abadie & Imbens 2008");
    assert!(said.code > 0 && !Path::new(&folder.path("out")).exists());
    let said = lalonde(&folder, &["--method", "subclass", "--se", "bootstrap"]);
    said.refuses(1, "not been shown");
}
