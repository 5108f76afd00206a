//! Comparing programmes: worked by hand, invariants, metafor's values, and what is refused.

#[path = "comparison/chances.rs"]
mod chances;
#[path = "comparison/coverage.rs"]
mod coverage;
#[path = "comparison/figures.rs"]
mod figures;
#[path = "comparison/funnel.rs"]
mod funnels;
#[path = "comparison/input.rs"]
mod inputs;
#[path = "comparison/kinds.rs"]
mod kinds;
#[path = "comparison/tight.rs"]
mod tight;
#[path = "comparison/trend.rs"]
mod trends;

use counterpart::comparison::*;
use serde_json::Value;

fn result(name: &str, estimate: f64, se: f64) -> ProgrammeResult {
    ProgrammeResult {
        name: name.to_owned(),
        estimate,
        se,
    }
}

fn providers() -> Vec<ProgrammeResult> {
    include_str!("reference/comparison/providers.csv")
        .lines()
        .skip(1)
        .map(|l| {
            let c: Vec<&str> = l.split(',').collect();
            result(
                c[0].trim_matches('"'),
                c[1].parse().unwrap(),
                c[2].parse().unwrap(),
            )
        })
        .collect()
}

fn expected() -> Value {
    serde_json::from_str(include_str!("reference/comparison/expected.json")).unwrap()
}

fn near(what: &str, found: f64, wanted: &Value, within: f64) {
    let wanted = wanted.as_f64().unwrap();
    assert!(
        (found - wanted).abs() <= within,
        "{what}: {found} and not {wanted}"
    );
}

#[test]
fn every_value_at_the_reference_tau2_is_metafors() {
    let (data, all) = (providers(), expected());
    for (test, kind) in [
        ("z", IntervalKind::Wald),
        ("knha", IntervalKind::HartungKnapp),
    ] {
        for method in ["REML", "DL", "PM", "FE"] {
            let want = &all[format!("{method}_{test}")];
            if want.is_null() {
                continue;
            }
            let tau2 = (method != "FE").then(|| want["tau2"].as_f64().unwrap());
            let f = pooled_at(&data, tau2, kind).unwrap();
            near("estimate", f.estimate, &want["estimate"], 1e-8);
            near("se", f.se, &want["se"], 1e-8);
            near("low", f.interval.low, &want["ci_low"], 1e-8);
            near("high", f.interval.high, &want["ci_high"], 1e-8);
            near("p", f.p, &want["p"], 1e-8);
            near("i2", 100.0 * f.heterogeneity.i2, &want["i2"], 1e-8);
            near("q", f.heterogeneity.q, &want["q"], 1e-8);
            near("q p", f.heterogeneity.p, &want["q_p"], 1e-8);
            let Some(range) = f.prediction else { continue };
            near("prediction low", range.low, &want["pi_low"], 1e-8);
            near("prediction high", range.high, &want["pi_high"], 1e-8);
            if test == "z" {
                for (i, s) in shrunken(&data, &f).iter().enumerate() {
                    near("shrunken", s.estimate, &want["blup"]["pred"][i], 1e-8);
                    near("its error", s.se, &want["blup"]["se"][i], 1e-8);
                }
            }
        }
    }
}

#[test]
fn the_variance_between_programmes_is_metafors() {
    let (data, all) = (providers(), expected());
    for (name, method) in [
        ("REML_z", Between::Reml),
        ("DL_z", Between::DerSimonianLaird),
    ] {
        let tau2 = between_variance(&data, method).unwrap();
        near(name, tau2, &all[name]["tau2"], 1e-6);
    }
}

/// The reference run's Paule-Mandel value is no check to 1e-6: put into Q it leaves 22.66 and not 23. metafor looks for
/// it with `uniroot`, whose tolerance by default is 1.2e-4, a quarter of tau squared here; told to look to 1e-15 it finds
/// ours (`tight.json`). Here what defines the estimate is tested, and that the default run is the worse root.
#[test]
fn paule_mandel_solves_its_equation_where_the_reference_run_does_not() {
    let data = providers();
    let excess = |tau2: f64| {
        let weights: Vec<f64> = data.iter().map(|r| 1.0 / (r.se * r.se + tau2)).collect();
        let sum: f64 = weights.iter().sum();
        let at = |i: usize| weights[i] * data[i].estimate;
        let mean = (0..data.len()).map(at).sum::<f64>() / sum;
        let square = |i: usize| weights[i] * (data[i].estimate - mean).powi(2);
        (0..data.len()).map(square).sum::<f64>() - (data.len() as f64 - 1.0)
    };
    let found = between_variance(&data, Between::PauleMandel).unwrap();
    assert!(excess(found).abs() < 1e-10, "{}", excess(found));
    let reference = expected()["PM_z"]["tau2"].as_f64().unwrap();
    assert!(excess(reference).abs() > 0.3, "{}", excess(reference));
}

#[test]
fn the_small_study_check_is_metafors() {
    let (found, all) = (small_studies(&providers()).unwrap(), expected());
    near("t", found.t, &all["egger"]["z"], 1e-8);
    near("p", found.p, &all["egger"]["p"], 1e-8);
}

#[test]
fn two_results_worked_by_hand() {
    // Equal errors of 1, estimates 0 and 4: Q = 8, tau2 = (8 - 1) / (2 - 1) = 7, mean 2, error sqrt(8 / 2) = 2.
    let data = [result("a", 0.0, 1.0), result("b", 4.0, 1.0)];
    for method in [
        Between::DerSimonianLaird,
        Between::PauleMandel,
        Between::Reml,
    ] {
        let f = pool(&data, method, IntervalKind::Wald).unwrap();
        assert!((f.tau2 - 7.0).abs() < 1e-9, "{method:?}: {}", f.tau2);
        assert!((f.estimate - 2.0).abs() < 1e-12 && (f.se - 2.0).abs() < 1e-9);
    }
}

#[test]
fn order_changes_nothing_and_a_result_without_weight_changes_nothing() {
    let data = providers();
    let of = |d: &[ProgrammeResult]| {
        pool(d, Between::DerSimonianLaird, IntervalKind::Wald)
            .unwrap()
            .estimate
    };
    let plain = of(&data);
    let mut turned = data.clone();
    turned.reverse();
    assert!((of(&turned) - plain).abs() < 1e-14);
    let common = |d: &[ProgrammeResult]| {
        pool(d, Between::Common, IntervalKind::Wald)
            .unwrap()
            .estimate
    };
    let before = common(&data);
    turned.push(result("vague", 50.0, 1e9));
    assert!((common(&turned) - before).abs() < 1e-12);
}

#[test]
fn fifty_identical_results_have_no_variance_between_them() {
    let data: Vec<_> = (0..50)
        .map(|i| result(&format!("p{i}"), -0.03, 0.01))
        .collect();
    for method in [
        Between::DerSimonianLaird,
        Between::PauleMandel,
        Between::Reml,
    ] {
        let f = pool(&data, method, IntervalKind::HartungKnappCautious).unwrap();
        assert_eq!(f.tau2, 0.0, "{method:?}");
        assert!((f.se - 0.01 / 50f64.sqrt()).abs() < 1e-12);
    }
    assert_eq!(small_studies(&data), Err(ComparisonError::EqualSizes));
}

#[test]
fn what_cannot_be_compared_is_refused_by_its_place() {
    let ok = result("a", 0.1, 0.1);
    let of = |d: &[ProgrammeResult]| pool(d, Between::Reml, IntervalKind::Wald).unwrap_err();
    let one = std::slice::from_ref(&ok);
    assert_eq!(of(one), ComparisonError::TooFew { found: 1, least: 2 });
    for se in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-200, 1e200] {
        let found = of(&[ok.clone(), result("b", 0.0, se)]);
        assert_eq!(found, ComparisonError::StandardError { row: 2 }, "{se}");
    }
    let found = of(&[ok.clone(), result("b", f64::NAN, 1.0)]);
    assert_eq!(found, ComparisonError::Estimate { row: 2 });
    let found = of(&[ok.clone(), ok.clone()]);
    assert_eq!(found, ComparisonError::NamedTwice { first: 1, row: 2 });
}

#[test]
fn benjamini_hochberg_worked_by_hand() {
    let found = benjamini_hochberg(&[0.01, 0.04, 0.03, 0.5]);
    let wanted = [0.04, 0.16 / 3.0, 0.16 / 3.0, 0.5];
    for (f, w) in found.iter().zip(wanted) {
        assert!((f - w).abs() < 1e-12, "{found:?}");
    }
}
