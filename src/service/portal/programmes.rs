//! Programmes: the list, and a new one with a look at what its numbers could show.

use super::page::{Failed, Frame, Wrongs, page, page_of, see};
use super::power::{Asked, Check};
use super::visitor::{Posted, SignedIn};
use crate::service::api::App;
use crate::service::api::programmes::{listed, made};
use crate::service::model::{OrganisationId, ProgrammeId};
use crate::service::permissions::{Reach, Route, reach};
use crate::service::problem::Problem;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use std::collections::BTreeMap;

/// A line of the list.
struct Line {
    id: ProgrammeId,
    name: String,
    /// Named where there may be several.
    organisation: String,
}

#[derive(Template)]
#[template(path = "templates/programmes.html")]
struct ProgrammesPage {
    frame: Frame,
    programmes: Vec<Line>,
    /// May add some, and hand in lists for them.
    makes: bool,
}

/// Names of organisations, each asked for once.
#[derive(Default)]
pub struct Names(BTreeMap<OrganisationId, String>);

impl Names {
    /// The name of one; nothing where it is the asker's own.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn of(
        &mut self,
        app: &App,
        user: &SignedIn,
        organisation: OrganisationId,
    ) -> Result<String, Problem> {
        if organisation == user.caller.account.organisation {
            return Ok(String::new());
        }
        if let Some(known) = self.0.get(&organisation) {
            return Ok(known.clone());
        }
        let name = app.store.organisation(organisation).await?.name;
        self.0.insert(organisation, name.clone());
        Ok(name)
    }
}

/// The list.
pub async fn list(State(app): State<App>, user: SignedIn) -> Result<Response, Failed> {
    let found = listed(&app, &user.caller).await?;
    let mut names = Names::default();
    let mut programmes = Vec::new();
    for p in found {
        programmes.push(Line {
            organisation: names.of(&app, &user, p.organisation).await?,
            id: p.id,
            name: p.name,
        });
    }
    let makes = reach(Route::MakeProgramme, user.caller.account.role) != Some(Reach::No);
    Ok(page(&ProgrammesPage {
        frame: Frame::of(&app, &user, "/programmes"),
        programmes,
        makes,
    }))
}

#[derive(Template)]
#[template(path = "templates/new_programme.html")]
struct NewPage<'a> {
    frame: Frame,
    name: &'a str,
    wrongs: Wrongs,
    check: Check,
    here: &'static str,
}

/// A new one.
pub async fn new(
    State(app): State<App>,
    user: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failed> {
    user.caller.may(Route::MakeProgramme)?;
    Ok(page(&NewPage {
        frame: Frame::of(&app, &user, "/programmes"),
        name: "",
        wrongs: Wrongs::default(),
        check: Check::of(asked),
        here: "/programmes/new",
    }))
}

/// Makes it, or says what is wrong with its name.
pub async fn make(State(app): State<App>, sent: Posted) -> Result<Response, Failed> {
    let Posted { user, fields } = sent;
    let name = fields.get("name");
    let mut wrongs = Wrongs::default();
    let status = match made(&app, &user.caller, name).await {
        Ok(made) => {
            return Ok(see(&format!("/submissions/new?programme={}", made.id)));
        }
        Err(e) if e.status == 422 && name.is_empty() => {
            wrongs.add("name", "Enter what the programme is called");
            e.status
        }
        Err(e) if e.status == 422 => {
            wrongs.add(
                "name",
                "The name must have 200 letters or fewer, on one line",
            );
            e.status
        }
        Err(e) if e.status == 409 => {
            wrongs.add(
                "name",
                "You have a programme of this name already. Choose another name",
            );
            e.status
        }
        Err(e) => return Err(e.into()),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let again = NewPage {
        frame: Frame::of(&app, &user, "/programmes"),
        name,
        wrongs,
        check: Check::default(),
        here: "/programmes/new",
    };
    Ok(page_of(status, &again))
}
