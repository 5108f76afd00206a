//! The register: what it is, and every column of it. No row of anybody.

use super::page::{Failed, Frame, page};
use super::visitor::SignedIn;
use super::words::day;
use crate::register::{Kind, Role, Table};
use crate::service::api::App;
use crate::service::permissions::Route;
use askama::Template;
use axum::extract::State;
use axum::response::Response;

struct Column {
    label: String,
    name: String,
    kind: String,
    purpose: String,
    unit: String,
}

#[derive(Template)]
#[template(path = "templates/register.html")]
struct RegisterPage {
    frame: Frame,
    title: String,
    source: String,
    made: String,
    cut_off: String,
    tables: Vec<(&'static str, Vec<Column>)>,
}

/// The dictionary.
pub async fn register(State(app): State<App>, user: SignedIn) -> Result<Response, Failed> {
    user.caller.may(Route::SeeRegister)?;
    let register = app.register.as_ref();
    let of = |table: Table| {
        let columns = register.columns.iter().filter(|c| c.table == table);
        let column = |c: &crate::service::api::Column| Column {
            label: c.label.clone(),
            name: c.name.clone(),
            kind: kind(c.kind).into(),
            purpose: purpose(c.role).into(),
            unit: c.unit.clone().unwrap_or_default(),
        };
        columns.map(column).collect::<Vec<_>>()
    };
    Ok(page(&RegisterPage {
        frame: Frame::of(&app, &user, "/register"),
        title: register.title.clone(),
        source: register.source.clone(),
        made: day(&register.made),
        cut_off: day(register.cut_off()),
        tables: vec![
            ("People", of(Table::Persons)),
            ("What happened to them", of(Table::Events)),
        ],
    }))
}

/// What a column holds, in words.
fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Date => "date",
        Kind::Number => "number",
        Kind::Flag => "yes or no",
        Kind::Category => "one of several",
        Kind::Count => "how often",
    }
}

/// What a column is for, in words.
fn purpose(role: Role) -> &'static str {
    match role {
        Role::Key => "joining tables",
        Role::Identifier => "finding people",
        Role::Date => "what came when",
        Role::Covariate => "finding people like them",
        Role::Outcome => "what happened next",
    }
}
