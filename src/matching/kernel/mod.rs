//! Kernel matching: everybody in the pool within a bandwidth of a participant shares its weight,
//! the closer the heavier, with replacement (Heckman, Ichimura & Todd 1997, doi:10.2307/2971733).
//!
//! # Formula
//! With K the kernel, h the bandwidth (the caliper), b_c sampling weights (1 where there are none)
//! and g_i what participant i counts for:
//! `w_ic = b_c K((s_c - s_i) / h) / K_i`, `K_i = sum_c b_c K((s_c - s_i) / h)`,
//! `w_c = sum_i g_i w_ic`, `q_c = sum_i (g_i w_ic)^2`. A member has K > 0: one at the distance of a
//! bandwidth exactly is none. The uniform kernel is radius matching, where such a one counts.
//! Where a bandwidth or tens of them hold nobody, a participant is dropped (the normal kernel, in
//! truth without bound, ends where its value leaves the range of the arithmetic, at 37.6 h).
//!
//! # Cost
//! Epanechnikov and biweight are polynomials in the distance: O((n_T + n_C) log n) for everything,
//! `predicted` included, by the sums of [`tree`]; w_c and q_c are such sums too, with the people's
//! parts exchanged. Tricube and normal are summed directly, O(pairs) in time; no kernel keeps its
//! pairs in memory.

mod tree;

use super::Metric;
use super::radius;
use super::sets::{Found, Matches, Pool, Sets};
use crate::study::Kernel;
use rayon::prelude::*;
use tree::{Tree, Walk};

/// Members of the pool worked out together, by one thread.
const CHUNK: usize = 4096;

/// u at which exp(-u^2 / 2) is about to leave the range of normal numbers.
const NORMAL_REACH: f64 = 37.6;

pub(super) fn run(metric: &Metric, kernel: Kernel) -> Matches {
    if kernel == Kernel::Uniform {
        return radius::run(metric);
    }
    let pool = Pool::sort(metric);
    let bandwidth = metric.caliper;
    let reach = match kernel {
        Kernel::Normal => NORMAL_REACH,
        _ => 1.0,
    };
    // The very quotient that the kernel is taken of: whoever is not beyond has a value above 0. Two
    // infinite scores are at no distance, and beyond.
    let runs = radius::runs(metric, &pool, |distance| {
        let u = distance / bandwidth;
        u.is_nan() || u >= reach
    });
    let at: Vec<f64> = runs
        .participants
        .iter()
        .map(|&r| metric.score[r as usize])
        .collect();
    let (low, high) = (runs.low, runs.high);
    let found = Found {
        participants: runs.participants,
        dropped: runs.dropped,
        sets: Sets::Runs {
            low: Vec::new(),
            high: Vec::new(),
        },
        groups: None,
    };
    let mut matches = found.unweighed(metric, pool);
    let base = bases(&matches);
    let sums = Sums {
        kernel,
        low: &low,
        high: &high,
        at: &at,
        bandwidth,
    };
    let totals = sums.over_members(&matches.pool_score, &base, &base);
    let (weight, squared) = sums.over_participants(&matches, &totals, &base);
    (matches.weight, matches.weight_squared) = (weight, squared);
    matches.sets = Sets::Kernel {
        kernel,
        low,
        high,
        at,
        bandwidth,
        total: totals,
    };
    matches
}

/// yhat_i of [`Sets::Kernel`], whose `total` holds the K_i.
pub(super) fn predicted(matches: &Matches, sums: &Sums, total: &[f64], y: &[f64]) -> Vec<f64> {
    // Around the mean: what the sums round is then small beside the spread of y.
    let mean = y.iter().sum::<f64>() / y.len().max(1) as f64;
    let base = bases(matches);
    let value: Vec<f64> = y.iter().zip(&base).map(|(y, b)| b * (y - mean)).collect();
    let sums = sums.over_members(&matches.pool_score, &base, &value);
    sums.iter().zip(total).map(|(s, t)| mean + s / t).collect()
}

/// b_c of every member.
fn bases(matches: &Matches) -> Vec<f64> {
    (0..matches.pool.len())
        .map(|c| matches.base(c as u32))
        .collect()
}

/// The value of the kernel, u within its reach.
#[inline(always)]
pub(super) fn value(kernel: Kernel, u: f64) -> f64 {
    let parabola = (1.0 - u) * (1.0 + u);
    match kernel {
        Kernel::Epanechnikov => parabola,
        Kernel::Uniform => 1.0,
        Kernel::Biweight => parabola * parabola,
        Kernel::Tricube => {
            let a = u.abs();
            let k = (1.0 - a) * (1.0 + a + a * a);
            k * k * k
        }
        Kernel::Normal => (-0.5 * u * u).exp(),
    }
}

/// The fields of [`Sets::Kernel`] by reference.
pub(super) struct Sums<'a> {
    pub kernel: Kernel,
    pub low: &'a [u32],
    pub high: &'a [u32],
    pub at: &'a [f64],
    pub bandwidth: f64,
}

impl Sums<'_> {
    /// sum_c value_c K((s_c - s_i) / h) over each participant's members; `mass` as [`Tree::new`]
    /// has it.
    fn over_members(&self, score: &[f64], mass: &[f64], value: &[f64]) -> Vec<f64> {
        match self.kernel {
            Kernel::Epanechnikov => self.by_tree::<3>(score, mass, value),
            Kernel::Biweight => self.by_tree::<5>(score, mass, value),
            kernel => self.each(|low, high, at| {
                let members = score[low..high].iter().zip(&value[low..high]);
                members
                    .map(|(s, a)| a * self::value(kernel, (s - at) / self.bandwidth))
                    .sum()
            }),
        }
    }

    fn by_tree<const TERMS: usize>(&self, score: &[f64], mass: &[f64], value: &[f64]) -> Vec<f64> {
        let tree = Tree::<TERMS>::new(score, mass, value, self.bandwidth);
        self.each(|low, high, at| tree.sum(low, high, at))
    }

    fn each(&self, sum: impl Fn(usize, usize, f64) -> f64 + Sync) -> Vec<f64> {
        let runs = self.low.par_iter().zip(self.high).zip(self.at);
        runs.map(|((&low, &high), &at)| sum(low as usize, high as usize, at))
            .collect()
    }

    /// w_c and q_c.
    fn over_participants(
        &self,
        matches: &Matches,
        totals: &[f64],
        base: &[f64],
    ) -> (Vec<f64>, Vec<f64>) {
        let line = Line::new(self, matches, totals);
        let (h, kernel) = (self.bandwidth, self.kernel);
        match kernel {
            Kernel::Epanechnikov => line.by_trees::<3, 5>(matches, base, h),
            Kernel::Biweight => line.by_trees::<5, 9>(matches, base, h),
            _ => line.gather(matches, base, || {
                |from: usize, to: usize, s: f64| {
                    let people = line.at[from..to].iter().zip(&line.share[from..to]);
                    people.fold((0.0, 0.0), |(w, q), (at, a)| {
                        let part = a * value(kernel, (s - at) / h);
                        (w + part, q + part * part)
                    })
                }
            }),
        }
    }
}

/// The matched participants as the pool's members see them, sorted by (stratum, score).
struct Line {
    at: Vec<f64>,
    low: Vec<u32>,
    high: Vec<u32>,
    /// g_i / K_i.
    share: Vec<f64>,
}

impl Line {
    fn new(sums: &Sums, matches: &Matches, totals: &[f64]) -> Line {
        // No run is empty, and none crosses strata: those that begin earlier are of an earlier
        // stratum or score.
        let mut order: Vec<usize> = (0..sums.at.len()).collect();
        order.sort_by(|&i, &j| {
            let by_score = sums.at[i].total_cmp(&sums.at[j]);
            sums.low[i].cmp(&sums.low[j]).then(by_score).then(i.cmp(&j))
        });
        let g = &matches.participant_weight;
        Line {
            at: order.iter().map(|&i| sums.at[i]).collect(),
            low: order.iter().map(|&i| sums.low[i]).collect(),
            high: order.iter().map(|&i| sums.high[i]).collect(),
            share: order.iter().map(|&i| g[i] / totals[i]).collect(),
        }
    }

    fn by_trees<const ONCE: usize, const TWICE: usize>(
        &self,
        matches: &Matches,
        base: &[f64],
        bandwidth: f64,
    ) -> (Vec<f64>, Vec<f64>) {
        let squares: Vec<f64> = self.share.iter().map(|a| a * a).collect();
        let once = Tree::<ONCE>::new(&self.at, &self.share, &self.share, bandwidth);
        let twice = Tree::<TWICE>::new(&self.at, &squares, &squares, bandwidth);
        self.gather(matches, base, || {
            let (mut once, mut twice) = (Walk::new(&once), Walk::new(&twice));
            move |from: usize, to: usize, s: f64| (once.sum(from, to, s), twice.sum(from, to, s))
        })
    }

    /// For each chunk of the pool `start()` makes `of(from, to, score)`, which gives both sums over
    /// the participants `from..to`, whose sets hold the member with that score.
    fn gather<Of: FnMut(usize, usize, f64) -> (f64, f64)>(
        &self,
        matches: &Matches,
        base: &[f64],
        start: impl Fn() -> Of + Sync,
    ) -> (Vec<f64>, Vec<f64>) {
        let n = matches.pool.len();
        let (mut weight, mut squared) = (vec![0.0; n], vec![0.0; n]);
        weight
            .par_chunks_mut(CHUNK)
            .zip(squared.par_chunks_mut(CHUNK))
            .enumerate()
            .for_each(|(chunk, (weight, squared))| {
                let first = chunk * CHUNK;
                let mut of = start();
                // Both ends only move up: from the first whose set is not yet over, to the first
                // whose set has not begun.
                let mut from = self.high.partition_point(|&h| h as usize <= first);
                let mut to = self.low.partition_point(|&l| l as usize <= first);
                for (k, (weight, squared)) in weight.iter_mut().zip(squared).enumerate() {
                    let c = first + k;
                    while self.high.get(from).is_some_and(|&h| h as usize <= c) {
                        from += 1;
                    }
                    while self.low.get(to).is_some_and(|&l| l as usize <= c) {
                        to += 1;
                    }
                    if from < to {
                        let (w, q) = of(from, to, matches.pool_score[c]);
                        (*weight, *squared) = (base[c] * w, base[c] * base[c] * q);
                    }
                }
            });
        (weight, squared)
    }
}
