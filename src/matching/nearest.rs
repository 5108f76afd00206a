//! Nearest-neighbour matching on the score.
//!
//! Rule: everybody is sorted by (score, row). Participants choose in the order asked for, ties in
//! row order. From a participant's place walk outwards to the first free pool member below and
//! above; take the nearer, at equal distance the one fewer places away, then the one below; a
//! match if within the caliper. This reproduces the pairs of R's MatchIt 4.7. With a ratio above 1
//! and no replacement everybody chooses once before anybody chooses again.
//!
//! Cost O(n log n): taken members are skipped through a union-find with path halving.

use super::Metric;
use super::sets::{DropReason, Dropped, Found as Sought, Matches, Pool};
use crate::study::{MatchSettings, Order};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

pub(super) fn run(metric: &Metric, settings: &MatchSettings, turns: &[u32]) -> Matches {
    let pool = Pool::sort(metric);
    let mut line = Line::new(metric, &pool);
    let mut sets: Vec<Vec<u32>> = vec![Vec::new(); metric.treated.len()];
    if settings.replace {
        for &row in turns {
            sets[row as usize] = line.walk(row, settings.ratio);
        }
    } else if settings.resolved_order() == Order::Closest {
        for _ in 0..settings.ratio {
            closest_first(&mut line, turns, &mut sets);
        }
    } else {
        for _ in 0..settings.ratio {
            for &row in turns {
                if let Some(found) = line.nearest(row) {
                    line.take(found.place);
                    sets[row as usize].push(found.member);
                }
            }
        }
    }
    let (mut kept, mut dropped) = (Vec::new(), Vec::new());
    for (row, set) in sets
        .into_iter()
        .enumerate()
        .filter(|&(r, _)| metric.treated[r])
    {
        let row = row as u32;
        if !set.is_empty() {
            kept.push((row, set));
        } else {
            dropped.push(Dropped {
                row,
                reason: line.why_nobody(row, &pool),
            });
        }
    }
    Sought::lists(kept, dropped).weigh(metric, pool)
}

/// The closest pair of all first; when its pool member is gone meanwhile, that participant's next
/// best goes back into the queue, ahead of those at the same distance.
fn closest_first(line: &mut Line, turns: &[u32], sets: &mut [Vec<u32>]) {
    let mut queue = BinaryHeap::new();
    for (turn, &row) in turns.iter().enumerate() {
        if let Some(found) = line.nearest(row) {
            queue.push(Reverse((
                Distance(found.distance),
                turn as i64,
                row,
                found.place,
                found.member,
            )));
        }
    }
    let mut returned = 0;
    while let Some(Reverse((_, _, row, place, member))) = queue.pop() {
        if line.is_free(place) {
            line.take(place);
            sets[row as usize].push(member);
        } else if let Some(found) = line.nearest(row) {
            returned -= 1;
            queue.push(Reverse((
                Distance(found.distance),
                returned,
                row,
                found.place,
                found.member,
            )));
        }
    }
}

/// A distance with a total order.
#[derive(PartialEq)]
struct Distance(f64);

impl Eq for Distance {}

impl PartialOrd for Distance {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Distance {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// A free pool member found from a participant's place.
struct Found {
    distance: f64,
    /// Place in the line.
    place: usize,
    /// Place in the pool.
    member: u32,
}

/// Everybody in a line, sorted by (stratum, score, row), places 1..=n; 0 and n+1 are ends.
struct Line<'a> {
    metric: &'a Metric<'a>,
    /// Row at each place.
    row_at: Vec<u32>,
    /// Place of each row.
    place_of: Vec<u32>,
    /// Pool place of each line place; `u32::MAX` for participants.
    member_at: Vec<u32>,
    /// Next free pool member at or before / after a place (union-find parents).
    below: Vec<u32>,
    above: Vec<u32>,
}

const NOBODY: u32 = u32::MAX;

impl<'a> Line<'a> {
    fn new(metric: &'a Metric<'a>, pool: &Pool) -> Line<'a> {
        let mut rows: Vec<u32> = metric
            .order
            .iter()
            .copied()
            .filter(|&r| metric.kept[r as usize])
            .collect();
        if !metric.strata.is_empty() {
            rows.sort_by_key(|&r| metric.strata[r as usize]);
        }
        let n = rows.len();
        let mut pool_place = vec![NOBODY; metric.treated.len()];
        for (place, &r) in pool.rows.iter().enumerate() {
            pool_place[r as usize] = place as u32;
        }
        let mut place_of = vec![0; metric.treated.len()];
        let mut row_at = vec![NOBODY; n + 2];
        let mut member_at = vec![NOBODY; n + 2];
        for (i, &r) in rows.iter().enumerate() {
            row_at[i + 1] = r;
            place_of[r as usize] = i as u32 + 1;
            member_at[i + 1] = pool_place[r as usize];
        }
        let mut line = Line {
            metric,
            row_at,
            place_of,
            member_at,
            below: (0..n as u32 + 2).collect(),
            above: (0..n as u32 + 2).collect(),
        };
        for place in 1..=n {
            if line.member_at[place] == NOBODY {
                line.take(place);
            }
        }
        line
    }

    fn is_free(&self, place: usize) -> bool {
        self.below[place] == place as u32
    }

    fn take(&mut self, place: usize) {
        self.below[place] = place as u32 - 1;
        self.above[place] = place as u32 + 1;
    }

    /// First free place at or below.
    fn free_below(&mut self, place: usize) -> usize {
        find(&mut self.below, place)
    }

    /// First free place at or above.
    fn free_above(&mut self, place: usize) -> usize {
        find(&mut self.above, place)
    }

    fn score_at(&self, place: usize) -> f64 {
        self.metric.score[self.row_at[place] as usize]
    }

    fn same_stratum(&self, place: usize, row: u32) -> bool {
        let other = self.row_at[place];
        other != NOBODY
            && (self.metric.strata.is_empty()
                || self.metric.strata[other as usize] == self.metric.strata[row as usize])
    }

    /// Distance from a row to the pool member at a place; infinite at the ends and across strata.
    fn distance(&self, place: usize, row: u32) -> f64 {
        if self.same_stratum(place, row) {
            (self.score_at(place) - self.metric.score[row as usize]).abs()
        } else {
            f64::INFINITY
        }
    }

    /// The nearer of two places, by distance, then places away, then the one below.
    fn nearer(&self, row: u32, low: usize, high: usize) -> Option<Found> {
        let here = self.place_of[row as usize] as usize;
        let (down, up) = (self.distance(low, row), self.distance(high, row));
        let take_low = down < up || (down == up && here - low <= high - here);
        let (place, distance) = if take_low { (low, down) } else { (high, up) };
        (distance.is_finite() && distance <= self.metric.caliper).then(|| Found {
            distance,
            place,
            member: self.member_at[place],
        })
    }

    fn nearest(&mut self, row: u32) -> Option<Found> {
        let here = self.place_of[row as usize] as usize;
        let low = self.free_below(here - 1);
        let high = self.free_above(here + 1);
        self.nearer(row, low, high)
    }

    /// The `ratio` nearest, nobody taken.
    fn walk(&mut self, row: u32, ratio: usize) -> Vec<u32> {
        let here = self.place_of[row as usize] as usize;
        let mut low = self.free_below(here - 1);
        let mut high = self.free_above(here + 1);
        let mut set = Vec::with_capacity(ratio);
        while set.len() < ratio {
            let Some(found) = self.nearer(row, low, high) else {
                break;
            };
            set.push(found.member);
            if found.place == low {
                low = self.free_below(low - 1);
            } else {
                high = self.free_above(high + 1);
            }
        }
        set
    }

    fn why_nobody(&self, row: u32, pool: &Pool) -> DropReason {
        if !self.metric.kept[row as usize] {
            return DropReason::OutsideSupport;
        }
        let here = &pool.score[pool.stratum(self.metric.strata, row)];
        if here.is_empty() {
            return DropReason::EmptyStratum;
        }
        let s = self.metric.score[row as usize];
        let from = here.partition_point(|&c| s - c > self.metric.caliper);
        if here
            .get(from)
            .is_some_and(|&c| c - s <= self.metric.caliper)
        {
            DropReason::AllTaken
        } else {
            DropReason::NobodyWithinCaliper
        }
    }
}

/// Root of a place, halving the path on the way.
fn find(parent: &mut [u32], place: usize) -> usize {
    let mut place = place;
    while parent[place] != place as u32 {
        let up = parent[place] as usize;
        parent[place] = parent[up];
        place = up;
    }
    place
}
