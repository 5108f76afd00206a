//! Balance of each column: means, standardised differences, variance ratio, distance, light.

use super::ks::Gaps;
use crate::covariates::{DesignMatrix, LevelSums};
use crate::matching::Matches;
use crate::numeric::gram::BLOCK;
use crate::numeric::simd::widest;
use rayon::prelude::*;

/// |SMD| up to which the light is green ...
pub const GREEN: f64 = 0.05;
/// ... and amber; red above.
pub const AMBER: f64 = 0.10;

/// Are two means the same but for the rounding of their sums? Asked where a column is the same for
/// everybody.
fn agree(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

/// Light of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Light {
    /// |SMD| at most 5 %.
    Green,
    /// At most 10 %.
    Amber,
    /// Above.
    Red,
}

impl Light {
    /// The light of a standardised mean difference; a column that cannot be standardised is red
    /// when its means differ.
    fn of(smd: Option<f64>, mean_treated: f64, mean_matched: f64) -> Light {
        match smd.map(f64::abs) {
            Some(d) if d <= GREEN => Light::Green,
            Some(d) if d <= AMBER => Light::Amber,
            None if agree(mean_treated, mean_matched) => Light::Green,
            _ => Light::Red,
        }
    }

    /// The word used in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Light::Green => "green",
            Light::Amber => "amber",
            Light::Red => "red",
        }
    }
}

/// Balance of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct TermBalance {
    /// Column of the design matrix.
    pub term: String,
    /// For people.
    pub label: String,
    /// Mean of all participants.
    pub mean_all_treated: f64,
    /// Mean of the matched participants.
    pub mean_treated: f64,
    /// Mean of the whole pool.
    pub mean_pool: f64,
    /// Weighted mean of the matched pool.
    pub mean_matched: f64,
    /// (mean of all participants - mean of pool) / s; `None` when s is 0.
    pub smd_before: Option<f64>,
    /// (mean of matched participants - mean of matched pool) / s, the same s.
    pub smd_after: Option<f64>,
    /// Variance of participants over pool, before; numbers only.
    pub variance_ratio_before: Option<f64>,
    /// Variance of matched participants over the weighted variance of the matched pool.
    pub variance_ratio: Option<f64>,
    /// Kolmogorov-Smirnov distance before.
    pub ks_before: f64,
    /// After.
    pub ks: f64,
    /// Light of `smd_after`.
    pub light: Light,
}

/// Balance of every column. `treated` has one entry a row; `full` adds the distances before
/// matching, which cost a pass.
///
/// # Formula
/// SMD = (mean_T - weighted mean_C) / s, s the participants' standard deviation before matching
/// (n - 1), for a column of 0 and 1 `s^2 = p (1 - p)` (Austin 2009, doi:10.1002/sim.3697).
/// Weighted variance: `sum w (x - m)^2 / (1 - sum w^2)`, w summing to 1.
pub fn measure(matrix: &DesignMatrix, treated: &[bool], matches: &Matches) -> Vec<TermBalance> {
    let pool = Weights::new(treated, matches);
    let levels = matrix.level_sums(&pool.whole, &pool.matched);
    (0..matrix.terms().len())
        .into_par_iter()
        .map(|t| of_column(matrix, &matrix.terms()[t], treated, matches, &pool, &levels))
        .collect()
}

/// What each row weighs in the pool before and after, with the sums that all columns share.
struct Weights {
    /// 1 in the pool, 0 for participants.
    whole: Vec<f64>,
    /// w_c; 0 for participants and the unmatched.
    matched: Vec<f64>,
    whole_sum: f64,
    matched_sum: f64,
    matched_squares: f64,
}

impl Weights {
    fn new(treated: &[bool], matches: &Matches) -> Weights {
        let whole: Vec<f64> = treated.iter().map(|&t| f64::from(u8::from(!t))).collect();
        let mut matched = vec![0.0; treated.len()];
        for (&row, &w) in matches.pool.iter().zip(&matches.weight) {
            matched[row as usize] = w;
        }
        Weights {
            whole_sum: whole.iter().sum(),
            matched_sum: matches.weight.iter().sum(),
            matched_squares: matches.weight.iter().map(|w| w * w).sum(),
            whole,
            matched,
        }
    }
}

fn of_column(
    matrix: &DesignMatrix,
    term: &crate::covariates::Term,
    treated: &[bool],
    matches: &Matches,
    pool: &Weights,
    levels: &LevelSums,
) -> TermBalance {
    let all: Vec<f64> = (0..treated.len())
        .filter(|&r| treated[r])
        .map(|r| matrix.value(term, r))
        .collect();
    let matched: Vec<f64> = matches
        .participants
        .iter()
        .map(|&r| matrix.value(term, r as usize))
        .collect();
    let all_moments = Moments::of(all.iter().map(|&x| (x, 1.0)), term.centre);
    let counts = &matches.participant_weight;
    let matched_moments = Moments::of(
        matched.iter().copied().zip(counts.iter().copied()),
        term.centre,
    );
    let mut gaps = (!term.binary).then(|| Gaps::new(&all));
    let (pool_moments, weighted_moments) = match matrix.level_sum(term, levels) {
        // Values of 0 and 1 need their sums only; the variance is not asked of them.
        Some([whole, matched]) => (
            Moments::from_sums(pool.whole_sum, pool.whole_sum, whole, whole, 0.0),
            Moments::from_sums(
                pool.matched_sum,
                pool.matched_squares,
                matched,
                matched,
                0.0,
            ),
        ),
        None => widest(|| pool_pass(matrix, term, pool, gaps.as_mut())),
    };

    let alike = |mut values: std::vec::IntoIter<f64>| {
        let first = values.next();
        values.all(|v| Some(v) == first)
    };
    let of_group = |m: &Moments, alike: bool| {
        // Asked of the values: rounding, and the units, can hide that there is no spread.
        if alike {
            0.0
        } else if term.binary {
            m.mean * (1.0 - m.mean)
        } else {
            m.variance
        }
    };
    let of_participants = of_group(&all_moments, alike(all.clone().into_iter()));
    // Participants all alike: the mean of both groups' variances stands in.
    let spread = if of_participants > 0.0 {
        of_participants
    } else {
        let others: Vec<f64> = (0..treated.len())
            .filter(|&r| !treated[r])
            .map(|r| matrix.value(term, r))
            .collect();
        of_group(&pool_moments, alike(others.into_iter())) / 2.0
    };
    let smd = |difference: f64| (spread > 0.0).then(|| difference / spread.sqrt());
    let ratio = |a: &Moments, b: &Moments| {
        (!term.binary && a.variance.is_finite() && b.variance > 0.0)
            .then(|| a.variance / b.variance)
    };
    let difference_before = all_moments.mean - pool_moments.mean;
    let difference = matched_moments.mean - weighted_moments.mean;
    let (ks_before, ks) = match &gaps {
        None => (difference_before.abs(), difference.abs()),
        Some(gaps) => (
            gaps.distance(&all, &[], 0),
            gaps.distance(&matched, counts, 1),
        ),
    };
    let smd_after = smd(difference);
    TermBalance {
        term: term.name.clone(),
        label: term.label.clone(),
        mean_all_treated: all_moments.mean,
        mean_treated: matched_moments.mean,
        mean_pool: pool_moments.mean,
        mean_matched: weighted_moments.mean,
        smd_before: smd(difference_before),
        smd_after,
        variance_ratio_before: ratio(&all_moments, &pool_moments),
        variance_ratio: ratio(&matched_moments, &weighted_moments),
        ks_before,
        ks,
        light: Light::of(smd_after, matched_moments.mean, weighted_moments.mean),
    }
}

/// One pass over a column for the pool, whole and weighted, a block at a time.
#[inline(always)]
fn pool_pass(
    matrix: &DesignMatrix,
    term: &crate::covariates::Term,
    pool: &Weights,
    mut gaps: Option<&mut Gaps>,
) -> (Moments, Moments) {
    let mut block = [0.0; BLOCK];
    let mut sums = [0.0; 4];
    for from in (0..matrix.rows()).step_by(BLOCK) {
        let len = BLOCK.min(matrix.rows() - from);
        let rows = from..from + len;
        let x = &mut block[..len];
        matrix.fill(term, rows.clone(), x);
        let (whole, matched) = (&pool.whole[rows.clone()], &pool.matched[rows]);
        if let Some(gaps) = gaps.as_deref_mut() {
            gaps.add(x, whole, matched);
        }
        add_moments(x, whole, matched, term.centre, &mut sums);
    }
    let [u1, u2, w1, w2] = sums;
    (
        Moments::from_sums(pool.whole_sum, pool.whole_sum, u1, u2, term.centre),
        Moments::from_sums(pool.matched_sum, pool.matched_squares, w1, w2, term.centre),
    )
}

/// Adds first and second weighted sums around the origin, in eight lanes so that the compiler can
/// use wide registers.
#[inline(always)]
fn add_moments(x: &[f64], whole: &[f64], matched: &[f64], origin: f64, sums: &mut [f64; 4]) {
    const LANES: usize = 8;
    let mut lanes = [[0.0; LANES]; 4];
    for ((x, u), w) in x
        .chunks(LANES)
        .zip(whole.chunks(LANES))
        .zip(matched.chunks(LANES))
    {
        for i in 0..x.len() {
            let d = x[i] - origin;
            lanes[0][i] += u[i] * d;
            lanes[1][i] += u[i] * d * d;
            lanes[2][i] += w[i] * d;
            lanes[3][i] += w[i] * d * d;
        }
    }
    for (sum, lane) in sums.iter_mut().zip(&lanes) {
        *sum += lane.iter().sum::<f64>();
    }
}

/// Weighted mean and variance, one pass around a value near the mean.
pub(crate) struct Moments {
    pub mean: f64,
    /// `NaN` of fewer than two people.
    pub variance: f64,
}

impl Moments {
    pub(crate) fn of(values: impl Iterator<Item = (f64, f64)>, origin: f64) -> Moments {
        let (mut w1, mut w2, mut s1, mut s2) = (0.0, 0.0, 0.0, 0.0);
        for (x, w) in values {
            let d = x - origin;
            w1 += w;
            w2 += w * w;
            s1 += w * d;
            s2 += w * d * d;
        }
        Moments::from_sums(w1, w2, s1, s2, origin)
    }

    /// From sums of weights and squared weights, and weighted sums around the origin.
    fn from_sums(w1: f64, w2: f64, s1: f64, s2: f64, origin: f64) -> Moments {
        let mean = s1 / w1;
        // sum w (x - m)^2 / W over (1 - sum w^2 / W^2)
        let room = 1.0 - w2 / (w1 * w1);
        let variance = if room > 1e-12 {
            (s2 / w1 - mean * mean).max(0.0) / room
        } else {
            f64::NAN
        };
        Moments {
            mean: origin + mean,
            variance,
        }
    }
}

/// Largest |SMD| after matching; infinite where a column that differs cannot be standardised.
pub fn worst_smd(balance: &[TermBalance]) -> f64 {
    balance
        .iter()
        .map(|b| match b.smd_after {
            Some(d) => d.abs(),
            None if agree(b.mean_treated, b.mean_matched) => 0.0,
            None => f64::INFINITY,
        })
        .fold(0.0, f64::max)
}

/// Balance of the score itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreBalance {
    /// Rubin's B: difference of the mean linear predictors over the root of the mean variance,
    /// percent; below 25 is good (Rubin 2001, doi:10.1023/A:1020363010465). `None` when a group
    /// has one person, or no spread.
    pub rubin_b: Option<f64>,
    /// Rubin's R: ratio of their variances; 0.5 to 2 is good.
    pub rubin_r: Option<f64>,
}

/// Balance of the linear predictor after matching.
pub fn score_balance(lp: &[f64], matches: &Matches) -> ScoreBalance {
    let origin = lp[matches.participants[0] as usize];
    let t = Moments::of(
        matches
            .participants
            .iter()
            .zip(&matches.participant_weight)
            .map(|(&r, &g)| (lp[r as usize], g)),
        origin,
    );
    let c = Moments::of(
        matches
            .pool
            .iter()
            .zip(&matches.weight)
            .map(|(&r, &w)| (lp[r as usize], w)),
        origin,
    );
    let finite = |v: f64| v.is_finite().then_some(v);
    ScoreBalance {
        rubin_b: finite(100.0 * (t.mean - c.mean).abs() / ((t.variance + c.variance) / 2.0).sqrt()),
        rubin_r: finite(t.variance / c.variance),
    }
}
