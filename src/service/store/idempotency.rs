//! The same request sent again: answered with what it made the first time.
//!
//! A bare digest of a file confirms guesses at it. So the digest is kept under the request's own
//! key, of which only a hash is kept: whoever reads the database cannot confirm anything.

use super::{StoreError, Tx, digest, id};
use crate::service::model::{AccountId, SubmissionId};
use crate::service::store::Store;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// How long a key is remembered.
pub(super) const KEPT_MS: i64 = 24 * 3_600_000;

/// A request that can be known again.
pub struct Idempotency<'a> {
    /// Who sent it: keys of different accounts are different keys.
    pub account: AccountId,
    /// The header's text.
    pub key: &'a str,
    /// A digest of the whole request.
    pub body: [u8; 32],
}

/// What is known of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// Nothing.
    New,
    /// It made this.
    Same(SubmissionId),
    /// The key was used with another body.
    Conflict,
}

impl Idempotency<'_> {
    fn key_hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"counterpart idempotency key 1\n");
        hash.update(self.account.to_string());
        hash.update(self.key.as_bytes());
        hash.finalize().into()
    }

    fn body_hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"counterpart idempotency body 1\n");
        hash.update(self.body);
        hash.update(self.key.as_bytes());
        hash.finalize().into()
    }

    /// Remembers the request as what made this submission, unless it is known. Of several at once
    /// one is new, and the others see what it made.
    pub(super) async fn claim(
        &self,
        tx: &mut Tx,
        now: i64,
        submission: SubmissionId,
    ) -> Result<Replay, StoreError> {
        let made = sqlx::query(
            "INSERT INTO idempotency (key_hash, body_hash, submission, created_at) \
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(self.key_hash().to_vec())
        .bind(self.body_hash().to_vec())
        .bind(submission.to_string())
        .bind(now)
        .execute(&mut **tx)
        .await?;
        if made.rows_affected() == 1 {
            return Ok(Replay::New);
        }
        let sql = "SELECT body_hash, submission FROM idempotency WHERE key_hash = $1";
        let row = sqlx::query(sql)
            .bind(self.key_hash().to_vec())
            .fetch_one(&mut **tx)
            .await?;
        self.compare(&row)
    }

    fn compare(&self, row: &sqlx::any::AnyRow) -> Result<Replay, StoreError> {
        match bool::from(digest(row, "body_hash")?.ct_eq(&self.body_hash())) {
            true => Ok(Replay::Same(id(row, "submission")?)),
            false => Ok(Replay::Conflict),
        }
    }
}

impl Store {
    /// What is known of a request; changes nothing. [`Store::create_submission`] claims the key.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn replay(&self, request: &Idempotency<'_>) -> Result<Replay, StoreError> {
        let sql = "SELECT body_hash, submission FROM idempotency WHERE key_hash = $1";
        let row = sqlx::query(sql)
            .bind(request.key_hash().to_vec())
            .fetch_optional(&self.pool)
            .await?;
        row.map_or(Ok(Replay::New), |row| request.compare(&row))
    }

    /// Whether an account's key was used at all, and for what: known before the body came.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn key_used(
        &self,
        account: AccountId,
        key: &str,
    ) -> Result<Option<SubmissionId>, StoreError> {
        let request = Idempotency {
            account,
            key,
            body: [0; 32],
        };
        let row = sqlx::query("SELECT submission FROM idempotency WHERE key_hash = $1")
            .bind(request.key_hash().to_vec())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| id(&row, "submission")).transpose()
    }
}
