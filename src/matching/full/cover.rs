//! The cheapest cover of everybody on a line by stars.

use crate::matching::pairing::{Alone, cheapest};

/// A cheapest cover by stars: edges (place in `participants`, place in `pool`), ascending. Both
/// slices are sorted.
pub(super) fn cover(participants: &[f64], pool: &[f64], caliper: f64) -> Vec<(u32, u32)> {
    let (first, nearest_member) = within(participants, nearest(participants, pool), caliper);
    let (second, nearest_participant) = within(pool, nearest(pool, participants), caliper);
    let scores = |places: &[u32], of: &[f64]| -> Vec<f64> {
        places.iter().map(|&i| of[i as usize]).collect()
    };
    let pairs = cheapest(
        &scores(&first, participants),
        &scores(&second, pool),
        caliper,
        |i| Alone::Costs(nearest_member[i].distance),
        |i| Alone::Costs(nearest_participant[i].distance),
    );
    let mut edges: Vec<(u32, u32)> = pairs
        .iter()
        .map(|&(t, c)| (first[t as usize], second[c as usize]))
        .collect();
    let (mut paired, mut served) = (vec![false; first.len()], vec![false; second.len()]);
    for &(t, c) in &pairs {
        paired[t as usize] = true;
        served[c as usize] = true;
    }
    hang_on(&first, &paired, &nearest_member, pool, |t, c| {
        edges.push((t, c))
    });
    hang_on(
        &second,
        &served,
        &nearest_participant,
        participants,
        |c, t| {
            edges.push((t, c));
        },
    );
    edges.sort_unstable();
    edges.dedup();
    without_redundant(edges, participants.len(), pool.len())
}

/// The nearest of the other group.
#[derive(Clone, Copy)]
struct Nearest {
    distance: f64,
    /// First place of those at this score.
    place: u32,
}

/// The nearest in `other` of each in `own`; at equal distance the one below. Empty where `other` is.
fn nearest(own: &[f64], other: &[f64]) -> Vec<Nearest> {
    let mut found = Vec::with_capacity(own.len());
    if other.is_empty() {
        return found;
    }
    // `above` is the first place not below; `below` the first of the score just below.
    let (mut above, mut below) = (0, None);
    for &s in own {
        while above < other.len() && other[above] < s {
            if above == 0 || other[above] != other[above - 1] {
                below = Some(above);
            }
            above += 1;
        }
        let down = below.map(|place| (s - other[place], place));
        let up = (above < other.len()).then(|| (other[above] - s, above));
        let best = match (down, up) {
            (Some(d), Some(u)) => Some(if d.0 <= u.0 { d } else { u }),
            (d, u) => d.or(u),
        };
        if let Some((distance, place)) = best {
            found.push(Nearest {
                distance,
                place: place as u32,
            });
        }
    }
    found
}

/// Places of those who have somebody within the caliper, and whom.
fn within(own: &[f64], nearest: Vec<Nearest>, caliper: f64) -> (Vec<u32>, Vec<Nearest>) {
    (0..own.len() as u32)
        .zip(nearest)
        .filter(|(_, n)| n.distance <= caliper)
        .unzip()
}

/// Gives everybody without a pair the nearest; several at the same score take turns.
fn hang_on(
    own: &[u32],
    paired: &[bool],
    nearest: &[Nearest],
    other: &[f64],
    mut edge: impl FnMut(u32, u32),
) {
    let mut last = None;
    let mut turn = 0;
    for ((&o, _), n) in own.iter().zip(paired).zip(nearest).filter(|x| !x.0.1) {
        turn = if last == Some(n.place) { turn + 1 } else { 0 };
        last = Some(n.place);
        let first = n.place as usize;
        if first + turn >= other.len() || other[first + turn] != other[first] {
            turn = 0;
        }
        edge(o, (first + turn) as u32);
    }
}

/// Drops edges between two who each have another: in an optimum such edges have no length. What is
/// left are stars.
fn without_redundant(edges: Vec<(u32, u32)>, n: usize, m: usize) -> Vec<(u32, u32)> {
    let (mut first, mut second) = (vec![0u32; n], vec![0u32; m]);
    for &(t, c) in &edges {
        first[t as usize] += 1;
        second[c as usize] += 1;
    }
    edges
        .into_iter()
        .filter(|&(t, c)| {
            let (t, c) = (t as usize, c as usize);
            let redundant = first[t] > 1 && second[c] > 1;
            if redundant {
                first[t] -= 1;
                second[c] -= 1;
            }
            !redundant
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The least total of a set of edges that covers everybody who can be, by trying them all.
    fn by_trying(participants: &[f64], pool: &[f64], caliper: f64) -> f64 {
        let reach = |s: f64, of: &[f64]| of.iter().any(|o| (o - s).abs() <= caliper);
        // What each pool member is joined to, as a set of bits; participants covered so far.
        let all: usize = (0..participants.len())
            .filter(|&t| reach(participants[t], pool))
            .map(|t| 1 << t)
            .sum();
        let mut best = vec![f64::INFINITY; 1 << participants.len()];
        best[0] = 0.0;
        for c in pool.iter().filter(|c| reach(**c, participants)) {
            let mut next = vec![f64::INFINITY; best.len()];
            for (covered, cost) in best.iter().enumerate().filter(|b| b.1.is_finite()) {
                for joined in 1..1usize << participants.len() {
                    let distances = (0..participants.len())
                        .filter(|t| joined & (1 << t) != 0)
                        .map(|t| (participants[t] - c).abs());
                    let (mut sum, mut widest) = (0.0, 0.0f64);
                    for d in distances {
                        sum += d;
                        widest = widest.max(d);
                    }
                    if widest <= caliper {
                        let to = &mut next[covered | joined];
                        *to = to.min(cost + sum);
                    }
                }
            }
            best = next;
        }
        best[all]
    }

    fn sorted(size: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(0i32..24, size).prop_map(|v| {
            let mut v: Vec<f64> = v.iter().map(|x| f64::from(*x) / 8.0).collect();
            v.sort_by(f64::total_cmp);
            v
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_cover_is_the_cheapest_of_all_and_made_of_stars(
            participants in sorted(0..6), pool in sorted(0..7), steps in 0u32..20,
        ) {
            let caliper = if steps == 19 { f64::INFINITY } else { f64::from(steps) / 8.0 };
            let edges = cover(&participants, &pool, caliper);
            let length = |e: &(u32, u32)| (participants[e.0 as usize] - pool[e.1 as usize]).abs();
            prop_assert!(edges.iter().all(|e| length(e) <= caliper));
            // Eighths: sums are exact.
            let total: f64 = edges.iter().map(length).sum();
            prop_assert_eq!(total, by_trying(&participants, &pool, caliper), "{:?} {:?} {} {:?}", participants, pool, caliper, edges);
            let degree = |t: bool, i: u32| edges.iter().filter(|e| if t { e.0 == i } else { e.1 == i }).count();
            prop_assert!(edges.iter().all(|e| degree(true, e.0) == 1 || degree(false, e.1) == 1));
            for (t, s) in participants.iter().enumerate() {
                let reach = pool.iter().any(|c| (c - s).abs() <= caliper);
                prop_assert_eq!(degree(true, t as u32) > 0, reach);
            }
            for (c, s) in pool.iter().enumerate() {
                let reach = participants.iter().any(|t| (t - s).abs() <= caliper);
                prop_assert_eq!(degree(false, c as u32) > 0, reach);
            }
        }
    }

    #[test]
    fn those_who_hang_on_at_one_score_take_turns() {
        let edges = cover(&[1.0, 1.0], &[1.0; 6], f64::INFINITY);
        let of = |t: u32| edges.iter().filter(|e| e.0 == t).count();
        assert_eq!((edges.len(), of(0), of(1)), (6, 3, 3));
    }
}
