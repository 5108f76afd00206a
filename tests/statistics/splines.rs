//! Splines: what they find, and what they do where there is little to find.

use crate::kit::{covariate, table};
use crate::propensity_forms::{finite, zero_one};
use counterpart::covariates::DesignMatrix;
use counterpart::numeric::frame::Column;
use counterpart::propensity::{Propensity, PropensityParams};
use counterpart::study::{Covariate, CovariateKind};
use linfa::ParamGuard;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

fn spline(column: &str, columns: usize) -> Covariate {
    Covariate {
        spline: Some(columns),
        ..covariate(column, CovariateKind::Number)
    }
}

/// Odds highest in the middle of `x`: a straight line sees nothing.
fn bent(n: usize) -> (Vec<f64>, Vec<bool>) {
    let mut rng = ChaCha12Rng::seed_from_u64(21);
    let x: Vec<f64> = (0..n).map(|_| rng.random::<f64>() * 10.0).collect();
    let of = |x: f64| 1.0 / (1.0 + (0.4 * (x - 5.0) * (x - 5.0) - 1.5).exp());
    let treated = x.iter().map(|&x| rng.random::<f64>() < of(x)).collect();
    (x, treated)
}

fn splined(values: Vec<f64>, treated: &[bool], columns: usize) -> (DesignMatrix, Propensity) {
    let (mut frame, _) = table(vec![("x", Column::Number(values))]);
    let matrix = DesignMatrix::build(&mut frame, treated, &[spline("x", columns)]).unwrap();
    let params = PropensityParams::new().check().unwrap();
    let fitted = params
        .fit_weighted(&matrix, &zero_one(treated), None)
        .unwrap();
    (matrix, fitted)
}

#[test]
fn a_spline_finds_what_a_line_cannot() {
    let (x, treated) = bent(2_000);
    let (_, line) = splined(x.clone(), &treated, 1);
    let (matrix, curve) = splined(x.clone(), &treated, 4);
    assert!(line.c_statistic < 0.56 && curve.c_statistic > 0.75);
    let names: Vec<&str> = matrix.terms().iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["x", "x (spline 1)", "x (spline 2)", "x (spline 3)"]);
    assert!(matrix.terms().iter().all(|t| t.in_model));
    assert!(matrix.terms().iter().all(|t| matrix.covariate(t) == "x"));
    // The planted curve, within its error where people are.
    for (x, lp) in x
        .iter()
        .zip(&curve.lp)
        .filter(|(x, _)| (2.0..8.0).contains(*x))
    {
        let truth = 1.5 - 0.4 * (x - 5.0) * (x - 5.0);
        assert!((lp - truth).abs() < 0.6, "{x}: {lp} not {truth}");
    }
}

#[test]
fn a_spline_knows_no_units_and_survives_blanks_and_repeats() {
    let (x, treated) = bent(600);
    let (_, plain) = splined(x.clone(), &treated, 5);
    for (factor, shift) in [(1e-150, 0.0), (1e90, 0.0), (-3.0, 1e4)] {
        let (_, other) = splined(x.iter().map(|v| v * factor + shift).collect(), &treated, 5);
        for (a, b) in plain.lp.iter().zip(&other.lp) {
            assert!((a - b).abs() < 1e-6, "{factor}: {a} {b}");
        }
    }
    let mut blank = x.clone();
    blank.iter_mut().step_by(5).for_each(|v| *v = f64::NAN);
    let (matrix, fitted) = splined(blank, &treated, 5);
    finite(&fitted);
    assert_eq!(matrix.terms().last().unwrap().name, "x missing");
    // Most at one value: fewer knots, said so. Two values: no spline at all, said so.
    let piled: Vec<f64> = x.iter().map(|v| (v - 6.0).max(0.0)).collect();
    let (matrix, fitted) = splined(piled, &treated, 5);
    finite(&fitted);
    assert_eq!(matrix.model_terms().len(), 3);
    assert!(
        matrix.notes().join(" ").contains("3 columns, not 5"),
        "{:?}",
        matrix.notes()
    );
    let flag: Vec<f64> = x.iter().map(|v| f64::from(u8::from(*v > 5.0))).collect();
    let (matrix, _) = splined(flag, &treated, 5);
    assert_eq!(matrix.model_terms().len(), 1);
    assert!(matrix.notes().join(" ").contains("no place for a spline"));
}
