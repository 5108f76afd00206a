//! Agreements: under which a list was handed in.

use super::{Store, StoreError, Tx, text, word};
use crate::service::agreement::Agreement;
use crate::service::model::SubmissionId;

/// Keeps what was said of a submission, as part of its making.
pub(super) async fn put(
    tx: &mut Tx,
    of: SubmissionId,
    agreement: &Agreement,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO agreements (submission, reference, basis) VALUES ($1, $2, $3)")
        .bind(of.to_string())
        .bind(agreement.reference.as_str())
        .bind(agreement.basis.name())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl Store {
    /// A submission's agreement; None where none was named.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn agreement(&self, of: SubmissionId) -> Result<Option<Agreement>, StoreError> {
        let row = sqlx::query("SELECT reference, basis FROM agreements WHERE submission = $1")
            .bind(of.to_string())
            .fetch_optional(&self.pool)
            .await?;
        let agreement = |row| {
            Ok(Agreement {
                reference: text(&row, "reference")?,
                basis: word(&row, "basis")?,
            })
        };
        row.map(agreement).transpose()
    }
}
