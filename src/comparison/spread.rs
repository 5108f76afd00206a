//! How results differ: by kind, about their average, and over time; as `comparison.json` has it.

use super::Average;
use super::input::Series;
use super::result::Span;
use super::{
    Better, Between, Change, ComparisonError, Dated, Dispersion, Funnel, IntervalKind,
    ProgrammeResult, Target, Trend, by_kind, funnel, pool, trend,
};
use serde::Serialize;

/// Fewer results than this make no funnel: an average of two is about both.
const ENOUGH_FOR_FUNNEL: usize = 3;

/// One kind of programme.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KindFound {
    /// The kind; `not given` where the files do not say.
    pub kind: String,
    /// Its programmes.
    pub results: usize,
    /// Their average, as a share.
    pub estimate: f64,
    /// 95 % interval.
    pub interval: Span,
}

/// Averages by kind with one variance between programmes (REML, Knapp and Hartung, never narrower than
/// normal).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KindsFound {
    /// In alphabetical order.
    pub kinds: Vec<KindFound>,
    /// p that they do not differ.
    pub differ_p: f64,
    /// p that programmes of one kind do not differ beyond chance.
    pub within_p: f64,
}

/// The kinds side by side; none with one kind, or with no more results than kinds.
pub(super) fn kinds(results: &[ProgrammeResult], kinds: &[Option<String>]) -> Option<KindsFound> {
    let named: Vec<&str> = kinds
        .iter()
        .map(|k| k.as_deref().unwrap_or("not given"))
        .collect();
    let between = Between::Reml;
    let how = IntervalKind::HartungKnappCautious;
    let found = by_kind(results, &named, between, how).ok()?;
    let all_known = |x: f64| x.is_finite();
    let kinds: Vec<KindFound> = found
        .kinds
        .into_iter()
        .map(|k| KindFound {
            kind: k.kind,
            results: k.results,
            estimate: k.mean.estimate,
            interval: k.mean.interval.into(),
        })
        .collect();
    let tests = (found.regression.moderators.p, found.regression.residual.p);
    let fine = kinds.iter().all(|k| all_known(k.interval.low)) && all_known(tests.0);
    fine.then_some(KindsFound {
        kinds,
        differ_p: tests.0,
        within_p: tests.1,
    })
}

/// The funnel's numbers (Spiegelhalter 2005, doi:10.1002/sim.1970).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FunnelFound {
    /// What results are held against: their average by inverse variance.
    pub target: f64,
    /// Mean square of the winsorised z scores.
    pub phi: f64,
    /// p that it is no more than chance.
    pub phi_p: f64,
    /// Limits were widened by tau squared.
    pub over_dispersed: bool,
    /// Variance between programmes by moments.
    pub tau2: f64,
    /// Programmes outside the 95 % limits.
    pub outside_95: Vec<String>,
    /// Programmes outside the 99.8 % limits.
    pub outside_998: Vec<String>,
}

/// The funnel for drawing; none with too few results.
pub(super) fn funnel_of(results: &[ProgrammeResult]) -> Option<Funnel> {
    match results.len() < ENOUGH_FOR_FUNNEL {
        true => None,
        false => funnel(results, Target::Pooled, Dispersion::Additive).ok(),
    }
}

/// Its numbers.
pub(super) fn funnel_found(f: &Funnel) -> FunnelFound {
    use super::Place::*;
    let at = |places: &[super::Place]| -> Vec<String> {
        let points = f.points.iter().filter(|p| places.contains(&p.place));
        points.map(|p| p.name.clone()).collect()
    };
    FunnelFound {
        target: f.target,
        phi: f.phi,
        phi_p: f.phi_p,
        over_dispersed: f.over_dispersed,
        tau2: f.tau2,
        outside_95: at(&[Between, Outside]),
        outside_998: at(&[Outside]),
    }
}

/// One result of a programme that has several.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CoursePoint {
    /// When it was published, as printed.
    pub when: String,
    /// The estimate, as a share.
    pub estimate: f64,
    /// 95 % interval.
    pub interval: Span,
    /// Participants.
    pub people: Option<u64>,
}

/// The same programme over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Course {
    /// The programme.
    pub name: String,
    /// Its results in order of time.
    pub points: Vec<CoursePoint>,
    /// Change from the first to the last.
    pub change: f64,
    /// 95 % interval of that.
    pub interval: Span,
    /// p that there is none.
    pub p: f64,
    /// Years between.
    pub years: f64,
    /// What may be said.
    pub verdict: Change,
    /// Average of the other programmes of its kind.
    pub others: Option<f64>,
}

/// Programmes with several results over time, with their charts' numbers. People are taken to be in one
/// of a programme's results only.
pub(super) fn courses(
    series: &[Series],
    results: &[ProgrammeResult],
    kinds: &[Option<String>],
    average: Option<&Average>,
    better: Better,
) -> Vec<(Course, Trend)> {
    // A change as large as the average effect would matter; of one point where that is smaller.
    let matters = average.map_or(0.01, |a| a.estimate.abs().max(0.01));
    let one = |s: &Series| -> Result<(Course, Trend), ComparisonError> {
        let others = others(s, results, kinds);
        let dated: Vec<Dated> = s
            .points
            .iter()
            .map(|p| Dated {
                when: p.when.clone(),
                estimate: p.estimate,
                se: p.se,
                average: others,
            })
            .collect();
        let found = trend(&dated, better, matters)?;
        let people = |when: &super::When| {
            let point = s.points.iter().find(|p| p.when == *when);
            point.and_then(|p| p.people)
        };
        let points = found.points.iter().map(|d| CoursePoint {
            when: d.when.to_string(),
            estimate: d.estimate,
            interval: d.interval().into(),
            people: people(&d.when),
        });
        let course = Course {
            name: s.name.clone(),
            points: points.collect(),
            change: found.change.estimate,
            interval: found.change.interval.into(),
            p: found.change.p,
            years: found.years,
            verdict: found.verdict,
            others,
        };
        Ok((course, found))
    };
    series.iter().filter_map(|s| one(s).ok()).collect()
}

/// Average of the other programmes of its kind; of all others where it has none of its kind.
fn others(s: &Series, results: &[ProgrammeResult], kinds: &[Option<String>]) -> Option<f64> {
    let others = |same_kind: bool| -> Vec<ProgrammeResult> {
        let fits = |(r, k): &(&ProgrammeResult, &Option<String>)| {
            !s.is_about(&r.name) && (!same_kind || **k == s.kind)
        };
        let chosen = results.iter().zip(kinds).filter(fits);
        chosen.map(|(r, _)| r.clone()).collect()
    };
    let mut of = others(true);
    if of.len() < 2 {
        of = others(false);
    }
    let pooled = pool(&of, Between::Reml, IntervalKind::Wald);
    pooled.ok().map(|p| p.estimate)
}
