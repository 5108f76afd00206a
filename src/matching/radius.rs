//! Radius matching: everybody in the pool within the caliper of a participant shares its weight,
//! with replacement (Dehejia & Wahba 2002, doi:10.1162/003465302317331982).
//!
//! Cost O((n_T + n_C) log n): the pool is sorted once, a set is a run of it found by two binary
//! searches, and the weights w_c and q_c come from difference arrays.

use super::Metric;
use super::sets::{DropReason, Dropped, Matches, Pool, Sets};

pub(super) fn run(metric: &Metric) -> Matches {
    let pool = Pool::sort(metric);
    let n = pool.rows.len();
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
        let from = here.partition_point(|&c| s - c > metric.caliper);
        let to = here.partition_point(|&c| c - s <= metric.caliper);
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
    let (weight, weight_squared) = weights(n, &low, &high);
    Matches {
        participants,
        dropped,
        pool: pool.rows,
        pool_score: pool.score,
        stratum_start: pool.stratum_start,
        sets: Sets::Runs { low, high },
        weight,
        weight_squared,
        caliper: metric.caliper,
    }
}

/// w_c and q_c from difference arrays. A count of the sets that cover a place runs along, so that
/// a place that none covers has weight 0 exactly, whatever rounding left behind.
fn weights(n: usize, low: &[u32], high: &[u32]) -> (Vec<f64>, Vec<f64>) {
    let mut count = vec![0i32; n + 1];
    let mut weight = vec![0.0; n + 1];
    let mut squared = vec![0.0; n + 1];
    for (&l, &h) in low.iter().zip(high) {
        let w = 1.0 / f64::from(h - l);
        let (l, h) = (l as usize, h as usize);
        count[l] += 1;
        count[h] -= 1;
        weight[l] += w;
        weight[h] -= w;
        squared[l] += w * w;
        squared[h] -= w * w;
    }
    let (mut covering, mut w, mut q) = (0, 0.0, 0.0);
    for c in 0..n {
        covering += count[c];
        if covering == 0 {
            (w, q) = (0.0, 0.0);
        } else {
            w += weight[c];
            q += squared[c];
        }
        (weight[c], squared[c]) = (w, q);
    }
    weight.truncate(n);
    squared.truncate(n);
    (weight, squared)
}
