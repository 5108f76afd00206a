//! Handing a list in: first what it is about, then the file. In this order, because no byte of a
//! file is kept: what it is for must be known before it comes.

use super::page::{Failed, Frame, Wrongs, page, page_of, waiting};
use super::upload::FileForm;
use super::visitor::SignedIn;
use super::words::{day, sentence};
use crate::service::agreement::{Agreement, Basis, MOST_REFERENCE, is_reference};
use crate::service::api::App;
use crate::service::api::programmes::listed;
use crate::service::api::sharing::ground;
use crate::service::permissions::Route;
use crate::service::problem::Problem;
use crate::service::store::Programme;
use crate::service::studies::Offered;
use crate::study::Study;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Deserialize;

/// What is said of a list.
#[derive(Default, Clone, Deserialize)]
#[serde(default)]
pub struct About {
    /// Id of the programme.
    pub programme: String,
    /// Id of the study.
    pub study: String,
    /// Reference of the agreement.
    pub agreement: String,
    /// Name of the lawful basis.
    pub lawful_basis: String,
    /// `yes`: may be shared.
    pub agreed: String,
    /// `no`: not only to be checked.
    pub check: String,
}

/// Something to choose.
pub struct Choice {
    /// As it is sent.
    pub value: String,
    /// As it is read.
    pub words: String,
    /// Chosen already.
    pub chosen: bool,
}

#[derive(Template)]
#[template(path = "templates/about_list.html")]
struct AboutPage {
    frame: Frame,
    wrongs: Wrongs,
    programmes: Vec<Choice>,
    studies: Vec<Choice>,
    bases: Vec<Choice>,
    about: About,
}

/// The questions about a list, with what was answered so far.
fn questions(
    app: &App,
    user: &SignedIn,
    programmes: &[Programme],
    about: About,
    wrongs: Wrongs,
) -> AboutPage {
    let only = |n: usize| n == 1;
    let programmes: Vec<Choice> = programmes
        .iter()
        .map(|p| Choice {
            chosen: p.id.to_string() == about.programme || only(programmes.len()),
            value: p.id.to_string(),
            words: p.name.clone(),
        })
        .collect();
    let count = app.studies.all().count();
    let studies = app.studies.all().map(|s| Choice {
        chosen: s.id == about.study || only(count),
        value: s.id.clone(),
        words: s.title.clone(),
    });
    let bases = Basis::ALL.iter().map(|b| Choice {
        chosen: b.name() == about.lawful_basis,
        value: b.name().into(),
        words: b.words().into(),
    });
    AboutPage {
        frame: Frame::of(app, user, "/submissions"),
        wrongs,
        programmes,
        studies: studies.collect(),
        bases: bases.collect(),
        about,
    }
}

/// Asks what a list is about.
pub async fn about(
    State(app): State<App>,
    user: SignedIn,
    Query(mut about): Query<About>,
) -> Result<Response, Failed> {
    user.caller.may(Route::Submit)?;
    let programmes = listed(&app, &user.caller).await?;
    // The one live agreement there is need not be typed.
    if about.agreement.is_empty()
        && let Ok(found) = ground(&app, &user.caller, None).await
        && let Some(agreement) = found.agreement
    {
        about.agreement = agreement.reference;
        about.lawful_basis = agreement.basis.name().into();
    }
    let none = Wrongs::default();
    Ok(page(&questions(&app, &user, &programmes, about, none)))
}

/// What is known of a list that is to be handed in.
pub struct Known<'a> {
    /// Of which programme.
    pub programme: &'a Programme,
    /// For which study.
    pub study: &'a Offered,
    /// On what ground.
    pub basis: Basis,
}

/// What was answered, or what must be put right.
fn known<'a>(
    app: &'a App,
    programmes: &'a [Programme],
    about: &About,
) -> Result<Known<'a>, Wrongs> {
    let mut wrongs = Wrongs::default();
    let programme = programmes
        .iter()
        .find(|p| p.id.to_string() == about.programme);
    if programme.is_none() {
        wrongs.add("programme", "Choose which programme the list is about");
    }
    let study = app.studies.get(&about.study);
    if study.is_none() {
        wrongs.add("study", "Choose what you want to find out");
    }
    let reference = about.agreement.trim();
    if reference.is_empty() {
        wrongs.add("agreement", "Enter the reference of your agreement");
    } else if !is_reference(reference) {
        let words = format!("The reference must have {MOST_REFERENCE} letters or fewer");
        wrongs.add("agreement", words);
    }
    let basis = Basis::named(&about.lawful_basis);
    if basis.is_none() {
        wrongs.add("lawful_basis", "Choose your lawful basis");
    }
    if about.agreed != "yes" {
        wrongs.add("agreed", "Confirm that you may share this list");
    }
    match (programme, study, basis) {
        (Some(programme), Some(study), Some(basis)) if wrongs.is_empty() => Ok(Known {
            programme,
            study,
            basis,
        }),
        _ => Err(wrongs),
    }
}

#[derive(Template)]
#[template(path = "templates/choose_file.html")]
struct FilePage<'a> {
    frame: Frame,
    programme: &'a str,
    study: &'a str,
    study_id: &'a str,
    basis: &'static str,
    /// Where the answers can be changed.
    change: String,
    /// The words of the study for what comes before the help.
    event: String,
    /// The last day that leaves time to see what came after.
    last_day: Option<String>,
    approval: bool,
    form: FileForm,
}

/// Shows what was answered, and asks for the file.
pub async fn file(
    State(app): State<App>,
    user: SignedIn,
    Query(about): Query<About>,
) -> Result<Response, Failed> {
    user.caller.may(Route::Submit)?;
    ask_for_file(&app, &user, about, StatusCode::OK, Wrongs::default()).await
}

/// The same, after what went wrong.
pub async fn file_again(
    app: &App,
    user: &SignedIn,
    about: About,
    problem: &Problem,
) -> Result<Response, Failed> {
    let status = StatusCode::from_u16(problem.status);
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut wrongs = Wrongs::default();
    wrongs.add("file", in_words(problem));
    ask_for_file(app, user, about, status, wrongs).await
}

/// The same, where no file was chosen.
pub async fn no_file(app: &App, user: &SignedIn, about: About) -> Result<Response, Failed> {
    let mut wrongs = Wrongs::default();
    wrongs.add("file", "Choose the file with your list");
    ask_for_file(app, user, about, StatusCode::UNPROCESSABLE_ENTITY, wrongs).await
}

/// What went wrong with a file on its way in.
fn in_words(problem: &Problem) -> String {
    let wait = problem
        .retry_after
        .map_or(String::new(), |s| format!(" {}", waiting(s)));
    match problem.status {
        413 => "The file must be smaller than 100 MB".into(),
        408 | 400 => "The file did not arrive whole. Choose it again".into(),
        409 | 422 => "The page was too old to send the file from. Choose it again".into(),
        429 => format!("You have sent too many files in a minute.{wait}"),
        503 => format!("The service cannot take in a list at the moment.{wait}"),
        _ => "The file could not be taken in. Choose it again".into(),
    }
}

async fn ask_for_file(
    app: &App,
    user: &SignedIn,
    about: About,
    status: StatusCode,
    file_wrongs: Wrongs,
) -> Result<Response, Failed> {
    let programmes = listed(app, &user.caller).await?;
    let known = match known(app, &programmes, &about) {
        Ok(known) => known,
        Err(wrongs) => {
            let again = questions(app, user, &programmes, about, wrongs);
            return Ok(page_of(StatusCode::UNPROCESSABLE_ENTITY, &again));
        }
    };
    let said = Agreement {
        reference: about.agreement.trim().to_owned(),
        basis: known.basis,
    };
    // Before a file is chosen: a list that may not be shared is not sent at all.
    if let Err(problem) = ground(app, &user.caller, Some(said)).await {
        if problem.status != 422 {
            return Err(problem.into());
        }
        let mut wrongs = Wrongs::default();
        wrongs.add("agreement", sentence(&problem.detail));
        let again = questions(app, user, &programmes, about, wrongs);
        return Ok(page_of(StatusCode::UNPROCESSABLE_ENTITY, &again));
    }
    let (event, last_day) = what_it_needs(app, known.study);
    let change = format!(
        "/submissions/new?programme={}&study={}&lawful_basis={}&agreement={}",
        known.programme.id,
        known.study.id,
        known.basis.name(),
        escaped(about.agreement.trim())
    );
    let shown = FilePage {
        frame: Frame::of(app, user, "/submissions"),
        programme: &known.programme.name,
        study: &known.study.title,
        study_id: &known.study.id,
        basis: known.basis.words(),
        change,
        event,
        last_day,
        approval: known.study.needs_release,
        form: FileForm::new(user, &about, file_wrongs),
    };
    Ok(page_of(status, &shown))
}

/// A text as a query has it.
fn escaped(text: &str) -> String {
    let mut query = String::new();
    for b in text.bytes() {
        match b {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' => {
                query.push(char::from(b));
            }
            other => query.push_str(&format!("%{other:02X}")),
        }
    }
    query
}

/// The event that a study looks for, and the last day on which it leaves enough time afterwards.
pub fn what_it_needs(app: &App, study: &Offered) -> (String, Option<String>) {
    let Ok(study) = Study::parse(&study.id, &study.text) else {
        return ("event".into(), None);
    };
    let days = study.eligibility.follow_up_days + study.eligibility.recording_days;
    let cut_off: Option<Date> = app.register.cut_off().parse().ok();
    let last = cut_off.and_then(|d| d.checked_sub(i64::from(days).days()).ok());
    (study.words.event, last.map(|d| day(&d.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_a_query_is_read_back_as_it_was() {
        assert_eq!(
            escaped("DSA 2026/14 & more"),
            "DSA%202026%2F14%20%26%20more"
        );
        assert_eq!(escaped("é"), "%C3%A9");
    }

    #[test]
    fn what_went_wrong_with_a_file_is_told_without_the_words_of_the_api() {
        for problem in [
            Problem::too_large(1),
            Problem::too_slow(),
            Problem::unavailable("x", 60),
            Problem::too_many("x", 61),
            Problem::fault(),
        ] {
            let words = in_words(&problem);
            assert!(
                !words.contains("api") && words.starts_with(char::is_uppercase),
                "{words}"
            );
        }
        assert!(in_words(&Problem::unavailable("x", 60)).ends_with("Try again in 60 seconds."));
    }
}
