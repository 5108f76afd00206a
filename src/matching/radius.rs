//! Radius matching: everybody in the pool within the caliper of a participant shares its weight,
//! with replacement (Dehejia & Wahba 2002, doi:10.1162/003465302317331982).
//!
//! Cost O((n_T + n_C) log n): the pool is sorted once, a set is a run of it found by two binary
//! searches, and the weights w_c and q_c come from difference arrays.

use super::Metric;
use super::sets::{DropReason, Dropped, Found, Matches, Pool, Sets};

pub(super) fn run(metric: &Metric) -> Matches {
    let pool = Pool::sort(metric);
    let runs = runs(metric, &pool, |distance| distance > metric.caliper);
    let found = Found {
        participants: runs.participants,
        dropped: runs.dropped,
        sets: Sets::Runs {
            low: runs.low,
            high: runs.high,
        },
        groups: None,
    };
    found.weigh(metric, pool)
}

/// Each participant's run of the pool, and who has none.
pub(super) struct Runs {
    pub participants: Vec<u32>,
    pub dropped: Vec<Dropped>,
    pub low: Vec<u32>,
    pub high: Vec<u32>,
}

/// Runs of the pool around each participant, nobody in them `beyond` it; a negative distance is
/// never beyond.
pub(super) fn runs(metric: &Metric, pool: &Pool, beyond: impl Fn(f64) -> bool) -> Runs {
    let (mut participants, mut dropped) = (Vec::new(), Vec::new());
    let (mut low, mut high) = (Vec::new(), Vec::new());
    for row in (0..metric.treated.len() as u32).filter(|&r| metric.treated[r as usize]) {
        if !metric.kept[row as usize] {
            dropped.push(Dropped {
                row,
                reason: DropReason::OutsideSupport,
            });
            continue;
        }
        let places = pool.stratum(metric.strata, row);
        let here = &pool.score[places.clone()];
        let s = metric.score[row as usize];
        // The difference itself is compared, so that a distance equal to the caliper counts.
        let from = here.partition_point(|&c| beyond(s - c));
        let to = here.partition_point(|&c| !beyond(c - s));
        if from >= to {
            let reason = if here.is_empty() {
                DropReason::EmptyStratum
            } else {
                DropReason::NobodyWithinCaliper
            };
            dropped.push(Dropped { row, reason });
            continue;
        }
        participants.push(row);
        low.push((places.start + from) as u32);
        high.push((places.start + to) as u32);
    }
    Runs {
        participants,
        dropped,
        low,
        high,
    }
}
