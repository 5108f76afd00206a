//! A steward looks at findings, with the rules they passed in view, and lets them go or does not.

use super::findings::Checks;
use super::page::{Failed, Frame, Wrongs, page_of, see};
use super::report::DATA;
use super::submission::Head;
use super::visitor::{Posted, SignedIn};
use crate::service::api::App;
use crate::service::api::submissions::{Choice, decided};
use crate::service::permissions::Route;
use crate::service::store::Submission;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "templates/approve.html")]
struct ApprovePage<'a> {
    frame: Frame,
    head: Head,
    checks: Option<Checks>,
    near_repeat: bool,
    wrongs: Wrongs,
    approves: bool,
    refuses: bool,
    reason: &'a str,
}

async fn shown(
    app: &App,
    user: &SignedIn,
    found: &Submission,
    (decision, reason): (&str, &str),
    wrongs: Wrongs,
) -> Result<Response, Failed> {
    let role = user.caller.account.role;
    let data = app.store.face(found.id, DATA, role).await?;
    let status = match wrongs.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let shown = ApprovePage {
        frame: Frame::of(app, user, "/submissions"),
        head: Head::of(app, user, found).await?,
        near_repeat: app.store.is_near_repeat(found.id).await?,
        checks: data.and_then(|d| Checks::of(&d.bytes)),
        wrongs,
        approves: decision == "approve",
        refuses: decision == "refuse",
        reason,
    };
    Ok(page_of(status, &shown))
}

/// The findings, and the question.
pub async fn ask(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failed> {
    let found = user.caller.submission(&app, Route::Decide, &id).await?;
    shown(&app, &user, &found, ("", ""), Wrongs::default()).await
}

/// The answer.
pub async fn decide(
    State(app): State<App>,
    Path(id): Path<String>,
    sent: Posted,
) -> Result<Response, Failed> {
    let Posted { user, fields } = sent;
    let found = user.caller.submission(&app, Route::Decide, &id).await?;
    let (decision, reason) = (fields.get("decision"), fields.get("reason"));
    // Of several lines one is made: it is kept as a line.
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    let choice = match decision {
        "approve" => Some(Choice::Approve),
        "refuse" => Some(Choice::Refuse),
        _ => None,
    };
    let mut wrongs = Wrongs::default();
    if choice.is_none() {
        wrongs.add("decision", "Choose whether the report may be released");
    }
    if reason.is_empty() {
        wrongs.add("reason", "Enter your reason");
    } else if reason.chars().count() > 1_000 {
        wrongs.add("reason", "The reason must have 1,000 letters or fewer");
    }
    match choice.filter(|_| wrongs.is_empty()) {
        Some(choice) => {
            decided(&app, &user.caller, &id, choice, &reason).await?;
            Ok(see(&format!("/submissions/{}", found.id)))
        }
        None => shown(&app, &user, &found, (decision, &reason), wrongs).await,
    }
}
