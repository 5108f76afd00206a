//! The average by every estimator and interval, and which of them the words speak of.

use super::result::Span;
use super::{Between, ComparisonError, IntervalKind, Pooled, ProgrammeResult, pool, prediction};
use serde::Serialize;

/// How an average allows for programmes to differ; see [`Between`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Estimator {
    /// One effect common to all.
    Common,
    /// Restricted maximum likelihood.
    Reml,
    /// DerSimonian and Laird.
    DerSimonianLaird,
    /// Paule and Mandel.
    PauleMandel,
}

/// How the interval of an average is made; see [`IntervalKind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AverageInterval {
    /// Normal.
    Wald,
    /// Hartung and Knapp.
    HartungKnapp,
    /// Hartung and Knapp, never narrower than Wald.
    HartungKnappCautious,
}

/// An average and how the programmes differ about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Average {
    /// How tau squared was found.
    pub between: Estimator,
    /// How the interval was made.
    pub interval_by: AverageInterval,
    /// The average, as a share.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
    /// 95 % interval.
    pub interval: Span,
    /// Two-sided p that the average is 0.
    pub p: f64,
    /// Where a new programme's effect is likely to lie; null for a common effect.
    pub prediction: Option<Span>,
    /// Variance between programmes.
    pub tau2: f64,
    /// Share of the variation that is not chance, 0 to 1.
    pub i2: f64,
    /// Total over typical sampling variance.
    pub h2: f64,
    /// Cochran's Q.
    pub q: f64,
    /// Its degrees of freedom.
    pub q_df: f64,
    /// Its p.
    pub q_p: f64,
}

impl Estimator {
    /// As the statistics have it.
    pub(super) fn between(self) -> Between {
        match self {
            Estimator::Common => Between::Common,
            Estimator::Reml => Between::Reml,
            Estimator::DerSimonianLaird => Between::DerSimonianLaird,
            Estimator::PauleMandel => Between::PauleMandel,
        }
    }
}

/// Each estimator with each interval. One that finds no solution is left out; never all of them.
pub(super) fn averages(results: &[ProgrammeResult]) -> Result<Vec<Average>, ComparisonError> {
    use AverageInterval::*;
    use Estimator::*;
    let estimators = [
        (Reml, Between::Reml),
        (DerSimonianLaird, Between::DerSimonianLaird),
        (PauleMandel, Between::PauleMandel),
        (Common, Between::Common),
    ];
    let kinds = [
        (HartungKnapp, IntervalKind::HartungKnapp),
        (HartungKnappCautious, IntervalKind::HartungKnappCautious),
        (Wald, IntervalKind::Wald),
    ];
    let mut out = Vec::new();
    for (estimator, between) in estimators {
        for (by, kind) in kinds {
            match pool(results, between, kind) {
                Ok(p) => out.push(average(estimator, by, &p)),
                Err(ComparisonError::NoSolution { .. }) => {}
                Err(e) => return Err(e),
            }
        }
    }
    Ok(out)
}

fn average(between: Estimator, interval_by: AverageInterval, p: &Pooled) -> Average {
    Average {
        between,
        interval_by,
        estimate: p.estimate,
        se: p.se,
        interval: p.interval.into(),
        p: p.p,
        prediction: prediction(p).map(Span::from),
        tau2: p.tau2,
        i2: p.heterogeneity.i2,
        h2: p.heterogeneity.h2,
        q: p.heterogeneity.q,
        q_df: p.heterogeneity.df,
        q_p: p.heterogeneity.p,
    }
}

/// With fewer results than this the interval of Hartung and Knapp can fall short of what it claims
/// where sizes are unequal (0.933 of 0.95 with three results, 0.936 with five, 10,000 rounds of the full coverage test;
/// Röver et al. 2015, doi:10.1186/s12874-015-0091-1).
const FEW: usize = 10;

/// The one the words speak of: Hartung and Knapp by REML (else the next estimator that has a
/// solution); the cautious form with few results, and where programmes agree by luck.
pub(super) fn deciding(averages: &[Average], results: usize) -> Option<&Average> {
    let first = averages.first()?;
    let by = |kind| {
        averages
            .iter()
            .find(|a| a.between == first.between && a.interval_by == kind)
    };
    match results < FEW || by_luck(averages) {
        true => by(AverageInterval::HartungKnappCautious),
        false => Some(first),
    }
}

/// Programmes agree more closely than chance alone would have them: no variance between them, and an
/// interval that would be narrower than the normal one, down to none.
pub(super) fn by_luck(averages: &[Average]) -> bool {
    let Some(first) = averages.first() else {
        return false;
    };
    let wald = averages
        .iter()
        .find(|a| a.between == first.between && a.interval_by == AverageInterval::Wald);
    first.tau2 == 0.0 && wald.is_some_and(|wald| first.se < wald.se)
}
