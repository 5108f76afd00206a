//! One drawn cohort through every method and every standard error.

use crate::arms::{Arm, errors};
use crate::world::{Cohort, World};
use counterpart::balance::Design;
use counterpart::bootstrap::{Resampled, bootstrap};
use counterpart::effect::adjusted::{Clusters, bias_corrected, g_computation};
use counterpart::effect::{Interval, OutcomeData, estimate};
use counterpart::matching::Matches;
use counterpart::propensity::PropensityParams;
use counterpart::study::{Better, OutcomeSpec, SeMethod};

/// What one cohort said under one method and one standard error.
#[derive(Clone, Copy)]
pub struct Reading {
    /// Estimate minus truth.
    pub error: f64,
    pub se: f64,
    pub width: f64,
    /// The interval holds the truth.
    pub covers: bool,
    /// p below 5 %.
    pub significant: bool,
    /// Participants matched, and effective number of comparison people.
    pub matched: f64,
    pub ess: f64,
    pub df: f64,
}

impl Reading {
    fn of(interval: &Interval, truth: f64, matches: &Matches) -> Reading {
        Reading {
            error: interval.estimate - truth,
            se: interval.se,
            width: interval.ci_high - interval.ci_low,
            covers: interval.ci_low <= truth && truth <= interval.ci_high,
            significant: interval.p < 0.05,
            matched: matches.participants.len() as f64,
            ess: matches.ess(),
            df: interval.df,
        }
    }
}

/// The cells of a table: which method, which estimate, which standard error.
#[derive(Clone, Copy, PartialEq)]
pub struct Cell {
    pub method: &'static str,
    /// `matched`, `lab`, ...: the standard error, or the second opinion.
    pub by: &'static str,
}

/// What looks at an arm besides its standard errors.
const OPINIONS: [&str; 3] = ["bootstrap", "bias-corrected", "g-computation"];

/// Replicates of the bootstrap.
const REPLICATES: u32 = 100;

/// All cells, in the order in which [`read`] answers.
pub fn cells(arms: &[Arm]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for arm in arms {
        cells.extend(errors(arm).into_iter().map(|se| Cell {
            method: arm.name,
            by: se.as_str(),
        }));
        if arm.opinions {
            cells.extend(OPINIONS.map(|by| Cell {
                method: arm.name,
                by,
            }));
        }
    }
    cells
}

/// One answer a cell; `None` where there is no estimate (nobody matched, no spread).
pub fn read(world: &World, arms: &[Arm], seed: u64) -> Vec<Option<Reading>> {
    let cohort = world.draw(seed);
    let design = Design::fix(
        cohort.frame.clone(),
        cohort.treated.clone(),
        &cohort.covariates,
        &arms[0].settings,
        PropensityParams::new(),
        seed,
    );
    let mut readings = Vec::new();
    for (a, arm) in arms.iter().enumerate() {
        // One propensity model for all: only the matching differs.
        let matches = design.as_ref().ok().and_then(|design| match a {
            0 => Some(design.matches().clone()),
            _ => design.rematched(&arm.settings).ok(),
        });
        read_arm(world, &cohort, arm, matches.as_ref(), &mut readings);
        if arm.opinions {
            readings.extend(opinions(world, &cohort, design.as_ref().ok(), seed));
        }
    }
    readings
}

fn read_arm(
    world: &World,
    cohort: &Cohort,
    arm: &Arm,
    matches: Option<&Matches>,
    readings: &mut Vec<Option<Reading>>,
) {
    let spec = spec(world);
    let data = OutcomeData {
        values: &cohort.y,
        given: cohort.given.as_deref(),
        exposure: None,
    };
    let truth = matches.map_or(f64::NAN, |m| truth(cohort, m));
    for se in errors(arm) {
        readings.push(matches.and_then(|matches| {
            let found = estimate(&spec, &data, matches, se).ok()?;
            Some(Reading::of(&found.difference, truth, matches))
        }));
    }
}

/// The bootstrap and the second opinions on the design itself, in the order of [`OPINIONS`].
fn opinions(
    world: &World,
    cohort: &Cohort,
    design: Option<&Design>,
    seed: u64,
) -> [Option<Reading>; 3] {
    let Some(design) = design else {
        return [None; 3];
    };
    let (spec, matches) = (spec(world), design.matches());
    let data = || OutcomeData {
        values: &cohort.y,
        given: cohort.given.as_deref(),
        exposure: None,
    };
    let truth = truth(cohort, matches);
    let of = |interval: &Interval| Reading::of(interval, truth, matches);
    let drawn_again = || {
        let found = estimate(&spec, &data(), matches, SeMethod::Matched).ok()?;
        let outcomes = [(&spec, data())];
        let made = bootstrap(&Resampled::from(design), &outcomes, REPLICATES, seed).ok()?;
        let spread = &made.outcomes[0].difference;
        Some(of(
            &spread.interval(found.difference.estimate, found.difference.df)
        ))
    };
    let (matrix, se) = (design.matrix(), SeMethod::Matched);
    let corrected = bias_corrected(&spec, &data(), matrix, matches, se);
    let predicted = g_computation(&spec, &data(), matrix, matches, Clusters::Usual);
    [
        drawn_again(),
        corrected.ok().map(|o| of(&o.difference)),
        predicted.ok().map(|o| of(&o.difference)),
    ]
}

/// The average planted effect over the matched participants, by what each counts for (for
/// durations, over those with the event, where it is the same for all).
pub fn truth(cohort: &Cohort, matches: &Matches) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for (&r, g) in matches.participants.iter().zip(&matches.participant_weight) {
        sum += g * cohort.effect[r as usize];
        total += g;
    }
    sum / total
}

fn spec(world: &World) -> OutcomeSpec {
    OutcomeSpec {
        name: "y".into(),
        column: "y".into(),
        kind: world.outcome.kind(),
        primary: true,
        label: "Outcome".into(),
        phrase: "who did".into(),
        unit: String::new(),
        better: Better::Neither,
        given: None,
        exposure: None,
        part_of: None,
        table: String::new(),
        placebo: false,
        horizon: world.outcome.horizon(),
        published_as: Vec::new(),
        levels: Vec::new(),
    }
}
