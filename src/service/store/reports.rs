//! The faces of a report, readable only where the state says so, and certificates.

use super::moves::lock;
use super::{Audit, Store, StoreError, Tx, as_i64, as_u64, audit, bytes, number, text};
use crate::service::model::{Role, State, SubmissionId};

/// A report in one format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    /// `report.html`, `report.json` ...
    pub name: String,
    /// As HTTP has it.
    pub media_type: String,
    /// Its content: released by the disclosure rules.
    pub bytes: Vec<u8>,
}

/// A certificate as it is kept: the rest of its bundle is made from the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its place in the ledger.
    pub leaf: u64,
    /// The signed envelope (JSON).
    pub envelope: String,
    /// Milliseconds since 1970.
    pub issued_at: i64,
}

impl Store {
    /// Keeps more faces of a report whose findings are kept; one of the same name is replaced. The
    /// first are kept by [`Store::close_submission`].
    ///
    /// # Errors
    /// [`StoreError::Invalid`] in another state; [`StoreError::NotFound`].
    pub async fn put_faces(
        &self,
        audit: &Audit,
        of: SubmissionId,
        faces: &[Face],
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let state = lock(&mut tx, of).await?;
        if !state.keeps_findings() {
            return Err(StoreError::Invalid {
                rule: "findings are kept only of a submission that awaits its release or is released",
            });
        }
        put(&mut tx, of, faces).await?;
        audit::write(&mut tx, self.now(), audit).await?;
        Ok(tx.commit().await?)
    }

    /// A face, for whoever has this role: when released for all but auditors, before that for a
    /// steward alone. Whose the submission is must have been checked.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn face(
        &self,
        of: SubmissionId,
        name: &str,
        reader: Role,
    ) -> Result<Option<Face>, StoreError> {
        let sql = "SELECT f.media_type AS media_type, f.bytes AS bytes FROM faces f \
             JOIN submissions s ON s.id = f.submission \
             WHERE f.submission = $1 AND f.name = $2 AND (s.state = 'released' OR s.state = $3)";
        if reader == Role::Auditor {
            return Ok(None);
        }
        let row = sqlx::query(sql)
            .bind(of.to_string())
            .bind(name)
            .bind(also_readable(reader))
            .fetch_optional(&self.pool)
            .await?;
        let face = |row| {
            Ok(Face {
                name: name.to_owned(),
                media_type: text(&row, "media_type")?,
                bytes: bytes(&row, "bytes")?,
            })
        };
        row.map(face).transpose()
    }

    /// Names of the faces there are, under the rule of [`Store::face`].
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn faces(&self, of: SubmissionId, reader: Role) -> Result<Vec<String>, StoreError> {
        if reader == Role::Auditor {
            return Ok(Vec::new());
        }
        let rows = sqlx::query(
            "SELECT f.name AS name FROM faces f JOIN submissions s ON s.id = f.submission \
             WHERE f.submission = $1 AND (s.state = 'released' OR s.state = $2) ORDER BY f.name",
        )
        .bind(of.to_string())
        .bind(also_readable(reader))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| text(row, "name")).collect()
    }

    /// A submission's certificate, if it has one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn certificate(&self, of: SubmissionId) -> Result<Option<Certificate>, StoreError> {
        let row =
            sqlx::query("SELECT leaf, envelope, issued_at FROM certificates WHERE submission = $1")
                .bind(of.to_string())
                .fetch_optional(&self.pool)
                .await?;
        let certificate = |row| {
            Ok(Certificate {
                leaf: as_u64(number(&row, "leaf")?, "leaf")?,
                envelope: text(&row, "envelope")?,
                issued_at: number(&row, "issued_at")?,
            })
        };
        row.map(certificate).transpose()
    }
}

/// The state beside released in which a role reads findings.
fn also_readable(reader: Role) -> &'static str {
    match reader {
        Role::Steward => State::AwaitingRelease.name(),
        _ => State::Released.name(),
    }
}

pub(super) async fn put(tx: &mut Tx, of: SubmissionId, faces: &[Face]) -> Result<(), StoreError> {
    for face in faces {
        sqlx::query(
            "INSERT INTO faces (submission, name, media_type, bytes) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (submission, name) DO UPDATE SET media_type = excluded.media_type, \
             bytes = excluded.bytes",
        )
        .bind(of.to_string())
        .bind(face.name.as_str())
        .bind(face.media_type.as_str())
        .bind(face.bytes.clone())
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, of: SubmissionId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM faces WHERE submission = $1")
        .bind(of.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn is_certified(tx: &mut Tx, of: SubmissionId) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT leaf FROM certificates WHERE submission = $1")
        .bind(of.to_string())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.is_some())
}

pub(super) async fn certify(
    tx: &mut Tx,
    now: i64,
    of: SubmissionId,
    leaf: u64,
    envelope: &str,
) -> Result<(), StoreError> {
    let made = sqlx::query(
        "INSERT INTO certificates (submission, leaf, envelope, issued_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(of.to_string())
    .bind(as_i64(leaf))
    .bind(envelope)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    match made.rows_affected() {
        0 => Err(StoreError::Exists {
            what: "certificate",
        }),
        _ => Ok(()),
    }
}
