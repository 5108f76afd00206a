//! Publishing a report: a step of its own after the release, with the provider's own words.

use super::page::{Failed, Frame, Wrongs, page_of, see};
use super::submission::Head;
use super::visitor::{Posted, SignedIn};
use crate::service::api::App;
use crate::service::api::publishing::{published, taken_back};
use crate::service::open_data::LICENCE;
use crate::service::permissions::Route;
use crate::service::store::Submission;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

/// Letters of what a provider says.
const MOST: usize = 2_000;

#[derive(Template)]
#[template(path = "templates/publish.html")]
struct PublishPage {
    frame: Frame,
    head: Head,
    wrongs: Wrongs,
    says: String,
    published: bool,
    licence: &'static str,
}

async fn shown(
    app: &App,
    user: &SignedIn,
    found: &Submission,
    says: Option<String>,
    wrongs: Wrongs,
) -> Result<Response, Failed> {
    let kept = app.store.publication(found.id).await?;
    let status = match wrongs.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = PublishPage {
        frame: Frame::of(app, user, "/submissions"),
        head: Head::of(app, user, found).await?,
        wrongs,
        published: kept.is_some(),
        says: says.unwrap_or_else(|| kept.map_or(String::new(), |k| k.provider_says)),
        licence: LICENCE,
    };
    Ok(page_of(status, &page))
}

/// Asks for the words, and whether it is meant.
pub async fn ask(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failed> {
    let found = user.caller.submission(&app, Route::Publish, &id).await?;
    shown(&app, &user, &found, None, Wrongs::default()).await
}

/// Publishes.
pub async fn publish(
    State(app): State<App>,
    Path(id): Path<String>,
    sent: Posted,
) -> Result<Response, Failed> {
    let Posted { user, fields } = sent;
    let found = user.caller.submission(&app, Route::Publish, &id).await?;
    // Of several lines one is made: it is kept as a line.
    let says = fields.get("provider_says");
    let says = says.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut wrongs = Wrongs::default();
    if says.is_empty() {
        wrongs.add(
            "provider_says",
            "Enter what people should know beside the numbers",
        );
    } else if says.chars().count() > MOST {
        wrongs.add(
            "provider_says",
            "Your words must have 2,000 letters or fewer",
        );
    }
    if fields.get("sure") != "yes" {
        wrongs.add("sure", "Confirm that everybody may see the results");
    }
    if !wrongs.is_empty() {
        return shown(&app, &user, &found, Some(says), wrongs).await;
    }
    let id = published(&app, &user.caller, &id, &says).await?;
    Ok(see(&format!("/submissions/{id}")))
}

/// Takes it back.
pub async fn take_back(
    State(app): State<App>,
    Path(id): Path<String>,
    sent: Posted,
) -> Result<Response, Failed> {
    let id = taken_back(&app, &sent.user.caller, &id).await?;
    Ok(see(&format!("/submissions/{id}")))
}
