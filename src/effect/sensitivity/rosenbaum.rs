//! Rosenbaum's bounds: how unequal two alike people's chances of taking part could have been before
//! the result could be due to that.
//!
//! Cost: a pass over the matched people for each Gamma tried (a dozen); for yes-or-no outcomes with
//! up to [`MOST_EXACT`] informative sets the square of their number instead.

use super::MatchedSet;
use crate::numeric::distribution::t_upper_tail;

/// Two-sided level at which a result is taken for chance.
pub const ALPHA: f64 = 0.05;
/// Gammas are looked for up to here; a result that stands at this one stands "beyond".
pub const GAMMA_CAP: f64 = 20.0;
/// Width to which Gamma is found.
const PRECISION: f64 = 1e-3;
/// Informative sets up to which the distribution of a yes-or-no outcome's sum is worked out
/// exactly; beyond, the normal with a correction for continuity.
pub const MOST_EXACT: usize = 2_000;

/// The test behind the bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HiddenBiasTest {
    /// Yes-or-no outcomes in pairs.
    McNemar,
    /// Yes-or-no outcomes in sets.
    MantelHaenszel,
    /// Other outcomes in pairs.
    SignedRank,
    /// Other outcomes in sets: ranks of what is left after each set's mean.
    AlignedRank,
}

impl HiddenBiasTest {
    /// The words used in output.
    pub fn as_str(self) -> &'static str {
        match self {
            HiddenBiasTest::McNemar => "mcnemar",
            HiddenBiasTest::MantelHaenszel => "mantel_haenszel",
            HiddenBiasTest::SignedRank => "signed_rank",
            HiddenBiasTest::AlignedRank => "aligned_rank",
        }
    }
}

/// A set as the test sees it: the scores of its people, largest first, and of the one who stands
/// alone. A set whose one is a counterpart is turned about (scores negated), so that the sum over
/// sets of the ones' scores is large when participants' outcomes are.
struct Scored {
    one: f64,
    all: Vec<f64>,
}

/// Matched sets with an outcome, ready to be asked how a hidden bias would change the test.
pub struct HiddenBias {
    sets: Vec<Scored>,
    matched: usize,
    test: HiddenBiasTest,
    /// Did participants have the larger outcomes?
    upwards: bool,
}

/// What the bounds came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rosenbaum {
    /// The test.
    pub test: HiddenBiasTest,
    /// Matched sets.
    pub sets: usize,
    /// Of them, those whose people differ on the outcome: the others say nothing.
    pub informative: usize,
    /// Smallest Gamma (to 0.001, from above) at which the two-sided p may exceed [`ALPHA`]: 1 when
    /// it does without any hidden bias.
    pub gamma: f64,
    /// The result still stands at [`GAMMA_CAP`], which `gamma` then is.
    pub beyond: bool,
    /// Two-sided p without hidden bias.
    pub p_without: f64,
}

impl HiddenBias {
    /// Takes the outcome of matched people, `values` one a row of the table. `None` when no set's
    /// people differ, or a value is missing.
    ///
    /// # Formula
    /// Within a set, j is the one with probability exp(gamma u_j) / sum exp(gamma u_k), Gamma =
    /// exp(gamma), u unseen in [0, 1] (Rosenbaum 2002, Observational Studies, chapter 4). The sum of
    /// the ones' scores is largest in distribution when u is 1 for the largest scores of each set.
    /// Yes-or-no outcomes: u is the outcome, so that a set of n with k events gives
    /// P = Gamma k / (Gamma k + n - k), and the bound on the upper tail is exact. Other outcomes:
    /// in each set the number of ones in u that maximises the mean, then the variance (Gastwirth,
    /// Krieger & Rosenbaum 2000, doi:10.1111/1467-9868.00249), and the normal. Pairs are scored by
    /// Wilcoxon's signed ranks (ties share their ranks),
    /// sets by ranks of the outcome less the set's mean.
    ///
    /// ```
    /// use counterpart::effect::{HiddenBias, MatchedSet};
    /// // Ten pairs (even rows took part), the participant has the outcome in each: 2 x 0.5^10.
    /// let values: Vec<f64> = (0..20).map(|i| f64::from(i % 2 == 0)).collect();
    /// let pair = |i: u32| MatchedSet { one: 2 * i, others: vec![2 * i + 1], one_is_participant: true };
    /// let pairs: Vec<MatchedSet> = (0..10).map(pair).collect();
    /// let bias = HiddenBias::new(&pairs, &values).unwrap();
    /// assert!((bias.p(1.0) - 2.0 / 1024.0).abs() < 1e-15);
    /// assert!((bias.p(2.0) - 2.0 * (2.0f64 / 3.0).powi(10)).abs() < 1e-12);
    /// assert!((bias.bounds().gamma - 2.241).abs() < 2e-3); // 2 p^10 = 0.05, Gamma = p / (1 - p)
    /// ```
    pub fn new(sets: &[MatchedSet], values: &[f64]) -> Option<HiddenBias> {
        let value = |r: u32| values.get(r as usize).copied().unwrap_or(f64::NAN);
        let with: Vec<Vec<f64>> = sets
            .iter()
            .map(|s| {
                let turn = if s.one_is_participant { 1.0 } else { -1.0 };
                let all = std::iter::once(s.one).chain(s.others.iter().copied());
                all.map(|r| turn * value(r)).collect()
            })
            .collect();
        if with.iter().flatten().any(|v| !v.is_finite()) {
            return None;
        }
        let binary = with.iter().flatten().all(|v| *v == 0.0 || v.abs() == 1.0);
        let pairs = with.iter().all(|s| s.len() == 2);
        let (test, scores) = match (binary, pairs) {
            (true, true) => (HiddenBiasTest::McNemar, yes_or_no(with)),
            (true, false) => (HiddenBiasTest::MantelHaenszel, yes_or_no(with)),
            (false, true) => (HiddenBiasTest::SignedRank, signed_ranks(&with)),
            (false, false) => (HiddenBiasTest::AlignedRank, aligned_ranks(&with)),
        };
        let informative: Vec<Scored> = scores
            .into_iter()
            .filter(|s| s.windows(2).any(|w| w[0] != w[1]))
            .map(|mut all| {
                let one = all[0];
                all.sort_by(|a, b| b.total_cmp(a));
                Scored { one, all }
            })
            .collect();
        if informative.is_empty() {
            return None;
        }
        let mut bias = HiddenBias {
            sets: informative,
            matched: sets.len(),
            test,
            upwards: true,
        };
        bias.upwards = bias.tail(1.0, true) <= bias.tail(1.0, false);
        Some(bias)
    }

    /// Largest two-sided p that a hidden bias of `gamma` (at least 1) could leave: twice the
    /// one-sided bound in the direction of the result.
    pub fn p(&self, gamma: f64) -> f64 {
        (2.0 * self.tail(gamma.max(1.0), self.upwards)).min(1.0)
    }

    /// The smallest Gamma at which the result could be chance.
    pub fn bounds(&self) -> Rosenbaum {
        let p_without = self.p(1.0);
        let (gamma, beyond) = if p_without > ALPHA {
            (1.0, false)
        } else if self.p(GAMMA_CAP) <= ALPHA {
            (GAMMA_CAP, true)
        } else {
            let (mut stands, mut falls) = (1.0, GAMMA_CAP);
            while falls - stands > PRECISION {
                let middle = 0.5 * (stands + falls);
                if self.p(middle) > ALPHA {
                    falls = middle;
                } else {
                    stands = middle;
                }
            }
            (falls, false)
        };
        Rosenbaum {
            test: self.test,
            sets: self.matched,
            informative: self.sets.len(),
            gamma,
            beyond,
            p_without,
        }
    }

    /// One-sided bound: the largest chance of a sum at least as extreme as the one seen.
    fn tail(&self, gamma: f64, upwards: bool) -> f64 {
        let yes_or_no = matches!(
            self.test,
            HiddenBiasTest::McNemar | HiddenBiasTest::MantelHaenszel
        );
        if yes_or_no {
            return self.tail_of_events(gamma, upwards);
        }
        let (mut excess, mut variance) = (0.0, 0.0);
        for set in &self.sets {
            let (mean, spread) = worst(&set.all, gamma, upwards);
            let one = if upwards { set.one } else { -set.one };
            excess += one - mean;
            variance += spread;
        }
        t_upper_tail(excess / variance.sqrt(), f64::INFINITY)
    }

    /// The same for a sum of independent yes-or-no scores.
    fn tail_of_events(&self, gamma: f64, upwards: bool) -> f64 {
        let mut seen = 0usize;
        let chances: Vec<f64> = self
            .sets
            .iter()
            .map(|set| {
                let high = set.all[0];
                let top = set.all.iter().filter(|v| **v == high).count();
                let (k, rest, hit) = match upwards {
                    true => (top, set.all.len() - top, set.one == high),
                    false => (set.all.len() - top, top, set.one != high),
                };
                seen += usize::from(hit);
                gamma * k as f64 / (gamma * k as f64 + rest as f64)
            })
            .collect();
        if chances.len() <= MOST_EXACT {
            return upper_tail(&chances, seen);
        }
        let mean: f64 = chances.iter().sum();
        let variance: f64 = chances.iter().map(|p| p * (1.0 - p)).sum();
        t_upper_tail((seen as f64 - 0.5 - mean) / variance.sqrt(), f64::INFINITY)
    }
}

/// Largest mean of the one's score, and the variance that goes with it, over all numbers of
/// people with u = 1. `all` is sorted, largest first.
fn worst(all: &[f64], gamma: f64, upwards: bool) -> (f64, f64) {
    let n = all.len();
    let at = |i: usize| if upwards { all[i] } else { -all[n - 1 - i] };
    let (sum, squares) = (0..n).fold((0.0, 0.0), |(s, q), i| (s + at(i), q + at(i) * at(i)));
    let (mut top, mut top_squares) = (0.0, 0.0);
    let mut best = (f64::NEG_INFINITY, 0.0);
    for k in 1..n {
        top += at(k - 1);
        top_squares += at(k - 1) * at(k - 1);
        let total = gamma * k as f64 + (n - k) as f64;
        let mean = (sum + (gamma - 1.0) * top) / total;
        let variance = (squares + (gamma - 1.0) * top_squares) / total - mean * mean;
        let tie = (mean - best.0).abs() <= 1e-12 * mean.abs().max(1.0);
        if (mean > best.0 && !tie) || (tie && variance > best.1) {
            best = (mean, variance);
        }
    }
    (best.0, best.1.max(0.0))
}

/// P(sum of independent yes-or-nos >= seen), exactly.
fn upper_tail(chances: &[f64], seen: usize) -> f64 {
    let mut probability = vec![0.0; chances.len() + 1];
    probability[0] = 1.0;
    for (m, p) in chances.iter().enumerate() {
        for j in (0..=m).rev() {
            probability[j + 1] += p * probability[j];
            probability[j] *= 1.0 - p;
        }
    }
    probability[seen..].iter().sum::<f64>().min(1.0)
}

/// Sets turned about hold 0 and -1: brought to 0 and 1.
fn yes_or_no(sets: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let turned = |s: &Vec<f64>| s.iter().any(|v| *v < 0.0);
    let raise = |s: Vec<f64>| s.iter().map(|v| v + 1.0).collect();
    sets.into_iter()
        .map(|s| if turned(&s) { raise(s) } else { s })
        .collect()
}

/// The rank of each pair's absolute difference stands on the side that is larger, 0 on the other.
/// Pairs without a difference are ranked with the others and score nothing, as Rosenbaum does.
fn signed_ranks(pairs: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let differences: Vec<f64> = pairs.iter().map(|p| p[0] - p[1]).collect();
    let sizes: Vec<f64> = differences.iter().map(|d| d.abs()).collect();
    differences
        .iter()
        .zip(ranks(&sizes))
        .map(|(&d, rank)| match (d > 0.0, d < 0.0) {
            (true, _) => vec![rank, 0.0],
            (_, true) => vec![0.0, rank],
            _ => vec![0.0, 0.0],
        })
        .collect()
}

/// Ranks over everybody of the value less the mean of the set.
fn aligned_ranks(sets: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let aligned = sets.iter().flat_map(|s| {
        let mean = s.iter().sum::<f64>() / s.len() as f64;
        s.iter().map(move |v| v - mean)
    });
    let ranks = ranks(&aligned.collect::<Vec<f64>>());
    let mut at = 0;
    sets.iter()
        .map(|s| {
            let of = ranks[at..at + s.len()].to_vec();
            at += s.len();
            // A set whose people are all alike says nothing, whatever rounding made of its mean.
            match s.iter().all(|v| *v == s[0]) {
                true => vec![0.0; of.len()],
                false => of,
            }
        })
        .collect()
}

/// Ranks from 1; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let mut to = from + 1;
        while to < order.len() && values[order[to]] == values[order[from]] {
            to += 1;
        }
        for &i in &order[from..to] {
            ranks[i] = 0.5 * (from + 1 + to) as f64;
        }
        from = to;
    }
    ranks
}
