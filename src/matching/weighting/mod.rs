//! Weights instead of matches: every participant's counterpart is the whole pool, weighed so that it
//! resembles the participants. One file a kind of weight; the result is [`Matches`] with
//! [`Sets::Common`], or [`Sets::CommonWithin`] where exact strata divide the pool.
//!
//! # Formula
//! `w_c = n_s b_c exp(t_c) / sum_s b exp(t)` over the pool of c's stratum s: b the sampling weight,
//! t the tilt that the kind of weight says, n_s what the stratum's participants count for, so that
//! strata agree exactly, and n_M in all without strata. So `w_ic = w_c / n_s` and `q_c =
//! sum_i (g_i w_ic)^2 = (w_c / n_s)^2 sum_s g_i^2`. Participants count by their sampling weight,
//! under overlap weights times 1 - e, scaled to add up to n_M.
//!
//! Participants in strata without a pool are dropped. Rows in a stratum without participants (also
//! people unlike every participant) weigh 0, and so do those outside common support.
//!
//! Cost: one pass over the scores; entropy balancing see [`entropy`].

mod entropy;
mod nuisance;
mod odds;
mod overlap;
mod spread;

pub use nuisance::{Kind, Nuisance};

use super::sets::{DropReason, Dropped, Found, Matches, Pool, Sets};
use super::{MatchError, Metric};
use crate::study::{MatchSettings, WeightKind};
use spread::Strata;
use std::borrow::Cow;
use std::sync::Arc;

/// What tells pool members' weights apart beside the sampling weight.
struct Tilt<'a> {
    /// Logarithms, one a row; of no consequence for who cannot be a counterpart.
    of: Cow<'a, [f64]>,
    nuisance: Option<Nuisance>,
}

pub(super) fn run(metric: &Metric, settings: &MatchSettings) -> Result<Matches, MatchError> {
    let pool = Pool::sort(metric);
    let found = found(metric, &pool);
    let mut matches = found.unweighed(metric, pool);
    if settings.weights == WeightKind::Overlap {
        overlap::count(metric, &mut matches);
    }
    let strata = Strata::new(metric, &matches);
    let base = strata.base(&matches, metric.treated.len());
    if !base.iter().any(|b| *b > 0.0) {
        return Err(MatchError::NobodyMatched {
            participants: matches.participants.len() + matches.dropped.len(),
            strata: !metric.strata.is_empty(),
        });
    }
    let tilt = match settings.weights {
        WeightKind::Odds => odds::tilt(metric),
        WeightKind::Overlap => overlap::tilt(metric),
        WeightKind::Entropy => entropy::tilt(metric, &matches, &strata, &base)?,
    };
    let weight = strata.tilted(&base, &tilt.of).weight;
    let n = matches.participants.len() as f64;
    matches.weight = (matches.pool.iter())
        .map(|&r| n * weight[r as usize])
        .collect();
    matches.weight_squared = strata.squares(&matches);
    matches.nuisance = tilt.nuisance.map(Arc::new);
    Ok(matches)
}

/// Who is weighed, and who has nobody.
fn found(metric: &Metric, pool: &Pool) -> Found {
    let (mut participants, mut dropped) = (Vec::new(), Vec::new());
    for row in (0..metric.treated.len() as u32).filter(|&r| metric.treated[r as usize]) {
        let reason = match metric.kept[row as usize] {
            false => DropReason::OutsideSupport,
            true if pool.stratum(metric.strata, row).is_empty() => DropReason::EmptyStratum,
            true => {
                participants.push(row);
                continue;
            }
        };
        dropped.push(Dropped { row, reason });
    }
    let stratum = |r: &u32| metric.strata.get(*r as usize).copied().unwrap_or(0);
    let of: Vec<u32> = participants.iter().map(stratum).collect();
    let sets = match of.iter().all(|s| *s == of[0]) {
        true => Sets::Common,
        false => Sets::CommonWithin { stratum: of },
    };
    Found {
        participants,
        dropped,
        sets,
        groups: None,
    }
}
