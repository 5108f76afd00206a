//! Everything a comparison of programmes found, in one value: field names are the keys of
//! `comparison.json`; a key may be added, none renamed.

use super::alike::{LikeWithLike, like_with_like};
use super::average::{Average, averages, deciding};
use super::input::{Gathered, GoodFrom, InputError, LeftOut, Problem, Source, Used};
use super::portfolio::{Portfolio, Verdict};
use super::spread::{self, Course, FunnelFound, KindsFound};
use super::steps::{Facts, NextStep, Rules};
use super::{
    Better, ComparisonError, Funnel, IntervalKind, Pooled, ProgrammeResult, Range, Trend,
    benjamini_hochberg, chances, leave_one_out, pool, shrunken, small_studies,
};
use crate::effect::holm;
use crate::numeric::distribution::normal_below;
use serde::Serialize;
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
    /// Probability that it does better than the programme in the middle; null where the results give no
    /// ground to think that programmes differ.
    pub better_than_middle: Option<f64>,
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
    /// Participants needed to tell a difference of this size, where it cannot be told yet and their
    /// number is known.
    pub needed: Option<u64>,
    /// What to do next.
    pub next_step: Option<NextStep>,
}

/// A result that is not used, and what to do about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NotUsed {
    /// Which, where, and why.
    #[serde(flatten)]
    pub result: LeftOut,
    /// What to do next.
    pub next_step: Option<NextStep>,
}

/// What the pictures are drawn from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drawings {
    /// Results in the order of the programmes.
    pub results: Vec<ProgrammeResult>,
    /// The average.
    pub pooled: Option<Pooled>,
    /// The funnel.
    pub funnel: Option<Funnel>,
    /// Programmes over time.
    pub trends: Vec<(String, Trend)>,
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
    /// What can be concluded: the answer, then what it rests on.
    pub conclusion: Vec<String>,
    /// What the reader must know, the most important first.
    pub warnings: Vec<Warning>,
    /// The outcome.
    pub outcome: String,
    /// `share`: every estimate is a difference of shares, participants minus comparison.
    pub unit: &'static str,
    /// Which direction is good.
    pub better: Better,
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
    pub left_out: Vec<NotUsed>,
    /// The average that the words speak of: REML with the interval of Hartung and Knapp; null for one
    /// programme.
    pub average: Option<Average>,
    /// The average by every estimator and interval.
    pub averages: Vec<Average>,
    /// Egger's check; null below three programmes.
    pub small_studies: Option<Small>,
    /// The programmes taken together.
    pub portfolio: Portfolio,
    /// Whom they worked with; null where the files do not say.
    pub like_with_like: Option<LikeWithLike>,
    /// By kind of programme; null where there are not two kinds.
    pub kinds: Option<KindsFound>,
    /// Who is unlike the others; null below three.
    pub funnel: Option<FunnelFound>,
    /// Programmes with several results over time.
    pub over_time: Vec<Course>,
    /// Not written.
    #[serde(skip)]
    pub drawings: Drawings,
}

/// Compares what was gathered. O(programmes squared), for the averages without each.
///
/// # Errors
/// An order by kind without kinds; numbers that cannot be weighed.
pub fn compare(
    gathered: Gathered,
    order: Order,
    rules: &Rules,
) -> Result<Comparison, CompareError> {
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
    let average = deciding(&averages, results.len()).cloned();
    let mut providers = providers(&gathered, &results, average.as_ref())?;
    match order {
        Order::Name => {}
        Order::Kind => providers.sort_by(|a, b| a.result.kind.cmp(&b.result.kind)),
        Order::Estimate => {
            providers.sort_by(|a, b| a.result.estimate.total_cmp(&b.result.estimate))
        }
    }
    for i in 0..providers.len() {
        let facts = facts(&providers, i, gathered.better);
        providers[i].needed = facts.needed;
        providers[i].next_step = rules.step(&facts);
    }
    let results: Vec<ProgrammeResult> = providers.iter().map(|p| plain(&p.result)).collect();
    let kinds: Vec<Option<String>> = providers.iter().map(|p| p.result.kind.clone()).collect();
    let pooled = average
        .as_ref()
        .and_then(|a| pool(&results, a.between.between(), IntervalKind::HartungKnapp).ok())
        .zip(average.as_ref())
        // The picture shows the interval that the words have.
        .map(|(p, a)| Pooled {
            interval: Range {
                low: a.interval.low,
                high: a.interval.high,
            },
            ..p
        });
    let courses = spread::courses(
        &gathered.series,
        &results,
        &kinds,
        average.as_ref(),
        gathered.better,
    );
    let (over_time, trends) = courses
        .into_iter()
        .map(|(course, trend)| (course.clone(), (course.name, trend)))
        .unzip();
    let funnel = spread::funnel_of(&results);
    let clients: Vec<(&str, Option<&super::Clients>)> = providers
        .iter()
        .map(|p| (p.result.name.as_str(), p.result.clients.as_ref()))
        .collect();
    let mut found = Comparison {
        schema: SCHEMA,
        conclusion: Vec::new(),
        warnings: Vec::new(),
        counts: counts(&gathered),
        like_with_like: like_with_like(&clients),
        kinds: spread::kinds(&results, &kinds),
        funnel: funnel.as_ref().map(spread::funnel_found),
        over_time,
        outcome: gathered.outcome,
        unit: "share",
        better: gathered.better,
        better_from: gathered.better_from,
        sources: gathered.sources,
        order,
        portfolio: Portfolio::of(&providers, gathered.better),
        left_out: gathered
            .left_out
            .into_iter()
            .map(|result| NotUsed {
                next_step: rules.step(&left_out_facts(&result)),
                result,
            })
            .collect(),
        average,
        averages,
        // Too few, or all equally exact: the check has nothing to say.
        small_studies: small_studies(&results)
            .ok()
            .filter(|s| s.t.is_finite())
            .map(|s| Small { t: s.t, p: s.p }),
        providers,
        drawings: Drawings {
            results,
            pooled,
            funnel,
            trends,
        },
    };
    found.conclusion = super::words::conclusion(&found);
    found.warnings = super::words::warnings(&found, ENOUGH_FOR_SMALL);
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

fn providers(
    gathered: &Gathered,
    results: &[ProgrammeResult],
    average: Option<&Average>,
) -> Result<Vec<Provider>, ComparisonError> {
    let p: Vec<f64> = results
        .iter()
        .map(|r| 2.0 * normal_below(-(r.estimate / r.se).abs()))
        .collect();
    let (by_holm, by_bh) = (holm(&p), benjamini_hochberg(&p));
    let (drawn, without) = match average {
        None => (None, None),
        Some(average) => {
            let between = average.between.between();
            // The posterior is normal: it goes with the normal error of the average.
            let pooled = pool(results, between, IntervalKind::Wald)?;
            let without = leave_one_out(results, between).ok();
            let chances = chances(results, &pooled, gathered.better);
            let drawn = shrunken(results, &pooled).into_iter().zip(chances);
            (Some(drawn.collect::<Vec<_>>()), without)
        }
    };
    let each = gathered.used.iter().enumerate().map(|(i, u)| Provider {
        result: u.clone(),
        verdict: Verdict::of(u.interval, gathered.better),
        p: p[i],
        p_holm: by_holm[i],
        p_benjamini_hochberg: by_bh[i],
        drawn: drawn.as_ref().map(|d| Drawn {
            estimate: d[i].0.estimate,
            se: d[i].0.se,
            interval: d[i].0.interval.into(),
            better_than_none: d[i].1.than_none,
            better_than_middle: d[i].1.than_middle,
        }),
        average_without: without.as_ref().map(|w| w[i]),
        needed: None,
        next_step: None,
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

/// What the rules for next steps are told of a programme.
fn facts(all: &[Provider], i: usize, better: Better) -> Facts {
    let p = &all[i];
    let r = &p.result;
    // Half the interval over the estimate, squared: so many times more people.
    let needed = || {
        let times = (1.96 * r.se / r.estimate.abs()).powi(2);
        let needed = r.n_treatment? as f64 * times;
        (times > 1.0 && needed.is_finite() && needed < 1e9).then(|| needed.ceil() as u64)
    };
    let alike = all.iter().enumerate().filter(|(j, o)| {
        *j != i && o.verdict == Verdict::CannotTell && r.kind.is_some() && o.result.kind == r.kind
    });
    let good = match better {
        Better::Lower => r.estimate < 0.0,
        Better::Higher => r.estimate > 0.0,
    };
    Facts {
        name: r.name.clone(),
        verdict: Some(p.verdict),
        chance: p.drawn.as_ref().map(|d| d.better_than_none),
        people: r.n_treatment,
        // To learn that it harms nobody is asked for.
        needed: match p.verdict == Verdict::CannotTell && good {
            true => needed(),
            false => None,
        },
        alike: alike.map(|(_, o)| o.result.name.clone()).collect(),
        interval: super::words::span(r.interval),
        left_out: None,
    }
}

fn left_out_facts(l: &LeftOut) -> Facts {
    Facts {
        name: l.name.clone(),
        left_out: Some((l.reason.code(), l.reason.words())),
        ..Facts::default()
    }
}
