//! Times each stage by itself, on tables in memory: 2,000 participants against 100,000 and, with
//! `--large`, 10,000 against 1,000,000; 20 covariates, 35 design columns with the constant.
//!
//! ```text
//! cargo bench --bench stages [-- --large] [-- --repeat 5]
//! ```
//!
//! Prints medians and judges nothing: no time makes it fail.

use counterpart::balance::measure;
use counterpart::bootstrap::{Resampled, bootstrap};
use counterpart::covariates::DesignMatrix;
use counterpart::effect::{OutcomeData, estimate};
use counterpart::matching::{self, Scores};
use counterpart::propensity::PropensityParams;
use counterpart::study::{MatchSettings, Method, SeMethod};
use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use ndarray::Array1;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[path = "kit/table.rs"]
mod table;
use table::{reoffended, trial};

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
    let covariates = table.settings();
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
    let outcome = reoffended();
    let data = OutcomeData {
        values: &table.reoffended,
        given: None,
        exposure: None,
    };
    clock.stage("effect and interval", || {
        estimate(&outcome, &data, &matches, SeMethod::Matched).expect("an estimate")
    });
    clock.total();
    let design = Resampled {
        matrix: &dataset.records,
        treated,
        propensity: &propensity,
        strata: &[],
        sampling: &[],
        settings: &radius,
        matches: &matches,
    };
    clock.aside("bootstrap, 100 replicates", || {
        let data = OutcomeData {
            values: &table.reoffended,
            given: None,
            exposure: None,
        };
        bootstrap(&design, &[(&outcome, data)], 100, 1).expect("replicates")
    });
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
