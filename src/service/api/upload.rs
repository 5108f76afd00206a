//! A list comes in: its bytes go from the connection straight to the process that will hold it.

use super::App;
use super::door::Caller;
use super::form::{Fields, FilePart, Form};
use super::recording::Recording;
use super::sealing::unknown_key;
use super::sharing::ground;
use crate::custody::hex;
use crate::service::agreement::{Agreement, Basis};
use crate::service::model::{ProgrammeId, SubmissionId};
use crate::service::permissions::{Route, Subject, may};
use crate::service::problem::{Problem, allowed};
use crate::service::store::{Account, Idempotency, Replay};
use crate::service::worker::{Intake, Job};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The step of a list that is only to be checked.
pub const TO_BE_CHECKED: &str = "to_be_checked";

/// A list was taken in.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Accepted {
    /// Of the submission: where to look is in the header Location.
    #[schema(value_type = String)]
    pub id: SubmissionId,
    /// The commitment to the file that its certificate will carry; hexadecimal. Not told again when
    /// the same request is sent again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commitment: Option<String>,
    /// With this, and with nothing else, the commitment can be opened: told once, kept nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
}

impl Accepted {
    pub(super) fn again(id: SubmissionId) -> Accepted {
        Accepted {
            id,
            commitment: None,
            salt: None,
        }
    }
}

/// The parts of an upload. In this order: what a file is for must be known before its first byte.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the parts")]
pub struct Upload {
    /// Id of the study.
    study: String,
    /// Id of the programme.
    programme: String,
    /// Id of a sealed upload, where the file is encrypted to its key.
    sealed: Option<String>,
    /// Reference of the data-sharing agreement under which it is handed in. Nobody's name.
    #[schema(max_length = 100)]
    agreement: Option<String>,
    /// On what ground; where there is an agreement.
    lawful_basis: Option<Basis>,
    /// `yes`: the list is read and told of, row by row, and nobody is looked for; there is no report.
    #[schema(pattern = "^(yes|no)$")]
    check: Option<String>,
    /// The list: CSV, XLSX or ODS. Its name is not looked at.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
}

/// Hand in a list
///
/// The list goes to a process of its own, is worked through, and is erased; nothing of it is kept. Send
/// the fields before the file. The same Idempotency-Key with the same body makes one submission, however
/// often it is sent within a day.
#[utoipa::path(
    post, path = "/api/v1/submissions", operation_id = "submit", tag = "submissions", security(("bearer" = [])),
    params(("Idempotency-Key" = String, Header, description = "1 to 200 visible characters of your choice", pattern = "^[!-~]{1,200}$")),
    request_body(content = Upload, content_type = "multipart/form-data"),
    responses((status = 202, description = "taken in", body = Accepted,
        headers(("Location" = String, description = "where it is looked at"))))
)]
pub async fn submit(State(app): State<App>, caller: Caller, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let taken = async {
        caller.may(Route::Submit)?;
        let key = idempotency_key(&parts.headers)?;
        app.rates.uploads.one(caller.account.organisation)?;
        let mut form = Form::new(&parts.headers, body, app.limits.deadline())?;
        let taken = async {
            let (fields, file) = form.fields().await?;
            taken_in(&app, &caller, key, fields, file, &mut form).await
        };
        let taken = taken.await;
        if taken.is_err() {
            form.drain().await;
        }
        taken
    };
    let mut response = match taken.await {
        Ok(accepted) => {
            let place = format!("/api/v1/submissions/{}", accepted.id);
            let mut response = (StatusCode::ACCEPTED, Json(accepted)).into_response();
            if let Ok(place) = HeaderValue::from_str(&place) {
                response.headers_mut().insert(header::LOCATION, place);
            }
            response
        }
        Err::<_, Problem>(problem) => problem.into_response(),
    };
    // An idle connection's buffer would keep the last bytes of the list.
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// Takes in what an upload's fields and file say; `key` tells one upload from another.
///
/// # Errors
/// 400, 404, 408, 409, 413, 422, 503.
pub async fn taken_in(
    app: &App,
    caller: &Caller,
    key: &str,
    fields: Fields,
    mut file: FilePart,
    form: &mut Form,
) -> Result<Accepted, Problem> {
    let deadline = app.limits.deadline();
    let agreement = Agreement::of(fields.agreement, fields.lawful_basis)?;
    let sealed = fields
        .sealed
        .map(|id| id.parse().map_err(|_| unknown_key()));
    let sealed = sealed.transpose()?;
    let study = fields.study.unwrap_or_default();
    let programme = fields.programme.unwrap_or_default();
    let check = only_check(fields.check.as_deref())?;
    let wanted = Wanted::known(app, caller, Route::Submit, study, &programme).await?;
    let wanted = Wanted { check, ..wanted };
    let mut digest = wanted.digest(app, sealed, agreement.as_ref());
    if app.store.key_used(caller.account.id, key).await?.is_some() {
        // Sent before: read, and kept nowhere, to see whether it is the same. No worker for it.
        while let Some(bytes) = file.chunk(deadline).await? {
            digest.update(&bytes);
        }
        drop(file);
        form.ended().await?;
        return replayed(app, caller, key, digest).await;
    }
    let ground = ground(app, caller, agreement).await?;
    let mut taking = match sealed {
        None => Taking::start(app, &caller.account, &wanted, false).await?,
        Some(id) => app.sealing.take(id, &caller.account, &wanted)?,
    };
    let received_at = app.store.clock().now_ms();
    while let Some(bytes) = file.chunk(deadline).await? {
        digest.update(&bytes);
        deadline.ours(taking.intake.write(&bytes)).await??;
    }
    drop(file);
    form.ended().await?;
    let recording = Recording {
        app: app.clone(),
        key: key.to_owned(),
        body: digest.finalize().into_bytes().into(),
        account: caller.account.clone(),
        audit: caller.audit("submission.make", taking.job.submission),
        wanted,
        ground,
        taking,
        received_at,
    };
    // Gone through with even if the sender hangs up now: what is on record takes its turn.
    let recorded = tokio::spawn(recording.put());
    recorded.await.map_err(|_| Problem::fault())?
}

/// A key that is known.
async fn replayed(
    app: &App,
    caller: &Caller,
    key: &str,
    digest: Hmac<Sha256>,
) -> Result<Accepted, Problem> {
    let request = Idempotency {
        account: caller.account.id,
        key,
        body: digest.finalize().into_bytes().into(),
    };
    match app.store.replay(&request).await? {
        Replay::Same(id) => Ok(Accepted::again(id)),
        Replay::Conflict => Err(reused()),
        Replay::New => Err(Problem::conflict(
            "the key was forgotten while the body came",
            "send the same request again",
        )),
    }
}

pub(super) fn reused() -> Problem {
    Problem::unprocessable(
        "this Idempotency-Key was used with another body",
        "use a new key for a new submission; send the same body to ask again for the old one",
    )
}

fn idempotency_key(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let key = keys.next().and_then(|v| v.to_str().ok());
    let sound = |k: &&str| (1..=200).contains(&k.len()) && k.bytes().all(|b| b.is_ascii_graphic());
    key.filter(sound).filter(|_| keys.next().is_none()).ok_or_else(|| {
        Problem::bad_request(
            "the header Idempotency-Key must be there once, with 1 to 200 visible characters",
            "make one up for each submission (a random UUID serves), and send it again with the same body after a failure",
        )
    })
}

/// What a file is for.
#[derive(Clone, PartialEq, Eq)]
pub struct Wanted {
    pub(super) study: String,
    pub(super) programme: ProgrammeId,
    /// Only to be checked.
    pub(super) check: bool,
}

/// Whether a list is only to be checked.
///
/// # Errors
/// 422.
pub(in crate::service) fn only_check(said: Option<&str>) -> Result<bool, Problem> {
    match said {
        None | Some("" | "no") => Ok(false),
        Some("yes") => Ok(true),
        Some(_) => Err(Problem::unprocessable(
            "`check` is yes or no",
            "leave it out for a report",
        )),
    }
}

impl Wanted {
    /// A study and a programme, if they are there for this account.
    ///
    /// # Errors
    /// 404.
    pub(super) async fn known(
        app: &App,
        caller: &Caller,
        route: Route,
        study: String,
        programme: &str,
    ) -> Result<Wanted, Problem> {
        if app.studies.get(&study).is_none() {
            let mut problem = Problem::not_found("study");
            problem.hint = "GET /api/v1/studies lists them".into();
            return Err(problem);
        }
        let unknown = || {
            let mut problem = Problem::not_found("programme");
            problem.hint = "GET /api/v1/programmes lists them; POST makes one".into();
            problem
        };
        let programme: ProgrammeId = programme.parse().map_err(|_| unknown())?;
        let found = app.store.programme(programme).await;
        let found = found.map_err(|e| match e {
            crate::service::store::StoreError::NotFound { .. } => unknown(),
            other => other.into(),
        })?;
        let theirs = may(route, &caller.account, Subject::Of(found.organisation));
        allowed(theirs, "programme").map_err(|_| unknown())?;
        Ok(Wanted {
            study,
            programme,
            check: false,
        })
    }

    /// The beginning of the keyed digest of a whole request.
    fn digest(
        &self,
        app: &App,
        sealed: Option<SubmissionId>,
        agreement: Option<&Agreement>,
    ) -> Hmac<Sha256> {
        let mut digest = app.upload_key.digest();
        let sealed = sealed.map_or_else(String::new, |s| s.to_string());
        digest.update(format!("{}\n{}\n{sealed}\n", self.study, self.programme).as_bytes());
        if self.check {
            digest.update(b"check\n");
        }
        if let Some(Agreement { reference, basis }) = agreement {
            digest.update(format!("{reference}\n{}\n", basis.name()).as_bytes());
        }
        digest
    }
}

/// The key of the digests by which a request is known again: without it nobody can try guesses at
/// a list on what the database holds. Not printable.
pub struct UploadKey(Zeroizing<[u8; 32]>);

impl UploadKey {
    /// 256 bits; servers that share a database share them too.
    pub fn new(bits: Zeroizing<[u8; 32]>) -> UploadKey {
        UploadKey(bits)
    }

    /// The key of the tags under which releases are recorded. Another purpose, another text.
    fn releases(&self) -> [u8; 32] {
        let mut key = self.keyed();
        key.update(b"counterpart releases 1\n");
        key.finalize().into_bytes().into()
    }

    fn digest(&self) -> Hmac<Sha256> {
        let mut digest = self.keyed();
        digest.update(b"counterpart upload 1\n");
        digest
    }

    fn keyed(&self) -> Hmac<Sha256> {
        // A key's array is never refused: HMAC takes any length, and this is its block's half.
        Hmac::new(&{
            let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
            block[..32].copy_from_slice(self.0.as_slice());
            block
        })
    }
}

/// A worker that is ready for a file.
pub struct Taking {
    pub(super) intake: Intake,
    pub(super) job: Known,
}

/// What is kept of a job that was given away.
pub struct Known {
    pub(super) submission: SubmissionId,
    pub(super) canary_seed: [u8; 32],
    pub(super) salt: Zeroizing<String>,
}

impl Taking {
    /// Takes a place and starts a worker.
    ///
    /// # Errors
    /// 503.
    pub(super) async fn start(
        app: &App,
        account: &Account,
        wanted: &Wanted,
        sealed: bool,
    ) -> Result<Taking, Problem> {
        if !app.custodian.is_taking_in() {
            return Err(Problem::unavailable(
                "no submission is taken in at the moment",
                60,
            ));
        }
        let study = app.studies.get(&wanted.study).ok_or_else(Problem::fault)?;
        let job = Job {
            submission: SubmissionId::random(),
            organisation: account.organisation,
            study_toml: study.text.clone(),
            linkage_model: study.linkage_model.clone(),
            seed: 1,
            canary_seed: rand::random(),
            mark_key: rand::random(),
            commitment_salt: rand::random(),
            release_key: app.upload_key.releases(),
            guarded: study.guarded,
            sealed,
            check: wanted.check,
        };
        let salt = hex::encode(&job.commitment_salt);
        let known = Known {
            submission: job.submission,
            canary_seed: job.canary_seed,
            salt: Zeroizing::new(salt),
        };
        app.custodian.charge(&job, &study.id, study.needs_release);
        match app.workers.admit(job).await {
            Ok(intake) => Ok(Taking { intake, job: known }),
            Err(e) => {
                app.custodian.dismiss(known.submission);
                app.metrics.refused.inc();
                Err(e.into())
            }
        }
    }
}
