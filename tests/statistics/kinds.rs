//! Counts, durations and money of known effect: bias and coverage, as `truth.rs` has it for shares.

use crate::kit::{covariate, spec};
use counterpart::balance::Design;
use counterpart::effect::{Interval, OutcomeData, estimate};
use counterpart::numeric::frame::{Column, Frame};
use counterpart::propensity::PropensityParams;
use counterpart::study::{CovariateKind, MatchSettings, OutcomeKind, SeMethod};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use rand_distr::{Distribution, Exp1, Poisson, StandardNormal};
use rayon::prelude::*;

const PEOPLE: usize = 1600;
/// What taking part adds: reoffences a person, days to the first, pounds.
const COUNT: f64 = -0.25;
const DAYS: f64 = 12.0;
const POUNDS: f64 = 120.0;

struct Draw {
    /// Difference in counts, days among those with the event, pounds.
    differences: [Interval; 3],
}

fn draw(seed: u64) -> Draw {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let normal = |rng: &mut ChaCha12Rng| -> f64 { StandardNormal.sample(rng) };
    let (mut x1, mut x2, mut treated) = (Vec::new(), Vec::new(), Vec::new());
    let (mut count, mut days, mut event, mut pounds) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..PEOPLE {
        let (a, b) = (normal(&mut rng), normal(&mut rng));
        let common = (0.8 * a - 0.6 * b).tanh();
        let took_part = rng.random::<f64>() < 1.0 / (1.0 + (2.4 - 0.9 * common).exp());
        let helped = f64::from(u8::from(took_part));
        let mean = 1.2 + 0.6 * common + COUNT * helped;
        count.push(Poisson::new(mean).unwrap().sample(&mut rng));
        // Who has the event does not depend on taking part, so that the days' truth is the same
        // for all who have it.
        let happened = rng.random::<f64>() < 0.5 + 0.2 * common;
        event.push(f64::from(u8::from(happened)));
        let wait: f64 = Exp1.sample(&mut rng);
        days.push(if happened {
            60.0 - 20.0 * common + 50.0 * wait + DAYS * helped
        } else {
            f64::NAN
        });
        pounds.push(2_000.0 + 700.0 * common + 400.0 * normal(&mut rng) + POUNDS * helped);
        x1.push(a);
        x2.push(b);
        treated.push(took_part);
    }
    let mut frame = Frame::new(PEOPLE);
    frame.push("x1", Column::Number(x1));
    frame.push("x2", Column::Number(x2));
    let covariates = ["x1", "x2"].map(|c| covariate(c, CovariateKind::Number));
    let model = PropensityParams::new();
    let design = Design::fix(
        frame,
        treated,
        &covariates,
        &MatchSettings::default(),
        model,
        seed,
    )
    .unwrap();
    let of = |kind, values: &[f64], given: Option<&[f64]>| {
        let data = OutcomeData {
            values,
            given,
            exposure: None,
        };
        estimate(&spec(kind), &data, design.matches(), SeMethod::Matched)
            .unwrap()
            .difference
    };
    Draw {
        differences: [
            of(OutcomeKind::Count, &count, None),
            of(OutcomeKind::Duration, &days, Some(&event)),
            of(OutcomeKind::Continuous, &pounds, None),
        ],
    }
}

#[test]
fn counts_durations_and_money_are_found_and_covered() {
    let draws: Vec<Draw> = (0..400).into_par_iter().map(|d| draw(50_000 + d)).collect();
    let n = draws.len() as f64;
    for (k, (what, truth)) in [("count", COUNT), ("days", DAYS), ("pounds", POUNDS)]
        .into_iter()
        .enumerate()
    {
        let of = |d: &Draw| d.differences[k].clone();
        let mean = draws.iter().map(|d| of(d).estimate).sum::<f64>() / n;
        let spread = (draws
            .iter()
            .map(|d| (of(d).estimate - mean).powi(2))
            .sum::<f64>()
            / (n - 1.0))
            .sqrt();
        let covered = draws
            .iter()
            .filter(|d| of(d).ci_low <= truth && truth <= of(d).ci_high)
            .count() as f64
            / n;
        println!(
            "{what}: truth {truth}, mean {mean:.3}, Monte-Carlo error {:.3}, covered {covered:.3}",
            spread / n.sqrt()
        );
        assert!(
            (mean - truth).abs() < 3.0 * spread / n.sqrt(),
            "{what}: bias"
        );
        // Three binomial errors around 95 %.
        let three = 3.0 * (0.95f64 * 0.05 / n).sqrt();
        assert!(
            (0.95 - three..=0.995).contains(&covered),
            "{what}: covered {covered}"
        );
    }
}
