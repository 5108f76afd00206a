//! The start page, and the page on erasure: for everybody.

use super::page::{Failed, Frame, page};
use super::visitor::SignedIn;
use crate::service::api::App;
use crate::service::model::Role;
use askama::Template;
use axum::extract::State;
use axum::response::Response;

#[derive(Template)]
#[template(path = "templates/start.html")]
struct StartPage {
    frame: Frame,
    home: &'static str,
}

#[derive(Template)]
#[template(path = "templates/erasure.html")]
struct ErasurePage {
    frame: Frame,
}

/// Where somebody's work begins.
pub fn home_of(role: Role) -> &'static str {
    match role {
        Role::Auditor => "/ledger",
        _ => "/submissions",
    }
}

/// The frame of a page that everybody may see.
pub fn open_frame(app: &App, user: Result<&SignedIn, &Failed>, current: &str) -> Frame {
    match user {
        Ok(user) => Frame::of(app, user, current),
        Err(_) => Frame::visitor(app),
    }
}

/// What this is, what it does, what becomes of a list.
pub async fn start(State(app): State<App>, user: Result<SignedIn, Failed>) -> Response {
    let home = user
        .as_ref()
        .map_or("/sign-in", |u| home_of(u.caller.account.role));
    page(&StartPage {
        frame: open_frame(&app, user.as_ref(), "/"),
        home,
    })
}

/// How a list is erased, and how that is shown.
pub async fn erasure(State(app): State<App>, user: Result<SignedIn, Failed>) -> Response {
    page(&ErasurePage {
        frame: open_frame(&app, user.as_ref(), "/erasure"),
    })
}
