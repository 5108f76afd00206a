//! What providers have published, for everybody: a page, files for programs, and the sample register.

use super::page::{Failed, Frame, download, page};
use super::visitor::SignedIn;
use super::words::day;
use crate::report::numbers::fixed;
use crate::service::api::App;
use crate::service::open_data::{
    Entry, LICENCE, PublishedResult, catalogue, dictionary, document, table,
};
use crate::service::problem::Problem;
use crate::service::sample::REGISTER;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};

/// A published report on the page.
struct Line {
    programme: String,
    organisation: String,
    published: String,
    says: String,
    /// What was found, in words.
    result: String,
}

#[derive(Template)]
#[template(path = "templates/open_data.html")]
struct OpenDataPage {
    frame: Frame,
    lines: Vec<Line>,
    licence: &'static str,
    newest: Option<String>,
}

async fn entries(app: &App) -> Result<Vec<Entry>, Problem> {
    let kept = app.store.publications().await?;
    Ok(kept.into_iter().filter_map(Entry::of).collect())
}

/// The page.
pub async fn open_data(
    State(app): State<App>,
    user: Result<SignedIn, Failed>,
) -> Result<Response, Failed> {
    let entries = entries(&app).await?;
    let frame = match &user {
        Ok(user) => Frame::of(&app, user, "/open-data"),
        Err(_) => Frame::visitor(&app),
    };
    let line = |e: &Entry| Line {
        programme: e.of.programme.clone(),
        organisation: e.of.organisation.clone(),
        published: day(&e.day()),
        says: e.of.provider_says.clone(),
        result: e.deciding().map_or("No result is told.".into(), in_words),
    };
    Ok(page(&OpenDataPage {
        frame,
        newest: entries.last().map(|e| day(&e.day())),
        lines: entries.iter().rev().map(line).collect(),
        licence: LICENCE,
    }))
}

/// A result in a sentence.
fn in_words(r: &PublishedResult) -> String {
    let title = match r.label.is_empty() {
        true => &r.outcome,
        false => &r.label,
    };
    if !r.well_matched {
        return format!("{title}: the groups were not alike enough to compare.");
    }
    let (Some(estimate), Some((low, high))) = (r.estimate, r.ci_low.zip(r.ci_high)) else {
        return format!("{title}: the number is withheld.");
    };
    let (by, unit) = match r.kind.as_str() {
        "binary" => (100.0, "percentage points"),
        _ => (1.0, r.unit.as_str()),
    };
    let shown = |x: f64| fixed(by * x, 1);
    let verdict = match (low > 0.0, high < 0.0, r.better.as_str()) {
        (true, _, "higher") | (_, true, "lower") => "better than among similar people",
        (true, ..) | (_, true, _) => "worse than among similar people",
        _ => "it cannot be told yet whether it made a difference",
    };
    format!(
        "{title}: {} {unit}, likely between {} and {}: {verdict}.",
        shown(estimate),
        shown(low),
        shown(high)
    )
}

/// Files for programs.
pub async fn file(
    State(app): State<App>,
    headers: HeaderMap,
    Path(name): Path<String>,
) -> Result<Response, Failed> {
    let fault = |_| Failed::from(Problem::fault());
    let json = |value: serde_json::Value, kind: &'static str| {
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
        (kind, format!("{value:#}\n")).into_response()
    };
    let csv = "text/csv; charset=utf-8; header=present";
    Ok(match name.as_str() {
        "results.csv" => download(table(&entries(&app).await?).map_err(fault)?, csv, &name),
        "dictionary.csv" => download(dictionary().map_err(fault)?, csv, &name),
        "results.json" => json(document(&entries(&app).await?), "application/json"),
        "catalogue.jsonld" => {
            let base = base(&app, &headers);
            json(
                catalogue(&entries(&app).await?, &base),
                "application/ld+json",
            )
        }
        _ => return Err(Problem::not_found("address").into()),
    })
}

/// Where this service is reached, as the request has it.
fn base(app: &App, headers: &HeaderMap) -> String {
    let secure = app.settings.tls || app.settings.behind_proxy;
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok());
    let plain = |h: &&str| {
        let mut letters = h.bytes();
        letters.all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
    };
    let host = host.filter(plain).unwrap_or("localhost");
    format!("{}://{host}", if secure { "https" } else { "http" })
}

/// The sample register: invented people.
pub async fn register(Path(name): Path<String>) -> Result<Response, Failed> {
    let found = REGISTER.iter().find(|(file, _)| *file == name);
    let Some((name, bytes)) = found else {
        return Err(Problem::not_found("address").into());
    };
    let kind = match name.ends_with(".toml") {
        true => "application/toml",
        false => "application/vnd.apache.parquet",
    };
    Ok(download(bytes.to_vec(), kind, name))
}
