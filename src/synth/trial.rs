//! One table of participants and comparison rows, of any size, for `analyse` and for benchmarks.
//!
//! Exactly as many participants as asked for, and still exactly logistic selection: participants'
//! covariates are drawn from the pool's distributions tilted by `exp(beta x)`, which makes the log
//! odds of taking part a constant plus `beta x`. Each distribution here has a tilt of its own kind.

use super::career::{binomial, poisson};
use super::outcome::{Happened, chance, expected_days, reoffend};
use super::person::{gamma, standard_normal};
use super::random::{Purpose, Streams, choose, logistic};
use super::table::{Cell, Kind, TableWriter};
use super::truth::{OutcomeTruth, TruthSums};
use super::{Progress, SynthError, check_effect, write_text};
use rand::{Rng, RngExt};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Most participants and pool rows of a trial.
const MOST: (u64, u64) = (1_000_000, 50_000_000);
/// Rows made at a time.
const CHUNK: u64 = 32_768;

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
const COUNT: [(f64, f64, f64); 2] = [(3.0, 0.10, 0.06), (6.0, 0.04, 0.03)];
/// Selection and outcome coefficients of the waiting time (gamma, shape 2, pool mean 2).
const WAIT: (f64, f64) = (0.12, 0.06);
/// Selection and outcome coefficients of the weeks (binomial, 52, pool mean 20.8).
const WEEKS: (f64, f64) = (-0.02, -0.012);
/// Pool share, selection and outcome coefficients of the flags.
const FLAG: [(f64, f64, f64); 5] = [
    (0.15, 0.3, 0.25),
    (0.3, 0.5, 0.25),
    (0.5, 0.3, 0.15),
    (0.6, 0.0, -0.1),
    (0.4, -0.3, -0.15),
];
/// Selection and outcome steps from one level of a category to the next.
const STEP: [(f64, f64); 5] = [
    (0.15, 0.10),
    (0.10, 0.05),
    (-0.10, -0.05),
    (0.05, 0.0),
    (0.0, 0.05),
];
/// Levels of every category with their pool shares.
const LEVELS: [(&str, f64); 5] = [
    ("a", 0.35),
    ("b", 0.25),
    ("c", 0.2),
    ("d", 0.12),
    ("e", 0.08),
];
/// Log-rate where every covariate is at its pool mean or base.
const BASE_LOG_RATE: f64 = -0.75;

/// What trial to make.
#[derive(Debug, Clone, Copy)]
pub struct TrialPlan {
    /// Participants.
    pub people: u64,
    /// Comparison rows.
    pub pool: u64,
    /// Seed: same seed, same bytes.
    pub seed: u64,
    /// Planted effect on the log-rate of reoffending.
    pub effect: f64,
}

/// What was made; also the content of the truth file.
#[derive(Debug, Clone, Serialize)]
pub struct TrialSummary {
    /// Participants.
    pub participants: u64,
    /// Comparison rows.
    pub pool: u64,
    /// Covariates (35 design columns).
    pub covariates: usize,
    /// Seed.
    pub seed: u64,
    /// Planted effect on the log-rate of reoffending.
    pub effect: f64,
    /// Truth by outcome.
    pub outcomes: BTreeMap<&'static str, OutcomeTruth>,
}

/// One row.
struct Row {
    treat: bool,
    /// Six normals and the waiting time, to three decimals.
    reals: [f64; 7],
    /// Two counts and the weeks.
    counts: [i32; 3],
    flags: [bool; 5],
    groups: [usize; 5],
    reoffences: u32,
    days_to_first: Option<i32>,
    /// Yearly rate without the programme.
    rate: f64,
}

/// Makes the table at `out` (Parquet when the name ends in `.parquet`, else CSV), its truth beside it.
///
/// # Errors
/// When the plan is impossible or a file cannot be written.
pub fn make(
    plan: &TrialPlan,
    out: &Path,
    progress: Progress<'_>,
) -> Result<TrialSummary, SynthError> {
    check(plan)?;
    let streams = Streams::new(plan.seed);
    let mut order = streams.at(Purpose::Order, 0);
    let mut sink = Sink::create(out)?;
    let mut truth = TruthSums::default();
    let total = plan.people + plan.pool;
    let (mut first, mut people_left) = (0, plan.people);
    while first < total {
        let next = (first + CHUNK).min(total);
        // Participants are scattered over the rows, exactly as many as asked for.
        let treated: Vec<bool> = (first..next)
            .map(|row| {
                let takes_part = order.random_range(0..total - row) < people_left;
                people_left -= u64::from(takes_part);
                takes_part
            })
            .collect();
        let rows: Vec<Row> = treated
            .into_par_iter()
            .enumerate()
            .map(|(k, treat)| {
                let mut rng = streams.at(Purpose::Trial, first + k as u64);
                draw(treat, plan.effect, &mut rng)
            })
            .collect();
        rows.iter()
            .for_each(|row| add_truth(&mut truth, row, plan.effect));
        sink.write(first, &rows)?;
        first = next;
        progress(first);
    }
    sink.finish()?;
    let mut outcomes = truth.outcomes();
    outcomes.retain(|name, _| OUTCOMES.contains(name));
    let summary = TrialSummary {
        participants: plan.people,
        pool: plan.pool,
        covariates: covariates().count(),
        seed: plan.seed,
        effect: plan.effect,
        outcomes,
    };
    // A summary of numbers under plain keys always serialises.
    let json = serde_json::to_string_pretty(&summary).unwrap_or_default() + "\n";
    write_text(&out.with_extension("truth.json"), &json)?;
    Ok(summary)
}

fn check(plan: &TrialPlan) -> Result<(), SynthError> {
    check_effect(plan.effect)?;
    if !(1..=MOST.0).contains(&plan.people) || !(1..=MOST.1).contains(&plan.pool) {
        return Err(SynthError::Impossible(format!(
            "a trial has 1 to {} participants and 1 to {} comparison rows; {} and {} were asked for",
            MOST.0, MOST.1, plan.people, plan.pool
        )));
    }
    Ok(())
}

const OUTCOMES: [&str; 3] = ["reoffended", "reoffences", "days_to_first"];

/// Names and types of the covariates: ten numbers, five flags, five categories.
fn covariates() -> impl Iterator<Item = (String, Kind)> {
    let numbers = (1..=10).map(|k| {
        (
            format!("number_{k:02}"),
            if k <= 7 { Kind::Real } else { Kind::Int },
        )
    });
    let flags = (1..=5).map(|k| (format!("flag_{k}"), Kind::Int));
    let groups = (1..=5).map(|k| (format!("group_{k}"), Kind::Text));
    numbers.chain(flags).chain(groups)
}

fn columns() -> Vec<(String, Kind)> {
    std::iter::once(("id".to_owned(), Kind::Key))
        .chain([("treat".to_owned(), Kind::Int)])
        .chain(covariates())
        .chain(OUTCOMES.map(|o| (o.to_owned(), Kind::Int)))
        .collect()
}

fn draw(treat: bool, effect: f64, rng: &mut impl Rng) -> Row {
    let tilt = f64::from(u8::from(treat));
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
    let (reoffences, days_to_first) = reoffend((log_rate + tilt * effect).exp(), rng);
    Row {
        treat,
        reals,
        counts,
        flags,
        groups,
        reoffences,
        days_to_first,
        rate: log_rate.exp(),
    }
}

/// A share with its odds multiplied by `exp(by)`.
fn tilted(share: f64, by: f64) -> f64 {
    logistic((share / (1.0 - share)).ln() + by)
}

fn rounded(x: f64) -> f64 {
    (x * 1_000.0).round() / 1_000.0
}

fn add_truth(truth: &mut TruthSums, row: &Row, effect: f64) {
    let expected = |rate: f64| {
        let mut out = [0.0; 11];
        (out[0], out[1], out[10]) = (chance(rate), rate, expected_days(rate));
        out
    };
    if row.treat {
        truth.add_participant(&expected(row.rate * effect.exp()), &expected(row.rate));
    }
    let mut values = [0.0; 10];
    values[0] = f64::from(u8::from(row.reoffences > 0));
    values[1] = f64::from(row.reoffences);
    let days_to_first = row.days_to_first;
    truth.add_observed(
        row.treat,
        &Happened {
            values,
            days_to_first,
        },
    );
}

/// Where the rows go.
enum Sink {
    Csv(String, BufWriter<File>),
    Parquet(Box<TableWriter>),
}

impl Sink {
    fn create(out: &Path) -> Result<Sink, SynthError> {
        if out
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("parquet"))
        {
            return Ok(Sink::Parquet(Box::new(TableWriter::create(
                out,
                columns(),
            )?)));
        }
        let file = out.display().to_string();
        let mut sink = BufWriter::new(File::create(out).map_err(|e| SynthError::io(&file, e))?);
        let names: Vec<String> = columns().into_iter().map(|(n, _)| n).collect();
        writeln!(sink, "{}", names.join(",")).map_err(|e| SynthError::io(&file, e))?;
        Ok(Sink::Csv(file, sink))
    }

    fn write(&mut self, first: u64, rows: &[Row]) -> Result<(), SynthError> {
        match self {
            Sink::Csv(file, sink) => {
                let parts: Vec<String> = rows
                    .par_chunks(2_048)
                    .enumerate()
                    .map(|(part, rows)| lines(first + 2_048 * part as u64, rows))
                    .collect();
                parts
                    .iter()
                    .try_for_each(|part| sink.write_all(part.as_bytes()))
                    .map_err(|e| SynthError::io(file, e))
            }
            Sink::Parquet(table) => rows
                .iter()
                .zip(first..)
                .try_for_each(|(row, i)| table.push(cells(i + 1, row))),
        }
    }

    fn finish(self) -> Result<(), SynthError> {
        match self {
            Sink::Csv(file, mut sink) => sink.flush().map_err(|e| SynthError::io(&file, e)),
            Sink::Parquet(table) => table.finish(),
        }
    }
}

fn lines(first: u64, rows: &[Row]) -> String {
    let mut out = String::with_capacity(rows.len() * 128);
    for (row, i) in rows.iter().zip(first..) {
        // Writing to a String cannot fail.
        let _ = write!(out, "{},{}", i + 1, u8::from(row.treat));
        for x in row.reals {
            let _ = write!(out, ",{x:.3}");
        }
        for n in row.counts {
            let _ = write!(out, ",{n}");
        }
        for f in row.flags {
            out.push_str(if f { ",1" } else { ",0" });
        }
        for g in row.groups {
            out.push(',');
            out.push_str(LEVELS[g].0);
        }
        let _ = write!(out, ",{},{},", u8::from(row.reoffences > 0), row.reoffences);
        if let Some(days) = row.days_to_first {
            let _ = write!(out, "{days}");
        }
        out.push('\n');
    }
    out
}

fn cells(id: u64, row: &Row) -> impl Iterator<Item = Cell> + '_ {
    [Cell::Key(id), Cell::int(row.treat)]
        .into_iter()
        .chain(row.reals.iter().map(|&x| Cell::Real(Some(x))))
        .chain(row.counts.iter().map(|&n| Cell::int(n)))
        .chain(row.flags.iter().map(|&f| Cell::int(f)))
        .chain(row.groups.iter().map(|&g| Cell::word(LEVELS[g].0)))
        .chain([
            Cell::int(row.reoffences > 0),
            // A year's reoffences are a handful.
            Cell::int(row.reoffences as i32),
            Cell::Int(row.days_to_first),
        ])
}
