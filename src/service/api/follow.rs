//! Following a submission: server-sent events, for whoever does not want to ask again and again.

use super::App;
use super::door::{Caller, Id};
use super::submissions::Submission;
use crate::service::model::{State as Stand, SubmissionId};
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use crate::service::store::{StoreError, Submission as Kept};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::convert::Infallible;
use std::time::Duration;

/// How often the store is asked for news on behalf of a listener.
const EVERY: Duration = Duration::from_millis(500);

/// Follow a submission
///
/// Server-sent events: `step` and `state`, each with JSON and an id; ends with the state in which no list
/// is held any more. With the header Last-Event-ID only what came after that is told; with the id of the
/// last event of all, the answer is 204. Without such a connection, ask for the submission again and again.
#[utoipa::path(
    get, path = "/api/v1/submissions/{id}/events", operation_id = "follow", tag = "submissions", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "of the submission", pattern = "^[0-9a-f]{32}$"),
        ("Last-Event-ID" = Option<String>, Header, description = "of the last event that came")
    ),
    responses(
        (status = 200, description = "events as they happen", body = serde_json::Value, content_type = "text/event-stream"),
        (status = 204, description = "everything was told")
    )
)]
pub async fn events(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = caller.submission(&app, Route::SeeSubmission, &id).await?;
    Ok(told(app, &found, &headers))
}

/// What happens to a submission from what was heard of it on, as it happens.
pub fn told(app: App, found: &Kept, headers: &HeaderMap) -> Response {
    let last = headers.get("last-event-id").and_then(|v| v.to_str().ok());
    let (told, state) = last.map_or((0, None), heard);
    if !found.state.has_worker() && state == Some(found.state) {
        return StatusCode::NO_CONTENT.into_response();
    }
    let listener = Listener {
        app,
        id: found.id,
        told,
        state,
        asked: false,
        ready: Vec::new(),
    };
    let events = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    let keep_alive = KeepAlive::default();
    Sse::new(events).keep_alive(keep_alive).into_response()
}

/// An event's id: how many steps were told, and the state if it told one.
fn event_id(steps: usize, state: Option<Stand>) -> String {
    state.map_or_else(|| steps.to_string(), |s| format!("{steps}-{}", s.name()))
}

/// What somebody has heard who names this id; nothing where it is not one of ours.
fn heard(id: &str) -> (usize, Option<Stand>) {
    let (steps, state) = id.split_once('-').unwrap_or((id, ""));
    let state = Stand::ALL.into_iter().find(|s| s.name() == state);
    (steps.parse().unwrap_or(0), state)
}

/// Somebody who follows a submission.
struct Listener {
    app: App,
    id: SubmissionId,
    /// Steps told so far.
    told: usize,
    /// The state told last.
    state: Option<Stand>,
    /// The store was asked before.
    asked: bool,
    /// To be told, last first.
    ready: Vec<Event>,
}

impl Listener {
    /// The next event; none after the state in which it ends, or when the server stops.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop() {
                return Some(event);
            }
            if self.asked && self.state.is_some_and(|s| !s.has_worker()) {
                return None;
            }
            if self.asked {
                let mut stopping = self.app.stopping.clone();
                let stop = stopping.wait_for(|stop| *stop);
                // A while, or the server's end.
                if tokio::time::timeout(EVERY, stop).await.is_ok() {
                    return None;
                }
            }
            self.asked = true;
            match self.app.store.submission(self.id).await {
                Ok(now) => self.take(now.into()),
                Err(StoreError::NotFound { .. }) => return None,
                // The store is away: asked again.
                Err(_) => {}
            }
        }
    }

    fn take(&mut self, now: Submission) {
        let mut events = Vec::new();
        for (n, step) in now.steps.iter().enumerate().skip(self.told) {
            let event = Event::default().event("step").id(event_id(n + 1, None));
            events.extend(event.json_data(step).ok());
        }
        self.told = self.told.max(now.steps.len());
        if self.state != Some(now.state) {
            self.state = Some(now.state);
            let state = serde_json::json!({ "state": now.state, "reason": now.reason });
            let event = Event::default()
                .event("state")
                .id(event_id(self.told, self.state));
            events.extend(event.json_data(state).ok());
        }
        events.reverse();
        self.ready = events;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_what_was_heard() {
        let ids = [
            (3, None),
            (3, Some(Stand::Running)),
            (0, Some(Stand::Erased)),
        ];
        for (steps, state) in ids {
            assert_eq!(heard(&event_id(steps, state)), (steps, state));
        }
        assert_eq!(heard("x-y-z"), (0, None));
        assert_eq!(heard("99999999999999999999999999"), (0, None));
    }
}
