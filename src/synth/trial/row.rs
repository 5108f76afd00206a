//! One row of a trial: covariates by a tilt, outcomes by the same process as the register's.

use crate::synth::career::{binomial, poisson};
use crate::synth::outcome::reoffend;
use crate::synth::person::{gamma, standard_normal};
use crate::synth::random::{choose, logistic};
use crate::synth::table::Kind;
use rand::{Rng, RngExt};

/// Correlation of the six normal numbers.
const SHARED: f64 = 0.2;
/// Selection and outcome coefficients of the six normal numbers (mean 0, SD 1 in the pool).
const NORMAL: [(f64, f64); 6] = [
    (0.40, 0.25),
    (0.30, 0.20),
    (-0.20, -0.15),
    (0.15, 0.10),
    (0.0, 0.15),
    (0.15, 0.0),
];
/// Pool mean, selection and outcome coefficients of the two counts.
const COUNT: [(f64, f64, f64); 2] = [(3.0, 0.12, 0.08), (6.0, 0.05, 0.03)];
/// Selection and outcome coefficients of the waiting time (gamma, shape 2, pool mean 2).
const WAIT: (f64, f64) = (0.12, 0.06);
/// Selection and outcome coefficients of the weeks (binomial, 52, pool mean 20.8).
const WEEKS: (f64, f64) = (-0.02, -0.012);
/// Pool share, selection and outcome coefficients of the flags.
const FLAG: [(f64, f64, f64); 5] = [
    (0.15, 0.3, 0.30),
    (0.3, 0.5, 0.40),
    (0.5, 0.3, 0.15),
    (0.6, 0.0, -0.1),
    (0.4, -0.3, -0.15),
];
/// Selection and outcome steps from one level of a category to the next.
const STEP: [(f64, f64); 5] = [
    (0.20, 0.15),
    (0.10, 0.08),
    (-0.10, -0.05),
    (0.05, 0.0),
    (0.0, 0.05),
];
/// Levels of every category with their pool shares.
pub(super) const LEVELS: [(&str, f64); 5] = [
    ("a", 0.35),
    ("b", 0.25),
    ("c", 0.2),
    ("d", 0.12),
    ("e", 0.08),
];
/// Log-rate where every covariate is at its pool mean or base.
const BASE_LOG_RATE: f64 = -0.9;

/// Covariates in a set.
pub(super) const SET: usize = 20;

/// Twenty covariates.
pub(super) struct Set {
    /// Six normals and the waiting time, to three decimals.
    pub reals: [f64; 7],
    /// Two counts and the weeks.
    pub counts: [i32; 3],
    pub flags: [bool; 5],
    pub groups: [usize; 5],
}

/// One row.
pub(super) struct Row {
    pub treat: bool,
    /// The set that bears on taking part and on the outcome, then those that bear on nothing.
    pub sets: Vec<Set>,
    pub reoffences: u32,
    pub days_to_first: Option<i32>,
    /// Yearly rate without the programme.
    pub rate: f64,
}

/// Outcomes of a trial.
pub(super) const OUTCOMES: [&str; 3] = ["reoffended", "reoffences", "days_to_first"];

/// Names and types of the covariates, a set after the other: ten numbers, five flags, five
/// categories.
pub(super) fn covariates(sets: usize) -> impl Iterator<Item = (String, Kind)> {
    (0..sets).flat_map(|s| {
        let numbers = (1..=10).map(move |k| {
            (
                format!("number_{:02}", 10 * s + k),
                if k <= 7 { Kind::Real } else { Kind::Int },
            )
        });
        let flags = (1..=5).map(move |k| (format!("flag_{}", 5 * s + k), Kind::Int));
        let groups = (1..=5).map(move |k| (format!("group_{}", 5 * s + k), Kind::Text));
        numbers.chain(flags).chain(groups)
    })
}

/// Every column of the table.
pub(super) fn columns(sets: usize) -> Vec<(String, Kind)> {
    std::iter::once(("id".to_owned(), Kind::Key))
        .chain([("treat".to_owned(), Kind::Int)])
        .chain(covariates(sets))
        .chain(OUTCOMES.map(|o| (o.to_owned(), Kind::Int)))
        .collect()
}

/// Draws a row of a participant (`treat`) or of the pool. Sets after the first are drawn alike for
/// both and have no part in the outcome.
pub(super) fn draw(treat: bool, effect: f64, sets: usize, rng: &mut impl Rng) -> Row {
    let tilt = f64::from(u8::from(treat));
    let (first, log_rate) = draw_set(tilt, rng);
    let (reoffences, days_to_first) = reoffend((log_rate + tilt * effect).exp(), rng);
    let mut drawn = vec![first];
    drawn.extend((1..sets).map(|_| draw_set(0.0, rng).0));
    Row {
        treat,
        sets: drawn,
        reoffences,
        days_to_first,
        rate: log_rate.exp(),
    }
}

/// Draws a set and the log-rate of reoffending that goes with it.
fn draw_set(tilt: f64, rng: &mut impl Rng) -> (Set, f64) {
    let mut log_rate = BASE_LOG_RATE;
    let common = standard_normal(rng) * SHARED.sqrt();
    let all_tilts: f64 = NORMAL.iter().map(|(select, _)| select).sum();
    let mut reals = [0.0; 7];
    for (x, (select, outcome)) in reals.iter_mut().zip(NORMAL) {
        // Tilting correlated normals shifts their means by the covariance times the coefficients.
        let shift = tilt * (SHARED * all_tilts + (1.0 - SHARED) * select);
        *x = rounded(shift + common + (1.0 - SHARED).sqrt() * standard_normal(rng));
        log_rate += outcome * *x;
    }
    reals[6] = rounded(gamma(2.0, 1.0 / (1.0 - tilt * WAIT.0), rng));
    log_rate += WAIT.1 * (reals[6] - 2.0);
    let mut counts = [0; 3];
    for (n, (mean, select, outcome)) in counts.iter_mut().zip(COUNT) {
        *n = poisson(mean * (tilt * select).exp(), rng) as i32;
        log_rate += outcome * (f64::from(*n) - mean);
    }
    counts[2] = binomial(52, tilted(0.4, tilt * WEEKS.0), rng);
    log_rate += WEEKS.1 * (f64::from(counts[2]) - 20.8);
    let flags = FLAG.map(|(share, select, outcome)| {
        let flag = rng.random_bool(tilted(share, tilt * select));
        log_rate += outcome * f64::from(u8::from(flag));
        flag
    });
    let groups = STEP.map(|(select, outcome)| {
        let mut level = 0.0;
        let weights = LEVELS.map(|(_, share)| {
            level += 1.0;
            share * (tilt * select * (level - 1.0)).exp()
        });
        let group = choose(&weights, rng);
        log_rate += outcome * group as f64;
        group
    });
    let set = Set {
        reals,
        counts,
        flags,
        groups,
    };
    (set, log_rate)
}

/// A share with its odds multiplied by `exp(by)`.
fn tilted(share: f64, by: f64) -> f64 {
    logistic((share / (1.0 - share)).ln() + by)
}

fn rounded(x: f64) -> f64 {
    (x * 1_000.0).round() / 1_000.0
}
