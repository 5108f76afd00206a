//! What is drawn again, and for which designs that gives an honest error.

use super::reach::Reach;
use super::{Failure, Refused, Weights};
use crate::matching::Matches;
use crate::study::{Caliper, MatchSettings, Method};

/// What a replicate draws again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Participants and pool, each with replacement; propensity, matching and estimate are redone.
    WholeDesign,
    /// Matched sets, with replacement, as they are: for pairs without replacement, where drawing
    /// people anew would give the same person as two rivals for one counterpart (Austin & Small
    /// 2014, doi:10.1002/sim.6276).
    MatchedSets,
}

impl Scheme {
    /// The scheme for a design.
    ///
    /// # Errors
    /// Designs whose estimate the bootstrap does not describe.
    pub fn of(settings: &MatchSettings) -> Result<Scheme, Refused> {
        match settings.method {
            Method::Radius => Ok(Scheme::WholeDesign),
            Method::Nearest if settings.replace => Err(Refused::NearestWithReplacement),
            Method::Nearest => Ok(Scheme::MatchedSets),
        }
    }
}

/// The matching of replicates of a whole design.
pub(super) fn reach<'a>(
    settings: &MatchSettings,
    strata: &'a [u32],
    participants: &'a [u32],
    pool: &'a [u32],
) -> Reach<'a> {
    let width = match settings.caliper {
        Caliper::None => f64::INFINITY,
        Caliper::Width(w) => w,
        // A design's settings have their caliper resolved; this is what it resolves to.
        Caliper::Default | Caliper::Search => MatchSettings::default_caliper(settings.method),
    };
    Reach {
        participants,
        pool,
        strata,
        width,
        scale: settings.caliper_scale,
        support: settings.common_support,
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
    pub(super) fn new(matches: &Matches, place: &[u32], arms: (usize, usize)) -> Drawn {
        let mut drawn = Drawn {
            participants: Vec::new(),
            offset: vec![0],
            members: Vec::new(),
            arms,
        };
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
