//! Radius matching of a replicate without sorting its pool.
//!
//! A pool member's share depends only on which participants reach it. The ends of the participants'
//! reaches cut the line of scores into gaps, and all of a gap's members have the same share: it is
//! enough to drop each member into its gap. A guide table of equal steps finds the gap in constant
//! time, so that a replicate costs O(n_C + n_T log n_T).

use super::{Failure, Weights};
use crate::study::{CaliperScale, CommonSupport};

/// A standard deviation of the log odds below this is rounding of the fit.
const FLAT: f64 = 1e-10;
/// Not in any gap that somebody reaches.
const NOWHERE: u32 = u32::MAX;

/// Radius matching of replicates of one table.
pub(super) struct Reach<'a> {
    pub(super) participants: &'a [u32],
    pub(super) pool: &'a [u32],
    /// Exact stratum, one a row; empty = none.
    pub(super) strata: &'a [u32],
    /// Caliper on its scale: in standard deviations for `lp-sd`; infinite = none.
    pub(super) width: f64,
    pub(super) scale: CaliperScale,
    pub(super) support: CommonSupport,
}

/// A participant's reach: members with `from <= score < to` in the stratum are counterparts.
struct Interval {
    /// Place among the participants.
    at: usize,
    stratum: u32,
    from: f64,
    to: f64,
}

impl Reach<'_> {
    /// Weights of every row. `lp` is turned into the scale matched on; `apart` rows are nobody's
    /// counterparts.
    pub(super) fn weigh(
        &self,
        lp: &mut [f64],
        counts: &[u16],
        apart: Option<&[bool]>,
        weights: &mut Weights,
    ) -> Result<(), Failure> {
        let sd = spread(lp, counts);
        if sd.is_nan() || sd <= FLAT {
            return Err(Failure::Unmatched);
        }
        let caliper = match self.scale {
            CaliperScale::LpSd => self.width * sd,
            _ => self.width,
        };
        match self.scale {
            CaliperScale::LpSd | CaliperScale::Lp => {}
            CaliperScale::Probability => lp.iter_mut().for_each(|v| *v = 1.0 / (1.0 + (-*v).exp())),
            CaliperScale::Odds => lp.iter_mut().for_each(|v| *v = v.exp()),
        }
        let score = &*lp;
        let range = |rows: &[u32]| {
            let drawn = rows.iter().filter(|&&r| counts[r as usize] > 0);
            drawn.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &r| {
                let s = score[r as usize];
                (low.min(s), high.max(s))
            })
        };
        // Numbers past which nobody lies; no infinite ends, which have no middle.
        let everywhere = (f64::MIN, f64::MAX);
        let asks = |other| self.support == other || self.support == CommonSupport::Both;
        let of_pool = match asks(CommonSupport::Participants) {
            true => range(self.pool),
            false => everywhere,
        };
        let within = match asks(CommonSupport::Pool) {
            true => range(self.participants),
            false => everywhere,
        };
        let reaches = self.reaches(score, counts, caliper, of_pool);
        let gaps = Gaps::new(&reaches);
        let mut people = vec![0.0; gaps.cuts.len() + 1];
        weights.gap.resize(self.pool.len(), NOWHERE);
        for (&row, gap) in self.pool.iter().zip(&mut weights.gap) {
            let row = row as usize;
            let s = score[row];
            // Rows not drawn find their gap too: to add nothing there is cheaper than to ask.
            let out = s < within.0 || s > within.1;
            *gap = if out || apart.is_some_and(|a| a[row]) {
                NOWHERE
            } else {
                gaps.of(self.strata.get(row).copied().unwrap_or(0), s)
            };
            if *gap != NOWHERE {
                people[*gap as usize] += f64::from(counts[row]);
            }
        }
        self.share(&reaches, &gaps, &people, counts, weights)
    }

    /// Each participant drawn and within the pool's range, with its reach.
    fn reaches(
        &self,
        score: &[f64],
        counts: &[u16],
        caliper: f64,
        of_pool: (f64, f64),
    ) -> Vec<Interval> {
        let mut reaches = Vec::with_capacity(self.participants.len());
        for (at, &row) in self.participants.iter().enumerate() {
            let s = score[row as usize];
            if counts[row as usize] == 0 || s < of_pool.0 || s > of_pool.1 {
                continue;
            }
            let from = lowest_within(s, caliper).max(f64::MIN);
            let to = (-lowest_within(-s, caliper))
                .min(f64::MAX.next_down())
                .next_up();
            if from < to {
                reaches.push(Interval {
                    at,
                    stratum: self.strata.get(row as usize).copied().unwrap_or(0),
                    from,
                    to,
                });
            }
        }
        reaches
    }

    /// Each participant's weight goes in equal parts to the people it reaches.
    fn share(
        &self,
        reaches: &[Interval],
        gaps: &Gaps,
        people: &[f64],
        counts: &[u16],
        weights: &mut Weights,
    ) -> Result<(), Failure> {
        let mut before = Vec::with_capacity(people.len() + 1);
        let mut sum = 0.0;
        for p in people {
            before.push(sum);
            sum += p;
        }
        // Difference arrays; a count of the reaches along, so that nobody's gap has weight 0 exactly.
        let mut covering = vec![0i64; people.len() + 1];
        let mut share = vec![0.0; people.len() + 1];
        weights.participants.clear();
        weights.participants.resize(self.participants.len(), 0.0);
        let mut matched = false;
        for reach in reaches {
            let first = gaps.place(reach.stratum, reach.from) + 1;
            let last = gaps.place(reach.stratum, reach.to) + 1;
            let reached = before[last] - before[first];
            if reached == 0.0 {
                continue;
            }
            let n = f64::from(counts[self.participants[reach.at] as usize]);
            weights.participants[reach.at] = n;
            matched = true;
            covering[first] += 1;
            covering[last] -= 1;
            share[first] += n / reached;
            share[last] -= n / reached;
        }
        if !matched {
            return Err(Failure::Unmatched);
        }
        let (mut covered, mut each) = (0, 0.0);
        for (c, s) in covering.iter().zip(&mut share) {
            covered += c;
            each = if covered == 0 { 0.0 } else { each + *s };
            *s = each;
        }
        weights.pool.clear();
        let of_each = self.pool.iter().zip(&weights.gap).map(|(&row, &gap)| {
            if gap == NOWHERE {
                0.0
            } else {
                f64::from(counts[row as usize]) * share[gap as usize]
            }
        });
        weights.pool.extend(of_each);
        Ok(())
    }
}

/// The smallest number c with `s - c <= caliper` in the computer's arithmetic, which is what
/// matching asks: the rounded `s - caliper` can be a few numbers off.
fn lowest_within(s: f64, caliper: f64) -> f64 {
    let margin = 2.0 * f64::EPSILON * (s.abs() + caliper);
    let (mut out, mut within) = (s - caliper - margin, s - caliper + margin);
    if !(out < within && s - out > caliper && s - within <= caliper) {
        return s - caliper;
    }
    loop {
        let middle = out + (within - out) / 2.0;
        if middle <= out || middle >= within {
            return within;
        }
        if s - middle <= caliper {
            within = middle;
        } else {
            out = middle;
        }
    }
}

/// Standard deviation, n - 1, of scores that count so often, around one of them.
pub(super) fn spread(lp: &[f64], counts: &[u16]) -> f64 {
    const LANES: usize = 8;
    let origin = lp[0];
    let lanes = crate::numeric::simd::widest(|| {
        let mut lanes = [[0.0; LANES]; 3];
        for (x, n) in lp.chunks(LANES).zip(counts.chunks(LANES)) {
            for i in 0..x.len() {
                let (d, n) = (x[i] - origin, f64::from(n[i]));
                lanes[0][i] += n;
                lanes[1][i] += n * d;
                lanes[2][i] += n * d * d;
            }
        }
        lanes
    });
    let [n, sum, squares] = lanes.map(|l| l.iter().sum::<f64>());
    ((squares - sum * sum / n) / (n - 1.0)).max(0.0).sqrt()
}

/// The ends of the reaches, stratum by stratum, with a guide table.
struct Gaps {
    /// Distinct ends of each stratum, ascending.
    cuts: Vec<f64>,
    strata: Vec<Stratum>,
    guide: Vec<u32>,
}

/// A stratum's part of the cuts and of the guide.
#[derive(Clone, Copy, Default)]
struct Stratum {
    first: u32,
    end: u32,
    guide: u32,
    low: f64,
    high: f64,
    per_step: f64,
}

impl Gaps {
    fn new(reaches: &[Interval]) -> Gaps {
        let many = reaches.iter().map(|r| r.stratum + 1).max().unwrap_or(0);
        let mut ends: Vec<(u32, f64)> = reaches
            .iter()
            .flat_map(|r| [(r.stratum, r.from), (r.stratum, r.to)])
            .collect();
        ends.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        ends.dedup();
        let mut gaps = Gaps {
            cuts: ends.iter().map(|e| e.1).collect(),
            strata: vec![Stratum::default(); many as usize],
            guide: Vec::with_capacity(9 * ends.len()),
        };
        let mut first = 0;
        for of_stratum in ends.chunk_by(|a, b| a.0 == b.0) {
            let cuts = first..first + of_stratum.len();
            gaps.strata[of_stratum[0].0 as usize] = gaps.guided(cuts);
            first += of_stratum.len();
        }
        gaps
    }

    /// Builds the guide of one stratum: for each of equal steps, the first cut at or after it.
    fn guided(&mut self, cuts: std::ops::Range<usize>) -> Stratum {
        let (low, high) = (self.cuts[cuts.start], self.cuts[cuts.end - 1]);
        let steps = 8 * cuts.len();
        let width = high - low;
        let stratum = Stratum {
            first: cuts.start as u32,
            end: cuts.end as u32,
            guide: self.guide.len() as u32,
            low,
            high,
            // Ends too far apart to divide: every look-up walks through all of them.
            per_step: if width > 0.0 && width.is_finite() {
                steps as f64 / width
            } else {
                0.0
            },
        };
        // By the very step that a look-up computes, so that rounding cannot put them at odds.
        let mut guide = vec![0u32; steps + 2];
        for &v in &self.cuts[cuts.clone()] {
            guide[(stratum.step(v) as usize).min(steps) + 1] += 1;
        }
        let mut at = cuts.start as u32;
        for g in &mut guide {
            at += *g;
            *g = at;
        }
        self.guide.extend(guide);
        stratum
    }

    /// The gap of a score: the last cut at or below it, counted from 1 over all strata; nowhere
    /// before the stratum's first and from its last on.
    #[inline(always)]
    fn of(&self, stratum: u32, s: f64) -> u32 {
        match self.strata.get(stratum as usize) {
            Some(at) if s >= at.low && s < at.high => {
                let mut k = self.guide[at.guide as usize + at.step(s) as usize] as usize;
                // Most steps hold one cut or none: the first is counted without a branch. The cut
                // at `high` is above s and ends the walk.
                k += usize::from(self.cuts[k] <= s);
                while self.cuts[k] <= s {
                    k += 1;
                }
                k as u32
            }
            _ => NOWHERE,
        }
    }

    /// Place of a cut, counted from 0 over all strata.
    fn place(&self, stratum: u32, cut: f64) -> usize {
        let at = self.strata[stratum as usize];
        let cuts = &self.cuts[at.first as usize..at.end as usize];
        at.first as usize + cuts.partition_point(|&c| c < cut)
    }
}

impl Stratum {
    #[inline(always)]
    fn step(&self, s: f64) -> u32 {
        ((s - self.low) * self.per_step) as u32
    }
}
