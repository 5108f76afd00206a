//! Optimal full matching on the score (Rosenbaum 1991, doi:10.1111/j.2517-6161.1991.tb01848.x;
//! Hansen 2004, doi:10.1198/016214504000000647).
//!
//! Everybody who has somebody of the other group within the caliper (and stratum) is in exactly one
//! set; a set is one participant with pool members, or one pool member with participants; the sum
//! of the distances |score_i - score_c| within sets is the least there is. A pool member of set s
//! weighs n_T,s / n_C,s.
//!
//! Such sets are a cheapest cover of everybody by edges, and of that it is known: somebody is
//! either in a pair or hangs on the nearest of the other group. So it is a cheapest pairing in
//! which staying alone costs the distance to the nearest ([`super::pairing`]). Among several
//! nearest at the same score those who hang on take turns, so that ties make sets of even sizes.
//!
//! Cost O((n_T + n_C) log n); the optimum is exact up to the rounding of sums.

mod cover;

use super::Metric;
use super::participants::{Participants, kept_and_dropped};
use super::sets::{Found, Groups, Matches, Pool};
use cover::cover;

pub(super) fn run(metric: &Metric) -> Matches {
    let pool = Pool::sort(metric);
    let participants = Participants::sort(metric, &pool);
    let mut sets = Vec::with_capacity(participants.rows.len());
    for (here, places) in &participants.strata {
        let scores = &participants.score[here.clone()];
        let edges = cover(scores, &pool.score[places.clone()], metric.caliper);
        for set in edges.chunk_by(|a, b| a.0 == b.0) {
            let row = participants.rows[here.start + set[0].0 as usize];
            let members = set.iter().map(|e| places.start as u32 + e.1).collect();
            sets.push((row, members));
        }
    }
    let (sets, dropped) = kept_and_dropped(metric, &pool, sets);
    let groups = groups(&sets, pool.rows.len());
    let found = Found::lists(sets, dropped);
    Found {
        groups: Some(groups),
        ..found
    }
    .weigh(metric, pool)
}

/// Numbers the sets in the order of their first participant's row. Who shares one pool member is
/// in one set.
fn groups(sets: &[(u32, Vec<u32>)], pool: usize) -> Groups {
    let mut groups = Groups {
        participants: Vec::with_capacity(sets.len()),
        pool: vec![Groups::NONE; pool],
    };
    let mut next = 0;
    for (_, members) in sets {
        let mut number = groups.pool[members[0] as usize];
        if number == Groups::NONE {
            number = next;
            next += 1;
        }
        groups.participants.push(number);
        for &c in members {
            groups.pool[c as usize] = number;
        }
    }
    groups
}
