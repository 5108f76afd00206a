//! The life of one worker, from its file's first byte to the proof that it is gone. Whatever
//! happens, it ends here, once, and the watcher hears of it.

use super::Inner;
use super::conversation::{Conversation, Said};
use super::intake::{Handed, Received, say};
use super::process::{Gone, Running};
use super::protocol::{self, Answered, Beside, Garbled, Kind, Ready, Tags, bits};
use super::queue::{Place, Turn};
use super::said::{Ended, Facts, Held, Outcome, Step, Why};
use crate::custody::OwnMemory;
use crate::custody::evidence::Moment;
use crate::service::model::{OrganisationId, SubmissionId};
use futures_util::FutureExt;
use std::future::{Future, pending};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

/// How long a worker may take to say that it has the file.
const PATIENCE: Duration = Duration::from_secs(60);
/// And to end after its last word.
const TO_END: Duration = Duration::from_secs(15);
/// Steps that a worker may say it takes.
const MOST_STEPS: usize = 100;

/// Where a worker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Receiving,
    Waiting,
    Running,
    Ending,
}

/// All that belongs to one worker.
pub(super) struct Life {
    pub inner: Arc<Inner>,
    pub submission: SubmissionId,
    pub organisation: OrganisationId,
    pub running: Running,
    pub talk: Conversation,
    /// Until it is handed to the scanner.
    pub memory: Option<OwnMemory>,
    pub place: Option<Place>,
    pub turn: Option<Turn>,
    pub handed: oneshot::Receiver<Handed>,
    pub kill: watch::Receiver<Option<Why>>,
    pub facts: Facts,
    pub held: bool,
    /// An answer must be on record before it leaves.
    pub guarded: bool,
    pub release: Release,
    pub first: Arc<OnceLock<Moment>>,
}

/// What a worker has asked about releases: each once.
#[derive(Default)]
pub(super) struct Release {
    asked: bool,
    answered: Option<Answered>,
}

/// Why there is no last word.
enum Stop {
    Died(&'static str),
    TimedOut,
    Killed(Why),
}

const GONE: Stop = Stop::Died("the process ended without an answer");
const OUT_OF_ORDER: Stop = Stop::Died("the process said what no worker says");

impl From<Garbled> for Stop {
    fn from(_: Garbled) -> Stop {
        OUT_OF_ORDER
    }
}

/// What a worker says when it should be silent, or nothing any more.
fn unasked(said: Result<Said, Garbled>) -> Stop {
    match said {
        Ok(Said::Nothing) => GONE,
        _ => OUT_OF_ORDER,
    }
}

/// Facts about a worker that is ready.
pub(super) fn facts(ready: &Ready) -> Facts {
    Facts {
        locked: ready.locked,
        confined: ready.confined,
        note: ready.note.clone(),
        ..Facts::default()
    }
}

/// Sees a worker through.
pub(super) async fn supervise(mut life: Life) {
    // A panic of the watcher's would otherwise leave a worker without an end.
    let lived = AssertUnwindSafe(life.live()).catch_unwind().await;
    let lived = lived.unwrap_or(Err(Stop::Died("a fault in the server")));
    let Life {
        inner,
        submission,
        running,
        place,
        turn,
        ..
    } = life;
    let killed = inner.ending(submission);
    running.kill();
    let gone = tokio::task::spawn_blocking(move || running.end()).await;
    let gone = gone.unwrap_or(Gone {
        exit: "unknown".into(),
        out_of_cpu: false,
        all: false,
    });
    drop((place, turn));
    let ended = Ended {
        outcome: outcome(lived, killed, &gone),
        exit: gone.exit,
        gone: gone.all,
        facts: life.facts,
        held: life.held,
        received: life.first.get().cloned(),
        erased: Moment::now(),
    };
    let told = AssertUnwindSafe(async { inner.watcher.ended(submission, ended).await });
    // It was told; what it made of it is its own.
    let _ = told.catch_unwind().await;
    inner.forget(submission);
}

/// What came of it, all considered: an answer counts only from a process that then ended well and
/// that nobody had asked to be killed.
fn outcome(lived: Result<Outcome, Stop>, killed: Option<Why>, gone: &Gone) -> Outcome {
    let died = |how: &str| Outcome::Died { how: how.into() };
    match (lived, killed) {
        (_, Some(why)) | (Err(Stop::Killed(why)), None) => Outcome::Killed(why),
        (Err(Stop::TimedOut), _) => Outcome::TimedOut,
        (Err(Stop::Died(_)), _) if gone.out_of_cpu => Outcome::TimedOut,
        (Err(Stop::Died(how)), _) => died(how),
        (Ok(_), _) if gone.exit != "exit 0" => died("the process failed after its answer"),
        (Ok(outcome), _) => outcome,
    }
}

impl Life {
    async fn live(&mut self) -> Result<Outcome, Stop> {
        let (mut to, beside) = self.receive().await?;
        self.wait().await?;
        let until = Some(Instant::now() + self.inner.settings.wall);
        self.step(Step::Started);
        let beside = protocol::payload(&beside).map_err(|_| OUT_OF_ORDER)?;
        self.tell_of(&mut to, Kind::Begin, &beside, until).await?;
        let outcome = self.compute(&mut to, until).await?;
        // Its last word was said: now it ends, and says nothing more.
        let end = Some(Instant::now() + TO_END);
        match self.hear(end).await {
            Ok(Said::Nothing) => Ok(outcome),
            Ok(_) => Err(OUT_OF_ORDER),
            Err(Stop::TimedOut) => Err(Stop::Died("the process did not end after its answer")),
            Err(stop) => Err(stop),
        }
    }

    /// Until the file is in the worker, whole, and the submission on record.
    async fn receive(&mut self) -> Result<(OwnedWriteHalf, Beside), Stop> {
        let handed = tokio::select! {
            biased;
            why = killed(&mut self.kill) => return Err(Stop::Killed(why)),
            said = self.talk.next() => return Err(unasked(said)),
            handed = &mut self.handed => handed,
        };
        let (mut to, sent, tell) = match handed {
            Ok(Handed::Whole(to, sent, tell)) => (to, sent, tell),
            Ok(Handed::Broken) => return Err(GONE),
            Err(_) => return Err(Stop::Killed(Why::Abandoned)),
        };
        // Said here, so that it is known before the worker answers to it.
        let until = Some(Instant::now() + PATIENCE);
        self.tell(&mut to, Kind::End, until).await?;
        let whole = match self.hear(until).await? {
            Said::Whole(whole) if whole.bytes == sent => whole,
            said => return Err(unasked(Ok(said))),
        };
        self.facts.commitment = whole.commitment.clone();
        let (enqueue, enqueued) = oneshot::channel();
        let received = Received {
            bytes: whole.bytes,
            commitment: whole.commitment,
            enqueue,
        };
        // Who does not listen any more drops it, which is heard next.
        let _ = tell.send(received);
        tokio::select! {
            biased;
            why = killed(&mut self.kill) => Err(Stop::Killed(why)),
            said = self.talk.next() => Err(unasked(said)),
            told = enqueued => match told {
                Ok(beside) => Ok((to, beside)),
                Err(_) => Err(Stop::Killed(Why::Abandoned)),
            },
        }
    }

    /// Until its turn has come.
    async fn wait(&mut self) -> Result<(), Stop> {
        self.inner.phase(self.submission, Phase::Waiting);
        self.step(Step::Received);
        let turn = self.inner.queue.join(self.organisation);
        let turn = tokio::select! {
            biased;
            why = killed(&mut self.kill) => return Err(Stop::Killed(why)),
            said = self.talk.next() => return Err(unasked(said)),
            turn = turn => turn,
        };
        self.turn = turn.ok();
        self.place = None;
        self.inner.phase(self.submission, Phase::Running);
        Ok(())
    }

    /// Until its last word.
    async fn compute(
        &mut self,
        to: &mut OwnedWriteHalf,
        until: Option<Instant>,
    ) -> Result<Outcome, Stop> {
        for _ in 0..MOST_STEPS {
            match self.hear(until).await? {
                Said::Step(step) => self.step(step),
                Said::Held(holding, prints) => {
                    // One look: the memory is there to be handed over once.
                    let memory = self.memory.take().ok_or(OUT_OF_ORDER)?;
                    let before = self.facts.commitment.take();
                    if before.is_some() && before != holding.commitment {
                        return Err(OUT_OF_ORDER);
                    }
                    self.facts.canaries = holding.canaries;
                    self.facts.commitment = holding.commitment;
                    self.facts.prints = prints;
                    self.held = true;
                    self.control(memory, until).await?;
                    self.tell(to, Kind::Go, until).await?;
                }
                Said::AskUsedUp(asked) if self.may_ask() && !self.release.asked => {
                    self.release.asked = true;
                    self.look_up(to, asked, until).await?;
                }
                Said::Release(asked) if self.may_ask() => {
                    self.record(to, asked, until).await?;
                }
                Said::Answer(faces, answer) if self.held && self.may_leave() => {
                    return Ok(Outcome::Answer {
                        faces,
                        headline: answer.headline,
                        submitted: answer.submitted,
                    });
                }
                Said::NoAnswer(problem) => return Ok(Outcome::NoAnswer(problem)),
                said => return Err(unasked(Ok(said))),
            }
        }
        Err(OUT_OF_ORDER)
    }

    /// It holds its list, and its release was not asked for yet.
    fn may_ask(&self) -> bool {
        self.held && self.guarded && self.release.answered.is_none()
    }

    /// Its release is on record, or need not be.
    fn may_leave(&self) -> bool {
        !self.guarded || self.release.answered == Some(Answered::Kept)
    }

    /// Tells which records are used up.
    async fn look_up(
        &mut self,
        to: &mut OwnedWriteHalf,
        asked: Tags,
        until: Option<Instant>,
    ) -> Result<(), Stop> {
        let watcher = self.inner.watcher.clone();
        let look = watcher.used_up(asked.tags, asked.uses);
        let used_up = unless_stopped(&mut self.kill, until, look).await?;
        let used_up = used_up.ok_or(Stop::Died("the record of releases could not be read"))?;
        self.tell_of(to, Kind::UsedUp, &bits(&used_up), until).await
    }

    /// Has its release recorded, and tells what became of it.
    async fn record(
        &mut self,
        to: &mut OwnedWriteHalf,
        asked: Tags,
        until: Option<Instant>,
    ) -> Result<(), Stop> {
        let watcher = self.inner.watcher.clone();
        let recorded = watcher.release(self.submission, asked);
        let answered = unless_stopped(&mut self.kill, until, recorded).await?;
        self.release.answered = Some(answered);
        self.tell_of(to, Kind::Recorded, &[answered as u8], until)
            .await
    }

    /// Has the scanner look at the worker.
    async fn control(&mut self, memory: OwnMemory, until: Option<Instant>) -> Result<(), Stop> {
        let held = Held {
            pid: self.running.pid(),
            mem: memory.mem,
            maps: memory.maps,
            facts: self.facts.clone(),
        };
        let watcher = self.inner.watcher.clone();
        let look = watcher.control(self.submission, &held);
        unless_stopped(&mut self.kill, until, look).await
    }

    async fn hear(&mut self, until: Option<Instant>) -> Result<Said, Stop> {
        let said = unless_stopped(&mut self.kill, until, self.talk.next()).await?;
        Ok(said?)
    }

    async fn tell(
        &mut self,
        to: &mut OwnedWriteHalf,
        kind: Kind,
        until: Option<Instant>,
    ) -> Result<(), Stop> {
        self.tell_of(to, kind, &[], until).await
    }

    async fn tell_of(
        &mut self,
        to: &mut OwnedWriteHalf,
        kind: Kind,
        payload: &[u8],
        until: Option<Instant>,
    ) -> Result<(), Stop> {
        let told = unless_stopped(&mut self.kill, until, say(to, kind, payload)).await?;
        told.map_err(|_| GONE)
    }

    fn step(&self, step: Step) {
        self.inner.watcher.step(self.submission, step);
    }
}

async fn unless_stopped<T>(
    kill: &mut watch::Receiver<Option<Why>>,
    until: Option<Instant>,
    done: impl Future<Output = T>,
) -> Result<T, Stop> {
    let passed = async {
        match until {
            Some(until) => tokio::time::sleep_until(until).await,
            None => pending().await,
        }
    };
    tokio::select! {
        biased;
        why = killed(kill) => Err(Stop::Killed(why)),
        () = passed => Err(Stop::TimedOut),
        done = done => Ok(done),
    }
}

async fn killed(kill: &mut watch::Receiver<Option<Why>>) -> Why {
    // What is looked at is locked: read, and let go of, before anything is waited for.
    let why = kill
        .wait_for(Option::is_some)
        .await
        .ok()
        .and_then(|why| *why);
    match why {
        Some(why) => why,
        // Nobody can ask any more.
        None => pending().await,
    }
}
