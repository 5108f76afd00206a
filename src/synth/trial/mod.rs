//! One table of participants and comparison rows, of any size, for `analyse` and for benchmarks.
//!
//! Exactly as many participants as asked for, and still exactly logistic selection: participants'
//! covariates are drawn from the pool's distributions tilted by `exp(beta x)`, which makes the log
//! odds of taking part a constant plus `beta x`. Each distribution here has a tilt of its own kind.

mod file;
mod row;

use super::outcome::{COUNTED, Happened, chance, expected_days};
use super::random::{Purpose, Streams};
use super::truth::{ALL, OutcomeTruth, TruthSums};
use super::{Progress, SynthError, check_effect, write_text};
use file::Sink;
use rand::RngExt;
use rayon::prelude::*;
use row::{OUTCOMES, Row, SET, draw};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Most participants and pool rows of a trial.
const MOST: (u64, u64) = (1_000_000, 50_000_000);
/// Most sets of covariates.
const MOST_SETS: usize = 10;
/// Rows made at a time.
const CHUNK: u64 = 32_768;

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
    /// Covariates, a multiple of 20; all after the first 20 bear on nothing.
    pub covariates: usize,
}

/// What was made; also the content of the truth file.
#[derive(Debug, Clone, Serialize)]
pub struct TrialSummary {
    /// Participants.
    pub participants: u64,
    /// Comparison rows.
    pub pool: u64,
    /// Covariates (35 design columns for each 20).
    pub covariates: usize,
    /// Seed.
    pub seed: u64,
    /// Planted effect on the log-rate of reoffending.
    pub effect: f64,
    /// Truth by outcome.
    pub outcomes: BTreeMap<&'static str, OutcomeTruth>,
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
    let sets = plan.covariates / SET;
    let mut sink = Sink::create(out, sets)?;
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
                draw(treat, plan.effect, sets, &mut rng)
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
        covariates: plan.covariates,
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
    if !plan.covariates.is_multiple_of(SET) || !(SET..=SET * MOST_SETS).contains(&plan.covariates) {
        return Err(SynthError::Impossible(format!(
            "a trial has {SET} covariates or a multiple of that, at most {}; {} were asked for",
            SET * MOST_SETS,
            plan.covariates
        )));
    }
    Ok(())
}

fn add_truth(truth: &mut TruthSums, row: &Row, effect: f64) {
    let expected = |rate: f64| {
        let mut out = [0.0; ALL];
        (out[0], out[1], out[COUNTED]) = (chance(rate), rate, expected_days(rate));
        out
    };
    if row.treat {
        truth.add_participant(&expected(row.rate * effect.exp()), &expected(row.rate));
    }
    let mut values = [0.0; COUNTED];
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
