//! The register of data-sharing agreements, and whether a list may be handed in under one.

use super::App;
use super::door::{Body, Caller, Id, parsed};
use super::operations::typed;
use crate::service::agreement::Agreement;
use crate::service::model::{AgreementId, Role};
use crate::service::permissions::{Reach, Route, Subject, may, reach};
use crate::service::problem::{Problem, allowed};
use crate::service::sharing::{Sharing, Side, Standing, Terms, day_of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use serde::Serialize;

/// An agreement and how it stands.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Registered {
    /// What it says.
    #[serde(flatten)]
    pub agreement: Sharing,
    /// live, unsigned, not_yet, over or ended.
    pub standing: &'static str,
}

impl Registered {
    fn of(agreement: Sharing, today: Date) -> Registered {
        Registered {
            standing: agreement.standing(today).name(),
            agreement,
        }
    }
}

/// Today, by the service's clock.
pub fn today(app: &App) -> Date {
    day_of(app.store.clock().now_ms())
}

/// List data-sharing agreements
///
/// Your organisation's; for a steward and an auditor all.
#[utoipa::path(
    get, path = "/api/v1/agreements", operation_id = "list_agreements", tag = "agreements", security(("bearer" = [])),
    responses((status = 200, description = "newest first", body = Vec<Registered>))
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<Registered>>, Problem> {
    let today = today(&app);
    let found = listed(&app, &caller).await?;
    Ok(Json(
        found
            .into_iter()
            .map(|a| Registered::of(a, today))
            .collect(),
    ))
}

/// Those that somebody may know of.
///
/// # Errors
/// 403.
pub async fn listed(app: &App, caller: &Caller) -> Result<Vec<Sharing>, Problem> {
    caller.may(Route::SeeAgreements)?;
    let all = reach(Route::SeeAgreements, caller.account.role) == Some(Reach::All);
    let of = (!all).then_some(caller.account.organisation);
    Ok(app.store.all_sharing(of).await?)
}

/// One that this caller may do this to.
///
/// # Errors
/// 403, 404.
pub async fn one(app: &App, caller: &Caller, route: Route, id: &str) -> Result<Sharing, Problem> {
    caller.may(route)?;
    let id: AgreementId = parsed(id, "agreement")?;
    let found = app.store.sharing(id).await?;
    let subject = Subject::Of(found.organisation);
    allowed(may(route, &caller.account, subject), "agreement")?;
    Ok(found)
}

/// Put an agreement into the register
///
/// It is live once both sides have signed, from its first day to its last.
#[utoipa::path(
    post, path = "/api/v1/agreements", operation_id = "make_agreement", tag = "agreements", security(("bearer" = [])), request_body = Terms,
    responses((status = 201, description = "registered, unsigned", body = Registered))
)]
pub async fn make(
    State(app): State<App>,
    caller: Caller,
    Body(terms): Body<Terms>,
) -> Result<(StatusCode, Json<Registered>), Problem> {
    let made = made(&app, &caller, terms).await?;
    let made = Registered::of(made, today(&app));
    Ok((StatusCode::CREATED, Json(made)))
}

/// A new one of the caller's organisation.
///
/// # Errors
/// 403, 409 for a reference that there is, 422.
pub async fn made(app: &App, caller: &Caller, terms: Terms) -> Result<Sharing, Problem> {
    caller.may(Route::MakeAgreement)?;
    let terms = terms.checked()?;
    let organisation = caller.account.organisation;
    let audit = caller.audit("agreement.make", organisation);
    Ok(app.store.add_sharing(&audit, organisation, &terms).await?)
}

/// Sign an agreement
///
/// For your side: a provider's people for the provider, a steward for the department.
#[utoipa::path(
    post, path = "/api/v1/agreements/{id}/signature", operation_id = "sign_agreement", tag = "agreements", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the agreement", pattern = "^[0-9a-f]{32}$")),
    responses((status = 200, description = "signed", body = Registered))
)]
pub async fn sign(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Registered>, Problem> {
    let signed = signed(&app, &caller, &id).await?;
    Ok(Json(Registered::of(signed, today(&app))))
}

/// Signed for the caller's side.
///
/// # Errors
/// 403, 404, 409 for one that is ended or over.
pub async fn signed(app: &App, caller: &Caller, id: &str) -> Result<Sharing, Problem> {
    let found = one(app, caller, Route::SignAgreement, id).await?;
    let standing = found.standing(today(app));
    if matches!(standing, Standing::Ended | Standing::Over(_)) {
        return Err(Problem::conflict(
            format!("the agreement {}", standing.words()),
            "put a new one into the register",
        ));
    }
    let side = match caller.account.role {
        Role::Steward => Side::Department,
        _ => Side::Provider,
    };
    let audit = caller.audit("agreement.sign", found.id);
    let by = caller.account.email.as_str();
    app.store.sign_sharing(&audit, found.id, side, by).await?;
    Ok(app.store.sharing(found.id).await?)
}

/// End an agreement
///
/// Before its last day; no list is handed in under it any more.
#[utoipa::path(
    delete, path = "/api/v1/agreements/{id}", operation_id = "end_agreement", tag = "agreements", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the agreement", pattern = "^[0-9a-f]{32}$")),
    responses((status = 200, description = "ended", body = Registered))
)]
pub async fn end(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Registered>, Problem> {
    let ended = ended(&app, &caller, &id).await?;
    Ok(Json(Registered::of(ended, today(&app))))
}

/// Ended.
///
/// # Errors
/// 403, 404.
pub async fn ended(app: &App, caller: &Caller, id: &str) -> Result<Sharing, Problem> {
    let found = one(app, caller, Route::SignAgreement, id).await?;
    let audit = caller.audit("agreement.end", found.id);
    app.store.end_sharing(&audit, found.id).await?;
    Ok(app.store.sharing(found.id).await?)
}

/// An agreement for a data protection impact assessment
///
/// Markdown: parties, purpose, lawful basis, columns, retention, sign-offs, and what is done to keep the
/// list safe.
#[utoipa::path(
    get, path = "/api/v1/agreements/{id}/assessment", operation_id = "agreement_assessment", tag = "agreements", security(("bearer" = [])),
    params(("id" = String, Path, description = "of the agreement", pattern = "^[0-9a-f]{32}$")),
    responses((status = 200, description = "the text", body = String, content_type = "text/markdown"))
)]
pub async fn assessment(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<Response, Problem> {
    Ok(typed(
        assessed(&app, &caller, &id).await?.1,
        "text/markdown; charset=utf-8",
    ))
}

/// The reference and the text.
///
/// # Errors
/// 403, 404.
pub async fn assessed(app: &App, caller: &Caller, id: &str) -> Result<(String, String), Problem> {
    let found = one(app, caller, Route::SeeAgreements, id).await?;
    let organisation = app.store.organisation(found.organisation).await?.name;
    let text = found.assessment(&organisation, today(app));
    Ok((found.terms.reference, text))
}

/// On what ground a list is taken in.
pub(in crate::service) struct Ground {
    /// Kept beside the submission.
    pub agreement: Option<Agreement>,
    /// The columns that are covered; none where nobody real is in the register and no agreement is
    /// needed.
    pub covered: Option<Vec<String>>,
}

/// Whether the caller's organisation may hand a list in, under the agreement it named or the one live
/// agreement it has. A register of invented people needs none, as long as the organisation has none.
///
/// # Errors
/// 422, with what is missing.
pub(in crate::service) async fn ground(
    app: &App,
    caller: &Caller,
    said: Option<Agreement>,
) -> Result<Ground, Problem> {
    let all = app
        .store
        .all_sharing(Some(caller.account.organisation))
        .await?;
    if all.is_empty() && app.register.is_synthetic() {
        return Ok(Ground {
            agreement: said,
            covered: None,
        });
    }
    let today = today(app);
    let refused = |rule: String, hint: &str| Err(Problem::unprocessable(rule, hint));
    let live: Vec<&Sharing> = all
        .iter()
        .filter(|a| a.standing(today) == Standing::Live)
        .collect();
    let found = match (&said, live.as_slice()) {
        (Some(said), _) => {
            let of = |a: &&Sharing| a.terms.reference.eq_ignore_ascii_case(&said.reference);
            let Some(found) = all.iter().find(of) else {
                return refused(
                    "no data-sharing agreement of that reference is in the register".into(),
                    "put it into the register and have both sides sign it, or correct the reference",
                );
            };
            let standing = found.standing(today);
            if standing != Standing::Live {
                return refused(
                    format!("the data-sharing agreement {}", standing.words()),
                    "hand the list in once an agreement is live",
                );
            }
            if said.basis != found.terms.lawful_basis {
                return refused(
                    format!(
                        "the agreement's lawful basis is another: {}",
                        found.terms.lawful_basis.words()
                    ),
                    "give the lawful basis that the agreement has",
                );
            }
            found
        }
        (None, [one]) => one,
        (None, []) => {
            return refused(
                "a list is handed in under a live data-sharing agreement, and your organisation has none".into(),
                "put one into the register (POST /api/v1/agreements), and have both sides sign it",
            );
        }
        (None, _) => {
            return refused(
                "your organisation has several live data-sharing agreements".into(),
                "name one with `agreement` and `lawful_basis`",
            );
        }
    };
    Ok(Ground {
        agreement: Some(Agreement {
            reference: found.terms.reference.clone(),
            basis: found.terms.lawful_basis,
        }),
        covered: Some(found.terms.fields.clone()),
    })
}
