//! One programme's results over time, and whether they changed.

use super::{
    Better, Between, Coefficient, ComparisonError, IntervalKind, Moderator, ProgrammeResult, Range,
    Test, When, check, meta_regression,
};
use crate::numeric::distribution::{t_quantile, t_two_sided};

/// One result of a programme that has several.
#[derive(Clone, Debug, PartialEq)]
pub struct Dated {
    /// When its people were in the programme.
    pub when: When,
    /// The effect.
    pub estimate: f64,
    /// Its standard error, above 0.
    pub se: f64,
    /// The average of programmes of its kind at that time, where known.
    pub average: Option<f64>,
}

impl Dated {
    /// Its 95 % interval by the normal distribution.
    pub fn interval(&self) -> Range {
        let half = t_quantile(0.975, f64::INFINITY) * self.se;
        Range {
            low: self.estimate - half,
            high: self.estimate + half,
        }
    }
}

/// What may be said of a programme over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Changed for the better, by more than chance explains.
    Better,
    /// Changed for the worse, by more than chance explains.
    Worse,
    /// A change that would matter is not likely.
    NoSign,
    /// Neither a change nor its absence is likely: too few results, or too inexact.
    CannotTell,
}

impl Change {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Change::Better => "better",
            Change::Worse => "worse",
            Change::NoSign => "no sign of change",
            Change::CannotTell => "cannot tell",
        }
    }
}

/// A programme's results over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// The results in order of time: what a run chart shows.
    pub points: Vec<Dated>,
    /// Change from the first result's time to the last's, in the results' unit.
    pub change: Coefficient,
    /// Years between these.
    pub years: f64,
    /// Variation about the line beyond chance; none with two results.
    pub residual: Option<Test>,
    /// What may be said.
    pub verdict: Change,
}

/// Looks for a change over time. People are taken to be in one result only.
///
/// Two results: their difference, normal with the sum of both variances. Three or more: a straight line through
/// all, weighted by inverse variance with REML's variance about the line, tested after Knapp & Hartung 2003
/// (doi:10.1002/sim.1482) with results less two degrees of freedom and a residual variance of at least 1: few
/// results lie on a line by luck. `matters` is the smallest change over the whole time that would matter, in the
/// results' unit: where the interval of the change holds 0, it has to lie within plus and minus that to read "no sign of change".
/// The size of the average effect is a fair choice.
///
/// # Errors
/// Fewer than two results, no numbers among them, all of one time, or `matters` not above 0.
pub fn trend(results: &[Dated], better: Better, matters: f64) -> Result<Trend, ComparisonError> {
    if !(matters > 0.0 && matters.is_finite()) {
        return Err(ComparisonError::Margin);
    }
    let named: Vec<ProgrammeResult> = results
        .iter()
        .enumerate()
        .map(|(i, d)| ProgrammeResult {
            name: i.to_string(),
            estimate: d.estimate,
            se: d.se,
        })
        .collect();
    // Before sorting, so that a row is the caller's.
    check(&named, 2)?;
    let mut points = results.to_vec();
    points.sort_by(|a, b| a.when.years().total_cmp(&b.when.years()));
    let (first, last) = (&points[0], &points[points.len() - 1]);
    let years = last.when.years() - first.when.years();
    if years <= 0.0 {
        return Err(ComparisonError::OneTime);
    }
    let (change, residual) = match points.as_slice() {
        [a, b] => (difference(a, b), None),
        _ => {
            let share = |d: &Dated| (d.when.years() - first.when.years()) / years;
            let line = Moderator {
                name: "time".into(),
                values: results.iter().map(share).collect(),
            };
            let fit = meta_regression(
                &named,
                &[line],
                Between::Reml,
                IntervalKind::HartungKnappCautious,
            )?;
            // One moderator has one slope.
            (fit.slopes[0], Some(fit.residual))
        }
    };
    Ok(Trend {
        verdict: verdict(change.interval, better, matters),
        points,
        change,
        years,
        residual,
    })
}

fn difference(a: &Dated, b: &Dated) -> Coefficient {
    let estimate = b.estimate - a.estimate;
    let se = a.se.hypot(b.se);
    let half = t_quantile(0.975, f64::INFINITY) * se;
    Coefficient {
        estimate,
        se,
        interval: Range {
            low: estimate - half,
            high: estimate + half,
        },
        p: t_two_sided(estimate / se, f64::INFINITY),
    }
}

fn verdict(of: Range, better: Better, matters: f64) -> Change {
    match (of.low > 0.0, of.high < 0.0, better) {
        (true, _, Better::Higher) | (_, true, Better::Lower) => Change::Better,
        (true, _, Better::Lower) | (_, true, Better::Higher) => Change::Worse,
        _ if of.low >= -matters && of.high <= matters => Change::NoSign,
        _ => Change::CannotTell,
    }
}
