//! Publishing: a step of its own after the release, with the provider's words beside the numbers.

use super::App;
use super::door::{Body, Caller, Id, plain};
use crate::service::clock::rfc3339;
use crate::service::model::SubmissionId;
use crate::service::open_data::results;
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

const JSON_FACE: &str = "report.json";

/// What the provider says.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToPublish {
    /// What should be known beside the numbers: whom you work with, what you do. Nobody's name.
    #[schema(
        min_length = 1,
        max_length = 2000,
        pattern = "^[^\\s\\x00-\\x1f\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$"
    )]
    provider_says: String,
}

/// A report that everybody may see the results of.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Published {
    /// Of the submission.
    #[schema(value_type = String)]
    id: SubmissionId,
    /// What the provider says.
    provider_says: String,
    /// When, RFC 3339.
    published_at: String,
}

/// Publish a released report
///
/// Its results appear in the open data, with your words beside them. Sent again, the words are replaced.
#[utoipa::path(
    put, path = "/api/v1/submissions/{id}/publication", operation_id = "publish", tag = "reports", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the submission", pattern = "^[0-9a-f]{32}$")), request_body = ToPublish,
    responses((status = 200, description = "published", body = Published))
)]
pub async fn publish(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Body(body): Body<ToPublish>,
) -> Result<Json<Published>, Problem> {
    let id = published(&app, &caller, &id, &body.provider_says).await?;
    let made = app.store.publication(id).await?;
    let made = made.ok_or_else(|| Problem::not_found("publication"))?;
    Ok(Json(Published {
        id,
        provider_says: made.provider_says,
        published_at: rfc3339(made.at),
    }))
}

/// Publishes; the submission.
///
/// # Errors
/// 403, 404, 409, 422.
pub async fn published(
    app: &App,
    caller: &Caller,
    id: &str,
    says: &str,
) -> Result<SubmissionId, Problem> {
    let found = caller.submission(app, Route::Publish, id).await?;
    plain(
        says,
        2_000,
        "`provider_says` has 1 to 2,000 characters, begins with no blank and has no line break",
    )?;
    let face = app
        .store
        .face(found.id, JSON_FACE, caller.account.role)
        .await?;
    let results = face.and_then(|f| results(&f.bytes));
    let results = results.ok_or_else(|| Problem::not_found("report in this format"))?;
    let json = serde_json::to_string(&results).map_err(|_| Problem::fault())?;
    let audit = caller.audit("report.publish", found.id);
    app.store.publish(&audit, found.id, says, &json).await?;
    Ok(found.id)
}

/// Take a report back from the open data
#[utoipa::path(
    delete, path = "/api/v1/submissions/{id}/publication", operation_id = "unpublish", tag = "reports", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the submission", pattern = "^[0-9a-f]{32}$")),
    responses((status = 204, description = "not public any more; who had it may have kept it"))
)]
pub async fn unpublish(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    taken_back(&app, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes it back.
///
/// # Errors
/// 403, 404, 409.
pub async fn taken_back(app: &App, caller: &Caller, id: &str) -> Result<SubmissionId, Problem> {
    let found = caller.submission(app, Route::Publish, id).await?;
    let audit = caller.audit("report.unpublish", found.id);
    app.store.unpublish(&audit, found.id).await?;
    Ok(found.id)
}
