//! Cells of people who are all each other's counterparts: what exact, coarsened exact and subclass
//! matching have in common.
//!
//! # Formula
//! In a cell with participants T and pool members C, `w_ic = b_c / B`, B the sum over C of the
//! sampling weights b (1 each where there are none); so `w_c = b_c G / B`, G the sum over T of the
//! g_i, and `q_c = b_c^2 sum_T g_i^2 / B^2`. Without weights `w_c = n_T / n_C`.
//!
//! Cost: one pass over the people.

use super::Metric;
use super::sets::{DropReason, Dropped, Found, Groups, Matches, Pool, Sets};
use std::borrow::Cow;

/// Sets that are whole cells; `cell` numbers them, one a row, below the number of rows. The pool is
/// sorted by (cell, score, row).
pub(super) fn matched(metric: &Metric, cell: &[u32]) -> Matches {
    let metric = Metric {
        score: Cow::Borrowed(&metric.score),
        order: Cow::Borrowed(&metric.order),
        kept: metric.kept.clone(),
        strata: cell,
        ..*metric
    };
    let pool = Pool::sort(&metric);
    let found = sets(&metric, &pool);
    let mut matches = found.unweighed(&metric, pool);
    weigh(&mut matches);
    matches
}

fn sets(metric: &Metric, pool: &Pool) -> Found {
    let (mut participants, mut dropped) = (Vec::new(), Vec::new());
    let (mut low, mut high) = (Vec::new(), Vec::new());
    // Sets are numbered as their first participant comes.
    let mut set_of_cell = vec![Groups::NONE; pool.stratum_start.len()];
    let mut groups = Groups {
        participants: Vec::new(),
        pool: vec![Groups::NONE; pool.rows.len()],
    };
    let mut sets = 0;
    for row in (0..metric.treated.len() as u32).filter(|&r| metric.treated[r as usize]) {
        let reason = match metric.kept[row as usize] {
            true => DropReason::EmptyStratum,
            false => DropReason::OutsideSupport,
        };
        let places = pool.stratum(metric.strata, row);
        if reason == DropReason::OutsideSupport || places.is_empty() {
            dropped.push(Dropped { row, reason });
            continue;
        }
        let set = &mut set_of_cell[metric.strata[row as usize] as usize];
        if *set == Groups::NONE {
            *set = sets;
            sets += 1;
            groups.pool[places.clone()].fill(*set);
        }
        groups.participants.push(*set);
        participants.push(row);
        low.push(places.start as u32);
        high.push(places.end as u32);
    }
    Found {
        participants,
        dropped,
        sets: Sets::Runs { low, high },
        groups: Some(groups),
    }
}

/// w_c and q_c, each cell by itself: the digits of a small one do not hang on a large neighbour.
fn weigh(matches: &mut Matches) {
    let Some(groups) = &matches.groups else {
        return;
    };
    let sets = groups.participants.iter().max().map_or(0, |m| *m + 1) as usize;
    // Sum of g, of g^2, of b.
    let mut sums = vec![[0.0; 3]; sets];
    for (&set, g) in groups.participants.iter().zip(&matches.participant_weight) {
        sums[set as usize][0] += g;
        sums[set as usize][1] += g * g;
    }
    let base: Vec<f64> = (0..matches.pool.len())
        .map(|c| matches.base(c as u32))
        .collect();
    for (&set, b) in groups.pool.iter().zip(&base) {
        if set != Groups::NONE {
            sums[set as usize][2] += b;
        }
    }
    for (c, (&set, b)) in groups.pool.iter().zip(&base).enumerate() {
        if set != Groups::NONE {
            let [g, squares, total] = sums[set as usize];
            let part = b / total;
            matches.weight[c] = part * g;
            matches.weight_squared[c] = part * part * squares;
        }
    }
}
