//! The audit trail: who did what to what, chained so that a missing or changed row shows.

use super::{Store, StoreError, Tx, as_i64, as_u64, digest, number, text};
use crate::service::model::{AccountId, Role};
use crate::service::states::Mover;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The service itself.
    Service,
    /// Whoever has the machine: the command line.
    Operator,
    /// Nobody who is signed in.
    Visitor,
    /// An account, with the role it has.
    Account(AccountId, Role),
}

impl Actor {
    /// As whom it moves submissions.
    pub(super) fn mover(self) -> Option<Mover> {
        match self {
            Actor::Service => Some(Mover::Service),
            Actor::Account(_, role) => Mover::of(role),
            Actor::Operator | Actor::Visitor => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Service => f.write_str("service"),
            Actor::Operator => f.write_str("operator"),
            Actor::Visitor => f.write_str("visitor"),
            Actor::Account(id, _) => write!(f, "account {id}"),
        }
    }
}

/// What is written down beside a change.
#[derive(Debug, Clone)]
pub struct Audit {
    actor: Actor,
    action: &'static str,
    subject: String,
}

impl Audit {
    /// Who, what (a fixed word such as `submission.create`), and to what: an id.
    pub fn new(actor: Actor, action: &'static str, subject: impl fmt::Display) -> Audit {
        Audit {
            actor,
            action,
            subject: subject.to_string(),
        }
    }

    /// The same, done to what was made meanwhile.
    pub(super) fn of(&self, subject: impl fmt::Display) -> Audit {
        Audit::new(self.actor, self.action, subject)
    }

    /// Who.
    pub fn actor(&self) -> Actor {
        self.actor
    }
}

/// One row of the trail.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct AuditEntry {
    /// From 1, without gaps.
    pub place: u64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// `service`, `operator`, `visitor` or `account` and its id.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// The id of what it was done to.
    pub subject: String,
}

impl AuditEntry {
    /// SHA-256 over the hash before it and every column, each with its length.
    fn hash(&self, before: &[u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"counterpart audit 1\n");
        hash.update(before);
        hash.update(self.place.to_be_bytes());
        hash.update(self.at.to_be_bytes());
        for part in [&self.actor, &self.action, &self.subject] {
            hash.update(as_i64(part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().into()
    }
}

/// Writes the row: the last thing in a transaction, since the head's row is held until its end.
pub(super) async fn write(tx: &mut Tx, at: i64, audit: &Audit) -> Result<(), StoreError> {
    let head = "UPDATE heads SET size = size + 1 WHERE name = 'audit' RETURNING size, hash";
    let head = sqlx::query(head).fetch_one(&mut **tx).await?;
    let entry = AuditEntry {
        place: as_u64(number(&head, "size")?, "audit")?,
        at,
        actor: audit.actor.to_string(),
        action: audit.action.to_owned(),
        subject: audit.subject.clone(),
    };
    let hash = entry.hash(&digest(&head, "hash")?).to_vec();
    sqlx::query(
        "INSERT INTO audit (place, at, actor, action, subject, hash) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(as_i64(entry.place))
    .bind(entry.at)
    .bind(entry.actor)
    .bind(entry.action)
    .bind(entry.subject)
    .bind(hash.clone())
    .execute(&mut **tx)
    .await?;
    sqlx::query("UPDATE heads SET hash = $1 WHERE name = 'audit'")
        .bind(hash)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl Store {
    /// Writes down something that changed nothing here (a refused request, a report read).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn note(&self, audit: &Audit) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        write(&mut tx, self.now(), audit).await?;
        Ok(tx.commit().await?)
    }

    /// Rows after a place (0: from the start), oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn audit_after(&self, place: u64, most: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = self.chain(place, most).await?;
        Ok(rows.into_iter().map(|(entry, _)| entry).collect())
    }

    async fn chain(
        &self,
        after: u64,
        most: u32,
    ) -> Result<Vec<(AuditEntry, [u8; 32])>, StoreError> {
        let rows = sqlx::query(
            "SELECT place, at, actor, action, subject, hash FROM audit \
             WHERE place > $1 ORDER BY place LIMIT $2",
        )
        .bind(as_i64(after))
        .bind(i64::from(most))
        .fetch_all(&self.pool)
        .await?;
        let entry = |row| {
            let entry = AuditEntry {
                place: as_u64(number(row, "place")?, "audit")?,
                at: number(row, "at")?,
                actor: text(row, "actor")?,
                action: text(row, "action")?,
                subject: text(row, "subject")?,
            };
            Ok((entry, digest(row, "hash")?))
        };
        rows.iter().map(entry).collect()
    }

    /// Walks the whole chain: how many rows there are, or the place of the first that is missing or
    /// not as it was written.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn check_audit(&self) -> Result<Result<u64, u64>, StoreError> {
        let head = "SELECT size, hash FROM heads WHERE name = 'audit'";
        let head = sqlx::query(head).fetch_one(&self.pool).await?;
        let (size, last) = (
            as_u64(number(&head, "size")?, "audit")?,
            digest(&head, "hash")?,
        );
        let (mut place, mut before) = (0, [0; 32]);
        while place < size {
            let rows = self.chain(place, 1000).await?;
            if rows.is_empty() {
                return Ok(Err(place + 1));
            }
            for (entry, hash) in rows.iter().take_while(|(e, _)| e.place <= size) {
                if entry.place != place + 1 || entry.hash(&before) != *hash {
                    return Ok(Err(place + 1));
                }
                (place, before) = (entry.place, *hash);
            }
        }
        Ok(match before == last {
            true => Ok(size),
            false => Err(size),
        })
    }
}
