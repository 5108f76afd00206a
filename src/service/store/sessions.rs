//! Signing in: an e-mail that has no account is answered like one that has, as slowly, and with the
//! same waits.

use super::accounts::{Account, COLUMNS, account, plain_email};
use super::secret::Secret;
use super::tokens::TokenKind;
use super::{Actor, Audit, Store, StoreError, Tx, audit, number, text};
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;

/// The rules of signing in.
#[derive(Debug, Clone)]
pub struct Rules {
    /// How long a session lasts.
    pub session_ms: i64,
    /// Failures in a row before the first wait.
    pub free_failures: u32,
    /// The first wait; each further failure doubles it.
    pub first_wait_ms: i64,
    /// The longest wait.
    pub longest_wait_ms: i64,
    /// After this long without an attempt failures are forgotten.
    pub forget_failures_ms: i64,
}

impl Default for Rules {
    /// A working day; five failures, then 30 seconds, doubling up to an hour; forgotten in a day.
    fn default() -> Rules {
        Rules {
            session_ms: 12 * 3_600_000,
            free_failures: 5,
            first_wait_ms: 30_000,
            longest_wait_ms: 3_600_000,
            forget_failures_ms: 24 * 3_600_000,
        }
    }
}

impl Rules {
    /// The wait after so many failures in a row.
    fn wait_ms(&self, failures: i64) -> i64 {
        let beyond = failures - i64::from(self.free_failures);
        if beyond < 0 {
            return 0;
        }
        let doubled = 1_i64.checked_shl(u32::try_from(beyond).unwrap_or(u32::MAX).min(40));
        self.first_wait_ms
            .saturating_mul(doubled.unwrap_or(i64::MAX))
            .min(self.longest_wait_ms)
    }
}

/// Why nobody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// E-mail or password is wrong, or the account may no longer sign in: which is not told.
    #[error("e-mail and password do not fit")]
    Refused,
    /// Too many failures in a row.
    #[error("too many attempts; the next is taken in {seconds} s")]
    Wait {
        /// Until the next attempt is looked at.
        seconds: u64,
    },
    /// The store could not tell.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Signs in: the account and the token of a new session.
    ///
    /// # Errors
    /// [`LoginError`]; the same and after the same time for e-mails with and without account.
    pub async fn login(
        &self,
        email: &str,
        password: &str,
    ) -> Result<(Account, Secret), LoginError> {
        let email = plain_email(email);
        let hash = attempt_key(&email);
        self.count_attempt(&hash).await?;
        let sql =
            format!("SELECT {COLUMNS}, a.password AS password FROM accounts a WHERE a.email = $1");
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(email.as_str())
            .fetch_optional(&self.pool)
            .await
            .map_err(StoreError::from)?;
        let found = row.as_ref().map(account).transpose()?;
        let phc = row.as_ref().map(|r| text(r, "password")).transpose()?;
        let fits = self.passwords.verify(password, phc).await?;
        match found {
            Some(account) if fits && account.active => {
                let audit = Audit::new(
                    Actor::Account(account.id, account.role),
                    "session.open",
                    account.id,
                );
                let mut tx = self.begin().await?;
                forget_attempts(&mut tx, &email).await?;
                let token = self
                    .put_token(
                        &mut tx,
                        account.id,
                        TokenKind::Session,
                        None,
                        self.rules.session_ms,
                    )
                    .await?;
                audit::write(&mut tx, self.now(), &audit).await?;
                tx.commit().await.map_err(StoreError::from)?;
                Ok((account, token.1))
            }
            found => {
                let whom = found.map_or_else(|| "unknown".to_owned(), |a| a.id.to_string());
                self.note(&Audit::new(Actor::Visitor, "session.refused", whom))
                    .await?;
                Err(LoginError::Refused)
            }
        }
    }

    /// Counts an attempt before it is looked at, so that many at once are counted too.
    async fn count_attempt(&self, hash: &[u8; 32]) -> Result<(), LoginError> {
        let now = self.now();
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO attempts (email_hash, failures, wait_until, last_at) \
             VALUES ($1, 0, 0, $2) ON CONFLICT DO NOTHING",
        )
        .bind(hash.to_vec())
        .bind(now)
        .execute(&mut *tx)
        .await
        .map_err(StoreError::from)?;
        // Locks the row, so that the next attempt sees this one.
        let row = sqlx::query(
            "UPDATE attempts SET failures = failures WHERE email_hash = $1 \
             RETURNING failures, wait_until, last_at",
        )
        .bind(hash.to_vec())
        .fetch_one(&mut *tx)
        .await
        .map_err(StoreError::from)?;
        let left = number(&row, "wait_until")? - now;
        if left > 0 {
            let seconds = u64::try_from(left).unwrap_or(0).div_ceil(1000);
            return Err(LoginError::Wait { seconds });
        }
        let stale = now - number(&row, "last_at")? > self.rules.forget_failures_ms;
        let failures = if stale {
            1
        } else {
            number(&row, "failures")? + 1
        };
        sqlx::query(
            "UPDATE attempts SET failures = $1, wait_until = $2, last_at = $3 WHERE email_hash = $4",
        )
        .bind(failures)
        .bind(match self.rules.wait_ms(failures) {
            0 => 0,
            wait => now + wait,
        })
        .bind(now)
        .bind(hash.to_vec())
        .execute(&mut *tx)
        .await
        .map_err(StoreError::from)?;
        Ok(tx.commit().await.map_err(StoreError::from)?)
    }

    /// Deletes what has ended: tokens, old failures, old idempotency keys; gives how many rows. Of
    /// SQLite the log is emptied, so that nothing deleted lives on there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_expired(&self) -> Result<u64, StoreError> {
        let now = self.now();
        let mut gone = 0;
        for (sql, before) in [
            ("DELETE FROM tokens WHERE expires_at <= $1", now),
            (
                "DELETE FROM attempts WHERE last_at < $1",
                now - self.rules.forget_failures_ms,
            ),
            (
                "DELETE FROM idempotency WHERE created_at < $1",
                now - super::idempotency::KEPT_MS,
            ),
        ] {
            let done = sqlx::query(sql).bind(before).execute(&self.pool).await?;
            gone += done.rows_affected();
        }
        if self.kind == super::Kind::Sqlite {
            // A reader may hold the log's end: then the next time.
            let truncate = "PRAGMA wal_checkpoint(TRUNCATE)";
            sqlx::query(truncate).fetch_all(&self.pool).await?;
        }
        Ok(gone)
    }
}

/// What attempts are counted under.
fn attempt_key(email: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"counterpart attempt 1\n");
    hash.update(email.as_bytes());
    hash.finalize().into()
}

pub(super) async fn forget_attempts(tx: &mut Tx, email: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM attempts WHERE email_hash = $1")
        .bind(attempt_key(email).to_vec())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let rules = Rules::default();
        let waits: Vec<i64> = (4..=13).map(|n| rules.wait_ms(n) / 1000).collect();
        assert_eq!(waits, [0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        assert_eq!(rules.wait_ms(i64::MAX), 3_600_000);
    }
}
