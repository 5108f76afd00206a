//! Submissions: made once, found, listed; their steps. How they move is in `moves`.

use super::accounts::checked_name;
use super::agreements;
use super::idempotency::{Idempotency, Replay};
use super::{
    Audit, Store, StoreError, audit, digest, id, maybe_number, maybe_text, number, text, word,
};
use crate::service::agreement::Agreement;
use crate::service::model::{EndReason, NodeId, OrganisationId, ProgrammeId, State, SubmissionId};
use sqlx::any::AnyRow;

/// One, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// Its id.
    pub id: SubmissionId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// What it is about.
    pub programme: ProgrammeId,
    /// Id of the study.
    pub study: String,
    /// Where it stands.
    pub state: State,
    /// Why there are no findings.
    pub reason: Option<EndReason>,
    /// The problem document of a refused file.
    pub problem: Option<serde_json::Value>,
    /// What was done so far; empty in lists.
    pub steps: Vec<Step>,
    /// Who looks after it.
    pub node: NodeId,
    /// Of its canaries: for a scan after a crash.
    pub canary_seed: [u8; 32],
    /// Milliseconds since 1970.
    pub received_at: i64,
    /// When its data were gone, milliseconds since 1970.
    pub ended_at: Option<i64>,
    /// Its certificate's place in the ledger.
    pub certificate: Option<u64>,
}

/// A step on the way.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Step {
    /// What was reached.
    pub name: String,
    /// Milliseconds since 1970.
    pub at: i64,
    /// A banded count or the like.
    pub note: Option<String>,
}

/// A submission to be: its file is in the worker, whole.
pub struct NewSubmission<'a> {
    /// Its id.
    pub id: SubmissionId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Must be the organisation's.
    pub programme: ProgrammeId,
    /// Id of the study.
    pub study: &'a str,
    /// Who looks after it.
    pub node: NodeId,
    /// Of its canaries.
    pub canary_seed: [u8; 32],
    /// When its first byte came.
    pub received_at: i64,
    /// So that the same request makes it once.
    pub idempotency: Option<Idempotency<'a>>,
}

/// What an organisation says of a list as it hands it in.
#[derive(Default)]
pub struct Said<'a> {
    /// Under which agreement.
    pub agreement: Option<&'a Agreement>,
    /// The first step, where the list has one of its own.
    pub step: Option<&'static str>,
}

/// What became of a new submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It is there.
    New,
    /// The same request had made this one.
    Same(SubmissionId),
    /// The key was used with another body: nothing was made.
    Conflict,
}

/// Part of a list, newest first.
#[derive(Debug, Clone, Copy, Default)]
pub struct Page {
    /// Of this organisation; None: of all.
    pub organisation: Option<OrganisationId>,
    /// In this state; None: in any.
    pub state: Option<State>,
    /// After this one, in the list's order.
    pub after: Option<SubmissionId>,
    /// At most so many (100 where 0, never above 1,000).
    pub most: u32,
}

pub(super) fn submission(row: &AnyRow) -> Result<Submission, StoreError> {
    let problem = maybe_text(row, "problem")?;
    let problem = problem.map(|p| serde_json::from_str(&p)).transpose();
    let reason = maybe_text(row, "reason")?;
    let leaf = maybe_number(row, "certificate")?;
    Ok(Submission {
        id: id(row, "id")?,
        organisation: id(row, "organisation")?,
        programme: id(row, "programme")?,
        study: text(row, "study")?,
        state: word(row, "state")?,
        reason: reason.map(|_| word(row, "reason")).transpose()?,
        problem: problem.map_err(|_| StoreError::Damaged { what: "problem" })?,
        steps: Vec::new(),
        node: id(row, "node")?,
        canary_seed: digest(row, "canary_seed")?,
        received_at: number(row, "received_at")?,
        ended_at: maybe_number(row, "ended_at")?,
        certificate: leaf.map(|n| super::as_u64(n, "leaf")).transpose()?,
    })
}

impl Store {
    /// Makes a submission (state received), unless the same request has made one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the programme is not the organisation's.
    pub async fn create_submission(
        &self,
        audit: &Audit,
        new: &NewSubmission<'_>,
    ) -> Result<Created, StoreError> {
        let nothing = Said::default();
        self.create_submission_of(audit, new, &nothing).await
    }

    /// The same, with what was said of the list.
    ///
    /// # Errors
    /// As [`Store::create_submission`].
    pub async fn create_submission_of(
        &self,
        audit: &Audit,
        new: &NewSubmission<'_>,
        said: &Said<'_>,
    ) -> Result<Created, StoreError> {
        let study = checked_name(new.study)?;
        let mut tx = self.begin().await?;
        if let Some(request) = &new.idempotency {
            match request.claim(&mut tx, self.now(), new.id).await? {
                Replay::New => {}
                Replay::Same(made) => return Ok(Created::Same(made)),
                Replay::Conflict => return Ok(Created::Conflict),
            }
        }
        let made = sqlx::query(
            "INSERT INTO submissions (id, organisation, programme, study, state, node, canary_seed, \
             received_at) SELECT $1, organisation, id, $2, 'received', $3, $4, $5 \
             FROM programmes WHERE id = $6 AND organisation = $7",
        )
        .bind(new.id.to_string())
        .bind(study)
        .bind(new.node.to_string())
        .bind(new.canary_seed.to_vec())
        .bind(new.received_at)
        .bind(new.programme.to_string())
        .bind(new.organisation.to_string())
        .execute(&mut *tx)
        .await?;
        if made.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "programme" });
        }
        if let Some(agreement) = said.agreement {
            agreements::put(&mut tx, new.id, agreement).await?;
        }
        if let Some(step) = said.step {
            let sql = "INSERT INTO steps (submission, place, name, at) VALUES ($1, 1, $2, $3)";
            sqlx::query(sql)
                .bind(new.id.to_string())
                .bind(step)
                .bind(self.now())
                .execute(&mut *tx)
                .await?;
        }
        audit::write(&mut tx, self.now(), audit).await?;
        tx.commit().await?;
        Ok(Created::New)
    }

    /// One, with its steps.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn submission(&self, wanted: SubmissionId) -> Result<Submission, StoreError> {
        let row = sqlx::query(
            "SELECT s.*, c.leaf AS certificate FROM submissions s \
             LEFT JOIN certificates c ON c.submission = s.id WHERE s.id = $1",
        )
        .bind(wanted.to_string())
        .fetch_optional(&self.pool)
        .await?;
        let row = row.ok_or(StoreError::NotFound { what: "submission" })?;
        let mut found = submission(&row)?;
        let steps = "SELECT name, note, at FROM steps WHERE submission = $1 ORDER BY place";
        let steps = sqlx::query(steps)
            .bind(wanted.to_string())
            .fetch_all(&self.pool)
            .await?;
        for row in &steps {
            found.steps.push(Step {
                name: text(row, "name")?,
                at: number(row, "at")?,
                note: maybe_text(row, "note")?,
            });
        }
        Ok(found)
    }

    /// A page of them, newest first, without their steps.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn submissions(&self, page: &Page) -> Result<Vec<Submission>, StoreError> {
        let most = match page.most {
            0 => 100,
            n => n.min(1_000),
        };
        let rows = sqlx::query(
            "SELECT s.*, c.leaf AS certificate FROM submissions s \
             LEFT JOIN certificates c ON c.submission = s.id \
             WHERE ($1 = '' OR s.organisation = $1) AND ($2 = '' OR s.state = $2) \
             AND ($3 = '' OR (s.received_at, s.id) < \
                 (SELECT p.received_at, p.id FROM submissions p WHERE p.id = $3)) \
             ORDER BY s.received_at DESC, s.id DESC LIMIT $4",
        )
        .bind(
            page.organisation
                .map_or_else(String::new, |o| o.to_string()),
        )
        .bind(page.state.map_or("", State::name))
        .bind(page.after.map_or_else(String::new, |s| s.to_string()))
        .bind(i64::from(most))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(submission).collect()
    }

    /// How many stand where, for metrics.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn count_states(&self) -> Result<Vec<(State, u64)>, StoreError> {
        let rows = sqlx::query("SELECT state, count(*) AS n FROM submissions GROUP BY state")
            .fetch_all(&self.pool)
            .await?;
        let count = |row| {
            Ok((
                word(row, "state")?,
                super::as_u64(number(row, "n")?, "count")?,
            ))
        };
        rows.iter().map(count).collect()
    }

    /// Adds a step, timed by the store's clock.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a submission that is not there is refused by the database.
    pub async fn add_step(
        &self,
        of: SubmissionId,
        name: &str,
        note: Option<&str>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO steps (submission, place, name, note, at) \
             SELECT $1, coalesce(max(place), 0) + 1, $2, $3, $4 FROM steps WHERE submission = $1",
        )
        .bind(of.to_string())
        .bind(name)
        .bind(note)
        .bind(self.now())
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
