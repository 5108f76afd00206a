//! Submissions: where they stand, withdrawing one, releasing one.

use super::App;
use super::door::{Body, Caller, Id, Query};
use crate::service::clock::rfc3339;
use crate::service::model::{EndReason, ProgrammeId, State as Stand, SubmissionId};
use crate::service::permissions::{Reach, Route, reach};
use crate::service::problem::Problem;
use crate::service::states::Event as Happening;
use crate::service::store::{Page, StoreError};
use crate::service::worker::{Problem as WhyNot, Step as WorkerStep};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::time::Duration;

/// How often the store is asked for news on behalf of a listener.
const EVERY: Duration = Duration::from_millis(500);

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
    state: Stand,
    /// What was done so far; empty in lists.
    steps: Vec<Step>,
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
    reason: Option<EndReason>,
    /// The same for people, with the rows of the list that broke a rule.
    problem: Option<WhyNot>,
    /// Place of its erasure certificate in the ledger.
    certificate: Option<u64>,
}

impl From<crate::service::store::Submission> for Submission {
    fn from(s: crate::service::store::Submission) -> Submission {
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
        }
    }
}

fn sentence(name: &str) -> String {
    let steps = WorkerStep::ALL.iter().find(|s| s.name() == name);
    match (steps, name) {
        (Some(step), _) => step.sentence().to_owned(),
        (None, "erased") => "the list is erased and its certificate issued".to_owned(),
        (None, other) => other.replace('_', " "),
    }
}

/// Which part of a list.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Only those in this state.
    state: Option<Stand>,
    /// Only those after this one, in the list's order.
    #[param(value_type = Option<String>)]
    after: Option<SubmissionId>,
    /// At most so many.
    #[param(minimum = 1, maximum = 1000)]
    most: Option<u32>,
}

/// List submissions
///
/// Newest first: your organisation's; for a commissioner what is released; for a steward all.
#[utoipa::path(
    get, path = "/api/v1/submissions", tag = "submissions", security(("bearer" = [])), params(Wanted),
    responses(
        (status = 200, description = "a page of the list", body = Vec<Submission>),
        Problem
    )
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Vec<Submission>>, Problem> {
    caller.may(Route::ListSubmissions)?;
    let (organisation, state) = match reach(Route::ListSubmissions, caller.account.role) {
        Some(Reach::All) => (None, wanted.state),
        Some(Reach::Released) if wanted.state.is_some_and(|s| s != Stand::Released) => {
            return Ok(Json(Vec::new()));
        }
        Some(Reach::Released) => (None, Some(Stand::Released)),
        _ => (Some(caller.account.organisation), wanted.state),
    };
    let page = Page {
        organisation,
        state,
        after: wanted.after,
        most: wanted.most.unwrap_or(0),
    };
    let found = app.store.submissions(&page).await?;
    Ok(Json(found.into_iter().map(Submission::from).collect()))
}

/// Where a submission stands
#[utoipa::path(
    get, path = "/api/v1/submissions/{id}", tag = "submissions", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the submission")),
    responses((status = 200, description = "as it stands", body = Submission), Problem)
)]
pub async fn see(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Submission>, Problem> {
    let found = caller
        .submission(&app, Route::SeeSubmission, &id)
        .await?;
    Ok(Json(found.into()))
}

/// Erase now
///
/// While the list is held its process is killed and the erasure certified; afterwards the findings are
/// deleted. The certificate stays.
#[utoipa::path(
    delete, path = "/api/v1/submissions/{id}", tag = "submissions", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the submission")),
    responses(
        (status = 202, description = "being erased: look again for its certificate", body = Submission),
        (status = 200, description = "erased", body = Submission),
        Problem
    )
)]
pub async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<(StatusCode, Json<Submission>), Problem> {
    let found = caller.submission(&app, Route::Withdraw, &id).await?;
    let audit = caller.audit("submission.withdraw", found.id);
    if found.state.has_worker() {
        if found.node != app.node {
            return Err(Problem::unavailable(
                "another server holds this list, and only it can erase it now",
                5,
            ));
        }
        app.store.note(&audit).await?;
        app.workers.withdraw(found.id);
        let now = app.store.submission(found.id).await?;
        return Ok((StatusCode::ACCEPTED, Json(now.into())));
    }
    app.store
        .move_submission(&audit, found.id, Happening::Withdraw)
        .await?;
    let now = app.store.submission(found.id).await?;
    Ok((StatusCode::OK, Json(now.into())))
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
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

/// Approve or refuse a release
#[utoipa::path(
    post, path = "/api/v1/submissions/{id}/approval", tag = "submissions", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the submission")), request_body = Decision,
    responses((status = 200, description = "as it stands now", body = Submission), Problem)
)]
pub async fn decide(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Body(decision): Body<Decision>,
) -> Result<Json<Submission>, Problem> {
    let found = caller.submission(&app, Route::Decide, &id).await?;
    let reason = decision.reason.trim();
    if reason.is_empty() || reason.chars().count() > 1_000 {
        return Err(Problem::unprocessable(
            "`reason` must have between 1 and 1,000 characters",
            "say in a sentence what was checked",
        ));
    }
    let (event, action, step) = match decision.decision {
        Choice::Approve => (Happening::Approve, "submission.approve", "approved"),
        Choice::Refuse => (Happening::Refuse, "submission.refuse", "not_approved"),
    };
    let audit = caller.audit(action, found.id);
    app.store.move_submission(&audit, found.id, event).await?;
    app.store.add_step(found.id, step, Some(reason)).await?;
    let now = app.store.submission(found.id).await?;
    Ok(Json(now.into()))
}

/// Follow a submission
///
/// Server-sent events: `step` and `state`, each with JSON; ends with the state it ends in. Without such
/// a connection, ask for the submission again and again.
#[utoipa::path(
    get, path = "/api/v1/submissions/{id}/events", tag = "submissions", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the submission")),
    responses(
        (status = 200, description = "events as they happen", body = String, content_type = "text/event-stream"),
        Problem
    )
)]
pub async fn events(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let found = caller
        .submission(&app, Route::SeeSubmission, &id)
        .await?;
    let listener = Listener {
        app,
        id: found.id,
        told: 0,
        state: None,
        ready: Vec::new(),
    };
    let events = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

/// Somebody who follows a submission.
struct Listener {
    app: App,
    id: SubmissionId,
    /// Steps told so far.
    told: usize,
    state: Option<Stand>,
    /// To be told, last first.
    ready: Vec<Event>,
}

impl Listener {
    /// The next event; none after the state in which it ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop() {
                return Some(event);
            }
            if self.state.is_some_and(|s| !s.has_worker()) {
                return None;
            }
            if self.state.is_some() {
                tokio::time::sleep(EVERY).await;
            }
            match self.app.store.submission(self.id).await {
                Ok(now) => self.take(now.into()),
                Err(StoreError::NotFound { .. }) => return None,
                // The store is away: asked again.
                Err(_) => tokio::time::sleep(EVERY).await,
            }
        }
    }

    fn take(&mut self, now: Submission) {
        let mut events = Vec::new();
        for (n, step) in now.steps.iter().enumerate().skip(self.told) {
            let event = Event::default().event("step").id((n + 1).to_string());
            events.extend(event.json_data(step).ok());
        }
        self.told = now.steps.len();
        if self.state != Some(now.state) {
            let state = serde_json::json!({ "state": now.state, "reason": now.reason });
            events.extend(Event::default().event("state").json_data(state).ok());
            self.state = Some(now.state);
        }
        events.reverse();
        self.ready = events;
    }
}
