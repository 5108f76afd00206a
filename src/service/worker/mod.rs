//! One submission, one process: a list is held by a child of this program (`counterpart work`) that
//! gets it through a socket, computes within limits when its turn comes, answers with the released
//! report and ends. The server passes bytes on and keeps none; what a child says is checked as a
//! stranger's is.

mod said;

pub use said::{
    Counts, Ended, Face, Facts, Held, IntakeError, Job, Outcome, Problem, Refused, RowProblem,
    Settings, Step, Waiting, Watcher, Why,
};

use super::model::SubmissionId;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// All workers of a server. Cloning gives another handle to the same ones.
#[derive(Clone)]
pub struct Workers {}

/// A worker that takes in its file. Dropped before [`Intake::finish`]: the worker is killed and the
/// watcher hears of the end.
pub struct Intake {}

impl Workers {
    /// Starts nothing yet. Must be called within a tokio runtime.
    pub fn new(settings: Settings, watcher: Arc<dyn Watcher>) -> Workers {
        let _ = (settings, watcher);
        Workers {}
    }

    /// The same with another program in the place of this one (tests run inside another).
    #[doc(hidden)]
    pub fn with_program(
        settings: Settings,
        watcher: Arc<dyn Watcher>,
        program: PathBuf,
    ) -> Workers {
        let _ = program;
        Workers::new(settings, watcher)
    }

    /// Takes a place and starts a worker; it is ready for the file when this returns.
    ///
    /// # Errors
    /// When there is no place, no intake, or no process.
    pub async fn admit(&self, job: Job) -> Result<Intake, Refused> {
        let _ = job;
        Err(Refused::Stopped)
    }

    /// Kills the submission's worker, wherever it is. False when there is none.
    pub fn withdraw(&self, submission: SubmissionId) -> bool {
        let _ = submission;
        false
    }

    /// No submission is admitted from here on.
    pub fn close_intake(&self) {}

    /// They are again.
    pub fn open_intake(&self) {}

    /// Shuts the intake for good; kills those that do not compute yet, gives the others `grace` and
    /// kills them then. Done when the watcher has heard, and dealt with, every end.
    pub async fn stop(&self, grace: Duration) {
        let _ = grace;
    }

    /// How many there are.
    pub fn counts(&self) -> Counts {
        Counts::default()
    }
}

impl Intake {
    /// The key that a sealed file is to be encrypted to; none when it comes plain.
    pub fn public_key(&self) -> Option<&[u8]> {
        None
    }

    /// Passes bytes of the file on.
    ///
    /// # Errors
    /// When the worker is gone, or the file too large.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), IntakeError> {
        let _ = bytes;
        Err(IntakeError::Ended)
    }

    /// The file is whole: done when the worker says that it has all of it.
    ///
    /// # Errors
    /// When the worker is gone.
    pub async fn finish(self) -> Result<Waiting, IntakeError> {
        Err(IntakeError::Ended)
    }
}
