//! What can be asked, and of what: studies and the register's dictionary.

use super::App;
use super::door::{Caller, Id};
use super::operations::json;
use crate::register::Dictionary;
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::ToSpan as _;
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
    get, path = "/api/v1/studies", operation_id = "list_studies", tag = "catalogue", security(("bearer" = [])),
    responses((status = 200, description = "by id", body = Vec<Study>))
)]
pub async fn studies(State(app): State<App>, caller: Caller) -> Result<Json<Vec<Study>>, Problem> {
    caller.may(Route::SeeStudies)?;
    let all = app.studies.all().map(|s| Study::of(s, false));
    Ok(Json(all.collect()))
}

/// Read a study
#[utoipa::path(
    get, path = "/api/v1/studies/{id}", operation_id = "read_study", tag = "catalogue", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the study")),
    responses((status = 200, description = "with its file", body = Study))
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

/// What a register says of itself.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RegisterPage {
    /// One line for people.
    pub(in crate::service) title: String,
    /// Where the data come from.
    pub(in crate::service) source: String,
    /// Invented people?
    synthetic: bool,
    /// When it was made, ISO 8601.
    pub(in crate::service) made: String,
    /// The last day recorded, ISO 8601.
    cut_off: String,
    /// The columns, in the dictionary's order.
    pub(in crate::service) columns: Vec<Column>,
}

/// A column of the register.
#[derive(Serialize, utoipa::ToSchema)]
pub(in crate::service) struct Column {
    /// `persons` or `events`.
    #[schema(value_type = String)]
    pub table: crate::register::Table,
    /// Its name.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What it holds: `text`, `date`, `number`, `flag`, `category`, `count`.
    #[schema(value_type = String)]
    pub kind: crate::register::Kind,
    /// What it is for: `key`, `identifier`, `date`, `covariate`, `outcome`.
    #[schema(value_type = String)]
    pub role: crate::register::Role,
    /// In which unit.
    pub unit: Option<String>,
}

impl RegisterPage {
    /// Of a dictionary.
    pub fn of(dictionary: &Dictionary) -> RegisterPage {
        RegisterPage {
            title: dictionary.title.clone(),
            source: dictionary.source.clone(),
            synthetic: dictionary.synthetic,
            made: day(dictionary.made),
            cut_off: day(dictionary.cut_off),
            columns: dictionary.columns.iter().cloned().map(column).collect(),
        }
    }

    /// The last day recorded, ISO 8601.
    pub fn cut_off(&self) -> &str {
        &self.cut_off
    }

    /// Whether nobody in it is real.
    pub fn is_synthetic(&self) -> bool {
        self.synthetic
    }
}

fn column(entry: crate::register::Entry) -> Column {
    Column {
        table: entry.table,
        name: entry.name,
        label: entry.label,
        kind: entry.kind,
        role: entry.role,
        unit: entry.unit,
    }
}

/// A day since 1970 as ISO 8601.
fn day(since_1970: i32) -> String {
    let first = jiff::civil::date(1970, 1, 1);
    let day = first.checked_add(i64::from(since_1970).days());
    day.unwrap_or(first).to_string()
}

/// Read the register's dictionary
///
/// Every column with its table, kind, role and unit. No row of anybody.
#[utoipa::path(
    get, path = "/api/v1/register", operation_id = "read_register", tag = "catalogue", security(("bearer" = [])),
    responses((status = 200, description = "the dictionary", body = RegisterPage))
)]
pub async fn register(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    caller.may(Route::SeeRegister)?;
    let page = serde_json::to_string(app.register.as_ref());
    Ok(json(page.map_err(|_| Problem::fault())?))
}
