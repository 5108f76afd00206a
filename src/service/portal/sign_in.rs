//! Signing in and out.

use super::page::{Failed, Frame, Wrongs, page_of, see, waiting};
use super::start::home_of;
use super::visitor::{Cookie, Posted, SignedIn, Visit, VisitPosted, own_address};
use crate::service::api::App;
use crate::service::api::door::Origin;
use crate::service::api::sessions::{signed_in, signed_out};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use std::collections::HashMap;

#[derive(Template)]
#[template(path = "templates/sign_in.html")]
struct SignInPage<'a> {
    frame: Frame,
    csrf: &'a str,
    next: &'a str,
    email: &'a str,
    wrongs: &'a Wrongs,
    signed_out: bool,
}

/// The form.
pub async fn form(
    State(app): State<App>,
    Query(query): Query<HashMap<String, String>>,
    user: Result<SignedIn, Failed>,
    visit: Visit,
) -> Response {
    let next = query.get("next").and_then(|n| own_address(n));
    if let Ok(user) = user {
        return see(next.unwrap_or(home_of(user.caller.account.role)));
    }
    let form = SignInPage {
        frame: Frame::visitor(&app),
        csrf: &visit.csrf,
        next: next.unwrap_or(""),
        email: "",
        wrongs: &Wrongs::default(),
        signed_out: query.contains_key("signed-out"),
    };
    let mut response = page_of(StatusCode::OK, &form);
    if let Some(cookie) = visit.cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Signs in, or says what is wrong: not whether there is such an account.
pub async fn sign_in(
    State(app): State<App>,
    Origin(from): Origin,
    sent: VisitPosted,
) -> Result<Response, Failed> {
    let (email, password) = (sent.fields.get("email"), sent.fields.raw("password"));
    let next = own_address(sent.fields.get("next"));
    let mut wrongs = Wrongs::default();
    if email.is_empty() {
        wrongs.add("email", "Enter your email address");
    }
    if password.is_empty() {
        wrongs.add("password", "Enter your password");
    }
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if wrongs.is_empty() {
        match signed_in(&app, from, email, password).await {
            Ok((account, token)) => {
                let mut response = see(next.unwrap_or(home_of(account.role)));
                let headers = response.headers_mut();
                headers.append(
                    header::SET_COOKIE,
                    Cookie::Session.set(&app, token.expose()),
                );
                headers.append(header::SET_COOKIE, Cookie::Visit.end(&app));
                return Ok(response);
            }
            Err(e) if [401, 422].contains(&e.status) => wrongs.add(
                "email",
                "The email address and the password do not fit. Check both",
            ),
            Err(e) if e.status == 429 => {
                let wait = waiting(e.retry_after.unwrap_or(60));
                status = StatusCode::TOO_MANY_REQUESTS;
                wrongs.add("email", format!("You have tried too often. {wait}"));
            }
            Err(e) => return Err(e.into()),
        }
    }
    let form = SignInPage {
        frame: Frame::visitor(&app),
        csrf: &sent.csrf,
        next: next.unwrap_or(""),
        email,
        wrongs: &wrongs,
        signed_out: false,
    };
    Ok(page_of(status, &form))
}

/// Signs out.
pub async fn sign_out(State(app): State<App>, sent: Posted) -> Result<Response, Failed> {
    signed_out(&app, &sent.user.caller).await?;
    let mut response = see("/sign-in?signed-out=1");
    let cookie = Cookie::Session.end(&app);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}
