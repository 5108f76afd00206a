//! Balance of each column: means, standardised differences, variance ratio, distance, light.

use super::ks;
use crate::covariates::DesignMatrix;
use crate::matching::Matches;
use rayon::prelude::*;

/// |SMD| up to which the light is green ...
pub const GREEN: f64 = 0.05;
/// ... and amber; red above.
pub const AMBER: f64 = 0.10;

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
    fn of(smd: Option<f64>, mean_difference: f64) -> Light {
        match smd.map(f64::abs) {
            Some(d) if d <= GREEN => Light::Green,
            Some(d) if d <= AMBER => Light::Amber,
            None if mean_difference == 0.0 => Light::Green,
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
    let weight = row_weights(matrix.rows(), matches);
    (0..matrix.terms().len())
        .into_par_iter()
        .map(|t| {
            let x = matrix.column(t);
            of_column(&x, &weight, treated, matches, &matrix.terms()[t])
        })
        .collect()
}

/// w_c by row; 0 for participants and the unmatched.
fn row_weights(rows: usize, matches: &Matches) -> Vec<f64> {
    let mut weight = vec![0.0; rows];
    for (&row, &w) in matches.pool.iter().zip(&matches.weight) {
        weight[row as usize] = w;
    }
    weight
}

fn of_column(
    x: &[f64],
    weight: &[f64],
    treated: &[bool],
    matches: &Matches,
    term: &crate::covariates::Term,
) -> TermBalance {
    let all: Vec<f64> = treated
        .iter()
        .zip(x)
        .filter(|p| *p.0)
        .map(|p| *p.1)
        .collect();
    let matched: Vec<f64> = matches
        .participants
        .iter()
        .map(|&r| x[r as usize])
        .collect();
    let all_moments = Moments::of(all.iter().map(|&x| (x, 1.0)), term.centre);
    let matched_moments = Moments::of(matched.iter().map(|&x| (x, 1.0)), term.centre);
    let pool = || treated.iter().zip(x).filter(|p| !*p.0).map(|p| (*p.1, 1.0));
    let weighted = || x.iter().copied().zip(weight.iter().copied());
    let pool_moments = Moments::of(pool(), term.centre);
    let weighted_moments = Moments::of(weighted(), term.centre);

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
        let others: Vec<f64> = pool().map(|p| p.0).collect();
        of_group(&pool_moments, alike(others.into_iter())) / 2.0
    };
    let smd = |difference: f64| (spread > 0.0).then(|| difference / spread.sqrt());
    let ratio = |a: &Moments, b: &Moments| {
        (!term.binary && a.variance.is_finite() && b.variance > 0.0)
            .then(|| a.variance / b.variance)
    };
    let difference_before = all_moments.mean - pool_moments.mean;
    let difference = matched_moments.mean - weighted_moments.mean;
    let (ks_before, ks) = if term.binary {
        (difference_before.abs(), difference.abs())
    } else {
        (
            ks::weighted(&all, pool()),
            ks::weighted(&matched, weighted()),
        )
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
        light: Light::of(smd_after, difference),
    }
}

/// Weighted mean and variance, one pass around a value near the mean.
pub(crate) struct Moments {
    pub mean: f64,
    /// `NaN` of fewer than two values.
    pub variance: f64,
}

impl Moments {
    pub(crate) fn of(values: impl Iterator<Item = (f64, f64)>, origin: f64) -> Moments {
        let (mut w1, mut w2, mut s1, mut s2) = (0.0, 0.0, 0.0, 0.0);
        let mut people = 0usize;
        for (x, w) in values.filter(|p| p.1 > 0.0) {
            people += 1;
            let d = x - origin;
            w1 += w;
            w2 += w * w;
            s1 += w * d;
            s2 += w * d * d;
        }
        let mean = s1 / w1;
        // sum w (x - m)^2 / W over (1 - sum w^2 / W^2)
        let variance = if people < 2 {
            f64::NAN
        } else {
            (s2 / w1 - mean * mean).max(0.0) / (1.0 - w2 / (w1 * w1))
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
            None if b.mean_treated == b.mean_matched => 0.0,
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
        matches.participants.iter().map(|&r| (lp[r as usize], 1.0)),
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
