//! Programmes: what an organisation does, and its submissions are about.

use super::App;
use super::door::{Body, Caller};
use crate::service::model::{OrganisationId, ProgrammeId};
use crate::service::permissions::{Reach, Route, reach};
use crate::service::problem::Problem;
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

impl From<crate::service::store::Programme> for Programme {
    fn from(p: crate::service::store::Programme) -> Programme {
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
    get, path = "/api/v1/programmes", tag = "programmes", security(("bearer" = [])),
    responses(
        (status = 200, description = "by name", body = Vec<Programme>),
        Problem
    )
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<Programme>>, Problem> {
    caller.may(Route::ListProgrammes)?;
    let store = &app.store;
    let found = match reach(Route::ListProgrammes, caller.account.role) {
        Some(Reach::All) => store.programmes(None).await?,
        Some(Reach::Released) => store.released_programmes().await?,
        _ => store.programmes(Some(caller.account.organisation)).await?,
    };
    Ok(Json(found.into_iter().map(Programme::from).collect()))
}

/// What a programme is to be.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProgramme {
    /// As you call it: not a person's name.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
}

/// Make a programme
#[utoipa::path(
    post, path = "/api/v1/programmes", tag = "programmes", security(("bearer" = [])), request_body = NewProgramme,
    responses(
        (status = 201, description = "made", body = Programme),
        Problem
    )
)]
pub async fn make(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewProgramme>,
) -> Result<(StatusCode, Json<Programme>), Problem> {
    caller.may(Route::MakeProgramme)?;
    let organisation = caller.account.organisation;
    let audit = caller.audit("programme.make", organisation);
    let made = app
        .store
        .add_programme(&audit, organisation, &new.name)
        .await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}
