//! What the parts of the service say to each other about a worker: settings, jobs, steps, ends.

use super::protocol::{Answered, Beside, Tags};
use crate::custody::evidence::Moment;
use crate::service::model::{OrganisationId, SubmissionId};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::oneshot;
use zeroize::ZeroizeOnDrop;

/// How many workers there may be, and what each may use.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Workers that compute at the same time; at least 1.
    pub slots: usize,
    /// Workers that take in their file, or hold it and wait, of all organisations together.
    pub places: usize,
    /// The same, of one organisation.
    pub places_per_organisation: usize,
    /// Memory that a worker may write to, in bytes. The mapped register does not count.
    pub memory_bytes: u64,
    /// Seconds of computing, of all its threads together.
    pub cpu_seconds: u64,
    /// From its turn to its end.
    pub wall: Duration,
    /// The folder of the held register.
    pub register: PathBuf,
}

/// One submission, as its worker is told of it. Not printable: it holds keys.
#[derive(ZeroizeOnDrop)]
pub struct Job {
    /// Whose file.
    #[zeroize(skip)]
    pub submission: SubmissionId,
    /// Whose turn.
    #[zeroize(skip)]
    pub organisation: OrganisationId,
    /// The text of the study file.
    #[zeroize(skip)]
    pub study_toml: String,
    /// The text of the linkage model that the study names, where it names one.
    #[zeroize(skip)]
    pub linkage_model: Option<String>,
    /// Of every random choice in the evaluation.
    #[zeroize(skip)]
    pub seed: u64,
    /// The canary people are made from it.
    pub canary_seed: [u8; 32],
    /// Key of the fingerprints.
    pub mark_key: [u8; 32],
    /// Salt of the commitment to the file.
    pub commitment_salt: [u8; 32],
    /// Key of the tags of held records: the same for all submissions of a service.
    pub release_key: [u8; 32],
    /// The study's answers are released under disclosure control: none leaves before it is on record.
    #[zeroize(skip)]
    pub guarded: bool,
    /// The file comes encrypted to a key that the worker makes.
    #[zeroize(skip)]
    pub sealed: bool,
    /// The file is read and told of, and nobody is looked for.
    #[zeroize(skip)]
    pub check: bool,
}

/// Why no worker was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// All places are taken, or all of this organisation's.
    #[error("every place for a submission is taken; try again in {retry_after_s} seconds")]
    Full {
        /// A guess from how long the last ones took, in seconds.
        retry_after_s: u64,
    },
    /// The intake is shut, or the server is stopping.
    #[error("no submission is taken in at the moment")]
    Stopped,
    /// The process could not be started, or gave up before it was ready.
    #[error("the process for the submission could not be started: {why}")]
    CannotStart {
        /// What failed, in fixed words.
        why: &'static str,
    },
}

/// Why a file could not be taken in. The worker is gone by then, or about to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// More bytes than any list may have.
    #[error("the file is too large: more than {most} bytes")]
    TooLarge {
        /// Bytes it may have.
        most: u64,
    },
    /// The worker has ended: it died, or the submission was withdrawn.
    #[error("the process that was to hold the file has ended")]
    Ended,
}

/// A file that is in its worker, whole. It takes its turn once [`Waiting::enqueue`] is called (when
/// the submission is on record); dropped before, the worker is killed.
pub struct Waiting {
    /// Bytes of it, as they came.
    pub bytes: u64,
    /// The commitment to it, hexadecimal. (Of a sealed file: once it is opened.)
    pub commitment: Option<String>,
    pub(super) enqueue: oneshot::Sender<Beside>,
}

impl Waiting {
    /// From here on it waits for its turn; nothing is known beside it.
    pub fn enqueue(self) {
        self.enqueue_with(Beside::default());
    }

    /// The same, with what is known beside it.
    pub fn enqueue_with(self, beside: Beside) {
        // Whoever does not listen is gone, which the watcher has heard.
        let _ = self.enqueue.send(beside);
    }
}

/// Where a submission is. Told as each begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The file is in its worker, whole.
    Received,
    /// Its turn has come.
    Started,
    /// Rows to people.
    Reading,
    /// Looking for the people in the register.
    Linking,
    /// Which event, and the comparison pool.
    IndexEvents,
    /// Covariates, propensity, matching, balance.
    Designing,
    /// Outcomes are opened.
    Comparing,
    /// Other designs.
    Checking,
    /// Putting the report together.
    Writing,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Step; 9] = [
        Step::Received,
        Step::Started,
        Step::Reading,
        Step::Linking,
        Step::IndexEvents,
        Step::Designing,
        Step::Comparing,
        Step::Checking,
        Step::Writing,
    ];

    /// One word, the same as in the API.
    pub fn name(self) -> &'static str {
        match self {
            Step::Received => "received",
            Step::Started => "started",
            Step::Reading => "reading",
            Step::Linking => "linking",
            Step::IndexEvents => "index_events",
            Step::Designing => "designing",
            Step::Comparing => "comparing",
            Step::Checking => "checking",
            Step::Writing => "writing",
        }
    }

    /// For people.
    pub fn sentence(self) -> &'static str {
        use crate::evaluation::Stage;
        match self {
            Step::Received => "the file has arrived and waits for its turn",
            Step::Started => "its turn has come",
            Step::Reading => "reading the list of people",
            Step::Linking => Stage::Linking.sentence(),
            Step::IndexEvents => Stage::IndexEvents.sentence(),
            Step::Designing => Stage::Designing.sentence(),
            Step::Comparing => Stage::Comparing.sentence(),
            Step::Checking => Stage::Checking.sentence(),
            Step::Writing => "writing the report",
        }
    }
}

/// What a worker says of itself and of the file it holds. As the worker says it, bounded and no
/// more: only the scanner's own look can confirm it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its memory cannot be swapped out.
    pub locked: bool,
    /// System call filter and file system rules were in force before the first byte came.
    pub confined: bool,
    /// What was in force, or why not, in a few words.
    pub note: String,
    /// Canary people planted.
    pub canaries: u32,
    /// Fingerprints of the file's own cells, under the job's mark key.
    pub prints: Vec<u64>,
    /// The commitment to the file, hexadecimal.
    pub commitment: Option<String>,
}

/// A worker that holds the file, its people and the canaries, and waits to be told to compute.
pub struct Held {
    /// Its process id.
    pub pid: u32,
    /// Its memory, opened before it could be opened by anybody else.
    pub mem: OwnedFd,
    /// What is mapped where in it.
    pub maps: OwnedFd,
    /// What it says.
    pub facts: Facts,
}

/// One form of a report.
#[derive(Clone, PartialEq, Eq)]
pub struct Face {
    /// File name: `report.json`, `report.html`.
    pub name: String,
    /// Media type.
    pub media_type: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Face {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A report is no line of a log.
        write!(f, "{} ({} bytes)", self.name, self.bytes.len())
    }
}

/// A row of the file that broke a rule. Never what stands there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RowProblem {
    /// As a spreadsheet shows it.
    pub row: u32,
    /// The field's name or `column 4`; none when it is about the row or the file.
    pub column: Option<String>,
    /// The letter a spreadsheet shows above that column.
    pub letter: Option<String>,
    /// `error` or `warning`.
    pub severity: String,
    /// The rule.
    pub rule: String,
    /// What to do.
    pub remedy: String,
}

/// Why there is no answer, for the person who handed in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = NoAnswer)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// For programs: lower case words joined by `_`.
    pub code: String,
    /// What is the matter.
    pub message: String,
    /// What to do next.
    pub hint: String,
    /// Rows that broke a rule; the first thousand.
    pub problems: Vec<RowProblem>,
    /// How many more there are.
    pub problems_unlisted: u64,
}

/// The code of a file that can be used, and was only to be checked.
pub const CHECKED: &str = "checked";

/// Canary people that every worker plants.
pub const CANARIES: u32 = 200;

/// Why a worker was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Somebody who may asked for it.
    Withdrawn,
    /// The file never came whole.
    Abandoned,
    /// The server stops.
    Stopped,
}

/// What came of a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The released report.
    Answer {
        /// Its forms.
        faces: Vec<Face>,
        /// The finding in one sentence.
        headline: String,
        /// People in the file, to the nearest five.
        submitted: u64,
    },
    /// There is none, and this is why.
    NoAnswer(Problem),
    /// It ended, or said what no worker says.
    Died {
        /// In fixed words.
        how: String,
    },
    /// It used up its time.
    TimedOut,
    /// It was killed.
    Killed(Why),
}

/// The end of a worker: nobody of its list is in a process any more.
#[derive(Debug, Clone)]
pub struct Ended {
    /// What came of it.
    pub outcome: Outcome,
    /// `exit 0`, `signal 9`.
    pub exit: String,
    /// It and all it started were waited for and looked for again.
    pub gone: bool,
    /// What it said of itself; prints and commitment once it held the file.
    pub facts: Facts,
    /// Did it hold the file (and was the scanner asked to look)?
    pub held: bool,
    /// When the first byte of the file was passed on to it; none when none was.
    pub received: Option<Moment>,
    /// When it was gone.
    pub erased: Moment,
}

/// Who hears what happens to submissions. Called from tasks of the runtime: must not block.
pub trait Watcher: Send + Sync + 'static {
    /// A step begins.
    fn step(&self, submission: SubmissionId, step: Step);

    /// The worker holds the file and waits until this is done. Dropped when it is killed meanwhile.
    fn control<'a>(&'a self, submission: SubmissionId, held: &'a Held) -> BoxFuture<'a, ()>;

    /// Which of these records were released so often, in their order; None when that cannot be told.
    fn used_up(&self, tags: Vec<u64>, uses: u16) -> BoxFuture<'_, Option<Vec<bool>>>;

    /// A release is about to leave: it is checked and recorded at once. Dropped when the worker is
    /// killed meanwhile; once for each worker.
    fn release(&self, submission: SubmissionId, asked: Tags) -> BoxFuture<'_, Answered>;

    /// The worker is gone: exactly once for each that was admitted.
    fn ended(&self, submission: SubmissionId, ended: Ended) -> BoxFuture<'static, ()>;
}

/// How many there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Take in their file.
    pub receiving: usize,
    /// Hold it and wait.
    pub waiting: usize,
    /// Compute.
    pub running: usize,
    /// Are gone; what follows their end is not done yet.
    pub ending: usize,
}
