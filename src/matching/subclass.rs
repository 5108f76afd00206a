//! Subclassification: people are cut at quantiles of the participants' scores, and everybody in a
//! subclass is everybody's counterpart (Rosenbaum & Rubin 1984, doi:10.2307/2288398: five take away
//! nine tenths of the bias of a covariate).
//!
//! # Formula
//! Cut points are the quantiles 1/k, .., (k-1)/k of the participants' scores, by linear
//! interpolation (type 7 of Hyndman & Fan 1996, doi:10.2307/2684934), on the table with each
//! participant repeated by its sampling weight; weights that add up to less than the number of
//! participants are brought up to it. A subclass holds its lower end. Weights are those of [`cells`].
//!
//! A subclass without a pool member is given one: of the nearest subclass that can spare a member
//! (the lower of two), and those between pass one on, so that the order of scores is kept. These are
//! the subclasses of R's MatchIt 4.7 with its default of one member at least. With exact strata the
//! cut points stay those of everybody, and sets are the combinations of subclass and stratum; there
//! a subclass borrows within its stratum, and where a stratum has fewer pool members than subclasses
//! with participants, participants are dropped. A person is lent whole, however many it stands for.
//!
//! Cost: one sort of the participants; the pool is sorted already.

use super::Metric;
use super::sets::{Matches, Pool};
use super::{cells, strata};

pub(super) fn run(metric: &Metric, subclasses: usize) -> Matches {
    let cuts = cuts(metric, subclasses);
    let mut class: Vec<u32> = metric.score.iter().map(|&s| place(&cuts, s)).collect();
    lend(metric, &cuts, &mut class);
    if metric.strata.is_empty() {
        return cells::matched(metric, &class);
    }
    let classes = class.iter().map(|&c| u64::from(c));
    cells::matched(metric, &strata::cross(metric.strata, classes))
}

/// Subclass of a score, from 0.
fn place(cuts: &[f64], score: f64) -> u32 {
    cuts.partition_point(|&cut| cut <= score) as u32
}

/// Inner cut points.
fn cuts(metric: &Metric, subclasses: usize) -> Vec<f64> {
    let of_participants = |&&r: &&u32| metric.treated[r as usize] && metric.kept[r as usize];
    let rows: Vec<u32> = metric
        .order
        .iter()
        .filter(of_participants)
        .copied()
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let given = |r: u32| metric.sampling.get(r as usize).copied().unwrap_or(1.0);
    let total: f64 = rows.iter().map(|&r| given(r)).sum();
    let up = (rows.len() as f64 / total).max(1.0);
    // Sum of the weights up to and including each.
    let mut sum = 0.0;
    let upto: Vec<f64> = rows
        .iter()
        .map(|&r| {
            sum += up * given(r);
            sum
        })
        .collect();
    // The score at a place of the table with repeated rows, the first = 1.
    let at = |rank: f64| {
        let i = upto.partition_point(|&u| u < rank).min(rows.len() - 1);
        metric.score[rows[i] as usize]
    };
    // Multiples of 1/k, not quotients: of two people tied at a cut point both then fall on the side
    // that R's `seq` puts them.
    let step = 1.0 / subclasses as f64;
    (1..subclasses)
        .map(|k| {
            let rank = 1.0 + (sum - 1.0) * (k as f64 * step);
            let (low, part) = (at(rank.floor()), rank.fract());
            let high = at(rank.floor() + 1.0);
            if part == 0.0 || low == high {
                low
            } else {
                (1.0 - part) * low + part * high
            }
        })
        .collect()
}

/// Moves pool members into subclasses that have participants and no pool, stratum by stratum.
fn lend(metric: &Metric, cuts: &[f64], class: &mut [u32]) {
    let pool = Pool::sort(metric);
    let mut participants: Vec<(u32, u32)> = (0..metric.treated.len())
        .filter(|&r| metric.treated[r] && metric.kept[r])
        .map(|r| (metric.strata.get(r).copied().unwrap_or(0), class[r]))
        .collect();
    participants.sort_unstable();
    for of_stratum in participants.chunk_by(|a, b| a.0 == b.0) {
        let stratum = of_stratum[0].0 as usize;
        let places = pool.stratum_start[stratum] as usize..pool.stratum_start[stratum + 1] as usize;
        let score = &pool.score[places.clone()];
        let mut starts = vec![0];
        starts.extend(cuts.iter().map(|cut| score.partition_point(|s| s < cut)));
        starts.push(score.len());
        let mut needed = vec![false; cuts.len() + 1];
        for (_, class) in of_stratum {
            needed[*class as usize] = true;
        }
        if shift(&mut starts, &needed) {
            for (c, ends) in starts.windows(2).enumerate() {
                for &row in &pool.rows[places.clone()][ends[0]..ends[1]] {
                    class[row as usize] = c as u32;
                }
            }
        }
    }
}

/// `starts[c]..starts[c + 1]` are the pool's places in subclass c. Fills the needed ones that are
/// empty, as long as any can spare a member; true when something moved.
fn shift(starts: &mut [usize], needed: &[bool]) -> bool {
    let spare = |starts: &[usize], c: usize| starts[c + 1] - starts[c] > usize::from(needed[c]);
    let mut moved = false;
    for c in (0..needed.len()).filter(|&c| needed[c]) {
        if starts[c] < starts[c + 1] {
            continue;
        }
        let below = (0..c).rev().find(|&d| spare(starts, d));
        let above = (c + 1..needed.len()).find(|&d| spare(starts, d));
        let from_below = match (below, above) {
            (Some(b), Some(a)) => c - b <= a - c,
            (below, _) => below.is_some(),
        };
        match (below, above) {
            (Some(b), _) if from_below => starts[b + 1..=c].iter_mut().for_each(|s| *s -= 1),
            (_, Some(a)) => starts[c + 1..=a].iter_mut().for_each(|s| *s += 1),
            _ => break,
        }
        moved = true;
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shifted(mut starts: Vec<usize>, needed: &[bool]) -> Vec<usize> {
        shift(&mut starts, needed);
        starts.windows(2).map(|w| w[1] - w[0]).collect()
    }

    #[test]
    fn the_nearest_with_more_than_it_needs_lends_one() {
        // 4, 1, 0: the middle passes one on.
        assert_eq!(shifted(vec![0, 4, 5, 5], &[true; 3]), [3, 1, 1]);
        // 0, 3, 0: both ends are served, the lower first.
        assert_eq!(shifted(vec![0, 0, 3, 3], &[true; 3]), [1, 1, 1]);
        // Nobody takes part in the middle: it can spare its only member.
        assert_eq!(shifted(vec![0, 0, 1, 1], &[true, false, false]), [1, 0, 0]);
        // Two members cannot serve three.
        assert_eq!(shifted(vec![0, 2, 2, 2], &[true; 3]), [1, 1, 0]);
        // Where nothing is missing nothing moves.
        assert!(!shift(&mut [0, 2, 3, 4], &[true; 3]));
    }
}
