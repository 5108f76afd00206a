//! The nearest of the pool in whitened coordinates: a k-d tree where it pays, else a scan of the
//! places within the caliper, in blocks that several participants share while they are at hand.

mod tree;

use super::Whitened;
use crate::matching::sets::Pool;
use crate::numeric::simd::widest;
use rayon::prelude::*;
use std::ops::Range;

/// Places computed at once.
const LANES: usize = 32;
/// Participants that go through the pool together.
const GROUP: usize = 16;
/// Coordinates added up between two looks at whether it is worth going on.
const STRIDE: usize = 8;
/// A tree loses to a scan in more dimensions than this.
const TREE_DIMS: usize = 8;
/// Smaller pools are scanned before a tree is built.
const TREE_POOL: usize = 10_000;

/// Somebody of the pool, ordered by (distance, row).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Near {
    /// Squared distance.
    pub distance: f64,
    row: u32,
    /// Place in the pool.
    pub place: u32,
}

impl Near {
    fn before(&self, other: &Near) -> bool {
        self.distance
            .total_cmp(&other.distance)
            .then(self.row.cmp(&other.row))
            .is_lt()
    }
}

/// A participant and the places it may be matched to.
pub(super) struct Query {
    pub row: u32,
    pub run: Range<usize>,
    /// The place nearest on the score, where looking begins: who is alike on the score is alike,
    /// and the sooner near ones are found, the sooner others are given up.
    pub at: usize,
}

/// The pool's coordinates by blocks of [`LANES`] places, a coordinate after the other within.
pub(super) struct Search<'a> {
    people: &'a Whitened,
    pool: &'a [u32],
    blocks: Vec<f64>,
}

impl<'a> Search<'a> {
    pub(super) fn new(people: &'a Whitened, pool: &'a Pool) -> Search<'a> {
        let dims = people.dims();
        let mut blocks = vec![0.0; pool.rows.len().div_ceil(LANES) * LANES * dims];
        blocks
            .par_chunks_mut(LANES * dims)
            .zip(pool.rows.par_chunks(LANES))
            .for_each(|(block, rows)| {
                for (lane, &row) in rows.iter().enumerate() {
                    for (d, &x) in people.of(row).iter().enumerate() {
                        block[d * LANES + lane] = x;
                    }
                }
            });
        Search {
            people,
            pool: &pool.rows,
            blocks,
        }
    }

    /// The `wanted` nearest of each query, nearest first; at equal distance the lower row.
    pub(super) fn nearest(&self, queries: &[Query], wanted: usize) -> Vec<Vec<Near>> {
        let everybody = queries.iter().all(|q| q.run == (0..self.pool.len()));
        if everybody && self.pool.len() >= TREE_POOL && self.people.dims() <= TREE_DIMS {
            return self.by_tree(queries, wanted);
        }
        // Those who may meet the same part of the pool go together.
        let mut order: Vec<usize> = (0..queries.len()).collect();
        order.sort_by_key(|&i| queries[i].at);
        let found: Vec<Vec<Near>> = order
            .par_chunks(GROUP)
            .flat_map_iter(|group| {
                let group: Vec<&Query> = group.iter().map(|&i| &queries[i]).collect();
                self.scan(&group, wanted, &[])
            })
            .collect();
        let mut lists = vec![Vec::new(); queries.len()];
        for (i, list) in order.into_iter().zip(found) {
            lists[i] = list;
        }
        lists
    }

    /// The `wanted` nearest of one query among those not `taken`.
    pub(super) fn nearest_free(&self, query: &Query, wanted: usize, taken: &[bool]) -> Vec<Near> {
        self.scan(&[query], wanted, taken).pop().unwrap_or_default()
    }

    fn scan(&self, queries: &[&Query], wanted: usize, taken: &[bool]) -> Vec<Vec<Near>> {
        let mut lists = vec![Vec::with_capacity(wanted + 1); queries.len()];
        let from = queries.iter().map(|q| q.run.start).min().unwrap_or(0);
        let to = queries.iter().map(|q| q.run.end).max().unwrap_or(0);
        let size = LANES * self.people.dims();
        let at = queries.get(queries.len() / 2).map_or(from, |q| q.at);
        widest(
            #[inline(always)]
            || {
                for first in outwards(from / LANES, to.div_ceil(LANES), at / LANES) {
                    let first = first * LANES;
                    let block = &self.blocks[first / LANES * size..][..size];
                    for (query, list) in queries.iter().zip(&mut lists) {
                        let run = query.run.start.max(first)..query.run.end.min(first + LANES);
                        if run.is_empty() {
                            continue;
                        }
                        let bound = bound(list, wanted);
                        let squares = squares(block, self.people.of(query.row), bound);
                        let Some(squares) = squares else { continue };
                        for place in run {
                            let distance = squares[place - first];
                            if distance <= bound && !taken.get(place).is_some_and(|t| *t) {
                                self.offer(list, wanted, distance, place);
                            }
                        }
                    }
                }
            },
        );
        lists
    }

    /// Puts somebody into a list of at most `wanted`, where near enough.
    fn offer(&self, list: &mut Vec<Near>, wanted: usize, distance: f64, place: usize) {
        let near = Near {
            distance,
            row: self.pool[place],
            place: place as u32,
        };
        let at = list.partition_point(|n| n.before(&near));
        if at < wanted {
            list.insert(at, near);
            list.truncate(wanted);
        }
    }
}

/// Everything from `from` up to `to`, from `at` outwards on both sides in turn.
fn outwards(from: usize, to: usize, at: usize) -> impl Iterator<Item = usize> {
    let at = at.clamp(from, to);
    let (below, above) = (at - from, to - at);
    (0..below.max(above)).flat_map(move |step| {
        let up = (step < above).then(|| at + step);
        let down = (step < below).then(|| at - 1 - step);
        up.into_iter().chain(down)
    })
}

/// No further than this to get into the list.
fn bound(list: &[Near], wanted: usize) -> f64 {
    match list.last() {
        Some(last) if list.len() == wanted => last.distance,
        _ => f64::INFINITY,
    }
}

/// Squared distances of a block's places; `None` as soon as all of them are beyond the bound.
#[inline(always)]
fn squares(block: &[f64], point: &[f64], bound: f64) -> Option<[f64; LANES]> {
    let mut sums = [0.0; LANES];
    for (columns, values) in block.chunks(STRIDE * LANES).zip(point.chunks(STRIDE)) {
        for (column, q) in columns.chunks_exact(LANES).zip(values) {
            for (sum, x) in sums.iter_mut().zip(column) {
                let d = x - q;
                *sum += d * d;
            }
        }
        if sums
            .iter()
            .fold(f64::INFINITY, |a, &b| if b < a { b } else { a })
            > bound
        {
            return None;
        }
    }
    Some(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers between 0 and 1 from a multiplicative sequence; every third repeats another.
    fn people(rows: usize, dims: usize) -> Whitened {
        let mut state = 1u64;
        let mut values: Vec<f64> = (0..rows * dims)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (state >> 40) as f64 / (1u64 << 24) as f64
            })
            .collect();
        for row in (dims..rows * dims).step_by(3 * dims) {
            values.copy_within(row - dims..row, row);
        }
        Whitened::from_coordinates(dims, values)
    }

    #[test]
    fn tree_and_scan_find_the_same_to_the_last_bit() {
        for dims in [1, 3, 8] {
            let people = people(2_000, dims);
            let pool = Pool {
                rows: (100..2_000).rev().collect(),
                score: vec![0.0; 1_900],
                stratum_start: vec![0, 1_900],
            };
            let search = Search::new(&people, &pool);
            let queries: Vec<Query> = (0..100)
                .map(|row| Query {
                    row,
                    run: 0..1_900,
                    at: 19 * row as usize,
                })
                .collect();
            let all: Vec<&Query> = queries.iter().collect();
            for wanted in [1, 5, 40] {
                let scan = search.scan(&all, wanted, &[]);
                assert!(scan.iter().all(|list| list.len() == wanted));
                assert_eq!(search.by_tree(&queries, wanted), scan);
                assert_eq!(search.nearest(&queries, wanted), scan);
            }
        }
    }

    #[test]
    fn the_taken_and_those_out_of_the_run_are_passed_over() {
        let people = people(300, 2);
        let pool = Pool {
            rows: (10..300).collect(),
            score: vec![0.0; 290],
            stratum_start: vec![0, 290],
        };
        let search = Search::new(&people, &pool);
        let query = Query {
            row: 3,
            run: 37..70,
            at: 64,
        };
        let mut taken = vec![false; 290];
        let mut found = Vec::new();
        while let Some(near) = search.nearest_free(&query, 1, &taken).pop() {
            taken[near.place as usize] = true;
            found.push(near);
        }
        assert_eq!(found.len(), 33);
        assert!(found.windows(2).all(|w| w[0].before(&w[1])));
        assert_eq!(found, search.nearest(&[query], 33)[0]);
    }
}
