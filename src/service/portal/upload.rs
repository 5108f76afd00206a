//! The file itself: from the form straight to the process that will hold it, as the API does it.

use super::hand_in::{About, file_again};
use super::page::{Failed, Frame, Wrongs, page};
use super::visitor::{Posted, SignedIn};
use super::{assets, hand_in};
use crate::service::api::App;
use crate::service::api::form::{Fields, Form};
use crate::service::api::sealing::key_for;
use crate::service::api::upload::{Accepted, only_check, taken_in};
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use askama::Template;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

/// The form with which a file is chosen.
pub struct FileForm {
    /// Of the session.
    pub csrf: String,
    /// Tells this upload from every other.
    pub key: String,
    /// What the file is for.
    pub about: About,
    /// Only to be checked, unless somebody chooses otherwise.
    pub check: bool,
    /// What must be put right.
    pub wrongs: Wrongs,
}

impl FileForm {
    /// A new one: another file is another upload.
    pub fn new(user: &SignedIn, about: &About, wrongs: Wrongs) -> FileForm {
        FileForm {
            csrf: user.csrf.clone(),
            key: format!("page-{:032x}", rand::random::<u128>()),
            about: about.clone(),
            check: about.check != "no",
            wrongs,
        }
    }

    /// Address of what seals a file in the browser, where there is such a thing.
    pub fn seal(&self) -> Option<&'static str> {
        assets::address(assets::SEAL)
    }
}

#[derive(Template)]
#[template(path = "templates/handed_in.html")]
struct HandedInPage {
    frame: Frame,
    accepted: Accepted,
}

/// Takes a file in.
pub async fn upload(State(app): State<App>, user: SignedIn, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut about = About::default();
    let taken = async {
        user.caller.may(Route::Submit)?;
        app.rates.uploads.one(user.caller.account.organisation)?;
        let mut form = Form::new(&parts.headers, body, app.limits.deadline())?.of_page();
        let taken = take(&app, &user, &mut form, &mut about).await;
        if taken.is_err() {
            form.drain().await;
        }
        taken
    };
    let answer = match taken.await {
        Ok(Taken::In(accepted)) => Ok(page(&HandedInPage {
            frame: Frame::of(&app, &user, "/submissions"),
            accepted,
        })),
        Ok(Taken::NoFile) => hand_in::no_file(&app, &user, about).await,
        Err(problem) if [403, 404].contains(&problem.status) => Err(problem.into()),
        Err(problem) => file_again(&app, &user, about, &problem).await,
    };
    let mut response = answer.unwrap_or_else(Failed::into_response);
    // An idle connection's buffer would keep the last bytes of the list.
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// A key to seal a file with before it leaves the browser.
pub async fn seal(State(app): State<App>, sent: Posted) -> Result<Response, Problem> {
    let Posted { user, fields } = sent;
    let study = fields.get("study").to_owned();
    let check = only_check(Some(fields.get("check")))?;
    let key = key_for(&app, &user.caller, study, fields.get("programme"), check).await?;
    Ok((StatusCode::CREATED, Json(key)).into_response())
}

enum Taken {
    In(Accepted),
    NoFile,
}

async fn take(
    app: &App,
    user: &SignedIn,
    form: &mut Form,
    about: &mut About,
) -> Result<Taken, Problem> {
    let (mut fields, mut file) = form.fields().await?;
    user.sent(fields.csrf.as_deref().unwrap_or(""))?;
    *about = said(&fields);
    if file.is_empty(app.limits.deadline()).await? {
        return Ok(Taken::NoFile);
    }
    // A form without script sends the field empty.
    fields.sealed = fields.sealed.filter(|id| !id.is_empty());
    let key = fields.key.take().unwrap_or_default();
    let sound = (1..=200).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    if !sound {
        return Err(Problem::bad_request(
            "the form has no key",
            "open the page again",
        ));
    }
    let accepted = taken_in(app, &user.caller, &key, fields, file, form).await?;
    Ok(Taken::In(accepted))
}

/// What was said of the file before it came.
fn said(fields: &Fields) -> About {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    About {
        programme: text(&fields.programme),
        study: text(&fields.study),
        agreement: text(&fields.agreement),
        lawful_basis: text(&fields.lawful_basis),
        agreed: "yes".into(),
        check: text(&fields.check),
    }
}
