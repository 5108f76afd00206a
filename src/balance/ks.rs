//! Kolmogorov-Smirnov distance between participants and the pool, whole and weighted.

/// Counts of the pool between and on the participants' values.
///
/// The participants' distribution function is flat between their values and the pool's only
/// rises, so the largest distance lies at a participant's value, on it or just below it. It is
/// enough to count the pool into the gaps between the participants' values: no sort of the pool,
/// and a guide table makes each look-up nearly free: O(n_C + n_T log n_T).
pub(super) struct Gaps {
    /// Distinct values of the participants, ascending.
    values: Vec<f64>,
    /// Entry 2k: strictly between value k-1 and value k; 2k + 1: exactly on value k. Whole pool
    /// and matched weight side by side.
    counts: Vec<[f64; 2]>,
    guide: Guide,
}

/// For each of many equal steps over the range, the first value at or above the step's start.
struct Guide {
    low: f64,
    per_step: f64,
    first: Vec<u32>,
}

/// Steps of the guide; a value is then looked for among very few.
const STEPS: usize = 2048;

impl Guide {
    fn new(values: &[f64]) -> Guide {
        let (low, high) = (values[0], values[values.len() - 1]);
        let width = high - low;
        // A single value, or a range too wide to divide: every look-up searches all of them.
        let per_step = if width > 0.0 && width.is_finite() {
            STEPS as f64 / width
        } else {
            0.0
        };
        let mut guide = Guide {
            low,
            per_step,
            first: vec![0; STEPS + 2],
        };
        // By the very step that a look-up computes, so that rounding cannot put them at odds.
        for &v in values {
            let step = guide.step(v);
            guide.first[step + 1] += 1;
        }
        for s in 0..=STEPS {
            guide.first[s + 1] += guide.first[s];
        }
        guide
    }

    #[inline(always)]
    fn step(&self, x: f64) -> usize {
        // Below the range the cast gives 0; NaN never comes here.
        (((x - self.low) * self.per_step) as usize).min(STEPS)
    }
}

impl Gaps {
    pub(super) fn new(participants: &[f64]) -> Gaps {
        let mut values = participants.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values.dedup();
        let guide = Guide::new(&values);
        Gaps {
            counts: vec![[0.0; 2]; 2 * values.len() + 1],
            values,
            guide,
        }
    }

    /// Adds a block of the pool: each value with its weight in the whole pool (0 or 1) and its
    /// match weight.
    #[inline(always)]
    pub(super) fn add(&mut self, x: &[f64], whole: &[f64], matched: &[f64]) {
        for ((&x, &u), &w) in x.iter().zip(whole).zip(matched) {
            if u > 0.0 {
                let step = self.guide.step(x);
                let (from, to) = (
                    self.guide.first[step] as usize,
                    self.guide.first[step + 1] as usize,
                );
                let mut k = from;
                while k < to && self.values[k] < x {
                    k += 1;
                }
                let on = self.values.get(k) == Some(&x);
                let count = &mut self.counts[2 * k + usize::from(on)];
                count[0] += u;
                count[1] += w;
            }
        }
    }

    /// Largest distance from the distribution of `participants`, each counting for `counts` (empty =
    /// all the same); `side` 0: to the whole pool, 1: to the matched pool.
    pub(super) fn distance(&self, participants: &[f64], counts: &[f64], side: usize) -> f64 {
        let total: f64 = self.counts.iter().map(|c| c[side]).sum();
        if total == 0.0 || participants.is_empty() {
            return 0.0;
        }
        let mut count = vec![0.0; self.values.len()];
        for (i, t) in participants.iter().enumerate() {
            let counts = counts.get(i).copied().unwrap_or(1.0);
            count[self.values.partition_point(|v| v < t)] += counts;
        }
        let n: f64 = count.iter().sum();
        let (mut of_treated, mut of_pool, mut largest) = (0.0, 0.0, 0.0f64);
        for (k, here) in count.iter().enumerate() {
            of_pool += self.counts[2 * k][side] / total;
            largest = largest.max((of_pool - of_treated).abs());
            of_treated += here / n;
            of_pool += self.counts[2 * k + 1][side] / total;
            largest = largest.max((of_pool - of_treated).abs());
        }
        largest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(participants: &[f64], pool: &[f64]) -> f64 {
        let mut gaps = Gaps::new(participants);
        let ones = vec![1.0; pool.len()];
        gaps.add(pool, &ones, &ones);
        assert_eq!(
            gaps.distance(participants, &[], 0),
            gaps.distance(participants, &vec![2.0; participants.len()], 1)
        );
        gaps.distance(participants, &[], 0)
    }

    #[test]
    fn distances_worked_by_hand() {
        // just below 2.5 the participants are at 1/2, the pool at 0; at 4 they are at 1, the pool at 1/2
        assert_eq!(distance(&[1.0, 2.0, 3.0, 4.0], &[2.5, 5.0]), 0.5);
        // all of the pool below everybody
        assert_eq!(distance(&[1.0, 2.0], &[0.0, 0.0, 0.0]), 1.0);
        assert_eq!(distance(&[1.0, 2.0], &[1.0, 2.0]), 0.0);
        assert_eq!(distance(&[3.0, 3.0], &[3.0]), 0.0);
    }

    #[test]
    fn the_guide_finds_what_a_sort_finds() {
        // awkward spacing: neighbours that share a step, steps without values
        let participants: Vec<f64> = (0..500)
            .map(|i| f64::from(i * i) * 1e-3 + 1.0 / 3.0)
            .collect();
        let pool: Vec<f64> = (0..3000)
            .map(|i| f64::from(i) * 0.1 - 20.0)
            .chain(participants.iter().copied().step_by(7))
            .collect();
        let mut sorted = pool.clone();
        sorted.sort_by(f64::total_cmp);
        let mut largest = 0.0f64;
        for &v in participants.iter().chain(&pool) {
            let a = participants.iter().filter(|p| **p <= v).count() as f64 / 500.0;
            let b = sorted.partition_point(|p| *p <= v) as f64 / pool.len() as f64;
            largest = largest.max((a - b).abs());
        }
        assert!((distance(&participants, &pool) - largest).abs() < 1e-12);
    }
}
