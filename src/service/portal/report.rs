//! The report, in each of its forms; and the findings, for a steward, before that.

use super::findings::Headline;
use super::page::{Failed, Frame, download, page};
use super::submission::{Head, can};
use super::visitor::SignedIn;
use crate::service::api::App;
use crate::service::model::{Role, SubmissionId};
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use crate::service::store::Face;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};

/// The form that is read on the screen.
const SCREEN: &str = "report.html";
/// The form that programs read.
pub const DATA: &str = "report.json";

/// Endings of the files, what people call them, and what they are for.
const FORMATS: [(&str, &str, &str); 6] = [
    ("pdf", "PDF", "to print or send on"),
    ("html", "Web page", "to read without this service"),
    ("xlsx", "Excel", "every number as a table"),
    ("ods", "OpenDocument spreadsheet", "every number as a table"),
    ("csv", "CSV", "every number, plain"),
    ("json", "JSON", "for programs"),
];

/// A file to keep.
struct Format {
    name: String,
    words: &'static str,
    purpose: &'static str,
}

#[derive(Template)]
#[template(path = "templates/report.html")]
struct ReportPage {
    frame: Frame,
    head: Head,
    headline: Option<Headline>,
    formats: Vec<Format>,
    certificate: bool,
}

/// What the report says first, and where all of it is.
pub async fn report(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failed> {
    let found = user.caller.submission(&app, Route::ReadReport, &id).await?;
    let role = user.caller.account.role;
    let there = app.store.faces(found.id, role).await?;
    let format = |&(ending, words, purpose): &(&str, &'static str, &'static str)| {
        let name = format!("report.{ending}");
        there.contains(&name).then_some(Format {
            name,
            words,
            purpose,
        })
    };
    let data = app.store.face(found.id, DATA, role).await?;
    Ok(page(&ReportPage {
        frame: Frame::of(&app, &user, "/submissions"),
        head: Head::of(&app, &user, &found).await?,
        headline: data.and_then(|d| Headline::of(&d.bytes)),
        formats: FORMATS.iter().filter_map(format).collect(),
        certificate: can(&user, Route::ReadCertificate, &found),
    }))
}

/// The report to be read on the screen: a page of its own, with the rules of its own.
pub async fn read(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failed> {
    let found = user.caller.submission(&app, Route::ReadReport, &id).await?;
    on_screen(&app, found.id, user.caller.account.role).await
}

/// The same, for a steward, before its release.
pub async fn findings(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failed> {
    let found = user
        .caller
        .submission(&app, Route::ReadFindings, &id)
        .await?;
    on_screen(&app, found.id, user.caller.account.role).await
}

async fn on_screen(app: &App, of: SubmissionId, role: Role) -> Result<Response, Failed> {
    let Face {
        media_type, bytes, ..
    } = face(app, of, SCREEN, role).await?;
    let kind = HeaderValue::from_str(&media_type);
    let kind = kind.unwrap_or(HeaderValue::from_static("text/html; charset=utf-8"));
    Ok(([(header::CONTENT_TYPE, kind)], bytes).into_response())
}

async fn face(app: &App, of: SubmissionId, name: &str, role: Role) -> Result<Face, Problem> {
    let face = app.store.face(of, name, role).await?;
    face.ok_or_else(|| Problem::not_found("report in this format"))
}

/// The report as a file.
pub async fn file(
    State(app): State<App>,
    user: SignedIn,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, Failed> {
    let known = FORMATS
        .iter()
        .any(|(ending, ..)| name == format!("report.{ending}"));
    if !known {
        return Err(Problem::not_found("address").into());
    }
    let found = user.caller.submission(&app, Route::ReadReport, &id).await?;
    let face = face(&app, found.id, &name, user.caller.account.role).await?;
    Ok(download(face.bytes, &face.media_type, &name))
}
