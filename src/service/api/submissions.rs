//! Submissions: where they stand, withdrawing one, releasing one.

use super::App;
use super::door::{Body, Caller, Id, Query, how_many, plain};
use crate::service::clock::rfc3339;
use crate::service::model::{EndReason, ProgrammeId, State as Stand, SubmissionId};
use crate::service::permissions::{Reach, Route, reach};
use crate::service::problem::Problem;
use crate::service::states::Event as Happening;
use crate::service::store::{Page, Submission as Kept};
use crate::service::worker::{Problem as WhyNot, Step as WorkerStep};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

/// Those a worker tells of.
const STEPS: [WorkerStep; 9] = [
    WorkerStep::Received,
    WorkerStep::Started,
    WorkerStep::Reading,
    WorkerStep::Linking,
    WorkerStep::IndexEvents,
    WorkerStep::Designing,
    WorkerStep::Comparing,
    WorkerStep::Checking,
    WorkerStep::Writing,
];

/// A step on the way.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Step {
    /// One word.
    name: String,
    /// For people.
    sentence: String,
    /// When, RFC 3339.
    at: String,
    /// A banded count or the like.
    note: Option<String>,
}

/// A submission.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Submission {
    /// Its id.
    #[schema(value_type = String)]
    id: SubmissionId,
    /// Where it stands.
    pub(super) state: Stand,
    /// What was done so far; empty in lists.
    pub(super) steps: Vec<Step>,
    /// Id of the study.
    study: String,
    /// Id of the programme.
    #[schema(value_type = String)]
    programme: ProgrammeId,
    /// When its first byte came, RFC 3339.
    received_at: String,
    /// When its list was gone, RFC 3339.
    ended_at: Option<String>,
    /// Why there are no findings, where there are none.
    pub(super) reason: Option<EndReason>,
    /// The same for people, with the rows of the list that broke a rule.
    problem: Option<WhyNot>,
    /// Place of its erasure certificate in the ledger.
    certificate: Option<u64>,
    /// Nearly the same people, or those of two earlier reports together, were reported on before. Told
    /// to whoever may release it, of one submission and not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    near_repeat: Option<bool>,
}

impl From<Kept> for Submission {
    fn from(s: Kept) -> Submission {
        let step = |s: crate::service::store::Step| Step {
            sentence: sentence(&s.name),
            at: rfc3339(s.at),
            name: s.name,
            note: s.note,
        };
        Submission {
            id: s.id,
            state: s.state,
            steps: s.steps.into_iter().map(step).collect(),
            study: s.study,
            programme: s.programme,
            received_at: rfc3339(s.received_at),
            ended_at: s.ended_at.map(rfc3339),
            reason: s.reason,
            // Written by this program: another version's may not be understood.
            problem: s.problem.and_then(|p| serde_json::from_value(p).ok()),
            certificate: s.certificate,
            near_repeat: None,
        }
    }
}

fn sentence(name: &str) -> String {
    let known = STEPS.iter().find(|s| s.name() == name);
    known.map_or_else(|| name.replace('_', " "), |s| s.sentence().to_owned())
}

/// Which part of a list.
#[derive(Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Only those in this state.
    pub state: Option<Stand>,
    /// Only those after this one, in the list's order.
    #[param(value_type = Option<String>, pattern = "^[0-9a-f]{32}$")]
    pub after: Option<SubmissionId>,
    /// At most so many.
    #[param(minimum = 1, maximum = 1000)]
    pub most: Option<u32>,
}

/// List submissions
///
/// Newest first: your organisation's; for a commissioner what is released; for a steward all.
#[utoipa::path(
    get, path = "/api/v1/submissions", operation_id = "list_submissions", tag = "submissions", security(("bearer" = [])), params(Wanted),
    responses(
        (status = 200, description = "a page of the list", body = Vec<Submission>))
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Vec<Submission>>, Problem> {
    let found = listed(&app, &caller, &wanted).await?;
    Ok(Json(found.into_iter().map(Submission::from).collect()))
}

/// The part of the list that somebody may know of, newest first.
///
/// # Errors
/// 403, and 400 for a number out of range.
pub async fn listed(app: &App, caller: &Caller, wanted: &Wanted) -> Result<Vec<Kept>, Problem> {
    caller.may(Route::ListSubmissions)?;
    let (organisation, state) = match reach(Route::ListSubmissions, caller.account.role) {
        Some(Reach::All) => (None, wanted.state),
        Some(Reach::Released) if wanted.state.is_some_and(|s| s != Stand::Released) => {
            return Ok(Vec::new());
        }
        Some(Reach::Released) => (None, Some(Stand::Released)),
        _ => (Some(caller.account.organisation), wanted.state),
    };
    let page = Page {
        organisation,
        state,
        after: wanted.after,
        most: how_many(wanted.most)?,
    };
    Ok(app.store.submissions(&page).await?)
}

/// Where a submission stands
#[utoipa::path(
    get, path = "/api/v1/submissions/{id}", operation_id = "see_submission", tag = "submissions", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the submission", pattern = "^[0-9a-f]{32}$")),
    responses((status = 200, description = "as it stands", body = Submission))
)]
pub async fn see(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Submission>, Problem> {
    let found = caller.submission(&app, Route::SeeSubmission, &id).await?;
    let of = found.id;
    let mut told = Submission::from(found);
    if reach(Route::Decide, caller.account.role) != Some(Reach::No) {
        told.near_repeat = Some(app.store.is_near_repeat(of).await?);
    }
    Ok(Json(told))
}

/// Erase now
///
/// While the list is held its process is killed and the erasure certified; afterwards the findings are
/// deleted. The certificate stays.
#[utoipa::path(
    delete, path = "/api/v1/submissions/{id}", operation_id = "withdraw", tag = "submissions", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the submission", pattern = "^[0-9a-f]{32}$")),
    responses(
        (status = 202, description = "being erased: look again for its certificate", body = Submission),
        (status = 200, description = "erased", body = Submission))
)]
pub async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<(StatusCode, Json<Submission>), Problem> {
    let (now, gone) = withdrawn(&app, &caller, &id).await?;
    let status = match gone {
        true => StatusCode::OK,
        false => StatusCode::ACCEPTED,
    };
    Ok((status, Json(now.into())))
}

/// Erases a submission; as it stands now, and whether it is done already.
///
/// # Errors
/// 403, 404, 409.
pub async fn withdrawn(app: &App, caller: &Caller, id: &str) -> Result<(Kept, bool), Problem> {
    let found = caller.submission(app, Route::Withdraw, id).await?;
    let audit = caller.audit("submission.withdraw", found.id);
    if found.state.has_worker() {
        if found.node != app.node {
            return Err(Problem::conflict(
                "another server holds this list, and only it can erase it now",
                "send the same request again: it may reach that server, or the list may be gone by then",
            ));
        }
        app.store.note(&audit).await?;
        app.workers.withdraw(found.id);
        return Ok((app.store.submission(found.id).await?, false));
    }
    app.store
        .move_submission(&audit, found.id, Happening::Withdraw)
        .await?;
    Ok((app.store.submission(found.id).await?, true))
}

/// What a steward decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The findings may be read.
    Approve,
    /// They are deleted.
    Refuse,
}

/// A decision and why.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Which.
    decision: Choice,
    /// Why; kept with the submission. Nobody's name.
    #[schema(
        min_length = 1,
        max_length = 1000,
        pattern = "^[^\\s\\x00-\\x1f\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$"
    )]
    reason: String,
}

/// Approve or refuse a release
#[utoipa::path(
    post, path = "/api/v1/submissions/{id}/approval", operation_id = "decide", tag = "submissions", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the submission", pattern = "^[0-9a-f]{32}$")), request_body = Decision,
    responses((status = 200, description = "as it stands now", body = Submission))
)]
pub async fn decide(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Body(decision): Body<Decision>,
) -> Result<Json<Submission>, Problem> {
    let Decision { decision, reason } = decision;
    let now = decided(&app, &caller, &id, decision, &reason).await?;
    Ok(Json(now.into()))
}

/// A steward decides; the submission as it stands then.
///
/// # Errors
/// 403, 404, 409, and 422 for a reason that is none.
pub async fn decided(
    app: &App,
    caller: &Caller,
    id: &str,
    choice: Choice,
    reason: &str,
) -> Result<Kept, Problem> {
    let found = caller.submission(app, Route::Decide, id).await?;
    plain(
        reason,
        1_000,
        "`reason` has 1 to 1,000 characters, begins with no blank and has no line break",
    )?;
    let (event, action, step) = match choice {
        Choice::Approve => (Happening::Approve, "submission.approve", "approved"),
        Choice::Refuse => (Happening::Refuse, "submission.refuse", "not_approved"),
    };
    let audit = caller.audit(action, found.id);
    app.store.move_submission(&audit, found.id, event).await?;
    app.store.add_step(found.id, step, Some(reason)).await?;
    Ok(app.store.submission(found.id).await?)
}
