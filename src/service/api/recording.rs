//! A list that came whole is put on record, whatever the database does meanwhile.

use super::App;
use super::beside::beside;
use super::sharing::Ground;
use super::upload::{Accepted, TO_BE_CHECKED, Taking, Wanted, reused};
use crate::service::problem::Problem;
use crate::service::store::{Account, Audit, Created, Idempotency, NewSubmission, Said};
use std::time::Duration;
use tokio::time::Instant;

/// How long a database may be away while a list that came whole waits to be put on record.
const RECORDED: Duration = Duration::from_secs(30);
/// Between two attempts.
const AGAIN: Duration = Duration::from_millis(500);

/// A file that is in its worker, to be put on record.
pub(super) struct Recording {
    pub(super) app: App,
    pub(super) key: String,
    pub(super) body: [u8; 32],
    pub(super) account: Account,
    pub(super) audit: Audit,
    pub(super) wanted: Wanted,
    pub(super) ground: Ground,
    pub(super) taking: Taking,
    pub(super) received_at: i64,
}

impl Recording {
    pub(super) async fn put(self) -> Result<Accepted, Problem> {
        let Recording { app, taking, .. } = self;
        let Taking { intake, job } = taking;
        let waiting = app.limits.deadline().ours(intake.finish()).await??;
        let new = NewSubmission {
            id: job.submission,
            organisation: self.account.organisation,
            programme: self.wanted.programme,
            study: &self.wanted.study,
            node: app.node,
            canary_seed: job.canary_seed,
            received_at: self.received_at,
            idempotency: Some(Idempotency {
                account: self.account.id,
                key: &self.key,
                body: self.body,
            }),
        };
        let said = Said {
            agreement: self.ground.agreement.as_ref(),
            step: self.wanted.check.then_some(TO_BE_CHECKED),
        };
        match put_on_record(&app, &self.audit, &new, &said).await? {
            Created::New => {}
            // The answer to an earlier attempt was lost.
            Created::Same(id) if id == job.submission => {}
            // Sent twice at once, and the other was first. Dropped, this one's worker ends.
            Created::Same(id) => return Ok(Accepted::again(id)),
            Created::Conflict => return Err(reused()),
        }
        app.custodian.on_record(job.submission);
        let commitment = waiting.commitment.clone();
        let beside = beside(
            &app,
            &self.wanted,
            self.ground.covered,
            self.account.organisation,
        )
        .await;
        waiting.enqueue_with(beside);
        app.metrics.submissions.inc();
        Ok(Accepted {
            id: job.submission,
            commitment,
            salt: Some(job.salt.to_string()),
        })
    }
}

/// Tries until the database has answered, for a while. What it then has not answered is in doubt.
async fn put_on_record(
    app: &App,
    audit: &Audit,
    new: &NewSubmission<'_>,
    said: &Said<'_>,
) -> Result<Created, Problem> {
    let until = Instant::now() + RECORDED;
    loop {
        match app.store.create_submission_of(audit, new, said).await {
            Err(e) if e.is_passing() && Instant::now() < until => {
                tracing::warn!(submission = %new.id, error = %e, "a submission waits for the database");
                tokio::time::sleep(AGAIN).await;
            }
            Err(e) => {
                if e.is_passing() {
                    app.custodian.in_doubt(new.id);
                }
                return Err(e.into());
            }
            Ok(created) => return Ok(created),
        }
    }
}
