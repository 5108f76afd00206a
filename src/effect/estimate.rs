//! One outcome: difference, ratio, standard error, interval.

use super::inference::t_interval;
use super::influence::{ArmMeans, Arms, Influence};
use super::variance;
use crate::matching::Matches;
use crate::study::{OutcomeKind, OutcomeSpec, SeMethod};

/// An outcome's columns, one entry a row of the design's table; `NaN` = missing.
pub struct OutcomeData<'a> {
    /// The outcome.
    pub values: &'a [f64],
    /// For durations: 1 where the event happened.
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
    /// `risk_ratio`, `odds_ratio`, `rate_ratio`.
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
    /// Mean among participants.
    pub mean_treated: f64,
    /// Weighted mean among counterparts.
    pub mean_comparison: f64,
    /// Participants with a binary outcome, and counterparts (unweighted people).
    pub events: Option<(u64, u64)>,
    /// Participants minus counterparts.
    pub difference: Interval,
    /// Standard error used.
    pub se_method: SeMethod,
    /// Risk or rate ratio, then the odds ratio.
    pub ratios: Vec<RatioEstimate>,
}

/// Why there is no estimate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EstimateError {
    /// Blank outcomes.
    #[error(
        "outcome `{outcome}` is blank for {participants} matched participants and {pool} counterparts; complete them or leave those rows out of the table"
    )]
    Missing {
        /// Which.
        outcome: String,
        /// Participants.
        participants: usize,
        /// Counterparts.
        pool: usize,
    },
    /// Values that the kind does not allow.
    #[error("outcome `{outcome}`, row {row}: {rule}")]
    BadValue {
        /// Which.
        outcome: String,
        /// Data row, first = 1.
        row: usize,
        /// The rule.
        rule: &'static str,
    },
    /// The same for everybody.
    #[error(
        "outcome `{outcome}` is the same for everybody who was matched: there is no difference to estimate and no error to go by"
    )]
    NoSpread {
        /// Which.
        outcome: String,
    },
    /// Too few to compute an error from.
    #[error("outcome `{outcome}`: fewer than two people on one side")]
    TooFew {
        /// Which.
        outcome: String,
    },
}

/// Estimates one outcome on matched people.
///
/// # Formula
/// `tau = (1/n_M) sum_i (y_i - sum_c w_ic y_c)`. Durations: the mean among those with the event,
/// each side. Interval `tau +/- t(0.975, df) SE`. Ratios by the delta method on the same variance.
///
/// # Errors
/// Blank values among the matched, values that the kind does not allow, no spread.
pub fn estimate(
    spec: &OutcomeSpec,
    data: &OutcomeData,
    matches: &Matches,
    se: SeMethod,
) -> Result<Estimate, EstimateError> {
    let columns = Matched::gather(spec, data, matches)?;
    let no_spread = || EstimateError::NoSpread {
        outcome: spec.name.clone(),
    };
    // Rounding can leave a crumb of variance where there is none, so that is asked of the values.
    if columns.no_spread(spec.kind) {
        return Err(no_spread());
    }
    let arms = columns.arms(spec.kind, matches);
    let m = arms.means();
    let interval = |estimate: f64, influence: &Influence| {
        let v = variance::of(influence, matches, se);
        let df = if spec.kind == OutcomeKind::Duration {
            columns.people_treated as f64 - 1.0
        } else {
            v.df
        };
        Interval::new(estimate, v.variance.sqrt(), df)
    };
    let difference = interval(m.treated - m.comparison, &arms.influence(m, 1.0, 1.0));
    if difference.se.is_nan() || difference.se <= 0.0 {
        return Err(no_spread());
    }
    let mut ratios = ratios(spec.kind, &columns, matches, m, &interval);
    // Few people can be in proportion exactly: a ratio then has no error to go by.
    ratios.retain(|r| r.log.se > 1e-12);
    Ok(Estimate {
        people_treated: columns.people_treated,
        people_comparison: columns.people_comparison,
        mean_treated: m.treated,
        mean_comparison: m.comparison,
        events: columns.events,
        difference,
        se_method: se,
        ratios,
    })
}

fn ratios(
    kind: OutcomeKind,
    columns: &Matched,
    matches: &Matches,
    m: ArmMeans,
    interval: &dyn Fn(f64, &Influence) -> Interval,
) -> Vec<RatioEstimate> {
    let positive = |m: ArmMeans| m.treated > 0.0 && m.comparison > 0.0;
    let log_ratio = |arms: &Arms, m: ArmMeans| {
        interval(
            (m.treated / m.comparison).ln(),
            &arms.influence(m, 1.0 / m.treated, 1.0 / m.comparison),
        )
    };
    match kind {
        OutcomeKind::Binary if positive(m) => {
            let arms = columns.arms(kind, matches);
            let mut ratios = vec![RatioEstimate {
                kind: "risk_ratio",
                log: log_ratio(&arms, m),
            }];
            if m.treated < 1.0 && m.comparison < 1.0 {
                let logit = |p: f64| (p / (1.0 - p)).ln();
                let slope = |p: f64| 1.0 / (p * (1.0 - p));
                let influence = arms.influence(m, slope(m.treated), slope(m.comparison));
                let log = interval(logit(m.treated) - logit(m.comparison), &influence);
                ratios.push(RatioEstimate {
                    kind: "odds_ratio",
                    log,
                });
            }
            ratios
        }
        OutcomeKind::Count => {
            let arms = columns.rate_arms(matches);
            let m = arms.means();
            if positive(m) {
                vec![RatioEstimate {
                    kind: "rate_ratio",
                    log: log_ratio(&arms, m),
                }]
            } else {
                Vec::new()
            }
        }
        _ => Vec::new(),
    }
}

/// An outcome's values for the matched: participants in order, pool in the matches' order.
struct Matched {
    y_t: Vec<f64>,
    y_c: Vec<f64>,
    base_t: Option<Vec<f64>>,
    base_c: Option<Vec<f64>>,
    people_treated: u64,
    people_comparison: u64,
    events: Option<(u64, u64)>,
}

impl Matched {
    fn gather(
        spec: &OutcomeSpec,
        data: &OutcomeData,
        matches: &Matches,
    ) -> Result<Matched, EstimateError> {
        let duration = spec.kind == OutcomeKind::Duration;
        let base = if duration { data.given } else { data.exposure };
        let pick =
            |rows: &[u32], v: &[f64]| -> Vec<f64> { rows.iter().map(|&r| v[r as usize]).collect() };
        let base_t = base.map(|b| pick(&matches.participants, b));
        let base_c = base.map(|b| pick(&matches.pool, b));
        let mut y_t = pick(&matches.participants, data.values);
        let mut y_c = pick(&matches.pool, data.values);
        if duration {
            // Without the event there is no duration: it counts as y e = 0 with e = 0.
            let blank = |y: &mut [f64], e: &Option<Vec<f64>>| {
                for (y, e) in y.iter_mut().zip(e.iter().flatten()) {
                    if *e == 0.0 {
                        *y = 0.0;
                    }
                }
            };
            blank(&mut y_t, &base_t);
            blank(&mut y_c, &base_c);
        }
        check(spec, &matches.participants, &y_t, base_t.as_deref(), None)?;
        check(
            spec,
            &matches.pool,
            &y_c,
            base_c.as_deref(),
            Some(&matches.weight),
        )?;
        // Blank values of pool members nobody was matched to stay NaN: they weigh nothing, and the
        // variances pass over them.
        let weighted = |keep: &dyn Fn(usize) -> bool| {
            matches
                .weight
                .iter()
                .enumerate()
                .filter(|&(c, &w)| w > 0.0 && keep(c))
                .count() as u64
        };
        let (people_treated, people_comparison) = match (&base_t, &base_c) {
            (Some(t), Some(c)) if duration => (
                t.iter().filter(|e| **e > 0.0).count() as u64,
                weighted(&|i| c[i] > 0.0),
            ),
            _ => (y_t.len() as u64, weighted(&|_| true)),
        };
        if people_treated < 2 || people_comparison < 2 {
            return Err(EstimateError::TooFew {
                outcome: spec.name.clone(),
            });
        }
        let events = (spec.kind == OutcomeKind::Binary).then(|| {
            (
                y_t.iter().filter(|y| **y == 1.0).count() as u64,
                weighted(&|c| y_c[c] == 1.0),
            )
        });
        Ok(Matched {
            y_t,
            y_c,
            base_t,
            base_c,
            people_treated,
            people_comparison,
            events,
        })
    }

    /// Is the outcome the same for all participants, and the same for the whole pool (for
    /// durations, among those with the event)?
    fn no_spread(&self, kind: OutcomeKind) -> bool {
        let alike = |y: &[f64], base: &Option<Vec<f64>>| {
            let event = |i: usize| {
                kind != OutcomeKind::Duration || base.as_ref().is_none_or(|b| b[i] > 0.0)
            };
            let mut seen = (0..y.len())
                .filter(|&i| !y[i].is_nan() && event(i))
                .map(|i| y[i]);
            seen.next()
                .is_none_or(|first| seen.all(|next| next == first))
        };
        alike(&self.y_t, &self.base_t) && alike(&self.y_c, &self.base_c)
    }

    /// The headline's arms: means, or means among those with the event.
    fn arms<'a>(&'a self, kind: OutcomeKind, matches: &'a Matches) -> Arms<'a> {
        let ratio = kind == OutcomeKind::Duration;
        Arms {
            y_t: &self.y_t,
            e_t: self.base_t.as_deref().filter(|_| ratio),
            y_c: &self.y_c,
            e_c: self.base_c.as_deref().filter(|_| ratio),
            counts: &matches.participant_weight,
            weight: &matches.weight,
        }
    }

    /// Rates: over the time at risk where the study names it.
    fn rate_arms<'a>(&'a self, matches: &'a Matches) -> Arms<'a> {
        Arms {
            y_t: &self.y_t,
            e_t: self.base_t.as_deref(),
            y_c: &self.y_c,
            e_c: self.base_c.as_deref(),
            counts: &matches.participant_weight,
            weight: &matches.weight,
        }
    }
}

/// Every matched value present, and every value allowed by the kind: the variances look at the
/// whole pool. `weight` is given for the pool, whose unmatched members may be blank.
fn check(
    spec: &OutcomeSpec,
    rows: &[u32],
    y: &[f64],
    base: Option<&[f64]>,
    weight: Option<&[f64]>,
) -> Result<(), EstimateError> {
    let used = |i: usize| weight.is_none_or(|w| w[i] > 0.0);
    let blank = (0..y.len())
        .filter(|&i| used(i) && (y[i].is_nan() || base.is_some_and(|b| b[i].is_nan())))
        .count();
    if blank > 0 {
        let (participants, pool) = if weight.is_some() {
            (0, blank)
        } else {
            (blank, 0)
        };
        return Err(EstimateError::Missing {
            outcome: spec.name.clone(),
            participants,
            pool,
        });
    }
    let bad = |i: usize, rule| EstimateError::BadValue {
        outcome: spec.name.clone(),
        row: rows[i] as usize + 1,
        rule,
    };
    for i in (0..y.len()).filter(|&i| !y[i].is_nan()) {
        if y[i].is_infinite() || base.is_some_and(|b| b[i].is_infinite()) {
            return Err(bad(i, "must be a finite number"));
        }
        match spec.kind {
            OutcomeKind::Binary if y[i] != 0.0 && y[i] != 1.0 => {
                return Err(bad(
                    i,
                    "a binary outcome must be 0 or 1; for other numbers say :count or :continuous",
                ));
            }
            OutcomeKind::Count if y[i] < 0.0 || y[i].fract() != 0.0 => {
                return Err(bad(
                    i,
                    "a count must be 0, 1, 2, ...; for other numbers say :continuous",
                ));
            }
            OutcomeKind::Duration if y[i] < 0.0 => {
                return Err(bad(i, "a duration cannot be negative"));
            }
            OutcomeKind::Duration
                if base.is_some_and(|b| b[i] != 0.0 && b[i] != 1.0 && !b[i].is_nan()) =>
            {
                return Err(bad(
                    i,
                    "the column that says whether the event happened must be 0 or 1",
                ));
            }
            OutcomeKind::Count if base.is_some_and(|b| b[i] <= 0.0) => {
                return Err(bad(i, "time at risk must be above 0"));
            }
            _ => {}
        }
    }
    Ok(())
}
