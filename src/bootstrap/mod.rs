//! The bootstrap of the whole design: how far the answer would move had other people come.
//!
//! Each replicate draws participants and pool anew, each with replacement, fits the propensity
//! model to what it drew, matches on the new score with the caliper's new width, and estimates every
//! outcome. The standard error is the standard deviation of the replicates; unlike the formulas it
//! knows that the score was estimated. Kept from the full design are the choices that are made
//! once: the columns of the model with their merged levels, the width of a caliper that was
//! searched for, the exact strata. A column on which a replicate's participants are all alike is
//! left out of its model, by the design's own rule.
//!
//! A replicate is a count a row, never a table: cost O(n p) with a few passes for the fit and
//! O(n_C + n_T log n_T) for matching and all outcomes together. Replicate k draws from a stream of
//! its own, and goes with the same others at every number of threads: same seed, same bytes.
//!
//! Efron & Tibshirani (1993), An Introduction to the Bootstrap, doi:10.1201/9780429246593; where it
//! is valid after matching: Abadie & Imbens (2008), doi:10.3982/ECTA6474; Austin & Small (2014),
//! doi:10.1002/sim.6276; Otsu & Rai (2017), doi:10.1080/01621459.2016.1231613.

mod draw;
mod newton;
mod outcome;
mod quasi;
mod reach;
mod refit;
mod scheme;
mod spread;
mod survival;
mod written;

pub use scheme::Scheme;
pub use spread::Spread;

use crate::balance::Design;
use crate::covariates::DesignMatrix;
use crate::effect::OutcomeData;
use crate::matching::Matches;
use crate::propensity::{Penalty, Propensity};
use crate::study::{MatchSettings, OutcomeSpec};
use draw::Arms;
use outcome::{Found, Outcome};
use rayon::prelude::*;
use refit::{Model, Refit};
use scheme::{Drawn, Matcher};

/// Fewest replicates that are worth a standard error.
pub const FEWEST: u32 = 10;
/// Least share of replicates that must have an estimate, for the others not to matter.
pub const LEAST_SHARE: f64 = 0.9;
/// Replicates fitted side by side, and the rows they may have together.
const SIDE_BY_SIDE: (usize, usize) = (32, 4_000_000);

impl<'a> From<&'a Design> for Resampled<'a> {
    fn from(design: &'a Design) -> Self {
        Resampled {
            matrix: design.matrix(),
            treated: design.treated(),
            propensity: design.propensity(),
            strata: design.strata(),
            sampling: design.sampling(),
            settings: design.settings(),
            matches: design.matches(),
        }
    }
}

/// A design whose people are drawn again: the parts of it that replicates redo or keep.
pub struct Resampled<'a> {
    /// Rows by columns.
    pub matrix: &'a DesignMatrix,
    /// Took part, one a row.
    pub treated: &'a [bool],
    /// The model fitted to all of them.
    pub propensity: &'a Propensity,
    /// Exact stratum, one a row; empty when there are none.
    pub strata: &'a [u32],
    /// Sampling weight, one a row; empty when there are none.
    pub sampling: &'a [f64],
    /// Settings in force, the caliper resolved.
    pub settings: &'a MatchSettings,
    /// Who got whom in the full design.
    pub matches: &'a Matches,
}

/// Why there is no bootstrap.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// Not valid for this method.
    #[error(
        "the bootstrap is not valid for nearest-neighbour matching with replacement (Abadie & Imbens 2008): its error does not settle on the right one however many people there are; use `matched`, or radius matching"
    )]
    NearestWithReplacement,
    /// Not shown to be valid, or not offered.
    #[error(
        "the bootstrap is not offered for method \"{method}\": it has not been shown to give the right error there; use \"matched\", \"cluster\" or \"robust\", or bootstrap radius matching"
    )]
    NotShown {
        /// Which.
        method: &'static str,
    },
    /// People count by sampling weights.
    #[error(
        "the bootstrap is not offered with sampling weights: drawing people again says nothing of how the sample was drawn; use \"matched\" or \"robust\""
    )]
    SamplingWeights,
    /// The model is Firth's.
    #[error(
        "the bootstrap is not offered with Firth's penalised likelihood, which replicates cannot repeat in reasonable time; use \"matched\", or penalty = \"none\""
    )]
    Firth,
    /// Too few asked for.
    #[error(
        "{asked} replicates are too few for a standard error: ask for {FEWEST} or more, 1,000 for percentiles"
    )]
    TooFew {
        /// How many were asked for.
        asked: u32,
    },
    /// The model of the design cannot be fitted again.
    #[error("the propensity model has no information to start replicates from; use `matched`")]
    NoModel,
    /// Too many replicates without an estimate.
    #[error(
        "{failed} of {asked} replicates have no estimate ({unfitted} because their covariates separate participants from the others, {unmatched} because nobody was matched): those that are left do not speak for all; use `matched`, or fewer covariates"
    )]
    Failed {
        /// How many.
        failed: u32,
        /// Of how many.
        asked: u32,
        /// Of these, without a propensity model.
        unfitted: u32,
        /// Of these, with nobody matched.
        unmatched: u32,
    },
}

/// What the replicates found.
#[derive(Debug, Clone, PartialEq)]
pub struct Bootstrap {
    /// What was drawn again.
    pub scheme: Scheme,
    /// Replicates asked for.
    pub replicates: u32,
    /// Without a propensity model.
    pub unfitted: u32,
    /// With nobody matched.
    pub unmatched: u32,
    /// One an outcome, in the order given.
    pub outcomes: Vec<Resamples>,
}

/// One outcome's replicates.
#[derive(Debug, Clone, PartialEq)]
pub struct Resamples {
    /// Of the difference.
    pub difference: Spread,
    /// Of the logarithms of the ratios: `risk_ratio`, `odds_ratio`, `rate_ratio`, `hazard_ratio`.
    pub ratios: Vec<(&'static str, Spread)>,
}

/// Why a replicate has no estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    Unfitted,
    Unmatched,
}

/// A replicate's weights: each participant's, each pool member's, in the order of the arms.
#[derive(Default)]
struct Weights {
    participants: Vec<f64>,
    pool: Vec<f64>,
    /// Room for the pool's gaps.
    gap: Vec<u32>,
}

type Replicate = Result<Vec<Found>, Failure>;

/// Draws the design's people `replicates` times and estimates the outcomes on each.
///
/// # Formula
/// SE = sqrt( sum_b (tau_b - mean)^2 / (B - 1) ) over the B replicates with an estimate; percentile
/// interval: their 2.5 and 97.5 percentiles.
///
/// # Errors
/// Designs for which it is not valid, too few replicates, too many without an estimate.
pub fn bootstrap(
    design: &Resampled,
    outcomes: &[(&OutcomeSpec, OutcomeData)],
    replicates: u32,
    seed: u64,
) -> Result<Bootstrap, Refused> {
    let scheme = Scheme::of(design.settings)?;
    if !design.sampling.is_empty() {
        return Err(Refused::SamplingWeights);
    }
    if design.propensity.penalty == Penalty::Firth {
        return Err(Refused::Firth);
    }
    if replicates < FEWEST {
        return Err(Refused::TooFew { asked: replicates });
    }
    let arms = Arms::new(design.treated);
    let outcomes: Vec<Outcome> = outcomes
        .iter()
        .map(|(spec, data)| Outcome::gather(spec, data, [&arms.participants, &arms.pool]))
        .collect();
    let found = match scheme {
        Scheme::WholeDesign => whole_designs(design, &arms, &outcomes, replicates, seed)?,
        Scheme::MatchedSets => matched_sets(design, &arms, &outcomes, replicates, seed),
    };
    summary(scheme, &outcomes, &found)
}

/// How often each row comes in replicate `replicate` of the whole design (counted from 0): to
/// repeat one replicate elsewhere.
pub fn drawn(treated: &[bool], seed: u64, replicate: u32) -> Vec<u16> {
    let mut counts = vec![0; treated.len()];
    Arms::new(treated).draw(seed, replicate, &mut counts);
    counts
}

/// Replicates of the whole design, in order.
fn whole_designs(
    design: &Resampled,
    arms: &Arms,
    outcomes: &[Outcome],
    replicates: u32,
    seed: u64,
) -> Result<Vec<Replicate>, Refused> {
    // Scores of the user's own are kept: there is no model to fit again.
    let model = match design.propensity.terms.is_empty() {
        true => None,
        false => Some(
            Model::new(design.matrix, design.propensity, design.treated).ok_or(Refused::NoModel)?,
        ),
    };
    let matcher = Matcher::new(design, arms, seed);
    let rows = design.treated.len();
    let width = (SIDE_BY_SIDE.1 / rows.max(1)).clamp(1, SIDE_BY_SIDE.0);
    let batch = |room: &mut Room, first: u32| -> Vec<Replicate> {
        let which: Vec<u32> = (first..replicates).take(width).collect();
        let (counts, lp, weights) = room.of(which.len(), rows);
        for (&k, counts) in which.iter().zip(counts.iter_mut()) {
            arms.draw(seed, k, counts);
        }
        let refits = match &model {
            Some(model) => model.refit(counts, lp),
            None => {
                lp.iter_mut()
                    .for_each(|lp| lp.copy_from_slice(&design.propensity.lp));
                which.iter().map(|_| Refit::Done { apart: None }).collect()
            }
        };
        let each = refits.into_iter().zip(counts.iter()).zip(lp);
        each.map(|((refit, counts), lp)| {
            let Refit::Done { apart } = refit else {
                return Err(Failure::Unfitted);
            };
            matcher.weigh(lp, counts, apart.as_deref(), weights)?;
            Ok(outcomes.iter().map(|o| o.found(weights)).collect())
        })
        .collect()
    };
    let firsts: Vec<u32> = (0..replicates).step_by(width).collect();
    let batches: Vec<Vec<Replicate>> = firsts
        .into_par_iter()
        .map_init(Room::default, batch)
        .collect();
    Ok(batches.into_iter().flatten().collect())
}

/// A thread's counts, scores and weights, used again for each batch: the heap is wiped as it is
/// freed, which costs a pass.
#[derive(Default)]
struct Room {
    counts: Vec<Vec<u16>>,
    lp: Vec<Vec<f64>>,
    weights: Weights,
}

impl Room {
    /// Counts and scores of so many replicates, and the weights.
    fn of(
        &mut self,
        replicates: usize,
        rows: usize,
    ) -> (&mut [Vec<u16>], &mut [Vec<f64>], &mut Weights) {
        while self.counts.len() < replicates {
            self.counts.push(vec![0; rows]);
            self.lp.push(vec![0.0; rows]);
        }
        (
            &mut self.counts[..replicates],
            &mut self.lp[..replicates],
            &mut self.weights,
        )
    }
}

/// Replicates of the matched sets, in order.
fn matched_sets(
    design: &Resampled,
    arms: &Arms,
    outcomes: &[Outcome],
    replicates: u32,
    seed: u64,
) -> Vec<Replicate> {
    let sets = Drawn::new(design.matches, arms);
    let all = Arms::new(&vec![true; sets.sets()]);
    (0..replicates)
        .into_par_iter()
        .map(|k| {
            let mut counts = vec![0; sets.sets()];
            all.draw(seed, k, &mut counts);
            let mut weights = Weights::default();
            sets.weigh(&counts, &mut weights)?;
            Ok(outcomes.iter().map(|o| o.found(&weights)).collect())
        })
        .collect()
}

fn summary(
    scheme: Scheme,
    outcomes: &[Outcome],
    found: &[Replicate],
) -> Result<Bootstrap, Refused> {
    let failed = |why| {
        found
            .iter()
            .filter(|f| f.as_ref().err() == Some(&why))
            .count() as u32
    };
    let (unfitted, unmatched) = (failed(Failure::Unfitted), failed(Failure::Unmatched));
    let asked = found.len() as u32;
    if f64::from(unfitted + unmatched) > (1.0 - LEAST_SHARE) * f64::from(asked) {
        return Err(Refused::Failed {
            failed: unfitted + unmatched,
            asked,
            unfitted,
            unmatched,
        });
    }
    let of = |o: usize, value: &dyn Fn(&Found) -> f64| {
        Spread::of(found.iter().flatten().map(|f| value(&f[o])).collect())
    };
    let outcomes = outcomes.iter().enumerate().map(|(o, outcome)| Resamples {
        difference: of(o, &|f| f.difference),
        ratios: (outcome.ratios().iter().enumerate())
            .map(|(r, &kind)| (kind, of(o, &|f| f.ratios[r])))
            .collect(),
    });
    Ok(Bootstrap {
        scheme,
        replicates: asked,
        unfitted,
        unmatched,
        outcomes: outcomes.collect(),
    })
}
