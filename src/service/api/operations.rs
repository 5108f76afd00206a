//! What whoever runs the service looks at: health, readiness, metrics.

use super::App;
use crate::service::problem::Problem;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// JSON that is written already.
pub fn json(text: String) -> Response {
    let kind = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// Is the process alive?
#[utoipa::path(
    get, path = "/health/live", tag = "operations",
    responses((status = 200, description = "it is", body = String, content_type = "text/plain"), Problem)
)]
pub async fn live() -> &'static str {
    "alive\n"
}

/// Can it take submissions in?
#[utoipa::path(
    get, path = "/health/ready", tag = "operations",
    responses((status = 200, description = "it can", body = String, content_type = "text/plain"), Problem)
)]
pub async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    app.store.ready().await?;
    match app.custodian.is_taking_in() {
        true => Ok("ready\n"),
        false => Err(Problem::unavailable(
            "no submission is taken in: an incident is open, or the server is stopping",
            60,
        )),
    }
}

/// What was counted
///
/// In the text format of Prometheus. No organisation, account or submission is named.
#[utoipa::path(
    get, path = "/metrics", tag = "operations",
    responses((status = 200, description = "metrics", body = String, content_type = "text/plain"), Problem)
)]
pub async fn metrics(State(app): State<App>) -> Response {
    app.metrics.workers(app.workers.counts());
    match app.metrics.text() {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            let kind = HeaderValue::from_static(kind);
            (StatusCode::OK, [(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => Problem::fault().into_response(),
    }
}
