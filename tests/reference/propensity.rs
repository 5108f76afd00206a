//! Splines, weights, Firth's likelihood and backward elimination against R: `propensity.R` says how
//! the values in `propensity.json` were made.

use crate::support::{close, root, table};
use counterpart::covariates::DesignMatrix;
use counterpart::numeric::frame::{Column, Frame};
use counterpart::propensity::{Penalty, Propensity, PropensityParams};
use counterpart::study::{Covariate, CovariateKind};
use linfa::ParamGuard;
use serde_json::Value;

/// Coefficients, standard errors and scores, relative: stopping rules and rounding differ.
const FIT: f64 = 1e-7;

struct Expected(Value);

impl Expected {
    fn of(case: &str) -> Expected {
        let path = root().join("tests/reference/propensity.json");
        let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        Expected(all[case].clone())
    }

    fn number(&self, key: &str) -> f64 {
        self.0[key].as_f64().unwrap()
    }

    fn numbers(&self, key: &str) -> Vec<f64> {
        let values = self.0[key].as_array().unwrap();
        values.iter().map(|v| v.as_f64().unwrap()).collect()
    }

    /// Scores, deviance, and each coefficient with its error.
    fn check(&self, fit: &Propensity) {
        close("deviance", fit.deviance, self.number("deviance"), 1e-9);
        let lp = self.numbers("lp");
        assert_eq!(lp.len(), fit.lp.len());
        for (got, want) in fit.lp.iter().zip(lp) {
            assert!(
                (got - want).abs() < FIT * want.abs().max(1.0),
                "{got} {want}"
            );
        }
        // Of a spline R has another basis: the space is the same, so are scores and other columns.
        let has_spline = |key: &String| key.starts_with("ns(");
        let splines = self.0["coef"].as_object().unwrap().keys().any(has_spline);
        let mut compared = 0;
        for term in fit.terms.iter().skip(usize::from(splines)) {
            // R names a level without the sign between.
            let key = term.name.replace('=', "");
            if let Some(want) = self.0["coef"].get(&key).and_then(Value::as_f64) {
                close(&key, term.estimate, want, FIT);
                close(&key, term.se, self.0["se"][&key].as_f64().unwrap(), FIT);
                compared += 1;
            }
        }
        assert!(compared >= 2, "{compared} compared");
    }
}

/// The table of `propensity.R`, and who took part.
fn lalonde(columns: &[(&str, Option<usize>)]) -> (DesignMatrix, Vec<f64>) {
    let on_file: Vec<String> = columns
        .iter()
        .map(|c| c.0.to_owned())
        .filter(|c| c != "alone" && c != "place")
        .collect();
    let table = table(&root().join("sample_data/real/lalonde.csv"), &on_file, &[]);
    let (mut frame, treated): (Frame, Vec<bool>) = (table.design, table.treated);
    let rows = 1..=treated.len();
    let alone =
        (treated.iter().zip(rows.clone())).map(|(&t, row)| f64::from(u8::from(t && row % 7 == 0)));
    frame.push("alone", Column::Number(alone.collect()));
    let place = rows.map(|row| Some(["a", "b", "c", "d"][row * 7 % 11 % 4]));
    frame.push("place", Column::category(place));
    let covariates: Vec<Covariate> = columns
        .iter()
        .map(|&(column, spline)| Covariate {
            column: column.into(),
            label: column.into(),
            kind: match frame.get(column).unwrap() {
                Column::Number(_) => CovariateKind::Number,
                Column::Category { .. } => CovariateKind::Category,
            },
            square: false,
            spline,
        })
        .collect();
    let matrix = DesignMatrix::build(&mut frame, &treated, &covariates).unwrap();
    let treated = treated.iter().map(|&t| f64::from(u8::from(t))).collect();
    (matrix, treated)
}

fn fitted(
    columns: &[(&str, Option<usize>)],
    params: PropensityParams,
    weight: Option<&[f64]>,
) -> Propensity {
    let (matrix, treated) = lalonde(columns);
    let params = params.check().unwrap();
    params.fit_weighted(&matrix, &treated, weight).unwrap()
}

const PLAIN: [(&str, Option<usize>); 5] = [
    ("age", None),
    ("educ", None),
    ("race", None),
    ("married", None),
    ("re74", None),
];

fn with_alone() -> Vec<(&'static str, Option<usize>)> {
    [&PLAIN[..], &[("alone", None)]].concat()
}

#[test]
fn splines_give_the_scores_of_ns() {
    let columns = [
        ("age", Some(5)),
        ("educ", Some(3)),
        ("married", None),
        ("re74", None),
    ];
    let fit = fitted(&columns, PropensityParams::new(), None);
    assert_eq!(fit.terms.len(), 1 + 5 + 3 + 2);
    Expected::of("spline").check(&fit);
}

#[test]
fn weights_enter_as_in_glm() {
    let want = Expected::of("weighted");
    let weight = want.numbers("weight");
    assert!(weight.contains(&0.0));
    let fit = fitted(&PLAIN, PropensityParams::new(), Some(&weight));
    want.check(&fit);
    close(
        "c-statistic",
        fit.c_statistic,
        want.number("c_statistic"),
        1e-10,
    );
    close("sd of lp", fit.lp_sd, want.number("lp_sd"), 1e-8);
    // What MatchIt fits is the quasibinomial model: the same scores, errors by the dispersion.
    for term in &fit.terms {
        let quasi = &want.0["quasi_se"][term.name.replace('=', "")];
        let se = term.se * want.number("dispersion").sqrt();
        close(&term.name, se, quasi.as_f64().unwrap(), 1e-7);
    }
}

#[test]
fn firths_likelihood_is_that_of_brglm2() {
    let params = || PropensityParams::new().penalty(Penalty::Firth);
    let fit = fitted(&with_alone(), params(), None);
    Expected::of("firth").check(&fit);
    assert_eq!(fit.penalty, Penalty::Firth);
    let want = Expected::of("firth_weighted");
    let weight = want.numbers("weight");
    want.check(&fitted(&with_alone(), params(), Some(&weight)));
}

#[test]
fn backward_elimination_drops_what_r_drops() {
    let columns = [
        "place", "age", "educ", "race", "married", "nodegree", "re74", "re75",
    ]
    .map(|c| (c, None));
    let params = PropensityParams::new().backward(Some(0.2));
    let fit = fitted(&columns, params, None);
    let want = Expected::of("backward");
    want.check(&fit);
    let dropped = want.0["dropped"].as_array().unwrap();
    assert!(dropped.iter().any(|d| d["name"] == "place"));
    assert_eq!(fit.dropped.len(), dropped.len());
    for ((name, p), want) in fit.dropped.iter().zip(dropped) {
        assert_eq!(name, want["name"].as_str().unwrap());
        close(name, *p, want["p"].as_f64().unwrap(), 1e-7);
    }
}
