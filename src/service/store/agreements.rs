//! Agreements: under which a list was handed in.

use super::{Store, StoreError, text, word};
use crate::service::agreement::Agreement;
use crate::service::model::SubmissionId;

impl Store {
    /// Keeps what was said of a submission. Part of its making, which is audited: no row of its own.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn put_agreement(
        &self,
        of: SubmissionId,
        agreement: &Agreement,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO agreements (submission, reference, basis) VALUES ($1, $2, $3)")
            .bind(of.to_string())
            .bind(agreement.reference.as_str())
            .bind(agreement.basis.name())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

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
