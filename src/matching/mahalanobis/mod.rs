//! Nearest neighbours on the Mahalanobis distance of named covariates, inside a caliper on the
//! score where there is one (Rubin 1980, doi:10.2307/2529981; Rosenbaum & Rubin 1985,
//! doi:10.1080/00031305.1985.10479383).
//!
//! Participants choose in the order asked for, ties in row order; each takes the nearest pool
//! member within the caliper and stratum, at equal distance the one in the lower row. With a ratio
//! above 1 and no replacement everybody chooses once before anybody chooses again.
//!
//! Cost: whitening O(n p^2); then for each participant the places within its caliper times p (no
//! caliper: the whole pool, n_T n_C p), in wide registers and on all cores, most given up after a
//! few coordinates. Up to eight coordinates and no caliper: a k-d tree, O(n_T log n_C) about.
//! Without replacement the few nearest are found once for everybody; who finds them all taken looks
//! again among the free.

mod search;
mod whiten;

use super::participants::{kept_and_dropped, place_on_score, within_caliper};
use super::sets::{Found, Matches, Pool};
use super::{MatchError, Metric};
use crate::covariates::DesignMatrix;
use crate::study::{MatchSettings, Order};
use search::{Near, Query, Search};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use whiten::Whitened;

/// Found beyond the ratio at the first look, against those being taken.
const SPARE: usize = 7;

pub(super) fn run(
    metric: &Metric,
    settings: &MatchSettings,
    turns: &[u32],
) -> Result<Matches, MatchError> {
    let matrix = metric.matrix.ok_or(MatchError::NoColumns {
        method: "mahalanobis",
    })?;
    let terms = terms(matrix, &settings.columns)?;
    let people = Whitened::new(matrix, &terms, metric.treated)?;
    let pool = Pool::sort(metric);
    let sets = choose(metric, settings, turns, &people, &pool);
    let (sets, dropped) = kept_and_dropped(metric, &pool, sets);
    Ok(Found::lists(sets, dropped).weigh(metric, pool))
}

/// Every column of the matrix that is made from a named covariate; all when none is named.
fn terms(matrix: &DesignMatrix, columns: &[String]) -> Result<Vec<usize>, MatchError> {
    if columns.is_empty() {
        return Ok((0..matrix.terms().len()).collect());
    }
    let mut terms = Vec::new();
    for column in columns {
        let of = matrix.terms_of(column);
        if of.is_empty() {
            return Err(MatchError::Settings {
                setting: "columns",
                rule: format!(
                    "`{column}` is not among the covariates; add it to them, or leave it out"
                ),
            });
        }
        terms.extend(of);
    }
    terms.sort_unstable();
    terms.dedup();
    Ok(terms)
}

fn choose(
    metric: &Metric,
    settings: &MatchSettings,
    turns: &[u32],
    people: &Whitened,
    pool: &Pool,
) -> Vec<(u32, Vec<u32>)> {
    let search = Search::new(people, pool);
    let queries: Vec<Query> = turns
        .iter()
        .map(|&row| Query {
            row,
            run: within_caliper(metric, pool, row),
            at: place_on_score(metric, pool, row),
        })
        .collect();
    if settings.replace {
        let lists = search.nearest(&queries, settings.ratio);
        return turns
            .iter()
            .zip(lists)
            .map(|(&row, list)| (row, list.iter().map(|n| n.place).collect()))
            .collect();
    }
    let wanted = settings.ratio + SPARE;
    let mut takers = Takers {
        lists: search.nearest(&queries, wanted),
        cursor: vec![0; turns.len()],
        asked: vec![wanted; turns.len()],
        taken: vec![false; pool.rows.len()],
        queries,
        search,
    };
    let mut sets: Vec<(u32, Vec<u32>)> = turns.iter().map(|&row| (row, Vec::new())).collect();
    for _ in 0..settings.ratio {
        if settings.resolved_order() == Order::Closest {
            takers.closest_first(&mut sets);
        } else {
            for (turn, (_, set)) in sets.iter_mut().enumerate() {
                if let Some(near) = takers.next_free(turn) {
                    takers.taken[near.place as usize] = true;
                    set.push(near.place);
                }
            }
        }
    }
    sets
}

/// Participants, each with the nearest found so far, and who is taken.
struct Takers<'a> {
    queries: Vec<Query>,
    search: Search<'a>,
    lists: Vec<Vec<Near>>,
    cursor: Vec<usize>,
    asked: Vec<usize>,
    taken: Vec<bool>,
}

impl Takers<'_> {
    /// The nearest free one of a turn.
    fn next_free(&mut self, turn: usize) -> Option<Near> {
        loop {
            let list = &self.lists[turn];
            while let Some(near) = list.get(self.cursor[turn]) {
                if !self.taken[near.place as usize] {
                    return Some(*near);
                }
                self.cursor[turn] += 1;
            }
            if list.len() < self.asked[turn] {
                return None;
            }
            self.asked[turn] *= 2;
            self.cursor[turn] = 0;
            self.lists[turn] =
                self.search
                    .nearest_free(&self.queries[turn], self.asked[turn], &self.taken);
        }
    }

    /// One more for everybody, the closest pair of all first, at equal distance the earlier row.
    fn closest_first(&mut self, sets: &mut [(u32, Vec<u32>)]) {
        // Squared distances are not negative, and such numbers are ordered as their bits are.
        let key = |near: Near, turn: usize| Reverse((near.distance.to_bits(), turn, near.place));
        let mut queue: BinaryHeap<_> = (0..sets.len())
            .filter_map(|turn| Some(key(self.next_free(turn)?, turn)))
            .collect();
        while let Some(Reverse((_, turn, place))) = queue.pop() {
            if !self.taken[place as usize] {
                self.taken[place as usize] = true;
                sets[turn].1.push(place);
            } else if let Some(near) = self.next_free(turn) {
                queue.push(key(near, turn));
            }
        }
    }
}
