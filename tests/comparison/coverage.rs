//! How often intervals hold the planted truth.

use super::*;
use counterpart::numeric::random::stream;
use rand_distr::{Distribution, StandardNormal};

/// Normal draws of one seed.
pub struct Draw(rand_chacha::ChaCha12Rng);

impl Draw {
    pub fn new(seed: u64) -> Draw {
        Draw(stream(seed, 1))
    }

    pub fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }
}

/// Shares of rounds in which the truth was held.
#[derive(Debug)]
struct Held {
    /// The average, by Hartung-Knapp, by its cautious form, and by the normal.
    knapp: f64,
    cautious: f64,
    wald: f64,
    /// A new programme's true effect: t with k - 2, and metafor's t with k - 1.
    new: f64,
    metafors: f64,
}

/// Results about -0.04 with errors of 0.02 to 0.06, true effects normal with variance `tau2`.
fn held(k: usize, tau2: f64, rounds: u32, seed: u64) -> Held {
    let (mut draw, mu) = (Draw::new(seed), -0.04);
    let mut counts = [0u32; 5];
    let holds = |r: Range, x: f64| u32::from(r.low <= x && x <= r.high);
    for _ in 0..rounds {
        let data: Vec<_> = (0..k)
            .map(|i| {
                let se = 0.02 + 0.04 * ((i * 7) % k) as f64 / k as f64;
                let truth = mu + tau2.sqrt() * draw.normal();
                result(&i.to_string(), truth + se * draw.normal(), se)
            })
            .collect();
        let tau2_found = between_variance(&data, Between::Reml).unwrap();
        let at = |kind| pooled_at(&data, Some(tau2_found), kind).unwrap();
        let knapp = at(IntervalKind::HartungKnapp);
        counts[0] += holds(knapp.interval, mu);
        counts[1] += holds(at(IntervalKind::HartungKnappCautious).interval, mu);
        counts[2] += holds(at(IntervalKind::Wald).interval, mu);
        let new = mu + tau2.sqrt() * draw.normal();
        counts[3] += holds(prediction(&knapp).unwrap(), new);
        counts[4] += holds(knapp.prediction.unwrap(), new);
    }
    let share = counts.map(|c| f64::from(c) / f64::from(rounds));
    Held {
        knapp: share[0],
        cautious: share[1],
        wald: share[2],
        new: share[3],
        metafors: share[4],
    }
}

fn bound(rounds: u32) -> f64 {
    4.0 * (0.95f64 * 0.05 / f64::from(rounds)).sqrt()
}

/// None, and as large as the largest sampling variance.
const TAU2: [f64; 2] = [0.0, 0.0036];

#[test]
fn coverage_in_short() {
    let rounds = 400;
    for (k, tau2) in [(3, 0.0), (5, 0.0036), (10, 0.0036)] {
        let found = held(k, tau2, rounds, 1);
        let least = 0.95 - bound(rounds);
        assert!(
            found.cautious >= least && found.knapp >= least,
            "{k}, {tau2}: {found:?}"
        );
    }
}

/// The full version: Hartung-Knapp holds what it says, the normal does not with few results, and the prediction interval
/// holds its share only where programmes differ and are not very few.
#[test]
#[ignore = "minutes: 8 settings of 10,000 rounds"]
fn coverage_in_full() {
    let rounds = 10_000;
    let slack = bound(rounds);
    for k in [3, 5, 10, 30] {
        for tau2 in TAU2 {
            let found = held(k, tau2, rounds, k as u64);
            println!("k {k}, tau2 {tau2}: {found:?}");
            // With few results and unequal sizes it falls a little short (0.933 with three, 0.936 with five):
            // there the cautious form is told.
            let least = if k < 10 { found.cautious } else { found.knapp };
            assert!(least >= 0.95 - slack, "{k}, {tau2}: {found:?}");
            assert!(found.cautious >= found.knapp, "{k}, {tau2}: {found:?}");
            // k - 2 degrees of freedom are wider than metafor's k - 1, always.
            assert!(found.new >= found.metafors, "{k}, {tau2}: {found:?}");
            if tau2 > 0.0 && k <= 5 {
                assert!(found.wald < 0.95 - slack, "{k}, {tau2}: {found:?}");
            }
        }
    }
}
