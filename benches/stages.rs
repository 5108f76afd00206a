//! Times each stage by itself, on tables in memory: 2,000 participants against 100,000 and, with
//! `--large`, 10,000 against 1,000,000; 20 covariates, 35 design columns with the constant.
//!
//! ```text
//! cargo bench --bench stages [-- --large] [-- --repeat 5]
//! ```
//!
//! Prints medians and judges nothing: no time makes it fail.

use counterpart::balance::measure;
use counterpart::covariates::DesignMatrix;
use counterpart::effect::{OutcomeData, estimate};
use counterpart::matching::{self, Scores};
use counterpart::numeric::frame::{Column, Frame};
use counterpart::propensity::PropensityParams;
use counterpart::study::*;
use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use ndarray::Array1;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use rand_distr::{Distribution, Poisson, StandardNormal};
use std::hint::black_box;
use std::time::{Duration, Instant};

fn main() {
    let flags: Vec<String> = std::env::args().collect();
    let repeat = flags
        .iter()
        .position(|f| f == "--repeat")
        .and_then(|at| flags.get(at + 1)?.parse().ok())
        .unwrap_or(5);
    stages(2_000, 100_000, repeat);
    if flags.iter().any(|f| f == "--large") {
        stages(10_000, 1_000_000, repeat);
    }
}

/// Every stage of an analysis, one after the other, each fed by the one before.
fn stages(people: usize, pool: usize, repeat: usize) {
    let table = trial(people, pool, 1);
    println!("\n{people} participants, {pool} in the pool, median of {repeat}");
    let treated = &table.treated;
    let targets = Array1::from_iter(treated.iter().map(|&t| f64::from(u8::from(t))));
    let covariates: Vec<Covariate> = (table.covariates.names().iter())
        .map(|name| Covariate {
            column: name.clone(),
            label: name.clone(),
            kind: match table.covariates.get(name) {
                Some(Column::Category { .. }) => CovariateKind::Category,
                _ => CovariateKind::Number,
            },
            square: false,
            spline: None,
        })
        .collect();
    let mut clock = Clock::new(repeat);
    let matrix = clock.stage("covariates (and a copy)", || {
        DesignMatrix::build(&mut table.covariates.clone(), treated, &covariates).expect("a matrix")
    });
    let model = PropensityParams::new().check().expect("sound settings");
    let dataset = DatasetBase::new(matrix, targets);
    let propensity = clock.stage("propensity", || model.fit(&dataset).expect("a fit"));
    let scores = Scores {
        lp: &propensity.lp,
        order: &propensity.order,
        lp_sd: propensity.lp_sd,
        treated,
        strata: &[],
        sampling: &[],
        matrix: None,
    };
    let radius = MatchSettings::default();
    let nearest = MatchSettings {
        method: Method::Nearest,
        replace: false,
        ..MatchSettings::default()
    };
    let matches = clock.stage("radius matching", || {
        matching::run(&scores, &radius, 1).expect("matches")
    });
    clock.aside("nearest matching, 1 to 1", || {
        matching::run(&scores, &nearest, 1).expect("matches")
    });
    clock.stage("balance", || measure(&dataset.records, treated, &matches));
    let outcome = OutcomeSpec {
        name: "reoffended".into(),
        column: "reoffended".into(),
        kind: OutcomeKind::Binary,
        primary: true,
        label: String::new(),
        phrase: String::new(),
        unit: String::new(),
        better: Better::Lower,
        given: None,
        exposure: None,
        part_of: None,
        placebo: false,
        horizon: None,
        levels: Vec::new(),
    };
    let data = OutcomeData {
        values: &table.reoffended,
        given: None,
        exposure: None,
    };
    clock.stage("effect and interval", || {
        estimate(&outcome, &data, &matches, SeMethod::Matched).expect("an estimate")
    });
    clock.total();
}

/// Times stages and prints a line for each.
struct Clock {
    repeat: usize,
    total: Duration,
}

impl Clock {
    fn new(repeat: usize) -> Clock {
        println!(
            "{:<28} {:>10} {:>10} {:>10}",
            "stage", "median ms", "fastest", "slowest"
        );
        Clock {
            repeat: repeat.max(1),
            total: Duration::ZERO,
        }
    }

    /// Runs the stage as often as asked and gives the last result to the next stage.
    fn stage<T>(&mut self, name: &str, mut run: impl FnMut() -> T) -> T {
        let mut times = Vec::new();
        let mut timed = || {
            let started = Instant::now();
            let result = black_box(run());
            times.push(started.elapsed());
            result
        };
        let mut result = timed();
        for _ in 1..self.repeat {
            result = timed();
        }
        times.sort();
        let median = times[times.len() / 2];
        self.total += median;
        println!(
            "{name:<28} {:>10.1} {:>10.1} {:>10.1}",
            ms(median),
            ms(times[0]),
            ms(times[times.len() - 1])
        );
        result
    }

    /// Times something that is not on the way: it does not count in the total.
    fn aside<T>(&mut self, name: &str, run: impl FnMut() -> T) {
        let before = self.total;
        self.stage(name, run);
        self.total = before;
    }

    fn total(&self) {
        println!("{:<28} {:>10.1}", "all", ms(self.total));
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// A table of known make: covariates, who took part, and what happened.
struct Trial {
    covariates: Frame,
    treated: Vec<bool>,
    reoffended: Vec<f64>,
}

/// Seven continuous covariates, six flags, four counts and three categories (4, 6 and 10 levels), all
/// of which bear on taking part and on the outcome; participants first.
fn trial(people: usize, pool: usize, seed: u64) -> Trial {
    let n = people + pool;
    let mut random = ChaCha12Rng::seed_from_u64(seed);
    let mut covariates = Frame::new(n);
    let mut lean = vec![0.0; n];
    for k in 0..7 {
        push(
            &mut covariates,
            &mut lean,
            format!("x{}", k + 1),
            0.2,
            || StandardNormal.sample(&mut random),
        );
    }
    for k in 0..6 {
        let share = 0.15 + 0.08 * f64::from(k);
        push(
            &mut covariates,
            &mut lean,
            format!("flag{}", k + 1),
            0.25,
            || f64::from(u8::from(random.random_bool(share))),
        );
    }
    for k in 0..4 {
        // The mean is positive.
        let poisson = Poisson::new(1.5 * f64::from(k + 1)).expect("a positive mean");
        push(
            &mut covariates,
            &mut lean,
            format!("count{}", k + 1),
            0.08,
            || poisson.sample(&mut random),
        );
    }
    for levels in [4u32, 6, 10] {
        let codes: Vec<u32> = (0..n).map(|_| random.random_range(0..levels)).collect();
        for (lean, &code) in lean.iter_mut().zip(&codes) {
            *lean += 0.1 * f64::from(code % 3);
        }
        let levels: Vec<String> = (0..levels).map(|l| format!("level {l:02}")).collect();
        let name = format!("group{}", levels.len());
        covariates.push(name, Column::Category { codes, levels });
    }

    // Those who lean to it most, chance included (Gumbel noise makes it a logistic choice), take part.
    let noisy: Vec<f64> = lean
        .iter()
        .map(|l| l - (-random.random::<f64>().max(1e-300).ln()).ln())
        .collect();
    let mut order: Vec<u32> = (0..n as u32).collect();
    order.sort_by(|&a, &b| noisy[b as usize].total_cmp(&noisy[a as usize]));
    order[people..].sort_unstable();
    let reoffended = order
        .iter()
        .enumerate()
        .map(|(place, &row)| {
            let helped = if place < people { -0.2 } else { 0.0 };
            let chance = 1.0 / (1.0 + (0.9 - 0.5 * lean[row as usize] - helped).exp());
            f64::from(u8::from(random.random_bool(chance)))
        })
        .collect();
    Trial {
        covariates: covariates.take(&order),
        treated: (0..n).map(|place| place < people).collect(),
        reoffended,
    }
}

/// Adds a column of numbers and what it does to the leaning.
fn push(
    frame: &mut Frame,
    lean: &mut [f64],
    name: String,
    slope: f64,
    mut draw: impl FnMut() -> f64,
) {
    let values: Vec<f64> = lean.iter().map(|_| draw()).collect();
    for (lean, value) in lean.iter_mut().zip(&values) {
        *lean += slope * value;
    }
    frame.push(name, Column::Number(values));
}
