//! A replicate written out as a table of its own, people drawn twice in it twice, and matched as any
//! table is: for the methods that have no shorter way. Cost: a sort a replicate.

use super::reach::spread;
use super::{Failure, Weights};
use crate::matching::{self, Scores};
use crate::propensity::sorted_by_score;
use crate::study::MatchSettings;

/// Matching of written-out replicates of one table.
pub(super) struct WrittenOut<'a> {
    pub(super) treated: &'a [bool],
    /// Exact stratum, one a row; empty = none.
    pub(super) strata: &'a [u32],
    pub(super) settings: &'a MatchSettings,
    /// Place of each row in its arm, and the arms' sizes.
    pub(super) place: &'a [u32],
    pub(super) arms: (usize, usize),
    pub(super) seed: u64,
}

impl WrittenOut<'_> {
    /// Weights of every row of the table: what its copies weigh together.
    pub(super) fn weigh(
        &self,
        lp: &[f64],
        counts: &[u16],
        apart: Option<&[bool]>,
        weights: &mut Weights,
    ) -> Result<(), Failure> {
        let rows: Vec<usize> = (0..counts.len())
            .flat_map(|r| std::iter::repeat_n(r, usize::from(counts[r])))
            .collect();
        let score: Vec<f64> = rows.iter().map(|&r| lp[r]).collect();
        let treated: Vec<bool> = rows.iter().map(|&r| self.treated[r]).collect();
        let beyond = self.strata.iter().max().map_or(1, |m| m + 1);
        let stratum = |&r: &usize| match apart {
            Some(apart) if apart[r] => beyond,
            _ => self.strata.get(r).copied().unwrap_or(0),
        };
        let strata: Vec<u32> = match (self.strata, apart) {
            ([], None) => Vec::new(),
            _ => rows.iter().map(stratum).collect(),
        };
        let scores = Scores {
            order: &sorted_by_score(&score),
            lp: &score,
            lp_sd: spread(lp, counts),
            treated: &treated,
            strata: &strata,
            sampling: &[],
            matrix: None,
        };
        let matches =
            matching::run(&scores, self.settings, self.seed).map_err(|_| Failure::Unmatched)?;
        weights.participants = vec![0.0; self.arms.0];
        weights.pool = vec![0.0; self.arms.1];
        for (&copy, &w) in matches.participants.iter().zip(&matches.participant_weight) {
            weights.participants[self.place[rows[copy as usize]] as usize] += w;
        }
        for (&copy, &w) in matches.pool.iter().zip(&matches.weight) {
            weights.pool[self.place[rows[copy as usize]] as usize] += w;
        }
        Ok(())
    }
}
