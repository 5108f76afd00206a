//! Everything a comparison of programmes found, in one value: field names are the keys of
//! `comparison.json`; a key may be added, none renamed.

use super::input::{Gathered, Good, GoodFrom, InputError, LeftOut, Problem, Source, Used};
use super::portfolio::{Portfolio, Verdict};
use super::{
    Between, ComparisonError, IntervalKind, Pooled, ProgrammeResult, Range, benjamini_hochberg,
    leave_one_out, pool, shrunken, small_studies,
};
use crate::effect::holm;
use serde::Serialize;
use statrs::function::erf::erfc;
use std::collections::BTreeMap;

/// Name and version of the JSON shape.
pub const SCHEMA: &str = "counterpart.comparison/1";
/// Below this many programmes the small-study check says nothing (Sterne et al. 2011,
/// doi:10.1136/bmj.d4002).
const ENOUGH_FOR_SMALL: usize = 10;

/// Both ends of a 95 % interval, as shares.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Span {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl From<Range> for Span {
    fn from(r: Range) -> Span {
        Span {
            low: r.low,
            high: r.high,
        }
    }
}

/// The order of the programmes. No order is a ranking of quality.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// By name.
    #[default]
    Name,
    /// By kind, then by name.
    Kind,
    /// By the estimate of each by itself: asked for only.
    Estimate,
}

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

/// A programme's effect once all others are known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drawn {
    /// Drawn towards the average, as a share.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
    /// 95 % interval.
    pub interval: Span,
    /// Probability that the programme does better than no programme.
    pub better_than_none: f64,
}

/// A programme.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Provider {
    /// Its result and where that comes from.
    #[serde(flatten)]
    pub result: Used,
    /// What its own interval says.
    pub verdict: Verdict,
    /// Two-sided normal p of estimate over standard error.
    pub p: f64,
    /// After Holm (1979) over all programmes.
    pub p_holm: f64,
    /// After Benjamini and Hochberg (1995) over all programmes.
    pub p_benjamini_hochberg: f64,
    /// Null without an average.
    pub drawn: Option<Drawn>,
    /// The average without this programme; null below three.
    pub average_without: Option<f64>,
}

/// Whether small studies find other effects than large ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Small {
    /// t of Egger's slope.
    pub t: f64,
    /// Its p.
    pub p: f64,
}

/// Rows, and what became of them: used and left out add up to rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Counts {
    /// In all files.
    pub rows: usize,
    /// Compared.
    pub used: usize,
    /// Not compared.
    pub left_out: usize,
    /// Left out by the code of the reason.
    pub left_out_by_reason: BTreeMap<String, usize>,
    /// Used by how their numbers came about.
    pub used_by_provenance: BTreeMap<String, usize>,
}

/// What the reader must know.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Warning {
    /// Stable code, `snake_case`.
    pub code: &'static str,
    /// In words.
    pub message: String,
}

/// Everything found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// What can be concluded, in a sentence or two.
    pub conclusion: String,
    /// What the reader must know, the most important first.
    pub warnings: Vec<Warning>,
    /// The outcome.
    pub outcome: String,
    /// `share`: every estimate is a difference of shares, participants minus comparison.
    pub unit: &'static str,
    /// Which direction is good.
    pub better: Good,
    /// Who said so.
    pub better_from: GoodFrom,
    /// The files read.
    pub sources: Vec<Source>,
    /// What became of their rows.
    pub counts: Counts,
    /// The order of `providers`.
    pub order: Order,
    /// The programmes.
    pub providers: Vec<Provider>,
    /// Results not used, with why.
    pub left_out: Vec<LeftOut>,
    /// The average that the words speak of: REML with the interval of Hartung and Knapp; null for one
    /// programme.
    pub average: Option<Average>,
    /// The average by every estimator and interval.
    pub averages: Vec<Average>,
    /// Egger's check; null below three programmes.
    pub small_studies: Option<Small>,
    /// The programmes taken together.
    pub portfolio: Portfolio,
}

/// Compares what was gathered. O(programmes squared), for the averages without each.
///
/// # Errors
/// An order by kind without kinds; numbers that cannot be weighed.
pub fn compare(gathered: Gathered, order: Order) -> Result<Comparison, CompareError> {
    let results: Vec<ProgrammeResult> = gathered.used.iter().map(plain).collect();
    if order == Order::Kind
        && let Some(without) = gathered.used.iter().find(|u| u.kind.is_none())
    {
        return Err(CompareError::Input(InputError {
            file: without.place.file.clone(),
            row: Some(without.place.row),
            column: None,
            problem: Problem::NoKinds,
        }));
    }
    let averages = match results.len() {
        0 | 1 => Vec::new(),
        _ => averages(&results)?,
    };
    let average = deciding(&averages).cloned();
    let mut providers = providers(&gathered, &results, average.as_ref())?;
    match order {
        Order::Name => {}
        Order::Kind => providers.sort_by(|a, b| a.result.kind.cmp(&b.result.kind)),
        Order::Estimate => {
            providers.sort_by(|a, b| a.result.estimate.total_cmp(&b.result.estimate))
        }
    }
    let portfolio = Portfolio::of(&providers, gathered.better);
    let mut found = Comparison {
        schema: SCHEMA,
        conclusion: String::new(),
        warnings: Vec::new(),
        counts: counts(&gathered),
        outcome: gathered.outcome,
        unit: "share",
        better: gathered.better,
        better_from: gathered.better_from,
        sources: gathered.sources,
        order,
        providers,
        left_out: gathered.left_out,
        average,
        averages,
        // Too few, or all equally exact: the check has nothing to say.
        small_studies: small_studies(&results)
            .ok()
            .filter(|s| s.t.is_finite())
            .map(|s| Small { t: s.t, p: s.p }),
        portfolio,
    };
    found.conclusion = super::page::conclusion(&found);
    found.warnings = super::page::warnings(&found, ENOUGH_FOR_SMALL);
    Ok(found)
}

/// Why a comparison could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CompareError {
    /// A file, row or choice that cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Numbers that cannot be weighed against each other.
    #[error("the results cannot be weighed against each other: {reason}")]
    Weights {
        /// What the statistics said.
        reason: String,
    },
}

impl From<ComparisonError> for CompareError {
    fn from(e: ComparisonError) -> CompareError {
        let said = e.to_string();
        let reason = said.split("\nhint").next().unwrap_or_default();
        CompareError::Weights {
            reason: reason.to_owned(),
        }
    }
}

fn plain(u: &Used) -> ProgrammeResult {
    ProgrammeResult {
        name: u.name.clone(),
        estimate: u.estimate,
        se: u.se,
    }
}

/// Each estimator with each interval. One that finds no solution is left out; never all of them.
fn averages(results: &[ProgrammeResult]) -> Result<Vec<Average>, ComparisonError> {
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
        prediction: p.prediction.map(Span::from),
        tau2: p.tau2,
        i2: p.heterogeneity.i2,
        h2: p.heterogeneity.h2,
        q: p.heterogeneity.q,
        q_df: p.heterogeneity.df,
        q_p: p.heterogeneity.p,
    }
}

/// The one the words speak of: Hartung and Knapp by REML (else the next estimator that has a
/// solution). Where programmes agree by luck (no variance between them) that interval can be absurdly
/// narrow, down to none: then the cautious one.
fn deciding(averages: &[Average]) -> Option<&Average> {
    let first = averages.first()?;
    let by = |kind| {
        averages
            .iter()
            .find(|a| a.between == first.between && a.interval_by == kind)
    };
    let wald = by(AverageInterval::Wald)?;
    match first.tau2 == 0.0 && first.se < wald.se {
        true => by(AverageInterval::HartungKnappCautious),
        false => Some(first),
    }
}

fn providers(
    gathered: &Gathered,
    results: &[ProgrammeResult],
    average: Option<&Average>,
) -> Result<Vec<Provider>, ComparisonError> {
    let p: Vec<f64> = results
        .iter()
        .map(|r| erfc((r.estimate / r.se).abs() / std::f64::consts::SQRT_2))
        .collect();
    let (by_holm, by_bh) = (holm(&p), benjamini_hochberg(&p));
    let (drawn, without) = match average {
        None => (None, None),
        Some(average) => {
            let between = match average.between {
                Estimator::Common => Between::Common,
                Estimator::Reml => Between::Reml,
                Estimator::DerSimonianLaird => Between::DerSimonianLaird,
                Estimator::PauleMandel => Between::PauleMandel,
            };
            // The posterior is normal: it goes with the normal error of the average.
            let pooled = pool(results, between, IntervalKind::Wald)?;
            let without = leave_one_out(results, between).ok();
            (Some(shrunken(results, &pooled)), without)
        }
    };
    let each = gathered.used.iter().enumerate().map(|(i, u)| Provider {
        result: u.clone(),
        verdict: Verdict::of(u.interval, gathered.better),
        p: p[i],
        p_holm: by_holm[i],
        p_benjamini_hochberg: by_bh[i],
        drawn: drawn.as_ref().map(|d| Drawn {
            estimate: d[i].estimate,
            se: d[i].se,
            interval: d[i].interval.into(),
            better_than_none: match gathered.better {
                Good::Lower => d[i].below_zero,
                Good::Higher => 1.0 - d[i].below_zero,
            },
        }),
        average_without: without.as_ref().map(|w| w[i]),
    });
    Ok(each.collect())
}

fn counts(gathered: &Gathered) -> Counts {
    let mut left_out_by_reason = BTreeMap::new();
    for l in &gathered.left_out {
        *left_out_by_reason
            .entry(l.reason.code().to_owned())
            .or_default() += 1;
    }
    let mut used_by_provenance = BTreeMap::new();
    for u in &gathered.used {
        *used_by_provenance
            .entry(u.provenance.code().to_owned())
            .or_default() += 1;
    }
    Counts {
        rows: gathered.sources.iter().map(|s| s.rows).sum(),
        used: gathered.used.len(),
        left_out: gathered.left_out.len(),
        left_out_by_reason,
        used_by_provenance,
    }
}
