//! Where the ledger keeps its leaves, its tree's hashes and its checkpoints. What they mean is the
//! ledger's own; here they are appended in one order, whoever appends, and never changed.

use super::{Audit, Store, StoreError, Tx, as_i64, as_u64, audit, digest, number, text};
use crate::service::model::SubmissionId;
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The ledger as it is before an append. Hashes are fetched on demand: what was asked for and is
/// not at hand makes [`Shelf::hashes`] give nothing, and the whole is asked again with them.
pub struct Shelf {
    size: u64,
    hashes: BTreeMap<u64, [u8; 32]>,
    missing: RefCell<BTreeSet<u64>>,
}

/// What an append adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Growth {
    /// New hashes, by their place in the tree's storage.
    pub hashes: Vec<(u64, [u8; 32])>,
    /// The signed note on the tree with the new leaf.
    pub checkpoint: String,
}

impl Shelf {
    fn new(size: u64) -> Shelf {
        Shelf {
            size,
            hashes: BTreeMap::new(),
            missing: RefCell::default(),
        }
    }

    /// Leaves there are: also the new leaf's place.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hashes at these places; None when they have to be fetched first (or are not there):
    /// then whoever asks gives up for this time, and is called again.
    pub fn hashes(&self, places: &[u64]) -> Option<Vec<[u8; 32]>> {
        let known = |place: &u64| {
            let hash = self.hashes.get(place).copied();
            if hash.is_none() {
                self.missing.borrow_mut().insert(*place);
            }
            hash
        };
        // All are looked up before any is missed, so that they are fetched together.
        let all: Vec<Option<[u8; 32]>> = places.iter().map(known).collect();
        all.into_iter().collect()
    }

    /// Takes in what was asked for. False when something is not there.
    fn fill(&mut self, rows: &[AnyRow]) -> Result<bool, StoreError> {
        for row in rows {
            let place = as_u64(number(row, "place")?, "place")?;
            self.hashes.insert(place, digest(row, "hash")?);
        }
        let asked = self.missing.take();
        Ok(asked.iter().all(|place| self.hashes.contains_key(place)))
    }

    /// The query for what was asked for; None when that is nothing.
    fn query(&self) -> Option<AssertSqlSafe<String>> {
        let missing = self.missing.borrow();
        if missing.is_empty() {
            return None;
        }
        // Whole numbers only.
        let list: Vec<String> = missing.iter().map(|n| as_i64(*n).to_string()).collect();
        let list = list.join(", ");
        Some(AssertSqlSafe(format!(
            "SELECT place, hash FROM ledger_hashes WHERE place IN ({list})"
        )))
    }
}

const BROKEN: StoreError = StoreError::Damaged { what: "ledger" };

/// Appends within a transaction; gives the new leaf's place.
pub(super) async fn append(
    tx: &mut Tx,
    now: i64,
    leaf: &[u8; 32],
    grow: impl Fn(&Shelf) -> Option<Growth>,
) -> Result<u64, StoreError> {
    let head = "UPDATE heads SET size = size + 1, hash = $1 WHERE name = 'ledger' RETURNING size";
    let head = sqlx::query(head)
        .bind(leaf.to_vec())
        .fetch_one(&mut **tx)
        .await?;
    let size = as_u64(number(&head, "size")?, "ledger")?;
    let place = size - 1;
    let mut shelf = Shelf::new(place);
    let growth = loop {
        let grown = grow(&shelf);
        match (shelf.query(), grown) {
            (None, Some(growth)) => break growth,
            (None, None) => return Err(BROKEN),
            (Some(sql), _) => {
                let rows = sqlx::query(sql).fetch_all(&mut **tx).await?;
                if !shelf.fill(&rows)? {
                    return Err(BROKEN);
                }
            }
        }
    };
    sqlx::query("INSERT INTO ledger_leaves (place, leaf, at) VALUES ($1, $2, $3)")
        .bind(as_i64(place))
        .bind(leaf.to_vec())
        .bind(now)
        .execute(&mut **tx)
        .await?;
    for (at, hash) in growth.hashes {
        sqlx::query("INSERT INTO ledger_hashes (place, hash) VALUES ($1, $2)")
            .bind(as_i64(at))
            .bind(hash.to_vec())
            .execute(&mut **tx)
            .await?;
    }
    sqlx::query("INSERT INTO checkpoints (size, note, at) VALUES ($1, $2, $3)")
        .bind(as_i64(size))
        .bind(growth.checkpoint)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(place)
}

impl Store {
    /// Appends a leaf (the digest of a certificate's envelope) and gives its place. Appends are
    /// made one after the other, also of several nodes. `grow` gives the tree's new hashes and the
    /// checkpoint; it is called again while it asks the shelf for hashes not yet at hand, so it
    /// must do nothing but compute.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when `grow` gives nothing though it had all it asked for.
    pub async fn ledger_append(
        &self,
        audit: &Audit,
        leaf: &[u8; 32],
        grow: impl Fn(&Shelf) -> Option<Growth>,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let place = append(&mut tx, self.now(), leaf, grow).await?;
        audit::write(&mut tx, self.now(), audit).await?;
        tx.commit().await?;
        Ok(place)
    }

    /// Computes something (a proof) on the ledger as it stands: `read` as `grow` above.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when `read` gives nothing though it had all it asked for.
    pub async fn ledger_read<T>(
        &self,
        read: impl Fn(&Shelf) -> Option<T>,
    ) -> Result<T, StoreError> {
        let mut shelf = Shelf::new(self.ledger_size().await?);
        loop {
            let answer = read(&shelf);
            match (shelf.query(), answer) {
                (None, Some(answer)) => return Ok(answer),
                (None, None) => return Err(BROKEN),
                (Some(sql), _) => {
                    let rows = sqlx::query(sql).fetch_all(&self.pool).await?;
                    if !shelf.fill(&rows)? {
                        return Err(BROKEN);
                    }
                }
            }
        }
    }

    /// How many leaves there are.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ledger_size(&self) -> Result<u64, StoreError> {
        let head = "SELECT size FROM heads WHERE name = 'ledger'";
        let head = sqlx::query(head).fetch_one(&self.pool).await?;
        as_u64(number(&head, "size")?, "ledger")
    }

    /// The leaf at a place, and the submission whose certificate it is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn ledger_leaf(
        &self,
        place: u64,
    ) -> Result<([u8; 32], Option<SubmissionId>), StoreError> {
        let row = sqlx::query(
            "SELECT l.leaf AS leaf, c.submission AS submission FROM ledger_leaves l \
             LEFT JOIN certificates c ON c.leaf = l.place WHERE l.place = $1",
        )
        .bind(as_i64(place))
        .fetch_optional(&self.pool)
        .await?;
        let row = row.ok_or(StoreError::NotFound {
            what: "ledger entry",
        })?;
        let of = super::maybe_text(&row, "submission")?;
        let of = of.map(|_| super::id(&row, "submission")).transpose()?;
        Ok((digest(&row, "leaf")?, of))
    }

    /// The newest checkpoint, or that of a size; None where there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn checkpoint(&self, size: Option<u64>) -> Result<Option<String>, StoreError> {
        let row = match size {
            None => sqlx::query("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1"),
            Some(size) => {
                sqlx::query("SELECT note FROM checkpoints WHERE size = $1").bind(as_i64(size))
            }
        };
        let row = row.fetch_optional(&self.pool).await?;
        row.map(|row| text(&row, "note")).transpose()
    }

    /// Replaces a checkpoint's note by the same one with more signatures: the signed text must not
    /// change.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for another text, [`StoreError::NotFound`].
    pub async fn cosign(&self, audit: &Audit, size: u64, note: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let row = sqlx::query("UPDATE checkpoints SET size = size WHERE size = $1 RETURNING note")
            .bind(as_i64(size))
            .fetch_optional(&mut *tx)
            .await?;
        let old = text(
            &row.ok_or(StoreError::NotFound { what: "checkpoint" })?,
            "note",
        )?;
        // A blank line parts text and signatures.
        let signed = |note: &str| note.split("\n\n").next().map(str::to_owned);
        if signed(&old) != signed(note) || !old.lines().all(|l| note.lines().any(|n| n == l)) {
            return Err(StoreError::Invalid {
                rule: "a cosignature adds lines to a checkpoint and changes none",
            });
        }
        sqlx::query("UPDATE checkpoints SET note = $1 WHERE size = $2")
            .bind(note)
            .bind(as_i64(size))
            .execute(&mut *tx)
            .await?;
        audit::write(&mut tx, self.now(), audit).await?;
        Ok(tx.commit().await?)
    }
}
