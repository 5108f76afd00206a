//! Kernel matching, against the definition written out in R: every participant with every pool
//! member.

use crate::support::{self, close, outcome, tolerance};
use counterpart::effect::{OutcomeData, estimate};
use counterpart::study::*;
use serde_json::Value;
use std::collections::BTreeMap;

/// Sums in another order, on effects in dollars and in percentage points alike.
const WITHIN: f64 = 1e-9;

fn kernel(name: &str) -> Kernel {
    match name {
        "epan" => Kernel::Epanechnikov,
        "biweight" => Kernel::Biweight,
        "tricube" => Kernel::Tricube,
        "normal" => Kernel::Normal,
        other => panic!("no kernel {other}"),
    }
}

#[test]
fn kernel_effects_weights_and_lab_errors_are_those_of_the_definition() {
    let mut seen = 0;
    for name in crate::REAL {
        let mut case = support::case(name);
        let lp = case.numbers("logit");
        let ps = lp.iter().map(|lp| 1.0 / (1.0 + (-lp).exp()));
        case.expected["score"] = Value::from(ps.collect::<Vec<f64>>());
        let mut columns: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        let wanted = case.expected["reference"].as_object().unwrap().clone();
        for (key, want) in wanted {
            let args = &want["args"];
            if args["method"] != "kernel" {
                continue;
            }
            let settings = MatchSettings {
                kernel: kernel(args["kernel"].as_str().unwrap()),
                caliper: Caliper::Width(args["h"].as_f64().unwrap()),
                caliper_scale: CaliperScale::Lp,
                common_support: match args["common"] == true {
                    true => CommonSupport::Participants,
                    false => CommonSupport::None,
                },
                ..MatchSettings::new(Method::Kernel)
            };
            let matches = case.matched("score", &settings);
            let what = format!("{name} {key}");
            let count = |key: &str| want[key].as_u64().unwrap() as usize;
            assert_eq!(matches.participants.len(), count("n_matched"), "{what}");
            assert_eq!(matches.pool_matched(), count("n_controls_used"), "{what}");
            let ess = want["ess_controls"].as_f64().unwrap();
            close(&format!("{what} ess"), matches.ess(), ess, WITHIN);
            if let Some(weights) = want["control_weights"].as_object() {
                let weighed = matches.pool.iter().zip(&matches.weight);
                for (&row, &w) in weighed.filter(|p| *p.1 > 0.0) {
                    let r = weights[&(row + 1).to_string()].as_f64().unwrap();
                    close(&format!("{what} weight"), w, r, WITHIN);
                    seen += 1;
                }
            }
            for e in want["effects"].as_array().unwrap() {
                let column = e["outcome"].as_str().unwrap();
                let y = columns.entry(column.to_owned());
                let y = y.or_insert_with(|| case.column(column));
                let data = OutcomeData {
                    values: y,
                    given: None,
                    exposure: None,
                };
                let spec = outcome(column, OutcomeKind::Continuous);
                let got = estimate(&spec, &data, &matches, SeMethod::Lab).unwrap();
                let same = |key: &str, got: f64| {
                    let label = format!("{what} {column} {key}");
                    close(&label, got, e[key].as_f64().unwrap(), WITHIN);
                };
                same("mean_treated", got.mean_treated);
                same("mean_control", got.mean_comparison);
                same("att", got.difference.estimate);
                same("se_fixed", got.difference.se);
                // The predictions, each by its own sum, are those of the weights.
                let of_pool: Vec<f64> = matches.pool.iter().map(|&r| y[r as usize]).collect();
                let predicted = matches.predicted(&of_pool);
                let mean = predicted.iter().sum::<f64>() / predicted.len() as f64;
                close(&what, mean, got.mean_comparison, tolerance::EFFECT);
                seen += 4;
            }
        }
    }
    assert!(seen > 1000, "only {seen} values compared");
}
