//! What comes out: the report once it is released, the findings for the steward before that, and the
//! certificate of erasure.

use super::App;
use super::door::{Caller, Id};
use super::operations::json;
use crate::report::Face;
use crate::service::model::{Role, SubmissionId};
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

const JSON_FACE: &str = "report.json";

/// Read the report
///
/// Once it is released: one page for people, JSON and CSV for programs, and the same tables as
/// Office Open XML and OpenDocument spreadsheets; and a tagged PDF to print or send on.
#[utoipa::path(
    get, path = "/api/v1/submissions/{id}/{face}", operation_id = "read_report", tag = "reports", security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "of the submission", pattern = "^[0-9a-f]{32}$"),
        ("face" = String, Path, description = "report.html, report.json, report.csv, report.xlsx, report.ods or report.pdf", pattern = "^report\\.(html|json|csv|xlsx|ods|pdf)$")
    ),
    responses(
        (status = 200, description = "the report", content(
            (String = "text/html"),
            (serde_json::Value = "application/json"),
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (Vec<u8> = "application/vnd.oasis.opendocument.spreadsheet"),
            (Vec<u8> = "application/pdf"),
        )))
)]
pub async fn report(
    State(app): State<App>,
    caller: Caller,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
) -> Result<Response, Problem> {
    let Path((id, face)) = path.map_err(|_| Problem::not_found("address"))?;
    if !face.starts_with("report.") {
        return Err(Problem::not_found("address"));
    }
    let found = caller.submission(&app, Route::ReadReport, &id).await?;
    face_of(&app, found.id, &face, caller.account.role).await
}

/// Read the findings before their release
///
/// For a steward who is to approve them: the same JSON that would be released.
#[utoipa::path(
    get, path = "/api/v1/submissions/{id}/findings", operation_id = "read_findings", tag = "reports", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the submission", pattern = "^[0-9a-f]{32}$")),
    responses(
        (status = 200, description = "report.json", body = serde_json::Value))
)]
pub async fn findings(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
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
    let kept = HeaderValue::from_str(&disposition(name));
    let kept = kept.unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, kept),
    ];
    Ok((headers, face.bytes).into_response())
}

/// Pages and JSON are read where they come; the others are files to be opened elsewhere.
fn disposition(name: &str) -> String {
    let how = match Face::named(name) {
        Some(Face::Html | Face::Json) => "inline",
        _ => "attachment",
    };
    format!("{how}; filename=\"{name}\"")
}

/// Read the certificate of erasure
///
/// With its proof of inclusion in the ledger: `counterpart verify` checks it without the service.
#[utoipa::path(
    get, path = "/api/v1/submissions/{id}/certificate", operation_id = "read_certificate", tag = "reports", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the submission", pattern = "^[0-9a-f]{32}$")),
    responses(
        (status = 200, description = "the bundle", body = serde_json::Value))
)]
pub async fn certificate(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Response, Problem> {
    let found = caller.submission(&app, Route::ReadCertificate, &id).await?;
    let bundle = app.custodian.bundle(found.id).await?;
    let bundle = bundle.ok_or_else(|| Problem::not_found("certificate"))?;
    Ok(json(bundle))
}
