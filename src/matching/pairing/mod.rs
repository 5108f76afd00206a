//! The cheapest pairing of two sorted groups on a line, exactly, in O(n log n) comparisons.
//!
//! Everybody of either group is paired with at most one of the other, no pair wider than the
//! caliper; a pair costs its distance, and whoever stays alone costs what the caller says. Walk the
//! line from left to right and let `f(j)` be the least cost so far when j participants still wait
//! for somebody further right (j > 0) or -j pool members are held for participants further right
//! (j < 0). A gap g adds |j| g; a participant waits, is paired, or stays alone:
//! min(f(j - 1), f(j) + alone); a pool member likewise: min(f(j + 1), f(j) + alone). f stays convex,
//! so its slopes, kept in order, are all there is: an arrival puts one slope in its place, a gap
//! moves those right of 0 up and those left of 0 down by g, and the place of each slope put in says
//! on the way back who was paired.
//!
//! The caliper bounds j: where alone costs are equal, or are the distance to the nearest, some
//! cheapest pairing leaves nobody alone between the two of a pair on the side of the one who came
//! first (exchange the two: it costs no more), so those who wait are the last j that came, and j may
//! not exceed how many of them are within the caliper. Exact ties can leave another pairing of the
//! same cost; [`latest`] makes the exchange.
//!
//! Slopes lie in two deques; putting one in moves the shorter side of one, at most the number of
//! participants, in practice a few.

mod slopes;

use slopes::Slopes;
use std::collections::VecDeque;

/// What it costs to stay alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Alone {
    /// Outweighs every distance: as many pairs as there can be, then the least distance.
    Forbidden,
    /// As much as this distance.
    Costs(f64),
}

impl Alone {
    /// Slope (level, distance) of leaving somebody alone.
    fn slope(self) -> (i8, f64) {
        match self {
            Alone::Forbidden => (1, 0.0),
            Alone::Costs(distance) => (0, distance),
        }
    }
}

/// The cheapest pairs (place in `participants`, place in `pool`), both ascending.
///
/// Both slices are sorted. A participant who takes k stands k times in a row. `alone_participant`
/// and `alone_pool` are each the same for all, or each one's distance to the nearest on the other
/// side.
pub(super) fn cheapest(
    participants: &[f64],
    pool: &[f64],
    caliper: f64,
    alone_participant: impl Fn(usize) -> Alone,
    alone_pool: impl Fn(usize) -> Alone,
) -> Vec<(u32, u32)> {
    let turns = forward(participants, pool, caliper, alone_participant, alone_pool);
    let (mut first, mut second) = backward(participants, pool, &turns);
    drop(turns);
    latest(participants, pool, &mut first, &second);
    latest(pool, participants, &mut second, &first);
    let pairs = chosen(&first).zip(chosen(&second)).collect::<Vec<_>>();
    debug_assert!(
        pairs
            .iter()
            .all(|&(t, c)| { (participants[t as usize] - pool[c as usize]).abs() <= caliper })
    );
    pairs
}

/// Walks the line; at each arrival, the smallest j from which on the greater of the two states
/// before leads here.
fn forward(
    participants: &[f64],
    pool: &[f64],
    caliper: f64,
    alone_participant: impl Fn(usize) -> Alone,
    alone_pool: impl Fn(usize) -> Alone,
) -> Vec<i32> {
    let (n, m) = (participants.len(), pool.len());
    let mut turns = Vec::with_capacity(n + m);
    let mut slopes = Slopes::default();
    let (mut t, mut c) = (0, 0);
    let (mut near_t, mut near_c) = (0, 0);
    let origin = match (participants.first(), pool.first()) {
        (Some(a), Some(b)) => a.min(*b),
        _ => 0.0,
    };
    while t < n || c < m {
        let participant = participant_next(participants.get(t), pool.get(c));
        let here = if participant {
            participants[t]
        } else {
            pool[c]
        };
        while near_t < t && here - participants[near_t] > caliper {
            near_t += 1;
        }
        while near_c < c && here - pool[near_c] > caliper {
            near_c += 1;
        }
        slopes.travelled = here - origin;
        // Nobody waits beyond the caliper, nor for more than are still to come.
        slopes.bound((c - near_c).min(n - t), (t - near_t).min(m - c));
        turns.push(if participant {
            let (level, distance) = alone_participant(t).slope();
            t += 1;
            slopes.participant(-level, -distance)
        } else {
            let (level, distance) = alone_pool(c).slope();
            c += 1;
            slopes.member(level, distance)
        });
    }
    turns
}

/// At the same place participants come first.
fn participant_next(participant: Option<&f64>, member: Option<&f64>) -> bool {
    match (participant, member) {
        (Some(t), Some(c)) => t.total_cmp(c).is_le(),
        (t, _) => t.is_some(),
    }
}

/// Who is paired, from the end of the line back: there nobody waits.
fn backward(participants: &[f64], pool: &[f64], turns: &[i32]) -> (Vec<bool>, Vec<bool>) {
    let (mut t, mut c) = (participants.len(), pool.len());
    let (mut first, mut second) = (vec![false; t], vec![false; c]);
    let mut waiting = 0;
    for &turn in turns.iter().rev() {
        let member = c > 0 && (t == 0 || participants[t - 1].total_cmp(&pool[c - 1]).is_le());
        if member {
            c -= 1;
            if waiting < turn {
                second[c] = true;
                waiting += 1;
            }
        } else {
            t -= 1;
            if waiting >= turn {
                first[t] = true;
                waiting -= 1;
            }
        }
    }
    (first, second)
}

/// Where somebody of `own` is paired with somebody further right, and one of `own` between the
/// two is alone, the latest such takes the place: at no more cost, and never wider. Pairs are the
/// chosen of both sides, in order.
fn latest(own: &[f64], other: &[f64], chosen_own: &mut [bool], chosen_other: &[bool]) {
    let pairs: Vec<(u32, u32)> = chosen(chosen_own).zip(chosen(chosen_other)).collect();
    let mut free = VecDeque::new();
    let mut seen = own.len();
    for &(o, p) in pairs.iter().rev() {
        let (o, right) = (o as usize, other[p as usize]);
        while seen > o + 1 {
            seen -= 1;
            if !chosen_own[seen] {
                free.push_front(seen);
            }
        }
        if own[o] >= right {
            continue;
        }
        while free.back().is_some_and(|&d| own[d] > right) {
            free.pop_back();
        }
        if let Some(d) = free.pop_back() {
            chosen_own[d] = true;
            chosen_own[o] = false;
        }
    }
}

fn chosen(flags: &[bool]) -> impl Iterator<Item = u32> {
    flags
        .iter()
        .enumerate()
        .filter(|f| *f.1)
        .map(|f| f.0 as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What staying alone costs on either side.
    type Both<'a> = (&'a dyn Fn(usize) -> Alone, &'a dyn Fn(usize) -> Alone);

    /// Fewest left alone who may not be, and the least cost, by trying every pairing.
    fn by_trying(participants: &[f64], pool: &[f64], caliper: f64, alone: Both) -> (i32, f64) {
        let mut best = vec![None; 1 << pool.len()];
        best[0] = Some((0, 0.0));
        let better = |a: &mut Option<(i32, f64)>, b: (i32, f64)| {
            if a.is_none_or(|a| b < a) {
                *a = Some(b);
            }
        };
        for (t, s) in participants.iter().enumerate() {
            let mut next = vec![None; best.len()];
            for (taken, found) in best.iter().enumerate() {
                let Some((level, cost)) = *found else {
                    continue;
                };
                let (l, d) = alone.0(t).slope();
                better(&mut next[taken], (level + i32::from(l), cost + d));
                for (c, v) in pool.iter().enumerate() {
                    if taken & (1 << c) == 0 && (v - s).abs() <= caliper {
                        better(&mut next[taken | 1 << c], (level, cost + (v - s).abs()));
                    }
                }
            }
            best = next;
        }
        best.iter()
            .enumerate()
            .filter_map(|(taken, found)| {
                let (mut level, mut cost) = (*found)?;
                for c in (0..pool.len()).filter(|c| taken & (1 << c) == 0) {
                    let (l, d) = alone.1(c).slope();
                    level += i32::from(l);
                    cost += d;
                }
                Some((level, cost))
            })
            .fold((i32::MAX, f64::INFINITY), |a, b| if b < a { b } else { a })
    }

    fn cost_of(
        pairs: &[(u32, u32)],
        participants: &[f64],
        pool: &[f64],
        alone: Both,
    ) -> (i32, f64) {
        let (mut level, mut cost) = (0, 0.0);
        let mut add = |slope: (i8, f64)| {
            level += i32::from(slope.0);
            cost += slope.1;
        };
        for &(t, c) in pairs {
            add((0, (participants[t as usize] - pool[c as usize]).abs()));
        }
        for t in (0..participants.len()).filter(|&t| !pairs.iter().any(|p| p.0 as usize == t)) {
            add(alone.0(t).slope());
        }
        for c in (0..pool.len()).filter(|&c| !pairs.iter().any(|p| p.1 as usize == c)) {
            add(alone.1(c).slope());
        }
        (level, cost)
    }

    fn sorted(size: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
        (prop::collection::vec(0i32..40, size), any::<bool>()).prop_map(|(v, coarse)| {
            let step = if coarse { 4 } else { 1 };
            let mut v: Vec<f64> = v.iter().map(|x| f64::from(x / step * step) / 8.0).collect();
            v.sort_by(f64::total_cmp);
            v
        })
    }

    fn check(participants: &[f64], pool: &[f64], caliper: f64, alone: Both) {
        let pairs = cheapest(participants, pool, caliper, alone.0, alone.1);
        for &(t, c) in &pairs {
            assert!((participants[t as usize] - pool[c as usize]).abs() <= caliper);
        }
        // Ascending on both sides, so that nobody is in two pairs.
        assert!(pairs.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 < w[1].1));
        let got = cost_of(&pairs, participants, pool, alone);
        let want = by_trying(participants, pool, caliper, alone);
        assert_eq!(got, want, "{participants:?} {pool:?} {caliper} {pairs:?}");
    }

    fn nearest(own: &[f64], other: &[f64]) -> Vec<f64> {
        let distance = |s: &f64| {
            other
                .iter()
                .map(|o| (o - s).abs())
                .fold(f64::INFINITY, f64::min)
        };
        own.iter().map(distance).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn most_pairs_then_least_distance(
            participants in sorted(0..7), pool in sorted(0..9), steps in 0u32..30,
        ) {
            // Eighths: sums are exact, so that costs can be compared for equality.
            let caliper = if steps == 29 { f64::INFINITY } else { f64::from(steps) / 8.0 };
            check(&participants, &pool, caliper, (&|_| Alone::Forbidden, &|_| Alone::Costs(0.0)));
        }

        #[test]
        fn alone_at_the_distance_to_the_nearest(
            participants in sorted(1..7), pool in sorted(1..9), steps in 0u32..30,
        ) {
            let caliper = if steps == 29 { f64::INFINITY } else { f64::from(steps) / 8.0 };
            let (t, c) = (nearest(&participants, &pool), nearest(&pool, &participants));
            let kept = |s: &[f64], near: &[f64]| -> Vec<f64> {
                s.iter().zip(near).filter(|p| *p.1 <= caliper).map(|p| *p.0).collect()
            };
            let (participants, pool) = (kept(&participants, &t), kept(&pool, &c));
            let (t, c) = (nearest(&participants, &pool), nearest(&pool, &participants));
            check(&participants, &pool, caliper, (&|i| Alone::Costs(t[i]), &|i| Alone::Costs(c[i])));
        }
    }

    #[test]
    fn the_greedy_choice_gives_way_to_the_cheapest_sum() {
        // 2 takes 2.5 first and leaves 3 with 9 (6.5 in all); the best is 2-0, 3-2.5 (2.5).
        let pairs = cheapest(
            &[2.0, 3.0],
            &[0.0, 2.5, 9.0],
            f64::INFINITY,
            |_| Alone::Forbidden,
            |_| Alone::Costs(0.0),
        );
        assert_eq!(pairs, [(0, 0), (1, 1)]);
    }

    /// The same for long lines: pairs of an optimum can be taken in order, so a table over how
    /// many of each have been passed finds it.
    fn by_table(participants: &[f64], pool: &[f64], caliper: f64, alone: Both) -> (i32, f64) {
        let add = |a: (i32, f64), slope: (i8, f64)| (a.0 + i32::from(slope.0), a.1 + slope.1);
        let min = |a: (i32, f64), b: (i32, f64)| if b < a { b } else { a };
        let mut before: Vec<(i32, f64)> = vec![(0, 0.0)];
        for c in 0..pool.len() {
            before.push(add(before[c], alone.1(c).slope()));
        }
        for (t, s) in participants.iter().enumerate() {
            let mut row = vec![add(before[0], alone.0(t).slope())];
            for (c, v) in pool.iter().enumerate() {
                let apart = min(
                    add(before[c + 1], alone.0(t).slope()),
                    add(row[c], alone.1(c).slope()),
                );
                let d = (v - s).abs();
                row.push(match d <= caliper {
                    true => min(apart, add(before[c], (0, d))),
                    false => apart,
                });
            }
            before = row;
        }
        before[pool.len()]
    }

    fn long(size: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(-1.0f64..1.0, size).prop_map(|mut v| {
            // Denser in the middle.
            v.iter_mut().for_each(|x| *x *= 5.0 * x.abs());
            v.sort_by(f64::total_cmp);
            v
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn long_lines_cost_no_more_than_the_table_says(
            participants in long(1..150), pool in long(1..200), caliper in prop::option::of(0.001f64..1.0),
        ) {
            let caliper = caliper.unwrap_or(f64::INFINITY);
            let (t, c) = (nearest(&participants, &pool), nearest(&pool, &participants));
            let kept = |s: &[f64], near: &[f64]| -> Vec<f64> {
                s.iter().zip(near).filter(|p| *p.1 <= caliper).map(|p| *p.0).collect()
            };
            let (near_t, near_c) = (kept(&participants, &t), kept(&pool, &c));
            let (t, c) = (nearest(&near_t, &near_c), nearest(&near_c, &near_t));
            let optimal: Both =
                (&|_| Alone::Forbidden, &|_| Alone::Costs(0.0));
            let full: Both =
                (&|i| Alone::Costs(t[i]), &|i| Alone::Costs(c[i]));
            for (participants, pool, alone) in [(&participants, &pool, optimal), (&near_t, &near_c, full)] {
                let pairs = cheapest(participants, pool, caliper, alone.0, alone.1);
                let within = |p: &(u32, u32)| (participants[p.0 as usize] - pool[p.1 as usize]).abs() <= caliper;
                prop_assert!(pairs.iter().all(within));
                let got = cost_of(&pairs, participants, pool, alone);
                let want = by_table(participants, pool, caliper, alone);
                prop_assert_eq!(got.0, want.0);
                prop_assert!((got.1 - want.1).abs() < 1e-10, "{:?} {:?}", got, want);
            }
        }
    }
}
