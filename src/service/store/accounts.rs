//! Organisations and their accounts.

use super::{Audit, Store, StoreError, Tx, as_word, audit, id, number, text, word};
use crate::service::model::{AccountId, OrganisationId, Role};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Organisation {
    /// Its id.
    #[schema(value_type = String)]
    pub id: OrganisationId,
    /// What it is called.
    pub name: String,
}

/// Somebody who may sign in. Says nothing about the password.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Account {
    /// Its id.
    #[schema(value_type = String)]
    pub id: AccountId,
    /// Lower case; never logged.
    pub email: String,
    /// Whose it is.
    #[schema(value_type = String)]
    pub organisation: OrganisationId,
    /// What it may do.
    pub role: Role,
    /// False: can no longer sign in, and its tokens are dead.
    pub active: bool,
}

/// An account to be.
pub struct NewAccount<'a> {
    /// An address with one `@`.
    pub email: &'a str,
    /// Name of the organisation; made when there is none of this name.
    pub organisation: &'a str,
    /// What it may do.
    pub role: Role,
    /// At least [`super::MIN_PASSWORD_CHARACTERS`] characters.
    pub password: &'a str,
}

/// E-mails are compared in lower case without blanks around them.
pub(super) fn plain_email(email: &str) -> String {
    email.trim().to_lowercase()
}

fn checked_email(email: &str) -> Result<String, StoreError> {
    let email = plain_email(email);
    let parts: Vec<&str> = email.split('@').collect();
    let sound = parts.len() == 2
        && parts.iter().all(|p| !p.is_empty())
        && email.len() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control());
    match sound {
        true => Ok(email),
        false => Err(StoreError::Invalid {
            rule: "an e-mail address has one @ with something on both sides, and no blank",
        }),
    }
}

/// A name of an organisation or programme.
pub(super) fn checked_name(name: &str) -> Result<&str, StoreError> {
    let name = name.trim();
    let sound =
        !name.is_empty() && name.chars().count() <= 200 && !name.chars().any(char::is_control);
    match sound {
        true => Ok(name),
        false => Err(StoreError::Invalid {
            rule: "a name has 1 to 200 characters and no line break",
        }),
    }
}

/// Columns of an account, for every query that gives one.
pub(super) const COLUMNS: &str = "a.id AS id, a.email AS email, a.organisation AS organisation, \
     a.role AS role, a.active AS active";

pub(super) fn account(row: &AnyRow) -> Result<Account, StoreError> {
    Ok(Account {
        id: id(row, "id")?,
        email: text(row, "email")?,
        organisation: id(row, "organisation")?,
        role: word(row, "role")?,
        active: number(row, "active")? == 1,
    })
}

impl Store {
    /// Makes an account, and its organisation where there is none of this name. The audit row has
    /// its id for subject.
    ///
    /// # Errors
    /// [`StoreError::Exists`] for an e-mail that has one; [`StoreError::Invalid`].
    pub async fn add_account(
        &self,
        audit: &Audit,
        new: &NewAccount<'_>,
    ) -> Result<Account, StoreError> {
        let email = checked_email(new.email)?;
        let name = checked_name(new.organisation)?;
        let password = self.passwords.hash(new.password).await?;
        let mut tx = self.begin().await?;
        let organisation = self.organisation_named(&mut tx, name).await?;
        let account = Account {
            id: AccountId::random(),
            email,
            organisation,
            role: new.role,
            active: true,
        };
        let made = sqlx::query(
            "INSERT INTO accounts (id, email, organisation, role, active, password, created_at) \
             VALUES ($1, $2, $3, $4, 1, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(account.id.to_string())
        .bind(account.email.as_str())
        .bind(organisation.to_string())
        .bind(as_word(&new.role)?)
        .bind(password)
        .bind(self.now())
        .execute(&mut *tx)
        .await?;
        if made.rows_affected() == 0 {
            return Err(StoreError::Exists { what: "account" });
        }
        audit::write(&mut tx, self.now(), &audit.of(account.id)).await?;
        tx.commit().await?;
        Ok(account)
    }

    async fn organisation_named(
        &self,
        tx: &mut Tx,
        name: &str,
    ) -> Result<OrganisationId, StoreError> {
        sqlx::query(
            "INSERT INTO organisations (id, name, created_at) VALUES ($1, $2, $3) \
             ON CONFLICT DO NOTHING",
        )
        .bind(OrganisationId::random().to_string())
        .bind(name)
        .bind(self.now())
        .execute(&mut **tx)
        .await?;
        let found = sqlx::query("SELECT id FROM organisations WHERE name = $1")
            .bind(name)
            .fetch_one(&mut **tx)
            .await?;
        id(&found, "id")
    }

    /// An account by its id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn account(&self, account: AccountId) -> Result<Account, StoreError> {
        let row =
            sqlx::query("SELECT id, email, organisation, role, active FROM accounts WHERE id = $1")
                .bind(account.to_string())
                .fetch_optional(&self.pool)
                .await?;
        self::account(&row.ok_or(StoreError::NotFound { what: "account" })?)
    }

    /// An account by its e-mail.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn account_of_email(&self, email: &str) -> Result<Account, StoreError> {
        let row = sqlx::query(
            "SELECT id, email, organisation, role, active FROM accounts WHERE email = $1",
        )
        .bind(plain_email(email))
        .fetch_optional(&self.pool)
        .await?;
        self::account(&row.ok_or(StoreError::NotFound { what: "account" })?)
    }

    /// Every account, by e-mail.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let sql = "SELECT id, email, organisation, role, active FROM accounts ORDER BY email";
        let rows = sqlx::query(sql).fetch_all(&self.pool).await?;
        rows.iter().map(self::account).collect()
    }

    /// An organisation by its id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn organisation(
        &self,
        organisation: OrganisationId,
    ) -> Result<Organisation, StoreError> {
        let row = sqlx::query("SELECT name FROM organisations WHERE id = $1")
            .bind(organisation.to_string())
            .fetch_optional(&self.pool)
            .await?;
        let row = row.ok_or(StoreError::NotFound {
            what: "organisation",
        })?;
        Ok(Organisation {
            id: organisation,
            name: text(&row, "name")?,
        })
    }

    /// Lets an account sign in, or no longer; then its sessions and tokens end at once.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn set_active(
        &self,
        audit: &Audit,
        account: AccountId,
        active: bool,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("UPDATE accounts SET active = $1 WHERE id = $2")
            .bind(i64::from(active))
            .bind(account.to_string())
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "account" });
        }
        if !active {
            end_tokens(&mut tx, account).await?;
        }
        audit::write(&mut tx, self.now(), audit).await?;
        Ok(tx.commit().await?)
    }

    /// Gives an account another password; its sessions and tokens end.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Invalid`].
    pub async fn set_password(
        &self,
        audit: &Audit,
        account: AccountId,
        password: &str,
    ) -> Result<(), StoreError> {
        let phc = self.passwords.hash(password).await?;
        let mut tx = self.begin().await?;
        let row = sqlx::query("UPDATE accounts SET password = $1 WHERE id = $2 RETURNING email")
            .bind(phc)
            .bind(account.to_string())
            .fetch_optional(&mut *tx)
            .await?;
        let row = row.ok_or(StoreError::NotFound { what: "account" })?;
        let email: String = row.try_get("email")?;
        end_tokens(&mut tx, account).await?;
        super::sessions::forget_attempts(&mut tx, &email).await?;
        audit::write(&mut tx, self.now(), audit).await?;
        Ok(tx.commit().await?)
    }
}

async fn end_tokens(tx: &mut Tx, account: AccountId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM tokens WHERE account = $1")
        .bind(account.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
