//! Where the log's lines go: to standard error, and to a file of the data folder, so that the scanner
//! can look through them.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tracing_subscriber::fmt::MakeWriter;

/// The file's name; the one before it has `.1` after it.
pub const FILE: &str = "log.jsonl";
/// When a file is this large a new one is begun, and the one before the last is gone.
const MOST: u64 = 32 << 20;

/// Standard error, and that file.
#[derive(Clone)]
pub struct Both(Arc<Mutex<LogFile>>);

impl Both {
    /// With the file in that folder.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn beside(data: &Path) -> io::Result<Both> {
        let file = LogFile::open(data.join(FILE))?;
        Ok(Both(Arc::new(Mutex::new(file))))
    }
}

impl<'a> MakeWriter<'a> for Both {
    type Writer = Both;

    fn make_writer(&'a self) -> Both {
        self.clone()
    }
}

impl Write for Both {
    /// A line at a time, as the subscriber gives them.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // A file that cannot be written must not stop the terminal's lines, nor the other way round.
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let filed = file.write(line);
        drop(file);
        let shown = io::stderr().write_all(line);
        filed.and(shown).map(|()| line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that does not grow for ever.
struct LogFile {
    path: PathBuf,
    file: File,
    size: u64,
}

impl LogFile {
    fn open(path: PathBuf) -> io::Result<LogFile> {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)?;
        let size = file.metadata()?.len();
        Ok(LogFile { path, file, size })
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        if self.size >= MOST {
            std::fs::rename(&self.path, self.path.with_extension("jsonl.1"))?;
            *self = LogFile::open(self.path.clone())?;
        }
        self.size += line.len() as u64;
        self.file.write_all(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_its_owners_alone_and_does_not_grow_for_ever() {
        use std::os::unix::fs::PermissionsExt as _;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        let mut log = LogFile::open(path.clone()).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let line = vec![b'x'; 1 << 20];
        for _ in 0..70 {
            log.write(&line).unwrap();
        }
        let files = std::fs::read_dir(dir.path()).unwrap();
        let sizes: Vec<u64> = files
            .map(|f| f.unwrap().metadata().unwrap().len())
            .collect();
        assert_eq!(sizes.len(), 2);
        assert!(sizes.iter().all(|s| *s <= MOST + line.len() as u64));
    }
}
