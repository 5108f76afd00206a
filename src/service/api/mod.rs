//! The API under `/api/v1`: one file a resource. Every answer that is no success is a problem
//! document ([`super::problem`]); every route asks the table of permissions ([`super::permissions`]).

mod audit;
mod catalogue;
mod door;
mod ledger;
mod operations;
mod programmes;
mod reports;
mod sessions;
mod submissions;
pub mod upload;

use super::custodian::Custodian;
use super::limits::Limits;
use super::metrics::Metrics;
use super::model::NodeId;
use super::problem::Problem;
use super::store::Store;
use super::studies::Studies;
use super::worker::Workers;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use std::path::PathBuf;
use std::sync::Arc;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What every handler may use.
#[derive(Clone)]
pub struct App {
    /// Accounts, submissions, reports, the ledger.
    pub store: Store,
    /// The processes that hold lists.
    pub workers: Workers,
    /// Who sees to it that they are erased.
    pub custodian: Custodian,
    /// The studies that may be asked for.
    pub studies: Arc<Studies>,
    /// The folder of the held register.
    pub register: Arc<PathBuf>,
    /// How much and how fast.
    pub limits: Arc<Limits>,
    /// Workers that wait for a sealed file.
    pub sealing: Arc<upload::Sealing>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// This process among those that share the database.
    pub node: NodeId,
}

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "The token of a session (POST /api/v1/sessions) or one made with POST /api/v1/tokens.",
            ))
            .build();
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Counterpart",
        description = "A data lab in a box: hand in the list of people a programme worked with, read what became of them beside their counterparts, and verify that the list was erased."
    ),
    modifiers(&Bearer),
    components(schemas(Problem))
)]
struct Documented;

/// All routes and their description. The app is added by [`router`].
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Documented::openapi())
        .routes(routes!(sessions::open))
        .routes(routes!(sessions::close))
        .routes(routes!(sessions::tokens, sessions::make_token))
        .routes(routes!(sessions::revoke_token))
        .routes(routes!(programmes::list, programmes::make))
        .routes(routes!(submissions::list, upload::submit))
        .routes(routes!(submissions::see, submissions::withdraw))
        .routes(routes!(submissions::events))
        .routes(routes!(submissions::decide))
        .routes(routes!(reports::findings))
        .routes(routes!(reports::certificate))
        .routes(routes!(reports::report))
        .routes(routes!(upload::seal))
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
    let mut text = api.to_pretty_json().unwrap_or_default();
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
        .fallback(async || Problem::not_found("address"))
        .method_not_allowed_fallback(wrong_method)
        .with_state(app)
}

async fn wrong_method(method: Method) -> Problem {
    // One of the few methods there are, or else not worth repeating.
    let named = match method {
        Method::GET | Method::POST | Method::PUT | Method::DELETE | Method::PATCH => {
            method.to_string()
        }
        _ => "this method".to_owned(),
    };
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "not with this method",
        format!("{named} is not possible at this address"),
        "use one of the methods in the header Allow",
    )
}
