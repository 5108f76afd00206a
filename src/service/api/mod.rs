//! The API under `/api/v1`: one file a resource. Every answer that is no success is a problem
//! document ([`super::problem`]); every route asks the table of permissions ([`super::permissions`]).

pub(super) mod audit;
mod beside;
mod catalogue;
pub(super) mod comparing;
mod document;
pub(super) mod door;
pub(super) mod follow;
pub(super) mod form;
mod ledger;
mod operations;
pub(super) mod programmes;
pub(super) mod publishing;
mod recording;
pub(super) mod reports;
pub(super) mod sealing;
pub(super) mod sessions;
pub(super) mod sharing;
pub(super) mod submissions;
pub(super) mod upload;

pub(super) use catalogue::Column;
pub use catalogue::RegisterPage;
pub use sealing::Sealing;
pub use upload::UploadKey;

use super::erasure::Custody;
use super::limits::{Limits, MOST_JSON, Rates};
use super::log;
use super::metrics::Metrics;
use super::model::NodeId;
use super::portal;
use super::problem::{self, Kind, Problem};
use super::sample::Published;
use super::store::Store;
use super::studies::Studies;
use super::worker::Workers;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, Method};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use std::sync::Arc;
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How answers are given.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    /// A proxy of ours passes requests on: callers' addresses are what it says.
    pub behind_proxy: bool,
    /// Addresses stand in the log.
    pub log_addresses: bool,
    /// TLS ends here.
    pub tls: bool,
    /// Metrics are told to whoever asks, not only on this machine.
    pub open_metrics: bool,
}

/// What every handler may use.
#[derive(Clone)]
pub struct App {
    /// Accounts, submissions, reports, the ledger.
    pub store: Store,
    /// The processes that hold lists.
    pub workers: Workers,
    /// Who sees to it that they are erased.
    pub custodian: Arc<dyn Custody>,
    /// The studies that may be asked for.
    pub studies: Arc<Studies>,
    /// Tables of results that others published.
    pub published: Arc<Vec<Published>>,
    /// What the register says of itself.
    pub register: Arc<RegisterPage>,
    /// How much and how fast.
    pub limits: Arc<Limits>,
    /// What was counted against that.
    pub rates: Arc<Rates>,
    /// Workers that wait for a sealed file.
    pub sealing: Arc<Sealing>,
    /// By which an upload is known again.
    pub upload_key: Arc<UploadKey>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// This process among those that share the database.
    pub node: NodeId,
    /// How answers are given.
    pub settings: Settings,
    /// True once the server is to stop: streams of events end.
    pub stopping: watch::Receiver<bool>,
}

/// All routes and their description. The app is added by [`router`].
fn routes() -> OpenApiRouter<App> {
    use utoipa_axum::router::UtoipaMethodRouterExt as _;
    OpenApiRouter::with_openapi(document::Documented::openapi())
        .routes(routes!(sessions::open))
        .routes(routes!(sessions::close))
        .routes(routes!(sessions::tokens, sessions::make_token))
        .routes(routes!(sessions::revoke_token))
        .routes(routes!(programmes::list, programmes::make))
        // An upload counts its own bytes, as they come.
        .routes(routes!(submissions::list, upload::submit).layer(DefaultBodyLimit::disable()))
        .routes(routes!(submissions::see, submissions::withdraw))
        .routes(routes!(follow::events))
        .routes(routes!(submissions::decide))
        .routes(routes!(reports::findings))
        .routes(routes!(reports::certificate))
        .routes(routes!(reports::report))
        .routes(routes!(publishing::publish, publishing::unpublish))
        .routes(routes!(comparing::comparison))
        .routes(routes!(sharing::list, sharing::make))
        .routes(routes!(sharing::end))
        .routes(routes!(sharing::sign))
        .routes(routes!(sharing::assessment))
        .routes(routes!(sealing::seal))
        .routes(routes!(catalogue::studies))
        .routes(routes!(catalogue::study))
        .routes(routes!(catalogue::register))
        .routes(routes!(ledger::checkpoint))
        .routes(routes!(ledger::entry))
        .routes(routes!(ledger::consistency))
        .routes(routes!(audit::trail))
        .routes(routes!(audit::incidents))
        .routes(routes!(audit::resolve))
        .routes(routes!(operations::live))
        .routes(routes!(operations::ready))
        .routes(routes!(operations::metrics))
}

/// The description of the API, OpenAPI 3.1, as it is served.
pub fn openapi() -> String {
    let (_, api) = routes().split_for_parts();
    // Made of our own types: it can be written.
    let mut text = document::with_problems(api)
        .to_pretty_json()
        .unwrap_or_default();
    text.push('\n');
    text
}

/// All routes.
pub fn router(app: App) -> Router {
    let (router, _) = routes().split_for_parts();
    let document: Arc<str> = openapi().into();
    router
        .route(
            "/api/v1/openapi.json",
            get(async move || operations::json(document.to_string())),
        )
        .route("/api/v1/problems", get(async || problem::as_markdown()))
        .merge(portal::routes())
        .fallback(async |headers: HeaderMap| {
            portal::refused(&headers, Problem::not_found("address"))
        })
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MOST_JSON))
        .layer(CatchPanicLayer::custom(|_| {
            Problem::fault().into_response()
        }))
        .layer(from_fn_with_state(app.clone(), portal::with_menu))
        .layer(from_fn_with_state(app.clone(), log::around))
        .with_state(app)
}

async fn wrong_method(method: Method, headers: HeaderMap) -> Response {
    // One of the few methods there are, or else not worth repeating.
    let named = match log::known(&method) {
        "other" => "this method",
        known => known,
    };
    let problem = Problem::new(
        Kind::MethodNotAllowed,
        format!("{named} is not possible at this address"),
        "use one of the methods in the header Allow",
    );
    portal::refused(&headers, problem)
}
