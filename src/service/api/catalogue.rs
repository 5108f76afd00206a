//! What can be asked, and of what: studies and the register's dictionary.

use super::App;
use super::door::{Caller, Id};
use super::operations::json;
use crate::register::{ParquetRegister, Register as _};
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

/// A study that can be asked for.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Study {
    /// Its id.
    id: String,
    /// What it asks.
    title: String,
    /// justice, employment ...
    domain: String,
    /// Its findings wait for a steward's approval.
    needs_release: bool,
    /// The study file itself, TOML; left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

impl Study {
    fn of(study: &crate::service::studies::Offered, whole: bool) -> Study {
        Study {
            id: study.id.clone(),
            title: study.title.clone(),
            domain: study.domain.clone(),
            needs_release: study.needs_release,
            file: whole.then(|| study.text.clone()),
        }
    }
}

/// List studies
#[utoipa::path(
    get, path = "/api/v1/studies", tag = "catalogue", security(("bearer" = [])),
    responses((status = 200, description = "by id", body = Vec<Study>), Problem)
)]
pub async fn studies(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<Study>>, Problem> {
    caller.may(Route::SeeStudies)?;
    let all = app.studies.all().map(|s| Study::of(s, false));
    Ok(Json(all.collect()))
}

/// Read a study
#[utoipa::path(
    get, path = "/api/v1/studies/{id}", tag = "catalogue", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the study")),
    responses((status = 200, description = "with its file", body = Study), Problem)
)]
pub async fn study(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Study>, Problem> {
    caller.may(Route::SeeStudies)?;
    let study = app.studies.get(&id);
    let study = study.ok_or_else(|| Problem::not_found("study"))?;
    Ok(Json(Study::of(study, true)))
}

/// Read the register's dictionary
///
/// Every column with its table, kind, role and unit. No row of anybody.
#[utoipa::path(
    get, path = "/api/v1/register", tag = "catalogue", security(("bearer" = [])),
    responses((status = 200, description = "the dictionary", body = serde_json::Value), Problem)
)]
pub async fn register(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    caller.may(Route::SeeRegister)?;
    let dir = app.register.clone();
    let read = tokio::task::spawn_blocking(move || {
        let register = ParquetRegister::open(&dir).ok()?;
        serde_json::to_string(register.dictionary()).ok()
    });
    let text = read.await.ok().flatten();
    Ok(json(text.ok_or_else(Problem::fault)?))
}
