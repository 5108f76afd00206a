//! What was released before: how often each held record was used, and of which people nearly the
//! same were asked for. No names, no organisation, nothing of an answer.

mod file;
mod sketch;

pub use file::FileReleases;
pub use sketch::{CAPACITY, Sketch, tag};

/// A release that is about to leave.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Keys of the register's people it is about, each once.
    pub people: &'a [u64],
    /// Fewest people by which it must differ from every earlier one, and from every two together.
    pub apart: usize,
    /// Most releases that a record may ever be part of; none where that is not counted.
    pub uses: Option<u16>,
    /// Why a steward allows it although it is near an earlier one: another programme of the same
    /// people, a follow-up of another length.
    pub steward: Option<&'a str>,
}

/// Why it may not leave.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// It differs by few from one that has left.
    #[error(
        "nearly the same people were released before: two answers about them could be subtracted, and what is left would be about a few"
    )]
    NearRepeat,
    /// Somebody used a record up between the look and the release.
    #[error("another release of some of the same people was made at the same time")]
    Overtaken,
    /// The store.
    #[error("cannot use the record of releases: {0}")]
    Store(String),
}

/// Where releases are recorded: beside the register, in a folder or a table of the service's.
pub trait Releases {
    /// Of these people's records, which have been used as often as they may be.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn used_up(&self, people: &[u64], uses: u16) -> Result<Vec<bool>, ReleaseError>;

    /// Checks and records a release at once: when this returns it is on the disk, and only then may
    /// the release leave.
    ///
    /// # Errors
    /// When it may not leave, or cannot be recorded; then nothing is recorded.
    fn record(&self, asked: &Asked) -> Result<(), ReleaseError>;
}

/// Is a set near one of the earlier ones, or two of them together? Two that share nobody add up to a
/// third; two of which one holds the other leave one. At most [`PAIRS`] of the newest are paired.
pub fn near(new: &Sketch, earlier: &[Sketch], apart: usize) -> bool {
    let few = |s: &Sketch| s.few().is_some_and(|n| n < apart.min(CAPACITY));
    let to_each: Vec<Sketch> = earlier.iter().map(|e| new.difference(e)).collect();
    if to_each.iter().any(few) {
        return true;
    }
    let newest = &to_each[to_each.len().saturating_sub(PAIRS)..];
    let earlier = &earlier[earlier.len() - newest.len()..];
    (0..newest.len()).any(|i| (0..i).any(|j| few(&newest[i].difference(&earlier[j]))))
}

/// Earlier releases looked at two by two.
pub const PAIRS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: std::ops::Range<u64>) -> Sketch {
        Sketch::of(&range.map(|p| tag(&[1; 32], p)).collect::<Vec<_>>())
    }

    #[test]
    fn one_more_and_two_halves_are_near_and_others_are_not() {
        assert!(near(&of(0..101), &[of(0..100)], 30));
        assert!(near(&of(0..100), &[of(0..100)], 30), "the very same");
        assert!(!near(&of(0..130), &[of(0..100)], 30));
        // 0 to 100 from 0 to 60 and 60 to 99: one is left.
        assert!(near(&of(0..100), &[of(0..60), of(60..99)], 30));
        assert!(!near(&of(0..100), &[of(0..60), of(200..300)], 30));
    }
}
