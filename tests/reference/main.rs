//! The engine against R: MatchIt 4.7.1, sandwich 3.0.2, Matching 4.10.8 on R 4.2.2.
//! `tests/reference/README.md` says what each value is and how it was made.

mod adjusted;
mod kernel;
mod optimal;
mod outcomes;
mod propensity;
mod strata;
mod support;
mod survival;
mod weighting;

use counterpart::balance::measure;
use counterpart::covariates::DesignMatrix;
use counterpart::effect::{OutcomeData, estimate, neighbour_variance};
use counterpart::matching::Matches;
use counterpart::propensity::{Penalty, Propensity, PropensityParams};
use counterpart::study::*;
use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use ndarray::Array1;
use serde_json::Value;
use std::collections::BTreeMap;
use support::{Case, case, close, outcome, tolerance};

const REAL: [&str; 5] = [
    "rossi",
    "lalonde",
    "lalonde_psid",
    "lalonde_psid_dw",
    "justice_sim",
];

fn fitted(case: &Case, params: PropensityParams) -> Propensity {
    let matrix =
        DesignMatrix::build(&mut case.frame(&[]), &case.treated, &case.covariates).unwrap();
    let targets = Array1::from_iter(case.treated.iter().map(|&t| f64::from(u8::from(t))));
    params
        .check()
        .unwrap()
        .fit(&DatasetBase::new(matrix, targets))
        .unwrap()
}

#[test]
fn propensity_coefficients_and_errors_are_those_of_glm() {
    for name in REAL {
        let case = case(name);
        let fit = fitted(&case, PropensityParams::new());
        let glm = &case.expected["glm"];
        close(
            &format!("{name} deviance"),
            fit.deviance,
            glm["deviance"].as_f64().unwrap(),
            1e-10,
        );
        close(
            &format!("{name} c-statistic"),
            fit.c_statistic,
            glm["auc"].as_f64().unwrap(),
            1e-10,
        );
        close(
            &format!("{name} sd of lp"),
            fit.lp_sd,
            glm["logit"]["sd_overall"].as_f64().unwrap(),
            1e-8,
        );
        for (lp, want) in fit.lp.iter().zip(case.numbers("logit")) {
            assert!(
                (lp - want).abs() < 1e-7 * want.abs().max(1.0),
                "{name}: lp {lp} not {want}"
            );
        }
        let coef = glm["coef"].as_object().unwrap();
        let numeric: Vec<&String> = coef
            .keys()
            .filter(|k| {
                case.covariates
                    .iter()
                    .any(|c| &c.column == *k && c.kind == CovariateKind::Number)
            })
            .collect();
        assert!(numeric.len() >= 5, "{name}: nothing compared");
        for key in numeric {
            let term = fit.terms.iter().find(|t| &t.name == key).unwrap();
            close(
                &format!("{name} {key}"),
                term.estimate,
                coef[key].as_f64().unwrap(),
                tolerance::COEFFICIENT,
            );
            close(
                &format!("{name} se {key}"),
                term.se,
                glm["se"][key].as_f64().unwrap(),
                tolerance::COEFFICIENT,
            );
        }
        if case
            .covariates
            .iter()
            .all(|c| c.kind == CovariateKind::Number)
        {
            close(
                &format!("{name} intercept"),
                fit.terms[0].estimate,
                coef["(Intercept)"].as_f64().unwrap(),
                tolerance::COEFFICIENT,
            );
            close(
                &format!("{name} se intercept"),
                fit.terms[0].se,
                glm["se"]["(Intercept)"].as_f64().unwrap(),
                tolerance::COEFFICIENT,
            );
        }
    }
}

#[test]
fn linfa_with_a_vanishing_penalty_finds_the_same_scores() {
    let case = case("rossi");
    let ours = fitted(&case, PropensityParams::new());
    let theirs = fitted(&case, PropensityParams::new().penalty(Penalty::Ridge(1e-9)));
    for (a, b) in ours.lp.iter().zip(&theirs.lp) {
        assert!((a - b).abs() < 1e-4, "{a} {b}");
    }
    // and a heavy one draws them together
    let heavy = fitted(&case, PropensityParams::new().penalty(Penalty::Ridge(1e4)));
    assert!(heavy.lp_sd < 0.5 * ours.lp_sd);
}

/// Settings of a reference design: which of R's scores, and ours.
fn designs() -> Vec<(&'static str, &'static str, MatchSettings)> {
    let base = || MatchSettings {
        method: Method::Nearest,
        caliper: Caliper::None,
        replace: false,
        ..MatchSettings::default()
    };
    let with = |f: &dyn Fn(&mut MatchSettings)| {
        let mut s = base();
        f(&mut s);
        s
    };
    let sd = Caliper::Width(0.2);
    vec![
        (
            "nn_largest_ps",
            "matchit_ps",
            with(&|s| s.order = Some(Order::Largest)),
        ),
        (
            "nn_data_ps",
            "matchit_ps",
            with(&|s| s.order = Some(Order::Data)),
        ),
        (
            "nn_smallest_ps",
            "matchit_ps",
            with(&|s| s.order = Some(Order::Smallest)),
        ),
        ("nn_largest_logit", "matchit_logit", base()),
        (
            "nn_data_logit",
            "matchit_logit",
            with(&|s| s.order = Some(Order::Data)),
        ),
        (
            "nn_closest_logit",
            "matchit_logit",
            with(&|s| s.order = Some(Order::Closest)),
        ),
        ("nn_cal02_logit", "matchit_logit", with(&|s| s.caliper = sd)),
        (
            "nn_cal001_ps",
            "matchit_ps",
            with(&|s| {
                s.caliper = Caliper::Width(0.01);
                s.caliper_scale = CaliperScale::Lp
            }),
        ),
        ("nn_rep_ps", "matchit_ps", with(&|s| s.replace = true)),
        (
            "nn_rep_cal02_logit",
            "matchit_logit",
            with(&|s| {
                s.replace = true;
                s.caliper = sd
            }),
        ),
        (
            "nn3_rep_cal02_logit",
            "matchit_logit",
            with(&|s| {
                s.replace = true;
                s.caliper = sd;
                s.ratio = 3
            }),
        ),
        ("nn2_largest_logit", "matchit_logit", with(&|s| s.ratio = 2)),
        ("nn_exact_logit", "matchit_logit", base()),
        (
            "nn_rep_exact_cal02_logit",
            "matchit_logit",
            with(&|s| {
                s.replace = true;
                s.caliper = sd
            }),
        ),
        (
            "nn_discard_both_logit",
            "matchit_logit",
            with(&|s| s.common_support = CommonSupport::Both),
        ),
    ]
}

fn exact_of(args: &str) -> Vec<String> {
    match args.split("exact = ~").nth(1) {
        None => Vec::new(),
        Some(rest) => rest
            .split(',')
            .next()
            .unwrap()
            .split('+')
            .map(|s| s.trim().to_owned())
            .collect(),
    }
}

fn pairs(matches: &Matches) -> BTreeMap<u32, Vec<u32>> {
    let mut pairs: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    matches.for_each_pair(|t, c, _| pairs.entry(t + 1).or_default().push(c + 1));
    // Neighbours at the same distance come in either order: a set is a set.
    pairs.values_mut().for_each(|set| set.sort_unstable());
    pairs
}

fn each_design(mut check: impl FnMut(&str, &Case, &Value, &Matches, &MatchSettings)) {
    let mut seen = 0;
    for name in REAL {
        let case = case(name);
        for (key, score, mut settings) in designs() {
            let want = case.expected["matchit"][key].clone();
            if want.is_null() || want["pairs"].is_null() {
                continue;
            }
            settings.exact = exact_of(want["args"].as_str().unwrap());
            let matches = case.matched(score, &settings);
            check(&format!("{name} {key}"), &case, &want, &matches, &settings);
            seen += 1;
        }
    }
    assert!(seen >= 60, "only {seen} designs compared");
}

#[test]
fn nearest_pairs_are_those_of_matchit() {
    let mut wrong = Vec::new();
    each_design(|what, _, want, matches, _| {
        let got = pairs(matches);
        let want: BTreeMap<u32, Vec<u32>> = want["pairs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| {
                let p: Vec<u32> = p
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|v| v.as_u64().unwrap() as u32)
                    .collect();
                let mut set = p[1..].to_vec();
                set.sort_unstable();
                (p[0], set)
            })
            .collect();
        let differ = want
            .iter()
            .filter(|(t, set)| got.get(t) != Some(set))
            .count()
            + got.keys().filter(|t| !want.contains_key(t)).count();
        if differ > 0 {
            let first: Vec<_> = want
                .iter()
                .filter(|(t, set)| got.get(t) != Some(set))
                .take(3)
                .map(|(t, s)| (t, s.clone(), got.get(t).cloned()))
                .collect();
            wrong.push(format!(
                "{what}: {differ} of {} differ, e.g. {first:?}",
                want.len()
            ));
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pool_weights_are_those_of_matchit() {
    each_design(|what, _, want, matches, _| {
        let scale = matches.pool_matched() as f64 / matches.participants.len() as f64;
        let want = want["control_weights"].as_object().unwrap();
        let mut got = 0;
        for (&row, &w) in matches
            .pool
            .iter()
            .zip(&matches.weight)
            .filter(|p| *p.1 > 0.0)
        {
            let expected = want.get(&(row + 1).to_string()).and_then(Value::as_f64);
            close(
                &format!("{what} weight of {row}"),
                w * scale,
                expected.unwrap_or(f64::NAN),
                1e-10,
            );
            got += 1;
        }
        assert_eq!(got, want.len(), "{what}");
    });
}

#[test]
fn balance_is_that_of_matchit() {
    let mut seen = 0;
    each_design(|what, case, want, matches, _| {
        if want["balance"].is_null() {
            return;
        }
        let matrix =
            DesignMatrix::build(&mut case.frame(&[]), &case.treated, &case.covariates).unwrap();
        for b in measure(&matrix, &case.treated, matches) {
            // R calls a level `racehispan` where we say `race=hispan`.
            let row = b.term.replace('=', "");
            let (before, after) = (
                &want["balance"]["before"][&row],
                &want["balance"]["after"][&row],
            );
            if after.is_null() {
                continue;
            }
            let f = |v: &Value, k: &str| v[k].as_f64();
            let mut same = |k: &str, got: Option<f64>, v: &Value| {
                if let (Some(got), Some(want)) = (got, f(v, k)) {
                    close(&format!("{what} {row} {k}"), got, want, tolerance::EFFECT);
                    seen += 1;
                }
            };
            same("Means Treated", Some(b.mean_all_treated), before);
            same("Means Control", Some(b.mean_pool), before);
            same("Std. Mean Diff.", b.smd_before, before);
            same("Var. Ratio", b.variance_ratio_before, before);
            same("eCDF Max", Some(b.ks_before), before);
            same("Means Treated", Some(b.mean_treated), after);
            same("Means Control", Some(b.mean_matched), after);
            same("Std. Mean Diff.", b.smd_after, after);
            same("Var. Ratio", b.variance_ratio, after);
            same("eCDF Max", Some(b.ks), after);
        }
    });
    assert!(seen > 1000, "only {seen} values compared");
}

#[test]
fn effects_and_clustered_errors_are_those_of_sandwich() {
    let mut seen = 0;
    each_design(|what, case, want, matches, _| {
        for e in want["effects"].as_array().unwrap() {
            let kind = match e["type"].as_str().unwrap() {
                "binary" => OutcomeKind::Binary,
                "count" => OutcomeKind::Count,
                "continuous" => OutcomeKind::Continuous,
                _ => continue,
            };
            let name = e["outcome"].as_str().unwrap();
            let y = case.column(name);
            let exposure = e["exposure"].as_str().map(|c| case.column(c));
            let spec = outcome(name, kind);
            let data = OutcomeData {
                values: &y,
                given: None,
                exposure: exposure.as_deref(),
            };
            let got = estimate(&spec, &data, matches, SeMethod::Cluster).unwrap();
            let what = format!("{what} {name}");
            let num = |v: &Value| v.as_f64().unwrap();
            close(
                &format!("{what} treated"),
                got.mean_treated,
                num(&e["mean_treated"]),
                tolerance::EFFECT,
            );
            close(
                &format!("{what} comparison"),
                got.mean_comparison,
                num(&e["mean_control"]),
                tolerance::EFFECT,
            );
            close(
                &format!("{what} att"),
                got.difference.estimate,
                num(&e["att"]),
                tolerance::EFFECT,
            );
            close(
                &format!("{what} se"),
                got.difference.se,
                num(&e["se"]["cl_hc1"]),
                tolerance::EFFECT,
            );
            for (kind, log, se) in [
                ("odds_ratio", "log_or", "log_or_se"),
                ("rate_ratio", "log_rate_ratio", "log_rate_ratio_se"),
            ] {
                if let Some(r) = got.ratios.iter().find(|r| r.kind == kind) {
                    // R's glm stops at its own tolerance of 1e-8 on the deviance.
                    close(&format!("{what} {log}"), r.log.estimate, num(&e[log]), 1e-6);
                    close(
                        &format!("{what} {se}"),
                        r.log.se,
                        num(&e[se]["cl_hc1"]),
                        1e-6,
                    );
                }
            }
            seen += 1;
        }
    });
    assert!(seen >= 100, "only {seen} effects compared");
}

#[test]
fn radius_effects_and_lab_errors_are_those_of_the_definition() {
    let mut seen = 0;
    for name in REAL {
        let case = case(name);
        for (key, want) in case.expected["reference"].as_object().unwrap() {
            let args = &want["args"];
            if args["method"] != "radius" {
                continue;
            }
            let score = args["score"].as_str().unwrap();
            let mut scores = case.numbers("logit");
            if score == "ps" {
                scores = scores.iter().map(|lp| 1.0 / (1.0 + (-lp).exp())).collect();
            }
            let settings = MatchSettings {
                caliper: Caliper::Width(args["caliper"].as_f64().unwrap()),
                caliper_scale: CaliperScale::Lp,
                common_support: if args["common"] == true {
                    CommonSupport::Participants
                } else {
                    CommonSupport::None
                },
                ..MatchSettings::default()
            };
            let mut with_scores = support::case(name);
            with_scores.expected["score"] = Value::from(scores);
            let matches = with_scores.matched("score", &settings);
            let what = format!("{name} {key}");
            assert_eq!(
                matches.participants.len() as u64,
                want["n_matched"].as_u64().unwrap(),
                "{what}"
            );
            assert_eq!(
                matches.pool_matched() as u64,
                want["n_controls_used"].as_u64().unwrap(),
                "{what}"
            );
            close(
                &format!("{what} ess"),
                matches.ess(),
                want["ess_controls"].as_f64().unwrap(),
                1e-9,
            );
            if let Some(weights) = want["control_weights"].as_object() {
                for (&row, &w) in matches
                    .pool
                    .iter()
                    .zip(&matches.weight)
                    .filter(|p| *p.1 > 0.0)
                {
                    close(
                        &format!("{what} weight"),
                        w,
                        weights[&(row + 1).to_string()].as_f64().unwrap(),
                        1e-9,
                    );
                }
            }
            let errors = (SeMethod::Lab, "se_fixed", tolerance::EFFECT);
            seen += effects_agree(&what, &case, &want["effects"], &matches, errors);
        }
    }
    assert!(seen >= 40, "only {seen} effects compared");
}

/// Effects and standard errors of the method are R's, under its name for them; how many were
/// compared.
fn effects_agree(
    what: &str,
    case: &Case,
    want: &Value,
    matches: &Matches,
    (method, error, within): (SeMethod, &str, f64),
) -> usize {
    let effects = want.as_array().unwrap();
    for e in effects {
        let column = e["outcome"].as_str().unwrap();
        let y = case.column(column);
        let data = OutcomeData {
            values: &y,
            given: None,
            exposure: None,
        };
        let spec = outcome(column, OutcomeKind::Continuous);
        let got = estimate(&spec, &data, matches, method).unwrap().difference;
        let r = |key: &str| e[key].as_f64().unwrap();
        let label = |key: &str| format!("{what} {column} {key}");
        close(&label("att"), got.estimate, r("att"), tolerance::EFFECT);
        close(&label(error), got.se, r(error), within);
    }
    effects.len()
}

/// Matches built from pairs that R's Matching made, ties and all, on R's score.
fn from_r_pairs(case: &Case, pairs: &Value) -> Matches {
    let lp = case.numbers("logit");
    // A design with the same pool, then its sets replaced by R's.
    let settings = MatchSettings {
        method: Method::Nearest,
        caliper: Caliper::None,
        replace: true,
        ..MatchSettings::default()
    };
    let mut with = support::case("rossi");
    with.expected = case.expected.clone();
    with.treated = case.treated.clone();
    with.csv = case.csv.clone();
    with.covariates = case.covariates.clone();
    let mut matches = with.matched("logit", &settings);
    assert_eq!(lp.len(), case.treated.len());
    let place: BTreeMap<u32, u32> = matches
        .pool
        .iter()
        .enumerate()
        .map(|(i, &r)| (r, i as u32))
        .collect();
    let mut sets: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for p in pairs.as_array().unwrap() {
        let t = p[0].as_u64().unwrap() as u32 - 1;
        sets.entry(t)
            .or_default()
            .push(place[&(p[1].as_u64().unwrap() as u32 - 1)]);
    }
    let (mut offset, mut members) = (vec![0], Vec::new());
    let mut weight = vec![0.0; matches.pool.len()];
    let mut squared = weight.clone();
    for set in sets.values() {
        for &c in set {
            let w = 1.0 / set.len() as f64;
            weight[c as usize] += w;
            squared[c as usize] += w * w;
        }
        members.extend(set);
        offset.push(members.len() as u32);
    }
    matches.participants = sets.keys().copied().collect();
    matches.sets = counterpart::matching::Sets::Lists { offset, members };
    matches.weight = weight;
    matches.weight_squared = squared;
    matches
}

#[test]
fn matched_errors_are_those_of_abadie_and_imbens() {
    let mut seen = 0;
    for name in REAL {
        let case = case(name);
        let want = &case.expected["Matching"]["rep_exactties_logit_varcalc1"];
        if want["treated_control_weight"].is_null() {
            continue;
        }
        let matches = from_r_pairs(&case, &want["treated_control_weight"]);
        let errors = (SeMethod::Matched, "se_ai", tolerance::ABADIE_IMBENS);
        seen += effects_agree(name, &case, &want["effects"], &matches, errors);
        let s2 = neighbour_variance(&matches, &vec![1.0; matches.pool.len()], 1);
        assert!(s2.iter().all(|&v| v == 0.0), "no spread, no variance");
    }
    assert!(seen >= 5, "only {seen} errors compared");
}
