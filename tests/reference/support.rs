//! Reading the reference values.

use counterpart::matching::Scores;
use counterpart::numeric::frame::{Column, Frame};
use counterpart::propensity::sorted_by_score;
use counterpart::register::own_table::{Roles, Table};
use counterpart::study::{
    Better, Covariate, CovariateKind, MatchSettings, OutcomeKind, OutcomeSpec,
};
use serde_json::Value;
use std::path::PathBuf;

/// Tolerances, each with its reason.
pub mod tolerance {
    /// Coefficients and standard errors, relative: R's QR and our Cholesky round differently.
    pub const COEFFICIENT: f64 = 1e-6;
    /// Effects, standard errors, balance, relative to their size or 1.
    pub const EFFECT: f64 = 1e-8;
    /// Matching::Match pools squared distances within 1e-12 of each other, in units of sd^2.
    pub const ABADIE_IMBENS: f64 = 1e-8;
}

pub struct Case {
    pub expected: Value,
    pub csv: PathBuf,
    pub covariates: Vec<Covariate>,
    pub treated: Vec<bool>,
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn case(name: &str) -> Case {
    let expected =
        std::fs::read_to_string(root().join(format!("tests/reference/{name}.json"))).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let csv = match name {
        "justice_sim" => root().join("tests/reference/justice_sim.csv"),
        "lalonde_psid_dw" => root().join("sample_data/real/lalonde_psid.csv"),
        _ => root().join(format!("sample_data/real/{name}.csv")),
    };
    let formula = expected["glm"]["formula"].as_str().unwrap();
    let names: Vec<String> = formula
        .split('~')
        .nth(1)
        .unwrap()
        .split('+')
        .map(|n| n.trim().to_owned())
        .collect();
    let table = table(&csv, &names, &[]);
    let covariates = names
        .iter()
        .map(|n| Covariate {
            column: n.clone(),
            label: n.clone(),
            kind: match table.design.get(n).unwrap() {
                Column::Number(_) => CovariateKind::Number,
                Column::Category { .. } => CovariateKind::Category,
            },
            square: false,
            spline: None,
        })
        .collect();
    Case {
        expected,
        csv,
        covariates,
        treated: table.treated,
    }
}

pub fn table(csv: &std::path::Path, design: &[String], outcomes: &[&str]) -> Table {
    let roles = Roles {
        treatment: "treat".into(),
        design: Some(design.to_vec()),
        outcomes: outcomes.iter().map(|s| (*s).to_owned()).collect(),
        id: Some("id".into()),
    };
    Table::read(csv, &roles).unwrap()
}

impl Case {
    pub fn frame(&self, extra: &[&str]) -> Frame {
        let mut names: Vec<String> = self.covariates.iter().map(|c| c.column.clone()).collect();
        names.extend(extra.iter().map(|s| (*s).to_owned()));
        table(&self.csv, &names, &[]).design
    }

    pub fn numbers(&self, key: &str) -> Vec<f64> {
        self.expected[key]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_f64().unwrap())
            .collect()
    }

    pub fn column(&self, name: &str) -> Vec<f64> {
        match table(&self.csv, &[name.to_owned()], &[])
            .design
            .get(name)
            .unwrap()
        {
            Column::Number(v) => v.clone(),
            Column::Category { .. } => panic!("{name} is text"),
        }
    }

    /// Runs a match on R's own scores.
    pub fn matched(&self, key: &str, settings: &MatchSettings) -> counterpart::matching::Matches {
        let lp = self.numbers(key);
        let order = sorted_by_score(&lp);
        let n = lp.len() as f64;
        let mean = lp.iter().sum::<f64>() / n;
        let lp_sd = (lp.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let strata = counterpart::matching::strata(&self.frame(&[]), &settings.exact).unwrap();
        let scores = Scores {
            lp: &lp,
            order: &order,
            lp_sd,
            treated: &self.treated,
            strata: &strata,
            sampling: &[],
            matrix: None,
        };
        counterpart::matching::run(&scores, settings, 1).unwrap()
    }
}

pub fn outcome(name: &str, kind: OutcomeKind) -> OutcomeSpec {
    OutcomeSpec {
        name: name.into(),
        column: name.into(),
        kind,
        primary: true,
        label: name.into(),
        phrase: String::new(),
        unit: String::new(),
        better: Better::Neither,
        given: None,
        exposure: None,
        part_of: None,
        table: String::new(),
        placebo: false,
        horizon: None,
        published_as: Vec::new(),
        levels: Vec::new(),
    }
}

#[track_caller]
pub fn close(what: &str, got: f64, want: f64, tolerance: f64) {
    let scale = want.abs().max(1e-300);
    assert!(
        (got - want).abs() <= tolerance * scale || (got - want).abs() <= tolerance * 1e-3,
        "{what}: {got} differs from R's {want} by {:e}",
        (got - want).abs() / scale
    );
}
