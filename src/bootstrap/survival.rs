//! Times to an event on weighted people: what each replicate finds.

use super::Weights;
use super::outcome::Found;
use crate::effect::OutcomeData;
use crate::effect::cox::{self, Groups, Ties};
use crate::effect::kaplan_meier::{Followed, KaplanMeier};
use crate::study::OutcomeSpec;

/// Both arms' times, shortest first, so that no replicate needs a sort.
pub(super) struct Lives {
    arms: [Arm; 2],
    asked: Option<f64>,
}

struct Arm {
    /// Place in the arm, by time; those with blanks are not in it.
    order: Vec<u32>,
    time: Vec<f64>,
    event: Vec<bool>,
    /// Places with a blank.
    blank: Vec<u32>,
}

impl Arm {
    fn new(time: &[f64], event: &[f64]) -> Arm {
        let (mut order, blank): (Vec<u32>, Vec<u32>) = (0..time.len() as u32)
            .partition(|&i| time[i as usize] >= 0.0 && !event[i as usize].is_nan());
        order.sort_by(|&a, &b| time[a as usize].total_cmp(&time[b as usize]));
        Arm {
            time: order.iter().map(|&i| time[i as usize]).collect(),
            event: order.iter().map(|&i| event[i as usize] == 1.0).collect(),
            order,
            blank,
        }
    }
}

impl Lives {
    /// `None` without a column that says whether the event happened.
    pub(super) fn gather(
        spec: &OutcomeSpec,
        data: &OutcomeData,
        arms: [&[u32]; 2],
    ) -> Option<Lives> {
        let given = data.given?;
        let pick =
            |rows: &[u32], v: &[f64]| -> Vec<f64> { rows.iter().map(|&r| v[r as usize]).collect() };
        // As the estimate has it: without the event and without a time, followed to the horizon.
        let followed = |rows: &[u32]| -> Vec<f64> {
            let times = pick(rows, data.values);
            let until = |(t, &r): (f64, &u32)| match (t.is_nan(), given[r as usize] == 0.0) {
                (true, true) => spec.horizon.unwrap_or(t),
                _ => t,
            };
            times.into_iter().zip(rows).map(until).collect()
        };
        Some(Lives {
            arms: arms.map(|rows| Arm::new(&followed(rows), &pick(rows, given))),
            asked: spec.horizon,
        })
    }

    /// Difference of restricted means up to the horizon, by the estimate's own rule: what the study
    /// asks for, but never beyond the time for which both curves are known; and the log hazard
    /// ratio of what happened within it.
    pub(super) fn found(&self, weights: &Weights) -> Found {
        let given = [&weights.participants, &weights.pool];
        let nothing = Found {
            difference: f64::NAN,
            ratios: vec![f64::NAN],
        };
        let blank = |a: usize| {
            self.arms[a]
                .blank
                .iter()
                .any(|&i| given[a][i as usize] > 0.0)
        };
        if blank(0) || blank(1) {
            return nothing;
        }
        let weight: [Vec<f64>; 2] = [0, 1].map(|a: usize| {
            let places = self.arms[a].order.iter();
            places.map(|&i| given[a][i as usize]).collect()
        });
        let curve = |a: usize| {
            KaplanMeier::fit(Followed {
                time: &self.arms[a].time,
                event: &self.arms[a].event,
                weight: &weight[a],
            })
        };
        let (treated, pool) = (curve(0), curve(1));
        let known = treated.known_until().min(pool.known_until());
        let horizon = match self.asked {
            Some(asked) => asked.min(known),
            None => known.min(treated.longest().min(pool.longest())),
        };
        Found {
            difference: treated.restricted_mean(horizon) - pool.restricted_mean(horizon),
            ratios: vec![self.hazard(&weight, horizon)],
        }
    }

    fn hazard(&self, weight: &[Vec<f64>; 2], horizon: f64) -> f64 {
        let (mut time, mut event, mut weights, mut treated) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (a, arm) in self.arms.iter().enumerate() {
            for ((&t, &e), &w) in arm.time.iter().zip(&arm.event).zip(&weight[a]) {
                if w > 0.0 {
                    time.push(t.min(horizon));
                    event.push(e && t <= horizon);
                    weights.push(w);
                    treated.push(a == 0);
                }
            }
        }
        let people = Groups {
            time: &time,
            event: &event,
            weight: &weights,
            treated: &treated,
        };
        cox::fit(people, Ties::Efron).map_or(f64::NAN, |fitted| fitted.log_ratio)
    }
}
