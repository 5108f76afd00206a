//! A list comes in: its bytes go from the connection straight to the process that will hold it.

use super::App;
use super::door::{Body, Caller};
use crate::custody::marks::MarkKey;
use crate::service::clock::rfc3339;
use crate::service::limits::Deadline;
use crate::service::model::{AccountId, ProgrammeId, SubmissionId};
use crate::service::permissions::{Route, Subject, may};
use crate::service::problem::{Problem, allowed};
use crate::service::store::{Account, Created, Idempotency, NewSubmission, Replay, StoreError};
use crate::service::worker::{Intake, Job};
use axum::Json;
use axum::body::Bytes;
use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

/// Bytes of a field that is no file.
const MOST_FIELD: usize = 200;

/// A list was taken in.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Accepted {
    /// Of the submission: where to look is in the header Location.
    #[schema(value_type = String)]
    id: SubmissionId,
    /// The commitment to the file that its certificate will carry; hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    commitment: Option<String>,
    /// With this, and with nothing else, the commitment can be opened: told once, kept nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
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
    /// The list: CSV, XLSX or ODS. Its name is not looked at.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

/// Hand in a list
///
/// The list goes to a process of its own, is worked through, and is erased; nothing of it is kept. Send
/// the fields before the file. The same Idempotency-Key with the same body makes one submission, however
/// often it is sent.
#[utoipa::path(
    post, path = "/api/v1/submissions", tag = "submissions", security(("bearer" = [])),
    params(("Idempotency-Key" = String, Header, description = "1 to 200 visible characters of your choice")),
    request_body(content = Upload, content_type = "multipart/form-data"),
    responses((status = 202, description = "taken in", body = Accepted), Problem)
)]
pub async fn submit(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    multipart: Result<Multipart, MultipartRejection>,
) -> Response {
    let answer = match taken_in(&app, &caller, &headers, multipart).await {
        Ok(accepted) => {
            let place = format!("/api/v1/submissions/{}", accepted.id);
            let place = HeaderValue::from_str(&place).ok();
            let headers = place.map(|p| [(header::LOCATION, p)]);
            (StatusCode::ACCEPTED, headers.into_response(), Json(accepted)).into_response()
        }
        Err(problem) => problem.into_response(),
    };
    // An idle connection's buffer would keep the last bytes of the list.
    let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
    (close, answer).into_response()
}

async fn taken_in(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<Accepted, Problem> {
    caller.may(Route::Submit)?;
    let key = idempotency_key(headers)?;
    let multipart = multipart.map_err(|_| {
        Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media-type",
            "not this media type",
            "the body must be of type multipart/form-data, with its boundary",
            "send the fields study and programme, then the file",
        )
    })?;
    let mut form = Form {
        parts: multipart,
        deadline: app.limits.deadline(),
    };
    let used = app.store.key_used(caller.account.id, key).await?;
    if used.is_some() {
        return replayed(app, caller, key, form).await;
    }
    let wanted = form.fields(app, caller).await?;
    let mut digest = wanted.digest();
    let file = form.file().await?;
    let Taking { mut intake, job } = match wanted.sealed {
        None => Taking::start(app, &caller.account, &wanted, false).await?,
        Some(id) => app.sealing.take(id, &caller.account, &wanted)?,
    };
    let received_at = app.store.clock().now_ms();
    stream(file, &mut form.deadline, |bytes| {
        digest.update(bytes);
    }, Some(&mut intake))
    .await?;
    form.ended().await?;
    let waiting = form.deadline.of(intake.finish()).await??;
    let new = NewSubmission {
        id: job.submission,
        organisation: caller.account.organisation,
        programme: wanted.programme,
        study: &wanted.study,
        node: app.node,
        canary_seed: job.canary_seed,
        received_at,
        idempotency: Some(Idempotency {
            account: caller.account.id,
            key,
            body: digest.finalize().into(),
        }),
    };
    let audit = caller.audit("submission.make", job.submission);
    match app.store.create_submission(&audit, &new).await? {
        Created::New => {}
        // Dropped, its worker ends.
        Created::Same(id) => return Ok(Accepted { id, commitment: None, salt: None }),
        Created::Conflict => return Err(reused()),
    }
    app.custodian.on_record(job.submission);
    let commitment = waiting.commitment.clone();
    waiting.enqueue();
    app.metrics.submissions.inc();
    Ok(Accepted {
        id: job.submission,
        commitment,
        salt: Some(job.salt.to_string()),
    })
}

/// A key that is known: the body is read, and kept nowhere, to see whether it is the same.
async fn replayed(
    app: &App,
    caller: &Caller,
    key: &str,
    mut form: Form,
) -> Result<Accepted, Problem> {
    let wanted = form.fields(app, caller).await?;
    let mut digest = wanted.digest();
    let file = form.file().await?;
    stream(file, &mut form.deadline, |bytes| digest.update(bytes), None).await?;
    form.ended().await?;
    let request = Idempotency {
        account: caller.account.id,
        key,
        body: digest.finalize().into(),
    };
    match app.store.replay(&request).await? {
        Replay::Same(id) => Ok(Accepted { id, commitment: None, salt: None }),
        Replay::Conflict => Err(reused()),
        Replay::New => Err(Problem::conflict(
            "the key was forgotten while the body came",
            "send the same request again",
        )),
    }
}

fn reused() -> Problem {
    Problem::unprocessable(
        "this Idempotency-Key was used with another body",
        "use a new key for a new submission; send the same body to ask again for the old one",
    )
}

fn idempotency_key(headers: &HeaderMap) -> Result<&str, Problem> {
    let key = headers.get("idempotency-key").and_then(|v| v.to_str().ok());
    key.filter(|k| (1..=200).contains(&k.len())).ok_or_else(|| {
        Problem::bad_request(
            "the header Idempotency-Key must hold 1 to 200 visible characters",
            "make one up for each submission (a random UUID serves), and send it again with the same body after a failure",
        )
    })
}

/// A body part after part.
struct Form {
    parts: Multipart,
    deadline: Deadline,
}

/// What a file is for.
struct Wanted {
    study: String,
    programme: ProgrammeId,
    sealed: Option<SubmissionId>,
}

impl Wanted {
    /// The beginning of the digest of the whole request.
    fn digest(&self) -> Sha256 {
        let sealed = self.sealed.map_or_else(String::new, |s| s.to_string());
        let fields = format!("{}\n{}\n{sealed}\n", self.study, self.programme);
        Sha256::new_with_prefix(fields)
    }
}

impl Form {
    async fn next(&mut self) -> Result<Option<Field<'_>>, Problem> {
        self.deadline
            .of(self.parts.next_field())
            .await?
            .map_err(|e| garbled(&e))
    }

    /// The fields before the file, checked.
    async fn fields(&mut self, app: &App, caller: &Caller) -> Result<Wanted, Problem> {
        let (mut study, mut programme) = (None, None);
        let mut sealed = None;
        while study.is_none() || programme.is_none() {
            let deadline = self.deadline.clone();
            let field = self.next().await?;
            let name = field.as_ref().and_then(|f| f.name()).map(str::to_owned);
            match (field, name.as_deref()) {
                (Some(field), Some("study")) => study = Some(text(field, deadline).await?),
                (Some(field), Some("programme")) => programme = Some(text(field, deadline).await?),
                (Some(field), Some("sealed")) => sealed = Some(text(field, deadline).await?),
                _ => {
                    return Err(Problem::unprocessable(
                        "the fields `study` and `programme` must come before the file, and nothing else but `sealed`",
                        "send sealed (if the file is), study, programme and file in that order",
                    ));
                }
            }
        }
        let (study, programme) = (study.unwrap_or_default(), programme.unwrap_or_default());
        let sealed = sealed.map(|id| id.parse().map_err(|_| no_key())).transpose()?;
        let programme = known_programme(app, caller, Route::Submit, &study, &programme).await?;
        Ok(Wanted {
            study,
            programme,
            sealed,
        })
    }

    /// The file's part, which must be next.
    async fn file(&mut self) -> Result<Field<'_>, Problem> {
        match self.next().await? {
            Some(field) if field.name() == Some("file") => Ok(field),
            _ => Err(Problem::unprocessable(
                "after `study` and `programme` the part `file` must follow",
                "send study, programme and file in that order",
            )),
        }
    }

    /// Nothing comes after the file, and the body is whole.
    async fn ended(&mut self) -> Result<(), Problem> {
        match self.next().await? {
            None => Ok(()),
            Some(_) => Err(Problem::unprocessable(
                "the file must be the last part",
                "send study, programme and file in that order, and nothing after it",
            )),
        }
    }
}

/// The programme, if it and the study are there for this account.
async fn known_programme(
    app: &App,
    caller: &Caller,
    route: Route,
    study: &str,
    programme: &str,
) -> Result<ProgrammeId, Problem> {
    if app.studies.get(study).is_none() {
        return Err(Problem::unprocessable(
            "`study` is the id of no study of this service",
            "GET /api/v1/studies lists them",
        ));
    }
    let unknown = || {
        Problem::unprocessable(
            "`programme` is the id of no programme of your organisation",
            "GET /api/v1/programmes lists them; POST makes one",
        )
    };
    let programme: ProgrammeId = programme.parse().map_err(|_| unknown())?;
    let found = match app.store.programme(programme).await {
        Err(StoreError::NotFound { .. }) => return Err(unknown()),
        other => other?,
    };
    let theirs = may(route, &caller.account, Subject::Of(found.organisation));
    allowed(theirs, "programme").map_err(|_| unknown())?;
    Ok(programme)
}

/// A short field.
async fn text(mut field: Field<'_>, mut deadline: Deadline) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(more) = deadline.of(field.chunk()).await?.map_err(|e| garbled(&e))? {
        bytes.extend_from_slice(&more);
        if bytes.len() > MOST_FIELD {
            return Err(Problem::unprocessable(
                "a field other than the file is longer than 200 bytes",
                "send ids as the lists show them",
            ));
        }
    }
    String::from_utf8(bytes).map_err(|_| {
        Problem::unprocessable("a field is not UTF-8", "send ids as the lists show them")
    })
}

/// Passes the file on as it comes, and keeps none of it.
async fn stream(
    mut file: Field<'_>,
    deadline: &mut Deadline,
    mut seen: impl FnMut(&Bytes),
    mut intake: Option<&mut Intake>,
) -> Result<(), Problem> {
    while let Some(bytes) = deadline.of(file.chunk()).await?.map_err(|e| garbled(&e))? {
        seen(&bytes);
        if let Some(intake) = intake.as_deref_mut() {
            deadline.of(intake.write(&bytes)).await??;
        }
    }
    Ok(())
}

fn garbled(e: &MultipartError) -> Problem {
    match e.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(crate::cohort::MAX_BYTES as u64),
        _ => Problem::bad_request(
            "the body ended too early, or is not multipart/form-data",
            "send it again, whole; nothing of it was kept",
        ),
    }
}

/// A worker that is ready for a file.
struct Taking {
    intake: Intake,
    job: Known,
}

/// What is kept of a job that was given away.
struct Known {
    submission: SubmissionId,
    canary_seed: [u8; 32],
    salt: Zeroizing<String>,
}

impl Taking {
    async fn start(
        app: &App,
        account: &Account,
        wanted: &Wanted,
        sealed: bool,
    ) -> Result<Taking, Problem> {
        let study = app.studies.get(&wanted.study).ok_or_else(Problem::fault)?;
        let job = Job {
            submission: SubmissionId::random(),
            organisation: account.organisation,
            study_toml: study.text.clone(),
            seed: 1,
            canary_seed: rand::random(),
            mark_key: *MarkKey::random().bytes(),
            commitment_salt: rand::random(),
            sealed,
        };
        let known = Known {
            submission: job.submission,
            canary_seed: job.canary_seed,
            salt: Zeroizing::new(hex(&job.commitment_salt)),
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

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What a sealed upload is for.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToSeal {
    /// Id of the study.
    study: String,
    /// Id of the programme.
    programme: String,
}

/// A key to seal a file to.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SealKey {
    /// Goes into the field `sealed` of the upload.
    id: String,
    /// Of the process that will hold the list; base64.
    public_key: String,
    /// When it ends, RFC 3339.
    expires_at: String,
}

/// Ask for a key to seal a list with
///
/// The file is then encrypted before it leaves you, to a key that only the process has that will hold it.
#[utoipa::path(
    post, path = "/api/v1/sealed-uploads", tag = "submissions", security(("bearer" = [])), request_body = ToSeal,
    responses((status = 201, description = "a key, for a short while", body = SealKey), Problem)
)]
pub async fn seal(
    State(app): State<App>,
    caller: Caller,
    Body(wanted): Body<ToSeal>,
) -> Result<(StatusCode, Json<SealKey>), Problem> {
    caller.may(Route::SealUpload)?;
    let ToSeal { study, programme } = wanted;
    let programme =
        known_programme(&app, &caller, Route::SealUpload, &study, &programme).await?;
    let wanted = Wanted {
        study,
        programme,
        sealed: None,
    };
    let taking = Taking::start(&app, &caller.account, &wanted, true).await?;
    let key = taking.intake.public_key().ok_or_else(Problem::fault)?;
    let public_key = STANDARD.encode(key);
    let lasts = app.limits.seal_lasts;
    let ends = app.store.clock().now_ms() + i64::try_from(lasts.as_millis()).unwrap_or(0);
    let id = app.sealing.keep(taking, &caller.account, wanted, lasts);
    let key = SealKey {
        id: id.to_string(),
        public_key,
        expires_at: rfc3339(ends),
    };
    Ok((StatusCode::CREATED, Json(key)))
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
        let sealing = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(lasts).await;
            // Dropped, its worker ends.
            let late = sealing.lock().remove(&id);
            drop(late);
        });
        id
    }

    /// The worker whose key a file is sealed to; once.
    fn take(&self, id: SubmissionId, account: &Account, wanted: &Wanted) -> Result<Taking, Problem> {
        let mut all = self.lock();
        let fits = all.get(&id).is_some_and(|p| {
            p.account == account.id
                && p.wanted.study == wanted.study
                && p.wanted.programme == wanted.programme
        });
        let pending = if fits { all.remove(&id) } else { None };
        pending.map(|p| p.taking).ok_or_else(no_key)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SubmissionId, Pending>> {
        // A map is whole between any two of its calls.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn no_key() -> Problem {
    Problem::unprocessable(
        "`sealed` is the id of no sealed upload of yours for this study and programme, or it has ended",
        "ask for a new key with POST /api/v1/sealed-uploads, and seal the file again",
    )
}
