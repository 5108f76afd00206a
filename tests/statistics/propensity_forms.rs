//! Every way to a score: weights, elimination, the user's own.

use crate::kit::{close, radius, table};
use counterpart::balance::{Design, DesignError, Plan};
use counterpart::covariates::DesignMatrix;
use counterpart::numeric::frame::Column;
use counterpart::propensity::{Penalty, Propensity, PropensityError, PropensityParams};
use counterpart::study::{PropensitySettings, ScoreScale};
use linfa::ParamGuard;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

pub fn number(values: impl IntoIterator<Item = f64>) -> Column {
    Column::Number(values.into_iter().collect())
}

pub fn zero_one(treated: &[bool]) -> Vec<f64> {
    treated.iter().map(|&t| f64::from(u8::from(t))).collect()
}

pub fn built(columns: Vec<(&str, Column)>, treated: &[bool]) -> DesignMatrix {
    let (mut frame, covariates) = table(columns);
    DesignMatrix::build(&mut frame, treated, &covariates).unwrap()
}

pub fn fit(
    columns: Vec<(&str, Column)>,
    treated: &[bool],
    weight: Option<&[f64]>,
    params: PropensityParams,
) -> Result<Propensity, PropensityError> {
    let matrix = built(columns, treated);
    params
        .check()?
        .fit_weighted(&matrix, &zero_one(treated), weight)
}

pub fn firth() -> PropensityParams {
    PropensityParams::new().penalty(Penalty::Firth)
}

pub fn finite(fit: &Propensity) {
    assert!(fit.lp.iter().all(|v| v.is_finite()));
    assert!(
        fit.terms
            .iter()
            .all(|t| t.estimate.is_finite() && t.se.is_finite())
    );
    assert!(fit.lp_sd.is_finite() && fit.c_statistic.is_finite() && fit.deviance.is_finite());
}

/// Two numbers and a category, with odds that follow the numbers.
pub fn drawn(n: usize, seed: u64) -> (Vec<(&'static str, Column)>, Vec<bool>) {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let (mut a, mut b, mut place, mut treated) = (vec![], vec![], vec![], vec![]);
    for _ in 0..n {
        let x: [f64; 4] = rng.random();
        let lp = 1.5 * x[0] - 2.0 * x[1];
        treated.push(x[2] < 1.0 / (1.0 + (-lp).exp()));
        a.push(x[0]);
        b.push(40.0 + 10.0 * x[1]);
        place.push(["east", "north", "south"][(3.0 * x[3]) as usize]);
    }
    let columns = vec![
        ("a", number(a)),
        ("b", number(b)),
        ("place", Column::category(place.into_iter().map(Some))),
    ];
    (columns, treated)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_weight_counts_as_so_many_rows(seed in 0u64..1_000_000, n in 150usize..300) {
        let (columns, treated) = drawn(n, seed);
        let weight: Vec<f64> = (0..n).map(|i| f64::from((i * 7 % 4) as u8)).collect();
        // Built on everybody, so that levels and their order are the same.
        let matrix = built(columns.clone(), &treated);
        let of = |params: PropensityParams, scale: f64| {
            let weight: Vec<f64> = weight.iter().map(|w| w * scale).collect();
            params.check().unwrap().fit_weighted(&matrix, &zero_one(&treated), Some(&weight)).unwrap()
        };
        let rows: Vec<u32> = (0..n as u32).flat_map(|r| vec![r; weight[r as usize] as usize]).collect();
        let (again, took_part): (Vec<_>, Vec<bool>) = (
            columns.iter().map(|(name, c)| (*name, c.take(&rows))).collect(),
            rows.iter().map(|&r| treated[r as usize]).collect(),
        );
        let long = fit(again, &took_part, None, PropensityParams::new()).unwrap();
        let weighted = of(PropensityParams::new(), 1.0);
        for (&row, lp) in rows.iter().zip(&long.lp) {
            prop_assert!((weighted.lp[row as usize] - lp).abs() < 1e-7);
        }
        prop_assert!((weighted.deviance - long.deviance).abs() < 1e-8 * long.deviance);
        prop_assert!((weighted.c_statistic - long.c_statistic).abs() < 1e-12);
        for term in long.terms.iter().filter(|t| t.name == "a" || t.name == "b") {
            let ours = weighted.terms.iter().find(|t| t.name == term.name).unwrap();
            prop_assert!((ours.estimate - term.estimate).abs() < 1e-7);
            prop_assert!((ours.se - term.se).abs() < 1e-7 * term.se);
        }
        // The unit of the weights changes errors by its root and nothing else.
        for params in [PropensityParams::new(), firth(), PropensityParams::new().penalty(Penalty::Ridge(3.0))] {
            let one = of(params.clone(), 1.0);
            for scale in [1e-12, 1e12, 1e300] {
                let other = of(params.clone(), scale);
                for (a, b) in one.lp.iter().zip(&other.lp) {
                    prop_assert!((a - b).abs() < 1e-7);
                }
                let (a, b) = (one.terms[1].se, other.terms[1].se * scale.sqrt());
                prop_assert!(a.is_nan() && b.is_nan() || (a - b).abs() < 1e-7 * a);
            }
        }
    }
}

#[test]
fn weights_that_are_none_are_refused_by_row() {
    let (columns, treated) = drawn(80, 1);
    for bad in [-1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut weight = vec![1.0; 80];
        weight[6] = bad;
        let error = fit(
            columns.clone(),
            &treated,
            Some(&weight),
            PropensityParams::new(),
        )
        .unwrap_err();
        assert!(
            matches!(error, PropensityError::Weight { row: 7 }),
            "{error}"
        );
    }
    let nobody: Vec<f64> = treated.iter().map(|&t| f64::from(u8::from(!t))).collect();
    for weight in [vec![0.0; 80], nobody] {
        let error = fit(
            columns.clone(),
            &treated,
            Some(&weight),
            PropensityParams::new(),
        )
        .unwrap_err();
        assert!(
            matches!(
                error,
                PropensityError::OneGroup {
                    participants: 0,
                    ..
                }
            ),
            "{error}"
        );
    }
    let error = fit(
        columns.clone(),
        &treated,
        Some(&[1.0; 79]),
        PropensityParams::new(),
    );
    assert!(matches!(
        error,
        Err(PropensityError::Length {
            len: 79,
            rows: 80,
            ..
        })
    ));
    let matrix = built(columns, &treated);
    let odd = vec![0.5; 80];
    let error = PropensityParams::new()
        .check()
        .unwrap()
        .fit_weighted(&matrix, &odd, None);
    assert!(matches!(error, Err(PropensityError::Treatment { row: 1 })));
}

#[test]
fn ridge_with_equal_weights_is_linfas() {
    let (columns, treated) = drawn(250, 5);
    let ridge = || PropensityParams::new().penalty(Penalty::Ridge(2.5));
    let linfas = fit(columns.clone(), &treated, None, ridge()).unwrap();
    let ours = fit(columns, &treated, Some(&[4.0; 250]), ridge()).unwrap();
    for (a, b) in linfas.lp.iter().zip(&ours.lp) {
        assert!((a - b).abs() < 1e-4, "{a} {b}");
    }
    assert!(ours.covariance.is_none() && linfas.covariance.is_none());
    assert!(ours.terms[1].se.is_nan());
}

fn planned(
    columns: Vec<(&str, Column)>,
    treated: &[bool],
    propensity: &PropensitySettings,
) -> Result<Design, DesignError> {
    let (mut frame, mut covariates) = table(columns);
    for extra in propensity.scores.iter().chain(&propensity.sampling_weights) {
        covariates.retain(|c| &c.column != extra);
    }
    let plan = Plan {
        covariates: &covariates,
        settings: &radius(0.5),
        propensity,
        model: PropensityParams::of(propensity),
        seed: 1,
    };
    frame.push("unused", number(vec![0.0; treated.len()]));
    Design::plan(frame, treated.to_vec(), plan)
}

#[test]
fn elimination_drops_whole_covariates_and_balance_keeps_them() {
    let (columns, treated) = drawn(600, 2);
    let settings = PropensitySettings {
        backward: Some(0.05),
        ..PropensitySettings::default()
    };
    let design = planned(columns, &treated, &settings).unwrap();
    let model = design.propensity();
    assert_eq!(model.dropped.len(), 1);
    let (name, p) = &model.dropped[0];
    assert!(name == "place" && *p > 0.05, "{name} {p}");
    let names: Vec<&str> = model.terms.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["(Intercept)", "a", "b"]);
    let looked_at = design
        .balance()
        .iter()
        .filter(|b| b.term.starts_with("place="));
    assert_eq!(looked_at.count(), 3);
    assert!(
        design
            .notes()
            .join(" ")
            .contains("`place` dropped by backward elimination")
    );
}

#[test]
fn elimination_among_noise_keeps_one_covariate() {
    let mut rng = ChaCha12Rng::seed_from_u64(8);
    let treated: Vec<bool> = (0..200).map(|i| i % 4 == 0).collect();
    let names = ["a", "b", "c", "d"];
    let columns: Vec<(&str, Column)> = names
        .iter()
        .map(|&n| (n, number((0..200).map(|_| rng.random::<f64>()))))
        .collect();
    for params in [PropensityParams::new(), firth()] {
        let fitted = fit(columns.clone(), &treated, None, params.backward(Some(1e-9))).unwrap();
        assert_eq!((fitted.dropped.len(), fitted.terms.len()), (3, 2));
        assert!(fitted.dropped.iter().all(|d| d.1 > 1e-9 && d.1 <= 1.0));
    }
}

#[test]
fn elimination_that_means_nothing_is_refused() {
    for threshold in [0.0, 1.0, -0.5, f64::NAN, f64::INFINITY] {
        let params = PropensityParams::new().backward(Some(threshold));
        assert!(matches!(params.check(), Err(PropensityError::BadThreshold)));
    }
    let params = PropensityParams::new()
        .penalty(Penalty::Ridge(1.0))
        .backward(Some(0.1));
    assert!(matches!(
        params.check(),
        Err(PropensityError::BackwardUnderRidge)
    ));
}

#[test]
fn supplied_scores_make_the_design_that_the_model_makes() {
    let (columns, treated) = drawn(300, 3);
    let fitted = planned(columns.clone(), &treated, &PropensitySettings::default()).unwrap();
    let lp = fitted.propensity().lp.clone();
    let odds = |lp: &f64| 1.0 / (1.0 + (-lp).exp());
    for (scale, scores) in [
        (ScoreScale::Lp, lp.clone()),
        (ScoreScale::Probability, lp.iter().map(odds).collect()),
    ] {
        let settings = PropensitySettings {
            scores: Some("score".into()),
            score_scale: scale,
            ..PropensitySettings::default()
        };
        let mut columns = columns.clone();
        columns.push(("score", number(scores)));
        let design = planned(columns.clone(), &treated, &settings).unwrap();
        let model = design.propensity();
        assert!(model.terms.is_empty() && model.covariance.is_none());
        close(
            "c",
            model.c_statistic,
            fitted.propensity().c_statistic,
            1e-12,
        );
        close("sd", model.lp_sd, fitted.propensity().lp_sd, 1e-12);
        for (a, b) in design.balance().iter().zip(fitted.balance()) {
            assert_eq!(a.term, b.term);
            close(&a.term, a.mean_matched, b.mean_matched, 1e-9);
        }
        if let Some((_, Column::Number(scores))) = columns.last_mut() {
            scores[41] = f64::NAN;
        }
        let error = planned(columns, &treated, &settings).err().unwrap();
        let error = error.to_string();
        assert!(
            error.contains("row 42") && error.contains("missing"),
            "{error}"
        );
    }
}

#[test]
fn sampling_weights_reach_the_model() {
    let (mut columns, treated) = drawn(300, 6);
    let weight: Vec<f64> = (0..300).map(|i| 1.0 + f64::from(i % 3)).collect();
    let alone = fit(
        columns.clone(),
        &treated,
        Some(&weight),
        PropensityParams::new(),
    )
    .unwrap();
    columns.push(("weight", number(weight)));
    let settings = PropensitySettings {
        sampling_weights: Some("weight".into()),
        ..PropensitySettings::default()
    };
    let design = planned(columns, &treated, &settings).unwrap();
    assert_eq!(design.propensity().lp, alone.lp);
    assert_eq!(design.propensity().lp_sd, alone.lp_sd);
}

#[test]
fn the_covariance_is_of_the_standardised_model_terms() {
    let (mut columns, treated) = drawn(400, 12);
    let again = columns[0].1.clone();
    columns.insert(1, ("again", again));
    let matrix = built(columns.clone(), &treated);
    let fitted = fit(columns, &treated, None, PropensityParams::new()).unwrap();
    assert_eq!(fitted.redundant, ["again"]);
    let covariance = fitted.covariance.as_ref().unwrap();
    assert_eq!(covariance.nrows(), fitted.model_terms.len() + 1);
    for (j, &t) in fitted.model_terms.iter().enumerate() {
        let term = &matrix.terms()[t];
        assert_eq!(term.name, fitted.terms[j + 1].name);
        let se = covariance[[j + 1, j + 1]].sqrt() / term.scale;
        close(&term.name, se, fitted.terms[j + 1].se, 1e-12);
    }
    // It inverts the information: covariance times sum p (1 - p) u u' is the identity.
    let k = covariance.nrows();
    let u = |row: usize| -> Vec<f64> {
        let of = |&t: &usize| matrix.standardised(&matrix.terms()[t], row);
        std::iter::once(1.0)
            .chain(fitted.model_terms.iter().map(of))
            .collect()
    };
    let mut information = ndarray::Array2::<f64>::zeros((k, k));
    for row in 0..matrix.rows() {
        let (u, p) = (u(row), 1.0 / (1.0 + (-fitted.lp[row]).exp()));
        for i in 0..k {
            for j in 0..k {
                information[[i, j]] += p * (1.0 - p) * u[i] * u[j];
            }
        }
    }
    let identity = covariance.dot(&information);
    for ((i, j), v) in identity.indexed_iter() {
        assert!(
            (v - f64::from(u8::from(i == j))).abs() < 1e-6,
            "{i} {j} {v}"
        );
    }
}
