//! Where a register is made: beside what is there, and moved into its place when it is whole.

use super::{ImportError, writer};
use crate::register::index::INDEX_FILE;
use crate::register::parquet::{EVENTS_FILE, PERSONS_FILE};
use crate::register::{DICTIONARY_FILE, table::in_words};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What a register is made of.
const FILES: [&str; 4] = [PERSONS_FILE, EVENTS_FILE, DICTIONARY_FILE, INDEX_FILE];

/// A folder in the making; dropped before [`Place::keep`], nothing of it is left.
pub(super) struct Place {
    out: PathBuf,
    staging: PathBuf,
    /// Did the folder have to be made?
    made: bool,
}

impl Place {
    pub fn prepare(out: &Path, replace: bool) -> Result<Place, ImportError> {
        if !replace && FILES.iter().any(|file| out.join(file).exists()) {
            return Err(ImportError::Exists);
        }
        let made = !out.exists();
        let staging = out.join(format!(".import-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&staging);
        let place = Place {
            out: out.to_owned(),
            staging,
            made,
        };
        place.folder(out, true)?;
        place.folder(&place.staging, false)?;
        Ok(place)
    }

    /// For its owner alone, when it is made here.
    fn folder(&self, path: &Path, may_be_there: bool) -> Result<(), ImportError> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(may_be_there);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).map_err(|e| failed("the folder", &e))
    }

    /// Where to write.
    pub fn staging(&self) -> &Path {
        &self.staging
    }

    pub fn write_text(&self, file: &'static str, text: &str) -> Result<(), ImportError> {
        let written = writer::private(&self.staging.join(file))
            .and_then(|mut to| to.write_all(text.as_bytes()).and_then(|()| to.sync_all()));
        written.map_err(|e| failed(file, &e))
    }

    /// Gives every file its place. An index that is older than its persons is told by its digest,
    /// should this be cut short.
    pub fn keep(mut self) -> Result<(), ImportError> {
        for file in FILES {
            let (from, to) = (self.staging.join(file), self.out.join(file));
            let moved = match from.exists() {
                true => std::fs::rename(&from, &to),
                false if to.exists() => std::fs::remove_file(&to),
                false => Ok(()),
            };
            moved.map_err(|e| failed(file, &e))?;
        }
        self.made = false;
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Nobody is left to tell; what remains is hidden and named as an import.
        let _ = std::fs::remove_dir_all(&self.staging);
        if self.made {
            let _ = std::fs::remove_dir(&self.out);
        }
    }
}

fn failed(file: &str, error: &std::io::Error) -> ImportError {
    ImportError::Unwritable {
        file: file.into(),
        reason: in_words(error.kind()),
    }
}
