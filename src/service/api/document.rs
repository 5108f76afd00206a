//! The description of the API, OpenAPI 3.1: routes and successes stand beside their handlers, and
//! the problems that each may answer with are worked out here, in one place.

use crate::service::problem::{Kind, Problem};
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type,
};
use utoipa::{Modify, OpenApi};

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

/// What is not said beside a handler.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Counterpart",
        description = "A data lab in a box: hand in the list of people a programme worked with, read what became of them beside their counterparts, and verify that the list was erased."
    ),
    modifiers(&Bearer),
    components(schemas(Problem))
)]
pub struct Documented;

/// Adds to every operation the problems that it may answer with.
pub fn with_problems(mut api: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    for item in api.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
        ];
        for operation in operations.into_iter().flatten() {
            for kind in problems(operation) {
                let status = kind.status().as_str().to_owned();
                let told = RefOr::T(told(kind));
                operation.responses.responses.entry(status).or_insert(told);
            }
        }
    }
    api
}

/// Which they are.
fn problems(operation: &Operation) -> Vec<Kind> {
    use Kind::*;
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let has = |place: &ParameterIn| {
        let here = |p: &RefOr<_>| matches!(p, RefOr::T(p) if is_in(p, place));
        parameters.iter().any(here)
    };
    let mut kinds = vec![Fault];
    if operation.security.is_some() {
        kinds.extend([Unauthorised, Forbidden, TooMany, Unavailable]);
    }
    if has(&ParameterIn::Path) {
        kinds.extend([NotFound, Unavailable]);
    }
    if has(&ParameterIn::Query) {
        kinds.extend([BadRequest, Unavailable]);
    }
    if operation.request_body.is_some() {
        kinds.extend([BadRequest, TooSlow, TooLarge, MediaType, Unprocessable]);
    }
    kinds.extend_from_slice(match id {
        "sign_in" => &[Unauthorised, TooMany, Unavailable],
        "sign_out" => &[Conflict],
        "submit" | "seal" => &[NotFound],
        "make_programme" | "make_agreement" | "sign_agreement" => &[Conflict],
        "compare" => &[NotFound, Unprocessable],
        "withdraw" | "decide" | "read_findings" | "read_certificate" | "read_report"
        | "resolve_incident" | "publish" | "unpublish" => &[Conflict],
        "ready" | "newest_checkpoint" => &[NotFound, Unavailable],
        "consistency" => &[Unprocessable],
        "metrics" => &[Forbidden, Unavailable],
        _ => &[],
    });
    kinds
}

fn is_in(parameter: &utoipa::openapi::path::Parameter, place: &ParameterIn) -> bool {
    parameter.parameter_in == *place
}

fn told(kind: Kind) -> Response {
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new()
        .description(kind.when())
        .content("application/problem+json", content);
    let seconds = || {
        let whole = ObjectBuilder::new().schema_type(Type::Integer).build();
        HeaderBuilder::new()
            .schema(Some(whole))
            .description(Some("seconds to wait before another attempt"))
            .build()
    };
    match kind {
        Kind::TooMany | Kind::Unavailable => response.header("Retry-After", seconds()).build(),
        _ => response.build(),
    }
}
