//! How the cost grows with the table: CPU time of each stage from 50,000 to 3,200,000 in the pool, a
//! participant for every fifty of them, 20 covariates; and the exponent b of the fitted
//! time = a (n log n)^b.
//!
//! ```text
//! cargo bench --bench growth [-- --to 3200000] [-- --repeat 3]
//! ```
//!
//! The fastest run of each counts, as others may share the machine. It judges nothing: no time makes
//! it fail.

use counterpart::balance::measure;
use counterpart::covariates::DesignMatrix;
use counterpart::effect::{OutcomeData, estimate};
use counterpart::matching::{self, Scores};
use counterpart::propensity::PropensityParams;
use counterpart::study::{MatchSettings, SeMethod};
use linfa::traits::Fit;
use linfa::{DatasetBase, ParamGuard};
use ndarray::Array1;
use std::hint::black_box;

#[path = "kit/table.rs"]
mod table;
use table::{Trial, reoffended, trial};

const STAGES: [&str; 6] = [
    "covariates",
    "propensity",
    "matching",
    "balance",
    "effect",
    "all",
];

fn main() {
    let flags: Vec<String> = std::env::args().collect();
    let flag = |name: &str, default: usize| {
        let at = flags.iter().position(|f| f == name);
        at.and_then(|at| flags.get(at + 1)?.parse().ok())
            .unwrap_or(default)
    };
    let (to, repeat) = (flag("--to", 3_200_000), flag("--repeat", 3));
    let sizes: Vec<usize> = (0..)
        .map(|k| 50_000 << k)
        .take_while(|&n| n <= to)
        .collect();
    println!("CPU milliseconds, fastest of {repeat}\n");
    print!("{:>10}", "pool");
    for stage in STAGES {
        print!("{stage:>12}");
    }
    println!("{:>18}", "ns per n log2 n");
    let mut measured = Vec::new();
    for &pool in &sizes {
        let table = trial(pool / 50, pool, 1);
        let mut fastest = [f64::INFINITY; 6];
        for _ in 0..repeat.max(1) {
            for (best, time) in fastest.iter_mut().zip(once(&table)) {
                *best = best.min(time);
            }
        }
        let n = (pool + pool / 50) as f64;
        print!("{pool:>10}");
        for time in fastest {
            print!("{:>12.1}", time * 1e3);
        }
        println!("{:>18.2}", 1e9 * fastest[5] / (n * n.log2()));
        measured.push((n, fastest));
    }
    print!("\n{:>10}", "exponent");
    for stage in 0..STAGES.len() {
        let points: Vec<(f64, f64)> = (measured.iter())
            .map(|(n, times)| ((n * n.ln()).ln(), times[stage].ln()))
            .collect();
        print!("{:>12.3}", slope(&points));
    }
    println!();
}

/// CPU seconds of each stage, and of all.
fn once(table: &Trial) -> [f64; 6] {
    let treated = &table.treated;
    let targets = Array1::from_iter(treated.iter().map(|&t| f64::from(u8::from(t))));
    let covariates = table.settings();
    let mut frame = table.covariates.clone();
    let model = PropensityParams::new().check().expect("sound settings");
    let mut times = [0.0; 6];
    let matrix = timed(&mut times[0], || {
        DesignMatrix::build(&mut frame, treated, &covariates).expect("a matrix")
    });
    let dataset = DatasetBase::new(matrix, targets);
    // The sort of the scores is part of it.
    let propensity = timed(&mut times[1], || model.fit(&dataset).expect("a fit"));
    let scores = Scores {
        lp: &propensity.lp,
        order: &propensity.order,
        lp_sd: propensity.lp_sd,
        treated,
        strata: &[],
        sampling: &[],
        matrix: Some(&dataset.records),
    };
    let matches = timed(&mut times[2], || {
        matching::run(&scores, &MatchSettings::default(), 1).expect("matches")
    });
    timed(&mut times[3], || {
        measure(&dataset.records, treated, &matches)
    });
    let data = OutcomeData {
        values: &table.reoffended,
        given: None,
        exposure: None,
    };
    timed(&mut times[4], || {
        estimate(&reoffended(), &data, &matches, SeMethod::Matched).expect("an estimate")
    });
    times[5] = times[..5].iter().sum();
    times
}

fn timed<T>(seconds: &mut f64, run: impl FnOnce() -> T) -> T {
    let before = cpu();
    let result = black_box(run());
    *seconds = cpu() - before;
    result
}

/// CPU seconds of this process, all threads.
fn cpu() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is to a timespec of our own, which the call fills.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}

/// Least-squares slope.
fn slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let (x, y) = points
        .iter()
        .fold((0.0, 0.0), |(x, y), p| (x + p.0 / n, y + p.1 / n));
    let (across, along) = points.iter().fold((0.0, 0.0), |(a, l), p| {
        (a + (p.0 - x) * (p.1 - y), l + (p.0 - x) * (p.0 - x))
    });
    across / along
}
