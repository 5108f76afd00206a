//! The propensity model: at the top of the likelihood, whoever asks, in whatever order.

use crate::kit::{covariate, designed, radius, table};
use counterpart::covariates::DesignMatrix;
use counterpart::numeric::frame::{Column, Frame};
use counterpart::propensity::{Penalty, Propensity, PropensityError, PropensityParams};
use counterpart::study::CovariateKind;
use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use ndarray::Array1;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

fn fit(
    columns: Vec<(&str, Column)>,
    treated: &[bool],
    params: PropensityParams,
) -> Result<(Propensity, DesignMatrix), PropensityError> {
    let (mut frame, covariates) = table(columns);
    let matrix = DesignMatrix::build(&mut frame, treated, &covariates).unwrap();
    let targets = Array1::from_iter(treated.iter().map(|&t| f64::from(u8::from(t))));
    let dataset = DatasetBase::new(matrix, targets);
    let fitted = params.check()?.fit(&dataset)?;
    Ok((fitted, dataset.records))
}

/// At the maximum, sum (t - p) = 0 and sum (t - p) x = 0 for every column: nothing of Newton's own.
fn check_score_equations(fitted: &Propensity, matrix: &DesignMatrix, treated: &[bool]) {
    let residual: Vec<f64> = fitted
        .lp
        .iter()
        .zip(treated)
        .map(|(lp, &t)| f64::from(u8::from(t)) - 1.0 / (1.0 + (-lp).exp()))
        .collect();
    let n = residual.len() as f64;
    assert!(residual.iter().sum::<f64>().abs() < 1e-9 * n);
    for t in matrix.model_terms() {
        let term = &matrix.terms()[t];
        let x = matrix.column(t);
        let sum: f64 = residual
            .iter()
            .zip(&x)
            .map(|(r, x)| r * (x - term.centre) / term.scale)
            .sum();
        assert!(sum.abs() < 1e-9 * n, "{}: {sum}", term.name);
    }
}

/// A table of two numbers, a category and a flag, with taking part at odds that follow them.
fn drawn(n: usize, seed: u64) -> (Vec<(&'static str, Column)>, Vec<bool>) {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let mut columns: [Vec<f64>; 3] = Default::default();
    let (mut place, mut treated) = (Vec::new(), Vec::new());
    for _ in 0..n {
        let (a, b): (f64, f64) = (rng.random::<f64>() * 4.0 - 2.0, rng.random());
        let flag = f64::from(u8::from(rng.random::<f64>() < 0.3));
        let level = (rng.random::<f64>() * 4.0) as usize;
        let lp = -0.8 + 0.5 * a - b + 0.4 * flag + 0.2 * level as f64;
        treated.push(rng.random::<f64>() < 1.0 / (1.0 + (-lp).exp()));
        columns[0].push(a);
        columns[1].push(b * 1e4);
        columns[2].push(flag);
        place.push(["east", "north", "south", "west"][level]);
    }
    let [a, b, flag] = columns;
    let columns = vec![
        ("a", Column::Number(a)),
        ("b", Column::Number(b)),
        ("flag", Column::Number(flag)),
        ("place", Column::category(place.into_iter().map(Some))),
    ];
    (columns, treated)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn newton_stands_at_the_top_and_linfa_agrees(seed in 0u64..1_000_000, n in 150usize..400) {
        let (columns, treated) = drawn(n, seed);
        let (ours, matrix) = fit(columns.clone(), &treated, PropensityParams::new()).unwrap();
        check_score_equations(&ours, &matrix, &treated);
        let ridge = PropensityParams::new().penalty(Penalty::Ridge(1e-8));
        let (theirs, _) = fit(columns, &treated, ridge).unwrap();
        prop_assert!(ours.iterations > 0);
        prop_assert_eq!(theirs.iterations, 0, "linfa does not say how many");
        for (a, b) in ours.lp.iter().zip(&theirs.lp) {
            prop_assert!((a - b).abs() < 2e-3, "{a} {b}");
        }
        prop_assert!(ours.deviance <= theirs.deviance + 1e-9);
        prop_assert!(ours.c_statistic >= 0.5 && ours.c_statistic <= 1.0);
    }

    #[test]
    fn a_category_does_not_depend_on_the_order_of_rows(seed in 0u64..1_000_000, rows in Just((0..150usize).collect::<Vec<_>>()).prop_shuffle()) {
        let (columns, treated) = drawn(150, seed);
        let take: Vec<u32> = rows.iter().map(|&r| r as u32).collect();
        let shuffled: Vec<bool> = rows.iter().map(|&r| treated[r]).collect();
        let place = &columns[3].1;
        // As text again, so that levels are found in another order.
        let Column::Category { codes, levels } = place.take(&take) else { panic!() };
        let again = Column::category(codes.iter().map(|&c| Some(levels[c as usize].as_str())));
        let of = |column: Column, treated: &[bool]| {
            let mut frame = Frame::new(150);
            frame.push("place", column);
            DesignMatrix::build(&mut frame, treated, &[covariate("place", CovariateKind::Category)]).unwrap()
        };
        let (a, b) = (of(place.clone(), &treated), of(again, &shuffled));
        prop_assert_eq!(a.notes(), b.notes());
        prop_assert_eq!(a.terms().len(), b.terms().len());
        for (t, (x, y)) in a.terms().iter().zip(b.terms()).enumerate() {
            prop_assert_eq!((&x.name, x.reference, x.in_model), (&y.name, y.reference, y.in_model));
            let (x, y) = (a.column(t), b.column(t));
            prop_assert!(rows.iter().zip(&y).all(|(&r, y)| x[r] == *y));
        }
    }
}

#[test]
fn threads_change_no_bit() {
    let (columns, treated) = drawn(9_000, 3);
    let of = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| designed(columns.clone(), &treated, &radius(0.1)).unwrap())
    };
    let (one, two) = (of(1), of(2));
    assert_eq!(one.digest(), two.digest());
    let bits = |d: &counterpart::balance::Design| -> Vec<u64> {
        d.propensity().lp.iter().map(|v| v.to_bits()).collect()
    };
    assert_eq!(bits(&one), bits(&two));
    assert_eq!(one.balance(), two.balance());
}

use counterpart::register::FixedDesign;

#[test]
fn a_start_on_a_part_that_misses_a_level_still_arrives() {
    // 500 participants among 70,000: the start looks at every third of the pool. A rare level has
    // 40 participants and 60 of the pool, none of whom that part holds: there it separates.
    let (participants, pool) = (500usize, 70_000usize);
    let mut rng = ChaCha12Rng::seed_from_u64(11);
    let (mut x, mut level, mut treated) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..participants + pool {
        let took_part = i < participants;
        x.push(rng.random::<f64>() + if took_part { 0.4 } else { 0.0 });
        let in_pool = i.wrapping_sub(participants);
        level.push(
            if (took_part && i < 40) || (!took_part && in_pool < 90 && in_pool % 3 != 2) {
                "rare"
            } else {
                "usual"
            },
        );
        treated.push(took_part);
    }
    let columns = vec![
        ("x", Column::Number(x)),
        ("level", Column::category(level.into_iter().map(Some))),
    ];
    let (fitted, matrix) = fit(columns, &treated, PropensityParams::new()).unwrap();
    check_score_equations(&fitted, &matrix, &treated);
    // ln of (40/60) / (460/69940) = 4.62 without the other column.
    let rare = fitted
        .terms
        .iter()
        .find(|t| t.name == "level=rare")
        .unwrap();
    assert!((rare.estimate - 4.6).abs() < 0.5, "{}", rare.estimate);
}

#[test]
fn huge_and_tiny_units_give_the_same_scores() {
    let (columns, treated) = drawn(300, 8);
    let scaled = |factor: [f64; 2]| {
        let mut columns = columns.clone();
        for (column, f) in columns.iter_mut().zip(factor) {
            if let Column::Number(v) = &mut column.1 {
                v.iter_mut().for_each(|v| *v *= f);
            }
        }
        fit(columns, &treated, PropensityParams::new()).unwrap().0
    };
    let plain = scaled([1.0, 1.0]);
    for factor in [[1e12, 1e-12], [1e-12, 1e12], [1e90, 1e-90], [1e-200, 1.0]] {
        let other = scaled(factor);
        for (a, b) in plain.lp.iter().zip(&other.lp) {
            assert!((a - b).abs() < 1e-7, "{factor:?}: {a} {b}");
        }
    }
}
