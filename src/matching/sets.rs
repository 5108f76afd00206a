//! The result of matching: who got whom, with what weight, and who got nobody.

use super::running::{prefix_sums, run_weights};
use super::{Metric, Nuisance, kernel};
use crate::study::Kernel;
use std::sync::Arc;

/// Why a participant has no counterpart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DropReason {
    /// Score outside the pool's range.
    OutsideSupport,
    /// Nobody within the caliper (and stratum).
    NobodyWithinCaliper,
    /// Nobody in the pool shares the exact stratum.
    EmptyStratum,
    /// Those there were had all been taken (without replacement).
    AllTaken,
}

/// A participant without a counterpart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropped {
    /// Row.
    pub row: u32,
    /// Why.
    pub reason: DropReason,
}

/// The matched sets, one a matched participant: what of each counterpart stands for it. Within a set
/// the weights w_ic sum to 1.
#[derive(Debug, Clone)]
pub enum Sets {
    /// Runs of the sorted pool, equal weight within each (by sampling weight where there is one):
    /// set i is `pool[low[i]..high[i]]`.
    Runs {
        /// Places in [`Matches::pool`], inclusive start.
        low: Vec<u32>,
        /// Exclusive end.
        high: Vec<u32>,
    },
    /// Lists of places in [`Matches::pool`], equal weight within each (by sampling weight where
    /// there is one): set i is `members[offset[i]..offset[i + 1]]`.
    Lists {
        /// One more than sets.
        offset: Vec<u32>,
        /// Places in the pool.
        members: Vec<u32>,
    },
    /// Lists with a weight for each member.
    Weighted {
        /// One more than sets.
        offset: Vec<u32>,
        /// Places in the pool.
        members: Vec<u32>,
        /// w_ic, one a member; they sum to 1 in each set.
        weights: Vec<f64>,
    },
    /// Runs of the sorted pool weighed by a kernel of u = (score - at) / bandwidth.
    Kernel {
        /// Which.
        kernel: Kernel,
        /// Places in [`Matches::pool`], inclusive start.
        low: Vec<u32>,
        /// Exclusive end.
        high: Vec<u32>,
        /// The participant's score.
        at: Vec<f64>,
        /// In units of the score.
        bandwidth: f64,
        /// Sum of the kernel over the run, by sampling weight where there is one.
        total: Vec<f64>,
    },
    /// Everybody's set is the whole pool, weighed by [`Matches::weight`].
    Common,
    /// Everybody's set is the whole pool of the stratum, weighed by [`Matches::weight`].
    CommonWithin {
        /// Stratum of each matched participant, as in [`Matches::stratum_start`].
        stratum: Vec<u32>,
    },
}

/// Disjoint matched sets, where a method makes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// Set of each matched participant.
    pub participants: Vec<u32>,
    /// Set of each pool member; [`Groups::NONE`] where it is in none.
    pub pool: Vec<u32>,
}

impl Groups {
    /// In no set.
    pub const NONE: u32 = u32::MAX;
}

/// Sparse match weights: each matched participant i gives w_ic >= 0 to its counterparts, adding up
/// to 1.
#[derive(Debug, Clone)]
pub struct Matches {
    /// Rows of the matched participants, in row order.
    pub participants: Vec<u32>,
    /// What each counts for, g_i; they add up to the number matched. All 1 without sampling or
    /// overlap weights.
    pub participant_weight: Vec<f64>,
    /// Participants without a counterpart, in row order.
    pub dropped: Vec<Dropped>,
    /// Rows of the pool, sorted by (stratum, score, row).
    pub pool: Vec<u32>,
    /// Score of each pool member on the scale matched on.
    pub pool_score: Vec<f64>,
    /// Sampling weight of each pool member, in units of their mean; empty = all 1.
    pub pool_base: Vec<f64>,
    /// First place of each stratum in the pool, and its length at the end.
    pub stratum_start: Vec<u32>,
    /// Who got whom.
    pub sets: Sets,
    /// Disjoint matched sets, where the method makes them.
    pub groups: Option<Groups>,
    /// w_c = sum over i of g_i w_ic, one a pool member.
    pub weight: Vec<f64>,
    /// q_c = sum over i of (g_i w_ic)^2.
    pub weight_squared: Vec<f64>,
    /// Caliper in units of the score; infinite = none.
    pub caliper: f64,
    /// What the weights were estimated from, where their error can be counted in.
    pub nuisance: Option<Arc<Nuisance>>,
}

impl Matches {
    /// Sum of the pool members' weights of each set: for y over the pool (in [`Self::pool`]
    /// order), yhat_i = sum_c w_ic y_c, one a matched participant.
    pub fn predicted(&self, y: &[f64]) -> Vec<f64> {
        match &self.sets {
            Sets::Runs { low, high } => self.predicted_runs(y, low, high),
            Sets::Kernel {
                kernel,
                low,
                high,
                at,
                bandwidth,
                total,
            } => {
                let sums = kernel::Sums {
                    kernel: *kernel,
                    low,
                    high,
                    at,
                    bandwidth: *bandwidth,
                };
                kernel::predicted(self, &sums, total, y)
            }
            Sets::Common | Sets::CommonWithin { .. } => self.shared_means(y).participants,
            Sets::Lists { .. } | Sets::Weighted { .. } => (0..self.participants.len())
                .map(|i| {
                    let mut sum = 0.0;
                    self.for_each_of(i, &mut |c, w| sum += w * y[c as usize]);
                    sum
                })
                .collect(),
        }
    }

    fn predicted_runs(&self, y: &[f64], low: &[u32], high: &[u32]) -> Vec<f64> {
        // Prefix sums around the mean keep the differences exact to the last digits.
        let mean = y.iter().sum::<f64>() / y.len().max(1) as f64;
        let runs = low.iter().zip(high);
        if self.pool_base.is_empty() {
            let sums = prefix_sums(y.iter().map(|v| v - mean));
            return runs
                .map(|(&l, &h)| mean + (sums[h as usize] - sums[l as usize]) / f64::from(h - l))
                .collect();
        }
        let base = &self.pool_base;
        let sums = prefix_sums(y.iter().zip(base).map(|(v, b)| b * (v - mean)));
        let bases = prefix_sums(base.iter().copied());
        runs.map(|(&l, &h)| {
            let (l, h) = (l as usize, h as usize);
            mean + (sums[h] - sums[l]) / (bases[h] - bases[l])
        })
        .collect()
    }

    pub(super) fn base(&self, c: u32) -> f64 {
        self.pool_base.get(c as usize).copied().unwrap_or(1.0)
    }

    /// Calls `f(place in the pool, w_ic)` for every counterpart of the i-th matched participant.
    pub fn for_each_of(&self, i: usize, f: &mut dyn FnMut(u32, f64)) {
        let by_base = |members: &mut dyn Iterator<Item = u32>, f: &mut dyn FnMut(u32, f64)| {
            let members: Vec<u32> = members.collect();
            let total: f64 = members.iter().map(|&c| self.base(c)).sum();
            for c in members {
                f(c, self.base(c) / total);
            }
        };
        let by_weight = |places: std::ops::Range<usize>, f: &mut dyn FnMut(u32, f64)| {
            let total: f64 = self.weight[places.clone()].iter().sum();
            for c in places.filter(|&c| self.weight[c] > 0.0) {
                f(c as u32, self.weight[c] / total);
            }
        };
        match &self.sets {
            Sets::Runs { low, high } => by_base(&mut (low[i]..high[i]), f),
            Sets::Lists { offset, members } => {
                let set = &members[offset[i] as usize..offset[i + 1] as usize];
                by_base(&mut set.iter().copied(), f);
            }
            Sets::Weighted {
                offset,
                members,
                weights,
            } => {
                let range = offset[i] as usize..offset[i + 1] as usize;
                for (&c, &w) in members[range.clone()].iter().zip(&weights[range]) {
                    f(c, w);
                }
            }
            Sets::Kernel {
                kernel,
                low,
                high,
                at,
                bandwidth,
                total,
            } => {
                for c in low[i]..high[i] {
                    let u = (self.pool_score[c as usize] - at[i]) / bandwidth;
                    f(c, self.base(c) * kernel::value(*kernel, u) / total[i]);
                }
            }
            Sets::Common => by_weight(0..self.pool.len(), f),
            Sets::CommonWithin { stratum } => {
                let s = stratum[i] as usize;
                let places = self.stratum_start[s]..self.stratum_start[s + 1];
                by_weight(places.start as usize..places.end as usize, f);
            }
        }
    }

    /// Calls `f(participant row, pool row, weight)` for every pair, participants in row order.
    pub fn for_each_pair(&self, mut f: impl FnMut(u32, u32, f64)) {
        for (i, &t) in self.participants.iter().enumerate() {
            self.for_each_of(i, &mut |c, w| f(t, self.pool[c as usize], w));
        }
    }

    /// Pool members with weight.
    pub fn pool_matched(&self) -> usize {
        self.weight.iter().filter(|&&w| w > 0.0).count()
    }

    /// Effective sample size of the matched pool, (sum w)^2 / sum w^2.
    pub fn ess(&self) -> f64 {
        let (sum, squares) = self
            .weight
            .iter()
            .fold((0.0, 0.0), |(s, q), &w| (s + w, q + w * w));
        sum * sum / squares
    }

    /// Does any pool member serve more than one participant?
    pub fn reuses(&self) -> bool {
        self.weight
            .iter()
            .zip(&self.weight_squared)
            .any(|(w, q)| w * w - q > 1e-12)
    }
}

/// Sets and what is left over, before the weights are worked out.
pub(super) struct Found {
    pub participants: Vec<u32>,
    pub dropped: Vec<Dropped>,
    pub sets: Sets,
    pub groups: Option<Groups>,
}

impl Found {
    /// From lists of places; `sets` holds (participant row, places) in row order.
    pub(super) fn lists(sets: Vec<(u32, Vec<u32>)>, dropped: Vec<Dropped>) -> Found {
        let (mut offset, mut members, mut participants) = (vec![0], Vec::new(), Vec::new());
        for (row, set) in sets {
            participants.push(row);
            members.extend(set);
            offset.push(members.len() as u32);
        }
        Found {
            participants,
            dropped,
            sets: Sets::Lists { offset, members },
            groups: None,
        }
    }

    /// Works out the weights of every set but [`Sets::Kernel`], [`Sets::Common`] and
    /// [`Sets::CommonWithin`], whose methods know them.
    pub(super) fn weigh(self, metric: &Metric, pool: Pool) -> Matches {
        let n = pool.rows.len();
        let mut matches = self.unweighed(metric, pool);
        let (weight, weight_squared) = match &matches.sets {
            Sets::Runs { low, high } => run_weights(&matches, low, high),
            _ => {
                let (mut weight, mut squared) = (vec![0.0; n], vec![0.0; n]);
                for (i, &g) in matches.participant_weight.iter().enumerate() {
                    matches.for_each_of(i, &mut |c, w| {
                        weight[c as usize] += g * w;
                        squared[c as usize] += g * w * g * w;
                    });
                }
                (weight, squared)
            }
        };
        matches.weight = weight;
        matches.weight_squared = weight_squared;
        matches
    }

    /// With weights of 0, for a method that fills them in.
    pub(super) fn unweighed(self, metric: &Metric, pool: Pool) -> Matches {
        let n = pool.rows.len();
        let participant_weight = match metric.sampling.is_empty() {
            true => vec![1.0; self.participants.len()],
            false => shares(metric.sampling, &self.participants),
        };
        let pool_base = shares(metric.sampling, &pool.rows);
        Matches {
            participant_weight,
            participants: self.participants,
            dropped: self.dropped,
            pool: pool.rows,
            pool_score: pool.score,
            pool_base,
            stratum_start: pool.stratum_start,
            sets: self.sets,
            groups: self.groups,
            weight: vec![0.0; n],
            weight_squared: vec![0.0; n],
            caliper: f64::INFINITY,
            nuisance: None,
        }
    }
}

/// The rows' weights, made to add up to their number, so that squares stay within range whatever
/// unit they come in; empty when there are none.
fn shares(weights: &[f64], rows: &[u32]) -> Vec<f64> {
    if weights.is_empty() {
        return Vec::new();
    }
    let of = |r: &u32| weights[*r as usize];
    // Against the largest: a sum of huge weights has no number.
    let largest = rows.iter().map(of).fold(0.0, f64::max);
    let mean = rows.iter().map(|r| of(r) / largest).sum::<f64>() / rows.len() as f64;
    rows.iter().map(|r| of(r) / largest / mean).collect()
}

/// The pool sorted by (stratum, score, row).
pub(super) struct Pool {
    pub rows: Vec<u32>,
    pub score: Vec<f64>,
    pub stratum_start: Vec<u32>,
}

impl Pool {
    pub(super) fn sort(metric: &super::Metric) -> Pool {
        let mut rows: Vec<u32> = metric
            .order
            .iter()
            .copied()
            .filter(|&r| !metric.treated[r as usize] && metric.kept[r as usize])
            .collect();
        let strata = metric.strata;
        let mut stratum_start = vec![0];
        if strata.is_empty() {
            stratum_start.push(rows.len() as u32);
        } else {
            let n = strata.iter().max().map_or(0, |m| *m as usize + 1);
            let mut start = vec![0u32; n + 1];
            for &r in &rows {
                start[strata[r as usize] as usize + 1] += 1;
            }
            for s in 0..n {
                start[s + 1] += start[s];
            }
            let mut next = start.clone();
            let mut sorted = vec![0; rows.len()];
            for &r in &rows {
                let s = strata[r as usize] as usize;
                sorted[next[s] as usize] = r;
                next[s] += 1;
            }
            rows = sorted;
            stratum_start = start;
        }
        Pool {
            score: rows.iter().map(|&r| metric.score[r as usize]).collect(),
            rows,
            stratum_start,
        }
    }

    /// Places of the row's stratum.
    pub(super) fn stratum(&self, strata: &[u32], row: u32) -> std::ops::Range<usize> {
        let s = strata.get(row as usize).map_or(0, |&s| s as usize);
        self.stratum_start[s] as usize..self.stratum_start[s + 1] as usize
    }
}
