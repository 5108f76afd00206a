//! What was done, and what went wrong: for auditors and stewards.

use super::App;
use super::door::{Body, Caller, Id, Query, bad_query, how_many, plain};
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use crate::service::store::{AuditEntry, Incident};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;

/// The largest number that JSON keeps everywhere.
const LAST_PLACE: u64 = 9_007_199_254_740_991;

/// Which part of the trail.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Only rows after this place.
    #[param(minimum = 0, maximum = 9007199254740991_i64)]
    after: Option<u64>,
    /// At most so many.
    #[param(minimum = 1, maximum = 1000)]
    most: Option<u32>,
}

/// Read the audit trail
///
/// Oldest first, each row chained to the one before.
#[utoipa::path(
    get, path = "/api/v1/audit", operation_id = "read_audit", tag = "audit", security(("bearer" = [])), params(Wanted),
    responses((status = 200, description = "part of the trail", body = Vec<AuditEntry>))
)]
pub async fn trail(
    State(app): State<App>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Vec<AuditEntry>>, Problem> {
    caller.may(Route::ReadAudit)?;
    let after = wanted.after.unwrap_or(0);
    if after > LAST_PLACE {
        return Err(bad_query());
    }
    let most = how_many(wanted.most)?;
    Ok(Json(app.store.audit_after(after, most).await?))
}

/// List incidents
///
/// Submissions whose erasure could not be certified.
#[utoipa::path(
    get, path = "/api/v1/incidents", operation_id = "list_incidents", tag = "audit", security(("bearer" = [])),
    responses((status = 200, description = "newest first", body = Vec<Incident>))
)]
pub async fn incidents(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<Incident>>, Problem> {
    caller.may(Route::ListIncidents)?;
    Ok(Json(app.store.incidents().await?))
}

/// How an incident was dealt with.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resolution {
    /// What was found and done. Nobody's name.
    #[schema(
        min_length = 1,
        max_length = 1000,
        pattern = "^[^\\s\\x00-\\x1f\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$"
    )]
    resolution: String,
}

/// Resolve an incident
///
/// When none is open any more, submissions are taken in again.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/resolution", operation_id = "resolve_incident", tag = "audit", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the submission", pattern = "^[0-9a-f]{32}$")), request_body = Resolution,
    responses((status = 200, description = "all incidents", body = Vec<Incident>))
)]
pub async fn resolve(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Body(body): Body<Resolution>,
) -> Result<Json<Vec<Incident>>, Problem> {
    resolved(&app, &caller, &id, &body.resolution).await?;
    Ok(Json(app.store.incidents().await?))
}

/// A steward has dealt with an incident, and says how.
///
/// # Errors
/// 403, 404, 409, and 422 for words that are none.
pub async fn resolved(
    app: &App,
    caller: &Caller,
    id: &str,
    resolution: &str,
) -> Result<(), Problem> {
    let found = caller.submission(app, Route::ResolveIncident, id).await?;
    plain(
        resolution,
        1_000,
        "`resolution` has 1 to 1,000 characters, begins with no blank and has no line break",
    )?;
    let audit = caller.audit("incident.resolve", found.id);
    app.store
        .resolve_incident(&audit, found.id, resolution)
        .await?;
    Ok(app.custodian.look_at_incidents().await?)
}
