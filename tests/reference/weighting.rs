//! Odds weights, entropy balancing, overlap.
//!
//! `ipw_att` is R's weighted regression with the pool at e / (1 - e), weights taken as known.

use crate::support::{Case, case, close, outcome};
use crate::{REAL, fitted};
use counterpart::balance::Design;
use counterpart::effect::{OutcomeData, estimate};
use counterpart::matching::{self, Matches, Scores};
use counterpart::propensity::{Propensity, PropensityParams};
use counterpart::study::*;

fn weighted(case: &Case, propensity: &Propensity, weights: WeightKind) -> Matches {
    let scores = Scores {
        lp: &propensity.lp,
        order: &propensity.order,
        lp_sd: propensity.lp_sd,
        treated: &case.treated,
        strata: &[],
        sampling: &[],
        matrix: None,
    };
    let settings = MatchSettings {
        weights,
        ..MatchSettings::new(Method::Weighting)
    };
    matching::run(&scores, &settings, 1).unwrap()
}

#[test]
fn odds_weights_and_their_robust_errors_are_those_of_r() {
    let mut seen = 0;
    for name in REAL {
        let case = case(name);
        let propensity = fitted(&case, PropensityParams::new());
        let matches = weighted(&case, &propensity, WeightKind::Odds);
        let want = &case.expected["ipw_att"];
        let number = |v: &serde_json::Value| v.as_f64().unwrap();
        // The scores agree to 1e-7, their exponentials a little less.
        close(name, matches.ess(), number(&want["ess_controls"]), 1e-6);
        let n = matches.participants.len() as f64;
        let odds: f64 = (matches.pool.iter())
            .map(|&r| propensity.lp[r as usize].exp())
            .sum();
        let largest = matches.weight.iter().fold(0.0, |a: f64, b| a.max(*b)) * odds / n;
        close(name, largest, number(&want["max_weight"]), 1e-6);
        for e in want["effects"].as_array().unwrap() {
            let kind = match e["type"].as_str().unwrap() {
                "binary" => OutcomeKind::Binary,
                "continuous" => OutcomeKind::Continuous,
                "count" => OutcomeKind::Count,
                _ => continue,
            };
            let column = e["outcome"].as_str().unwrap();
            let (y, exposure) = (case.column(column), e["exposure"].as_str());
            let exposure = exposure.map(|c| case.column(c));
            let data = OutcomeData {
                values: &y,
                given: None,
                exposure: exposure.as_deref(),
            };
            let got = estimate(&outcome(column, kind), &data, &matches, SeMethod::Robust).unwrap();
            let label = |key: &str| format!("{name} {column} {key}");
            close(
                &label("att"),
                got.difference.estimate,
                number(&e["att"]),
                1e-6,
            );
            close(
                &label("hc1"),
                got.difference.se,
                number(&e["se"]["hc1"]),
                1e-6,
            );
            for (ratio, key) in [("odds_ratio", "log_or"), ("rate_ratio", "log_rate_ratio")] {
                if let Some(r) = got.ratios.iter().find(|r| r.kind == ratio) {
                    close(&label(key), r.log.estimate, number(&e[key]), 1e-6);
                    let se = number(&e[format!("{key}_se")]["hc1"]);
                    close(&label(ratio), r.log.se, se, 1e-6);
                }
            }
            seen += 1;
        }
    }
    assert!(seen >= 8, "only {seen} effects compared");
}

/// The property that defines each: equal means of every column of the model.
#[test]
fn entropy_and_overlap_weights_make_every_mean_agree_on_real_data() {
    for name in REAL {
        let case = case(name);
        for weights in [WeightKind::Entropy, WeightKind::Overlap] {
            let settings = MatchSettings {
                weights,
                ..MatchSettings::new(Method::Weighting)
            };
            let model = PropensityParams::new();
            let design = Design::fix(
                case.frame(&[]),
                case.treated.clone(),
                &case.covariates,
                &settings,
                model,
                1,
            );
            let design = match design {
                // People far outside the survey's range have no such weights, and are told so.
                Err(e) if weights == WeightKind::Entropy => {
                    assert!(e.to_string().contains("no weights make"), "{name}: {e}");
                    assert!(name.starts_with("lalonde_psid"), "{name}: {e}");
                    continue;
                }
                design => design.unwrap(),
            };
            for b in design.balance() {
                let gap = b.smd_after.unwrap_or(b.mean_treated - b.mean_matched);
                assert!(gap.abs() < 1e-6, "{name} {weights:?} {}: {gap:e}", b.term);
            }
        }
    }
}
