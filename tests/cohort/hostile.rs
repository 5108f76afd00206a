//! Files made to do harm, through the program as it is run: each ends soon, with one error that
//! says what to do, and repeats nothing of what is in it.

use crate::books::CANARY;
use std::process::Command;
use std::time::{Duration, Instant};

const STUDY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/reoffending.toml");
/// A charity waits no longer for a no.
const PATIENCE: Duration = Duration::from_secs(2);

/// How the check of a file has to end.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum End {
    /// Exit 3: no table.
    Unreadable,
    /// Exit 1: a table without use, or an answer that is no.
    Unusable,
    /// Either: the file is damaged at random.
    Either,
}

/// Hostile files of one group.
pub struct Group {
    folder: tempfile::TempDir,
    files: Vec<(String, End)>,
}

impl Group {
    pub fn new() -> Group {
        Group {
            folder: tempfile::tempdir().unwrap(),
            files: Vec::new(),
        }
    }

    pub fn add(&mut self, what: impl Into<String>, bytes: impl AsRef<[u8]>, end: End) {
        let path = self
            .folder
            .path()
            .join(format!("{CANARY}-{}", self.files.len()));
        std::fs::write(path, bytes).unwrap();
        self.files.push((what.into(), end));
    }

    pub fn unreadable(&mut self, what: impl Into<String>, bytes: impl AsRef<[u8]>) {
        self.add(what, bytes, End::Unreadable);
    }

    pub fn unusable(&mut self, what: impl Into<String>, bytes: impl AsRef<[u8]>) {
        self.add(what, bytes, End::Unusable);
    }

    /// Checks every file, and that there are so many.
    pub fn check(self, count: usize) {
        assert_eq!(self.files.len(), count);
        let mut broken = Vec::new();
        let mut slowest = (Duration::ZERO, "");
        for (at, (what, end)) in self.files.iter().enumerate() {
            let file = format!("{CANARY}-{at}");
            let (mut fault, mut time) = self.run(&file, *end);
            if time > PATIENCE {
                // Something else may have had the machine.
                (fault, time) = self.run(&file, *end);
            }
            if time > PATIENCE {
                broken.push(format!("{what}: took {time:?}"));
            }
            broken.extend(fault.map(|fault| format!("{what}: {fault}")));
            slowest = slowest.max((time, what));
        }
        println!(
            "{count} files, the slowest in {:?}: {}",
            slowest.0, slowest.1
        );
        assert!(broken.is_empty(), "\n{}", broken.join("\n"));
    }

    /// What is wrong with how it ended, and how long it took.
    fn run(&self, file: &str, end: End) -> (Option<String>, Duration) {
        let begun = Instant::now();
        let out = Command::new(env!("CARGO_BIN_EXE_counterpart"))
            .args(["check", file, "--study", STUDY])
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let time = begun.elapsed();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let (said, told) = (text(&out.stdout), text(&out.stderr));
        let starts = |word: &str| told.lines().filter(|l| l.starts_with(word)).count();
        let code = out.status.code();
        let expected = match end {
            End::Unreadable => code == Some(3),
            End::Unusable => code == Some(1),
            End::Either => matches!(code, Some(1 | 3)),
        };
        let refused = (starts("error: "), starts("hint: ")) == (1, 1) && said.is_empty();
        let listed = code == Some(1) && told.is_empty() && said.contains("What to do next");
        let whole = said + &told;
        let fault = if !expected {
            Some(format!("exit {code:?}: {whole}"))
        } else if !(refused || listed) {
            Some(format!("not one error and one hint: {whole}"))
        } else if whole.contains(CANARY)
            || whole.contains("panicked")
            || whole.contains("fault in the program")
        {
            Some(format!("says too much: {whole}"))
        } else {
            None
        };
        (fault, time)
    }
}
