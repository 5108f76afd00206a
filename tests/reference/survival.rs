//! Weighted Kaplan-Meier, restricted mean and Cox: `survfit(robust = TRUE)`, `coxph` and
//! `summary(survfit, rmean =)` of survival 3.5-3.

use crate::support::{Case, case, close, outcome, tolerance};
use counterpart::effect::cox::{self, Groups, Ties};
use counterpart::effect::kaplan_meier::{Followed, KaplanMeier};
use counterpart::effect::{Estimate, OutcomeData, estimate};
use counterpart::matching::{Matches, Sets};
use counterpart::study::{Caliper, MatchSettings, Method, OutcomeKind, OutcomeSpec, SeMethod};
use serde_json::Value;
use std::collections::BTreeMap;

/// R's Newton stops when the log likelihood changes by less than 1e-9 of itself; near the top the
/// coefficient is then known to the root of that over the information.
const COXPH: f64 = 2e-6;

/// Rows of a weighted sample as R had them: row of the table, weight, cluster.
type Rows = Vec<(usize, f64, u32)>;

fn with_weight(case: &Case, of_pool: impl Fn(usize) -> f64) -> Rows {
    (0..case.treated.len())
        .map(|i| (i, if case.treated[i] { 1.0 } else { of_pool(i) }, i as u32))
        .collect()
}

/// `get_matches`: a row for each time somebody serves, clustered by person.
fn served(pairs: &Value) -> Rows {
    let mut rows = Vec::new();
    for p in pairs.as_array().unwrap() {
        let ids: Vec<usize> = p.as_array().unwrap().iter().map(id).collect();
        rows.push((ids[0], 1.0, ids[0] as u32));
        let share = 1.0 / (ids.len() - 1) as f64;
        rows.extend(ids[1..].iter().map(|&c| (c, share, c as u32)));
    }
    rows
}

fn id(v: &Value) -> usize {
    v.as_u64().unwrap() as usize - 1
}

/// `match.data`: weights as MatchIt scales them, clustered by matched set.
fn once(case: &Case, design: &Value) -> Rows {
    let weights = design["control_weights"].as_object().unwrap();
    let mut set: BTreeMap<usize, u32> = BTreeMap::new();
    if let Some(pairs) = design["pairs"].as_array() {
        for (k, p) in pairs.iter().enumerate() {
            set.extend(p.as_array().unwrap().iter().map(|v| (id(v), k as u32)));
        }
    } else {
        for (row, label) in design["subclass"].as_object().unwrap() {
            let label: u32 = label.as_str().unwrap().parse().unwrap();
            set.insert(row.parse::<usize>().unwrap() - 1, label);
        }
    }
    set.into_iter()
        .filter_map(|(i, k)| {
            let w = match case.treated[i] {
                true => 1.0,
                false => weights.get(&(i + 1).to_string())?.as_f64()?,
            };
            Some((i, w, k))
        })
        .collect()
}

struct Columns {
    time: Vec<f64>,
    event: Vec<bool>,
    weight: Vec<f64>,
    treated: Vec<bool>,
    cluster: Vec<u32>,
}

fn columns(case: &Case, rows: &Rows, e: &Value) -> Columns {
    let time = case.column(e["time"].as_str().unwrap());
    let event = case.column(e["outcome"].as_str().unwrap());
    Columns {
        time: rows.iter().map(|r| time[r.0]).collect(),
        event: rows.iter().map(|r| event[r.0] == 1.0).collect(),
        weight: rows.iter().map(|r| r.1).collect(),
        treated: rows.iter().map(|r| case.treated[r.0]).collect(),
        cluster: rows.iter().map(|r| r.2).collect(),
    }
}

/// Every time-to-event result R gave, with the rows it was made from.
fn each(mut check: impl FnMut(&str, &Columns, &Value)) -> usize {
    let mut seen = 0;
    for name in ["rossi", "justice_sim"] {
        let case = case(name);
        let mut on = |what: &str, rows: Rows, effects: &Value| {
            for e in effects.as_array().unwrap() {
                if e["type"] == "time" {
                    check(&format!("{name} {what}"), &columns(&case, &rows, e), e);
                    seen += 1;
                }
            }
        };
        let x = &case.expected;
        on("unmatched", with_weight(&case, |_| 1.0), &x["unmatched"]);
        let ps = case.numbers("ps");
        let odds = with_weight(&case, |i| ps[i] / (1.0 - ps[i]));
        on("ipw", odds, &x["ipw_att"]["effects"]);
        for (key, design) in x["matchit"].as_object().unwrap() {
            let replaced = design["cluster"].as_str().unwrap().contains("get_matches");
            let rows = match replaced {
                true => served(&design["pairs"]),
                false => once(&case, design),
            };
            on(key, rows, &design["effects"]);
        }
    }
    seen
}

#[test]
fn curves_and_robust_errors_are_those_of_survfit() {
    let mut values = 0;
    let seen = each(|what, c, e| {
        for km in e["km"].as_array().unwrap() {
            let arm = km["treat"] == 1;
            let weight: Vec<f64> = c
                .weight
                .iter()
                .zip(&c.treated)
                .map(|(w, t)| if *t == arm { *w } else { 0.0 })
                .collect();
            let curve = KaplanMeier::fit(Followed {
                time: &c.time,
                event: &c.event,
                weight: &weight,
            });
            let times = km["times"].as_array().unwrap();
            let mut before = 0.0;
            for (i, t) in times.iter().enumerate() {
                let t = t.as_f64().unwrap();
                let r = |key: &str| km[key][i].as_f64().unwrap();
                let what = |key: &str| format!("{what} treat {arm} at {t}: {key}");
                close(&what("survival"), curve.survival(t), r("surv"), tolerance::EFFECT);
                close(&what("error"), curve.se(t), r("se_robust"), tolerance::EFFECT);
                close(&what("at risk"), curve.at_risk(t), r("n_risk_weighted"), tolerance::EFFECT);
                // What had happened by then, from the weights.
                let by: f64 = (0..c.time.len())
                    .filter(|&k| c.event[k] && c.time[k] <= t)
                    .map(|k| weight[k])
                    .sum();
                close(&what("events"), by - before, r("events_weighted"), tolerance::EFFECT);
                before = by;
                values += 4;
            }
        }
    });
    assert!(seen >= 40, "only {seen} designs");
    assert!(values >= 1000, "only {values} values");
}

#[test]
fn hazard_ratios_and_robust_errors_are_those_of_coxph() {
    let seen = each(|what, c, e| {
        let groups = Groups {
            time: &c.time,
            event: &c.event,
            weight: &c.weight,
            treated: &c.treated,
        };
        let r = |key: &str| e[key].as_f64().unwrap();
        let efron = cox::fit(groups, Ties::Efron).unwrap();
        let breslow = cox::fit(groups, Ties::Breslow).unwrap();
        close(&format!("{what} log hr"), efron.log_ratio, r("log_hr"), COXPH);
        close(
            &format!("{what} log hr, Breslow"),
            breslow.log_ratio,
            r("log_hr_breslow"),
            COXPH,
        );
        close(&format!("{what} naive"), efron.naive_se(), r("naive_se"), COXPH);
        let robust = match e["cluster"].as_str().unwrap() {
            "none" => efron.robust_se(&c.weight),
            _ => efron.clustered_se(&c.weight, &c.cluster),
        };
        close(&format!("{what} robust"), robust, r("robust_se"), COXPH);
    });
    assert!(seen >= 40, "only {seen} designs");
}
