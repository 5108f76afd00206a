//! Server processes that share the database: each says from time to time that it lives. What a
//! dead one looked after is adopted by another, once.

use super::submissions::{Submission, submission};
use super::{Audit, Store, StoreError, audit};
use crate::service::model::{NodeId, SubmissionId};

impl Store {
    /// Says that a node lives; the first time that it is there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn heartbeat(&self, node: NodeId) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO nodes (id, started_at, seen_at) VALUES ($1, $2, $2) \
             ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
        )
        .bind(node.to_string())
        .bind(self.now())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// A node ends of its own will: what it still has is an orphan at once.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn node_ended(&self, audit: &Audit, node: NodeId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM nodes WHERE id = $1")
            .bind(node.to_string())
            .execute(&mut *tx)
            .await?;
        audit::write(&mut tx, self.now(), audit).await?;
        Ok(tx.commit().await?)
    }

    /// Submissions that have a worker, of nodes that were not heard of for so long; oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn orphans(&self, silent_ms: i64) -> Result<Vec<Submission>, StoreError> {
        let rows = sqlx::query(
            "SELECT s.*, c.leaf AS certificate FROM submissions s \
             LEFT JOIN certificates c ON c.submission = s.id \
             WHERE s.state IN ('received', 'running') AND s.node NOT IN \
             (SELECT id FROM nodes WHERE seen_at >= $1) ORDER BY s.received_at, s.id",
        )
        .bind(self.now() - silent_ms)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(submission).collect()
    }

    /// Submissions that have a worker, of every node but this one: at the start of a server that has
    /// the database to itself, all of them are orphans, however lately their node was heard of.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn left_by_others(&self, node: NodeId) -> Result<Vec<Submission>, StoreError> {
        let rows = sqlx::query(
            "SELECT s.*, c.leaf AS certificate FROM submissions s \
             LEFT JOIN certificates c ON c.submission = s.id \
             WHERE s.state IN ('received', 'running') AND s.node <> $1 \
             ORDER BY s.received_at, s.id",
        )
        .bind(node.to_string())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(submission).collect()
    }

    /// Takes an orphan over: true for the one node that gets it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn adopt(
        &self,
        audit: &Audit,
        orphan: SubmissionId,
        from: NodeId,
        to: NodeId,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE submissions SET node = $1 WHERE id = $2 AND node = $3 \
             AND state IN ('received', 'running')",
        )
        .bind(to.to_string())
        .bind(orphan.to_string())
        .bind(from.to_string())
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        audit::write(&mut tx, self.now(), audit).await?;
        tx.commit().await?;
        Ok(true)
    }
}
