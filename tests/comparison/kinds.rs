//! Kinds of programme and what explains the differences between programmes.

use super::tight::tight;
use super::*;

const KINDS: [&str; 3] = ["education", "housing", "mentoring"];

fn kinds() -> Vec<&'static str> {
    (0..24).map(|i| KINDS[i / 8]).collect()
}

fn place() -> Moderator {
    Moderator {
        name: "place".into(),
        values: (1..=24).map(f64::from).collect(),
    }
}

#[test]
fn kinds_are_metafors() {
    let (data, all) = (providers(), tight());
    for (name, method) in [
        ("REML", Between::Reml),
        ("DL", Between::DerSimonianLaird),
        ("PM", Between::PauleMandel),
    ] {
        let want = &all[format!("kinds_{name}")];
        let found = by_kind(&data, &kinds(), method, IntervalKind::HartungKnapp).unwrap();
        let r = &found.regression;
        near("tau2", r.tau2, &want["tau2"], 1e-10);
        let of = std::iter::once(&r.intercept).chain(&r.slopes);
        for (i, c) in of.enumerate() {
            near("beta", c.estimate, &want["beta"][i], 1e-8);
            near("se", c.se, &want["se"][i], 1e-8);
            near("p", c.p, &want["p"][i], 1e-8);
            near("low", c.interval.low, &want["low"][i], 1e-8);
            near("high", c.interval.high, &want["high"][i], 1e-8);
        }
        near("QM", r.moderators.value, &want["qm"], 1e-8);
        near("QM p", r.moderators.p, &want["qm_p"], 1e-8);
        near("QE", r.residual.value, &want["qe"], 1e-8);
        near("QE p", r.residual.p, &want["qe_p"], 1e-8);
        near("I2", 100.0 * r.i2, &want["i2"], 1e-8);
        near("R2", 100.0 * r.r2.unwrap(), &want["r2"], 1e-6);
        for (i, k) in found.kinds.iter().enumerate() {
            assert_eq!((k.kind.as_str(), k.results), (KINDS[i], 8));
            near("mean", k.mean.estimate, &want["means"][i], 1e-8);
            near("its se", k.mean.se, &want["means_se"][i], 1e-8);
            near("its low", k.mean.interval.low, &want["means_low"][i], 1e-8);
            near(
                "its high",
                k.mean.interval.high,
                &want["means_high"][i],
                1e-8,
            );
        }
    }
    let wald = by_kind(&data, &kinds(), Between::Reml, IntervalKind::Wald).unwrap();
    let want = &all["kinds_z"];
    near("QM", wald.regression.moderators.value, &want["qm"], 1e-8);
    near("its p", wald.regression.moderators.p, &want["qm_p"], 1e-8);
    near("se", wald.regression.slopes[1].se, &want["se"][2], 1e-8);
    near("p", wald.regression.slopes[1].p, &want["p"][2], 1e-8);
}

#[test]
fn kinds_each_with_a_variance_of_its_own_are_metafors() {
    let (data, all) = (providers(), tight());
    let found = kinds_apart(&data, &kinds(), Between::Reml, IntervalKind::HartungKnapp).unwrap();
    for (kind, found) in KINDS.iter().zip(&found.kinds) {
        let (want, pooled) = (&all["separate"][kind], found.pooled.unwrap());
        near("estimate", pooled.estimate, &want["estimate"], 1e-8);
        near("se", pooled.se, &want["se"], 1e-8);
        near("low", pooled.interval.low, &want["low"], 1e-8);
        near("high", pooled.interval.high, &want["high"], 1e-8);
        near("tau2", pooled.tau2, &want["tau2"], 1e-10);
    }
    let differ = found.differ.unwrap();
    near("Q", differ.value, &all["separate_q"]["q"], 1e-8);
    near("its p", differ.p, &all["separate_q"]["p"], 1e-8);
}

#[test]
fn a_number_for_a_moderator_is_metafors() {
    let all = tight();
    let want = &all["number"];
    let found = meta_regression(
        &providers(),
        &[place()],
        Between::Reml,
        IntervalKind::HartungKnapp,
    )
    .unwrap();
    near("tau2", found.tau2, &want["tau2"], 1e-10);
    for (i, c) in [found.intercept, found.slopes[0]].iter().enumerate() {
        near("beta", c.estimate, &want["beta"][i], 1e-8);
        near("se", c.se, &want["se"][i], 1e-8);
        near("p", c.p, &want["p"][i], 1e-8);
        near("low", c.interval.low, &want["low"][i], 1e-8);
        near("high", c.interval.high, &want["high"][i], 1e-8);
    }
    near("QM", found.moderators.value, &want["qm"], 1e-8);
    near("R2", 100.0 * found.r2.unwrap(), &want["r2"], 1e-6);
}

#[test]
fn a_common_variance_of_the_line_is_a_weighted_regression() {
    let (all, data) = (tight(), providers());
    let found = meta_regression(
        &data,
        &[place()],
        Between::Common,
        IntervalKind::HartungKnapp,
    )
    .unwrap();
    let want = &all["weighted"];
    near("slope", found.slopes[0].estimate, &want["slope"], 1e-8);
    near("se", found.slopes[0].se, &want["se"], 1e-8);
    near("p", found.slopes[0].p, &want["p"], 1e-8);
}

#[test]
fn kinds_worked_by_hand() {
    // Two of a kind at 0, two at 3, errors 1: means 0 and 3, each sqrt(1 / 2); QM = 9 / (1 / 2 + 1 / 2) = 9.
    let data = [
        result("a", 0.0, 1.0),
        result("b", 0.0, 1.0),
        result("c", 3.0, 1.0),
        result("d", 3.0, 1.0),
    ];
    let found = by_kind(
        &data,
        &["x", "x", "y", " y "],
        Between::PauleMandel,
        IntervalKind::Wald,
    )
    .unwrap();
    assert!((found.kinds[0].mean.estimate).abs() < 1e-12);
    assert!((found.kinds[1].mean.estimate - 3.0).abs() < 1e-12);
    assert!((found.kinds[1].mean.se - 0.5f64.sqrt()).abs() < 1e-12);
    assert!((found.regression.moderators.value - 9.0).abs() < 1e-12);
    assert_eq!(found.regression.tau2, 0.0);
    assert_eq!(found.regression.r2, Some(1.0));
    assert!(found.regression.residual.value.abs() < 1e-12);
}

#[test]
fn order_units_and_origin_do_not_matter() {
    let data = providers();
    let of = |values: Vec<f64>| {
        let m = Moderator {
            name: "x".into(),
            values,
        };
        meta_regression(&data, &[m], Between::Reml, IntervalKind::HartungKnapp).unwrap()
    };
    let plain = of((1..=24).map(f64::from).collect());
    // The same as years about 2000, in hundredths.
    let far = of((1..=24).map(|x| 2000.0 + f64::from(x) / 100.0).collect());
    assert!((far.slopes[0].estimate / 100.0 - plain.slopes[0].estimate).abs() < 1e-10);
    assert!((far.slopes[0].p - plain.slopes[0].p).abs() < 1e-8);
    assert!((far.tau2 - plain.tau2).abs() < 1e-12);
    let mut turned = data.clone();
    turned.reverse();
    let mut names = kinds();
    let before = by_kind(&data, &names, Between::Reml, IntervalKind::HartungKnapp).unwrap();
    names.reverse();
    let after = by_kind(&turned, &names, Between::Reml, IntervalKind::HartungKnapp).unwrap();
    for (a, b) in before.kinds.iter().zip(&after.kinds) {
        assert_eq!(a.kind, b.kind);
        assert!((a.mean.estimate - b.mean.estimate).abs() < 1e-12);
    }
}

#[test]
fn kinds_that_cannot_be_compared_are_refused_by_name() {
    let data = providers();
    let kind =
        |kinds: &[&str]| by_kind(&data, kinds, Between::Reml, IntervalKind::Wald).unwrap_err();
    assert_eq!(kind(&["x"; 24]), ComparisonError::OneKind);
    let mut gap = kinds();
    gap[4] = " ";
    assert_eq!(kind(&gap), ComparisonError::NoKind { row: 5 });
    let short = ComparisonError::Lengths {
        name: "kind".into(),
        found: 3,
        results: 24,
    };
    assert_eq!(kind(&KINDS), short);
    // As many kinds as results leave nothing to judge by.
    let own: Vec<String> = (0..24).map(|i| i.to_string()).collect();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    assert_eq!(
        kind(&own),
        ComparisonError::TooFew {
            found: 24,
            least: 25
        }
    );
    let apart = kinds_apart(&data, &own, Between::Reml, IntervalKind::Wald).unwrap();
    assert!(apart.differ.is_none() && apart.kinds.iter().all(|k| k.pooled.is_none()));
}

#[test]
fn moderators_without_use_are_refused_by_name() {
    let data = providers();
    let of =
        |m: &[Moderator]| meta_regression(&data, m, Between::Reml, IntervalKind::Wald).unwrap_err();
    let named = |name: &str, values: Vec<f64>| Moderator {
        name: name.into(),
        values,
    };
    assert_eq!(of(&[]), ComparisonError::NoModerators);
    let redundant = |name: &str| ComparisonError::Redundant { name: name.into() };
    assert_eq!(of(&[named("flat", vec![3.0; 24])]), redundant("flat"));
    let twice = named(
        "twice",
        place().values.iter().map(|v| 5.0 - 2.0 * v).collect(),
    );
    assert_eq!(of(&[place(), twice]), redundant("twice"));
    let mut gap = place();
    gap.values[2] = f64::NAN;
    assert_eq!(
        of(&[gap]),
        ComparisonError::Moderator {
            name: "place".into(),
            row: 3
        }
    );
}
