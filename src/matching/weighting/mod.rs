//! Weights instead of matches: every participant's counterpart is the whole pool, weighed so that it
//! resembles the participants. One file a kind of weight; the result is [`Matches`] with
//! [`Sets::Common`].
//!
//! # Formula
//! With raw weights r_c (times the sampling weight), `w_c = n_M r_c / sum r`, the same for every
//! participant: `w_ic = w_c / n_M` and `q_c = sum_i (g_i w_ic)^2 = (w_c / n_M)^2 sum_i g_i^2`.
//! Participants count by their sampling weight, under overlap weights times 1 - e, scaled to add up
//! to n_M.
//!
//! There is one pool for all: strata with participants in more than one of them are refused. Rows
//! in a stratum without participants (people unlike every participant) weigh 0, and so do those
//! outside common support.
//!
//! Cost: one pass over the scores; entropy balancing see [`entropy`].

mod entropy;
mod nuisance;
mod odds;
mod overlap;

pub use nuisance::{Kind, Nuisance};

use super::sets::{DropReason, Dropped, Found, Matches, Pool, Sets};
use super::{MatchError, Metric};
use crate::study::{MatchSettings, WeightKind};
use std::sync::Arc;

/// What a participant and a pool member weigh, before scaling.
struct Raw {
    /// One a matched participant; empty where sampling weights say it all.
    participants: Vec<f64>,
    /// One a pool member, in the order of the pool; 0 for those who cannot be counterparts.
    pool: Vec<f64>,
    nuisance: Option<Nuisance>,
}

/// Who is weighed.
struct People<'a> {
    metric: &'a Metric<'a>,
    participants: &'a [u32],
    pool: &'a Pool,
    /// Sampling weight of each pool member, 0 for those who cannot be counterparts.
    base: Vec<f64>,
}

impl People<'_> {
    fn sampling(&self, row: u32) -> f64 {
        let given = self.metric.sampling.get(row as usize);
        given.copied().unwrap_or(1.0)
    }
}

pub(super) fn run(metric: &Metric, settings: &MatchSettings) -> Result<Matches, MatchError> {
    let stratum = stratum_of_participants(metric)?;
    let took_part = (0..metric.treated.len() as u32).filter(|&r| metric.treated[r as usize]);
    let (participants, outside): (Vec<u32>, Vec<u32>) =
        took_part.partition(|&r| metric.kept[r as usize]);
    let pool = Pool::sort(metric);
    let of_stratum = |r: u32| match stratum {
        Some(s) => metric.strata[r as usize] == s,
        None => true,
    };
    let mut people = People {
        metric,
        participants: &participants,
        pool: &pool,
        base: Vec::new(),
    };
    people.base = pool
        .rows
        .iter()
        .map(|&r| people.sampling(r) * f64::from(u8::from(of_stratum(r))))
        .collect();
    let nobody = participants.is_empty() || !people.base.iter().any(|b| *b > 0.0);
    if nobody {
        return Err(MatchError::NobodyMatched {
            participants: participants.len() + outside.len(),
            strata: !metric.strata.is_empty(),
        });
    }
    let raw = match settings.weights {
        WeightKind::Odds => odds::raw(&people),
        WeightKind::Overlap => overlap::raw(&people),
        WeightKind::Entropy => entropy::raw(&people)?,
    };
    let dropped = outside.iter().map(|&row| Dropped {
        row,
        reason: DropReason::OutsideSupport,
    });
    let found = Found {
        dropped: dropped.collect(),
        participants,
        sets: Sets::Common,
        groups: None,
    };
    let mut matches = found.unweighed(metric, pool);
    let n = matches.participants.len() as f64;
    if !raw.participants.is_empty() {
        matches.participant_weight = scaled(raw.participants, n);
    }
    matches.weight = scaled(raw.pool, n);
    let squares: f64 = matches.participant_weight.iter().map(|g| g * g).sum();
    let each = |w: &f64| (w / n) * (w / n) * squares;
    matches.weight_squared = matches.weight.iter().map(each).collect();
    matches.nuisance = raw.nuisance.map(Arc::new);
    Ok(matches)
}

/// The only stratum that participants are in; `None` where there are no strata.
fn stratum_of_participants(metric: &Metric) -> Result<Option<u32>, MatchError> {
    let strata = metric.strata.iter().zip(metric.treated);
    let mut of_participants = strata.filter(|p| *p.1).map(|p| *p.0);
    let first = of_participants.next();
    if of_participants.any(|s| Some(s) != first) {
        return Err(MatchError::Settings {
            setting: "exact",
            rule: "weights know one pool for all participants; name the column among the covariates instead, or match".into(),
        });
    }
    Ok(first)
}

/// The weights, made to add up to n.
fn scaled(mut weights: Vec<f64>, n: f64) -> Vec<f64> {
    let each = n / weights.iter().sum::<f64>();
    weights.iter_mut().for_each(|w| *w *= each);
    weights
}
