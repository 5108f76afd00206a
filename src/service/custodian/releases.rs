//! Releases on their way to the record, however long the store is away: a worker waits, within its
//! time, and nothing leaves before it is on record.

use super::{AGAIN, Inner};
use crate::service::model::SubmissionId;
use crate::service::store::{Asking, Recorded, StoreError};
use crate::service::worker::protocol::{Answered, Tags};

impl Inner {
    /// Which records were released so often; None when that cannot be told.
    pub(super) async fn used_up(&self, tags: &[u64], uses: u16) -> Option<Vec<bool>> {
        loop {
            match self.store.used_up(tags, uses).await {
                Ok(used_up) => return Some(used_up),
                Err(e) if e.is_passing() => tokio::time::sleep(AGAIN).await,
                Err(e) => {
                    tracing::error!(error = %e, "the record of releases could not be read");
                    return None;
                }
            }
        }
    }

    /// Checks and records a release. One near an earlier one is recorded and marked where a steward
    /// looks at every report, and refused elsewhere.
    pub(super) async fn release(&self, submission: SubmissionId, asked: Tags) -> Answered {
        let steward = self.charges.with(submission, |c| c.needs_release);
        let asking = Asking {
            submission,
            tags: asked.tags,
            apart: asked.apart.into(),
            uses: (asked.uses > 0).then_some(asked.uses),
            steward: steward.unwrap_or(false),
        };
        loop {
            match self.store.record_release(&asking).await {
                Ok(Recorded::Kept) => return Answered::Kept,
                Ok(Recorded::NearRepeat) => return Answered::NearRepeat,
                Ok(Recorded::Overtaken) => return Answered::Overtaken,
                Err(e) if e.is_passing() => wait(&e).await,
                Err(e) => {
                    tracing::error!(submission = %submission, error = %e, "a release could not be recorded");
                    return Answered::NotRecorded;
                }
            }
        }
    }
}

async fn wait(e: &StoreError) {
    tracing::warn!(error = %e, "a release waits for the database");
    tokio::time::sleep(AGAIN).await;
}
