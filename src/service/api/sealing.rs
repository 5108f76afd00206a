//! Sealed uploads: a worker waits with a key of its own, and the file comes encrypted to it.

use super::App;
use super::door::{Body, Caller};
use super::upload::{Taking, Wanted, only_check};
use crate::service::clock::rfc3339;
use crate::service::model::{AccountId, SubmissionId};
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use crate::service::store::Account;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a sealed upload is for.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToSeal {
    /// Id of the study.
    study: String,
    /// Id of the programme.
    programme: String,
    /// `yes`: the list is only to be checked; to be said again with the file.
    #[serde(default)]
    #[schema(pattern = "^(yes|no)$")]
    check: Option<String>,
}

/// A key to seal a file to.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SealKey {
    /// Goes into the field `sealed` of the upload.
    id: String,
    /// Of the process that will hold the list; base64.
    public_key: String,
    /// The service's word for that key (Ed25519, base64), by the key that its certificates are checked with.
    signature: String,
    /// With this, and with nothing else, the commitment to the list can be made and opened: told here
    /// and with the upload's answer, kept nowhere.
    salt: String,
    /// When it ends, RFC 3339.
    expires_at: String,
}

/// Ask for a key to seal a list with
///
/// The file is then encrypted before it leaves you, to a key that only the process has that will hold it.
#[utoipa::path(
    post, path = "/api/v1/sealed-uploads", operation_id = "seal", tag = "submissions", security(("bearer" = [])), request_body = ToSeal,
    responses((status = 201, description = "a key, for a short while", body = SealKey))
)]
pub async fn seal(
    State(app): State<App>,
    caller: Caller,
    Body(wanted): Body<ToSeal>,
) -> Result<(StatusCode, Json<SealKey>), Problem> {
    let ToSeal {
        study,
        programme,
        check,
    } = wanted;
    let check = only_check(check.as_deref())?;
    let key = key_for(&app, &caller, study, &programme, check).await?;
    Ok((StatusCode::CREATED, Json(key)))
}

/// Starts a worker that waits for a sealed file; its key.
///
/// # Errors
/// 403, 404, 429, 503.
pub async fn key_for(
    app: &App,
    caller: &Caller,
    study: String,
    programme: &str,
    check: bool,
) -> Result<SealKey, Problem> {
    caller.may(Route::SealUpload)?;
    app.rates.uploads.one(caller.account.organisation)?;
    let wanted = Wanted::known(app, caller, Route::SealUpload, study, programme).await?;
    let wanted = Wanted { check, ..wanted };
    let taking = Taking::start(app, &caller.account, &wanted, true).await?;
    let key = taking.intake.public_key().ok_or_else(Problem::fault)?;
    let public_key = STANDARD.encode(key);
    let signature = app.custodian.vouch(taking.job.submission, key);
    let salt = taking.job.salt.to_string();
    let lasts = app.limits.seal_lasts;
    let ends = app.store.clock().now_ms() + i64::try_from(lasts.as_millis()).unwrap_or(0);
    let id = app.sealing.keep(taking, &caller.account, wanted, lasts);
    Ok(SealKey {
        id: id.to_string(),
        public_key,
        signature,
        salt,
        expires_at: rfc3339(ends),
    })
}

/// Workers that wait for a sealed file.
#[derive(Default)]
pub struct Sealing(Mutex<HashMap<SubmissionId, Pending>>);

struct Pending {
    account: AccountId,
    wanted: Wanted,
    taking: Taking,
}

impl Sealing {
    /// Keeps a worker for so long; its id.
    fn keep(
        self: &Arc<Self>,
        taking: Taking,
        account: &Account,
        wanted: Wanted,
        lasts: Duration,
    ) -> SubmissionId {
        let id = taking.job.submission;
        let pending = Pending {
            account: account.id,
            wanted,
            taking,
        };
        self.lock().insert(id, pending);
        let sealing = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(lasts).await;
            let Some(sealing) = sealing.upgrade() else {
                return;
            };
            // Dropped, its worker ends.
            let late = sealing.lock().remove(&id);
            drop(late);
        });
        id
    }

    /// The worker whose key a file is sealed to; once.
    ///
    /// # Errors
    /// 422 when there is none for this account, study and programme.
    pub(super) fn take(
        &self,
        id: SubmissionId,
        account: &Account,
        wanted: &Wanted,
    ) -> Result<Taking, Problem> {
        let mut all = self.lock();
        let fits = all
            .get(&id)
            .is_some_and(|p| p.account == account.id && p.wanted == *wanted);
        let pending = if fits { all.remove(&id) } else { None };
        pending.map(|p| p.taking).ok_or_else(unknown_key)
    }

    /// Lets all of them go: their workers end.
    pub fn clear(&self) {
        let all = std::mem::take(&mut *self.lock());
        drop(all);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SubmissionId, Pending>> {
        // A map is whole between any two of its calls.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The field `sealed` names no key.
pub(super) fn unknown_key() -> Problem {
    Problem::unprocessable(
        "`sealed` is the id of no sealed upload of yours for this study and programme, or it has ended",
        "ask for a new key with POST /api/v1/sealed-uploads, and seal the file again",
    )
}
