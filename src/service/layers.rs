//! What every request goes through on its way in and every answer on its way out.

use super::api::App;
use super::limits::{BESIDE_FILE, Limits, MOST_JSON, Rate};
use super::model::SubmissionId;
use super::problem::Problem;
use super::server::panicked;
use crate::cohort::MAX_BYTES;
use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower_http::catch_panic::CatchPanicLayer;

const UPLOAD: &str = "/api/v1/submissions";
const SESSIONS: &str = "/api/v1/sessions";

/// What the layers share.
#[derive(Clone)]
struct Shared {
    app: App,
    logins: Arc<Rate<IpAddr>>,
}

/// Puts the layers around the routes.
pub fn around(router: Router, app: &App) -> Router {
    let shared = Shared {
        app: app.clone(),
        logins: Arc::new(Rate::per_minute(app.limits.logins_per_minute)),
    };
    router
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(shared, guard))
        .layer(CatchPanicLayer::custom(panicked))
}

/// How long a connection may take over its headers.
pub fn patience<E>(builder: &mut hyper_util::server::conn::auto::Builder<E>, limits: &Limits) {
    builder
        .http1()
        .timer(hyper_util::rt::TokioTimer::new())
        .header_read_timeout(limits.headers);
}

async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    // Ours: what a caller sends is not repeated.
    let id = SubmissionId::random().to_string();
    let method = known(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |p| p.as_str().to_owned());
    let mut response = match bounded(&shared, &route, request) {
        Ok(request) => answered(&shared, &route, request, next).await,
        Err(problem) => problem.into_response(),
    };
    harden(&mut response, &id);
    let (status, took) = (response.status().as_u16(), began.elapsed());
    shared.app.metrics.answered(method, &route, status, took);
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(request = id, method, route, status, ms, "answered");
    response
}

/// The bounds that can be told before the body comes.
fn bounded(shared: &Shared, route: &str, request: Request) -> Result<Request, Problem> {
    if route == SESSIONS
        && let Some(ConnectInfo(address)) = request.extensions().get::<ConnectInfo<SocketAddr>>()
    {
        shared.logins.one(&address.ip())?;
    }
    let most = match route == UPLOAD && request.method() == Method::POST {
        true => MAX_BYTES + BESIDE_FILE,
        false => MOST_JSON,
    };
    let declared = request.headers().get(header::CONTENT_LENGTH);
    let declared = declared.and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|n| n > most as u64) {
        return Err(Problem::too_large(most as u64));
    }
    Ok(request.map(|body| {
        let limited = http_body_util::Limited::new(body, most);
        axum::body::Body::new(limited)
    }))
}

/// Uploads have their own times, and who follows a submission may do so as long as it takes.
async fn answered(shared: &Shared, route: &str, request: Request, next: Next) -> Response {
    let unbounded =
        (route == UPLOAD && request.method() == Method::POST) || route.ends_with("/events");
    let most: Duration = shared.app.limits.request;
    match unbounded {
        true => next.run(request).await,
        false => match tokio::time::timeout(most, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::too_slow().into_response(),
        },
    }
}

/// What browsers and proxies are told of every answer.
fn harden(response: &mut Response, id: &str) {
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &'static str); 6] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
        (
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=31536000; includeSubDomains",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("x-request-id", id);
    }
}

fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}
