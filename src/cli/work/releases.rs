//! The record of releases, at the other end of the line: it is told tags, never a key of the
//! register's.

use super::line::Line;
use crate::disclosure::releases::{Asked, ReleaseError, Releases, tag};
use crate::service::worker::protocol::{Answered, Garbled, Kind, Tags, parse_bits};
use std::cell::RefCell;
use std::io;

/// The server's record.
pub struct Told<'a, 'b> {
    line: &'a RefCell<&'b mut Line>,
    key: &'a [u8; 32],
}

impl<'a, 'b> Told<'a, 'b> {
    /// Over that line, with the key of the tags.
    pub fn new(line: &'a RefCell<&'b mut Line>, key: &'a [u8; 32]) -> Told<'a, 'b> {
        Told { line, key }
    }

    fn tags(&self, people: &[u64]) -> Vec<u64> {
        people.iter().map(|p| tag(self.key, *p)).collect()
    }
}

fn lost(e: io::Error) -> ReleaseError {
    ReleaseError::Store(e.kind().to_string())
}

fn garbled(e: Garbled) -> ReleaseError {
    ReleaseError::Store(e.to_string())
}

impl Releases for Told<'_, '_> {
    fn used_up(&self, people: &[u64], uses: u16) -> Result<Vec<bool>, ReleaseError> {
        // Somebody may be asked about twice: with two events.
        let tags = self.tags(people);
        let mut each = tags.clone();
        each.sort_unstable();
        each.dedup();
        let asked = Tags {
            apart: 0,
            uses,
            tags: each,
        };
        let mut line = self.line.borrow_mut();
        let told = line.ask(Kind::AskUsedUp, &asked.to_payload(), Kind::UsedUp);
        let used_up = parse_bits(told.map_err(lost)?, asked.tags.len()).map_err(garbled)?;
        let of = |tag| asked.tags.binary_search(tag).is_ok_and(|at| used_up[at]);
        Ok(tags.iter().map(of).collect())
    }

    fn record(&self, asked: &Asked) -> Result<(), ReleaseError> {
        // More than a sketch can tell is as good as all it can.
        let release = Tags {
            apart: u16::try_from(asked.apart).unwrap_or(u16::MAX),
            uses: asked.uses.unwrap_or(0),
            tags: self.tags(asked.people),
        };
        let mut line = self.line.borrow_mut();
        let told = line.ask(Kind::Release, &release.to_payload(), Kind::Recorded);
        match Answered::parse(told.map_err(lost)?).map_err(garbled)? {
            Answered::Kept => Ok(()),
            Answered::NearRepeat => Err(ReleaseError::NearRepeat),
            Answered::Overtaken => Err(ReleaseError::Overtaken),
            Answered::NotRecorded => {
                Err(ReleaseError::Store("the server could not write it".into()))
            }
        }
    }
}
