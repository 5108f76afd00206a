//! An empty list to fill in, as a study needs it.

use super::page::{Failed, download};
use super::visitor::SignedIn;
use crate::cohort;
use crate::service::api::App;
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use crate::study::Study;
use axum::extract::{Path, State};
use axum::response::Response;

/// The file, in one of three forms.
pub async fn give(
    State(app): State<App>,
    user: SignedIn,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, Failed> {
    user.caller.may(Route::SeeStudies)?;
    let study = app.studies.get(&id);
    let study = study.ok_or_else(|| Problem::not_found("study"))?;
    let study = Study::parse(&study.id, &study.text).map_err(|_| Problem::fault())?;
    let (made, kind) = match name.as_str() {
        "empty-list.csv" => (
            Ok(cohort::template(&study).into_bytes()),
            "text/csv; charset=utf-8",
        ),
        "empty-list.xlsx" => (
            cohort::template_xlsx(&study),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        "empty-list.ods" => (
            cohort::template_ods(&study),
            "application/vnd.oasis.opendocument.spreadsheet",
        ),
        _ => return Err(Problem::not_found("address").into()),
    };
    let bytes = made.map_err(|_| Problem::fault())?;
    Ok(download(bytes, kind, &name))
}
