//! Who asks, and whether they may.

use super::App;
use crate::service::model::SubmissionId;
use crate::service::permissions::{Route, Subject, may};
use crate::service::problem::{Problem, allowed};
use crate::service::store::{Account, Actor, Audit, Submission};
use axum::extract::{FromRequest, FromRequestParts, Json, Path, Request};
use axum::http::header;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::str::FromStr;
use zeroize::Zeroizing;

/// Who asks: an account with a good token.
pub struct Caller {
    /// The account.
    pub account: Account,
    /// The token it showed.
    pub token: Zeroizing<String>,
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Caller, Problem> {
        let token = bearer(parts).ok_or_else(Problem::unauthorised)?;
        let account = app.store.account_of_token(&token).await?;
        let account = account.ok_or_else(Problem::unauthorised)?;
        Ok(Caller { account, token })
    }
}

fn bearer(parts: &Parts) -> Option<Zeroizing<String>> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    // Ours are shorter by far.
    let plausible = scheme.eq_ignore_ascii_case("bearer") && (1..=200).contains(&token.len());
    plausible.then(|| Zeroizing::new(token.to_owned()))
}

impl Caller {
    /// Before anything is looked up.
    ///
    /// # Errors
    /// 403.
    pub fn may(&self, route: Route) -> Result<(), Problem> {
        allowed(may(route, &self.account, Subject::Nothing), "address")
    }

    /// For a submission: there, this account's to know of, and in a state for it.
    ///
    /// # Errors
    /// 403, 404 or 409.
    pub async fn submission(
        &self,
        app: &App,
        route: Route,
        id: &str,
    ) -> Result<Submission, Problem> {
        self.may(route)?;
        let id: SubmissionId = parsed(id, "submission")?;
        let found = app.store.submission(id).await?;
        let subject = Subject::Submission {
            organisation: found.organisation,
            state: found.state,
        };
        allowed(may(route, &self.account, subject), "submission")?;
        Ok(found)
    }

    /// What is written down beside a change.
    pub fn audit(&self, action: &'static str, subject: impl Display) -> Audit {
        let Account { id, role, .. } = self.account;
        Audit::new(Actor::Account(id, role), action, subject)
    }
}

/// An id out of an address: what cannot be one is not found.
///
/// # Errors
/// 404.
pub fn parsed<T: FromStr>(text: &str, what: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::not_found(what))
}

/// A JSON body. Refusals name the place in the text, never what stands there.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Body<T>, Problem> {
        use axum::extract::rejection::JsonRejection;
        use axum::http::StatusCode;

        let hint = "send a JSON object as the documentation at /api/v1/openapi.json describes it";
        match Json::<T>::from_request(request, app).await {
            Ok(Json(body)) => Ok(Body(body)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "media-type",
                "not this media type",
                "the body must be of type application/json",
                hint,
            )),
            Err(JsonRejection::JsonDataError(_)) => Err(Problem::unprocessable(
                "the body is JSON, but a field is missing, unknown or of another kind",
                hint,
            )),
            Err(JsonRejection::JsonSyntaxError(_)) => {
                Err(Problem::bad_request("the body is not JSON", hint))
            }
            Err(e) if e.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Problem::too_large(crate::service::limits::MOST_JSON as u64))
            }
            Err(_) => Err(Problem::bad_request("the body could not be read", hint)),
        }
    }
}

/// The query of an address.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Query<T>, Problem> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, app).await;
        query.map(|q| Query(q.0)).map_err(|_| {
            Problem::bad_request(
                "the query of the address cannot be understood",
                "the documentation at /api/v1/openapi.json lists what it may hold",
            )
        })
    }
}

/// A part of the address; always there where a route has it.
pub struct Id(pub String);

impl FromRequestParts<App> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Id, Problem> {
        let path = Path::<String>::from_request_parts(parts, app).await;
        path.map(|p| Id(p.0)).map_err(|_| Problem::not_found("address"))
    }
}
