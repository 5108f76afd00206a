//! Weighting: by hand, by what must hold, on planted effects, and on input nobody should send.

use crate::kit::{close, covariate};
use counterpart::balance::Design;
use counterpart::effect::{OutcomeData, estimate};
use counterpart::matching::Sets;
use counterpart::numeric::frame::{Column, Frame};
use counterpart::propensity::PropensityParams;
use counterpart::study::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

const KINDS: [WeightKind; 3] = [WeightKind::Odds, WeightKind::Entropy, WeightKind::Overlap];

fn design(
    columns: &[(&str, Vec<f64>)],
    treated: &[bool],
    weights: WeightKind,
) -> Result<Design, String> {
    let mut frame = Frame::new(treated.len());
    let mut covariates = Vec::new();
    for (name, values) in columns {
        frame.push(*name, Column::Number(values.clone()));
        covariates.push(covariate(name, CovariateKind::Number));
    }
    let settings = MatchSettings {
        weights,
        ..MatchSettings::new(Method::Weighting)
    };
    let model = PropensityParams::new();
    Design::fix(frame, treated.to_vec(), &covariates, &settings, model, 1)
        .map_err(|e| e.to_string())
}

/// One yes-or-no column: 6 participants, 4 with it; a pool of 10, 2 with it.
fn two_by_two() -> (Vec<f64>, Vec<bool>) {
    let mut x = vec![1.0, 1.0, 1.0, 1.0, 0.0, 0.0];
    x.extend([1.0, 1.0]);
    x.extend([0.0; 8]);
    let treated = (0..16).map(|i| i < 6).collect();
    (x, treated)
}

#[test]
fn on_one_column_odds_and_entropy_weights_are_standardisation() {
    let (x, treated) = two_by_two();
    for weights in [WeightKind::Odds, WeightKind::Entropy] {
        let d = design(&[("x", x.clone())], &treated, weights).unwrap();
        let m = d.matches();
        // Two with it stand for four participants, eight without for two.
        for (&row, &w) in m.pool.iter().zip(&m.weight) {
            let want = if x[row as usize] == 1.0 { 2.0 } else { 0.25 };
            close("weight", w, want, 1e-7);
        }
        assert!(matches!(m.sets, Sets::Common));
        // y = 3 where x = 1 in the pool, else 0: the counterpart's mean is (4 * 3 + 2 * 0) / 6.
        let y: Vec<f64> = (0..16)
            .map(|i| if i < 6 { 5.0 } else { 3.0 * x[i] })
            .collect();
        let pool: Vec<f64> = m.pool.iter().map(|&r| y[r as usize]).collect();
        for yhat in m.predicted(&pool) {
            close("predicted", yhat, 2.0, 1e-7);
        }
    }
}

#[test]
fn overlap_weights_worked_by_hand() {
    let (x, treated) = two_by_two();
    let d = design(&[("x", x.clone())], &treated, WeightKind::Overlap).unwrap();
    // e is 4/6 with it and 2/10 without: participants weigh 1/3 and 4/5, the pool 2/3 and 1/5.
    let m = d.matches();
    let (own, pool) = (4.0 / 3.0 + 2.0 * 0.8, 2.0 * 2.0 / 3.0 + 8.0 * 0.2);
    for (&row, &g) in m.participants.iter().zip(&m.participant_weight) {
        let e = if x[row as usize] == 1.0 {
            1.0 / 3.0
        } else {
            0.8
        };
        assert!((g - 6.0 * e / own).abs() < 1e-7);
    }
    for (&row, &w) in m.pool.iter().zip(&m.weight) {
        let e = if x[row as usize] == 1.0 {
            2.0 / 3.0
        } else {
            0.2
        };
        assert!((w - 6.0 * e / pool).abs() < 1e-7);
    }
    assert_eq!(d.settings().estimand(), Estimand::Ato);
}

/// A world of two covariates; the effect is the same for everybody.
fn world(seed: u64, people: usize) -> (Vec<(&'static str, Vec<f64>)>, Vec<bool>, Vec<f64>) {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let (mut a, mut b, mut treated, mut y) = (vec![], vec![], vec![], vec![]);
    for _ in 0..people {
        let (u, v): (f64, f64) = (
            StandardNormal.sample(&mut rng),
            StandardNormal.sample(&mut rng),
        );
        let lp: f64 = -1.6 + 0.7 * u - 0.5 * v;
        let t = rng.random::<f64>() < 1.0 / (1.0 + (-lp).exp());
        let noise: f64 = StandardNormal.sample(&mut rng);
        a.push(u);
        b.push(v);
        treated.push(t);
        y.push(1.0 + u + 0.8 * v + noise + if t { 0.5 } else { 0.0 });
    }
    (vec![("a", a), ("b", b)], treated, y)
}

#[test]
fn weights_add_up_and_means_agree() {
    for seed in 0..20 {
        let (columns, treated, _) = world(seed, 300);
        for weights in KINDS {
            let d = design(&columns, &treated, weights).unwrap();
            let m = d.matches();
            let n = m.participants.len() as f64;
            close("pool", m.weight.iter().sum::<f64>(), n, 1e-12);
            close(
                "participants",
                m.participant_weight.iter().sum::<f64>(),
                n,
                1e-12,
            );
            assert!(m.weight.iter().all(|w| *w >= 0.0 && w.is_finite()));
            if weights != WeightKind::Odds {
                for b in d.balance() {
                    assert!(
                        (b.mean_treated - b.mean_matched).abs() < 1e-7,
                        "{weights:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let (columns, treated, y) = world(3, 300);
    let turned = |v: &[f64]| v.iter().rev().copied().collect::<Vec<f64>>();
    let other: Vec<(&str, Vec<f64>)> = columns.iter().map(|(n, v)| (*n, turned(v))).collect();
    let back: Vec<bool> = treated.iter().rev().copied().collect();
    for weights in KINDS {
        let one = tau(
            &design(&columns, &treated, weights).unwrap(),
            &y,
            SeMethod::Stacked,
        );
        let two = tau(
            &design(&other, &back, weights).unwrap(),
            &turned(&y),
            SeMethod::Stacked,
        );
        assert!((one.0 - two.0).abs() < 1e-9 && (one.1 - two.1).abs() < 1e-9);
    }
}

fn tau(d: &Design, y: &[f64], se: SeMethod) -> (f64, f64, f64, f64) {
    let data = OutcomeData {
        values: y,
        given: None,
        exposure: None,
    };
    let spec = crate::kit::spec(OutcomeKind::Continuous);
    let got = estimate(&spec, &data, d.matches(), se).unwrap().difference;
    (got.estimate, got.se, got.ci_low, got.ci_high)
}

/// Bias within three Monte-Carlo errors; the stacked interval covers 95 % less three binomial errors;
/// its standard errors are the spread of the estimates to within 12 % (300 draws know a standard
/// deviation to 4 %).
#[test]
fn planted_effects_are_found_and_stacked_errors_are_their_spread() {
    const DRAWS: u64 = 300;
    for weights in KINDS {
        let draws: Vec<(f64, f64, f64, f64)> = (0..DRAWS)
            .into_par_iter()
            .map(|seed| {
                let (columns, treated, y) = world(1000 + seed, 500);
                let d = design(&columns, &treated, weights).unwrap();
                tau(&d, &y, SeMethod::Stacked)
            })
            .collect();
        let n = DRAWS as f64;
        let mean = draws.iter().map(|d| d.0).sum::<f64>() / n;
        let spread = (draws.iter().map(|d| (d.0 - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let se = draws.iter().map(|d| d.1).sum::<f64>() / n;
        let covered = draws.iter().filter(|d| d.2 <= 0.5 && 0.5 <= d.3).count() as f64 / n;
        println!(
            "{weights:?}: bias {:+.4} spread {spread:.4} se {se:.4} covers {covered:.3}",
            mean - 0.5
        );
        assert!(
            (mean - 0.5).abs() < 3.0 * spread / n.sqrt(),
            "{weights:?} bias"
        );
        assert!(
            (se / spread - 1.0).abs() < 0.12,
            "{weights:?}: se {se} spread {spread}"
        );
        assert!(
            covered > 0.95 - 3.0 * (0.95f64 * 0.05 / n).sqrt(),
            "{weights:?} {covered}"
        );
    }
}

#[test]
fn participants_outside_the_pools_range_have_no_balancing_weights_and_the_column_is_named() {
    let x: Vec<f64> = (0..40)
        .map(|i| {
            if i < 10 {
                50.0 + f64::from(i)
            } else {
                f64::from(i)
            }
        })
        .collect();
    let z: Vec<f64> = (0..40).map(|i| f64::from(i % 7)).collect();
    let treated: Vec<bool> = (0..40).map(|i| i < 10).collect();
    let model = PropensityParams::new().penalty(counterpart::propensity::Penalty::Firth);
    let mut frame = Frame::new(40);
    frame.push("x", Column::Number(x));
    frame.push("z", Column::Number(z));
    let covariates = [
        covariate("x", CovariateKind::Number),
        covariate("z", CovariateKind::Number),
    ];
    let settings = MatchSettings {
        weights: WeightKind::Entropy,
        ..MatchSettings::new(Method::Weighting)
    };
    let refused = Design::fix(frame, treated, &covariates, &settings, model, 1).unwrap_err();
    assert!(refused.to_string().contains("`x`"), "{refused}");
}

#[test]
fn settings_that_weighting_cannot_mean_are_refused() {
    let weighting = || MatchSettings::new(Method::Weighting);
    for (settings, fault) in [
        (
            MatchSettings {
                exact: vec!["x".into()],
                ..weighting()
            },
            "exact",
        ),
        (
            MatchSettings {
                caliper: Caliper::Width(0.1),
                ..weighting()
            },
            "caliper",
        ),
        (
            MatchSettings {
                se: SeMethod::Cluster,
                ..weighting()
            },
            "se",
        ),
        (
            MatchSettings {
                replace: true,
                ..weighting()
            },
            "replace",
        ),
        (
            MatchSettings {
                se: SeMethod::Stacked,
                ..MatchSettings::default()
            },
            "se",
        ),
    ] {
        assert_eq!(settings.check().unwrap_err().0, fault);
    }
}
