//! Counterparts for participants: one file a method, one shape of result ([`Matches`]).

mod cells;
mod cem;
mod exact;
mod full;
mod kernel;
mod mahalanobis;
mod nearest;
mod optimal;
mod pairing;
mod participants;
mod radius;
mod running;
mod sets;
mod strata;
mod subclass;
mod support;
mod weighting;

pub use sets::{DropReason, Dropped, Groups, Matches, Sets};
pub use strata::strata;
pub(crate) use weighting::Kind;
pub use weighting::Nuisance;

use crate::covariates::DesignMatrix;
use crate::numeric::random;
use crate::propensity::Propensity;
use crate::study::{Caliper, CaliperScale, MatchSettings, Method, Order};
use rand::seq::SliceRandom;

/// Stream of the run's seed that shuffles participants under [`Order::Random`].
const SHUFFLE: u64 = 0x0_5817;

/// A standard deviation of the log odds below this is rounding of the fit, no difference between
/// people.
const FLAT: f64 = 1e-10;

/// What can go wrong with matching.
#[derive(Debug, thiserror::Error)]
pub enum MatchError {
    /// Settings that mean nothing together.
    #[error("`{setting}`: {rule}")]
    Settings {
        /// Which setting.
        setting: &'static str,
        /// The rule and the way out.
        rule: String,
    },
    /// Nobody was matched.
    #[error("none of the {participants} participants has a counterpart within the caliper{}", if *strata { " and exact strata" } else { "" })]
    NobodyMatched {
        /// Participants.
        participants: usize,
        /// Were there exact strata?
        strata: bool,
    },
    /// An exact column is absent.
    #[error("there is no column `{column}` to match on exactly")]
    NoColumn {
        /// Which.
        column: String,
    },
    /// A method that needs the covariates was given scores alone.
    #[error("method \"{method}\" works from columns, and there are scores alone")]
    NoColumns {
        /// Which.
        method: &'static str,
    },
    /// Entropy balancing has no answer.
    #[error("no weights bring the pool{} to the participants' means on {}{}: the participants lie outside of the pool there; leave the column out, merge its levels, cut the participants to common support, {}or take another kind of weights (odds or overlap)", if *strata { ", alike in its exact strata," } else { "" }, columns.iter().map(|c| format!("`{c}`")).collect::<Vec<_>>().join(", "), if *more > 0 { format!(" and {more} more") } else { String::new() }, if *strata { "ask for less in `exact`, " } else { "" })]
    CannotBalance {
        /// The columns furthest off, at most three.
        columns: Vec<String>,
        /// Others that are off.
        more: usize,
        /// Are there exact strata?
        strata: bool,
    },
    /// All scores equal: a caliper in standard deviations has no width.
    #[error("every propensity score is the same: there is nothing to match on")]
    FlatScore,
}

/// What matching works on: a score for everyone, who took part, who may meet whom.
pub struct Scores<'a> {
    /// Linear predictor, one a row.
    pub lp: &'a [f64],
    /// Rows sorted by (lp, row).
    pub order: &'a [u32],
    /// Standard deviation of lp over everyone.
    pub lp_sd: f64,
    /// Took part, one a row.
    pub treated: &'a [bool],
    /// Exact stratum, one a row; empty when there are none.
    pub strata: &'a [u32],
    /// Sampling weight, one a row; empty when there are none.
    pub sampling: &'a [f64],
    /// The covariates, for methods that work from columns; `None` where only scores are known.
    pub matrix: Option<&'a DesignMatrix>,
}

/// Scores on the scale that distances are measured on, with the caliper in its units.
pub(crate) struct Metric<'a> {
    pub score: std::borrow::Cow<'a, [f64]>,
    pub order: std::borrow::Cow<'a, [u32]>,
    pub caliper: f64,
    pub treated: &'a [bool],
    pub strata: &'a [u32],
    pub sampling: &'a [f64],
    pub matrix: Option<&'a DesignMatrix>,
    /// Rows that common support leaves in.
    pub kept: Vec<bool>,
}

/// Finds counterparts. `caliper` overrides the settings' (for a search); `seed` serves random order.
///
/// # Errors
/// Settings that mean nothing, nobody matched, or a score without spread.
pub fn run(scores: &Scores, settings: &MatchSettings, seed: u64) -> Result<Matches, MatchError> {
    settings
        .check()
        .map_err(|(setting, rule)| MatchError::Settings { setting, rule })?;
    let metric = metric(scores, settings)?;
    let turns = || turns(&metric, settings.resolved_order(), seed);
    let mut matches = match settings.method {
        Method::Radius => radius::run(&metric),
        Method::Kernel => kernel::run(&metric, settings.kernel),
        Method::Nearest => nearest::run(&metric, settings, &turns()),
        Method::Mahalanobis => mahalanobis::run(&metric, settings, &turns())?,
        Method::Optimal => optimal::run(&metric, settings.ratio),
        Method::Full => full::run(&metric),
        Method::Subclass => subclass::run(&metric, settings.subclasses),
        Method::Exact => exact::run(&metric, settings)?,
        Method::Cem => cem::run(&metric, settings)?,
        Method::Weighting => weighting::run(&metric, settings)?,
    };
    matches.caliper = metric.caliper;
    if matches.participants.is_empty() {
        return Err(MatchError::NobodyMatched {
            participants: scores.treated.iter().filter(|&&t| t).count(),
            strata: !scores.strata.is_empty(),
        });
    }
    Ok(matches)
}

/// As [`run`], on scores that `propensity` gave, so that the error of weights made from them can be
/// counted in ([`Matches::nuisance`]).
///
/// # Errors
/// As [`run`].
pub fn run_fitted(
    scores: &Scores,
    propensity: &Propensity,
    settings: &MatchSettings,
    seed: u64,
) -> Result<Matches, MatchError> {
    let mut matches = run(scores, settings, seed)?;
    if let (Method::Weighting, Some(matrix)) = (settings.method, scores.matrix) {
        let (kind, treated, sampling) = (settings.weights, scores.treated, scores.sampling);
        if let Some(fitted) = Nuisance::of_propensity(kind, matrix, propensity, treated, sampling) {
            matches.nuisance = Some(fitted.into());
        }
    }
    Ok(matches)
}

fn metric<'a>(scores: &Scores<'a>, settings: &MatchSettings) -> Result<Metric<'a>, MatchError> {
    use std::borrow::Cow;
    let from_columns = matches!(settings.method, Method::Exact | Method::Cem);
    if !from_columns && (scores.lp_sd.is_nan() || scores.lp_sd <= FLAT) {
        return Err(MatchError::FlatScore);
    }
    let transform: Option<fn(f64) -> f64> = match settings.caliper_scale {
        // Weights are made from log odds, and know no distance.
        _ if settings.method == Method::Weighting => None,
        CaliperScale::LpSd | CaliperScale::Lp => None,
        CaliperScale::Probability => Some(|lp| 1.0 / (1.0 + (-lp).exp())),
        CaliperScale::Odds => Some(f64::exp),
    };
    let score = match transform {
        None => Cow::Borrowed(scores.lp),
        Some(f) => Cow::Owned(scores.lp.iter().map(|&v| f(v)).collect()),
    };
    // A monotone scale keeps the order, but rounding can tie what was apart: sort those by row.
    let order = match transform {
        None => Cow::Borrowed(scores.order),
        Some(_) => {
            let mut order = scores.order.to_vec();
            order.sort_by(|&a, &b| {
                score[a as usize]
                    .total_cmp(&score[b as usize])
                    .then(a.cmp(&b))
            });
            Cow::Owned(order)
        }
    };
    let width = match settings.caliper {
        Caliper::None => f64::INFINITY,
        Caliper::Width(w) => w,
        Caliper::Default | Caliper::Search => MatchSettings::default_caliper(settings.method),
    };
    let caliper = match (settings.caliper_scale, settings.caliper) {
        _ if !settings.method.takes_caliper() => f64::INFINITY,
        (CaliperScale::LpSd, _) => width * scores.lp_sd,
        // The default is in standard deviations of lp; on another scale say a width.
        (_, Caliper::Default) => {
            return Err(MatchError::Settings {
                setting: "caliper",
                rule: format!(
                    "say how wide it is on the {} scale (the default is in standard deviations of the linear predictor)",
                    settings.caliper_scale.as_str()
                ),
            });
        }
        (_, _) => width,
    };
    let kept = support::kept(&score, scores.treated, settings.common_support);
    Ok(Metric {
        score,
        order,
        caliper,
        treated: scores.treated,
        strata: scores.strata,
        sampling: scores.sampling,
        matrix: scores.matrix,
        kept,
    })
}

/// Participants in the order in which they choose, ties in row order.
fn turns(metric: &Metric, order: Order, seed: u64) -> Vec<u32> {
    let mut turns: Vec<u32> = (0..metric.treated.len() as u32)
        .filter(|&r| metric.treated[r as usize] && metric.kept[r as usize])
        .collect();
    let score = |r: u32| metric.score[r as usize];
    match order {
        Order::Data | Order::Closest => {}
        Order::Largest => turns.sort_by(|&a, &b| score(b).total_cmp(&score(a))),
        Order::Smallest => turns.sort_by(|&a, &b| score(a).total_cmp(&score(b))),
        Order::Random => turns.shuffle(&mut random::stream(seed, SHUFFLE)),
    }
    turns
}
