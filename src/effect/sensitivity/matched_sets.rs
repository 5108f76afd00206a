//! Matches as disjoint sets of one person and several others, which is what bounds on hidden bias
//! are defined for.

use crate::matching::{Groups, Matches, Sets};

/// A matched set: the rows of one person of one group and of their counterparts in the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedSet {
    /// Row of the one who stands alone.
    pub one: u32,
    /// Rows of the others, at least one.
    pub others: Vec<u32>,
    /// Is the one the participant? (In full matching several participants may share a counterpart.)
    pub one_is_participant: bool,
}

/// The matched sets, where they share nobody and each has one participant or one counterpart;
/// `None` where sets overlap (radius, kernel, replacement), where weights stand instead of sets, or
/// where several participants meet several counterparts (subclasses, strata).
///
/// Cost: one pass over the pairs, given up at the first counterpart met twice.
pub fn disjoint_sets(matches: &Matches) -> Option<Vec<MatchedSet>> {
    if let Some(groups) = &matches.groups {
        return grouped(matches, groups);
    }
    if !matches!(matches.sets, Sets::Lists { .. } | Sets::Runs { .. }) {
        return None;
    }
    let mut taken = vec![false; matches.pool.len()];
    let mut sets = Vec::with_capacity(matches.participants.len());
    for (i, &one) in matches.participants.iter().enumerate() {
        let mut places = members(matches, i);
        let fresh = places.all(|c| !std::mem::replace(&mut taken[c as usize], true));
        if !fresh {
            return None;
        }
        sets.push(MatchedSet {
            one,
            others: members(matches, i)
                .map(|c| matches.pool[c as usize])
                .collect(),
            one_is_participant: true,
        });
    }
    Some(sets)
}

/// Places in the pool of the i-th participant's set, which is a run or a list.
fn members(matches: &Matches, i: usize) -> Box<dyn Iterator<Item = u32> + '_> {
    match &matches.sets {
        Sets::Runs { low, high } => Box::new(low[i]..high[i]),
        Sets::Lists { offset, members } => Box::new(
            members[offset[i] as usize..offset[i + 1] as usize]
                .iter()
                .copied(),
        ),
        _ => Box::new(std::iter::empty()),
    }
}

fn grouped(matches: &Matches, groups: &Groups) -> Option<Vec<MatchedSet>> {
    let count = 1 + groups.participants.iter().max().copied()? as usize;
    let mut sides: Vec<[Vec<u32>; 2]> = vec![Default::default(); count];
    for (&row, &set) in matches.participants.iter().zip(&groups.participants) {
        sides[set as usize][0].push(row);
    }
    for (&row, &set) in matches.pool.iter().zip(&groups.pool) {
        if let Some(side) = sides.get_mut(set as usize) {
            side[1].push(row);
        }
    }
    sides
        .into_iter()
        .filter(|[participants, _]| !participants.is_empty())
        .map(|[participants, pool]| match (&*participants, &*pool) {
            ([one], [_, ..]) => Some(MatchedSet {
                one: *one,
                others: pool,
                one_is_participant: true,
            }),
            ([_, ..], [one]) => Some(MatchedSet {
                one: *one,
                others: participants,
                one_is_participant: false,
            }),
            _ => None,
        })
        .collect()
}
