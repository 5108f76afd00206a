//! The register of data-sharing agreements.

use super::{Audit, Store, StoreError, audit, id, maybe_number, number, text, word};
use crate::service::model::{AgreementId, OrganisationId};
use crate::service::sharing::{Sharing, Side, Signature, Terms};
use sqlx::any::AnyRow;

/// One without its signatures.
fn sharing(row: &AnyRow) -> Result<Sharing, StoreError> {
    let terms: Terms = serde_json::from_str(&text(row, "terms")?)
        .map_err(|_| StoreError::Damaged { what: "terms" })?;
    Ok(Sharing {
        id: id(row, "id")?,
        organisation: id(row, "organisation")?,
        terms,
        signatures: Vec::new(),
        ended_at: maybe_number(row, "ended_at")?,
    })
}

impl Store {
    /// Puts one into the register, unsigned. The audit row has its id for subject.
    ///
    /// # Errors
    /// [`StoreError::Exists`] for a reference the organisation has already.
    pub async fn add_sharing(
        &self,
        audit: &Audit,
        organisation: OrganisationId,
        terms: &Terms,
    ) -> Result<Sharing, StoreError> {
        let made = Sharing {
            id: AgreementId::random(),
            organisation,
            terms: terms.clone(),
            signatures: Vec::new(),
            ended_at: None,
        };
        let json = serde_json::to_string(terms).map_err(|_| StoreError::Invalid {
            rule: "the terms of an agreement are texts",
        })?;
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "INSERT INTO sharing (id, organisation, reference, terms, made_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(made.id.to_string())
        .bind(organisation.to_string())
        .bind(terms.reference.as_str())
        .bind(json)
        .bind(self.now())
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Exists { what: "agreement" });
        }
        audit::write(&mut tx, self.now(), &audit.of(made.id)).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// One by its id, with its signatures.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn sharing(&self, wanted: AgreementId) -> Result<Sharing, StoreError> {
        let row = sqlx::query("SELECT * FROM sharing WHERE id = $1")
            .bind(wanted.to_string())
            .fetch_optional(&self.pool)
            .await?;
        let mut found = sharing(&row.ok_or(StoreError::NotFound { what: "agreement" })?)?;
        found.signatures = self.signatures(wanted).await?;
        Ok(found)
    }

    /// An organisation's, or all, newest first, with their signatures.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn all_sharing(
        &self,
        of: Option<OrganisationId>,
    ) -> Result<Vec<Sharing>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM sharing WHERE $1 = '' OR organisation = $1 \
             ORDER BY made_at DESC, id LIMIT 1000",
        )
        .bind(of.map_or_else(String::new, |o| o.to_string()))
        .fetch_all(&self.pool)
        .await?;
        let mut found = Vec::new();
        for row in &rows {
            let mut one = sharing(row)?;
            one.signatures = self.signatures(one.id).await?;
            found.push(one);
        }
        Ok(found)
    }

    async fn signatures(&self, of: AgreementId) -> Result<Vec<Signature>, StoreError> {
        let rows = sqlx::query(
            "SELECT side, signer, at FROM sharing_signatures WHERE agreement = $1 ORDER BY side",
        )
        .bind(of.to_string())
        .fetch_all(&self.pool)
        .await?;
        let signature = |row| {
            Ok(Signature {
                side: word(row, "side")?,
                by: text(row, "signer")?,
                at: number(row, "at")?,
            })
        };
        rows.iter().map(signature).collect()
    }

    /// Signs for a side; signing again changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn sign_sharing(
        &self,
        audit: &Audit,
        of: AgreementId,
        side: Side,
        by: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO sharing_signatures (agreement, side, signer, at) \
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(of.to_string())
        .bind(super::as_word(&side)?)
        .bind(by)
        .bind(self.now())
        .execute(&mut *tx)
        .await?;
        audit::write(&mut tx, self.now(), audit).await?;
        Ok(tx.commit().await?)
    }

    /// Ends one; ending it again changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn end_sharing(&self, audit: &Audit, of: AgreementId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE sharing SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL")
            .bind(self.now())
            .bind(of.to_string())
            .execute(&mut *tx)
            .await?;
        audit::write(&mut tx, self.now(), audit).await?;
        Ok(tx.commit().await?)
    }
}
