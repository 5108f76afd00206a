//! An index that was looked at in full once need not be by every process that maps the same file:
//! who has checked it hands over which files these were.

use super::RegisterIndex;
use super::file::{INDEX_FILE, fresh};
use super::layout::Laid;
use crate::custody::ReadOnlyMap;
use crate::register::parquet::PERSONS_FILE;
use crate::register::table::in_words;
use crate::register::{ParquetRegister, RegisterError};
use serde::{Deserialize, Serialize};
use std::fs::{File, Metadata};
use std::io;

/// Which persons table and which index of it were found to agree and to be sound. Any change to
/// one of the files shows, since the system notes when it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vouched {
    persons: Mark,
    index: Mark,
}

/// A file as the system knows it: where, how long, when last written to and when last changed in
/// any way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mark([i64; 7]);

impl Mark {
    fn of(file: &Metadata) -> Mark {
        use std::os::unix::fs::MetadataExt;
        // Compared only: what does not fit is cut alike.
        Mark([
            file.dev() as i64,
            file.ino() as i64,
            file.size() as i64,
            file.mtime(),
            file.mtime_nsec(),
            file.ctime(),
            file.ctime_nsec(),
        ])
    }
}

impl ParquetRegister {
    /// Looks at the index file in full and against the persons table, once for many processes. None
    /// when there is no index to be used.
    pub fn vouch(&self) -> Option<Vouched> {
        // First which files these are, then the look: a change in between is seen later.
        let vouched = self.marks().ok()?;
        fresh(&self.dir, &self.persons).ok()?;
        Some(vouched)
    }

    /// Are these still the files that were vouched for?
    pub fn stands(&self, vouched: &Vouched) -> bool {
        self.marks().is_ok_and(|now| now == *vouched)
    }

    fn marks(&self) -> io::Result<Vouched> {
        let mark = |name: &str| std::fs::metadata(self.dir.join(name)).map(|m| Mark::of(&m));
        Ok(Vouched {
            persons: mark(PERSONS_FILE)?,
            index: mark(INDEX_FILE)?,
        })
    }

    /// Maps the index that was vouched for: O(1). None when the files are not these any more.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn vouched_index(&self, vouched: &Vouched) -> Result<Option<RegisterIndex>, RegisterError> {
        let unreadable = |e: io::Error| RegisterError::Unreadable {
            file: INDEX_FILE.into(),
            reason: in_words(e.kind()),
        };
        let file = File::open(self.dir.join(INDEX_FILE)).map_err(unreadable)?;
        let map = ReadOnlyMap::of(&file).map_err(unreadable)?;
        // Of the very file that was mapped.
        let same = Mark::of(&file.metadata().map_err(unreadable)?) == vouched.index
            && self.stands(vouched);
        match same {
            true => Ok(Some(RegisterIndex::vouched(Laid::mapped_again(map)?))),
            false => Ok(None),
        }
    }
}

impl RegisterIndex {
    /// Of bytes that were found to be sound before. (Should they not be, what is read is wrong and
    /// still within them.)
    fn vouched(laid: Laid) -> RegisterIndex {
        RegisterIndex { laid }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn copy_of_the_sample(dir: &Path) -> ParquetRegister {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data/register");
        for name in ["persons.parquet", "events.parquet", "register.toml"] {
            std::fs::copy(sample.join(name), dir.join(name)).unwrap();
        }
        ParquetRegister::open(dir).unwrap()
    }

    #[test]
    fn what_was_vouched_for_is_mapped_and_what_was_changed_since_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let register = copy_of_the_sample(dir.path());
        assert!(register.vouch().is_none(), "there is no index");
        let made = register.reindex().unwrap();
        let vouched = register.vouch().unwrap();
        let mapped = register.vouched_index(&vouched).unwrap().unwrap();
        assert!(mapped.to_bytes() == made.to_bytes());
        drop(mapped);
        made.write(dir.path()).unwrap();
        assert!(register.vouched_index(&vouched).unwrap().is_none());
        let again = register.vouch().unwrap();
        std::fs::write(dir.path().join(PERSONS_FILE), b"other").unwrap();
        assert!(!register.stands(&again));
        assert!(register.vouched_index(&again).unwrap().is_none());
    }
}
