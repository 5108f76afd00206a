//! Steps of submissions on their way to the store, in the order in which they came.

use crate::service::model::{State, SubmissionId};
use crate::service::states::Event;
use crate::service::store::{Actor, Audit, Store, StoreError};
use crate::service::worker::Step;
use tokio::sync::{mpsc, oneshot};

/// What is to be written.
enum Entry {
    Step(SubmissionId, Step),
    Flush(oneshot::Sender<()>),
}

/// Writes steps in the background. Ends when the last handle is gone.
#[derive(Clone)]
pub struct Journal(mpsc::UnboundedSender<Entry>);

impl Journal {
    /// Must be called within a tokio runtime.
    pub fn start(store: Store) -> Journal {
        let (to, mut from) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(entry) = from.recv().await {
                match entry {
                    Entry::Step(of, step) => write(&store, of, step).await,
                    Entry::Flush(done) => {
                        // Whoever asked may have gone.
                        let _ = done.send(());
                    }
                }
            }
        });
        Journal(to)
    }

    /// A step begins.
    pub fn step(&self, of: SubmissionId, step: Step) {
        // It ends with the server alone.
        let _ = self.0.send(Entry::Step(of, step));
    }

    /// Done when all steps so far are written, or could not be.
    pub async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.0.send(Entry::Flush(done)).is_ok() {
            let _ = flushed.await;
        }
    }
}

async fn write(store: &Store, of: SubmissionId, step: Step) {
    if step == Step::Started
        && let Err(e) = begin(store, of).await
    {
        tracing::warn!(submission = %of, error = %e, "the start could not be put on record yet");
    }
    if let Err(e) = store.add_step(of, step.name(), None).await {
        // A step is told for those who wait; the end is what counts, and that is tried again.
        tracing::warn!(submission = %of, step = step.name(), error = %e, "a step could not be put on record");
    }
}

/// Puts on record that a submission computes; fine when it is there already.
///
/// # Errors
/// The store's.
pub async fn begin(store: &Store, of: SubmissionId) -> Result<(), StoreError> {
    let audit = Audit::new(Actor::Service, "submission.start", of);
    match store.move_submission(&audit, of, Event::Start).await {
        Err(StoreError::NoSuchMove { from, .. }) if from != State::Received => Ok(()),
        done => done.map(|_| ()),
    }
}
