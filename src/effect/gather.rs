//! An outcome's columns brought to the matched, and refused where their kind does not allow them.

use super::estimate::OutcomeData;
use super::influence::Arms;
use crate::matching::Matches;
use crate::study::{OutcomeKind, OutcomeSpec};

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
    /// The outcome as it stands cannot be estimated.
    #[error("outcome `{outcome}`: {rule}")]
    Unfit {
        /// Which.
        outcome: String,
        /// The rule and the way out.
        rule: String,
    },
    /// Too few to compute an error from.
    #[error("outcome `{outcome}`: fewer than two people on one side")]
    TooFew {
        /// Which.
        outcome: String,
    },
}

impl EstimateError {
    pub(super) fn no_spread(spec: &OutcomeSpec) -> EstimateError {
        EstimateError::NoSpread {
            outcome: spec.name.clone(),
        }
    }
}

/// An outcome's values for the matched: participants in order, pool in the matches' order.
pub(super) struct Matched {
    pub y_t: Vec<f64>,
    pub y_c: Vec<f64>,
    pub base_t: Option<Vec<f64>>,
    pub base_c: Option<Vec<f64>>,
    pub people_treated: u64,
    pub people_comparison: u64,
    pub events: Option<(u64, u64)>,
    pub dominated: bool,
}

/// Whether the person with the second largest value could work out the largest to within a tenth of
/// it from the total: the p % rule with p = 10 (Hundepool et al. 2012, Statistical Disclosure
/// Control, section 4.2.2). Sizes count, not signs.
fn one_dominates(values: impl Iterator<Item = f64>) -> bool {
    let (mut first, mut second, mut total) = (0.0_f64, 0.0_f64, 0.0_f64);
    for v in values.map(f64::abs) {
        total += v;
        if v > first {
            (first, second) = (v, first);
        } else if v > second {
            second = v;
        }
    }
    first > 0.0 && total - first - second < 0.1 * first
}

impl Matched {
    pub(super) fn gather(
        spec: &OutcomeSpec,
        data: &OutcomeData,
        matches: &Matches,
    ) -> Result<Matched, EstimateError> {
        let duration = spec.kind == OutcomeKind::Duration;
        let survival = spec.kind == OutcomeKind::Survival;
        let base = match duration || survival {
            true => data.given,
            false => data.exposure,
        };
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
        if survival {
            if spec.horizon.is_some_and(|h| !(h.is_finite() && h > 0.0)) {
                return Err(EstimateError::Unfit {
                    outcome: spec.name.clone(),
                    rule: "the horizon must be a finite number above 0".into(),
                });
            }
            let followed = |y: &mut [f64], e: &Option<Vec<f64>>| {
                for (y, e) in y.iter_mut().zip(e.iter().flatten()) {
                    if *e == 0.0 && y.is_nan() {
                        *y = spec.horizon.unwrap_or(f64::NAN);
                    }
                }
            };
            followed(&mut y_t, &base_t);
            followed(&mut y_c, &base_c);
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
        let counted = matches!(spec.kind, OutcomeKind::Binary | OutcomeKind::Count);
        let events = counted.then(|| {
            (
                y_t.iter().filter(|y| **y > 0.0).count() as u64,
                weighted(&|c| y_c[c] > 0.0),
            )
        });
        let dominated = match spec.kind {
            OutcomeKind::Count | OutcomeKind::Continuous => {
                let theirs = y_c.iter().zip(&matches.weight);
                one_dominates(y_t.iter().copied())
                    || one_dominates(theirs.filter(|p| *p.1 > 0.0).map(|(y, w)| y * w))
            }
            _ => false,
        };
        Ok(Matched {
            y_t,
            y_c,
            base_t,
            base_c,
            people_treated,
            people_comparison,
            events,
            dominated,
        })
    }

    /// Is the outcome the same for all participants, and the same for the whole pool (for
    /// durations, among those with the event)?
    pub(super) fn no_spread(&self, kind: OutcomeKind) -> bool {
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
    pub(super) fn arms<'a>(&'a self, kind: OutcomeKind, matches: &'a Matches) -> Arms<'a> {
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
    pub(super) fn rate_arms<'a>(&'a self, matches: &'a Matches) -> Arms<'a> {
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
            OutcomeKind::Survival if y[i] < 0.0 => {
                return Err(bad(
                    i,
                    "the time until the event, or until nobody looked any more, cannot be negative",
                ));
            }
            OutcomeKind::Duration | OutcomeKind::Survival
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
