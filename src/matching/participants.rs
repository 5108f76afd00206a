//! Participants in the order of the pool, and why one of them has nobody.

use super::Metric;
use super::sets::{DropReason, Dropped, Pool};
use std::ops::Range;

/// The participants whom common support leaves in, sorted by (stratum, score, row). Odds beyond the
/// largest number are infinite and have no distance: neither here nor in `strata` do they count.
pub(super) struct Participants {
    pub rows: Vec<u32>,
    pub score: Vec<f64>,
    /// Places that have a pool to meet: a stratum's participants, its pool.
    pub strata: Vec<(Range<usize>, Range<usize>)>,
}

impl Participants {
    pub(super) fn sort(metric: &Metric, pool: &Pool) -> Participants {
        let mut rows: Vec<u32> = metric
            .order
            .iter()
            .copied()
            .filter(|&r| metric.treated[r as usize] && metric.kept[r as usize])
            .filter(|&r| metric.score[r as usize].is_finite())
            .collect();
        let stratum = |r: u32| metric.strata.get(r as usize).copied().unwrap_or(0);
        rows.sort_by_key(|&r| stratum(r));
        let mut strata = Vec::new();
        let mut from = 0;
        for run in rows.chunk_by(|&a, &b| stratum(a) == stratum(b)) {
            let mut places = pool.stratum(metric.strata, run[0]);
            let finite = pool.score[places.clone()].partition_point(|s| s.is_finite());
            places.end = places.start + finite;
            if !places.is_empty() {
                strata.push((from..from + run.len(), places));
            }
            from += run.len();
        }
        Participants {
            score: rows.iter().map(|&r| metric.score[r as usize]).collect(),
            rows,
            strata,
        }
    }
}

/// The sets that are not empty in row order, and a reason for every other participant.
pub(super) fn kept_and_dropped(
    metric: &Metric,
    pool: &Pool,
    mut sets: Vec<(u32, Vec<u32>)>,
) -> (Vec<(u32, Vec<u32>)>, Vec<Dropped>) {
    let mut matched = vec![false; metric.treated.len()];
    sets.retain(|s| !s.1.is_empty());
    sets.sort_unstable_by_key(|s| s.0);
    for s in &sets {
        matched[s.0 as usize] = true;
    }
    let dropped = (0..metric.treated.len() as u32)
        .filter(|&r| metric.treated[r as usize] && !matched[r as usize])
        .map(|row| Dropped {
            row,
            reason: why_nobody(metric, pool, row),
        })
        .collect();
    (sets, dropped)
}

fn why_nobody(metric: &Metric, pool: &Pool, row: u32) -> DropReason {
    if !metric.kept[row as usize] {
        return DropReason::OutsideSupport;
    }
    let here = pool.stratum(metric.strata, row);
    if here.is_empty() {
        return DropReason::EmptyStratum;
    }
    if within_caliper(metric, pool, row).is_empty() {
        DropReason::NobodyWithinCaliper
    } else {
        DropReason::AllTaken
    }
}

/// Places of the pool in the row's stratum and within the caliper. The difference itself is
/// compared, so that a distance equal to the caliper counts.
pub(super) fn within_caliper(metric: &Metric, pool: &Pool, row: u32) -> Range<usize> {
    let places = pool.stratum(metric.strata, row);
    let here = &pool.score[places.clone()];
    let s = metric.score[row as usize];
    let from = here.partition_point(|&c| s - c > metric.caliper);
    let to = here.partition_point(|&c| c - s <= metric.caliper);
    places.start + from..places.start + to.max(from)
}

/// The first place of the pool, in the row's stratum, that is not below it on the score.
pub(super) fn place_on_score(metric: &Metric, pool: &Pool, row: u32) -> usize {
    let places = pool.stratum(metric.strata, row);
    let s = metric.score[row as usize];
    places.start + pool.score[places.clone()].partition_point(|&c| c < s)
}
