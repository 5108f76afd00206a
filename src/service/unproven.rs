//! Watches over submissions where nobody can certify their ends yet: each end is an incident, no
//! findings are kept, and no further list is taken in. Better no answer than one without its proof.

use super::erasure::{Custody, Proof};
use super::model::SubmissionId;
use super::states::Event;
use super::store::{Actor, Audit, Close, Store, StoreError};
use super::worker::{Ended, Held, Job, Step, Watcher};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Nobody certifies.
#[derive(Clone)]
pub struct Unproven {
    store: Store,
    open: Arc<AtomicBool>,
}

impl Unproven {
    /// Over a store.
    pub fn new(store: Store) -> Unproven {
        Unproven {
            store,
            open: Arc::new(AtomicBool::new(true)),
        }
    }
}

impl Watcher for Unproven {
    fn step(&self, submission: SubmissionId, step: Step) {
        tracing::info!(%submission, step = step.name(), "a step");
    }

    fn control<'a>(&'a self, _: SubmissionId, _: &'a Held) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    fn ended(&self, submission: SubmissionId, _: Ended) -> BoxFuture<'static, ()> {
        let (store, open) = (self.store.clone(), self.open.clone());
        Box::pin(async move {
            let audit = Audit::new(Actor::Service, "submission.end", submission);
            let close = Close {
                event: Event::ScanUnclean,
                problem: None,
                note: Some("nobody can certify erasures on this server".into()),
                faces: Vec::new(),
                certificate: None,
            };
            match store
                .close_submission(&audit, submission, close, |_| None)
                .await
            {
                // Never on record: the file had not come whole.
                Err(StoreError::NotFound { .. }) => {}
                done => {
                    open.store(false, Ordering::SeqCst);
                    if let Err(e) = done {
                        tracing::error!(%submission, error = %e, "an end could not be put on record");
                    }
                }
            }
        })
    }
}

impl Custody for Unproven {
    fn charge(&self, _: &Job, _: &str, _: bool) {}

    fn dismiss(&self, _: SubmissionId) {}

    fn on_record(&self, _: SubmissionId) {}

    fn is_taking_in(&self) -> bool {
        self.open.load(Ordering::SeqCst)
    }

    fn look_at_incidents(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let none = self.store.open_incidents().await? == 0;
            self.open.store(none, Ordering::SeqCst);
            Ok(())
        })
    }

    fn bundle(&self, _: SubmissionId) -> BoxFuture<'_, Result<Option<String>, StoreError>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn inclusion(&self, _: u64) -> BoxFuture<'_, Result<Proof, StoreError>> {
        let what = "ledger entry";
        Box::pin(std::future::ready(Err(StoreError::NotFound { what })))
    }

    fn consistency(&self, _: u64, _: u64) -> BoxFuture<'_, Result<Vec<[u8; 32]>, StoreError>> {
        let what = "ledger entry";
        Box::pin(std::future::ready(Err(StoreError::NotFound { what })))
    }
}
