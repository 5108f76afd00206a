//! Differences and ratios with robust errors where nobody is matched: the whole pool as it is, and
//! weighed by its odds of taking part. `vcovHC(type = "HC1")` of sandwich 3.0-2.

use crate::support::{Case, case, close, outcome, tolerance};
use counterpart::effect::{OutcomeData, estimate};
use counterpart::matching::{Matches, Sets};
use counterpart::study::{Caliper, CaliperScale, MatchSettings, OutcomeKind, SeMethod};
use serde_json::Value;

/// The whole pool for everybody, weighed.
fn weighed(case: &Case, of_pool: impl Fn(usize) -> f64) -> Matches {
    let everybody = MatchSettings {
        caliper: Caliper::Width(1e6),
        caliper_scale: CaliperScale::Lp,
        ..MatchSettings::default()
    };
    let mut matches = case.matched("logit", &everybody);
    let weight: Vec<f64> = matches.pool.iter().map(|&r| of_pool(r as usize)).collect();
    let each = matches.participants.len() as f64 / weight.iter().sum::<f64>();
    matches.weight = weight.iter().map(|w| w * each).collect();
    matches.sets = Sets::Common;
    matches
}

fn agree(what: &str, case: &Case, matches: &Matches, effects: &Value) -> usize {
    let mut seen = 0;
    for e in effects.as_array().unwrap() {
        let kind = match e["type"].as_str().unwrap() {
            "binary" => OutcomeKind::Binary,
            "count" => OutcomeKind::Count,
            "continuous" => OutcomeKind::Continuous,
            _ => continue,
        };
        let name = e["outcome"].as_str().unwrap();
        let y = case.column(name);
        let exposure = e["exposure"].as_str().map(|c| case.column(c));
        let data = OutcomeData {
            values: &y,
            given: None,
            exposure: exposure.as_deref(),
        };
        let got = estimate(&outcome(name, kind), &data, matches, SeMethod::Robust).unwrap();
        let what = |key: &str| format!("{what} {name} {key}");
        let r = |v: &Value| v.as_f64().unwrap();
        close(
            &what("att"),
            got.difference.estimate,
            r(&e["att"]),
            tolerance::EFFECT,
        );
        close(
            &what("hc1"),
            got.difference.se,
            r(&e["se"]["hc1"]),
            tolerance::EFFECT,
        );
        seen += 2;
        for (kind, log, se) in [
            ("odds_ratio", "log_or", "log_or_se"),
            ("rate_ratio", "log_rate_ratio", "log_rate_ratio_se"),
        ] {
            if let Some(ratio) = got.ratios.iter().find(|r| r.kind == kind) {
                // R's glm stops at its own tolerance of 1e-8 on the deviance.
                close(&what(log), ratio.log.estimate, r(&e[log]), 1e-6);
                close(&what(se), ratio.log.se, r(&e[se]["hc1"]), 1e-6);
                seen += 2;
            }
        }
    }
    seen
}

#[test]
fn unmatched_and_weighted_ratios_have_the_robust_errors_of_sandwich() {
    let mut seen = 0;
    for name in ["rossi", "lalonde", "lalonde_psid", "justice_sim"] {
        let case = case(name);
        let x = &case.expected;
        let unmatched = weighed(&case, |_| 1.0);
        seen += agree(
            &format!("{name} unmatched"),
            &case,
            &unmatched,
            &x["unmatched"],
        );
        let ps = case.numbers("ps");
        let odds = weighed(&case, |i| ps[i] / (1.0 - ps[i]));
        seen += agree(
            &format!("{name} ipw"),
            &case,
            &odds,
            &x["ipw_att"]["effects"],
        );
    }
    assert!(seen >= 40, "only {seen} values compared");
}
