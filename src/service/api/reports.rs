//! What comes out: the report once it is released, the findings for the steward before that, and the
//! certificate of erasure.

use super::App;
use super::door::{Caller, parsed};
use super::operations::json;
use crate::service::model::{Role, SubmissionId};
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

const JSON_FACE: &str = "report.json";

/// Read the report
///
/// Once it is released. `report.html` and `report.json` are what there is.
#[utoipa::path(
    get, path = "/api/v1/submissions/{id}/{face}", tag = "reports", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "of the submission"),
        ("face" = String, Path, description = "report.html or report.json")
    ),
    responses(
        (status = 200, description = "the report", content(
            (String = "text/html"),
            (serde_json::Value = "application/json"),
        )),
        Problem
    )
)]
pub async fn report(
    State(app): State<App>,
    caller: Caller,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
) -> Result<Response, Problem> {
    let Path((id, face)) = path.map_err(|_| Problem::not_found("address"))?;
    let formats = ["html", "pdf", "ods", "xlsx", "json"];
    let format = face.strip_prefix("report.").unwrap_or("");
    if !formats.contains(&format) {
        return Err(Problem::not_found("address"));
    }
    let found = caller.submission(&app, Route::ReadReport, &id).await?;
    face_of(&app, found.id, &face, caller.account.role).await
}

/// Read the findings before their release
///
/// For a steward who is to approve them: the same JSON that would be released.
#[utoipa::path(
    get, path = "/api/v1/submissions/{id}/findings", tag = "reports", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the submission")),
    responses(
        (status = 200, description = "report.json", body = serde_json::Value),
        Problem
    )
)]
pub async fn findings(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let found = caller.submission(&app, Route::ReadFindings, &id).await?;
    face_of(&app, found.id, JSON_FACE, caller.account.role).await
}

async fn face_of(
    app: &App,
    of: SubmissionId,
    name: &str,
    reader: Role,
) -> Result<Response, Problem> {
    let Some(face) = app.store.face(of, name, reader).await? else {
        let there = app.store.faces(of, reader).await?;
        let mut problem = Problem::not_found("report in this format");
        problem.hint = format!("there is: {}", there.join(", "));
        return Err(problem);
    };
    let kind = HeaderValue::from_str(&face.media_type);
    let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    Ok(([(header::CONTENT_TYPE, kind)], face.bytes).into_response())
}

/// Read the certificate of erasure
///
/// With its proof of inclusion in the ledger: `counterpart verify` checks it without the service.
#[utoipa::path(
    get, path = "/api/v1/submissions/{id}/certificate", tag = "reports", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the submission")),
    responses(
        (status = 200, description = "the bundle", body = serde_json::Value),
        Problem
    )
)]
pub async fn certificate(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let found = caller
        .submission(&app, Route::ReadCertificate, &id)
        .await?;
    let id: SubmissionId = parsed(&found.id.to_string(), "submission")?;
    let bundle = app.custodian.bundle(id).await?;
    let bundle = bundle.ok_or_else(|| Problem::not_found("certificate"))?;
    Ok(json(bundle))
}
