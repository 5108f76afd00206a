//! Programmes: what an organisation does, and its submissions are about.

use super::App;
use super::door::{Body, Caller, plain};
use crate::service::model::{OrganisationId, ProgrammeId};
use crate::service::permissions::{Reach, Route, reach};
use crate::service::problem::Problem;
use crate::service::store::Programme as Kept;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

/// A programme.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Programme {
    /// Its id.
    #[schema(value_type = String)]
    id: ProgrammeId,
    /// Whose it is.
    #[schema(value_type = String)]
    organisation: OrganisationId,
    /// As its organisation calls it.
    name: String,
}

impl From<Kept> for Programme {
    fn from(p: Kept) -> Programme {
        Programme {
            id: p.id,
            organisation: p.organisation,
            name: p.name,
        }
    }
}

/// List programmes
///
/// Your organisation's; for a commissioner those with a released report; for a steward all.
#[utoipa::path(
    get, path = "/api/v1/programmes", operation_id = "list_programmes", tag = "programmes", security(("bearer" = [])),
    responses(
        (status = 200, description = "by name", body = Vec<Programme>))
)]
pub async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Vec<Programme>>, Problem> {
    let found = listed(&app, &caller).await?;
    Ok(Json(found.into_iter().map(Programme::from).collect()))
}

/// The programmes that somebody may know of, by name.
///
/// # Errors
/// 403.
pub async fn listed(app: &App, caller: &Caller) -> Result<Vec<Kept>, Problem> {
    caller.may(Route::ListProgrammes)?;
    let store = &app.store;
    Ok(match reach(Route::ListProgrammes, caller.account.role) {
        Some(Reach::All) => store.programmes(None).await?,
        Some(Reach::Released) => store.released_programmes().await?,
        _ => store.programmes(Some(caller.account.organisation)).await?,
    })
}

/// What a programme is to be.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProgramme {
    /// As you call it: not a person's name.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = "^[^\\s\\x00-\\x1f\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$"
    )]
    name: String,
}

/// Make a programme
#[utoipa::path(
    post, path = "/api/v1/programmes", operation_id = "make_programme", tag = "programmes", security(("bearer" = [])), request_body = NewProgramme,
    responses(
        (status = 201, description = "made", body = Programme))
)]
pub async fn make(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewProgramme>,
) -> Result<(StatusCode, Json<Programme>), Problem> {
    let made = made(&app, &caller, &new.name).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// A new programme of the caller's organisation.
///
/// # Errors
/// 403, 409 for a name that there is, 422 for one that is none.
pub async fn made(app: &App, caller: &Caller, name: &str) -> Result<Kept, Problem> {
    caller.may(Route::MakeProgramme)?;
    plain(
        name,
        200,
        "a name has 1 to 200 characters, begins with no blank and has no line break",
    )?;
    let organisation = caller.account.organisation;
    let audit = caller.audit("programme.make", organisation);
    let made = app.store.add_programme(&audit, organisation, name);
    Ok(made.await?)
}
