//! What is drawn again, and for which designs that gives an honest error.

use super::draw::Arms;
use super::reach::Reach;
use super::written::WrittenOut;
use super::{Failure, Refused, Resampled, Weights};
use crate::matching::Matches;
use crate::study::{Caliper, Kernel, MatchSettings, Method, WeightKind};

/// What a replicate draws again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Participants and pool, each with replacement; propensity, matching and estimate are redone.
    WholeDesign,
    /// Matched sets, with replacement, as they are: for sets without replacement, where somebody
    /// drawn twice would be two rivals for one counterpart (Austin & Small 2014,
    /// doi:10.1002/sim.6276).
    MatchedSets,
}

impl Scheme {
    /// The scheme for a design.
    ///
    /// # Errors
    /// Designs whose estimate the bootstrap does not describe, or is not offered for.
    pub fn of(settings: &MatchSettings) -> Result<Scheme, Refused> {
        let not_shown = Err(Refused::NotShown {
            method: settings.method.as_str(),
        });
        match settings.method {
            Method::Radius | Method::Kernel => Ok(Scheme::WholeDesign),
            Method::Weighting if settings.weights != WeightKind::Entropy => Ok(Scheme::WholeDesign),
            Method::Nearest | Method::Mahalanobis if settings.replace => {
                Err(Refused::NearestWithReplacement)
            }
            Method::Nearest | Method::Mahalanobis | Method::Optimal => Ok(Scheme::MatchedSets),
            // Full matching and subclasses choose their sets from the people drawn, in jumps; exact
            // and coarsened matching and entropy balancing would need the columns drawn anew.
            Method::Full | Method::Subclass | Method::Exact | Method::Cem | Method::Weighting => {
                not_shown
            }
        }
    }
}

/// The way a replicate of a whole design is matched.
pub(super) enum Matcher<'a> {
    /// Radius, from counts.
    Reach(Reach<'a>),
    /// Anything else, as a table of its own.
    WrittenOut(WrittenOut<'a>),
}

impl<'a> Matcher<'a> {
    pub(super) fn new(design: &Resampled<'a>, arms: &'a Arms, seed: u64) -> Matcher<'a> {
        let settings = design.settings;
        let shared = settings.method == Method::Radius
            || (settings.method == Method::Kernel && settings.kernel == Kernel::Uniform);
        if !shared {
            return Matcher::WrittenOut(WrittenOut {
                treated: design.treated,
                strata: design.strata,
                settings,
                place: &arms.place,
                arms: (arms.participants.len(), arms.pool.len()),
                seed,
            });
        }
        let width = match settings.caliper {
            Caliper::None => f64::INFINITY,
            Caliper::Width(w) => w,
            // A design's settings have their caliper resolved; this is what it resolves to.
            Caliper::Default | Caliper::Search => MatchSettings::default_caliper(settings.method),
        };
        Matcher::Reach(Reach {
            participants: &arms.participants,
            pool: &arms.pool,
            strata: design.strata,
            width,
            scale: settings.caliper_scale,
            support: settings.common_support,
        })
    }

    /// Weights of everybody; `lp` is used up.
    pub(super) fn weigh(
        &self,
        lp: &mut [f64],
        counts: &[u16],
        apart: Option<&[bool]>,
        weights: &mut Weights,
    ) -> Result<(), Failure> {
        match self {
            Matcher::Reach(reach) => reach.weigh(lp, counts, apart, weights),
            Matcher::WrittenOut(written) => written.weigh(lp, counts, apart, weights),
        }
    }
}

/// Matched sets, ready to be drawn: places among participants and pool.
pub(super) struct Drawn {
    participants: Vec<u32>,
    offset: Vec<usize>,
    members: Vec<(u32, f64)>,
    arms: (usize, usize),
}

impl Drawn {
    pub(super) fn new(matches: &Matches, arms: &Arms) -> Drawn {
        let mut drawn = Drawn {
            participants: Vec::new(),
            offset: vec![0],
            members: Vec::new(),
            arms: (arms.participants.len(), arms.pool.len()),
        };
        let place = &arms.place;
        let mut last = None;
        matches.for_each_pair(|participant, member, weight| {
            if last != Some(participant) {
                if last.is_some() {
                    drawn.offset.push(drawn.members.len());
                }
                drawn.participants.push(place[participant as usize]);
                last = Some(participant);
            }
            drawn.members.push((place[member as usize], weight));
        });
        drawn.offset.push(drawn.members.len());
        drawn
    }

    /// Sets.
    pub(super) fn sets(&self) -> usize {
        self.participants.len()
    }

    /// Weights when each set comes so often.
    pub(super) fn weigh(&self, counts: &[u16], weights: &mut Weights) -> Result<(), Failure> {
        weights.participants = vec![0.0; self.arms.0];
        weights.pool = vec![0.0; self.arms.1];
        for (i, &n) in counts.iter().enumerate() {
            let n = f64::from(n);
            weights.participants[self.participants[i] as usize] += n;
            for &(c, w) in &self.members[self.offset[i]..self.offset[i + 1]] {
                weights.pool[c as usize] += n * w;
            }
        }
        Ok(())
    }
}
