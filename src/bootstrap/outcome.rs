//! An outcome on weighted people: what each replicate finds.

use super::Weights;
use super::survival::Lives;
use crate::effect::OutcomeData;
use crate::numeric::simd::widest;
use crate::study::{OutcomeKind, OutcomeSpec};

/// An outcome's values, in the order of the arms.
pub(super) struct Outcome {
    kind: OutcomeKind,
    y: [Vec<f64>; 2],
    /// What the means are over: having the event, or time at risk.
    base: Option<[Vec<f64>; 2]>,
    /// Places whose value is blank, in each arm.
    blank: [Vec<u32>; 2],
    /// For times to an event.
    lives: Option<Lives>,
}

/// What a replicate finds on one outcome; `NaN` where it finds nothing.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub difference: f64,
    /// Logarithms, in the order of [`Outcome::ratios`].
    pub ratios: Vec<f64>,
}

impl Outcome {
    pub(super) fn gather(spec: &OutcomeSpec, data: &OutcomeData, arms: [&[u32]; 2]) -> Outcome {
        let duration = spec.kind == OutcomeKind::Duration;
        let base = if duration { data.given } else { data.exposure };
        let pick = |v: &[f64]| arms.map(|rows| rows.iter().map(|&r| v[r as usize]).collect());
        let mut outcome = Outcome {
            kind: spec.kind,
            y: pick(data.values),
            base: base.map(pick),
            blank: [Vec::new(), Vec::new()],
            lives: match spec.kind {
                OutcomeKind::Survival => Lives::gather(spec, data, arms),
                _ => None,
            },
        };
        for arm in 0..2 {
            for at in 0..outcome.y[arm].len() {
                let e = outcome.base.as_ref().map_or(1.0, |b| b[arm][at]);
                if duration && e == 0.0 {
                    // Without the event there is no duration.
                    outcome.y[arm][at] = 0.0;
                }
                if outcome.y[arm][at].is_nan() || e.is_nan() {
                    outcome.blank[arm].push(at as u32);
                    outcome.y[arm][at] = 0.0;
                    if let Some(b) = &mut outcome.base {
                        b[arm][at] = 0.0;
                    }
                }
            }
        }
        outcome
    }

    /// The ratios of this kind of outcome.
    pub(super) fn ratios(&self) -> &'static [&'static str] {
        match self.kind {
            OutcomeKind::Binary => &["risk_ratio", "odds_ratio"],
            OutcomeKind::Count => &["rate_ratio"],
            OutcomeKind::Survival => &["hazard_ratio"],
            _ => &[],
        }
    }

    /// Difference and log ratios of weighted means, as the estimate itself has them.
    pub(super) fn found(&self, weights: &Weights) -> Found {
        if let Some(lives) = &self.lives {
            return lives.found(weights);
        }
        let of_arm = [&weights.participants, &weights.pool];
        let blank = (0..2).any(|a| self.blank[a].iter().any(|&i| of_arm[a][i as usize] > 0.0));
        if blank {
            return Found {
                difference: f64::NAN,
                ratios: vec![f64::NAN; self.ratios().len()],
            };
        }
        let sum = |a: usize, v: &[f64]| dot(of_arm[a], v);
        let y = [sum(0, &self.y[0]), sum(1, &self.y[1])];
        let total = [total(of_arm[0]), total(of_arm[1])];
        let base = match &self.base {
            Some(b) => [sum(0, &b[0]), sum(1, &b[1])],
            None => total,
        };
        let over = |by: [f64; 2]| [y[0] / by[0], y[1] / by[1]];
        let mean = over(if self.kind == OutcomeKind::Duration {
            base
        } else {
            total
        });
        let rate = over(base);
        let logit = |p: f64| (p / (1.0 - p)).ln();
        Found {
            difference: mean[0] - mean[1],
            ratios: match self.kind {
                OutcomeKind::Binary => {
                    vec![(mean[0] / mean[1]).ln(), logit(mean[0]) - logit(mean[1])]
                }
                OutcomeKind::Count => vec![(rate[0] / rate[1]).ln()],
                _ => Vec::new(),
            },
        }
    }
}

/// Sum of products in fixed lanes: the same bits at any width of register.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    widest(|| {
        let mut lanes = [0.0; 8];
        for (a, b) in a.chunks(8).zip(b.chunks(8)) {
            for (l, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
                *l += a * b;
            }
        }
        lanes.iter().sum()
    })
}

fn total(a: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    for a in a.chunks(8) {
        for (l, a) in lanes.iter_mut().zip(a) {
            *l += a;
        }
    }
    lanes.iter().sum()
}
