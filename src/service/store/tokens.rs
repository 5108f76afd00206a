//! Sessions and API tokens: of each only its SHA-256 is kept.

use super::accounts::{Account, COLUMNS, account, checked_name};
use super::secret::{Secret, token_digest};
use super::{
    Audit, Store, StoreError, Tx, as_word, audit, digest, id, maybe_text, number, text, word,
};
use crate::service::model::AccountId;
use sqlx::AssertSqlSafe;
use subtle::ConstantTimeEq as _;

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
    /// Makes an API token: shown once. The audit row has its id for subject.
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
        let name = checked_name(name)?;
        let mut tx = self.begin().await?;
        let made = self
            .put_token(&mut tx, account, TokenKind::Api, Some(name), lasts_ms)
            .await?;
        audit::write(&mut tx, self.now(), &audit.of(&made.0.id)).await?;
        tx.commit().await?;
        Ok(made)
    }

    pub(super) async fn put_token(
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
        .bind(as_word(&kind)?)
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
                kind: word(row, "kind")?,
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
}
