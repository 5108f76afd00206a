//! Incidents: ends that could not be certified. Intake stops while one is open.

use super::{Audit, Store, StoreError, Tx, as_u64, id, maybe_number, maybe_text, number};
use crate::service::model::SubmissionId;

/// One.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Incident {
    /// Of this submission.
    #[schema(value_type = String)]
    pub submission: SubmissionId,
    /// Milliseconds since 1970.
    pub opened_at: i64,
    /// Counts of the scan.
    pub note: Option<String>,
    /// Milliseconds since 1970.
    pub resolved_at: Option<i64>,
    /// Who resolved it.
    pub resolved_by: Option<String>,
    /// How.
    pub resolution: Option<String>,
}

impl Store {
    /// Every incident, newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn incidents(&self) -> Result<Vec<Incident>, StoreError> {
        let rows = sqlx::query("SELECT * FROM incidents ORDER BY opened_at DESC, submission")
            .fetch_all(&self.pool)
            .await?;
        let incident = |row| {
            Ok(Incident {
                submission: id(row, "submission")?,
                opened_at: number(row, "opened_at")?,
                note: maybe_text(row, "note")?,
                resolved_at: maybe_number(row, "resolved_at")?,
                resolved_by: maybe_text(row, "resolved_by")?,
                resolution: maybe_text(row, "resolution")?,
            })
        };
        rows.iter().map(incident).collect()
    }

    /// How many are not resolved: intake is open only at none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn open_incidents(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) AS n FROM incidents WHERE resolved_at IS NULL";
        let row = sqlx::query(sql).fetch_one(&self.pool).await?;
        as_u64(number(&row, "n")?, "count")
    }
}

pub(super) async fn open(
    tx: &mut Tx,
    now: i64,
    of: SubmissionId,
    note: Option<String>,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO incidents (submission, opened_at, note) VALUES ($1, $2, $3)")
        .bind(of.to_string())
        .bind(now)
        .bind(note)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn resolve(
    tx: &mut Tx,
    now: i64,
    of: SubmissionId,
    audit: &Audit,
    resolution: Option<String>,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE incidents SET resolved_at = $1, resolved_by = $2, resolution = $3 \
         WHERE submission = $4",
    )
    .bind(now)
    .bind(audit.actor().to_string())
    .bind(resolution)
    .bind(of.to_string())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
