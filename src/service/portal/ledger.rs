//! The ledger of erasures: for everybody, digests only; those who may are led to the certificates.

use super::page::{Failed, Frame, page};
use super::start::open_frame;
use super::visitor::SignedIn;
use crate::service::api::App;
use crate::service::permissions::{Reach, Route, reach};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

/// On one page.
const MOST: u64 = 50;

/// Which part.
#[derive(Default, Deserialize)]
pub struct Asked {
    before: Option<u64>,
}

struct Entry {
    place: u64,
    leaf: String,
    certificate: Option<String>,
}

#[derive(Template)]
#[template(path = "templates/ledger.html")]
struct LedgerPage {
    frame: Frame,
    size: u64,
    checkpoint: Option<String>,
    entries: Vec<Entry>,
    /// Where older ones begin.
    older: Option<u64>,
    links: bool,
}

/// The newest entries, newest first.
pub async fn ledger(
    State(app): State<App>,
    user: Result<SignedIn, Failed>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failed> {
    let size = app.store.ledger_size().await?;
    let end = asked.before.unwrap_or(size).min(size);
    let start = end.saturating_sub(MOST);
    let role = user.as_ref().ok().map(|u| u.caller.account.role);
    // Whose a certificate is, is for those alone who may read any.
    let links = role.is_some_and(|r| reach(Route::ReadCertificate, r) == Some(Reach::All));
    let mut entries = Vec::new();
    for place in (start..end).rev() {
        let (leaf, of) = app.store.ledger_leaf(place).await?;
        entries.push(Entry {
            place: place + 1,
            leaf: leaf.iter().map(|b| format!("{b:02x}")).collect(),
            certificate: of.filter(|_| links).map(|id| id.to_string()),
        });
    }
    Ok(page(&LedgerPage {
        frame: open_frame(&app, user.as_ref(), "/ledger"),
        size,
        checkpoint: app.store.checkpoint(None).await?,
        entries,
        older: (start > 0).then_some(start),
        links,
    }))
}
