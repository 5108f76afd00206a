//! What a caller is told when something cannot be done: a problem document (RFC 9457). It says the
//! rule and what to do next, and repeats nothing of what was sent.

use super::permissions::Decision;
use super::store::{LoginError, StoreError};
use super::worker::{IntakeError, Refused};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::openapi::{RefOr, ResponseBuilder};

/// Where the kinds are explained.
const KINDS: &str = "/api/v1/problems#";

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// A relative address that names the kind; for programs.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What the matter is, this time.
    pub detail: String,
    /// What to do next.
    pub hint: String,
    /// Seconds to wait before another attempt; also in the header Retry-After.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A problem of a kind. `detail` and `hint` are fixed words or numbers of ours.
    pub fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<String>,
        hint: impl Into<String>,
    ) -> Problem {
        Problem {
            kind: format!("{KINDS}{kind}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            hint: hint.into(),
            retry_after: None,
        }
    }

    /// To be tried again after so many seconds.
    pub fn retry_after(self, seconds: u64) -> Problem {
        Problem {
            retry_after: Some(seconds.max(1)),
            ..self
        }
    }

    /// The request cannot be understood.
    pub fn bad_request(detail: impl Into<String>, hint: impl Into<String>) -> Problem {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "the request cannot be understood",
            detail,
            hint,
        )
    }

    /// Understood, and not possible.
    pub fn unprocessable(detail: impl Into<String>, hint: impl Into<String>) -> Problem {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "unprocessable",
            "the request breaks a rule",
            detail,
            hint,
        )
    }

    /// No token, or one that is not (any more) good.
    pub fn unauthorised() -> Problem {
        Problem::new(
            StatusCode::UNAUTHORIZED,
            "unauthorised",
            "a valid token is needed",
            "the header Authorization must hold `Bearer` and a token that has not ended",
            "sign in with POST /api/v1/sessions, or make a token",
        )
    }

    /// There is none, or none that this account may know of.
    pub fn not_found(what: &str) -> Problem {
        Problem::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "there is no such thing",
            format!("there is no such {what}, or not for this account"),
            "check the address; lists show what there is",
        )
    }

    /// Something that must wait for another state.
    pub fn conflict(detail: impl Into<String>, hint: impl Into<String>) -> Problem {
        Problem::new(
            StatusCode::CONFLICT,
            "conflict",
            "not as things stand now",
            detail,
            hint,
        )
    }

    /// Too large a body.
    pub fn too_large(most: u64) -> Problem {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "the body is too large",
            format!("at most {most} bytes are taken"),
            "leave out columns that are not asked for, or hand the list in as several submissions",
        )
    }

    /// Nothing came for too long, or not all in time.
    pub fn too_slow() -> Problem {
        Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "too-slow",
            "the body took too long",
            "the body must keep coming and be whole within the time allowed",
            "send it again over a better connection; nothing of it was kept",
        )
    }

    /// Not now: full, stopping, or the database is away.
    pub fn unavailable(detail: impl Into<String>, seconds: u64) -> Problem {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "not at the moment",
            detail,
            "send the same request again after the time in Retry-After",
        )
        .retry_after(seconds)
    }

    /// A fault of ours, which the log tells more about.
    pub fn fault() -> Problem {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "fault",
            "a fault in the service",
            "the request could not be completed",
            "try again; tell the department the request id (header x-request-id) if it stays",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer"),
            );
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(e: StoreError) -> Problem {
        match e {
            StoreError::Unavailable { .. } => {
                Problem::unavailable("the database cannot be used at the moment", 5)
            }
            StoreError::NotFound { what } => Problem::not_found(what),
            StoreError::Exists { .. } => {
                Problem::conflict(e.to_string(), "choose another name, or use the one there is")
            }
            StoreError::NoSuchMove { .. } => Problem::conflict(
                e.to_string(),
                "look where it stands with GET; what is possible from there is in the documentation",
            ),
            StoreError::Invalid { rule } => Problem::unprocessable(rule, "correct it and send it again"),
            other => {
                tracing::error!(error = %other, "the store failed");
                Problem::fault()
            }
        }
    }
}

impl From<LoginError> for Problem {
    fn from(e: LoginError) -> Problem {
        match e {
            LoginError::Refused => Problem::new(
                StatusCode::UNAUTHORIZED,
                "unauthorised",
                "not signed in",
                e.to_string(),
                "check both; the department can set a new password",
            ),
            LoginError::Wait { seconds } => Problem::too_many(e.to_string(), seconds),
            LoginError::Store(e) => e.into(),
        }
    }
}

impl Problem {
    /// More than is allowed in a time.
    pub fn too_many(detail: impl Into<String>, seconds: u64) -> Problem {
        Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many",
            "too many requests",
            detail,
            "wait for the time in Retry-After",
        )
        .retry_after(seconds)
    }
}

impl From<Refused> for Problem {
    fn from(e: Refused) -> Problem {
        match e {
            Refused::Full { retry_after_s } => Problem::unavailable(e.to_string(), retry_after_s),
            Refused::Stopped => Problem::unavailable(e.to_string(), 60),
            Refused::CannotStart { why } => {
                tracing::error!(why, "a worker could not be started");
                Problem::unavailable("no process can be started for it at the moment", 30)
            }
        }
    }
}

impl From<IntakeError> for Problem {
    fn from(e: IntakeError) -> Problem {
        match e {
            IntakeError::TooLarge { most } => Problem::too_large(most),
            IntakeError::Ended => Problem::unavailable(
                "the process that was to hold the file ended before the file was whole",
                5,
            ),
        }
    }
}

/// What stands in the way, if anything does.
///
/// # Errors
/// The problem.
pub fn allowed(decision: Decision, what: &'static str) -> Result<(), Problem> {
    match decision {
        Decision::Allow => Ok(()),
        Decision::Hidden => Err(Problem::not_found(what)),
        Decision::Forbidden => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "not with this role",
            "this account's role may not do this",
            "sign in with an account that may; the department keeps the accounts",
        )),
        Decision::NotNow => Err(Problem::conflict(
            format!("the {what} is not in a state for this"),
            "look where it stands with GET, and wait for it or do what it waits for",
        )),
    }
}

/// Every route may answer with a problem.
impl utoipa::IntoResponses for Problem {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::response::Response>> {
        let schema = utoipa::openapi::Ref::from_schema_name("Problem");
        let content = utoipa::openapi::ContentBuilder::new().schema(Some(schema)).build();
        let response = ResponseBuilder::new()
            .description("a problem")
            .content("application/problem+json", content)
            .build();
        BTreeMap::from([("default".to_owned(), response.into())])
    }
}
