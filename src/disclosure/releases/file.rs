//! Releases in a folder: a secret, the uses of each record under its tag, and the sketches of what
//! was released. One writer at a time; every change is a new file put in the old one's place, so
//! that a crash leaves the one or the other.

use super::{Asked, ReleaseError, Releases, Sketch, near, tag};
use crate::disclosure::releases::CAPACITY;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const SECRET: &str = "releases.key";
const LOCK: &str = "releases.lock";
const RECORD: &str = "releases.bin";
/// What the record begins with: its name and version.
const MAGIC: &[u8; 8] = b"CPRELES1";
const SKETCH: usize = 8 * CAPACITY;

/// Releases in a folder of one's own.
#[derive(Debug)]
pub struct FileReleases {
    folder: PathBuf,
}

/// What the file holds.
#[derive(Debug, Default)]
struct Record {
    uses: BTreeMap<u64, u16>,
    released: Vec<Sketch>,
}

impl FileReleases {
    /// In that folder, which is made for this user alone where it is missing.
    ///
    /// # Errors
    /// When it cannot be made or written.
    pub fn open(folder: &Path) -> Result<FileReleases, ReleaseError> {
        let releases = FileReleases {
            folder: folder.to_owned(),
        };
        fs::create_dir_all(folder).map_err(cannot)?;
        let locked = releases.lock()?;
        if !releases.folder.join(SECRET).exists() {
            let secret: Zeroizing<[u8; 32]> = Zeroizing::new(rand::random());
            releases.replace(SECRET, secret.as_slice())?;
        }
        releases.read()?;
        drop(locked);
        Ok(releases)
    }

    /// Held until it is dropped.
    fn lock(&self) -> Result<File, ReleaseError> {
        let path = self.folder.join(LOCK);
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true).mode(0o600);
        let file = options.open(path).map_err(cannot)?;
        file.lock().map_err(cannot)?;
        Ok(file)
    }

    fn secret(&self) -> Result<Zeroizing<[u8; 32]>, ReleaseError> {
        let mut secret = Zeroizing::new([0; 32]);
        let mut file = File::open(self.folder.join(SECRET)).map_err(cannot)?;
        file.read_exact(secret.as_mut_slice()).map_err(cannot)?;
        Ok(secret)
    }

    fn read(&self) -> Result<Record, ReleaseError> {
        let bytes = match fs::read(self.folder.join(RECORD)) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Record::default()),
            Err(e) => return Err(cannot(e)),
        };
        Record::parse(&bytes)
            .ok_or_else(|| ReleaseError::Store(format!("{RECORD} is damaged or cut short")))
    }

    /// Puts a file in the place of the one of that name, whole or not at all.
    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), ReleaseError> {
        let new = self.folder.join(format!("{name}.new"));
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true).mode(0o600);
        let mut file = options.open(&new).map_err(cannot)?;
        file.write_all(bytes).map_err(cannot)?;
        file.sync_all().map_err(cannot)?;
        fs::rename(&new, self.folder.join(name)).map_err(cannot)?;
        let folder = File::open(&self.folder).map_err(cannot)?;
        folder.sync_all().map_err(cannot)
    }
}

fn cannot(e: std::io::Error) -> ReleaseError {
    ReleaseError::Store(e.kind().to_string())
}

impl Releases for FileReleases {
    fn used_up(&self, people: &[u64], uses: u16) -> Result<Vec<bool>, ReleaseError> {
        let secret = self.secret()?;
        let record = self.read()?;
        let used = |p: &u64| record.uses.get(&tag(&secret, *p)).copied().unwrap_or(0);
        Ok(people.iter().map(|p| used(p) >= uses).collect())
    }

    fn record(&self, asked: &Asked) -> Result<(), ReleaseError> {
        let _locked = self.lock()?;
        let secret = self.secret()?;
        let mut record = self.read()?;
        let tags: Vec<u64> = asked.people.iter().map(|p| tag(&secret, *p)).collect();
        let sketch = Sketch::of(&tags);
        if asked.steward.is_none() && near(&sketch, &record.released, asked.apart) {
            return Err(ReleaseError::NearRepeat);
        }
        for t in tags {
            let used = record.uses.entry(t).or_default();
            if asked.uses.is_some_and(|most| *used >= most) {
                return Err(ReleaseError::Overtaken);
            }
            *used = used.saturating_add(1);
        }
        record.released.push(sketch);
        self.replace(RECORD, &record.to_bytes())
    }
}

impl Record {
    /// Magic, number of records and of sketches (u64 each), tags with uses ascending, sketches in the
    /// order they came; all little-endian.
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend((self.uses.len() as u64).to_le_bytes());
        bytes.extend((self.released.len() as u64).to_le_bytes());
        for (tag, uses) in &self.uses {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(uses.to_le_bytes());
        }
        for sketch in &self.released {
            bytes.extend(sketch.to_bytes());
        }
        bytes
    }

    fn parse(bytes: &[u8]) -> Option<Record> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (people, rest) = rest.split_first_chunk::<8>()?;
        let (sketches, rest) = rest.split_first_chunk::<8>()?;
        let people = usize::try_from(u64::from_le_bytes(*people)).ok()?;
        let sketches = usize::try_from(u64::from_le_bytes(*sketches)).ok()?;
        let (uses, rest) = rest.split_at_checked(people.checked_mul(10)?)?;
        if rest.len() != sketches.checked_mul(SKETCH)? {
            return None;
        }
        let entry = |b: &[u8]| {
            let (tag, uses) = b.split_first_chunk::<8>()?;
            let uses = uses.first_chunk::<2>()?;
            Some((u64::from_le_bytes(*tag), u16::from_le_bytes(*uses)))
        };
        Some(Record {
            uses: uses.chunks_exact(10).map(entry).collect::<Option<_>>()?,
            released: rest
                .chunks_exact(SKETCH)
                .map(Sketch::from_bytes)
                .collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(people: &[u64]) -> Asked<'_> {
        Asked {
            people,
            apart: 30,
            uses: Some(2),
            steward: None,
        }
    }

    fn people(range: std::ops::Range<u64>) -> Vec<u64> {
        range.collect()
    }

    #[test]
    fn a_near_repeat_is_refused_unless_a_steward_allows_it() {
        let folder = tempfile::tempdir().unwrap();
        let releases = FileReleases::open(folder.path()).unwrap();
        releases.record(&asked(&people(0..100))).unwrap();
        // Opened again, as after a crash.
        let releases = FileReleases::open(folder.path()).unwrap();
        let again = people(0..101);
        let refused = releases.record(&asked(&again));
        assert!(matches!(refused, Err(ReleaseError::NearRepeat)));
        releases.record(&asked(&people(50..150))).unwrap();
        let allowed = Asked {
            steward: Some("two-year follow-up"),
            ..asked(&again[..50])
        };
        releases.record(&allowed).unwrap();
    }

    #[test]
    fn uses_are_counted_and_capped_and_a_refusal_counts_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let releases = FileReleases::open(folder.path()).unwrap();
        let all = people(0..100);
        releases.record(&asked(&all)).unwrap();
        let refused = releases.record(&asked(&all));
        assert!(refused.is_err());
        assert_eq!(releases.used_up(&all, 2).unwrap(), vec![false; 100]);
        releases.record(&asked(&people(60..160))).unwrap();
        let spent = releases.used_up(&all, 2).unwrap();
        assert!(!spent[59] && spent[60] && spent[99]);
        let over = releases.record(&asked(&people(90..260)));
        assert!(matches!(over, Err(ReleaseError::Overtaken)));
    }

    #[test]
    fn a_damaged_record_is_refused_and_never_taken_for_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let releases = FileReleases::open(folder.path()).unwrap();
        releases.record(&asked(&people(0..100))).unwrap();
        let path = folder.path().join(RECORD);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(FileReleases::open(folder.path()).is_err());
        // A half-written new one beside it is no harm.
        fs::write(&path, &bytes).unwrap();
        fs::write(folder.path().join("releases.bin.new"), b"half").unwrap();
        FileReleases::open(folder.path()).unwrap();
    }

    #[test]
    fn nothing_that_is_kept_is_a_key() {
        let folder = tempfile::tempdir().unwrap();
        let releases = FileReleases::open(folder.path()).unwrap();
        let keys = people(0x1122_3344_5566_7700..0x1122_3344_5566_7740);
        releases.record(&asked(&keys)).unwrap();
        let bytes = fs::read(folder.path().join(RECORD)).unwrap();
        for key in keys {
            let key = key.to_le_bytes();
            assert!(!bytes.windows(8).any(|w| w == key));
        }
    }
}
