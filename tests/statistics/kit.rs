//! Small tables and the calls that every proof makes.

use counterpart::balance::{Design, DesignError};
use counterpart::effect::{Estimate, EstimateError, OutcomeData, estimate};
use counterpart::matching::{self, MatchError, Matches, Scores};
use counterpart::numeric::frame::{Column, Frame};
use counterpart::propensity::{PropensityParams, sorted_by_score};
use counterpart::study::{
    Better, Caliper, CaliperScale, Covariate, CovariateKind, MatchSettings, Method, OutcomeKind,
    OutcomeSpec, SeMethod,
};

/// People on a line: score, took part, exact stratum.
#[derive(Debug, Clone)]
pub struct Line {
    pub score: Vec<f64>,
    pub treated: Vec<bool>,
    pub strata: Vec<u32>,
}

impl Line {
    /// Participants first, then the pool, no strata.
    pub fn new(participants: &[f64], pool: &[f64]) -> Line {
        Line {
            score: [participants, pool].concat(),
            treated: (0..participants.len() + pool.len())
                .map(|i| i < participants.len())
                .collect(),
            strata: Vec::new(),
        }
    }

    pub fn matched(&self, settings: &MatchSettings, seed: u64) -> Result<Matches, MatchError> {
        let order = sorted_by_score(&self.score);
        let scores = Scores {
            lp: &self.score,
            order: &order,
            lp_sd: 1.0,
            treated: &self.treated,
            strata: &self.strata,
            sampling: &[],
            matrix: None,
        };
        matching::run(&scores, settings, seed)
    }

    /// The rows in another order: row i of the result is row `rows[i]` of this.
    pub fn permuted(&self, rows: &[usize]) -> Line {
        Line {
            score: rows.iter().map(|&r| self.score[r]).collect(),
            treated: rows.iter().map(|&r| self.treated[r]).collect(),
            strata: if self.strata.is_empty() {
                Vec::new()
            } else {
                rows.iter().map(|&r| self.strata[r]).collect()
            },
        }
    }
}

/// Radius on the score itself.
pub fn radius(caliper: f64) -> MatchSettings {
    MatchSettings {
        caliper: Caliper::Width(caliper),
        caliper_scale: CaliperScale::Lp,
        ..MatchSettings::default()
    }
}

/// One to one on the score itself, without replacement, no caliper.
pub fn nearest() -> MatchSettings {
    MatchSettings {
        method: Method::Nearest,
        caliper: Caliper::None,
        caliper_scale: CaliperScale::Lp,
        replace: false,
        ..MatchSettings::default()
    }
}

/// (participant row, pool row, weight), participants in row order, pool rows in order within.
pub fn pairs(matches: &Matches) -> Vec<(u32, u32, f64)> {
    let mut pairs = Vec::new();
    matches.for_each_pair(|t, c, w| pairs.push((t, c, w)));
    pairs.sort_by_key(|p| (p.0, p.1));
    pairs
}

/// Pairs without weights.
pub fn who(matches: &Matches) -> Vec<(u32, u32)> {
    pairs(matches).iter().map(|p| (p.0, p.1)).collect()
}

pub fn spec(kind: OutcomeKind) -> OutcomeSpec {
    OutcomeSpec {
        name: "y".into(),
        column: "y".into(),
        kind,
        primary: true,
        label: "Outcome".into(),
        phrase: "who did".into(),
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

pub fn estimated(
    kind: OutcomeKind,
    y: &[f64],
    matches: &Matches,
    se: SeMethod,
) -> Result<Estimate, EstimateError> {
    let data = OutcomeData {
        values: y,
        given: None,
        exposure: None,
    };
    estimate(&spec(kind), &data, matches, se)
}

pub fn covariate(column: &str, kind: CovariateKind) -> Covariate {
    Covariate {
        column: column.into(),
        label: column.into(),
        kind,
        square: false,
        spline: None,
    }
}

/// A frame and its covariates, each column by its kind: numbers or text.
pub fn table(columns: Vec<(&str, Column)>) -> (Frame, Vec<Covariate>) {
    let mut frame = Frame::new(columns.first().map_or(0, |c| c.1.len()));
    let mut covariates = Vec::new();
    for (name, column) in columns {
        covariates.push(covariate(
            name,
            match column {
                Column::Number(_) => CovariateKind::Number,
                Column::Category { .. } => CovariateKind::Category,
            },
        ));
        frame.push(name, column);
    }
    (frame, covariates)
}

pub fn designed(
    columns: Vec<(&str, Column)>,
    treated: &[bool],
    settings: &MatchSettings,
) -> Result<Design, DesignError> {
    let (frame, covariates) = table(columns);
    Design::fix(
        frame,
        treated.to_vec(),
        &covariates,
        settings,
        PropensityParams::new(),
        1,
    )
}

#[track_caller]
pub fn close(what: &str, got: f64, want: f64, tolerance: f64) {
    assert!(
        (got - want).abs() <= tolerance * want.abs().max(1.0),
        "{what}: {got}, not {want}"
    );
}
