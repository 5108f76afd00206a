//! Everything the database holds, as bytes: for whoever looks for what must not be in it.

use super::{Store, StoreError};
use futures_util::TryStreamExt as _;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Column as _, Row as _};

/// Every table.
pub(super) const TABLES: [&str; 23] = [
    "organisations",
    "accounts",
    "attempts",
    "tokens",
    "programmes",
    "nodes",
    "submissions",
    "agreements",
    "steps",
    "faces",
    "certificates",
    "incidents",
    "idempotency",
    "heads",
    "audit",
    "ledger_leaves",
    "ledger_hashes",
    "checkpoints",
    "release_uses",
    "release_sketches",
    "sharing",
    "sharing_signatures",
    "publications",
];

impl Store {
    /// Gives every value of every table to `take`: table and column, then the bytes of the text,
    /// blob or number (in digits). Row by row, so that no table is in memory whole.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn dump(
        &self,
        mut take: impl FnMut(&'static str, &str, &[u8]),
    ) -> Result<(), StoreError> {
        for table in TABLES {
            // A name of the list above.
            let sql = AssertSqlSafe(format!("SELECT * FROM {table}"));
            let mut rows = sqlx::query(sql).fetch(&self.pool);
            while let Some(row) = rows.try_next().await? {
                for column in row.columns() {
                    if let Some(value) = value(&row, column.ordinal()) {
                        take(table, column.name(), &value);
                    }
                }
            }
        }
        Ok(())
    }
}

/// A column's bytes; None where it is empty.
fn value(row: &AnyRow, at: usize) -> Option<Vec<u8>> {
    if let Ok(text) = row.try_get::<Option<String>, _>(at) {
        return text.map(String::into_bytes);
    }
    if let Ok(blob) = row.try_get::<Option<Vec<u8>>, _>(at) {
        return blob;
    }
    let number = row.try_get::<Option<i64>, _>(at).ok().flatten();
    number.map(|n| n.to_string().into_bytes())
}
