//! What can go wrong with the store. No database's own words are passed on: they may quote values.

use crate::service::model::State;

/// Why a call did nothing: its transaction is rolled back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Certificates of this database are signed with a key that this server does not have.
    #[error("the ledger of this database is signed with another key than this server's")]
    OtherKey,
    /// Passing: the database cannot be reached, is full, busy or shutting down.
    #[error("the database cannot be used at the moment ({how}); nothing was changed")]
    Unavailable {
        /// Kind of trouble, without values.
        how: String,
    },
    /// There is none with this id.
    #[error("there is no such {what}")]
    NotFound {
        /// Account, submission ...
        what: &'static str,
    },
    /// There is one already.
    #[error("the {what} is there already")]
    Exists {
        /// Account, programme ...
        what: &'static str,
    },
    /// The table of states has no such move, or not by this mover.
    #[error("a submission that is {} cannot take `{event}` by {by}", from.name())]
    NoSuchMove {
        /// Where it stands.
        from: State,
        /// What was to happen.
        event: &'static str,
        /// Who tried.
        by: &'static str,
    },
    /// A state that needs a certificate was to be entered without.
    #[error("a submission ends only with its erasure certificate in the ledger")]
    NoCertificate,
    /// What was given cannot be kept.
    #[error("{rule}")]
    Invalid {
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// What the database holds is not what this program wrote.
    #[error("the database holds something this program did not write ({what})")]
    Damaged {
        /// Column or table.
        what: &'static str,
    },
    /// The database refused a statement.
    #[error("the database refused a statement (code {code})")]
    Refused {
        /// SQLSTATE or SQLite's own code.
        code: String,
    },
    /// The address or the tables cannot be used.
    #[error("the database cannot be opened: {why}")]
    Open {
        /// Without address or password.
        why: String,
    },
}

impl StoreError {
    /// Whether the same call may succeed a little later.
    pub fn is_passing(&self) -> bool {
        matches!(self, StoreError::Unavailable { .. })
    }

    fn unavailable(how: impl Into<String>) -> StoreError {
        StoreError::Unavailable { how: how.into() }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(e: sqlx::Error) -> StoreError {
        match e {
            sqlx::Error::Io(e) => StoreError::unavailable(e.kind().to_string()),
            sqlx::Error::Tls(_) => StoreError::unavailable("tls"),
            sqlx::Error::PoolTimedOut => StoreError::unavailable("no connection in time"),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                StoreError::unavailable("connection ended")
            }
            sqlx::Error::Protocol(_)
            | sqlx::Error::BeginFailed
            | sqlx::Error::InvalidSavePointStatement => {
                StoreError::unavailable("connection broken")
            }
            sqlx::Error::Database(e) => {
                let code = e.code().map_or("none".into(), |c| c.into_owned());
                match passes(&code) {
                    true => StoreError::unavailable(format!("code {code}")),
                    false => StoreError::Refused { code },
                }
            }
            sqlx::Error::RowNotFound => StoreError::NotFound { what: "row" },
            _ => StoreError::Damaged { what: "row" },
        }
    }
}

/// Codes of trouble that passes. PostgreSQL's have five characters: connection (08), rollback (40),
/// resources (53), shutdown and cancel (57), system (58), read-only while it recovers (25006), a lock
/// not had in time (55P03).
/// SQLite's are numbers with the kind in the last byte: busy 5, locked 6, read-only 8, input or
/// output 10, full 13, cannot open 14.
fn passes(code: &str) -> bool {
    if code.len() == 5 {
        let class = ["08", "40", "53", "57", "58"];
        return ["25006", "55P03"].contains(&code) || class.iter().any(|c| code.starts_with(c));
    }
    let kind = code.parse::<u32>().map(|n| n & 0xff);
    matches!(kind, Ok(5 | 6 | 8 | 10 | 13 | 14))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_that_passes_is_told_from_faults() {
        for code in [
            "57P01", "57P03", "53300", "08006", "40001", "40P01", "25006", "55P03",
        ] {
            assert!(passes(code), "{code}");
        }
        for code in ["5", "261", "10", "778", "13", "14", "6410"] {
            assert!(passes(code), "{code}");
        }
        for code in ["23505", "42P01", "22001", "1", "2067", "787", "none"] {
            assert!(!passes(code), "{code}");
        }
    }
}
