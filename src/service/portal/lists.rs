//! The lists that were handed in, and where each stands.

use super::page::{Failed, Frame, page};
use super::programmes::Names;
use super::visitor::SignedIn;
use super::words::{moment, tag};
use crate::service::api::App;
use crate::service::api::programmes;
use crate::service::api::submissions::{Wanted, listed};
use crate::service::model::{Role, State as Stand, SubmissionId};
use crate::service::permissions::{Reach, Route, reach};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use std::collections::HashMap;

/// On one page.
const MOST: u32 = 50;

/// Which part.
#[derive(Default, Deserialize)]
pub struct Asked {
    state: Option<String>,
    after: Option<String>,
}

struct Line {
    id: SubmissionId,
    programme: String,
    organisation: String,
    received: String,
    tag: &'static str,
    colour: &'static str,
}

#[derive(Template)]
#[template(path = "templates/lists.html")]
struct ListsPage {
    frame: Frame,
    title: &'static str,
    lines: Vec<Line>,
    /// May hand some in.
    submits: bool,
    /// May release some.
    decides: bool,
    waiting_only: bool,
    /// The last one, where there may be more.
    more: Option<SubmissionId>,
}

/// The lists that somebody may know of, newest first.
pub async fn list(
    State(app): State<App>,
    user: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failed> {
    let waiting_only = asked.state.as_deref() == Some(Stand::AwaitingRelease.name());
    let wanted = Wanted {
        state: waiting_only.then_some(Stand::AwaitingRelease),
        after: asked.after.and_then(|id| id.parse().ok()),
        most: Some(MOST),
    };
    let found = listed(&app, &user.caller, &wanted).await?;
    let known = programmes::listed(&app, &user.caller).await?;
    let known: HashMap<_, _> = known.into_iter().map(|p| (p.id, p.name)).collect();
    let more = found.last().map(|s| s.id);
    let more = more.filter(|_| found.len() == MOST as usize);
    let mut names = Names::default();
    let mut lines = Vec::new();
    for s in found {
        let (tag, colour) = tag(&s);
        lines.push(Line {
            organisation: names.of(&app, &user, s.organisation).await?,
            id: s.id,
            programme: known.get(&s.programme).cloned().unwrap_or_default(),
            received: moment(s.received_at),
            tag,
            colour,
        });
    }
    let role = user.caller.account.role;
    let may = |route| reach(route, role) != Some(Reach::No);
    Ok(page(&ListsPage {
        frame: Frame::of(&app, &user, "/submissions"),
        title: match role {
            Role::Commissioner => "Released reports",
            Role::Steward => "Lists handed in",
            _ => "Your lists",
        },
        lines,
        submits: may(Route::Submit),
        decides: may(Route::Decide),
        waiting_only,
        more,
    }))
}
