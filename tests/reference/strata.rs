//! Coarsened exact and subclass matching: sets, weights, balance, effects and sandwich errors of
//! MatchIt 4.7.1.

use crate::support::{self, Case, close, outcome, tolerance};
use counterpart::balance::measure;
use counterpart::covariates::DesignMatrix;
use counterpart::effect::{OutcomeData, estimate};
use counterpart::matching::{self, Groups, Matches, Scores};
use counterpart::propensity::sorted_by_score;
use counterpart::study::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub struct Run {
    pub what: String,
    pub want: Value,
    pub matrix: DesignMatrix,
    pub matches: Matches,
}

pub fn each(mut check: impl FnMut(&Case, &Run)) {
    let designs = [
        ("subclass5", Method::Subclass, 5),
        ("subclass10", Method::Subclass, 10),
        ("cem", Method::Cem, 5),
    ];
    for name in crate::REAL {
        let case = support::case(name);
        for (key, method, subclasses) in designs {
            let want = case.expected["matchit"][key].clone();
            let mut settings = MatchSettings {
                subclasses,
                ..MatchSettings::new(method)
            };
            if method == Method::Cem {
                let formula = want["formula"].as_str().unwrap();
                let columns = formula.split('~').nth(1).unwrap().split('+');
                settings.columns = columns.map(|c| c.trim().to_owned()).collect();
            }
            let mut frame = case.frame(&[]);
            let matrix = DesignMatrix::build(&mut frame, &case.treated, &case.covariates).unwrap();
            let lp = case.numbers("matchit_logit");
            let scores = Scores {
                lp: &lp,
                order: &sorted_by_score(&lp),
                lp_sd: 1.0,
                treated: &case.treated,
                strata: &[],
                sampling: &[],
                matrix: Some(&matrix),
            };
            let matches = matching::run(&scores, &settings, 1).unwrap();
            let what = format!("{name} {key}");
            check(
                &case,
                &Run {
                    what,
                    want,
                    matrix,
                    matches,
                },
            );
        }
    }
}

/// Sets of row numbers, first = 1.
fn sets<K: Ord>(of: impl Iterator<Item = (u32, K)>) -> BTreeSet<Vec<u32>> {
    let mut sets: BTreeMap<K, Vec<u32>> = BTreeMap::new();
    of.for_each(|(row, set)| sets.entry(set).or_default().push(row));
    let sorted = |mut set: Vec<u32>| {
        set.sort_unstable();
        set
    };
    sets.into_values().map(sorted).collect()
}

#[test]
fn sets_and_weights_are_those_of_matchit() {
    each(|_, run| {
        let (what, m) = (&run.what, &run.matches);
        let groups = m.groups.as_ref().unwrap();
        let participants = m.participants.iter().zip(&groups.participants);
        let pool = m.pool.iter().zip(&groups.pool);
        let everybody = participants.chain(pool.filter(|p| *p.1 != Groups::NONE));
        let got = sets(everybody.map(|(row, set)| (row + 1, *set)));
        let want = run.want["subclass"].as_object().unwrap();
        let row = |id: &String| id.parse::<u32>().unwrap();
        let want = sets(
            want.iter()
                .map(|(id, set)| (row(id), set.as_str().unwrap())),
        );
        let missing = want.difference(&got).count();
        assert_eq!(got, want, "{what}: {missing} of {} sets differ", want.len());

        let weights = run.want["control_weights"].as_object().unwrap();
        // R's add up to the number of matched pool members.
        let scale = m.pool_matched() as f64 / m.participants.len() as f64;
        for (&row, &w) in m.pool.iter().zip(&m.weight).filter(|p| *p.1 > 0.0) {
            let r = weights[&(row + 1).to_string()].as_f64().unwrap();
            close(&format!("{what} weight"), w * scale, r, 1e-12);
        }
        assert_eq!(m.pool_matched(), weights.len(), "{what}");
        let ess = run.want["n"]["Matched (ESS)"]["Control"].as_f64().unwrap();
        close(&format!("{what} ess"), m.ess(), ess, 1e-10);
    });
}

#[test]
fn balance_of_sets_is_that_of_matchit() {
    let mut seen = BTreeMap::new();
    each(|case, run| {
        for b in measure(&run.matrix, &case.treated, &run.matches) {
            let balance = &run.want["balance"]["after"][&b.term.replace('=', "")];
            let mut same = |key: &'static str, got: Option<f64>| {
                if let (Some(got), Some(want)) = (got, balance[key].as_f64()) {
                    let label = format!("{} {} {key}", run.what, b.term);
                    close(&label, got, want, tolerance::EFFECT);
                    *seen.entry(key).or_insert(0) += 1;
                }
            };
            same("Means Treated", Some(b.mean_treated));
            same("Means Control", Some(b.mean_matched));
            same("Std. Mean Diff.", b.smd_after);
            same("Var. Ratio", b.variance_ratio);
            same("eCDF Max", Some(b.ks));
        }
    });
    println!("{seen:?}");
    assert_eq!(seen.len(), 5);
    assert!(seen.values().sum::<i32>() > 600, "only {seen:?} compared");
}

#[test]
fn effects_and_sandwich_errors_of_sets_are_those_of_r() {
    let mut seen = 0;
    each(|case, run| {
        for e in run.want["effects"].as_array().unwrap() {
            let kind = match e["type"].as_str().unwrap() {
                "binary" => OutcomeKind::Binary,
                "count" => OutcomeKind::Count,
                "continuous" => OutcomeKind::Continuous,
                _ => continue,
            };
            let name = e["outcome"].as_str().unwrap();
            let (y, exposure) = (case.column(name), e["exposure"].as_str());
            let exposure = exposure.map(|c| case.column(c));
            let data = OutcomeData {
                values: &y,
                given: None,
                exposure: exposure.as_deref(),
            };
            let spec = outcome(name, kind);
            let what = format!("{} {name}", run.what);
            for (method, hc) in [(SeMethod::Robust, "hc1"), (SeMethod::Cluster, "cl_hc1")] {
                let got = estimate(&spec, &data, &run.matches, method).unwrap();
                let same = |key: &str, got: f64, want: &Value, within: f64| {
                    close(
                        &format!("{what} {key}"),
                        got,
                        want.as_f64().unwrap(),
                        within,
                    );
                };
                same("treated", got.mean_treated, &e["mean_treated"], 1e-10);
                same("comparison", got.mean_comparison, &e["mean_control"], 1e-10);
                same("att", got.difference.estimate, &e["att"], 1e-9);
                same(hc, got.difference.se, &e["se"][hc], tolerance::EFFECT);
                for (kind, log, se) in [
                    ("odds_ratio", "log_or", "log_or_se"),
                    ("rate_ratio", "log_rate_ratio", "log_rate_ratio_se"),
                ] {
                    if let Some(r) = got.ratios.iter().find(|r| r.kind == kind) {
                        // R's glm stops at its own tolerance of 1e-8 on the deviance.
                        same(log, r.log.estimate, &e[log], 1e-6);
                        same(se, r.log.se, &e[se][hc], 1e-6);
                        seen += 2;
                    }
                }
                seen += 4;
            }
        }
    });
    assert!(seen > 200, "only {seen} values compared");
}
