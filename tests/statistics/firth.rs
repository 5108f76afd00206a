//! Firth's likelihood where the other has no maximum, and designs too wide for either.

use crate::kit::close;
use crate::propensity_forms::{built, drawn, finite, firth, fit, number, zero_one};
use counterpart::covariates::DesignMatrix;
use counterpart::numeric::frame::Column;
use counterpart::propensity::{Propensity, PropensityError, PropensityParams};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

#[test]
fn firth_adds_a_half_to_each_cell_of_a_two_by_two_table() {
    // Took part: 10 with the flag, 5 without; others: 0 with, 20 without. No maximum likelihood.
    let cells = [(true, 1.0, 10), (true, 0.0, 5), (false, 0.0, 20)];
    let people = cells.iter().flat_map(|&(t, x, n)| vec![(t, x); n]);
    let (treated, x): (Vec<bool>, Vec<f64>) = people.unzip();
    let columns = || vec![("flag", number(x.clone()))];
    let ml = fit(columns(), &treated, None, PropensityParams::new());
    let error = ml.unwrap_err().to_string();
    assert!(
        error.contains("`flag`") && error.contains("--penalty firth"),
        "{error}"
    );
    let fitted = fit(columns(), &treated, None, firth()).unwrap();
    let (p1, p0) = (10.5 / 11.0, 5.5 / 26.0);
    close(
        "intercept",
        fitted.terms[0].estimate,
        (5.5f64 / 20.5).ln(),
        1e-9,
    );
    let slope = (10.5f64 * 20.5 / (5.5 * 0.5)).ln();
    close("slope", fitted.terms[1].estimate, slope, 1e-9);
    let variance = 1.0 / (10.0 * p1 * (1.0 - p1)) + 1.0 / (25.0 * p0 * (1.0 - p0));
    close("se", fitted.terms[1].se, f64::sqrt(variance), 1e-8);
    let deviance = -2.0 * (10.0 * f64::ln(p1) + 5.0 * f64::ln(p0) + 20.0 * f64::ln(1.0 - p0));
    close("deviance", fitted.deviance, deviance, 1e-9);
}

/// l + ln det I / 2 from the definition, rows by plain columns.
fn penalised_likelihood(x: &[Vec<f64>], treated: &[bool], beta: &[f64]) -> f64 {
    let p = beta.len();
    let mut information = vec![vec![0.0; p]; p];
    let mut l = 0.0;
    for (row, &t) in x.iter().zip(treated) {
        let lp: f64 = row.iter().zip(beta).map(|(x, b)| x * b).sum();
        let mu = 1.0 / (1.0 + (-lp).exp());
        l -= if t {
            (-lp).exp().ln_1p()
        } else {
            lp.exp().ln_1p()
        };
        for i in 0..p {
            for j in 0..p {
                information[i][j] += mu * (1.0 - mu) * row[i] * row[j];
            }
        }
    }
    // Gaussian elimination; the matrix is positive definite.
    for k in 0..p {
        l += information[k][k].ln() / 2.0;
        for i in k + 1..p {
            let (above, below) = information.split_at_mut(i);
            let factor = below[0][k] / above[k][k];
            for (b, a) in below[0][k..].iter_mut().zip(&above[k][k..]) {
                *b -= factor * a;
            }
        }
    }
    l
}

fn stands_at_firths_top(fitted: &Propensity, matrix: &DesignMatrix, treated: &[bool]) {
    let terms: Vec<_> = fitted
        .model_terms
        .iter()
        .map(|&t| &matrix.terms()[t])
        .collect();
    let x: Vec<Vec<f64>> = (0..matrix.rows())
        .map(|row| {
            let of = |t: &&counterpart::covariates::Term| matrix.standardised(t, row);
            std::iter::once(1.0).chain(terms.iter().map(of)).collect()
        })
        .collect();
    // Coefficients of the standardised columns from those of the plain ones.
    let mut beta = vec![fitted.terms[0].estimate];
    for (term, fitted) in terms.iter().zip(&fitted.terms[1..]) {
        beta.push(fitted.estimate * term.scale);
        beta[0] += fitted.estimate * term.centre;
    }
    let top = penalised_likelihood(&x, treated, &beta);
    for j in 0..beta.len() {
        let at = |d: f64| {
            let mut there = beta.clone();
            there[j] += d;
            penalised_likelihood(&x, treated, &there)
        };
        let slope = (at(1e-4) - at(-1e-4)) / 2e-4;
        assert!(slope.abs() < 1e-5, "{j}: slope {slope}");
        assert!(at(0.05) < top && at(-0.05) < top, "{j}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn firth_stands_at_the_top_of_its_likelihood(seed in 0u64..1_000_000, n in 40usize..120, separate in any::<bool>()) {
        let (mut columns, treated) = drawn(n, seed);
        if separate {
            let told = treated.iter().enumerate().map(|(i, &t)| if t { 1.0 } else { 0.0 } + 0.001 * i as f64);
            columns.push(("told", number(told)));
        }
        let matrix = built(columns.clone(), &treated);
        let fitted = fit(columns, &treated, None, firth()).unwrap();
        finite(&fitted);
        stands_at_firths_top(&fitted, &matrix, &treated);
    }
}

#[test]
fn one_column_that_predicts_perfectly_has_a_design_under_firth() {
    let n = 120;
    let (mut columns, treated) = drawn(n, 9);
    columns.push((
        "told",
        number(zero_one(&treated).iter().map(|t| 3.0 * t + 1.0)),
    ));
    let error = fit(columns.clone(), &treated, None, PropensityParams::new()).unwrap_err();
    match &error {
        PropensityError::Separation { columns } => assert!(columns.contains(&"`told`".to_owned())),
        other => panic!("{other}"),
    }
    assert!(error.to_string().contains("Firth"));
    let fitted = fit(columns, &treated, None, firth()).unwrap();
    finite(&fitted);
    assert_eq!(fitted.c_statistic, 1.0);
    assert!(fitted.iterations < 200, "{}", fitted.iterations);
}

#[test]
fn ten_thousand_columns_are_refused_and_say_why() {
    let (n, p) = (60, 10_000);
    let names: Vec<String> = (0..p).map(|j| format!("x{j}")).collect();
    let mut rng = ChaCha12Rng::seed_from_u64(4);
    let columns: Vec<(&str, Column)> = names
        .iter()
        .map(|name| (name.as_str(), number((0..n).map(|_| rng.random::<f64>()))))
        .collect();
    let treated: Vec<bool> = (0..n).map(|i| i % 3 == 0).collect();
    for params in [PropensityParams::new(), firth()] {
        let error = fit(columns.clone(), &treated, None, params.clone()).unwrap_err();
        assert!(
            matches!(
                error,
                PropensityError::TooManyColumns {
                    columns: 10_000,
                    most: 1000,
                    ..
                }
            ),
            "{error}"
        );
        // As many coefficients as people fit any answer at all.
        let error = fit(columns[..100].to_vec(), &treated, None, params.clone()).unwrap_err();
        assert!(
            matches!(
                error,
                PropensityError::TooManyColumns {
                    columns: 100,
                    most: 58,
                    ..
                }
            ),
            "{error}"
        );
        // One fewer has an answer or an error, never a panic.
        if let Ok(fitted) = fit(columns[..40].to_vec(), &treated, None, params) {
            finite(&fitted);
        }
    }
}
