//! What a caller is told when something cannot be done: a problem document (RFC 9457). It says the
//! rule and what to do next, and repeats nothing of what was sent.

use super::permissions::Decision;
use super::store::{LoginError, StoreError};
use super::worker::{IntakeError, Refused};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::fmt::Write as _;

/// Where the kinds are explained: `type` is this and the kind's name.
pub const KINDS: &str = "/api/v1/problems#";

macro_rules! kinds {
    ($($name:ident, $status:ident, $slug:literal, $title:literal, $when:literal;)*) => {
        /// The kinds of problems: each has one name, one status and one title.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind { $(
            #[doc = $when]
            $name,
        )* }

        impl Kind {
            /// All of them.
            pub const ALL: &[Kind] = &[$(Kind::$name),*];

            /// Its name in `type`.
            pub const fn slug(self) -> &'static str {
                match self { $(Kind::$name => $slug),* }
            }

            /// The HTTP status.
            pub const fn status(self) -> StatusCode {
                match self { $(Kind::$name => StatusCode::$status),* }
            }

            /// The kind in words.
            pub const fn title(self) -> &'static str {
                match self { $(Kind::$name => $title),* }
            }

            /// When it is told.
            pub const fn when(self) -> &'static str {
                match self { $(Kind::$name => $when),* }
            }
        }
    };
}

kinds! {
    BadRequest, BAD_REQUEST, "bad-request", "the request cannot be understood",
        "a header is missing, a query or body is not of its form, or an upload ended before it was whole";
    Unauthorised, UNAUTHORIZED, "unauthorised", "a valid token is needed",
        "no token, one that has ended, or e-mail and password that do not fit";
    Forbidden, FORBIDDEN, "forbidden", "not with this role",
        "the account's role may not do this to anything";
    NotFound, NOT_FOUND, "not-found", "there is no such thing",
        "there is none, or it is another organisation's: which of both is not told";
    MethodNotAllowed, METHOD_NOT_ALLOWED, "method-not-allowed", "not with this method",
        "the address is there; the header Allow says with which methods";
    TooSlow, REQUEST_TIMEOUT, "too-slow", "the body took too long",
        "a body stopped coming, or was not whole in time";
    Conflict, CONFLICT, "conflict", "not as things stand now",
        "it is in a state in which this cannot be done, or there is one of that name";
    TooLarge, PAYLOAD_TOO_LARGE, "too-large", "the body is too large",
        "a list, or a JSON body, has more bytes than are taken";
    MediaType, UNSUPPORTED_MEDIA_TYPE, "media-type", "not this media type",
        "the body must be application/json, or multipart/form-data where a list is handed in";
    Unprocessable, UNPROCESSABLE_ENTITY, "unprocessable", "the request breaks a rule",
        "understood, but a part breaks a rule, stands in the wrong place, or a key comes again with another body";
    TooMany, TOO_MANY_REQUESTS, "too-many", "too many requests",
        "more than is allowed in a time; the header Retry-After says how long to wait";
    Fault, INTERNAL_SERVER_ERROR, "fault", "a fault in the service",
        "a fault of ours: the header x-request-id says which";
    Unavailable, SERVICE_UNAVAILABLE, "unavailable", "not at the moment",
        "every place is taken, the intake is shut, or the database is away; the header Retry-After says how long to wait";
}

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// A relative address that names the kind; for programs.
    #[serde(rename = "type")]
    #[schema(example = "/api/v1/problems#not-found")]
    pub address: String,
    /// The kind in words.
    pub title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
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
    pub fn new(kind: Kind, detail: impl Into<String>, hint: impl Into<String>) -> Problem {
        Problem {
            address: format!("{KINDS}{}", kind.slug()),
            title: kind.title(),
            status: kind.status().as_u16(),
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
        Problem::new(Kind::BadRequest, detail, hint)
    }

    /// Understood, and not possible.
    pub fn unprocessable(detail: impl Into<String>, hint: impl Into<String>) -> Problem {
        Problem::new(Kind::Unprocessable, detail, hint)
    }

    /// No token, or one that is not (any more) good.
    pub fn unauthorised() -> Problem {
        Problem::new(
            Kind::Unauthorised,
            "the header Authorization must hold `Bearer` and a token that has not ended",
            "sign in with POST /api/v1/sessions, or make a token with POST /api/v1/tokens",
        )
    }

    /// There is none, or none that this account may know of.
    pub fn not_found(what: &str) -> Problem {
        Problem::new(
            Kind::NotFound,
            format!("there is no such {what}, or not for this account"),
            "check the address; lists show what there is",
        )
    }

    /// Something that must wait for another state.
    pub fn conflict(detail: impl Into<String>, hint: impl Into<String>) -> Problem {
        Problem::new(Kind::Conflict, detail, hint)
    }

    /// Too large a list.
    pub fn too_large(most: u64) -> Problem {
        Problem::new(
            Kind::TooLarge,
            format!("at most {most} bytes are taken"),
            "leave out columns that are not asked for, or hand the list in as several submissions",
        )
    }

    /// Nothing came for too long, or not all in time.
    pub fn too_slow() -> Problem {
        Problem::new(
            Kind::TooSlow,
            "the body must keep coming and be whole within the time allowed",
            "send it again over a better connection; nothing of it was kept",
        )
    }

    /// Not now: full, stopping, or the database is away.
    pub fn unavailable(detail: impl Into<String>, seconds: u64) -> Problem {
        let hint = "send the same request again after the time in Retry-After";
        Problem::new(Kind::Unavailable, detail, hint).retry_after(seconds)
    }

    /// More than is allowed in a time.
    pub fn too_many(detail: impl Into<String>, seconds: u64) -> Problem {
        Problem::new(Kind::TooMany, detail, "wait for the time in Retry-After").retry_after(seconds)
    }

    /// Not with this role.
    pub fn forbidden() -> Problem {
        Problem::new(
            Kind::Forbidden,
            "this account's role may not do this",
            "sign in with an account that may; the department keeps the accounts",
        )
    }

    /// A fault of ours, which the log tells more about.
    pub fn fault() -> Problem {
        Problem::new(
            Kind::Fault,
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
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
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
            StoreError::Exists { .. } => Problem::conflict(
                e.to_string(),
                "choose another name, or use the one there is",
            ),
            StoreError::NoSuchMove { .. } => Problem::conflict(
                e.to_string(),
                "look where it stands with GET; docs/states.md says what is possible from there",
            ),
            StoreError::Invalid { rule } => {
                Problem::unprocessable(rule, "correct it and send it again")
            }
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
                Kind::Unauthorised,
                e.to_string(),
                "check both; the department can set a new password",
            ),
            LoginError::Wait { seconds } => Problem::too_many(e.to_string(), seconds),
            LoginError::Store(e) => e.into(),
        }
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
        Decision::Forbidden => Err(Problem::forbidden()),
        Decision::NotNow => Err(Problem::conflict(
            format!("the {what} is not in a state for this"),
            "look where it stands with GET, and wait for it or do what it waits for",
        )),
    }
}

/// The kinds as the table in docs/service.md and at /api/v1/problems.
pub fn as_markdown() -> String {
    let mut text = String::from("| type | status | title | when |\n|---|---|---|---|\n");
    for kind in Kind::ALL {
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            "| `{KINDS}{}` | {} | {} | {} |",
            kind.slug(),
            kind.status().as_u16(),
            kind.title(),
            kind.when()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_names_of_their_own_and_are_errors() {
        for (i, a) in Kind::ALL.iter().enumerate() {
            assert!(a.status().is_client_error() || a.status().is_server_error());
            assert!(Kind::ALL[..i].iter().all(|b| b.slug() != a.slug()));
            assert!(Kind::ALL[..i].iter().all(|b| b.status() != a.status()));
        }
    }

    #[test]
    fn the_documentation_lists_every_kind() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/service.md");
        let page = std::fs::read_to_string(page).unwrap();
        assert!(
            page.contains(&as_markdown()),
            "put this into docs/service.md:\n{}",
            as_markdown()
        );
    }

    #[test]
    fn what_passes_says_when_to_come_back() {
        let passing = [
            Problem::from(StoreError::Unavailable { how: "x".into() }),
            Problem::from(Refused::Full { retry_after_s: 7 }),
            Problem::from(Refused::Stopped),
            Problem::from(LoginError::Wait { seconds: 30 }),
        ];
        for problem in passing {
            assert!(problem.retry_after.is_some_and(|s| s > 0));
            let response = problem.into_response();
            assert!(response.headers().contains_key(header::RETRY_AFTER));
        }
    }

    #[test]
    fn a_fault_tells_nothing_of_itself() {
        let damaged = Problem::from(StoreError::Damaged { what: "heads" });
        assert_eq!(damaged, Problem::fault());
    }
}
