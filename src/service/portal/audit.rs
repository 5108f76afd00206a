//! What was done, and what went wrong: for auditors and stewards.

use super::page::{Failed, Frame, Wrongs, page, page_of, see};
use super::visitor::{Posted, SignedIn};
use super::words::moment;
use crate::service::api::App;
use crate::service::api::audit::resolved;
use crate::service::permissions::{Reach, Route, reach};
use crate::service::store::{AuditEntry, Incident};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

/// On one page.
const MOST: u32 = 100;

/// Which part.
#[derive(Default, Deserialize)]
pub struct Asked {
    after: Option<u64>,
}

#[derive(Template)]
#[template(path = "templates/audit.html")]
struct AuditPage {
    frame: Frame,
    entries: Vec<AuditEntry>,
    /// The chain holds so far, or breaks at this place.
    broken: Option<u64>,
    next: Option<u64>,
}

impl AuditPage {
    fn when(&self, entry: &AuditEntry) -> String {
        moment(entry.at)
    }
}

/// The trail, oldest first, and whether its chain holds.
pub async fn trail(
    State(app): State<App>,
    user: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failed> {
    user.caller.may(Route::ReadAudit)?;
    let after = asked.after.unwrap_or(0).min(i64::MAX as u64);
    let entries = app.store.audit_after(after, MOST).await?;
    let next = entries.last().map(|e| e.place);
    Ok(page(&AuditPage {
        frame: Frame::of(&app, &user, "/audit"),
        broken: app.store.check_audit().await?.err(),
        next: next.filter(|_| entries.len() == MOST as usize),
        entries,
    }))
}

#[derive(Template)]
#[template(path = "templates/incidents.html")]
struct IncidentsPage {
    frame: Frame,
    incidents: Vec<Incident>,
    resolves: bool,
    wrongs: Wrongs,
}

impl IncidentsPage {
    fn when(&self, ms: &i64) -> String {
        moment(*ms)
    }
}

async fn shown(app: &App, user: &SignedIn, wrongs: Wrongs) -> Result<Response, Failed> {
    user.caller.may(Route::ListIncidents)?;
    let role = user.caller.account.role;
    let status = match wrongs.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let shown = IncidentsPage {
        frame: Frame::of(app, user, "/incidents"),
        incidents: app.store.incidents().await?,
        resolves: reach(Route::ResolveIncident, role) != Some(Reach::No),
        wrongs,
    };
    Ok(page_of(status, &shown))
}

/// Ends that could not be certified.
pub async fn incidents(State(app): State<App>, user: SignedIn) -> Result<Response, Failed> {
    shown(&app, &user, Wrongs::default()).await
}

/// A steward has dealt with one.
pub async fn resolve(
    State(app): State<App>,
    Path(id): Path<String>,
    sent: Posted,
) -> Result<Response, Failed> {
    let Posted { user, fields } = sent;
    let words = fields.get("resolution");
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match resolved(&app, &user.caller, &id, &words).await {
        Ok(()) => Ok(see("/incidents")),
        Err(e) if e.status == 422 => {
            let mut wrongs = Wrongs::default();
            let rule = "Enter what was found and done, in 1,000 letters or fewer";
            wrongs.add("resolution", rule);
            shown(&app, &user, wrongs).await
        }
        Err(e) => Err(e.into()),
    }
}
