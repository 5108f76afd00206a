//! The result of matching: who got whom, with what weight, and who got nobody.

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

/// The matched sets, one a matched participant.
#[derive(Debug, Clone)]
pub enum Sets {
    /// Runs of the sorted pool, equal weight within each: set i is `pool[low[i]..high[i]]`.
    Runs {
        /// Places in [`Matches::pool`], inclusive start.
        low: Vec<u32>,
        /// Exclusive end.
        high: Vec<u32>,
    },
    /// Lists of places in [`Matches::pool`], equal weight within each: set i is
    /// `members[offset[i]..offset[i + 1]]`.
    Lists {
        /// One more than sets.
        offset: Vec<u32>,
        /// Places in the pool.
        members: Vec<u32>,
    },
}

/// Sparse match weights: each matched participant i gives w_ic = 1/m_i to its m_i counterparts.
#[derive(Debug, Clone)]
pub struct Matches {
    /// Rows of the matched participants, in row order.
    pub participants: Vec<u32>,
    /// Participants without a counterpart, in row order.
    pub dropped: Vec<Dropped>,
    /// Rows of the pool, sorted by (stratum, score, row).
    pub pool: Vec<u32>,
    /// Score of each pool member on the scale matched on.
    pub pool_score: Vec<f64>,
    /// First place of each stratum in the pool, and its length at the end.
    pub stratum_start: Vec<u32>,
    /// Who got whom.
    pub sets: Sets,
    /// w_c = sum over i of w_ic, one a pool member.
    pub weight: Vec<f64>,
    /// q_c = sum over i of w_ic^2.
    pub weight_squared: Vec<f64>,
    /// Caliper in units of the score; infinite = none.
    pub caliper: f64,
}

impl Matches {
    /// Sum of the pool members' weights of each set: for y over the pool (in [`Self::pool`]
    /// order), yhat_i = sum_c w_ic y_c, one a matched participant.
    pub fn predicted(&self, y: &[f64]) -> Vec<f64> {
        match &self.sets {
            Sets::Runs { low, high } => {
                // Prefix sums around the mean keep the differences exact to the last digits.
                let mean = y.iter().sum::<f64>() / y.len().max(1) as f64;
                let mut prefix = Vec::with_capacity(y.len() + 1);
                let (mut sum, mut carry) = (0.0, 0.0);
                prefix.push(0.0);
                for &v in y {
                    // Neumaier: the rounding of each addition is carried along.
                    let term = v - mean;
                    let next: f64 = sum + term;
                    carry += if f64::abs(sum) >= term.abs() {
                        (sum - next) + term
                    } else {
                        (term - next) + sum
                    };
                    sum = next;
                    prefix.push(sum + carry);
                }
                low.iter()
                    .zip(high)
                    .map(|(&l, &h)| {
                        mean + (prefix[h as usize] - prefix[l as usize]) / f64::from(h - l)
                    })
                    .collect()
            }
            Sets::Lists { offset, members } => offset
                .windows(2)
                .map(|w| {
                    let set = &members[w[0] as usize..w[1] as usize];
                    set.iter().map(|&c| y[c as usize]).sum::<f64>() / set.len() as f64
                })
                .collect(),
        }
    }

    /// Calls `f(participant row, pool row, weight)` for every pair, participants in row order.
    pub fn for_each_pair(&self, mut f: impl FnMut(u32, u32, f64)) {
        for (i, &t) in self.participants.iter().enumerate() {
            match &self.sets {
                Sets::Runs { low, high } => {
                    let w = 1.0 / f64::from(high[i] - low[i]);
                    for c in low[i]..high[i] {
                        f(t, self.pool[c as usize], w);
                    }
                }
                Sets::Lists { offset, members } => {
                    let set = &members[offset[i] as usize..offset[i + 1] as usize];
                    for &c in set {
                        f(t, self.pool[c as usize], 1.0 / set.len() as f64);
                    }
                }
            }
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
}

/// Builds [`Matches`] from lists of places; `sets` holds (participant row, places) in row order.
pub(super) fn from_lists(pool: Pool, sets: Vec<(u32, Vec<u32>)>, dropped: Vec<Dropped>) -> Matches {
    let mut weight = vec![0.0; pool.rows.len()];
    let mut weight_squared = vec![0.0; pool.rows.len()];
    let (mut offset, mut members, mut participants) = (vec![0], Vec::new(), Vec::new());
    for (row, set) in sets {
        let w = 1.0 / set.len() as f64;
        for &c in &set {
            weight[c as usize] += w;
            weight_squared[c as usize] += w * w;
        }
        participants.push(row);
        members.extend(set);
        offset.push(members.len() as u32);
    }
    Matches {
        participants,
        dropped,
        pool: pool.rows,
        pool_score: pool.score,
        stratum_start: pool.stratum_start,
        sets: Sets::Lists { offset, members },
        weight,
        weight_squared,
        caliper: f64::INFINITY,
    }
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
