//! Bias-corrected matching against `Matching::Match(BiasAdjust = TRUE)` on its own pairs, and
//! g-computation against `lm`, `glm` and `sandwich` on MatchIt's sets and on weights.

use crate::support::{self, Case, close, outcome};
use counterpart::covariates::DesignMatrix;
use counterpart::effect::OutcomeData;
use counterpart::effect::adjusted::{Clusters, bias_corrected, g_computation, residuals};
use counterpart::matching::{Matches, Sets};
use counterpart::study::*;
use serde_json::Value;

fn matrix(case: &Case) -> DesignMatrix {
    DesignMatrix::build(&mut case.frame(&[]), &case.treated, &case.covariates).unwrap()
}

fn number(v: &Value) -> f64 {
    v.as_f64().unwrap()
}

fn kind(e: &Value) -> Option<OutcomeKind> {
    match e["type"].as_str().unwrap() {
        "binary" => Some(OutcomeKind::Binary),
        "count" => Some(OutcomeKind::Count),
        "continuous" => Some(OutcomeKind::Continuous),
        _ => None,
    }
}

fn values(y: &[f64]) -> OutcomeData<'_> {
    OutcomeData {
        values: y,
        given: None,
        exposure: None,
    }
}

/// `Match` with `Var.calc = 0` takes one residual variance for all, half the weighted mean of
/// squared pair differences around the estimate: of adjusted outcomes, which are our residuals.
fn one_variance_for_all(e: &[f64], pool: &[f64], matches: &Matches) -> f64 {
    let n = e.len() as f64;
    let (mut gaps, mut pairs) = (Vec::new(), Vec::new());
    for (i, e) in e.iter().enumerate() {
        let mut gap = 0.0;
        matches.for_each_of(i, &mut |c, w| {
            gap += w * (e - pool[c as usize]);
            pairs.push((w, e - pool[c as usize]));
        });
        gaps.push(gap);
    }
    let tau = gaps.iter().sum::<f64>() / n;
    let within: f64 = gaps.iter().map(|g| (g - tau).powi(2)).sum();
    let s2 = 0.5
        * pairs
            .iter()
            .map(|(w, d)| w * (d - tau).powi(2))
            .sum::<f64>()
        / n;
    let reuse = matches.weight.iter().zip(&matches.weight_squared);
    let reused: f64 = reuse.map(|(w, q)| w * w - q).sum();
    (within + reused * s2).sqrt() / n
}

#[test]
fn bias_corrected_estimates_and_errors_are_those_of_match() {
    let mut seen = 0;
    for name in crate::REAL {
        let case = support::case(name);
        let want = &case.expected["Matching"]["rep_ties_logit_biasadj"];
        let matches = crate::from_r_pairs(&case, &want["treated_control_weight"]);
        let matrix = matrix(&case);
        for e in want["effects"].as_array().unwrap() {
            let column = e["outcome"].as_str().unwrap();
            let y = case.column(column);
            let spec = outcome(column, OutcomeKind::Continuous);
            let got =
                bias_corrected(&spec, &values(&y), &matrix, &matches, SeMethod::Matched).unwrap();
            let label = |what: &str| format!("{name} {column} {what}");
            close(
                &label("att"),
                got.difference.estimate,
                number(&e["att"]),
                1e-8,
            );
            let left = residuals(&spec, &values(&y), &matrix, &matches).unwrap();
            let se = one_variance_for_all(&left.participants, &left.pool, &matches);
            close(&label("se_ai"), se, number(&e["se_ai"]), 1e-8);
            seen += 1;
        }
    }
    assert!(seen >= 8, "only {seen} compared");
}

/// How many values agreed with R's g-computation.
fn agree(
    what: &str,
    (case, matrix, matches): (&Case, &DesignMatrix, &Matches),
    effects: &Value,
    clusters: Clusters,
) -> usize {
    let mut seen = 0;
    for e in effects.as_array().unwrap() {
        let Some(kind) = kind(e) else { continue };
        let name = e["outcome"].as_str().unwrap();
        let y = case.column(name);
        let want = &e["gcomp"];
        let got = g_computation(&outcome(name, kind), &values(&y), matrix, matches, clusters);
        let got = match got {
            Ok(got) => got,
            // All participants of one origin found work: there is no maximum, and R stops where its
            // deviance no longer moves.
            Err(why) => {
                assert!(
                    name == "emp78" && what.starts_with("lalonde"),
                    "{what}: {why}"
                );
                continue;
            }
        };
        // R's glm stops at its own tolerance of 1e-8 on the deviance, and its covariance takes the
        // working weights of the step before the last: ours take those of the last.
        let within = |key: &str| match (kind, key.contains("se")) {
            (OutcomeKind::Binary, true) => 1e-4,
            (OutcomeKind::Binary, false) => 1e-6,
            _ => 1e-8,
        };
        let mut same = |key: &str, got: f64| {
            let label = format!("{what} {name} {key}");
            close(&label, got, number(&want[key]), within(key));
            seen += 1;
        };
        same("att", got.difference.estimate);
        same("se", got.difference.se);
        same("y1", got.mean_treated);
        same("y0", got.mean_comparison);
        if let Some(ratio) = &got.log_risk_ratio {
            same("log_rr", ratio.estimate);
            same("log_rr_se", ratio.se);
        }
        assert_eq!(got.coefficients as u64, want["n_coef"].as_u64().unwrap());
        assert_eq!(got.aliased as u64, want["n_aliased"].as_u64().unwrap());
    }
    seen
}

#[test]
fn g_computation_on_nearest_pairs_is_that_of_r() {
    let mut seen = 0;
    crate::each_design(|what, case, want, matches, _| {
        let matrix = matrix(case);
        seen += agree(
            what,
            (case, &matrix, matches),
            &want["effects"],
            Clusters::Sets,
        );
    });
    assert!(seen >= 250, "only {seen} values compared");
}

#[test]
fn g_computation_on_strata_is_that_of_r() {
    let mut seen = 0;
    crate::strata::each(|case, run| {
        let on = (case, &run.matrix, &run.matches);
        seen += agree(&run.what, on, &run.want["effects"], Clusters::Sets);
    });
    assert!(seen >= 90, "only {seen} values compared");
}

#[test]
fn g_computation_on_everybody_and_on_weights_is_that_of_r() {
    let mut seen = 0;
    for name in crate::REAL {
        let case = support::case(name);
        let matrix = matrix(&case);
        let settings = MatchSettings {
            method: Method::Nearest,
            caliper: Caliper::None,
            replace: true,
            ..MatchSettings::default()
        };
        let mut matches = case.matched("logit", &settings);
        matches.sets = Sets::Common;
        let lp = case.numbers("logit");
        let n = matches.participants.len() as f64;
        for (key, odds) in [("unmatched", false), ("ipw_att", true)] {
            let weigh = |row: &u32| if odds { lp[*row as usize].exp() } else { 1.0 };
            let weights: Vec<f64> = matches.pool.iter().map(weigh).collect();
            let total: f64 = weights.iter().sum();
            matches.weight = weights.iter().map(|w| w * n / total).collect();
            matches.weight_squared = matches.weight.iter().map(|w| w * w / n).collect();
            let effects = match odds {
                true => &case.expected[key]["effects"],
                false => &case.expected[key],
            };
            let on = (&case, &matrix, &matches);
            seen += agree(&format!("{name} {key}"), on, effects, Clusters::Usual);
        }
    }
    assert!(seen >= 60, "only {seen} values compared");
}
