//! Signing in, sessions and API tokens. Of a token only its SHA-256 is kept; an e-mail that has no
//! account is answered like one that has, as slowly, and with the same waits.

use super::accounts::{Account, COLUMNS, account, plain_email};
use super::secret::{Secret, token_digest};
use super::{Actor, Audit, Store, StoreError, Tx, audit, digest, id, maybe_text, number, text};
use crate::service::model::AccountId;
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;
use subtle::ConstantTimeEq as _;

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

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(utoipa::ToSchema)]
pub enum TokenKind {
    /// A person signed in.
    Session,
    /// A program.
    Api,
}

/// What may be told of a token: not the token.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct TokenInfo {
    /// By which it is revoked.
    pub id: String,
    /// Session or API token.
    pub kind: TokenKind,
    /// What its holder calls it.
    pub name: Option<String>,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Milliseconds since 1970.
    pub expires_at: i64,
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

    /// Makes an API token: shown once.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a name that is none.
    pub async fn make_token(
        &self,
        audit: &Audit,
        account: AccountId,
        name: &str,
        lasts_ms: i64,
    ) -> Result<(TokenInfo, Secret), StoreError> {
        let name = super::accounts::checked_name(name)?;
        let mut tx = self.begin().await?;
        let made = self
            .put_token(&mut tx, account, TokenKind::Api, Some(name), lasts_ms)
            .await?;
        audit::write(&mut tx, self.now(), audit).await?;
        tx.commit().await?;
        Ok(made)
    }

    async fn put_token(
        &self,
        tx: &mut Tx,
        account: AccountId,
        kind: TokenKind,
        name: Option<&str>,
        lasts_ms: i64,
    ) -> Result<(TokenInfo, Secret), StoreError> {
        let secret = Secret::token(match kind {
            TokenKind::Session => "cps_",
            TokenKind::Api => "cpt_",
        });
        let info = TokenInfo {
            id: AccountId::random().to_string(),
            kind,
            name: name.map(str::to_owned),
            created_at: self.now(),
            expires_at: self.now().saturating_add(lasts_ms),
        };
        sqlx::query(
            "INSERT INTO tokens (id, hash, account, kind, name, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(info.id.as_str())
        .bind(token_digest(secret.expose()).to_vec())
        .bind(account.to_string())
        .bind(super::as_word(&kind)?)
        .bind(info.name.clone())
        .bind(info.created_at)
        .bind(info.expires_at)
        .execute(&mut **tx)
        .await?;
        Ok((info, secret))
    }

    /// Whose a token is; None when it is nobody's, ended, or of an account that may not sign in.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn account_of_token(&self, token: &str) -> Result<Option<Account>, StoreError> {
        let hash = token_digest(token);
        let sql = format!(
            "SELECT {COLUMNS}, t.hash AS hash FROM tokens t JOIN accounts a ON a.id = t.account \
             WHERE t.hash = $1 AND t.expires_at > $2 AND a.active = 1"
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(hash.to_vec())
            .bind(self.now())
            .fetch_optional(&self.pool)
            .await?;
        match row {
            Some(row) if bool::from(digest(&row, "hash")?.ct_eq(&hash)) => account(&row).map(Some),
            _ => Ok(None),
        }
    }

    /// An account's sessions and tokens that have not ended, newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn tokens(&self, account: AccountId) -> Result<Vec<TokenInfo>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, kind, name, created_at, expires_at FROM tokens \
             WHERE account = $1 AND expires_at > $2 ORDER BY created_at DESC, id",
        )
        .bind(account.to_string())
        .bind(self.now())
        .fetch_all(&self.pool)
        .await?;
        let info = |row| {
            Ok(TokenInfo {
                id: text(row, "id")?,
                kind: super::word(row, "kind")?,
                name: maybe_text(row, "name")?,
                created_at: number(row, "created_at")?,
                expires_at: number(row, "expires_at")?,
            })
        };
        rows.iter().map(info).collect()
    }

    /// Ends one of an account's own tokens, by its id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], for another's too.
    pub async fn revoke_token(
        &self,
        audit: &Audit,
        account: AccountId,
        token: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM tokens WHERE id = $1 AND account = $2")
            .bind(token)
            .bind(account.to_string())
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "token" });
        }
        audit::write(&mut tx, self.now(), audit).await?;
        Ok(tx.commit().await?)
    }

    /// Ends the session (or token) whose text this is: signing out.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn end_session(&self, audit: &Audit, token: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let row = sqlx::query("DELETE FROM tokens WHERE hash = $1 RETURNING account")
            .bind(token_digest(token).to_vec())
            .fetch_optional(&mut *tx)
            .await?;
        let row = row.ok_or(StoreError::NotFound { what: "token" })?;
        id::<AccountId>(&row, "account")?;
        audit::write(&mut tx, self.now(), audit).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes what has ended: tokens, old failures, old idempotency keys. Gives how many rows.
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
