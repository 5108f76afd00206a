//! What is known about how a submission's data ended: measured facts only. A certificate is issued
//! on these, or refused.

use serde::{Deserialize, Serialize};

/// How the data came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The worker gave its answer and ended.
    Finished,
    /// The worker said why there is no answer, and ended.
    Refused,
    /// The submitter or the department asked for it.
    Withdrawn,
    /// The worker took too long and was killed.
    TimedOut,
    /// The worker died: out of memory, killed, a fault.
    Died,
    /// The server itself ended; found when it started again.
    ServerEnded,
}

/// When something happened, by two clocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// RFC 3339, UTC, to the millisecond.
    pub wall: String,
    /// Nanoseconds since the machine started: cannot be set back. None where it is not known (the
    /// machine was started again since).
    pub monotonic_ns: Option<u64>,
}

/// A salted commitment to the file: proves to whoever has file and salt that this was the file, and
/// tells nobody else anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    /// How it is made, e.g. `hmac-sha256`.
    pub algorithm: String,
    /// Hexadecimal.
    pub digest: String,
}

/// The process that held the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessEnd {
    /// It and all it started are gone: waited for, and looked for again.
    pub gone: bool,
    /// `exit 0`, `signal 9` ...; `unknown` after the server's own end.
    pub how: String,
    /// Its memory could not be swapped out.
    pub memory_locked: bool,
    /// System call filter and file system rules were in force before the first byte came.
    pub confined: bool,
}

/// Marks looked for and found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Marks {
    /// How many were planted or taken.
    pub planted: u32,
    /// How many distinct ones the scanner found in the worker while it ran: shows that it can see.
    pub seen_during: u32,
    /// How many distinct ones were found anywhere after the end.
    pub found_after: u32,
}

/// A place where data can hide, and what a scan of it gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sink {
    /// `server memory`, `worker memory`, `data folder`, `temporary folders`, `database`, `logs`,
    /// `core dumps`, `swap`.
    pub name: String,
    /// Bytes looked at.
    pub bytes: u64,
    /// Marks found.
    pub found: u32,
    /// Whether all of it could be looked at.
    pub complete: bool,
    /// What a reader should know: why not all, or why nothing can be there.
    pub note: Option<String>,
}

/// What is kept, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What.
    pub what: String,
    /// How long, in words.
    pub how_long: String,
}

/// All that is known about one submission's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The submission's id.
    pub submission: String,
    /// The study's id.
    pub study: String,
    /// When its first byte was taken.
    pub received: Moment,
    /// When its data was gone.
    pub erased: Moment,
    /// How its data ended.
    pub end: End,
    /// How they were erased, one measure a line.
    pub method: Vec<String>,
    /// The worker process.
    pub worker: ProcessEnd,
    /// To the file; none when the file never came whole.
    pub commitment: Option<Commitment>,
    /// Planted canary people.
    pub canaries: Marks,
    /// Keyed fingerprints of the file's own cells.
    pub fingerprints: Marks,
    /// Everywhere that was looked.
    pub sinks: Vec<Sink>,
    /// What stays.
    pub kept: Vec<Kept>,
    /// Version of this program.
    pub engine_version: String,
    /// SHA-256 of the running binary, hexadecimal.
    pub engine_sha256: String,
    /// What no software can prove.
    pub limit: String,
}
