//! Signing in and out, and tokens for programs.

use super::App;
use super::door::{Body, Caller, Id, Origin, plain};
use crate::service::log::From;
use crate::service::model::{AccountId, OrganisationId, Role};
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use crate::service::store::{Account, Secret, TokenInfo};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;
use zeroize::Zeroize;

/// A token lasts at most a year.
const MOST_DAYS: u32 = 366;
/// Characters.
const MOST_EMAIL: usize = 254;
/// Characters.
const MOST_PASSWORD: usize = 1_000;

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

/// An e-mail as attempts are counted: not the e-mail, and by another key in each process.
fn whom(email: &str) -> u64 {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    KEY.hash_one(email.trim().to_lowercase())
}

/// Sign in
///
/// The token of a new session, which ends by itself within a working day.
#[utoipa::path(
    post, path = "/api/v1/sessions", operation_id = "sign_in", tag = "sessions", request_body = Credentials,
    responses(
        (status = 201, description = "signed in", body = Session))
)]
pub async fn open(
    State(app): State<App>,
    Origin(from): Origin,
    Body(credentials): Body<Credentials>,
) -> Result<(StatusCode, Json<Session>), Problem> {
    let Credentials { email, password } = &credentials;
    let (account, token) = signed_in(&app, from, email, password).await?;
    let session = Session {
        token: token.expose().to_owned(),
        account: account.id,
        organisation: account.organisation,
        role: account.role,
    };
    Ok((StatusCode::CREATED, Json(session)))
}

/// The account with this e-mail and password, and the token of a new session.
///
/// # Errors
/// 401, 422 for what is too long, 429.
pub async fn signed_in(
    app: &App,
    from: From,
    email: &str,
    password: &str,
) -> Result<(Account, Secret), Problem> {
    app.rates.logins.one(from.address)?;
    if email.chars().count() > MOST_EMAIL || password.chars().count() > MOST_PASSWORD {
        return Err(Problem::unprocessable(
            "an e-mail has at most 254 characters, a password at most 1,000",
            "check both",
        ));
    }
    app.rates.logins_to.one((from.address, whom(email)))?;
    Ok(app.store.login(email, password).await?)
}

/// Sign out
///
/// The token that is shown ends.
#[utoipa::path(
    delete, path = "/api/v1/sessions/current", operation_id = "sign_out", tag = "sessions", security(("bearer" = [])),
    responses(
        (status = 204, description = "signed out"))
)]
pub async fn close(State(app): State<App>, caller: Caller) -> Result<StatusCode, Problem> {
    signed_out(&app, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the session whose token was shown.
///
/// # Errors
/// 409 for a token that is none of a session.
pub async fn signed_out(app: &App, caller: &Caller) -> Result<(), Problem> {
    caller.may(Route::CloseSession)?;
    if !caller.token.starts_with("cps_") {
        return Err(Problem::conflict(
            "this is a token for programs, not a session",
            "end it with DELETE /api/v1/tokens/{id}",
        ));
    }
    let audit = caller.audit("session.close", caller.account.id);
    Ok(app.store.end_session(&audit, &caller.token).await?)
}

/// List your sessions and tokens
#[utoipa::path(
    get, path = "/api/v1/tokens", operation_id = "list_tokens", tag = "sessions", security(("bearer" = [])),
    responses(
        (status = 200, description = "newest first", body = Vec<TokenInfo>))
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
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = "^[^\\s\\x00-\\x1f\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$"
    )]
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
    post, path = "/api/v1/tokens", operation_id = "make_token", tag = "sessions", security(("bearer" = [])), request_body = NewToken,
    responses(
        (status = 201, description = "made", body = MadeToken))
)]
pub async fn make_token(
    State(app): State<App>,
    caller: Caller,
    Body(new): Body<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), Problem> {
    caller.may(Route::MakeToken)?;
    plain(
        &new.name,
        200,
        "a name has 1 to 200 characters, begins with no blank and has no line break",
    )?;
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
    delete, path = "/api/v1/tokens/{id}", operation_id = "end_token", tag = "sessions", security(("bearer" = [])),
    params(("id" = String, Path, description = "as the list shows it", pattern = "^[0-9a-f]{32}$")),
    responses(
        (status = 204, description = "ended"))
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
