//! The register of data-sharing agreements, for people: the list, a new one, signing and ending.

use super::page::{Failed, Frame, Wrongs, download, page, page_of, see};
use super::programmes::Names;
use super::visitor::{Fields, Posted, SignedIn};
use super::words::{day, moment, sentence};
use crate::cohort::Field;
use crate::service::agreement::Basis;
use crate::service::api::App;
use crate::service::api::sharing::{assessed, ended, listed, made, one, signed, today};
use crate::service::model::{AgreementId, Role};
use crate::service::permissions::{Reach, Route, reach};
use crate::service::problem::Problem;
use crate::service::sharing::{OTHER_COLUMNS, Sharing, Side, Standing, Terms, what_it_is};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;

/// A line of the list.
struct Line {
    id: AgreementId,
    reference: String,
    /// Named where there may be several.
    organisation: String,
    dates: String,
    tag: &'static str,
    colour: &'static str,
}

#[derive(Template)]
#[template(path = "templates/agreements.html")]
struct AgreementsPage {
    frame: Frame,
    lines: Vec<Line>,
    /// May put some in.
    makes: bool,
}

fn tag(standing: &Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Live => ("Live", "govuk-tag--green"),
        Standing::Unsigned(_) => ("Waits for signature", "govuk-tag--yellow"),
        Standing::NotYet(_) => ("Has not begun", "govuk-tag--blue"),
        Standing::Over(_) => ("Over", "govuk-tag--grey"),
        Standing::Ended => ("Ended", "govuk-tag--grey"),
    }
}

fn can(user: &SignedIn, route: Route) -> bool {
    reach(route, user.caller.account.role) != Some(Reach::No)
}

/// The list.
pub async fn list(State(app): State<App>, user: SignedIn) -> Result<Response, Failed> {
    let mut names = Names::default();
    let mut lines = Vec::new();
    for a in listed(&app, &user.caller).await? {
        let (tag, colour) = tag(&a.standing(today(&app)));
        lines.push(Line {
            id: a.id,
            organisation: names.of(&app, &user, a.organisation).await?,
            dates: format!(
                "{} to {}",
                day(&a.terms.starts.to_string()),
                day(&a.terms.ends.to_string())
            ),
            reference: a.terms.reference,
            tag,
            colour,
        });
    }
    Ok(page(&AgreementsPage {
        frame: Frame::of(&app, &user, "/agreements"),
        lines,
        makes: can(&user, Route::MakeAgreement),
    }))
}

/// A column that may be shared.
struct Column {
    name: &'static str,
    what: &'static str,
    chosen: bool,
}

/// What was typed.
#[derive(Default)]
struct Typed {
    reference: String,
    parties: String,
    purpose: String,
    lawful_basis: String,
    retention: String,
    starts: String,
    ends: String,
}

#[derive(Template)]
#[template(path = "templates/new_agreement.html")]
struct NewPage {
    frame: Frame,
    wrongs: Wrongs,
    typed: Typed,
    bases: Vec<(&'static str, &'static str, bool)>,
    columns: Vec<Column>,
}

/// Every column there is.
fn columns(chosen: impl Fn(&str) -> bool) -> Vec<Column> {
    let known = Field::ALL.into_iter().map(|f| (f.name(), what_it_is(f)));
    let other = (OTHER_COLUMNS, "other columns of yours, which nobody reads");
    known
        .chain([other])
        .map(|(name, what)| Column {
            name,
            what,
            chosen: chosen(name),
        })
        .collect()
}

fn form(app: &App, user: &SignedIn, typed: Typed, columns: Vec<Column>, wrongs: Wrongs) -> NewPage {
    NewPage {
        frame: Frame::of(app, user, "/agreements"),
        wrongs,
        bases: Basis::ALL
            .iter()
            .map(|b| (b.name(), b.words(), b.name() == typed.lawful_basis))
            .collect(),
        typed,
        columns,
    }
}

/// A new one.
pub async fn new(State(app): State<App>, user: SignedIn) -> Result<Response, Failed> {
    user.caller.may(Route::MakeAgreement)?;
    let typed = Typed {
        retention:
            "The list is erased as soon as the answer is there. Reports and certificates are kept."
                .into(),
        ..Typed::default()
    };
    let columns = columns(|name| name != OTHER_COLUMNS);
    Ok(page(&form(&app, &user, typed, columns, Wrongs::default())))
}

/// Puts it into the register, or says what is wrong.
pub async fn make(State(app): State<App>, sent: Posted) -> Result<Response, Failed> {
    let Posted { user, fields } = sent;
    user.caller.may(Route::MakeAgreement)?;
    let text = |name: &str| fields.get(name).to_owned();
    let typed = Typed {
        reference: text("reference"),
        parties: text("parties"),
        purpose: text("purpose"),
        lawful_basis: text("lawful_basis"),
        retention: text("retention"),
        starts: text("starts"),
        ends: text("ends"),
    };
    let columns = columns(|name| fields.get(&format!("column-{name}")) == "yes");
    let mut wrongs = Wrongs::default();
    let terms = terms(&typed, &columns, &fields, &mut wrongs);
    let made = match terms {
        Some(terms) => made(&app, &user.caller, terms).await,
        None => Err(Problem::unprocessable("", "")),
    };
    match made {
        Ok(made) => return Ok(see(&format!("/agreements/{}", made.id))),
        Err(e) if e.status == 409 => {
            wrongs.add(
                "reference",
                "There is an agreement of this reference already",
            );
        }
        Err(e) if e.status == 422 => {
            if wrongs.is_empty() {
                wrongs.add("reference", sentence(&e.detail));
            }
        }
        Err(e) => return Err(e.into()),
    }
    let again = form(&app, &user, typed, columns, wrongs);
    Ok(page_of(StatusCode::UNPROCESSABLE_ENTITY, &again))
}

/// What was typed, as terms; none where something must be put right.
fn terms(typed: &Typed, columns: &[Column], fields: &Fields, wrongs: &mut Wrongs) -> Option<Terms> {
    let mut needs = |field: &'static str, words: &str| {
        if fields.get(field).is_empty() {
            wrongs.add(field, words);
        }
    };
    needs("reference", "Enter the reference of the agreement");
    needs("parties", "Enter who shares with whom");
    needs("purpose", "Enter what the list is shared for");
    let basis = Basis::named(&typed.lawful_basis);
    if basis.is_none() {
        wrongs.add("lawful_basis", "Choose your lawful basis");
    }
    let shared: Vec<String> = columns
        .iter()
        .filter(|c| c.chosen)
        .map(|c| c.name.to_owned())
        .collect();
    if shared.is_empty() {
        wrongs.add("columns", "Choose at least one column");
    }
    if typed.retention.is_empty() {
        wrongs.add("retention", "Enter what is kept, and for how long");
    }
    let date = |text: &str| text.parse::<Date>().ok().filter(|_| text.len() == 10);
    let (starts, ends) = (date(&typed.starts), date(&typed.ends));
    if starts.is_none() {
        wrongs.add("starts", "Enter the first day, for example 2026-04-01");
    }
    if ends.is_none() {
        wrongs.add("ends", "Enter the last day, for example 2027-03-31");
    }
    if starts.zip(ends).is_some_and(|(s, e)| s > e) {
        wrongs.add("ends", "The last day cannot be before the first");
    }
    match (basis, starts, ends) {
        (Some(lawful_basis), Some(starts), Some(ends)) if wrongs.is_empty() => Some(Terms {
            reference: typed.reference.clone(),
            parties: typed.parties.clone(),
            purpose: typed.purpose.clone(),
            lawful_basis,
            fields: shared,
            retention: typed.retention.clone(),
            starts,
            ends,
        }),
        _ => None,
    }
}

#[derive(Template)]
#[template(path = "templates/agreement.html")]
struct OnePage {
    frame: Frame,
    agreement: Sharing,
    organisation: String,
    tag: &'static str,
    colour: &'static str,
    says: String,
    rows: Vec<(&'static str, String)>,
    signatures: Vec<(&'static str, String)>,
    signs: bool,
    ends: bool,
}

/// One.
pub async fn see_one(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failed> {
    let a = one(&app, &user.caller, Route::SeeAgreements, &id).await?;
    let standing = a.standing(today(&app));
    let (tag, colour) = tag(&standing);
    let side = match user.caller.account.role {
        Role::Steward => Side::Department,
        _ => Side::Provider,
    };
    let open = !matches!(standing, Standing::Ended | Standing::Over(_));
    let t = &a.terms;
    let rows = vec![
        ("Parties", t.parties.clone()),
        ("Purpose", t.purpose.clone()),
        ("Lawful basis", t.lawful_basis.words().into()),
        ("Columns", t.fields.join(", ")),
        ("Retention", t.retention.clone()),
        ("First day", day(&t.starts.to_string())),
        ("Last day", day(&t.ends.to_string())),
    ];
    let signature = |side: Side| {
        let signed = a.signatures.iter().find(|s| s.side == side);
        let words = signed.map_or("Not signed".into(), |s| {
            format!("{}, {}", s.by, moment(s.at))
        });
        (side, words)
    };
    let signatures = Side::ALL.map(signature);
    Ok(page(&OnePage {
        frame: Frame::of(&app, &user, "/agreements"),
        organisation: Names::default().of(&app, &user, a.organisation).await?,
        tag,
        colour,
        says: sentence(&format!("this agreement {}", standing.words())),
        rows,
        signs: open
            && can(&user, Route::SignAgreement)
            && !a.signatures.iter().any(|s| s.side == side),
        ends: open && can(&user, Route::SignAgreement),
        signatures: signatures
            .into_iter()
            .map(|(side, words)| match side {
                Side::Provider => ("Provider", words),
                Side::Department => ("Department", words),
            })
            .collect(),
        agreement: a,
    }))
}

/// Signs.
pub async fn sign(
    State(app): State<App>,
    Path(id): Path<String>,
    sent: Posted,
) -> Result<Response, Failed> {
    let signed = signed(&app, &sent.user.caller, &id).await?;
    Ok(see(&format!("/agreements/{}", signed.id)))
}

/// Ends.
pub async fn end(
    State(app): State<App>,
    Path(id): Path<String>,
    sent: Posted,
) -> Result<Response, Failed> {
    let ended = ended(&app, &sent.user.caller, &id).await?;
    Ok(see(&format!("/agreements/{}", ended.id)))
}

/// For a data protection impact assessment.
pub async fn assessment(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failed> {
    let (_, text) = assessed(&app, &user.caller, &id).await?;
    let kind = "text/markdown; charset=utf-8";
    Ok(download(
        text.into_bytes(),
        kind,
        "data-sharing-agreement.md",
    ))
}
