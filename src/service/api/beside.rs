//! What a worker is told beside its list once its turn comes: the columns that the agreement covers,
//! and results that the report is put in context with. Of other providers only what they published.

use super::App;
use super::upload::Wanted;
use crate::comparison::Prior;
use crate::service::model::{OrganisationId, State as Stand};
use crate::service::open_data::{Entry, PublishedResult, results};
use crate::service::sharing::day_of;
use crate::service::store::{Page, StoreError, Submission};
use crate::service::worker::protocol::Beside;

const JSON_FACE: &str = "report.json";
/// Results of others, at most: the newest.
const MOST_OTHERS: usize = 500;
/// Earlier results of the programme itself.
const MOST_BEFORE: usize = 20;

/// All of it. A report is worth having without its context: what cannot be read is left out.
pub(super) async fn beside(
    app: &App,
    wanted: &Wanted,
    covered: Option<Vec<String>>,
    organisation: OrganisationId,
) -> Beside {
    let known = async {
        let programme = app.store.programme(wanted.programme).await?.name;
        let before = before(app, wanted, organisation, &programme).await?;
        let others = others(app, wanted, organisation).await?;
        Ok::<_, StoreError>((programme, before, others))
    };
    let (programme, before, others) = known.await.unwrap_or_default();
    Beside {
        covered,
        programme,
        today: day_of(app.store.clock().now_ms()).to_string(),
        before,
        others,
    }
}

/// Earlier released results of the same programme and study.
async fn before(
    app: &App,
    wanted: &Wanted,
    organisation: OrganisationId,
    name: &str,
) -> Result<Vec<Prior>, StoreError> {
    let page = Page {
        organisation: Some(organisation),
        state: Some(Stand::Released),
        most: 1_000,
        ..Page::default()
    };
    let is = |s: &Submission| s.programme == wanted.programme && s.study == wanted.study;
    let mut out = Vec::new();
    for s in app
        .store
        .submissions(&page)
        .await?
        .iter()
        .filter(|s| is(s))
        .take(MOST_BEFORE)
    {
        let role = crate::service::model::Role::Charity;
        let Some(face) = app.store.face(s.id, JSON_FACE, role).await? else {
            continue;
        };
        let deciding = results(&face.bytes)
            .unwrap_or_default()
            .into_iter()
            .find(|r| r.headline && r.primary);
        out.extend(deciding.and_then(|r| prior(&r, name, &day_of(s.received_at).to_string())));
    }
    Ok(out)
}

/// What other providers published of the same study.
async fn others(
    app: &App,
    wanted: &Wanted,
    organisation: OrganisationId,
) -> Result<Vec<Prior>, StoreError> {
    let own = app.store.organisation(organisation).await?.name;
    let mut out = Vec::new();
    for kept in app.store.publications().await?.into_iter().rev() {
        if kept.study != wanted.study || kept.organisation == own || out.len() >= MOST_OTHERS {
            continue;
        }
        let Some(entry) = Entry::of(kept) else {
            continue;
        };
        let name = format!("{}: {}", entry.of.organisation, entry.of.programme);
        out.extend(entry.deciding().and_then(|r| prior(r, &name, &entry.day())));
    }
    Ok(out)
}

/// A difference of shares, where that is what it is.
fn prior(r: &PublishedResult, name: &str, day: &str) -> Option<Prior> {
    let (estimate, se) = r.estimate.zip(r.se)?;
    (r.kind == "binary" && r.well_matched && se > 0.0).then(|| Prior {
        name: name.to_owned(),
        published: day.to_owned(),
        outcome: r.outcome.clone(),
        better: r.better.clone(),
        people: r.n_treatment,
        estimate,
        se,
    })
}
