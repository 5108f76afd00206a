//! Who asks, and whether they may.

use super::App;
use crate::service::limits::MOST_JSON;
use crate::service::log::{From, Who};
use crate::service::model::SubmissionId;
use crate::service::permissions::{Route, Subject, may};
use crate::service::problem::{Kind, Problem, allowed};
use crate::service::store::{Account, Actor, Audit, Submission};
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Json, Path, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::convert::Infallible;
use std::fmt::Display;
use std::net::Ipv4Addr;
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
        Caller::of(app, parts, token).await
    }
}

fn bearer(parts: &Parts) -> Option<Zeroizing<String>> {
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    // Ours are shorter by far.
    let plausible = scheme.eq_ignore_ascii_case("bearer")
        && (1..=200).contains(&token.len())
        && values.next().is_none();
    plausible.then(|| Zeroizing::new(token.to_owned()))
}

impl Caller {
    /// Whoever shows this token; written down for the log, and counted.
    ///
    /// # Errors
    /// 401 for a token that is not (any more) good, 429.
    pub async fn of(app: &App, parts: &Parts, token: Zeroizing<String>) -> Result<Caller, Problem> {
        let account = app.store.account_of_token(&token).await?;
        let account = account.ok_or_else(Problem::unauthorised)?;
        if let Some(who) = parts.extensions.get::<Who>() {
            who.is(account.id);
        }
        app.rates.requests.one(account.id)?;
        Ok(Caller { account, token })
    }

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

/// A text for people, as long as the rule says; not blank at its beginning, no control character.
///
/// # Errors
/// 422.
pub fn plain(text: &str, most: usize, rule: &'static str) -> Result<(), Problem> {
    let long = text.chars().count() > most;
    let blank = text.chars().next().is_none_or(char::is_whitespace);
    match long || blank || text.chars().any(char::is_control) {
        true => Err(Problem::unprocessable(rule, "correct it and send it again")),
        false => Ok(()),
    }
}

/// From where a request comes.
pub struct Origin(pub From);

impl FromRequestParts<App> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Origin, Infallible> {
        let nowhere = From {
            address: Ipv4Addr::UNSPECIFIED.into(),
            local: false,
        };
        let from = parts.extensions.get::<From>().copied();
        Ok(Origin(from.unwrap_or(nowhere)))
    }
}

/// A JSON body. Refusals name the rule, never what stands there.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Body<T>, Problem> {
        let hint = "send a JSON object as /api/v1/openapi.json describes it";
        let other_data = || {
            Problem::unprocessable(
                "the body is JSON, but a field is missing, unknown or of another kind",
                hint,
            )
        };
        // An object: a list in the order of the fields would be taken for one otherwise.
        let read = Json::<Map<String, Value>>::from_request(request, app);
        let read = tokio::time::timeout(app.limits.body, read).await;
        match read.map_err(|_| Problem::too_slow())? {
            Ok(Json(body)) => serde_json::from_value(Value::Object(body))
                .map(Body)
                .map_err(|_| other_data()),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Problem::new(
                Kind::MediaType,
                "the body must be of type application/json",
                hint,
            )),
            Err(JsonRejection::JsonDataError(_)) => Err(other_data()),
            Err(JsonRejection::JsonSyntaxError(_)) => {
                Err(Problem::bad_request("the body is not JSON", hint))
            }
            Err(e) if e.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Problem::new(
                Kind::TooLarge,
                format!("at most {MOST_JSON} bytes are taken here"),
                hint,
            )),
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
        query.map(|q| Query(q.0)).map_err(|_| bad_query())
    }
}

/// What a query that is not understood is told.
pub fn bad_query() -> Problem {
    Problem::bad_request(
        "the query of the address cannot be understood, or a number in it is out of range",
        "/api/v1/openapi.json lists what it may hold",
    )
}

/// How many of a list: 100, or as asked from 1 to 1,000.
///
/// # Errors
/// 400.
pub fn how_many(asked: Option<u32>) -> Result<u32, Problem> {
    let most = asked.unwrap_or(100);
    match (1..=1_000).contains(&most) {
        true => Ok(most),
        false => Err(bad_query()),
    }
}

/// A part of the address; always there where a route has it.
pub struct Id(pub String);

impl FromRequestParts<App> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Id, Problem> {
        let path = Path::<String>::from_request_parts(parts, app).await;
        path.map(|p| Id(p.0))
            .map_err(|_| Problem::not_found("address"))
    }
}
