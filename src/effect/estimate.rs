//! One outcome: difference, ratio, standard error, interval.

use super::gather::{EstimateError, Matched};
use super::inference::t_interval;
use super::influence::Influence;
use super::quantiles::{self, QuantilesFit};
use super::ratios::ratios;
use super::survival::{SurvivalFit, survival};
use super::variance;
use crate::matching::Matches;
use crate::study::{OutcomeKind, OutcomeSpec, SeMethod};

/// An outcome's columns, one entry a row of the design's table; `NaN` = missing.
pub struct OutcomeData<'a> {
    /// The outcome.
    pub values: &'a [f64],
    /// For durations and survival: 1 where the event happened.
    pub given: Option<&'a [f64]>,
    /// For counts: time at risk.
    pub exposure: Option<&'a [f64]>,
}

/// A point with its interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// Point.
    pub estimate: f64,
    /// Standard error.
    pub se: f64,
    /// Degrees of freedom of t.
    pub df: f64,
    /// 95 %, low.
    pub ci_low: f64,
    /// 95 %, high.
    pub ci_high: f64,
    /// Two-sided p.
    pub p: f64,
}

impl Interval {
    /// 95 % interval and two-sided p of a point with its standard error, from one t statistic.
    pub fn new(estimate: f64, se: f64, df: f64) -> Interval {
        let (ci_low, ci_high, p) = t_interval(estimate, se, df);
        Interval {
            estimate,
            se,
            df,
            ci_low,
            ci_high,
            p,
        }
    }
}

/// A ratio, on its logarithm.
#[derive(Debug, Clone, PartialEq)]
pub struct RatioEstimate {
    /// `risk_ratio`, `odds_ratio`, `rate_ratio`, `hazard_ratio`.
    pub kind: &'static str,
    /// Logarithm with its standard error and interval.
    pub log: Interval,
}

/// What was found on one outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Participants the value rests on.
    pub people_treated: u64,
    /// Pool members it rests on.
    pub people_comparison: u64,
    /// Mean among participants; of survival, the mean time up to the horizon.
    pub mean_treated: f64,
    /// Weighted mean among counterparts.
    pub mean_comparison: f64,
    /// Participants with a binary outcome, or with the event by the horizon, and counterparts
    /// (unweighted people).
    pub events: Option<(u64, u64)>,
    /// Counts and sizes: does one person make up nearly all of a group's total (p % rule, p = 10)?
    pub dominated: bool,
    /// Participants minus counterparts.
    pub difference: Interval,
    /// Standard error used.
    pub se_method: SeMethod,
    /// Risk, rate or hazard ratio, then the odds ratio.
    pub ratios: Vec<RatioEstimate>,
    /// Why a kind that has ratios has none here.
    pub no_ratio: Option<String>,
    /// Survival: both curves and the horizon.
    pub survival: Option<SurvivalFit>,
    /// Continuous: where each group's values lie.
    pub quantiles: Option<QuantilesFit>,
}

/// Estimates one outcome on matched people.
///
/// # Formula
/// `tau = (1/n_M) sum_i (y_i - sum_c w_ic y_c)`. Durations: the mean among those with the event,
/// each side. Survival: the difference of restricted mean times, `integral from 0 to tau of
/// S_T - S_C`. Interval `tau +/- t(0.975, df) SE`. Ratios by the delta method on the same variance.
///
/// Survival: somebody without the event whose time is blank was followed to the horizon that the
/// study asks for.
///
/// [`SeMethod::Stacked`] needs to know what the weights were estimated from; where the matches do not
/// say (penalised or supplied scores, sets) the error is [`SeMethod::Robust`], and the estimate says
/// so.
///
/// # Errors
/// Blank values among the matched, values that the kind does not allow, no spread. Outcomes in
/// categories go through [`super::levels`] first.
pub fn estimate(
    spec: &OutcomeSpec,
    data: &OutcomeData,
    matches: &Matches,
    se: SeMethod,
) -> Result<Estimate, EstimateError> {
    let se = matches.error_in_force(se);
    let columns = Matched::gather(spec, data, matches)?;
    // Rounding can leave a crumb of variance where there is none, so that is asked of the values.
    if columns.no_spread(spec.kind) {
        return Err(EstimateError::no_spread(spec));
    }
    let interval = Intervals {
        matches,
        se,
        df: (spec.kind == OutcomeKind::Duration).then_some(columns.people_treated as f64 - 1.0),
    };
    match spec.kind {
        OutcomeKind::Survival => times(spec, &columns, &interval),
        _ => averages(spec, &columns, &interval),
    }
}

/// Everything but survival: functions of four averages.
fn averages(
    spec: &OutcomeSpec,
    columns: &Matched,
    interval: &Intervals,
) -> Result<Estimate, EstimateError> {
    let matches = interval.matches;
    let arms = columns.arms(spec.kind, matches);
    let m = arms.means();
    let influence = arms.influence(m, 1.0, 1.0);
    let difference = interval.of(m.treated - m.comparison, &influence);
    if difference.se.is_nan() || difference.se <= 0.0 {
        return Err(EstimateError::no_spread(spec));
    }
    let (ratios, no_ratio) = ratios(spec.kind, columns, m, interval);
    let quantiles = match spec.kind {
        OutcomeKind::Continuous => quantiles::of_arms(columns, interval),
        _ => None,
    };
    Ok(Estimate {
        people_treated: columns.people_treated,
        people_comparison: columns.people_comparison,
        mean_treated: m.treated,
        mean_comparison: m.comparison,
        events: columns.events,
        dominated: columns.dominated,
        difference,
        se_method: interval.se,
        ratios,
        no_ratio: no_ratio.map(str::to_owned),
        survival: None,
        quantiles,
    })
}

/// Survival.
fn times(
    spec: &OutcomeSpec,
    columns: &Matched,
    interval: &Intervals,
) -> Result<Estimate, EstimateError> {
    let s = survival(columns, interval.matches, spec.horizon);
    let (treated, comparison) = s.means;
    let difference = interval.of(treated - comparison, &s.influence);
    // Nobody has the event before the horizon, or everybody has it at once.
    if difference.se.is_nan() || difference.se <= 1e-12 * s.fit.horizon {
        return Err(EstimateError::no_spread(spec));
    }
    let (ratios, no_ratio) = match s.hazard {
        Ok((log, influence)) => {
            let log = interval.of(log, &influence);
            let kind = "hazard_ratio";
            let sound = log.se.is_finite() && log.se > NO_ERROR;
            (
                sound.then_some(RatioEstimate { kind, log }),
                (!sound).then(|| NOTHING_TO_GO_BY.to_owned()),
            )
        }
        Err(why) => (None, Some(why.to_string())),
    };
    Ok(Estimate {
        people_treated: columns.people_treated,
        people_comparison: columns.people_comparison,
        mean_treated: treated,
        mean_comparison: comparison,
        events: Some(s.events),
        dominated: false,
        difference,
        se_method: interval.se,
        ratios: ratios.into_iter().collect(),
        no_ratio,
        survival: Some(s.fit),
        quantiles: None,
    })
}

/// Few people can be in proportion exactly: a ratio then has no error to go by.
pub(super) const NO_ERROR: f64 = 1e-12;
/// That, in words.
pub(super) const NOTHING_TO_GO_BY: &str =
    "the people are in proportion exactly, so that there is no error to go by";

/// Turns influences into intervals, all with the same variance.
pub(super) struct Intervals<'a> {
    pub matches: &'a Matches,
    pub se: SeMethod,
    /// The most degrees of freedom, where fewer people count than the variance knows of.
    pub df: Option<f64>,
}

impl Intervals<'_> {
    pub(super) fn of(&self, estimate: f64, influence: &Influence) -> Interval {
        let v = variance::of(influence, self.matches, self.se);
        let df = self.df.map_or(v.df, |most| v.df.min(most));
        Interval::new(estimate, v.variance.sqrt(), df)
    }
}
