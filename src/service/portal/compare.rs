//! Commissioners put released reports side by side.

use super::page::{Failed, Frame, download, page};
use super::visitor::SignedIn;
use crate::comparison::{self, Comparison};
use crate::service::api::App;
use crate::service::api::comparing::{Candidate, Choice, Sorted, candidates, compared};
use crate::service::model::SubmissionId;
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};

/// What is asked for, as the form sends it.
#[derive(Default)]
struct Asked {
    study: String,
    of: Vec<SubmissionId>,
    order: Sorted,
    published: bool,
}

impl Asked {
    /// Out of a query; what is no id is not there.
    fn of(query: Option<&str>) -> Asked {
        let mut asked = Asked::default();
        for pair in query.unwrap_or_default().split('&') {
            match pair.split_once('=') {
                Some(("study", id)) => asked.study = id.to_owned(),
                Some(("of", id)) => asked.of.extend(id.parse::<SubmissionId>()),
                Some(("order", "estimate")) => asked.order = Sorted::Estimate,
                Some(("published", "yes")) => asked.published = true,
                _ => {}
            }
        }
        asked
    }

    /// The query again.
    fn query(&self) -> String {
        let mut query = format!("study={}", self.study);
        for id in &self.of {
            query += &format!("&of={id}");
        }
        if self.order == Sorted::Estimate {
            query += "&order=estimate";
        }
        if self.published {
            query += "&published=yes";
        }
        query
    }

    fn choice(&self) -> Choice {
        Choice {
            of: (!self.of.is_empty()).then(|| self.of.clone()),
            order: self.order,
            published: self.published,
        }
    }
}

/// A report to choose.
struct Line {
    id: String,
    name: String,
    day: String,
    chosen: bool,
}

/// A programme that was compared.
struct Row {
    name: String,
    difference: String,
    interval: String,
    verdict: &'static str,
    step: String,
}

/// What was found.
struct Found {
    answer: String,
    rest: Vec<String>,
    warnings: Vec<String>,
    rows: Vec<Row>,
    left_out: Vec<(String, String)>,
    query: String,
}

#[derive(Template)]
#[template(path = "templates/compare.html")]
struct ComparePage {
    frame: Frame,
    studies: Vec<(String, String, bool)>,
    study: String,
    lines: Vec<Line>,
    by_estimate: bool,
    /// There are published results to put beside; they are.
    tables: bool,
    published: bool,
    found: Option<Found>,
    /// Why nothing was.
    nothing: Option<String>,
}

fn told(found: &Comparison, query: String) -> Found {
    let points = |x: f64| crate::report::numbers::fixed(100.0 * x, 1);
    let (answer, rest) = found.conclusion.split_first().map_or_else(
        || (String::new(), Vec::new()),
        |(answer, rest)| (answer.clone(), rest.to_vec()),
    );
    let row = |p: &comparison::Provider| Row {
        name: p.result.name.clone(),
        difference: points(p.result.estimate),
        interval: format!(
            "{} to {}",
            points(p.result.interval.low),
            points(p.result.interval.high)
        ),
        verdict: p.verdict.words(),
        step: p
            .next_step
            .as_ref()
            .map_or(String::new(), |s| s.step.clone()),
    };
    Found {
        answer,
        rest,
        warnings: found.warnings.iter().map(|w| w.message.clone()).collect(),
        rows: found.providers.iter().map(row).collect(),
        left_out: found
            .left_out
            .iter()
            .map(|l| (l.result.name.clone(), l.result.reason.words()))
            .collect(),
        query,
    }
}

/// The page: what to compare, and what was found.
pub async fn compare(
    State(app): State<App>,
    user: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Failed> {
    user.caller.may(Route::Compare)?;
    let mut asked = Asked::of(query.as_deref());
    let mut known = Vec::new();
    match app.studies.get(&asked.study) {
        Some(_) => known = candidates(&app, &user.caller, &asked.study).await?,
        // The first of which something is released, else the first.
        None => {
            for study in app.studies.all() {
                if known.is_empty() {
                    known = candidates(&app, &user.caller, &study.id).await?;
                    if !known.is_empty() || asked.study.is_empty() {
                        asked.study.clone_from(&study.id);
                    }
                }
            }
        }
    }
    let line = |c: &Candidate| Line {
        chosen: asked.of.is_empty() || asked.of.contains(&c.id),
        id: c.id.to_string(),
        name: c.name.clone(),
        day: super::words::day(&c.day),
    };
    let lines = known.iter().map(line).collect();
    let made = compared(&app, &user.caller, &asked.study, asked.choice());
    let (found, nothing) = match made.await {
        Ok(found) => (Some(told(&found, asked.query())), None),
        Err(e) if e.status == 422 => (None, Some(super::words::sentence(&e.detail))),
        Err(e) => return Err(e.into()),
    };
    let studies = app.studies.all().map(|s| {
        let chosen = s.id == asked.study;
        (s.id.clone(), s.title.clone(), chosen)
    });
    Ok(page(&ComparePage {
        frame: Frame::of(&app, &user, "/compare"),
        studies: studies.collect(),
        lines,
        by_estimate: asked.order == Sorted::Estimate,
        tables: app
            .studies
            .get(&asked.study)
            .is_some_and(|s| !s.outcome.published_as.is_empty() && !app.published.is_empty()),
        published: asked.published,
        found,
        nothing,
        study: asked.study,
    }))
}

/// The whole comparison: a page of its own, or a file.
pub async fn file(
    State(app): State<App>,
    user: SignedIn,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failed> {
    user.caller.may(Route::Compare)?;
    let asked = Asked::of(query.as_deref());
    let known = [
        "read",
        "comparison.html",
        "comparison.json",
        "comparison.csv",
    ];
    if !known.contains(&name.as_str()) {
        return Err(Problem::not_found("address").into());
    }
    let found = compared(&app, &user.caller, &asked.study, asked.choice()).await?;
    let fault = |_| Failed::from(Problem::fault());
    let html = "text/html; charset=utf-8";
    Ok(match name.as_str() {
        "comparison.json" => {
            let text = serde_json::to_string_pretty(&found).map_err(|_| Problem::fault())?;
            download(text.into_bytes(), "application/json", &name)
        }
        "comparison.csv" => {
            let bytes = comparison::table(&found).map_err(fault)?;
            download(bytes, "text/csv; charset=utf-8; header=present", &name)
        }
        _ => {
            let text = comparison::page(&found).map_err(|_| Problem::fault())?;
            match name.as_str() {
                "comparison.html" => download(text.into_bytes(), html, &name),
                _ => {
                    let kind = HeaderValue::from_static(html);
                    ([(header::CONTENT_TYPE, kind)], text).into_response()
                }
            }
        }
    })
}
