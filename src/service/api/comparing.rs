//! Released reports side by side: what commissioners came for.

use super::App;
use super::door::{Caller, Query};
use crate::comparison::input::{About, Ask, File, gather};
use crate::comparison::{Comparison, Order, Rules, compare};
use crate::service::model::{State as Stand, SubmissionId};
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use crate::service::sample::Published;
use crate::service::sharing::day_of;
use crate::service::store::Page;
use crate::service::studies::Deciding;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;

const JSON_FACE: &str = "report.json";
/// Reports that are compared at once: the newest.
const MOST: u32 = 200;

/// What to compare.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Id of the study.
    study: String,
    /// Ids of submissions, commas between them; all that are released where it is left out.
    of: Option<String>,
    /// name or estimate.
    order: Option<Sorted>,
    /// `true`: results that others published stand beside them.
    published: Option<bool>,
}

/// The order of programmes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sorted {
    /// By name.
    #[default]
    Name,
    /// By estimate, with the warning that it is no ranking.
    Estimate,
}

/// Compare released reports
///
/// Of one study: pooled, apart, over time, and whom each worked with; `counterpart compare` makes the same
/// of the same reports. Never a bare rank.
#[utoipa::path(
    get, path = "/api/v1/comparison", operation_id = "compare", tag = "reports", security(("bearer" = [])), params(Asked),
    responses((status = 200, description = "the comparison, `counterpart.comparison/1`", body = serde_json::Value))
)]
pub async fn comparison(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Json<serde_json::Value>, Problem> {
    caller.may(Route::Compare)?;
    let of = match &asked.of {
        None => None,
        Some(ids) => Some(ids_of(ids.split(','))?),
    };
    let order = asked.order.unwrap_or_default();
    let choice = Choice {
        of,
        order,
        published: asked.published == Some(true),
    };
    let found = compared(&app, &caller, &asked.study, choice).await?;
    let value = serde_json::to_value(&found).map_err(|_| Problem::fault())?;
    Ok(Json(value))
}

/// Ids as they were sent.
///
/// # Errors
/// 404.
pub fn ids_of<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Vec<SubmissionId>, Problem> {
    texts
        .map(|t| t.parse().map_err(|_| Problem::not_found("submission")))
        .collect()
}

/// What of a study's reports.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// These alone; all where there is none.
    pub of: Option<Vec<SubmissionId>>,
    /// In this order.
    pub order: Sorted,
    /// Beside what others published.
    pub published: bool,
}

/// A released report that can be compared.
pub struct Candidate {
    /// Its submission.
    pub id: SubmissionId,
    /// Whose, and which programme.
    pub name: String,
    /// When the list was handed in, ISO 8601.
    pub day: String,
}

/// Released reports of a study, newest first.
///
/// # Errors
/// 403, 404 for a study that is not there.
pub async fn candidates(
    app: &App,
    caller: &Caller,
    study: &str,
) -> Result<Vec<Candidate>, Problem> {
    caller.may(Route::Compare)?;
    if app.studies.get(study).is_none() {
        return Err(Problem::not_found("study"));
    }
    let released = Page {
        state: Some(Stand::Released),
        most: 1_000,
        ..Page::default()
    };
    let mut out = Vec::new();
    for s in app.store.submissions(&released).await? {
        if s.study != study || out.len() >= MOST as usize {
            continue;
        }
        let programme = app.store.programme(s.programme).await?.name;
        let organisation = app.store.organisation(s.organisation).await?.name;
        out.push(Candidate {
            id: s.id,
            name: format!("{organisation}: {programme}"),
            day: day_of(s.received_at).to_string(),
        });
    }
    Ok(out)
}

/// Compares released reports of a study: those named, or all.
///
/// # Errors
/// 403, 404 for a report that is not released, 422 where nothing can be compared.
pub async fn compared(
    app: &App,
    caller: &Caller,
    study: &str,
    choice: Choice,
) -> Result<Comparison, Problem> {
    let mut chosen = candidates(app, caller, study).await?;
    if let Some(of) = &choice.of {
        if !of.iter().all(|id| chosen.iter().any(|c| c.id == *id)) {
            return Err(Problem::not_found("submission"));
        }
        chosen.retain(|c| of.contains(&c.id));
    }
    let mut read = Vec::new();
    for c in chosen {
        let role = caller.account.role;
        if let Some(face) = app.store.face(c.id, JSON_FACE, role).await? {
            read.push((c, face.bytes));
        }
    }
    let order = match choice.order {
        Sorted::Name => Order::Name,
        Sorted::Estimate => Order::Estimate,
    };
    // All of it is computing: others are answered meanwhile.
    let app = app.clone();
    let study = study.to_owned();
    let made = tokio::task::spawn_blocking(move || {
        let tables: &[Published] = match choice.published {
            true => &app.published,
            false => &[],
        };
        let outcome = app.studies.get(&study).map(|s| s.outcome.clone());
        let outcome = outcome.ok_or_else(Problem::fault)?;
        side_by_side(&read, tables, &outcome, app.studies.rules(), order)
    });
    made.await.map_err(|_| Problem::fault())?
}

fn side_by_side(
    read: &[(Candidate, Vec<u8>)],
    tables: &[Published],
    outcome: &Deciding,
    rules: &Rules,
    order: Order,
) -> Result<Comparison, Problem> {
    let nothing = |e: String, hint: &str| Problem::unprocessable(e, hint);
    if read.is_empty() && tables.is_empty() {
        return Err(nothing(
            "no report of this study is released".into(),
            "come back when one is",
        ));
    }
    let names: Vec<String> = read
        .iter()
        .map(|(c, _)| format!("{}, list of {}", c.name, c.day))
        .collect();
    let mut files: Vec<File<'_>> = read
        .iter()
        .zip(&names)
        .map(|((c, bytes), name)| File {
            name,
            bytes,
            about: About {
                programme: Some(&c.name),
                kind: None,
                published: Some(&c.day),
            },
        })
        .collect();
    files.extend(tables.iter().map(Published::file));
    let ask = Ask {
        outcome: Some(outcome.name.clone()),
        same_as: outcome.published_as.clone(),
        ..Ask::default()
    };
    let gathered =
        gather(&files, &ask).map_err(|e| nothing(e.problem.to_string(), "choose other reports"))?;
    compare(gathered, order, rules).map_err(|e| nothing(e.to_string(), "choose other reports"))
}
