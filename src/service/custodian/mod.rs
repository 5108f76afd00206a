//! Sees to it that every list that came in is gone, and shown to be: has the scanner look into the
//! worker while it holds the list, and everywhere after its end; has the evidence judged and
//! certified; and only then lets a submission end. What cannot be certified is an incident: from
//! then on no list is taken in until a steward has dealt with it.

mod charge;
mod ending;
mod journal;
mod look;
mod measure;
mod notary;
mod recovery;
mod releases;

pub use look::Sight;
pub use notary::Notary;

use super::erasure::{Custody, Proof};
use super::metrics::Metrics;
use super::model::{NodeId, SubmissionId};
use super::states::Event;
use super::store::{self, Actor, Audit, Close, Store, StoreError};
use super::worker::protocol::{Answered, Tags};
use super::worker::{Ended, Held, Job, Step, Watcher, Workers};
use crate::custody::evidence::Evidence;
use crate::custody::ledger::Digest;
use charge::{Charge, Charges, Record};
use ending::Ending;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use journal::Journal;
use look::Look;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::watch;

/// Between two attempts to reach the store.
const AGAIN: Duration = Duration::from_secs(1);

/// The custodian of a server. Cloning gives another handle to the same one.
#[derive(Clone)]
pub struct Custodian(Arc<Inner>);

struct Inner {
    store: Store,
    notary: Notary,
    look: Look,
    journal: Journal,
    charges: Charges,
    metrics: Arc<Metrics>,
    node: NodeId,
    engine_sha256: String,
    /// No incident is open and the server is not stopping.
    taking_in: watch::Sender<bool>,
    /// Looks under way during which nobody may come in.
    shut: AtomicUsize,
    workers: OnceLock<Workers>,
}

impl Custodian {
    /// Must be called within a tokio runtime.
    pub fn new(
        store: Store,
        notary: Notary,
        sight: Sight,
        metrics: Arc<Metrics>,
        node: NodeId,
    ) -> Custodian {
        Custodian(Arc::new(Inner {
            engine_sha256: sight.engine_sha256.clone(),
            look: Look::start(sight, store.clone(), metrics.clone()),
            journal: Journal::start(store.clone()),
            store,
            notary,
            charges: Charges::default(),
            metrics,
            node,
            taking_in: watch::Sender::new(true),
            shut: AtomicUsize::new(0),
            workers: OnceLock::new(),
        }))
    }
}

impl Custody for Custodian {
    fn charge(&self, job: &Job, study: &str, needs_release: bool) {
        let charge = Charge::of(job, study, needs_release);
        self.0.charges.take(job.submission, charge);
    }

    fn dismiss(&self, submission: SubmissionId) {
        self.0.charges.release(submission);
    }

    fn on_record(&self, submission: SubmissionId) {
        self.0.charges.with(submission, |c| c.record = Record::Yes);
    }

    fn in_doubt(&self, submission: SubmissionId) {
        self.0
            .charges
            .with(submission, |c| c.record = Record::Perhaps);
    }

    fn is_taking_in(&self) -> bool {
        *self.0.taking_in.borrow() && self.0.shut.load(Ordering::SeqCst) == 0
    }

    fn look_at_incidents(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        async {
            let fine = self.0.store.open_incidents().await? == 0;
            self.0.intake(fine);
            Ok(())
        }
        .boxed()
    }

    fn vouch(&self, submission: SubmissionId, public_key: &[u8]) -> String {
        self.0.notary.vouch(submission, public_key)
    }

    fn bundle(&self, of: SubmissionId) -> BoxFuture<'_, Result<Option<String>, StoreError>> {
        async move {
            let bundle = self.0.notary.bundle(&self.0.store, of).await?;
            Ok(bundle.map(|b| b.to_text()))
        }
        .boxed()
    }

    fn inclusion(&self, leaf: u64) -> BoxFuture<'_, Result<Proof, StoreError>> {
        notary::inclusion(&self.0.store, leaf).boxed()
    }

    fn consistency(&self, from: u64, to: u64) -> BoxFuture<'_, Result<Vec<Digest>, StoreError>> {
        notary::consistency(&self.0.store, from, to).boxed()
    }

    fn attach(&self, workers: Workers) {
        // The first ones stay.
        let _ = self.0.workers.set(workers);
    }

    fn check_key(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        async {
            let head = self.0.store.checkpoint(None).await?;
            match head.is_none_or(|head| self.0.notary.has_signed(&head)) {
                true => Ok(()),
                false => Err(StoreError::OtherKey),
            }
        }
        .boxed()
    }

    fn recover(&self, left: Vec<store::Submission>) -> BoxFuture<'_, Result<(), StoreError>> {
        async {
            for orphan in left {
                self.0.recover(orphan).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

impl Watcher for Custodian {
    fn step(&self, submission: SubmissionId, step: Step) {
        self.0.journal.step(submission, step);
    }

    fn control<'a>(&'a self, submission: SubmissionId, held: &'a Held) -> BoxFuture<'a, ()> {
        self.0.see(submission, held).boxed()
    }

    fn used_up(&self, tags: Vec<u64>, uses: u16) -> BoxFuture<'_, Option<Vec<bool>>> {
        async move { self.0.used_up(&tags, uses).await }.boxed()
    }

    fn release(&self, submission: SubmissionId, asked: Tags) -> BoxFuture<'_, Answered> {
        async move { self.0.release(submission, asked).await }.boxed()
    }

    fn ended(&self, submission: SubmissionId, ended: Ended) -> BoxFuture<'static, ()> {
        let inner = self.0.clone();
        async move { inner.end(submission, ended).await }.boxed()
    }
}

impl Inner {
    /// The worker is gone.
    async fn end(&self, submission: SubmissionId, mut ended: Ended) {
        let Some(mut charge) = self.charges.release(submission) else {
            return;
        };
        let mut ending = Ending::of(&mut ended, charge.needs_release);
        if charge.record == Record::Perhaps && self.is_there(submission).await {
            charge.record = Record::Yes;
            ending = Ending::unanswered();
        }
        let evidence = self
            .evidence(submission, &mut charge, &ended, &ending)
            .await;
        self.journal.flush().await;
        let event = match (ending.event, charge.record) {
            (Some(event), Record::Yes) => event,
            // Nothing was answered for, and nothing is on record: what was there is gone, or else
            // everybody must know.
            _ => {
                if self.left(&evidence) {
                    tracing::error!(submission = %submission, "marks of a list that was not taken in were found");
                    self.intake(false);
                }
                return;
            }
        };
        let problem = ending.problem.and_then(|p| serde_json::to_value(p).ok());
        let faces = ending.faces.into_iter().map(|f| store::Face {
            name: f.name,
            media_type: f.media_type.to_owned(),
            bytes: f.bytes,
        });
        let close = self.judged(submission, event, &evidence, problem, faces.collect());
        self.close(submission, close).await;
    }

    /// Whether a submission is on record, however long the store is away.
    async fn is_there(&self, submission: SubmissionId) -> bool {
        loop {
            match self.store.submission(submission).await {
                Err(e) if e.is_passing() => tokio::time::sleep(AGAIN).await,
                found => return found.is_ok(),
            }
        }
    }

    fn left(&self, evidence: &Evidence) -> bool {
        evidence.sinks.iter().any(|s| s.found > 0)
    }

    /// Certified, or an incident.
    fn judged(
        &self,
        submission: SubmissionId,
        event: Event,
        evidence: &Evidence,
        problem: Option<serde_json::Value>,
        faces: Vec<store::Face>,
    ) -> Close {
        match self.notary.certify(evidence) {
            Ok(envelope) => {
                // Texts: they can be written.
                let text = serde_json::to_string(&envelope).unwrap_or_default();
                Close {
                    event,
                    problem,
                    note: None,
                    faces,
                    certificate: Some((envelope.digest(), text)),
                }
            }
            Err(refused) => {
                let why = refused.to_string();
                tracing::error!(
                    submission = %submission,
                    why,
                    "INCIDENT: the erasure of a list could not be certified; no list is taken in until a steward has dealt with it"
                );
                self.metrics.incidents.inc();
                self.intake(false);
                Close {
                    event: Event::ScanUnclean,
                    problem: None,
                    note: Some(why),
                    faces: Vec::new(),
                    certificate: None,
                }
            }
        }
    }

    /// Puts an end on record, however long the store is away.
    async fn close(&self, submission: SubmissionId, close: Close) {
        let audit = Audit::new(Actor::Service, "submission.end", submission);
        let event = close.event;
        loop {
            let leaf = close.certificate.as_ref().map(|(leaf, _)| *leaf);
            let grow = |shelf: &store::Shelf| self.notary.grow(shelf, &leaf?);
            let closed = self
                .store
                .close_submission(&audit, submission, close.clone(), grow)
                .await;
            match closed {
                Ok(state) => {
                    self.metrics.ended(event.name());
                    tracing::info!(submission = %submission, state = state.name(), "a submission ended");
                    if state.is_certified() {
                        // For those who wait: the end itself is on record.
                        let _ = self.store.add_step(submission, "erased", None).await;
                    }
                    return;
                }
                Err(e) if e.is_passing() => {
                    tracing::warn!(submission = %submission, error = %e, "an end waits for the database");
                    tokio::time::sleep(AGAIN).await;
                }
                Err(StoreError::NoSuchMove {
                    from: super::model::State::Received,
                    ..
                }) => {
                    // Its start could not be put on record at the time.
                    if let Err(e) = journal::begin(&self.store, submission).await {
                        tracing::warn!(submission = %submission, error = %e, "a start waits for the database");
                        tokio::time::sleep(AGAIN).await;
                    }
                }
                Err(e) => {
                    tracing::error!(submission = %submission, error = %e, "an end could not be put on record");
                    return;
                }
            }
        }
    }

    fn intake(&self, open: bool) {
        self.taking_in.send_replace(open);
        if let Some(workers) = self.workers.get() {
            match open {
                true => workers.open_intake(),
                false => workers.close_intake(),
            }
        }
    }
}
