//! The definitions, written the slow and obvious way.

use crate::kit::Line;
use counterpart::study::Order;

/// Counterparts of each matched participant: (row, pool rows), participants in row order.
pub type Sets = Vec<(u32, Vec<u32>)>;

impl Line {
    pub fn rows(&self, participants: bool) -> Vec<usize> {
        (0..self.score.len())
            .filter(|&r| self.treated[r] == participants)
            .collect()
    }

    fn meet(&self, a: usize, b: usize) -> bool {
        self.strata.is_empty() || self.strata[a] == self.strata[b]
    }
}

/// Everybody in the pool and stratum within the caliper.
pub fn radius(line: &Line, caliper: f64) -> Sets {
    line.rows(true)
        .into_iter()
        .map(|i| {
            let set = line
                .rows(false)
                .into_iter()
                .filter(|&c| line.meet(i, c) && (line.score[c] - line.score[i]).abs() <= caliper)
                .map(|c| c as u32)
                .collect();
            (i as u32, set)
        })
        .filter(|(_, set): &(u32, Vec<u32>)| !set.is_empty())
        .collect()
}

/// Pool members from a participant's place in the line of its stratum, sorted by (score, row):
/// the best by distance, then places away, then below.
fn best(line: &Line, i: usize, free: &dyn Fn(usize) -> bool) -> Option<(f64, usize)> {
    let mut everybody: Vec<usize> = (0..line.score.len()).filter(|&r| line.meet(i, r)).collect();
    everybody.sort_by(|&a, &b| line.score[a].total_cmp(&line.score[b]).then(a.cmp(&b)));
    let here = everybody.iter().position(|&r| r == i).unwrap() as i64;
    let candidate = |(place, &c): (usize, &usize)| {
        let place = place as i64;
        let distance = (line.score[c] - line.score[i]).abs();
        (distance, (place - here).abs(), place > here, c)
    };
    // The first free one on either side, then the nearer: ties within a side go to the place met first.
    let free_pool = |(_, c): &(usize, &usize)| !line.treated[**c] && free(**c);
    let below = everybody[..here as usize]
        .iter()
        .enumerate()
        .rev()
        .find(|p| !line.treated[*p.1] && free(*p.1))
        .map(candidate);
    let above = everybody
        .iter()
        .enumerate()
        .skip(here as usize + 1)
        .find(free_pool)
        .map(candidate);
    let by = |a: &(f64, i64, bool, usize), b: &(f64, i64, bool, usize)| {
        a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2))
    };
    below
        .into_iter()
        .chain(above)
        .min_by(by)
        .map(|c| (c.0, c.3))
}

/// The rule of nearest-neighbour matching, as its module states it.
pub fn nearest(line: &Line, order: Order, replace: bool, ratio: usize, caliper: f64) -> Sets {
    let mut turns = line.rows(true);
    match order {
        Order::Largest => turns.sort_by(|&a, &b| line.score[b].total_cmp(&line.score[a])),
        Order::Smallest => turns.sort_by(|&a, &b| line.score[a].total_cmp(&line.score[b])),
        Order::Data | Order::Closest => {}
        Order::Random => panic!("a shuffle has no definition of its own"),
    }
    let mut sets: Sets = turns.iter().map(|&t| (t as u32, Vec::new())).collect();
    let mut taken = vec![false; line.score.len()];
    if replace {
        for (i, set) in &mut sets {
            for _ in 0..ratio {
                let free = |c: usize| !set.contains(&(c as u32));
                match best(line, *i as usize, &free) {
                    Some((d, c)) if d <= caliper => set.push(c as u32),
                    _ => break,
                }
            }
        }
    } else if order == Order::Closest {
        for _ in 0..ratio {
            closest(line, &mut sets, &mut taken, caliper);
        }
    } else {
        for _ in 0..ratio {
            for (i, set) in &mut sets {
                match best(line, *i as usize, &|c| !taken[c]) {
                    Some((d, c)) if d <= caliper => {
                        taken[c] = true;
                        set.push(c as u32);
                    }
                    _ => {}
                }
            }
        }
    }
    sets.retain(|s| !s.1.is_empty());
    sets.sort();
    for (_, set) in &mut sets {
        set.sort_unstable();
    }
    sets
}

/// Everybody's wish in a list; the shortest first, a wish made again before its equals.
fn closest(line: &Line, sets: &mut Sets, taken: &mut [bool], caliper: f64) {
    let mut wishes: Vec<(f64, i64, usize, usize)> = Vec::new();
    for (turn, (i, _)) in sets.iter().enumerate() {
        if let Some((d, c)) = best(line, *i as usize, &|c| !taken[c])
            && d <= caliper
        {
            wishes.push((d, turn as i64, turn, c));
        }
    }
    let mut again = 0;
    while !wishes.is_empty() {
        let first = (0..wishes.len())
            .min_by(|&a, &b| {
                let (a, b) = (&wishes[a], &wishes[b]);
                a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
            })
            .unwrap();
        let (_, _, turn, c) = wishes.remove(first);
        let i = sets[turn].0 as usize;
        if !taken[c] {
            taken[c] = true;
            sets[turn].1.push(c as u32);
        } else if let Some((d, c)) = best(line, i, &|c| !taken[c])
            && d <= caliper
        {
            again -= 1;
            wishes.push((d, again, turn, c));
        }
    }
}

/// Sample variance of v over c and everybody as near as its `k`-th nearest other, by score.
pub fn neighbour_variance(score: &[f64], v: &[f64], k: usize) -> Vec<f64> {
    (0..v.len())
        .map(|c| {
            let mut others: Vec<f64> = (0..v.len())
                .filter(|&o| o != c && !v[o].is_nan())
                .map(|o| (score[o] - score[c]).abs())
                .collect();
            others.sort_by(f64::total_cmp);
            let Some(&reach) = others.get(k - 1).or(others.last()) else {
                return 0.0;
            };
            let near: Vec<f64> = (0..v.len())
                .filter(|&o| !v[o].is_nan() && (score[o] - score[c]).abs() <= reach)
                .map(|o| v[o])
                .collect();
            variance(&near)
        })
        .collect()
}

pub fn mean(v: &[f64]) -> f64 {
    v.iter().sum::<f64>() / v.len() as f64
}

pub fn variance(v: &[f64]) -> f64 {
    let m = mean(v);
    v.iter().map(|x| (x - m) * (x - m)).sum::<f64>() / (v.len() as f64 - 1.0)
}

/// Kolmogorov-Smirnov distance by looking at every value of either group.
pub fn ks(treated: &[f64], pool: &[f64], weight: &[f64]) -> f64 {
    let total: f64 = weight.iter().sum();
    treated
        .iter()
        .chain(pool)
        .map(|&at| {
            let t = treated.iter().filter(|x| **x <= at).count() as f64 / treated.len() as f64;
            let c: f64 = pool
                .iter()
                .zip(weight)
                .filter(|p| *p.0 <= at)
                .map(|p| p.1)
                .sum();
            (t - c / total).abs()
        })
        .fold(0.0, f64::max)
}
