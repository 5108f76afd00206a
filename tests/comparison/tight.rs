//! metafor's values under tight control (`tests/reference/comparison/tight.R`). Its own defaults stop REML once a
//! step is below 1e-5, hence a tau squared 8e-7 away in `expected.json`, and Paule-Mandel within `uniroot`'s 1.2e-4.

use super::*;

pub fn tight() -> Value {
    serde_json::from_str(include_str!("../reference/comparison/tight.json")).unwrap()
}

const METHODS: [(&str, Between); 4] = [
    ("REML", Between::Reml),
    ("DL", Between::DerSimonianLaird),
    ("PM", Between::PauleMandel),
    ("FE", Between::Common),
];

#[test]
fn everything_is_metafors_from_the_results_alone() {
    let (data, all) = (providers(), tight());
    let mut compared = 0;
    for (test, kind) in [
        ("z", IntervalKind::Wald),
        ("knha", IntervalKind::HartungKnapp),
    ] {
        for (name, method) in METHODS {
            let want = &all[format!("{name}_{test}")];
            if want.is_null() {
                assert_eq!((name, test), ("FE", "knha"));
                continue;
            }
            let f = pool(&data, method, kind).unwrap();
            near("tau2", f.tau2, &want["tau2"], 1e-10);
            near("estimate", f.estimate, &want["estimate"], 1e-8);
            near("se", f.se, &want["se"], 1e-8);
            near("low", f.interval.low, &want["ci_low"], 1e-8);
            near("high", f.interval.high, &want["ci_high"], 1e-8);
            near("p", f.p, &want["p"], 1e-8);
            near("i2", f.heterogeneity.i2, &share(&want["i2"]), 1e-8);
            near("h2", f.heterogeneity.h2, &want["h2"], 1e-8);
            compared += 1;
            let Some(range) = f.prediction else {
                assert_eq!(name, "FE");
                continue;
            };
            near("prediction low", range.low, &want["pi_low"], 1e-8);
            near("prediction high", range.high, &want["pi_high"], 1e-8);
            let without = leave_one_out(&data, method).unwrap();
            assert_eq!(without.len(), data.len());
            for (i, found) in without.iter().enumerate() {
                near("left out", *found, &want["leave_one_out"][i], 1e-8);
            }
            if test == "z" {
                for (i, s) in shrunken(&data, &f).iter().enumerate() {
                    near("drawn", s.estimate, &want["blup"]["pred"][i], 1e-8);
                    near("its error", s.se, &want["blup"]["se"][i], 1e-8);
                    near("its low", s.interval.low, &want["blup"]["low"][i], 1e-8);
                    near("its high", s.interval.high, &want["blup"]["high"][i], 1e-8);
                }
            }
        }
    }
    assert_eq!(compared, 7);
    let egger = small_studies(&data).unwrap();
    near("egger", egger.t, &all["egger"]["z"], 1e-8);
    near("egger p", egger.p, &all["egger"]["p"], 1e-8);
}

fn share(percent: &Value) -> Value {
    Value::from(percent.as_f64().unwrap() / 100.0)
}

#[test]
fn how_surely_the_variance_is_known_is_metafors_confint() {
    let (found, all) = (profile(&providers()).unwrap().unwrap(), tight());
    let want = &all["profile"];
    for (at, of) in [
        (0, [found.tau2.low, found.i2.low, found.h2.low]),
        (1, [found.tau2.high, found.i2.high, found.h2.high]),
    ] {
        near("tau2", of[0], &want["tau2"][at], 1e-10);
        near("i2", of[1], &share(&want["i2"][at]), 1e-8);
        near("h2", of[2], &want["h2"][at], 1e-8);
    }
}

#[test]
fn the_profile_of_two_results_worked_by_hand() {
    // Equal errors of 1, estimates 0 and 4: Q(t) = 8 / (1 + t), so t = 8 / quantile - 1 with one degree of freedom.
    let data = [result("a", 0.0, 1.0), result("b", 4.0, 1.0)];
    let found = profile(&data).unwrap().unwrap();
    let (most, least) = (5.023886187314888, 0.0009820691171752562);
    assert!((found.tau2.low - (8.0 / most - 1.0)).abs() < 1e-9);
    let high = 8.0 / least - 1.0;
    assert!((found.tau2.high - high).abs() < 1e-8 * high, "{found:?}");
    // The typical variance is 1, so H2 is 1 + t and I2 is t / (1 + t).
    assert!((found.h2.low - 8.0 / most).abs() < 1e-9);
    assert!((found.i2.low - (1.0 - most / 8.0)).abs() < 1e-9);
}

#[test]
fn no_variance_fits_results_that_agree_too_well() {
    let same: Vec<_> = (0..50)
        .map(|i| result(&format!("p{i}"), 0.1, 0.05))
        .collect();
    assert_eq!(profile(&same), Ok(None));
    let one = &same[..1];
    assert_eq!(
        profile(one),
        Err(ComparisonError::TooFew { found: 1, least: 2 })
    );
}
