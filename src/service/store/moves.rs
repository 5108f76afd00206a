//! Moves of submissions: by the table of states alone, each with all that belongs to it in one
//! transaction.

use super::ledger::{self, Growth, Shelf};
use super::reports::{self, Face};
use super::{Audit, Store, StoreError, Tx, as_word, audit, incidents, releases, word};
use crate::service::model::{State, SubmissionId};
use crate::service::states::{Event, moved};

/// How a submission's data ended, all in one transaction.
#[derive(Clone)]
pub struct Close {
    /// What happened.
    pub event: Event,
    /// The problem document, when the file was refused.
    pub problem: Option<serde_json::Value>,
    /// Counts of an unclean scan, for whoever resolves the incident.
    pub note: Option<String>,
    /// The report's faces; kept only where the new state keeps findings.
    pub faces: Vec<Face>,
    /// The certificate: its digest (the ledger's leaf) and its envelope. None only for an incident.
    pub certificate: Option<([u8; 32], String)>,
}

/// What goes with a move.
#[derive(Default)]
struct Beside {
    problem: Option<serde_json::Value>,
    note: Option<String>,
}

impl Store {
    /// Makes a move of the table of states; gives where it stands then. Findings are deleted with
    /// the move to a state that keeps none.
    ///
    /// # Errors
    /// [`StoreError::NoSuchMove`] when the table has none from where it stands or not by this
    /// actor; [`StoreError::NoCertificate`]; [`StoreError::NotFound`].
    pub async fn move_submission(
        &self,
        audit: &Audit,
        wanted: SubmissionId,
        event: Event,
    ) -> Result<State, StoreError> {
        let mut tx = self.begin().await?;
        let to = self
            .make_move(&mut tx, audit, wanted, event, Beside::default())
            .await?;
        audit::write(&mut tx, self.now(), audit).await?;
        tx.commit().await?;
        Ok(to)
    }

    /// Ends a submission in one transaction: certificate into the ledger, findings kept, move made.
    /// `grow` is as in [`Store::ledger_append`]; it is not called without a certificate.
    ///
    /// # Errors
    /// As [`Store::move_submission`] and [`Store::ledger_append`].
    pub async fn close_submission(
        &self,
        audit: &Audit,
        wanted: SubmissionId,
        close: Close,
        grow: impl Fn(&Shelf) -> Option<Growth>,
    ) -> Result<State, StoreError> {
        let mut tx = self.begin().await?;
        let from = lock(&mut tx, wanted).await?;
        let to = allowed(from, close.event, audit)?;
        if let Some((leaf, envelope)) = &close.certificate {
            if !from.has_worker() || !to.is_certified() {
                return Err(StoreError::Invalid {
                    rule: "a certificate goes with the clean end of a worker's data and nothing else",
                });
            }
            let place = ledger::append(&mut tx, self.now(), leaf, grow).await?;
            reports::certify(&mut tx, self.now(), wanted, place, envelope).await?;
        }
        let beside = Beside {
            problem: close.problem,
            note: close.note,
        };
        let to = self
            .make_move(&mut tx, audit, wanted, close.event, beside)
            .await?;
        if to.keeps_findings() {
            reports::put(&mut tx, wanted, &close.faces).await?;
        }
        audit::write(&mut tx, self.now(), audit).await?;
        tx.commit().await?;
        Ok(to)
    }

    async fn make_move(
        &self,
        tx: &mut Tx,
        audit: &Audit,
        wanted: SubmissionId,
        event: Event,
        beside: Beside,
    ) -> Result<State, StoreError> {
        let from = lock(tx, wanted).await?;
        let to = allowed(from, event, audit)?;
        if from.has_worker() && to.is_certified() && !reports::is_certified(tx, wanted).await? {
            return Err(StoreError::NoCertificate);
        }
        let reason = event.reason().map(|r| as_word(&r)).transpose()?;
        sqlx::query(
            "UPDATE submissions SET state = $1, reason = $2, problem = coalesce($3, problem), \
             ended_at = coalesce(ended_at, $4) WHERE id = $5",
        )
        .bind(to.name())
        .bind(reason)
        .bind(beside.problem.map(|p| p.to_string()))
        .bind((!to.has_worker()).then(|| self.now()))
        .bind(wanted.to_string())
        .execute(&mut **tx)
        .await?;
        if !to.keeps_findings() {
            reports::delete(tx, wanted).await?;
        }
        if from.has_worker() && !to.has_worker() {
            releases::settle(tx, wanted, to.keeps_findings()).await?;
        }
        match to {
            State::Incident => incidents::open(tx, self.now(), wanted, beside.note).await?,
            State::Erased if from == State::Incident => {
                incidents::resolve(tx, self.now(), wanted, audit, beside.note).await?;
            }
            _ => {}
        }
        Ok(to)
    }

    /// A steward has dealt with an incident, and says how.
    ///
    /// # Errors
    /// As [`Store::move_submission`].
    pub async fn resolve_incident(
        &self,
        audit: &Audit,
        wanted: SubmissionId,
        resolution: &str,
    ) -> Result<State, StoreError> {
        let beside = Beside {
            problem: None,
            note: Some(resolution.to_owned()),
        };
        let mut tx = self.begin().await?;
        let to = self
            .make_move(&mut tx, audit, wanted, Event::IncidentResolved, beside)
            .await?;
        audit::write(&mut tx, self.now(), audit).await?;
        tx.commit().await?;
        Ok(to)
    }
}

/// Where the table leads, if it lets this actor.
fn allowed(from: State, event: Event, audit: &Audit) -> Result<State, StoreError> {
    let mover = audit.actor().mover();
    let allowed = moved(from, event).filter(|m| mover.is_some_and(|by| m.by.contains(&by)));
    allowed.map(|m| m.to).ok_or(StoreError::NoSuchMove {
        from,
        event: event.name(),
        by: mover.map_or("nobody", |by| by.name()),
    })
}

/// Holds a submission's row until the transaction's end, and tells where it stands.
pub(super) async fn lock(tx: &mut Tx, wanted: SubmissionId) -> Result<State, StoreError> {
    let row = sqlx::query("UPDATE submissions SET state = state WHERE id = $1 RETURNING state")
        .bind(wanted.to_string())
        .fetch_optional(&mut **tx)
        .await?;
    let row = row.ok_or(StoreError::NotFound { what: "submission" })?;
    word(&row, "state")
}
