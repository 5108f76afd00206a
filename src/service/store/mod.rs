//! What the service remembers, on SQLite or PostgreSQL: accounts, submissions and where they stand,
//! reports, certificates, the ledger and the audit trail. Nothing personal of any list is in it:
//! no call takes a file, a row or a name of either.
//!
//! A call that changes something takes an [`Audit`] and writes it down in the same transaction.
//! Exempt is what only counts or tidies: heartbeats, the steps of a submission and what was released
//! (records themselves), and forgetting what has expired.

mod accounts;
mod agreements;
mod audit;
mod dump;
mod error;
mod idempotency;
mod incidents;
mod ledger;
mod moves;
mod nodes;
mod open;
mod password;
mod programmes;
mod publications;
mod releases;
mod reports;
mod secret;
mod sessions;
mod sharing;
mod submissions;
mod tokens;

pub use accounts::{Account, NewAccount, Organisation};
pub use audit::{Actor, Audit, AuditEntry};
pub use error::StoreError;
pub use idempotency::{Idempotency, Replay};
pub use incidents::Incident;
pub use ledger::{Growth, Shelf};
pub use moves::Close;
pub use open::FILE;
pub use password::MIN_PASSWORD_CHARACTERS;
pub use programmes::Programme;
pub use publications::Publication;
pub use releases::{Asking, Recorded, ReleaseCounts};
pub use reports::{Certificate, Face};
pub use secret::Secret;
pub use sessions::{LoginError, Rules};
pub use submissions::{Created, NewSubmission, Page, Said, Step, Submission};
pub use tokens::{TokenInfo, TokenKind};

use super::clock::Clock;
use password::Passwords;
use sqlx::any::AnyRow;
use sqlx::{Any, AnyPool, Row as _, Transaction};
use std::str::FromStr;
use std::sync::Arc;

/// Where it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file in the data folder.
    Sqlite,
    /// A server, that several nodes share.
    Postgres,
}

/// The database, and what it takes to use it. A clone is the same store.
#[derive(Clone)]
pub struct Store {
    pool: AnyPool,
    kind: Kind,
    clock: Arc<dyn Clock>,
    rules: Rules,
    passwords: Passwords,
}

type Tx = Transaction<'static, Any>;

impl Store {
    /// SQLite or PostgreSQL.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The store's own clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// A transaction that may write. SQLite takes its one write lock at once, so that nothing read
    /// in it is stale when it writes; PostgreSQL takes locks row by row.
    async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self.kind {
            Kind::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await?,
            Kind::Postgres => self.pool.begin().await?,
        })
    }

    fn now(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not.
    pub async fn ready(&self) -> Result<(), StoreError> {
        let row = sqlx::query("SELECT count(*) AS n FROM heads")
            .fetch_one(&self.pool)
            .await?;
        match number(&row, "n")? {
            2 => Ok(()),
            _ => Err(StoreError::Damaged { what: "heads" }),
        }
    }
}

/// A text column.
fn text(row: &AnyRow, column: &'static str) -> Result<String, StoreError> {
    row.try_get(column)
        .map_err(|_| StoreError::Damaged { what: column })
}

/// A text column that may be empty.
fn maybe_text(row: &AnyRow, column: &'static str) -> Result<Option<String>, StoreError> {
    row.try_get(column)
        .map_err(|_| StoreError::Damaged { what: column })
}

/// A whole number.
fn number(row: &AnyRow, column: &'static str) -> Result<i64, StoreError> {
    row.try_get(column)
        .map_err(|_| StoreError::Damaged { what: column })
}

/// A whole number that may be missing.
fn maybe_number(row: &AnyRow, column: &'static str) -> Result<Option<i64>, StoreError> {
    row.try_get(column)
        .map_err(|_| StoreError::Damaged { what: column })
}

/// Bytes.
fn bytes(row: &AnyRow, column: &'static str) -> Result<Vec<u8>, StoreError> {
    row.try_get(column)
        .map_err(|_| StoreError::Damaged { what: column })
}

/// 32 bytes.
fn digest(row: &AnyRow, column: &'static str) -> Result<[u8; 32], StoreError> {
    <[u8; 32]>::try_from(bytes(row, column)?).map_err(|_| StoreError::Damaged { what: column })
}

/// An id.
fn id<T: FromStr>(row: &AnyRow, column: &'static str) -> Result<T, StoreError> {
    text(row, column)?
        .parse()
        .map_err(|_| StoreError::Damaged { what: column })
}

/// A word of an enum as serde writes it.
fn word<T: serde::de::DeserializeOwned>(
    row: &AnyRow,
    column: &'static str,
) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(text(row, column)?))
        .map_err(|_| StoreError::Damaged { what: column })
}

/// An enum's word as serde writes it.
fn as_word<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(StoreError::Damaged { what: "word" }),
    }
}

/// A count that fits what databases count with.
fn as_i64(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A count that cannot be below 0.
fn as_u64(n: i64, what: &'static str) -> Result<u64, StoreError> {
    u64::try_from(n).map_err(|_| StoreError::Damaged { what })
}
