//! What is compared as the report's pictures take it. Orders stay the caller's.

use super::{Funnel, FunnelPoint, Level, Place, Pooled, ProgrammeResult, Range, Trend, prediction};
use crate::numeric::distribution::t_quantile;
use crate::report::ReportError;
use crate::report::figures::{
    self, Figure, ForestRow, FunnelLimits, FunnelMark, FunnelPicture, FunnelPlace, RunPoint, Scene,
    Summary,
};

/// The forest of results in the order given, with their average and the prediction interval by t with results less two
/// degrees of freedom ([`prediction()`]).
///
/// # Errors
/// No results, numbers that are not finite, or when the drawing cannot be made.
pub fn forest_figure(
    scene: &Scene,
    results: &[ProgrammeResult],
    pooled: Option<&Pooled>,
) -> Result<Figure, ReportError> {
    let tau2 = pooled.map_or(0.0, |p| p.tau2);
    let weight = |r: &ProgrammeResult| 1.0 / (r.se * r.se + tau2);
    let all: f64 = results.iter().map(weight).sum();
    let z = t_quantile(0.975, f64::INFINITY);
    let rows: Vec<ForestRow> = results
        .iter()
        .map(|r| ForestRow {
            name: r.name.clone(),
            estimate: r.estimate,
            interval: (r.estimate - z * r.se, r.estimate + z * r.se),
            weight: weight(r) / all,
        })
        .collect();
    let summary = pooled.map(|p| Summary {
        estimate: p.estimate,
        interval: ends(p.interval),
        prediction: prediction(p).map(ends),
    });
    figures::forest(scene, &rows, summary.as_ref())
}

/// The funnel, its limits at 64 standard errors from 0 to a little over the largest.
///
/// # Errors
/// As [`forest_figure`].
pub fn funnel_figure(scene: &Scene, funnel: &Funnel) -> Result<Figure, ReportError> {
    const STEPS: u32 = 64;
    let largest = 1.05 * funnel.points.iter().map(|p| p.se).fold(0.0, f64::max);
    let limits = |of: fn(&Funnel, f64, Level) -> Range| -> Vec<FunnelLimits> {
        (0..=STEPS)
            .map(|i| {
                let se = largest * f64::from(i) / f64::from(STEPS);
                FunnelLimits {
                    se,
                    p95: ends(of(funnel, se, Level::P95)),
                    p998: ends(of(funnel, se, Level::P998)),
                }
            })
            .collect()
    };
    let mark = |p: &FunnelPoint| FunnelMark {
        name: p.name.clone(),
        estimate: p.estimate,
        se: p.se,
        z: p.z_adjusted,
        place: match p.place {
            Place::Within => FunnelPlace::Within,
            Place::Between => FunnelPlace::Between,
            Place::Outside => FunnelPlace::Outside,
        },
        says: p.place.words().into(),
    };
    let picture = FunnelPicture {
        marks: funnel.points.iter().map(mark).collect(),
        target: funnel.target,
        by_chance: limits(Funnel::by_chance),
        widened: match funnel.widened() {
            true => limits(Funnel::limits),
            false => Vec::new(),
        },
    };
    figures::funnel(scene, &picture)
}

/// The run chart of one programme.
///
/// # Errors
/// As [`forest_figure`].
pub fn run_figure(scene: &Scene, trend: &Trend) -> Result<Figure, ReportError> {
    let points: Vec<RunPoint> = trend
        .points
        .iter()
        .map(|p| RunPoint {
            when: p.when.to_string(),
            years: p.when.years(),
            estimate: p.estimate,
            interval: ends(p.interval()),
            average: p.average,
        })
        .collect();
    figures::run_chart(scene, &points, trend.verdict.words())
}

fn ends(r: Range) -> (f64, f64) {
    (r.low, r.high)
}
