//! What providers have published of their released reports.

use super::{Audit, Store, StoreError, audit, id, number, text};
use crate::service::model::{State, SubmissionId};
use sqlx::any::AnyRow;

/// A published report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Whose report.
    pub submission: SubmissionId,
    /// The programme's name.
    pub programme: String,
    /// The organisation's name.
    pub organisation: String,
    /// Id of the study.
    pub study: String,
    /// The provider's own words.
    pub provider_says: String,
    /// Its results, JSON.
    pub results: String,
    /// Milliseconds since 1970.
    pub at: i64,
}

fn publication(row: &AnyRow) -> Result<Publication, StoreError> {
    Ok(Publication {
        submission: id(row, "submission")?,
        programme: text(row, "programme")?,
        organisation: text(row, "organisation")?,
        study: text(row, "study")?,
        provider_says: text(row, "provider_says")?,
        results: text(row, "results")?,
        at: number(row, "at")?,
    })
}

/// Only what is released still.
const SELECT: &str = "SELECT p.submission AS submission, p.provider_says AS provider_says, \
     p.results AS results, p.at AS at, s.study AS study, g.name AS programme, \
     o.name AS organisation FROM publications p JOIN submissions s ON s.id = p.submission \
     JOIN programmes g ON g.id = s.programme JOIN organisations o ON o.id = s.organisation \
     WHERE s.state = 'released'";

impl Store {
    /// Publishes a released report; publishing again replaces what the provider says.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for one that is not released; [`StoreError::NotFound`].
    pub async fn publish(
        &self,
        audit: &Audit,
        of: SubmissionId,
        says: &str,
        results: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        if super::moves::lock(&mut tx, of).await? != State::Released {
            return Err(StoreError::Invalid {
                rule: "only a released report is published",
            });
        }
        sqlx::query(
            "INSERT INTO publications (submission, provider_says, results, at) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (submission) DO UPDATE \
             SET provider_says = excluded.provider_says, results = excluded.results",
        )
        .bind(of.to_string())
        .bind(says)
        .bind(results)
        .bind(self.now())
        .execute(&mut *tx)
        .await?;
        audit::write(&mut tx, self.now(), audit).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a report back from the public.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn unpublish(&self, audit: &Audit, of: SubmissionId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM publications WHERE submission = $1")
            .bind(of.to_string())
            .execute(&mut *tx)
            .await?;
        audit::write(&mut tx, self.now(), audit).await?;
        Ok(tx.commit().await?)
    }

    /// All that are published, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn publications(&self) -> Result<Vec<Publication>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} ORDER BY p.at, p.submission"));
        let rows = sqlx::query(sql).fetch_all(&self.pool).await?;
        rows.iter().map(publication).collect()
    }

    /// One, where it is published.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn publication(&self, of: SubmissionId) -> Result<Option<Publication>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} AND p.submission = $1"));
        let row = sqlx::query(sql)
            .bind(of.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(publication).transpose()
    }
}
