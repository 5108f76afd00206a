//! Signing in and out, and tokens for programs.

use super::App;
use super::door::{Body, Caller, Id};
use crate::service::model::{AccountId, OrganisationId, Role};
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use crate::service::store::TokenInfo;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

/// A token lasts at most a year.
const MOST_DAYS: u32 = 366;

/// E-mail and password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// Of the account.
    #[schema(max_length = 254, example = "ann@example.org")]
    email: String,
    /// Of the account.
    #[schema(max_length = 1000)]
    password: String,
}

impl Drop for Credentials {
    fn drop(&mut self) {
        self.password.zeroize();
    }
}

/// A session.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Session {
    /// Goes into the header `Authorization: Bearer ...`. Told once.
    token: String,
    /// Whose it is.
    #[schema(value_type = String)]
    account: AccountId,
    /// Of that account.
    #[schema(value_type = String)]
    organisation: OrganisationId,
    /// What it may do.
    role: Role,
}

/// Sign in
///
/// The token of a new session, which ends by itself within a working day.
#[utoipa::path(
    post, path = "/api/v1/sessions", tag = "sessions", request_body = Credentials,
    responses(
        (status = 201, description = "signed in", body = Session),
        Problem
    )
)]
pub async fn open(
    State(app): State<App>,
    Body(credentials): Body<Credentials>,
) -> Result<(StatusCode, Json<Session>), Problem> {
    let password = Zeroizing::new(credentials.password.clone());
    let (account, token) = app.store.login(&credentials.email, &password).await?;
    let session = Session {
        token: token.expose().to_owned(),
        account: account.id,
        organisation: account.organisation,
        role: account.role,
    };
    Ok((StatusCode::CREATED, Json(session)))
}

/// Sign out
///
/// The token that is shown ends.
#[utoipa::path(
    delete, path = "/api/v1/sessions/current", tag = "sessions", security(("bearer" = [])),
    responses(
        (status = 204, description = "signed out"),
        Problem
    )
)]
pub async fn close(State(app): State<App>, caller: Caller) -> Result<StatusCode, Problem> {
    caller.may(Route::CloseSession)?;
    let audit = caller.audit("session.close", caller.account.id);
    app.store.end_session(&audit, &caller.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List your sessions and tokens
#[utoipa::path(
    get, path = "/api/v1/tokens", tag = "sessions", security(("bearer" = [])),
    responses(
        (status = 200, description = "newest first", body = Vec<TokenInfo>),
        Problem
    )
)]
pub async fn tokens(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Vec<TokenInfo>>, Problem> {
    caller.may(Route::ListTokens)?;
    Ok(Json(app.store.tokens(caller.account.id).await?))
}

/// What a token is to be.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What you call it.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// How long it lasts.
    #[schema(minimum = 1, maximum = 366)]
    days: u32,
}

/// A new token.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MadeToken {
    /// Goes into the header `Authorization: Bearer ...`. Told once.
    token: String,
    /// What is kept of it.
    info: TokenInfo,
}

/// Make a token for a program
///
/// It may do what you may do.
#[utoipa::path(
    post, path = "/api/v1/tokens", tag = "sessions", security(("bearer" = [])), request_body = NewToken,
    responses(
        (status = 201, description = "made", body = MadeToken),
        Problem
    )
)]
pub async fn make_token(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), Problem> {
    caller.may(Route::MakeToken)?;
    if !(1..=MOST_DAYS).contains(&new.days) {
        return Err(Problem::unprocessable(
            "`days` must be between 1 and 366",
            "make a token that lasts up to a year",
        ));
    }
    let account = caller.account.id;
    let audit = caller.audit("token.make", account);
    let lasts = i64::from(new.days) * 86_400_000;
    let (info, token) = app
        .store
        .make_token(&audit, account, &new.name, lasts)
        .await?;
    let token = token.expose().to_owned();
    Ok((StatusCode::CREATED, Json(MadeToken { token, info })))
}

/// End a token of yours
#[utoipa::path(
    delete, path = "/api/v1/tokens/{id}", tag = "sessions", security(("bearer" = [])),
    params(("id" = String, Path, description = "as the list shows it")),
    responses(
        (status = 204, description = "ended"),
        Problem
    )
)]
pub async fn revoke_token(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    caller.may(Route::RevokeToken)?;
    let audit = caller.audit("token.revoke", caller.account.id);
    app.store
        .revoke_token(&audit, caller.account.id, &id)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
