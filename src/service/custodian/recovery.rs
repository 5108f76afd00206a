//! What another server process left behind when it ended: its workers ended with it, but nobody has
//! looked. Of their marks only the canaries are known still.

use super::ending::kept;
use super::measure::sets;
use super::{Inner, look};
use crate::custody::erasure::{Facts, MarkFacts, WorkerFacts, evidence};
use crate::custody::evidence::{End, Moment};
use crate::custody::marks::MarkKey;
use crate::service::clock::rfc3339;
use crate::service::states::Event;
use crate::service::store::{Actor, Audit, StoreError, Submission};
use crate::service::worker::{CANARIES, Problem, left_over};
use std::time::{Duration, UNIX_EPOCH};

impl Inner {
    /// Ends one of them, if no other node does.
    ///
    /// # Errors
    /// The store's, when it could not be adopted.
    pub(super) async fn recover(&self, orphan: Submission) -> Result<(), StoreError> {
        let id = orphan.id;
        let audit = Audit::new(Actor::Service, "submission.adopt", id);
        let adopted = orphan.node == self.node
            || self.store.adopt(&audit, id, orphan.node, self.node).await?;
        if !adopted {
            return Ok(());
        }
        let key = MarkKey::random();
        let marks = sets(key.bytes(), &orphan.canary_seed, CANARIES, &[]);
        let ms = u64::try_from(orphan.received_at).unwrap_or(0);
        let since = UNIX_EPOCH + Duration::from_millis(ms);
        let scan = self.look.everywhere(marks, since).await;
        let evidence = evidence(Facts {
            submission: id.to_string(),
            study: orphan.study,
            received: Moment {
                wall: rfc3339(orphan.received_at),
                monotonic_ns: None,
            },
            end: End::ServerEnded,
            worker: WorkerFacts {
                waited_for: false,
                alive: left_over(),
                how: "unknown".to_owned(),
                confined: None,
            },
            commitment: None,
            canaries: MarkFacts {
                planted: CANARIES,
                seen: 0,
                set: Some(0),
            },
            fingerprints: MarkFacts::default(),
            scan,
            looks: 1,
            swap: look::swap().map(|now| [now, now]),
            kept: kept(End::ServerEnded),
            engine_sha256: self.engine_sha256.clone(),
        });
        let told = Problem {
            code: "server_ended".into(),
            message: "the service ended before this file was worked through".into(),
            hint: "hand it in again".into(),
            problems: Vec::new(),
            problems_unlisted: 0,
        };
        let problem = serde_json::to_value(told).ok();
        let close = self.judged(id, Event::ServerEnded, &evidence, problem, Vec::new());
        self.close(id, close).await;
        Ok(())
    }
}
