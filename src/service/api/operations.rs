//! What whoever runs the service looks at: health, readiness, metrics.

use super::App;
use super::door::Origin;
use crate::service::problem::{Kind, Problem};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// JSON that is written already.
pub fn json(text: String) -> Response {
    typed(text, "application/json")
}

/// A text of a type.
pub fn typed(text: String, kind: &'static str) -> Response {
    let kind = HeaderValue::from_static(kind);
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// Is the process alive?
#[utoipa::path(
    get, path = "/health/live", operation_id = "live", tag = "operations",
    responses((status = 200, description = "it is", body = String, content_type = "text/plain"))
)]
pub async fn live() -> &'static str {
    "alive\n"
}

/// Can it take submissions in?
#[utoipa::path(
    get, path = "/health/ready", operation_id = "ready", tag = "operations",
    responses((status = 200, description = "it can", body = String, content_type = "text/plain"))
)]
pub async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    app.store.ready().await?;
    match app.custodian.is_taking_in() && !*app.stopping.borrow() {
        true => Ok("ready\n"),
        false => Err(Problem::unavailable(
            "no submission is taken in: an incident is open, or the server is stopping",
            60,
        )),
    }
}

/// What was counted
///
/// In the text format of Prometheus. No organisation, account or submission is named. Told on this
/// machine only, unless the operator opened it.
#[utoipa::path(
    get, path = "/metrics", operation_id = "metrics", tag = "operations",
    responses((status = 200, description = "metrics", body = String, content_type = "application/openmetrics-text"))
)]
pub async fn metrics(State(app): State<App>, Origin(from): Origin) -> Result<Response, Problem> {
    if !from.local && !app.settings.open_metrics {
        return Err(Problem::new(
            Kind::Forbidden,
            "metrics are told on the server's own machine only",
            "ask from there and not through a proxy, or start the server with --open-metrics",
        ));
    }
    let open = app.store.open_incidents().await?;
    app.metrics.now(app.workers.counts(), open);
    app.metrics.released(app.store.count_releases().await?);
    let text = app.metrics.text().map_err(|_| Problem::fault())?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(typed(text, kind))
}
