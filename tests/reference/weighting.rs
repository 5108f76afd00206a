//! Odds weights from scores of this crate's own: their effective size, their largest weight, the
//! differences and ratios with robust errors as R has them (glm, `vcovHC(type = "HC1")` of
//! sandwich 3.0-2), on five tables; entropy weights by raking in R.

use crate::support::{case, close, outcome};
use counterpart::balance::{Design, Plan};
use counterpart::effect::{Estimate, OutcomeData, estimate};
use counterpart::numeric::frame::Column;
use counterpart::propensity::PropensityParams;
use counterpart::study::{
    MatchSettings, Method, OutcomeKind, PropensitySettings, SeMethod, WeightKind,
};

/// R's own scores are good to about 1e-8; effects divide by weights that hang on them.
const TOLERANCE: f64 = 1e-6;

const TABLES: [&str; 5] = [
    "rossi",
    "lalonde",
    "lalonde_psid",
    "lalonde_psid_dw",
    "justice_sim",
];

fn weighed(name: &str, weights: WeightKind) -> Design {
    let case = case(name);
    let settings = MatchSettings {
        weights,
        ..MatchSettings::new(Method::Weighting)
    };
    let model = PropensityParams::new();
    let treated = case.treated.clone();
    Design::fix(
        case.frame(&[]),
        treated,
        &case.covariates,
        &settings,
        model,
        1,
    )
    .unwrap_or_else(|e| panic!("{name}: {e}"))
}

#[test]
fn odds_weights_are_those_of_r() {
    let mut seen = 0;
    for name in TABLES {
        let (case, design) = (case(name), weighed(name, WeightKind::Odds));
        let expected = &case.expected["ipw_att"];
        let number = |key: &str| expected[key].as_f64().unwrap();
        let matches = design.matches();
        close(
            &format!("{name} ess"),
            matches.ess(),
            number("ess_controls"),
            TOLERANCE,
        );
        // R leaves the weights as e / (1 - e).
        let odds = |&r: &u32| design.propensity().lp[r as usize].exp();
        let largest = matches.pool.iter().map(odds).fold(0.0, f64::max);
        close(
            &format!("{name} largest"),
            largest,
            number("max_weight"),
            TOLERANCE,
        );
        let sum: f64 = matches.pool.iter().map(odds).sum();
        for (row, w) in matches.pool.iter().zip(&matches.weight) {
            let want = odds(row) * matches.participants.len() as f64 / sum;
            close(&format!("{name} weight"), *w, want, 1e-10);
        }
        for effect in expected["effects"].as_array().unwrap() {
            let kind = match effect["type"].as_str().unwrap() {
                "binary" => OutcomeKind::Binary,
                "count" => OutcomeKind::Count,
                "continuous" => OutcomeKind::Continuous,
                _ => continue,
            };
            let column = effect["outcome"].as_str().unwrap();
            let y = case.column(column);
            let exposure = effect["exposure"].as_str().map(|c| case.column(c));
            let data = OutcomeData {
                values: &y,
                given: None,
                exposure: exposure.as_deref(),
            };
            let spec = outcome(column, kind);
            let got = estimate(&spec, &data, matches, SeMethod::Robust).unwrap();
            seen += compared(&format!("{name} {column}"), &got, effect);
        }
    }
    assert!(seen >= 40, "only {seen} values compared");
}

fn compared(what: &str, got: &Estimate, r: &serde_json::Value) -> usize {
    let number = |v: &serde_json::Value| v.as_f64().unwrap();
    let difference = &got.difference;
    // Means of thousands lose digits in their difference.
    let scale = number(&r["mean_treated"]).abs();
    let off = (difference.estimate - number(&r["att"])).abs();
    assert!(off <= TOLERANCE * scale, "{what} att: {off:e} off");
    close(
        &format!("{what} mean"),
        got.mean_comparison,
        number(&r["mean_control"]),
        TOLERANCE,
    );
    close(
        &format!("{what} hc1"),
        difference.se,
        number(&r["se"]["hc1"]),
        TOLERANCE,
    );
    let mut seen = 3;
    for (kind, log, se) in [
        ("odds_ratio", "log_or", "log_or_se"),
        ("rate_ratio", "log_rate_ratio", "log_rate_ratio_se"),
    ] {
        if let Some(ratio) = got.ratios.iter().find(|r| r.kind == kind) {
            close(
                &format!("{what} {log}"),
                ratio.log.estimate,
                number(&r[log]),
                TOLERANCE,
            );
            close(
                &format!("{what} {se}"),
                ratio.log.se,
                number(&r[se]["hc1"]),
                TOLERANCE,
            );
            seen += 2;
        }
    }
    seen
}

/// Raking of the pool to the participants' totals by the survey package, whose weights are those of
/// entropy balancing: as it is, from sampling weights, and with strata.
#[test]
fn entropy_weights_are_those_of_raking_in_r() {
    let file = crate::support::root().join("tests/reference/entropy.json");
    let expected: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let case = case("lalonde");
    for (key, weighted, exact) in [
        ("lalonde", false, &[][..]),
        ("lalonde_weighted", true, &[]),
        ("lalonde_strata", false, &["race", "nodegree"]),
    ] {
        let mut frame = case.frame(&[]);
        if weighted {
            let some = (1..=frame.rows()).map(|row| (1 + row % 4) as f64 / 2.0);
            frame.push("some", Column::Number(some.collect()));
        }
        let settings = MatchSettings {
            weights: WeightKind::Entropy,
            exact: exact.iter().map(|c| (*c).to_owned()).collect(),
            ..MatchSettings::new(Method::Weighting)
        };
        let propensity = PropensitySettings {
            sampling_weights: weighted.then(|| "some".to_owned()),
            ..PropensitySettings::default()
        };
        let plan = Plan {
            covariates: &case.covariates,
            settings: &settings,
            propensity: &propensity,
            model: PropensityParams::new(),
            seed: 1,
        };
        let design = Design::plan(frame, case.treated.clone(), plan).unwrap();
        let m = design.matches();
        assert!(m.dropped.is_empty());
        let mut by_row: Vec<(u32, f64)> =
            (m.pool.iter().copied().zip(m.weight.iter().copied())).collect();
        by_row.sort_unstable_by_key(|p| p.0);
        let want = expected[key]["weight"].as_array().unwrap();
        assert_eq!(by_row.len(), want.len());
        for ((row, w), want) in by_row.iter().zip(want) {
            close(
                &format!("{key} row {row}"),
                *w,
                want.as_f64().unwrap(),
                1e-9,
            );
        }
        close(key, m.ess(), expected[key]["ess"].as_f64().unwrap(), 1e-9);
        let y = case.column("re78");
        let data = OutcomeData {
            values: &y,
            given: None,
            exposure: None,
        };
        let spec = outcome("re78", OutcomeKind::Continuous);
        let got = estimate(&spec, &data, m, SeMethod::Stacked).unwrap();
        let want = expected[key]["mean"].as_f64().unwrap();
        close(key, got.mean_comparison, want, 1e-9);
    }
}

/// The conditions that only the answer meets: equal means, and log weights linear in the columns.
#[test]
fn entropy_weights_balance_the_tables_and_are_log_linear() {
    for name in TABLES {
        let design = weighed(name, WeightKind::Entropy);
        let (matches, matrix) = (design.matches(), design.matrix());
        for (t, term) in matrix.terms().iter().enumerate().filter(|t| t.1.in_model) {
            let b = &design.balance()[t];
            let off = (b.mean_treated - b.mean_matched) / term.scale;
            assert!(off.abs() < 1e-8, "{name} {}: {off:e}", term.name);
        }
        let sum: f64 = matches.weight.iter().sum();
        assert!((sum - matches.participants.len() as f64).abs() < 1e-9 * sum);
        let worst = log_linear(&design);
        assert!(worst < 1e-6, "{name}: {worst:e} off");
    }
}

#[test]
fn overlap_weights_balance_every_column_of_the_tables() {
    for name in TABLES {
        let design = weighed(name, WeightKind::Overlap);
        for (t, term) in design
            .matrix()
            .terms()
            .iter()
            .enumerate()
            .filter(|t| t.1.in_model)
        {
            let b = &design.balance()[t];
            let off = (b.mean_treated - b.mean_matched) / term.scale;
            assert!(off.abs() < 1e-8, "{name} {}: {off:e}", term.name);
        }
    }
}

/// Largest distance of the log weights from their projection on the columns and a constant: the
/// residuals of a regression by modified Gram-Schmidt.
fn log_linear(design: &Design) -> f64 {
    let (matches, matrix) = (design.matches(), design.matrix());
    let mut y: Vec<f64> = matches.weight.iter().map(|w| w.ln()).collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut basis: Vec<Vec<f64>> = vec![vec![1.0; y.len()]];
    for t in matrix.model_terms() {
        let column = matrix.column(t);
        let (centre, scale) = (matrix.terms()[t].centre, matrix.terms()[t].scale);
        let of_pool = matches
            .pool
            .iter()
            .map(|&r| (column[r as usize] - centre) / scale);
        basis.push(of_pool.collect());
    }
    let mut done: Vec<Vec<f64>> = Vec::new();
    for mut x in basis {
        let before = dot(&x, &x);
        for _ in 0..2 {
            for q in &done {
                let along = dot(q, &x);
                x.iter_mut().zip(q).for_each(|(x, q)| *x -= along * q);
            }
        }
        let left = dot(&x, &x);
        if left > 1e-12 * before {
            x.iter_mut().for_each(|x| *x /= left.sqrt());
            done.push(x);
        }
    }
    for _ in 0..2 {
        for q in &done {
            let along = dot(q, &y);
            y.iter_mut().zip(q).for_each(|(y, q)| *y -= along * q);
        }
    }
    y.iter().fold(0.0, |m, r| m.max(r.abs()))
}
