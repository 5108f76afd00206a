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
//! Within exact strata all this holds stratum by stratum ([`Sets::CommonWithin`]): the pool of a
//! stratum weighs what its participants count for, and entropy balances each by itself. Rows in a
//! stratum without participants (people unlike every participant) weigh 0, and so do those outside
//! common support.
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
use std::collections::BTreeMap;
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
    let pool = Pool::sort(metric);
    let took_part = (0..metric.treated.len() as u32).filter(|&r| metric.treated[r as usize]);
    let (mut participants, mut dropped) = (Vec::new(), Vec::new());
    for row in took_part {
        let places = pool.stratum(metric.strata, row);
        let reason = match (metric.kept[row as usize], places.is_empty()) {
            (false, _) => DropReason::OutsideSupport,
            (true, true) => DropReason::EmptyStratum,
            (true, false) => {
                participants.push(row);
                continue;
            }
        };
        dropped.push(Dropped { row, reason });
    }
    if participants.is_empty() {
        return Err(MatchError::NobodyMatched {
            participants: dropped.len(),
            strata: !metric.strata.is_empty(),
        });
    }
    let strata = by_stratum(metric, &participants);
    let mut counts: BTreeMap<u32, f64> = BTreeMap::new();
    let mut weight = vec![0.0; pool.rows.len()];
    let mut parts = Vec::new();
    let mut nuisance = None;
    for (&stratum, members) in &strata {
        let mut raw = of_stratum(metric, settings, &pool, stratum, members)?;
        if !raw.participants.is_empty() {
            counts.extend(
                members
                    .iter()
                    .copied()
                    .zip(std::mem::take(&mut raw.participants)),
            );
        }
        nuisance = raw.nuisance.take();
        parts.push((pool.stratum(metric.strata, members[0]), raw.pool));
    }
    let one = strata.len() == 1;
    let run_of = |&r: &u32| pool.stratum(metric.strata, r);
    let sets = match one {
        true => Sets::Common,
        false => Sets::CommonWithin {
            low: participants
                .iter()
                .map(|r| run_of(r).start as u32)
                .collect(),
            high: participants.iter().map(|r| run_of(r).end as u32).collect(),
        },
    };
    let found = Found {
        participants,
        dropped,
        sets,
        groups: None,
    };
    let mut matches = found.unweighed(metric, pool);
    let n = matches.participants.len() as f64;
    if !counts.is_empty() {
        // Each matched participant has been weighed in its stratum.
        let own = |r: &u32| counts.get(r).copied().unwrap_or(0.0);
        matches.participant_weight = scaled(matches.participants.iter().map(own).collect(), n);
    }
    let mut squared = vec![0.0; weight.len()];
    for (members, (places, raw)) in strata.values().zip(parts) {
        let own = |r: &u32| match matches.participants.binary_search(r) {
            Ok(i) => matches.participant_weight[i],
            // Members are matched participants.
            Err(_) => 0.0,
        };
        let (total, squares) = members
            .iter()
            .map(own)
            .fold((0.0, 0.0), |(t, q), g| (t + g, q + g * g));
        let sum: f64 = raw[places.clone()].iter().sum();
        for c in places {
            weight[c] = raw[c] * total / sum;
            squared[c] = (raw[c] / sum).powi(2) * squares;
        }
    }
    matches.weight = weight;
    matches.weight_squared = squared;
    // Equations of several strata are not stacked.
    matches.nuisance = nuisance.filter(|_| one).map(Arc::new);
    Ok(matches)
}

/// The participants of each stratum, in row order.
fn by_stratum(metric: &Metric, participants: &[u32]) -> BTreeMap<u32, Vec<u32>> {
    let mut strata: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for &r in participants {
        let stratum = metric.strata.get(r as usize).copied().unwrap_or(0);
        strata.entry(stratum).or_default().push(r);
    }
    strata
}

/// What the people of one stratum weigh.
fn of_stratum(
    metric: &Metric,
    settings: &MatchSettings,
    pool: &Pool,
    stratum: u32,
    participants: &[u32],
) -> Result<Raw, MatchError> {
    let here = |r: u32| metric.strata.is_empty() || metric.strata[r as usize] == stratum;
    let mut people = People {
        metric,
        participants,
        pool,
        base: Vec::new(),
    };
    people.base = pool
        .rows
        .iter()
        .map(|&r| people.sampling(r) * f64::from(u8::from(here(r))))
        .collect();
    match settings.weights {
        WeightKind::Odds => Ok(odds::raw(&people)),
        WeightKind::Overlap => Ok(overlap::raw(&people)),
        WeightKind::Entropy => entropy::raw(&people),
    }
}

/// The weights, made to add up to n.
fn scaled(mut weights: Vec<f64>, n: f64) -> Vec<f64> {
    let each = n / weights.iter().sum::<f64>();
    weights.iter_mut().for_each(|w| *w *= each);
    weights
}
