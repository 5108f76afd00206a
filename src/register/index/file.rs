//! An index on the disk: `linkage.index` beside the persons table it was made from.

use super::layout::Laid;
use super::{IndexError, IndexState, RegisterIndex, source};
use crate::custody::ReadOnlyMap;
use crate::register::table::{ParquetTable, in_words};
use crate::register::{ParquetRegister, RegisterError};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::path::Path;

/// The index's name in a register's directory.
pub const INDEX_FILE: &str = "linkage.index";

impl RegisterIndex {
    /// Maps an index file, without asking what it was made from.
    ///
    /// # Errors
    /// When it cannot be read, is no index, of another version, or damaged.
    pub fn open(path: &Path) -> Result<RegisterIndex, RegisterError> {
        let unreadable = |e: io::Error| RegisterError::Unreadable {
            file: INDEX_FILE.into(),
            reason: in_words(e.kind()),
        };
        let file = File::open(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.is_dir() {
            return Err(unreadable(io::ErrorKind::IsADirectory.into()));
        }
        let map = ReadOnlyMap::of(&file).map_err(unreadable)?;
        Ok(RegisterIndex::sound(Laid::mapped(map)?)?)
    }

    /// Writes the index under its name in `dir`: whole or not at all, for its owner alone.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, dir: &Path) -> Result<(), RegisterError> {
        whole(dir, INDEX_FILE, self.to_bytes()).map_err(|e| RegisterError::Unwritable {
            file: INDEX_FILE.into(),
            reason: in_words(e.kind()),
        })
    }

    fn is_of(&self, digest: [u8; 32]) -> Result<(), IndexError> {
        match self.laid.header.source == digest {
            true => Ok(()),
            false => Err(IndexError::Stale),
        }
    }
}

impl ParquetRegister {
    /// Makes the index of the persons anew and writes it beside them.
    ///
    /// # Errors
    /// When the persons cannot be read, or the file cannot be written.
    pub fn reindex(&self) -> Result<RegisterIndex, RegisterError> {
        let index = made(&self.dir, &self.persons)?;
        index.write(&self.dir)?;
        Ok(index)
    }

    /// What is to be said of the index file beside the tables.
    ///
    /// # Errors
    /// When the persons cannot be read.
    pub fn index_state(&self) -> Result<IndexState, RegisterError> {
        match fresh(&self.dir, &self.persons) {
            Ok(_) => Ok(IndexState::Fresh),
            Err(RegisterError::Index(IndexError::Stale | IndexError::OtherVersion)) => {
                Ok(IndexState::Stale)
            }
            Err(RegisterError::Index(_)) => Ok(IndexState::Damaged),
            Err(RegisterError::Unreadable { file, .. }) if file == INDEX_FILE => {
                Ok(IndexState::Absent)
            }
            Err(other) => Err(other),
        }
    }
}

/// The index in `dir`, when it is there and made from the persons table beside it.
pub(crate) fn fresh(dir: &Path, persons: &ParquetTable) -> Result<RegisterIndex, RegisterError> {
    let index = RegisterIndex::open(&dir.join(INDEX_FILE))?;
    index.is_of(digest(dir, persons)?)?;
    Ok(index)
}

/// The index of a persons table, made now.
pub(crate) fn made(dir: &Path, persons: &ParquetTable) -> Result<RegisterIndex, RegisterError> {
    source::build(persons, digest(dir, persons)?)
}

/// SHA-256 of the persons file. (Some gigabytes a second where the processor helps.)
fn digest(dir: &Path, persons: &ParquetTable) -> Result<[u8; 32], RegisterError> {
    let read = || -> io::Result<[u8; 32]> {
        let mut file = File::open(dir.join(persons.file))?;
        let (mut sha, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(sha.finalize().into()),
                n => sha.update(&buffer[..n]),
            }
        }
    };
    read().map_err(|e| RegisterError::Unreadable {
        file: persons.file.into(),
        reason: in_words(e.kind()),
    })
}

/// Writes a file that has its name only once all of it is on the disk.
fn whole(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let part = dir.join(format!(".{name}-{}.part", std::process::id()));
    let written = write_new(&part, bytes).and_then(|()| std::fs::rename(&part, dir.join(name)));
    if written.is_err() {
        // Nobody is left to tell; what remains is named as a part.
        let _ = std::fs::remove_file(&part);
    }
    written
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
