//! Weighted Kaplan-Meier, restricted mean and Cox: `survfit(robust = TRUE)`, `coxph` and
//! `summary(survfit, rmean =)` of survival 3.5-3.

use crate::support::{Case, case, close, outcome, tolerance};
use counterpart::effect::cox::{self, Groups, Ties};
use counterpart::effect::kaplan_meier::{Followed, KaplanMeier};
use counterpart::effect::{Estimate, OutcomeData, estimate};
use counterpart::matching::Matches;
use counterpart::study::{
    Caliper, CaliperScale, MatchSettings, Method, OutcomeKind, OutcomeSpec, SeMethod,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// R's Newton stops when the log likelihood changes by less than 1e-9 of itself: at a likelihood of
/// some thousands the coefficient is then known to a few in a hundred million, which is a few in a
/// million of a coefficient near 0. The small table below was run to the end, and agrees to 1e-12.
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

fn columns(case: &Case, rows: &Rows, (time, event): &(Vec<f64>, Vec<f64>)) -> Columns {
    Columns {
        time: rows.iter().map(|r| time[r.0]).collect(),
        event: rows.iter().map(|r| event[r.0] == 1.0).collect(),
        weight: rows.iter().map(|r| r.1).collect(),
        treated: rows.iter().map(|r| case.treated[r.0]).collect(),
        cluster: rows.iter().map(|r| r.2).collect(),
    }
}

/// Time and event.
fn times(case: &Case, name: &str) -> (Vec<f64>, Vec<f64>) {
    let (time, event) = match name {
        "rossi" => ("week", "arrest"),
        _ => ("days", "reoff"),
    };
    (case.column(time), case.column(event))
}

/// Every time-to-event result R gave, with the rows it was made from.
fn each(mut check: impl FnMut(&str, &Columns, &Value)) -> usize {
    let mut seen = 0;
    for name in ["rossi", "justice_sim"] {
        let case = case(name);
        let both = times(&case, name);
        let mut on = |what: &str, rows: Rows, effects: &Value| {
            for e in effects.as_array().unwrap() {
                if e["type"] == "time" {
                    check(&format!("{name} {what}"), &columns(&case, &rows, &both), e);
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
                close(
                    &what("survival"),
                    curve.survival(t),
                    r("surv"),
                    tolerance::EFFECT,
                );
                close(
                    &what("error"),
                    curve.se(t),
                    r("se_robust"),
                    tolerance::EFFECT,
                );
                close(
                    &what("at risk"),
                    curve.at_risk(t),
                    r("n_risk_weighted"),
                    tolerance::EFFECT,
                );
                // What had happened by then, from the weights.
                let by: f64 = (0..c.time.len())
                    .filter(|&k| c.event[k] && c.time[k] <= t)
                    .map(|k| weight[k])
                    .sum();
                close(
                    &what("events"),
                    by - before,
                    r("events_weighted"),
                    tolerance::EFFECT,
                );
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
        close(
            &format!("{what} log hr"),
            efron.log_ratio,
            r("log_hr"),
            COXPH,
        );
        close(
            &format!("{what} log hr, Breslow"),
            breslow.log_ratio,
            r("log_hr_breslow"),
            COXPH,
        );
        close(
            &format!("{what} naive"),
            efron.naive_se(),
            r("naive_se"),
            COXPH,
        );
        let robust = match e["cluster"].as_str().unwrap() {
            "none" => efron.robust_se(&c.weight),
            _ => efron.clustered_se(&c.weight, &c.cluster),
        };
        close(&format!("{what} robust"), robust, r("robust_se"), COXPH);
    });
    assert!(seen >= 40, "only {seen} designs");
}

/// Twelve people with ties and unequal weights; R on the same:
/// `survfit(Surv(t, e) ~ 1, weights = w, robust = TRUE, influence = TRUE)` and
/// `coxph(Surv(t, e) ~ z, weights = w, control = coxph.control(eps = 1e-14))`.
const T: [f64; 12] = [1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0, 7.0, 8.0, 9.0, 11.0, 12.0];
const E: [u8; 12] = [1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1];
const W: [f64; 12] = [
    1.0, 2.0, 0.5, 1.5, 1.0, 3.0, 0.25, 2.0, 1.0, 1.0, 0.75, 1.25,
];
const Z: [u8; 12] = [1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1];

fn events() -> Vec<bool> {
    E.iter().map(|e| *e == 1).collect()
}

#[test]
fn influences_on_the_restricted_mean_are_those_of_survfit() {
    let event = events();
    let people = |weight| Followed {
        time: &T,
        event: &event,
        weight,
    };
    let curve = KaplanMeier::fit(people(&W));
    close(
        "rmean",
        curve.restricted_mean(10.0),
        5.479866682168741,
        1e-14,
    );
    // `influence.surv` up to 10, by the width of each step; R's carry the weight.
    let want = [
        -0.2937617496504092,
        -0.4563759583172118,
        0.03061786563133147,
        -0.258209607038255,
        -0.1037755943212829,
        -0.3113267829638486,
        0.05571327306638704,
        0.1925056522932428,
        0.2861532253250115,
        0.2228530922655481,
        0.2383524688910574,
        0.3972541148184291,
    ];
    let got = curve.restricted_mean_influence(10.0, people(&W));
    for i in 0..12 {
        close(&format!("person {i}"), W[i] * got[i], want[i], 1e-12);
    }
    // Without weights: `summary(survfit, rmean = 10)`, Greenwood's error.
    let one = [1.0; 12];
    let curve = KaplanMeier::fit(people(&one));
    close(
        "rmean",
        curve.restricted_mean(10.0),
        6.342592592592592,
        1e-14,
    );
    let squares: f64 = curve
        .restricted_mean_influence(10.0, people(&one))
        .iter()
        .map(|u| u * u)
        .sum();
    close("se(rmean)", squares.sqrt(), 0.9986590326972802, 1e-12);
}

#[test]
fn influences_on_the_hazard_ratio_are_the_dfbeta_of_coxph() {
    let event = events();
    let treated: Vec<bool> = Z.iter().map(|z| *z == 1).collect();
    let groups = Groups {
        time: &T,
        event: &event,
        weight: &W,
        treated: &treated,
    };
    // `residuals(f, "dfbeta")`; R's carry the weight.
    let efron = [
        0.2383674174415963,
        -0.1839595059253369,
        -0.02030254888409105,
        -0.1306220557302715,
        -0.04151314258393457,
        0.3298851750082043,
        -0.03620547708790528,
        0.1381055256819916,
        -0.2138495566766313,
        0.1026597892141172,
        0.1681444157171771,
        -0.3507100361749161,
    ];
    let breslow = [
        0.2427242191170204,
        -0.1789960052757983,
        -0.02009902782820507,
        -0.1269152211378712,
        -0.03026208686463686,
        0.2813967102087629,
        -0.0332615429648873,
        0.1350061195897999,
        -0.2011173520595852,
        0.1007554134023181,
        0.1646357628811979,
        -0.3338669890681152,
    ];
    for (ties, b, robust, naive, dfbeta) in [
        (
            Ties::Efron,
            -0.4460292081760197,
            0.6682864072894746,
            0.6223480822851244,
            efron,
        ),
        (
            Ties::Breslow,
            -0.4844612870857306,
            0.6293416315085206,
            0.6234203392384067,
            breslow,
        ),
    ] {
        let fitted = cox::fit(groups, ties).unwrap();
        close(&format!("{ties:?}"), fitted.log_ratio, b, 1e-12);
        close(
            &format!("{ties:?} robust"),
            fitted.robust_se(&W),
            robust,
            1e-12,
        );
        close(&format!("{ties:?} naive"), fitted.naive_se(), naive, 1e-12);
        for (i, (got, want)) in fitted.influence.iter().zip(dfbeta).enumerate() {
            close(&format!("{ties:?} person {i}"), W[i] * got, want, 1e-11);
        }
    }
}

fn spec(event: &str, time: &str, horizon: Option<f64>) -> OutcomeSpec {
    OutcomeSpec {
        given: Some(event.into()),
        horizon,
        ..outcome(time, OutcomeKind::Survival)
    }
}

fn estimated(
    case: &Case,
    name: &str,
    matches: &Matches,
    se: SeMethod,
    horizon: Option<f64>,
) -> Estimate {
    let (time, event) = times(case, name);
    let data = OutcomeData {
        values: &time,
        given: Some(&event),
        exposure: None,
    };
    estimate(&spec("event", "time", horizon), &data, matches, se).unwrap()
}

/// Everybody's counterparts are the whole pool: no matching.
fn everybody() -> MatchSettings {
    MatchSettings {
        caliper: Caliper::Width(1e6),
        caliper_scale: CaliperScale::Lp,
        ..MatchSettings::default()
    }
}

#[test]
fn restricted_means_and_their_errors_are_those_of_survfit() {
    // `summary(survfit(Surv(week, arrest) ~ 1, d[d$treat == k, ]), rmean = tau)$table`.
    for (name, horizon, used, t, t_se, c, c_se) in [
        (
            "rossi",
            None,
            52.0,
            46.87499999999999,
            0.7933248958857263,
            44.83333333333334,
            0.9176715404987923,
        ),
        (
            "rossi",
            Some(40.5),
            40.5,
            37.5787037037037,
            0.5381466433777534,
            36.32175925925926,
            0.6343671801176529,
        ),
        (
            "rossi",
            Some(104.0),
            52.0,
            46.87499999999999,
            0.7933248958857263,
            44.83333333333334,
            0.9176715404987923,
        ),
        (
            "justice_sim",
            Some(300.0),
            300.0,
            254.3566666666667,
            4.820475814074175,
            257.6879999999999,
            1.188619927142398,
        ),
    ] {
        let case = case(name);
        let matches = case.matched("logit", &everybody());
        let got = estimated(&case, name, &matches, SeMethod::Robust, horizon);
        let fit = got.survival.as_ref().unwrap();
        assert_eq!((fit.horizon, fit.asked), (used, horizon), "{name}");
        close(&format!("{name} participants"), got.mean_treated, t, 1e-12);
        close(&format!("{name} pool"), got.mean_comparison, c, 1e-12);
        // `robust` is n/(n-2) times the sum of squares, as for a regression on taking part.
        let n = case.treated.len() as f64;
        let want = ((t_se * t_se + c_se * c_se) * n / (n - 2.0)).sqrt();
        close(&format!("{name} error"), got.difference.se, want, 1e-10);
    }
}

#[test]
fn a_matched_hazard_ratio_has_the_clustered_error_of_coxph() {
    for name in ["rossi", "justice_sim"] {
        let case = case(name);
        let settings = MatchSettings {
            caliper: Caliper::None,
            replace: false,
            ..MatchSettings::new(Method::Nearest)
        };
        let matches = case.matched("matchit_logit", &settings);
        let got = estimated(&case, name, &matches, SeMethod::Cluster, None);
        let want = case.expected["matchit"]["nn_largest_logit"]["effects"]
            .as_array()
            .unwrap()
            .iter()
            .find(|e| e["type"] == "time")
            .unwrap();
        let r = |key: &str| want[key].as_f64().unwrap();
        let ratio = got
            .ratios
            .iter()
            .find(|r| r.kind == "hazard_ratio")
            .unwrap();
        close(
            &format!("{name} log hr"),
            ratio.log.estimate,
            r("log_hr"),
            COXPH,
        );
        // coxph corrects for nothing; `cluster` for pairs and rows as vcovCL does for a regression.
        let pairs = matches.participants.len() as f64;
        let rows = 2.0 * pairs;
        let finite = (pairs / (pairs - 1.0) * (rows - 1.0) / (rows - 2.0)).sqrt();
        close(
            &format!("{name} error"),
            ratio.log.se,
            r("robust_se") * finite,
            COXPH,
        );
        // And the curves are those of the matched.
        let fit = got.survival.as_ref().unwrap();
        for (km, curve) in want["km"]
            .as_array()
            .unwrap()
            .iter()
            .zip([&fit.treated, &fit.comparison])
        {
            let last = km["times"].as_array().unwrap().len() - 1;
            let at = km["times"][last].as_f64().unwrap();
            close(
                &format!("{name} curve"),
                curve.survival(at),
                km["surv"][last].as_f64().unwrap(),
                1e-12,
            );
            close(
                &format!("{name} curve's error"),
                curve.se(at),
                km["se_robust"][last].as_f64().unwrap(),
                1e-10,
            );
        }
    }
}
