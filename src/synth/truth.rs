//! The truth of a synthetic data set: what the programme did to those who took part.

use super::outcome::{COUNTED, Expected, Happened, OUTCOMES};
use serde::Serialize;
use std::collections::BTreeMap;

/// Truth of one outcome, over the participants.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OutcomeTruth {
    /// Average effect on the participants: `mean_with - mean_without`.
    pub att: f64,
    /// Expected mean with the programme.
    pub mean_with: f64,
    /// Expected mean of the same people without it.
    pub mean_without: f64,
    /// Observed mean of participants minus that of everybody else: what a naive comparison says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_difference: Option<f64>,
}

/// Names of the outcomes with a truth: those of everybody, then the days of those who reoffend.
pub fn names() -> impl Iterator<Item = &'static str> {
    OUTCOMES.into_iter().chain(["days_to_first"])
}

/// Outcomes of [`names`]; the last is the days to the first reoffence.
pub const ALL: usize = COUNTED + 1;

/// Expectations of one participant: one number an outcome of [`names`].
pub fn row(e: &Expected) -> [f64; ALL] {
    let mut out = [0.0; ALL];
    out[..COUNTED].copy_from_slice(&e.means);
    out[COUNTED] = e.days_to_first;
    out
}

/// Averages of the outcomes; days to first are averaged over those who reoffend.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    people: f64,
    sums: [f64; ALL],
}

impl Sums {
    /// Adds a person: values (or expectations) with the chance of having reoffended first.
    fn add(&mut self, row: &[f64; ALL]) {
        self.people += 1.0;
        for (sum, x) in self.sums[..COUNTED].iter_mut().zip(row) {
            *sum += x;
        }
        if row[0] > 0.0 {
            self.sums[COUNTED] += row[0] * row[COUNTED];
        }
    }

    fn mean(&self, k: usize) -> f64 {
        if k == COUNTED {
            self.sums[COUNTED] / self.sums[0]
        } else {
            self.sums[k] / self.people
        }
    }
}

/// Gathers the truth row by row.
#[derive(Debug, Clone, Copy, Default)]
pub struct TruthSums {
    with: Sums,
    without: Sums,
    observed: Sums,
    others: Sums,
}

impl TruthSums {
    /// Adds a participant's expectations in both worlds.
    pub fn add_participant(&mut self, with: &[f64; ALL], without: &[f64; ALL]) {
        self.with.add(with);
        self.without.add(without);
    }

    /// Adds what was observed of a participant (`took_part`) or of somebody else.
    pub fn add_observed(&mut self, took_part: bool, h: &Happened) {
        let mut row = [0.0; ALL];
        row[..COUNTED].copy_from_slice(&h.values);
        row[COUNTED] = h.days_to_first.map_or(0.0, f64::from);
        if took_part {
            self.observed.add(&row);
        } else {
            self.others.add(&row);
        }
    }

    /// Participants so far.
    pub fn participants(&self) -> u64 {
        self.with.people as u64
    }

    /// The truth of every outcome; empty without participants.
    pub fn outcomes(&self) -> BTreeMap<&'static str, OutcomeTruth> {
        if self.with.people == 0.0 {
            return BTreeMap::new();
        }
        let compared = self.observed.people > 0.0 && self.others.people > 0.0;
        names()
            .enumerate()
            .map(|(k, name)| {
                let (mean_with, mean_without) = (self.with.mean(k), self.without.mean(k));
                let raw = self.observed.mean(k) - self.others.mean(k);
                let truth = OutcomeTruth {
                    att: mean_with - mean_without,
                    mean_with,
                    mean_without,
                    raw_difference: (compared && raw.is_finite()).then_some(raw),
                };
                (name, truth)
            })
            .collect()
    }
}
