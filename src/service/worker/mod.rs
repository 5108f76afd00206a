//! One submission, one process: a list is held by a child of this program (`counterpart work`) that
//! gets it through a socket, computes within limits when its turn comes, answers with the released
//! report and ends. The server passes bytes on and keeps none; what a child says is checked as a
//! stranger's is.
//!
//! A submission's way: [`Workers::admit`] takes a place and starts the child; [`Intake::write`] and
//! [`Intake::finish`] pass the file on; [`Waiting::enqueue`] lets it wait for its turn. Whatever
//! happens from [`Workers::admit`] on, [`Watcher::ended`] is called once.

mod conversation;
mod intake;
mod process;
pub mod protocol;
mod queue;
mod said;
mod supervise;

pub use intake::Intake;
pub use process::{COMMAND, left_over};
pub use said::{
    CANARIES, CHECKED, Counts, Ended, Face, Facts, Held, IntakeError, Job, Outcome, Problem,
    Refused, RowProblem, Settings, Step, Waiting, Watcher, Why,
};

use super::model::SubmissionId;
use crate::custody::hex;
use crate::register::{ParquetRegister, Vouched};
use conversation::{Conversation, Said};
use process::Starter;
use protocol::{Kind, Order, Ready};
use queue::Queue;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use supervise::{Life, Phase, Release, supervise};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::{oneshot, watch};
use zeroize::Zeroizing;

/// How long a worker may take to be ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// All workers of a server. Cloning gives another handle to the same ones. When the last handle and
/// the last submission are gone, so are they.
#[derive(Clone)]
pub struct Workers {
    inner: Arc<Inner>,
}

/// What all workers share.
struct Inner {
    settings: Settings,
    watcher: Arc<dyn Watcher>,
    starter: Starter,
    queue: Arc<Queue>,
    alive: Mutex<Alive>,
    /// How many there are.
    number: watch::Sender<usize>,
    /// The register's index, as it was looked at last.
    vouched: tokio::sync::Mutex<Option<Vouched>>,
}

struct Alive {
    open: bool,
    stopped: bool,
    workers: HashMap<SubmissionId, Entry>,
}

struct Entry {
    pid: u32,
    phase: Phase,
    kill: watch::Sender<Option<Why>>,
}

impl Entry {
    /// The first reason stands.
    fn kill(&self, why: Why) {
        self.kill.send_if_modified(|now| {
            let first = now.is_none();
            now.get_or_insert(why);
            first
        });
    }
}

impl Workers {
    /// Starts nothing yet. To be called, as all of this, within a tokio runtime.
    pub fn new(settings: Settings, watcher: Arc<dyn Watcher>) -> Workers {
        Workers::of(settings, watcher, None)
    }

    /// The same with another program in the place of this one (tests run inside another).
    #[doc(hidden)]
    pub fn with_program(
        settings: Settings,
        watcher: Arc<dyn Watcher>,
        program: PathBuf,
    ) -> Workers {
        Workers::of(settings, watcher, Some(program))
    }

    fn of(settings: Settings, watcher: Arc<dyn Watcher>, program: Option<PathBuf>) -> Workers {
        let queue = Queue::new(
            settings.slots,
            settings.places,
            settings.places_per_organisation,
        );
        Workers {
            inner: Arc::new(Inner {
                settings,
                watcher,
                starter: Starter::new(program),
                queue,
                alive: Mutex::new(Alive {
                    open: true,
                    stopped: false,
                    workers: HashMap::new(),
                }),
                number: watch::Sender::new(0),
                vouched: tokio::sync::Mutex::new(None),
            }),
        }
    }

    /// Takes a place and starts a worker; it is ready for the file when this returns. Given up half
    /// way, there is no worker and nothing to hear of.
    ///
    /// # Errors
    /// When there is no place, no intake, or no process.
    pub async fn admit(&self, job: Job) -> Result<Intake, Refused> {
        let inner = &self.inner;
        if !inner.alive().open {
            return Err(Refused::Stopped);
        }
        let full = |retry_after_s| Refused::Full { retry_after_s };
        let place = inner.queue.place(job.organisation).map_err(full)?;
        let started = tokio::time::timeout(PATIENCE, inner.start(&job)).await;
        let late = |_| cannot("it was not ready in time");
        let started = started.map_err(late)??;
        let (handed, hands) = oneshot::channel();
        let first = Arc::new(OnceLock::new());
        let public_key = public_key(&started.ready, job.sealed)?;
        let kill = inner.enter(job.submission, started.running.pid())?;
        let life = Life {
            inner: inner.clone(),
            submission: job.submission,
            organisation: job.organisation,
            facts: supervise::facts(&started.ready),
            running: started.running,
            talk: started.talk,
            memory: Some(started.memory),
            place: Some(place),
            turn: None,
            handed: hands,
            kill,
            held: false,
            guarded: job.guarded,
            release: Release::default(),
            first: first.clone(),
        };
        tokio::spawn(supervise(life));
        Ok(Intake::new(started.to, handed, public_key, first))
    }

    /// Looks at the register's index now, so that the first submission need not wait for it. False
    /// when the register has none that can be used: then every worker makes its own in memory before
    /// it is ready (half a minute for a million people), and `counterpart register index` would help.
    pub async fn warm(&self) -> bool {
        self.inner.vouched().await.is_some()
    }

    /// Kills the submission's worker, wherever it is; its end is heard of as [`Outcome::Killed`].
    /// False when there is none, or it has ended already.
    pub fn withdraw(&self, submission: SubmissionId) -> bool {
        let alive = self.inner.alive();
        match alive.workers.get(&submission) {
            Some(entry) if entry.phase != Phase::Ending => {
                entry.kill(Why::Withdrawn);
                true
            }
            _ => false,
        }
    }

    /// The process of a submission, until it has ended.
    pub fn pid(&self, submission: SubmissionId) -> Option<u32> {
        let alive = self.inner.alive();
        let entry = alive.workers.get(&submission)?;
        (entry.phase != Phase::Ending).then_some(entry.pid)
    }

    /// No submission is admitted from here on.
    pub fn close_intake(&self) {
        self.inner.alive().open = false;
    }

    /// They are again, unless the workers were stopped.
    pub fn open_intake(&self) {
        let mut alive = self.inner.alive();
        alive.open = !alive.stopped;
    }

    /// Shuts the intake for good; kills those that do not compute yet, gives the others `grace` and
    /// kills them then. Done when the watcher has heard, and dealt with, every end.
    pub async fn stop(&self, grace: Duration) {
        {
            let mut alive = self.inner.alive();
            (alive.open, alive.stopped) = (false, true);
            let idle = alive.workers.values();
            idle.filter(|e| matches!(e.phase, Phase::Receiving | Phase::Waiting))
                .for_each(|e| e.kill(Why::Stopped));
        }
        let mut number = self.inner.number.subscribe();
        let none = tokio::time::timeout(grace, number.wait_for(|&n| n == 0))
            .await
            .is_ok();
        if !none {
            let alive = self.inner.alive();
            alive.workers.values().for_each(|e| e.kill(Why::Stopped));
        }
        // The sender lives as long as `self`: this cannot fail.
        let _ = number.wait_for(|&n| n == 0).await;
    }

    /// How many there are.
    pub fn counts(&self) -> Counts {
        let alive = self.inner.alive();
        let of = |phase| alive.workers.values().filter(|e| e.phase == phase).count();
        Counts {
            receiving: of(Phase::Receiving),
            waiting: of(Phase::Waiting),
            running: of(Phase::Running),
            ending: of(Phase::Ending),
        }
    }
}

/// A worker that is ready for its file.
struct Started {
    running: process::Running,
    memory: crate::custody::OwnMemory,
    talk: Conversation,
    to: OwnedWriteHalf,
    ready: Ready,
}

fn cannot(why: &'static str) -> Refused {
    Refused::CannotStart { why }
}

/// A key when, and only when, one was asked for.
fn public_key(ready: &Ready, sealed: bool) -> Result<Option<Vec<u8>>, Refused> {
    let key = ready.public_key.as_deref().and_then(hex::decode);
    match key.is_some() == sealed {
        true => Ok(key),
        false => Err(cannot("it made no key, or one too many")),
    }
}

impl Inner {
    fn alive(&self) -> MutexGuard<'_, Alive> {
        // Nothing in here panics half way through a change.
        self.alive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a worker and takes it as far as ready.
    async fn start(&self, job: &Job) -> Result<Started, Refused> {
        let vouched = self.vouched().await;
        let failed = |_| cannot("the system does not start it");
        let mut running = self.starter.start().await.map_err(failed)?;
        let socket = running.take_socket().ok_or(cannot("it has no socket"))?;
        socket.set_nonblocking(true).map_err(failed)?;
        let socket = UnixStream::from_std(socket).map_err(failed)?;
        let no_hello = |_| cannot("it did not hand over its memory");
        let memory = conversation::greet(&socket, running.pid())
            .await
            .map_err(no_hello)?;
        let (from, mut to) = socket.into_split();
        let order = Zeroizing::new(protocol::payload(&self.order(job, vouched)).map_err(failed)?);
        let told = intake::say(&mut to, Kind::Job, &order).await;
        told.map_err(|_| cannot("it ended at once"))?;
        let mut talk = Conversation::new(from);
        match talk.next().await {
            Ok(Said::Ready(ready)) => Ok(Started {
                running,
                memory,
                talk,
                to,
                ready,
            }),
            Ok(Said::Cannot(why)) => Err(cannot(why.sentence())),
            Ok(Said::Nothing) => Err(cannot("it ended before it was ready")),
            _ => Err(cannot("it said what no worker says")),
        }
    }

    fn order(&self, job: &Job, vouched: Option<Vouched>) -> Order {
        Order {
            submission: job.submission.to_string(),
            study_toml: job.study_toml.clone(),
            linkage_model: job.linkage_model.clone(),
            register: self.settings.register.to_string_lossy().into_owned(),
            vouched,
            seed: job.seed,
            canary_seed: job.canary_seed,
            mark_key: job.mark_key,
            commitment_salt: job.commitment_salt,
            release_key: job.release_key,
            sealed: job.sealed,
            check: job.check,
            memory_bytes: self.settings.memory_bytes,
            cpu_seconds: self.settings.cpu_seconds,
        }
    }

    /// The register's index, looked at in full when it is another one than last time.
    async fn vouched(&self) -> Option<Vouched> {
        let mut last = self.vouched.lock().await;
        let (dir, known) = (self.settings.register.clone(), last.clone());
        let looked = tokio::task::spawn_blocking(move || {
            let register = ParquetRegister::open(&dir).ok()?;
            known
                .filter(|known| register.stands(known))
                .or_else(|| register.vouch())
        });
        *last = looked.await.ok().flatten();
        last.clone()
    }

    /// Takes a worker on, unless the intake was shut meanwhile.
    fn enter(
        &self,
        submission: SubmissionId,
        pid: u32,
    ) -> Result<watch::Receiver<Option<Why>>, Refused> {
        let mut alive = self.alive();
        if !alive.open {
            return Err(Refused::Stopped);
        }
        if alive.workers.contains_key(&submission) {
            return Err(cannot("the submission has a worker already"));
        }
        let (kill, killed) = watch::channel(None);
        let phase = Phase::Receiving;
        alive.workers.insert(submission, Entry { pid, phase, kill });
        self.number.send_replace(alive.workers.len());
        Ok(killed)
    }

    fn phase(&self, submission: SubmissionId, phase: Phase) {
        if let Some(entry) = self.alive().workers.get_mut(&submission) {
            entry.phase = phase;
        }
    }

    /// From here on it cannot be withdrawn; who has done so before is told.
    fn ending(&self, submission: SubmissionId) -> Option<Why> {
        let mut alive = self.alive();
        let entry = alive.workers.get_mut(&submission)?;
        entry.phase = Phase::Ending;
        *entry.kill.borrow()
    }

    fn forget(&self, submission: SubmissionId) {
        let mut alive = self.alive();
        alive.workers.remove(&submission);
        self.number.send_replace(alive.workers.len());
    }
}
