//! Time until something happens, where not everybody is followed until it does: the difference of
//! restricted mean times, the two curves, the hazard ratio.
//!
//! The restricted means and the log hazard ratio are functions of everybody's weight; their
//! derivatives are each person's influence, so that the standard errors of a matched difference
//! serve them as they serve averages.

use super::cox::{self, Groups, Ties};
use super::gather::Matched;
use super::influence::Influence;
use super::kaplan_meier::{Followed, KaplanMeier};
use crate::matching::Matches;

/// The two curves and the horizon.
#[derive(Debug, Clone, PartialEq)]
pub struct SurvivalFit {
    /// Means are over the time from 0 to here: what the study asks for, but never beyond the time
    /// for which both curves are known; without a wish, the smaller of the groups' longest
    /// follow-up.
    pub horizon: f64,
    /// What the study asks for.
    pub asked: Option<f64>,
    /// Participants.
    pub treated: KaplanMeier,
    /// Counterparts, weighted.
    pub comparison: KaplanMeier,
}

impl SurvivalFit {
    /// Could the means not be taken over all the time that the study asks for?
    pub fn cut_short(&self) -> bool {
        self.asked.is_some_and(|asked| asked > self.horizon)
    }
}

/// What [`super::estimate`] makes its estimate from.
pub(super) struct Survival {
    pub fit: SurvivalFit,
    pub means: (f64, f64),
    /// Influence on the difference of means.
    pub influence: Influence,
    /// Log hazard ratio with its influence, or why there is none.
    pub hazard: Result<(f64, Influence), cox::NoHazardRatio>,
    /// People with the event by the horizon.
    pub events: (u64, u64),
}

/// Both curves, the means up to the horizon and the hazard ratio within it.
pub(super) fn survival(columns: &Matched, matches: &Matches, asked: Option<f64>) -> Survival {
    let happened = |base: &Option<Vec<f64>>| -> Vec<bool> {
        base.iter().flatten().map(|e| *e == 1.0).collect()
    };
    let (with_t, with_c) = (happened(&columns.base_t), happened(&columns.base_c));
    // A blank time has no place on the line: those (nobody's counterparts) are looked at as
    // followed for no time at all, and their influence is blank again afterwards.
    let time_c: Vec<f64> = columns.y_c.iter().map(|y| y.max(0.0)).collect();
    let treated = Followed {
        time: &columns.y_t,
        event: &with_t,
        weight: &matches.participant_weight,
    };
    let pool = Followed {
        time: &time_c,
        event: &with_c,
        weight: &matches.weight,
    };
    let (curve_t, curve_c) = (KaplanMeier::fit(treated), KaplanMeier::fit(pool));
    let known = curve_t.known_until().min(curve_c.known_until());
    let horizon = match asked {
        Some(asked) => asked.min(known),
        None => known.min(curve_t.longest().min(curve_c.longest())),
    };
    let influence_of = |curve: &KaplanMeier, people: Followed| -> Vec<f64> {
        let total = curve.total_weight();
        let mut u = curve.restricted_mean_influence(horizon, people);
        u.iter_mut().for_each(|u| *u *= total);
        u
    };
    let mut influence = Influence {
        participants: influence_of(&curve_t, treated),
        pool: influence_of(&curve_c, pool),
    };
    let blank: Vec<bool> = columns
        .y_c
        .iter()
        .zip(columns.base_c.iter().flatten())
        .map(|(y, e)| y.is_nan() || e.is_nan())
        .collect();
    forget(&mut influence.pool, &blank);
    let hazard = hazard(treated, pool, horizon).map(|(log, mut influence)| {
        forget(&mut influence.pool, &blank);
        (log, influence)
    });
    Survival {
        means: (
            curve_t.restricted_mean(horizon),
            curve_c.restricted_mean(horizon),
        ),
        events: (curve_t.events(horizon), curve_c.events(horizon)),
        influence,
        hazard,
        fit: SurvivalFit {
            horizon,
            asked,
            treated: curve_t,
            comparison: curve_c,
        },
    }
}

fn forget(values: &mut [f64], blank: &[bool]) {
    for (v, _) in values.iter_mut().zip(blank).filter(|p| *p.1) {
        *v = f64::NAN;
    }
}

/// The log hazard ratio of what happened up to the horizon, with the influences whose weighted
/// means differ as the estimate does: n d b / d w for participants, the same with its sign turned
/// for the pool.
fn hazard(
    treated: Followed,
    pool: Followed,
    horizon: f64,
) -> Result<(f64, Influence), cox::NoHazardRatio> {
    let n = treated.time.len();
    let cut = |t: &f64| t.min(horizon);
    let time: Vec<f64> = treated.time.iter().chain(pool.time).map(cut).collect();
    let event: Vec<bool> = treated
        .event
        .iter()
        .chain(pool.event)
        .zip(treated.time.iter().chain(pool.time))
        .map(|(e, t)| *e && *t <= horizon)
        .collect();
    let fitted = cox::fit(
        Groups {
            time: &time,
            event: &event,
            weight: &[treated.weight, pool.weight].concat(),
            treated: &(0..time.len()).map(|i| i < n).collect::<Vec<bool>>(),
        },
        Ties::Efron,
    )?;
    let mut participants = fitted.influence;
    let mut pool = participants.split_off(n);
    let count = n as f64;
    participants.iter_mut().for_each(|u| *u *= count);
    pool.iter_mut().for_each(|u| *u *= -count);
    Ok((fitted.log_ratio, Influence { participants, pool }))
}
