//! What was released before: how often each held record, and of nearly the same people. Tags and
//! sketches alone (see `disclosure::releases`): nobody can be read from them without the key of the
//! tags, which is not in the database.
//!
//! A release is checked and recorded in one transaction, before its report is written; it counts from
//! then on for every other. When its submission ends without an answer it is taken back, in the same
//! transaction as that end. So it counts once, whatever is killed meanwhile.

use super::{Kind, Store, StoreError, Tx, as_u64, bytes, moves, number};
use crate::disclosure::releases::{Sketch, near};
use crate::service::model::SubmissionId;
use sqlx::AssertSqlSafe;

/// Tags in one statement: below what either database takes.
const AT_ONCE: usize = 500;

/// A release that is about to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// Whose answer.
    pub submission: SubmissionId,
    /// Tags of the records that it is about, each once.
    pub tags: Vec<u64>,
    /// Fewest people by which it must differ from every earlier one, and from every two together.
    pub apart: usize,
    /// Most releases that a record may ever be part of; none where that is not limited.
    pub uses: Option<u16>,
    /// A steward will look at it: one that is near an earlier one is recorded, and marked.
    pub steward: bool,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It is on record.
    Kept,
    /// Nearly the same people were released before: nothing is recorded.
    NearRepeat,
    /// Some of the records were used up meanwhile: nothing is recorded.
    Overtaken,
}

/// How much there is, for the operator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReleaseCounts {
    /// Releases on record.
    pub releases: u64,
    /// Of them, near an earlier one.
    pub near: u64,
    /// Held records that were part of one or more.
    pub records: u64,
}

impl Store {
    /// Which of these records were part of so many releases, in their order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn used_up(&self, tags: &[u64], uses: u16) -> Result<Vec<bool>, StoreError> {
        let mut spent = std::collections::HashSet::new();
        for part in tags.chunks(AT_ONCE) {
            let sql = format!(
                "SELECT tag FROM release_uses WHERE uses >= $1 AND tag IN ({})",
                places(2, part.len(), |n| format!("${n}"))
            );
            let mut query = sqlx::query(AssertSqlSafe(sql)).bind(i64::from(uses));
            for tag in part {
                query = query.bind(tag.cast_signed());
            }
            for row in query.fetch_all(&self.pool).await? {
                spent.insert(number(&row, "tag")?.cast_unsigned());
            }
        }
        Ok(tags.iter().map(|tag| spent.contains(tag)).collect())
    }

    /// Checks a release against all earlier ones and records it, in one transaction. Asked again for
    /// the same submission, it says that it is on record and changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Invalid`] when the submission has ended, or a tag
    /// comes twice.
    pub async fn record_release(&self, asked: &Asking) -> Result<Recorded, StoreError> {
        let mut tags = asked.tags.clone();
        tags.sort_unstable();
        if tags.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(StoreError::Invalid {
                rule: "a release counts each record once",
            });
        }
        let sketch = Sketch::of(&tags);
        let mut tx = self.begin().await?;
        if !moves::lock(&mut tx, asked.submission).await?.has_worker() {
            return Err(StoreError::Invalid {
                rule: "only a submission that is being worked on can be released",
            });
        }
        if self.kind == Kind::Postgres {
            // One at a time: of two that come at once, the second sees the first.
            sqlx::query("LOCK TABLE release_sketches IN EXCLUSIVE MODE")
                .execute(&mut *tx)
                .await?;
        }
        let earlier =
            sqlx::query("SELECT submission, sketch FROM release_sketches ORDER BY at, submission")
                .fetch_all(&mut *tx)
                .await?;
        let mut sketches = Vec::with_capacity(earlier.len());
        for row in &earlier {
            if super::id::<SubmissionId>(row, "submission")? == asked.submission {
                return Ok(Recorded::Kept);
            }
            let kept = Sketch::from_bytes(&bytes(row, "sketch")?);
            sketches.push(kept.ok_or(StoreError::Damaged { what: "sketch" })?);
        }
        let (own, apart) = (sketch.clone(), asked.apart);
        let looked = tokio::task::spawn_blocking(move || near(&own, &sketches, apart)).await;
        let near = looked.map_err(|_| StoreError::Damaged { what: "sketch" })?;
        if near && !asked.steward {
            return Ok(Recorded::NearRepeat);
        }
        if let Some(most) = asked.uses
            && any_used_up(&mut tx, &tags, most).await?
        {
            return Ok(Recorded::Overtaken);
        }
        count(&mut tx, &tags).await?;
        sqlx::query(
            "INSERT INTO release_sketches (submission, sketch, near, tags, at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(asked.submission.to_string())
        .bind(sketch.to_bytes())
        .bind(i64::from(near))
        .bind(
            tags.iter()
                .flat_map(|t| t.to_le_bytes())
                .collect::<Vec<u8>>(),
        )
        .bind(self.now())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Recorded::Kept)
    }

    /// How much is on record.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn count_releases(&self) -> Result<ReleaseCounts, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM release_sketches) AS releases, \
             (SELECT count(*) FROM release_sketches WHERE near = 1) AS near_ones, \
             (SELECT count(*) FROM release_uses) AS records",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(ReleaseCounts {
            releases: as_u64(number(&row, "releases")?, "releases")?,
            near: as_u64(number(&row, "near_ones")?, "releases")?,
            records: as_u64(number(&row, "records")?, "releases")?,
        })
    }

    /// Whether a submission's release is near an earlier one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn is_near_repeat(&self, of: SubmissionId) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT near FROM release_sketches WHERE submission = $1")
            .bind(of.to_string())
            .fetch_optional(&self.pool)
            .await?;
        Ok(match row {
            Some(row) => number(&row, "near")? == 1,
            None => false,
        })
    }
}

/// `$2, $3, $4`, or what `each` makes of the numbers.
fn places(from: usize, how_many: usize, each: impl Fn(usize) -> String) -> String {
    let all: Vec<String> = (from..from + how_many).map(each).collect();
    all.join(", ")
}

async fn any_used_up(tx: &mut Tx, tags: &[u64], most: u16) -> Result<bool, StoreError> {
    for part in tags.chunks(AT_ONCE) {
        let sql = format!(
            "SELECT tag FROM release_uses WHERE uses >= $1 AND tag IN ({}) LIMIT 1",
            places(2, part.len(), |n| format!("${n}"))
        );
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(i64::from(most));
        for tag in part {
            query = query.bind(tag.cast_signed());
        }
        if query.fetch_optional(&mut **tx).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn count(tx: &mut Tx, tags: &[u64]) -> Result<(), StoreError> {
    for part in tags.chunks(AT_ONCE) {
        let sql = format!(
            "INSERT INTO release_uses (tag, uses) VALUES {} \
             ON CONFLICT (tag) DO UPDATE SET uses = release_uses.uses + 1",
            places(1, part.len(), |n| format!("(${n}, 1)"))
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for tag in part {
            query = query.bind(tag.cast_signed());
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

/// A submission's data have ended: what it released stays on record, or, where there is no answer, is
/// taken back. From here on nothing says which records it was about.
pub(super) async fn settle(
    tx: &mut Tx,
    of: SubmissionId,
    answered: bool,
) -> Result<(), StoreError> {
    if answered {
        sqlx::query("UPDATE release_sketches SET tags = NULL WHERE submission = $1")
            .bind(of.to_string())
            .execute(&mut **tx)
            .await?;
        return Ok(());
    }
    let row = sqlx::query("DELETE FROM release_sketches WHERE submission = $1 RETURNING tags")
        .bind(of.to_string())
        .fetch_optional(&mut **tx)
        .await?;
    let Some(row) = row else {
        return Ok(());
    };
    let kept = bytes(&row, "tags")?;
    let (tags, over) = kept.as_chunks::<8>();
    if !over.is_empty() {
        return Err(StoreError::Damaged { what: "tags" });
    }
    for part in tags.chunks(AT_ONCE) {
        let all = places(1, part.len(), |n| format!("${n}"));
        for sql in [
            format!("UPDATE release_uses SET uses = uses - 1 WHERE tag IN ({all})"),
            format!("DELETE FROM release_uses WHERE uses <= 0 AND tag IN ({all})"),
        ] {
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for tag in part {
                query = query.bind(u64::from_le_bytes(*tag).cast_signed());
            }
            query.execute(&mut **tx).await?;
        }
    }
    Ok(())
}
