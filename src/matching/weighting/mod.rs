//! Weighting: no matches, but weights that make the pool, as a whole, like the participants. Every
//! participant has the same counterpart, the weighted pool.
//!
//! - `odds`: the pool weighs e / (1 - e), participants 1 (Hirano, Imbens & Ridder 2003,
//!   doi:10.1111/1468-0262.00442).
//! - `overlap`: participants weigh 1 - e, the pool e; the estimand is the overlap's (Li, Morgan &
//!   Zaslavsky 2018, doi:10.1080/01621459.2016.1260466). With a score fitted by maximum likelihood
//!   the means of all its columns agree.
//! - `entropy`: the weights nearest to even ones at which all means are the participants' (see
//!   [`entropy`]).
//!
//! Sampling weights multiply. Cost O(n) for the first two, a pass over the columns a Newton step
//! for the third.

mod entropy;

use super::sets::{DropReason, Dropped, Found, Matches, Pool, Sets};
use super::{MatchError, Metric};
use crate::study::{MatchSettings, WeightKind};

pub(super) fn run(metric: &Metric, settings: &MatchSettings) -> Result<Matches, MatchError> {
    let pool = Pool::sort(metric);
    let (mut participants, mut dropped) = (Vec::new(), Vec::new());
    for row in (0..metric.treated.len() as u32).filter(|&r| metric.treated[r as usize]) {
        if metric.kept[row as usize] {
            participants.push(row);
        } else {
            let reason = DropReason::OutsideSupport;
            dropped.push(Dropped { row, reason });
        }
    }
    let reachable = reachable(metric, &participants);
    let raw: Vec<f64> = match settings.weights {
        WeightKind::Odds => odds(metric, &pool.rows, &reachable),
        WeightKind::Overlap => pool
            .rows
            .iter()
            .map(|&r| reachable(r) * base(metric, r) * logistic(metric.score[r as usize]))
            .collect(),
        WeightKind::Entropy => entropy::weights(metric, &participants, &pool.rows, &reachable)?,
    };
    let found = Found {
        participants,
        dropped,
        sets: Sets::Common,
        groups: None,
    };
    let mut matches = found.unweighed(metric, pool);
    let n = matches.participants.len() as f64;
    if settings.weights == WeightKind::Overlap {
        let own = |&r: &u32| base(metric, r) * logistic(-metric.score[r as usize]);
        let counts: Vec<f64> = matches.participants.iter().map(own).collect();
        matches.participant_weight = scaled(counts, n);
    }
    matches.weight = scaled(raw, n);
    // w_ic = w_c / n for every i.
    let squares: f64 = matches.participant_weight.iter().map(|g| g * g).sum();
    matches.weight_squared = matches
        .weight
        .iter()
        .map(|w| w * w * squares / (n * n))
        .collect();
    if matches.weight.iter().all(|w| *w == 0.0) {
        // Nobody in the pool could be anybody's counterpart.
        matches.participants.clear();
    }
    Ok(matches)
}

/// 1 for a pool row in the stratum of some participant, else 0: people whom no coefficient can
/// speak for have a stratum of their own.
fn reachable<'a>(metric: &'a Metric, participants: &[u32]) -> impl Fn(u32) -> f64 + Sync + 'a {
    let strata = metric.strata;
    let mut with = vec![false; strata.iter().max().map_or(0, |m| *m as usize + 1)];
    for &r in participants {
        if let Some(&s) = strata.get(r as usize) {
            with[s as usize] = true;
        }
    }
    move |r| match strata.get(r as usize) {
        Some(&s) if !with[s as usize] => 0.0,
        _ => 1.0,
    }
}

/// e / (1 - e) = exp(lp), as parts of the largest, so that nothing overflows.
fn odds(metric: &Metric, rows: &[u32], reachable: &impl Fn(u32) -> f64) -> Vec<f64> {
    let lp = |&r: &u32| metric.score[r as usize];
    let largest = rows.iter().map(lp).fold(f64::NEG_INFINITY, f64::max);
    rows.iter()
        .map(|r| reachable(*r) * base(metric, *r) * (lp(r) - largest).exp())
        .collect()
}

fn base(metric: &Metric, row: u32) -> f64 {
    metric.sampling.get(row as usize).copied().unwrap_or(1.0)
}

fn logistic(lp: f64) -> f64 {
    1.0 / (1.0 + (-lp).exp())
}

/// Made to add up to `total`; as they are when all are 0.
fn scaled(weights: Vec<f64>, total: f64) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        return weights;
    }
    weights.iter().map(|w| w * total / sum).collect()
}
