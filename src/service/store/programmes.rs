//! Programmes: what an organisation's submissions are about.

use super::accounts::checked_name;
use super::{Audit, Store, StoreError, audit, id, text};
use crate::service::model::{OrganisationId, ProgrammeId};
use sqlx::any::AnyRow;

/// One.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Programme {
    /// Its id.
    #[schema(value_type = String)]
    pub id: ProgrammeId,
    /// Whose it is.
    #[schema(value_type = String)]
    pub organisation: OrganisationId,
    /// What it is called; unique within the organisation.
    pub name: String,
}

fn programme(row: &AnyRow) -> Result<Programme, StoreError> {
    Ok(Programme {
        id: id(row, "id")?,
        organisation: id(row, "organisation")?,
        name: text(row, "name")?,
    })
}

impl Store {
    /// Makes one. The audit row has its id for subject.
    ///
    /// # Errors
    /// [`StoreError::Exists`] for a name the organisation has already; [`StoreError::Invalid`].
    pub async fn add_programme(
        &self,
        audit: &Audit,
        organisation: OrganisationId,
        name: &str,
    ) -> Result<Programme, StoreError> {
        let made = Programme {
            id: ProgrammeId::random(),
            organisation,
            name: checked_name(name)?.to_owned(),
        };
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "INSERT INTO programmes (id, organisation, name, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(made.id.to_string())
        .bind(organisation.to_string())
        .bind(made.name.as_str())
        .bind(self.now())
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Exists { what: "programme" });
        }
        audit::write(&mut tx, self.now(), &audit.of(made.id)).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// One by its id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn programme(&self, wanted: ProgrammeId) -> Result<Programme, StoreError> {
        let row = sqlx::query("SELECT id, organisation, name FROM programmes WHERE id = $1")
            .bind(wanted.to_string())
            .fetch_optional(&self.pool)
            .await?;
        programme(&row.ok_or(StoreError::NotFound { what: "programme" })?)
    }

    /// An organisation's, or all; by name.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn programmes(
        &self,
        of: Option<OrganisationId>,
    ) -> Result<Vec<Programme>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, organisation, name FROM programmes \
             WHERE $1 = '' OR organisation = $1 ORDER BY name, id",
        )
        .bind(of.map_or_else(String::new, |o| o.to_string()))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(programme).collect()
    }

    /// Those of which something is released, of every organisation; by name.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn released_programmes(&self) -> Result<Vec<Programme>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, organisation, name FROM programmes WHERE id IN \
             (SELECT programme FROM submissions WHERE state = 'released') ORDER BY name, id",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(programme).collect()
    }
}
