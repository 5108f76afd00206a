//! The register: what it is, and every column of it. No row of anybody.

use super::page::{Failed, Frame, page};
use super::visitor::SignedIn;
use super::words::day;
use crate::register::Table;
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
            kind: word(&c.kind),
            purpose: word(&c.role),
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

/// An enum's word, as the register's own file has it.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
