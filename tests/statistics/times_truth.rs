//! Times to an event and medians of known effect: bias and coverage of the default interval.

use crate::kit::{covariate, spec};
use counterpart::balance::Design;
use counterpart::effect::{Interval, OutcomeData, estimate};
use counterpart::numeric::frame::{Column, Frame};
use counterpart::propensity::PropensityParams;
use counterpart::study::{CovariateKind, MatchSettings, OutcomeKind, OutcomeSpec, SeMethod};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use rayon::prelude::*;

const PEOPLE: usize = 1600;
const HORIZON: f64 = 365.0;
const POUNDS: f64 = 120.0;

/// Mean time up to the horizon of a person whose hazard is `h` a day.
fn mean_time(h: f64) -> f64 {
    (1.0 - (-h * HORIZON).exp()) / h
}

struct Draw {
    times: Interval,
    hazard: Interval,
    medians: Interval,
    /// Mean over the matched of what taking part changes.
    truth: f64,
}

/// Exponential times; taking part multiplies the hazard by `ratio`. A third of the people are lost
/// from sight before the year is over, whatever else is true of them.
fn draw(seed: u64, ratio: f64) -> Draw {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let normal = |rng: &mut ChaCha12Rng| -> f64 { StandardNormal.sample(rng) };
    let (mut x1, mut x2, mut treated) = (Vec::new(), Vec::new(), Vec::new());
    let (mut time, mut event, mut pounds, mut gain) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..PEOPLE {
        let (a, b) = (normal(&mut rng), normal(&mut rng));
        let common = (0.8 * a - 0.6 * b).tanh();
        let took_part = rng.random::<f64>() < 1.0 / (1.0 + (2.4 - 0.9 * common).exp());
        let hazard = 0.002 * (0.7 * common).exp();
        let wait: f64 = Exp1.sample(&mut rng);
        let happens = wait / if took_part { ratio * hazard } else { hazard };
        let seen: f64 = 250.0 + 345.0 * rng.random::<f64>();
        time.push(happens.min(seen));
        event.push(f64::from(u8::from(happens <= seen)));
        gain.push(mean_time(ratio * hazard) - mean_time(hazard));
        let helped = if took_part { POUNDS } else { 0.0 };
        pounds.push(2_000.0 + 700.0 * common + 400.0 * normal(&mut rng) + helped);
        x1.push(a);
        x2.push(b);
        treated.push(took_part);
    }
    let mut frame = Frame::new(PEOPLE);
    frame.push("x1", Column::Number(x1));
    frame.push("x2", Column::Number(x2));
    let covariates = ["x1", "x2"].map(|c| covariate(c, CovariateKind::Number));
    let settings = MatchSettings::default();
    let model = PropensityParams::new();
    let design = Design::fix(frame, treated, &covariates, &settings, model, seed).unwrap();
    let matches = design.matches();
    let survival = OutcomeSpec {
        given: Some("e".into()),
        horizon: Some(HORIZON),
        ..spec(OutcomeKind::Survival)
    };
    let data = OutcomeData {
        values: &time,
        given: Some(&event),
        exposure: None,
    };
    let found = estimate(&survival, &data, matches, SeMethod::Matched).unwrap();
    let money = OutcomeData {
        values: &pounds,
        given: None,
        exposure: None,
    };
    let money = spec_of(&money, &design);
    let matched = &matches.participants;
    Draw {
        times: found.difference,
        hazard: found.ratios[0].log.clone(),
        medians: money,
        truth: matched.iter().map(|&r| gain[r as usize]).sum::<f64>() / matched.len() as f64,
    }
}

fn spec_of(money: &OutcomeData, design: &Design) -> Interval {
    let found = estimate(
        &spec(OutcomeKind::Continuous),
        money,
        design.matches(),
        SeMethod::Matched,
    );
    found.unwrap().quantiles.unwrap().median_difference.unwrap()
}

fn judge(what: &str, intervals: &[Interval], truth: f64, most: f64) {
    let n = intervals.len() as f64;
    let mean = intervals.iter().map(|i| i.estimate).sum::<f64>() / n;
    let spread = intervals
        .iter()
        .map(|i| (i.estimate - mean).powi(2))
        .sum::<f64>();
    let error = (spread / (n - 1.0) / n).sqrt();
    let mean_se = intervals.iter().map(|i| i.se).sum::<f64>() / n;
    let covers = |i: &&Interval| i.ci_low <= truth && truth <= i.ci_high;
    let covered = intervals.iter().filter(covers).count() as f64 / n;
    println!(
        "{what}: truth {truth:.3}, mean {mean:.3} +- {error:.3}, SE {mean_se:.3} of {:.3}, covered {covered:.3}",
        error * n.sqrt()
    );
    assert!((mean - truth).abs() < 3.0 * error, "{what}: bias");
    // Three binomial errors below 95 %.
    let three = 3.0 * (0.95f64 * 0.05 / n).sqrt();
    assert!(
        (0.95 - three..=most).contains(&covered),
        "{what}: covered {covered}"
    );
}

#[test]
fn mean_times_and_medians_are_found_and_covered() {
    let draws: Vec<Draw> = (0..200)
        .into_par_iter()
        .map(|d| draw(70_000 + d, 0.6))
        .collect();
    let truth = draws.iter().map(|d| d.truth).sum::<f64>() / draws.len() as f64;
    let of = |f: fn(&Draw) -> &Interval| draws.iter().map(|d| f(d).clone()).collect::<Vec<_>>();
    judge("mean time", &of(|d| &d.times), truth, 0.985);
    // The density at the median is itself an estimate.
    judge("median", &of(|d| &d.medians), POUNDS, 0.99);
}

#[test]
fn no_effect_is_no_difference_of_times_and_a_hazard_ratio_of_one() {
    let draws: Vec<Draw> = (0..200)
        .into_par_iter()
        .map(|d| draw(90_000 + d, 1.0))
        .collect();
    let of = |f: fn(&Draw) -> &Interval| draws.iter().map(|d| f(d).clone()).collect::<Vec<_>>();
    judge("mean time", &of(|d| &d.times), 0.0, 0.985);
    judge("log hazard ratio", &of(|d| &d.hazard), 0.0, 0.985);
}
