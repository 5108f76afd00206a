//! One list: where it stands, as a page that fits it. Following it as it goes; erasing it.

use super::hand_in::{About, what_it_needs};
use super::page::{Failed, Frame, Wrongs, page, see};
use super::problems::{Problems, ProblemsPage};
use super::upload::FileForm;
use super::visitor::{Posted, SignedIn};
use super::words::{moment, sentence, steps, tag};
use crate::service::api::App;
use crate::service::api::follow::told;
use crate::service::api::submissions::withdrawn;
use crate::service::api::upload::TO_BE_CHECKED;
use crate::service::model::{EndReason, State as Stand, SubmissionId};
use crate::service::permissions::{Decision, Reach, Route, Subject, may, reach};
use crate::service::problem::Problem;
use crate::service::store::Submission;
use crate::service::worker::{CHECKED, Problem as WhyNot};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

/// What every page about a list shows of it.
pub struct Head {
    /// Its id.
    pub id: SubmissionId,
    /// Name of the programme.
    pub programme: String,
    /// Name of the organisation, where it is not the reader's own.
    pub organisation: String,
    /// What the study asks.
    pub study: String,
    /// When it came.
    pub received: String,
    /// Where it stands, in words.
    pub tag: &'static str,
    /// The tag's colour.
    pub colour: &'static str,
    /// Reference of the agreement, and the lawful basis.
    pub agreement: Option<(String, &'static str)>,
}

impl Head {
    /// Of a submission that this reader may know of.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn of(app: &App, user: &SignedIn, found: &Submission) -> Result<Head, Problem> {
        let programme = app.store.programme(found.programme).await?;
        let organisation = match found.organisation == user.caller.account.organisation {
            true => String::new(),
            false => app.store.organisation(found.organisation).await?.name,
        };
        let study = app.studies.get(&found.study);
        // Between an organisation and the department: nothing for those who read what is released.
        let role = user.caller.account.role;
        let agreement = match reach(Route::SeeSubmission, role) {
            Some(Reach::Released) => None,
            _ => app.store.agreement(found.id).await?,
        };
        let (tag, colour) = tag(found);
        Ok(Head {
            id: found.id,
            programme: programme.name,
            organisation,
            study: study.map_or_else(|| found.study.clone(), |s| s.title.clone()),
            received: moment(found.received_at),
            tag,
            colour,
            agreement: agreement.map(|a| (a.reference, a.basis.words())),
        })
    }
}

/// Whether a reader may do this to it as it stands.
pub fn can(user: &SignedIn, route: Route, found: &Submission) -> bool {
    let subject = Subject::Submission {
        organisation: found.organisation,
        state: found.state,
    };
    may(route, &user.caller.account, subject) == Decision::Allow
}

/// Steps of a list that is only to be checked.
const CHECK: [&str; 4] = ["received", "started", "reading", "erased"];

struct StepLine {
    name: &'static str,
    words: String,
    /// `done`, `now` or `next`.
    how: &'static str,
    mark: &'static str,
}

#[derive(Template)]
#[template(path = "templates/progress.html")]
struct ProgressPage {
    frame: Frame,
    head: Head,
    steps: Vec<StepLine>,
    now: String,
    withdraws: bool,
}

#[derive(Template)]
#[template(path = "templates/ended.html")]
struct EndedPage {
    frame: Frame,
    head: Head,
    title: &'static str,
    paragraphs: Vec<String>,
    /// There is a report to be read.
    report: bool,
    /// Its results may be published.
    publishes: bool,
    /// There are findings to be judged.
    decide: bool,
    certificate: bool,
    withdraws: bool,
    incident: bool,
}

/// A list's page.
pub async fn see_one(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failed> {
    let found = user
        .caller
        .submission(&app, Route::SeeSubmission, &id)
        .await?;
    let head = Head::of(&app, &user, &found).await?;
    let frame = Frame::of(&app, &user, "/submissions");
    if found.state.has_worker() {
        return Ok(page(&progress(&app, &user, &found, frame, head)));
    }
    let problem = found.problem.clone();
    // Written by this program: another version's may not be understood.
    let problem = problem.and_then(|p| serde_json::from_value::<WhyNot>(p).ok());
    match problem.filter(|_| found.state == Stand::Erased) {
        Some(problem) => {
            let form = again(&app, &user, &found, problem.code == CHECKED).await?;
            Ok(page(&ProblemsPage {
                frame,
                head,
                problems: Problems::of(problem),
                certificate: can(&user, Route::ReadCertificate, &found),
                form,
            }))
        }
        None => Ok(page(&ended(&user, &found, frame, head))),
    }
}

/// The form with which the same people hand the list in again.
async fn again(
    app: &App,
    user: &SignedIn,
    found: &Submission,
    checked: bool,
) -> Result<Option<FileForm>, Problem> {
    let own = user.caller.account.organisation == found.organisation;
    let submits = reach(Route::Submit, user.caller.account.role) != Some(Reach::No);
    let Some(agreement) = app.store.agreement(found.id).await? else {
        return Ok(None);
    };
    let about = About {
        programme: found.programme.to_string(),
        study: found.study.clone(),
        agreement: agreement.reference,
        lawful_basis: agreement.basis.name().into(),
        agreed: "yes".into(),
        // What can be used is next to be reported on.
        check: if checked { "no" } else { "yes" }.into(),
    };
    let form = || FileForm::new(user, &about, Wrongs::default());
    Ok((own && submits).then(form))
}

fn progress(
    app: &App,
    user: &SignedIn,
    found: &Submission,
    frame: Frame,
    head: Head,
) -> ProgressPage {
    let study = app.studies.get(&found.study);
    let event = study.map_or_else(|| "event".into(), |s| what_it_needs(app, s).0);
    let mut all = steps(&event);
    if found.steps.iter().any(|s| s.name == TO_BE_CHECKED) {
        all.retain(|(name, _)| CHECK.contains(name));
    }
    let reached = |name: &str| found.steps.iter().any(|s| s.name == name);
    let now = all.iter().rposition(|(name, _)| reached(name)).unwrap_or(0);
    let line = |(i, (name, words)): (usize, (&'static str, String))| {
        let (how, mark) = match i.cmp(&now) {
            std::cmp::Ordering::Less => ("done", "Done"),
            std::cmp::Ordering::Equal => ("now", "Now"),
            std::cmp::Ordering::Greater => ("next", "To do"),
        };
        StepLine {
            name,
            words,
            how,
            mark,
        }
    };
    let steps: Vec<StepLine> = all.into_iter().enumerate().map(line).collect();
    ProgressPage {
        frame,
        head,
        now: steps.get(now).map_or(String::new(), |s| s.words.clone()),
        steps,
        withdraws: can(user, Route::Withdraw, found),
    }
}

fn ended(user: &SignedIn, found: &Submission, frame: Frame, head: Head) -> EndedPage {
    let reason = found.steps.iter().rev().find_map(|s| s.note.clone());
    let (title, paragraphs): (&str, Vec<String>) = match (found.state, found.reason) {
        (Stand::AwaitingRelease, _) if can(user, Route::Decide, found) => (
            "This report waits for your check",
            vec!["Look at what it says before anybody else can read it.".into()],
        ),
        (Stand::AwaitingRelease, _) => (
            "Your report is written",
            vec![
                "Your list is erased, and we have checked that it is gone.".into(),
                "The department now checks that the report gives nobody away. Then you can read it here.".into(),
            ],
        ),
        (Stand::Released, _) => (
            "The report is ready",
            vec!["The list is erased. Nobody can be recognised in the report.".into()],
        ),
        (Stand::Incident, _) => (
            "Something is being looked into",
            vec![
                "We could not show that the list is gone. So there is no report, and we take in no more lists until the department has dealt with it.".into(),
            ],
        ),
        (_, Some(EndReason::Withdrawn)) => (
            "This list was withdrawn",
            vec!["The list is erased, and so is the report if there was one.".into()],
        ),
        (_, Some(EndReason::NotApproved)) => (
            "The report was not released",
            ["The department decided that the report cannot be released. It is erased, as the list is.".to_owned()]
                .into_iter()
                .chain(reason.map(|r| format!("The reason given: {}", sentence(&r))))
                .collect(),
        ),
        _ => (
            "This list did not get to its end",
            vec!["The list is erased. You can hand it in again.".into()],
        ),
    };
    EndedPage {
        frame,
        head,
        title,
        paragraphs,
        report: can(user, Route::ReadReport, found),
        publishes: can(user, Route::Publish, found),
        decide: can(user, Route::Decide, found),
        certificate: can(user, Route::ReadCertificate, found),
        withdraws: can(user, Route::Withdraw, found),
        incident: can(user, Route::ResolveIncident, found),
    }
}

/// What happens to it, as it happens.
pub async fn events(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let found = user
        .caller
        .submission(&app, Route::SeeSubmission, &id)
        .await?;
    Ok(told(app, &found, &headers))
}

#[derive(Template)]
#[template(path = "templates/withdraw.html")]
struct WithdrawPage {
    frame: Frame,
    head: Head,
    held: bool,
}

/// Asks whether it is meant.
pub async fn ask_to_withdraw(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failed> {
    let found = user.caller.submission(&app, Route::Withdraw, &id).await?;
    Ok(page(&WithdrawPage {
        frame: Frame::of(&app, &user, "/submissions"),
        head: Head::of(&app, &user, &found).await?,
        held: found.state.has_worker(),
    }))
}

/// Erases it.
pub async fn withdraw(
    State(app): State<App>,
    Path(id): Path<String>,
    sent: Posted,
) -> Result<Response, Failed> {
    let (now, _) = withdrawn(&app, &sent.user.caller, &id).await?;
    Ok(see(&format!("/submissions/{}", now.id)))
}
