//! What every page has: its frame, its headers, and pages for what cannot be done.

use super::assets;
use super::visitor::{SignedIn, own_address};
use crate::service::api::App;
use crate::service::model::Role;
use crate::service::permissions::{Reach, Route, reach};
use crate::service::problem::{Kind, Problem};
use crate::service::store::StoreError;
use askama::Template;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What a page may do: load our own styles and scripts, ask this host, send forms to it. Nothing
/// inline, nothing from elsewhere, in nobody's frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
     img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// A part of the portal, as the navigation has it.
struct Part {
    address: &'static str,
    /// Who may go there.
    route: Route,
    words: fn(Role) -> &'static str,
}

const PARTS: [Part; 8] = [
    Part {
        address: "/submissions",
        route: Route::ListSubmissions,
        words: |role| match role {
            Role::Commissioner => "Reports",
            Role::Steward => "Lists",
            _ => "Your lists",
        },
    },
    Part {
        address: "/programmes",
        route: Route::ListProgrammes,
        words: |_| "Programmes",
    },
    Part {
        address: "/compare",
        route: Route::Compare,
        words: |_| "Compare",
    },
    Part {
        address: "/agreements",
        route: Route::SeeAgreements,
        words: |_| "Agreements",
    },
    Part {
        address: "/register",
        route: Route::SeeRegister,
        words: |_| "The register",
    },
    Part {
        address: "/ledger",
        route: Route::SeeLedger,
        words: |_| "Ledger",
    },
    Part {
        address: "/incidents",
        route: Route::ListIncidents,
        words: |_| "Incidents",
    },
    Part {
        address: "/audit",
        route: Route::ReadAudit,
        words: |_| "Audit trail",
    },
];

/// A link of the navigation.
pub struct Link {
    /// Where to.
    pub address: &'static str,
    /// What it says.
    pub words: &'static str,
    /// This page is part of it.
    pub current: bool,
}

/// Around a page's own content.
#[derive(Default)]
pub struct Frame {
    /// Where somebody who has signed in may go.
    pub links: Vec<Link>,
    /// Of forms; empty for visitors.
    pub csrf: String,
    /// Who has signed in.
    pub email: String,
    /// Everybody in the register is invented.
    pub invented: bool,
}

impl Frame {
    /// For somebody who has signed in and looks at a part, named by its address.
    pub fn of(app: &App, user: &SignedIn, current: &str) -> Frame {
        let role = user.caller.account.role;
        let open = |p: &&Part| match reach(p.route, role) {
            // The ledger is everybody's, and those are sent there who look after it.
            None => matches!(role, Role::Auditor | Role::Steward),
            Some(reach) => reach != Reach::No,
        };
        let link = |p: &Part| Link {
            address: p.address,
            words: (p.words)(role),
            current: p.address == current,
        };
        Frame {
            links: PARTS.iter().filter(open).map(link).collect(),
            csrf: user.csrf.clone(),
            email: user.caller.account.email.clone(),
            invented: app.register.is_synthetic(),
        }
    }

    /// For whoever has not.
    pub fn visitor(app: &App) -> Frame {
        Frame {
            invented: app.register.is_synthetic(),
            ..Frame::default()
        }
    }

    /// Address of the styles.
    pub fn styles(&self) -> Option<&'static str> {
        assets::address(assets::STYLES)
    }

    /// Address of the script.
    pub fn script(&self) -> Option<&'static str> {
        assets::address(assets::SCRIPT)
    }
}

/// Something in a form that must be put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Id of the field.
    pub field: &'static str,
    /// What to do, as a sentence.
    pub words: String,
}

/// All that must be put right in a form, in its order.
#[derive(Debug, Default)]
pub struct Wrongs(pub Vec<Wrong>);

impl Wrongs {
    /// One more.
    pub fn add(&mut self, field: &'static str, words: impl Into<String>) {
        let words = words.into();
        self.0.push(Wrong { field, words });
    }

    /// Nothing is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with a field, if anything is.
    pub fn of(&self, field: &str) -> Option<&str> {
        let found = self.0.iter().find(|w| w.field == field);
        found.map(|w| w.words.as_str())
    }
}

/// A page.
pub fn page(template: &impl Template) -> Response {
    page_of(StatusCode::OK, template)
}

/// A page with another status.
pub fn page_of(status: StatusCode, template: &impl Template) -> Response {
    let Ok(text) = template.render() else {
        tracing::error!("a page could not be written");
        return Problem::fault().into_response();
    };
    let headers: [(HeaderName, HeaderValue); 3] = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ),
        (header::VARY, HeaderValue::from_static("cookie")),
    ];
    (status, headers, text).into_response()
}

/// Says where to go on, with another request.
pub fn see(address: &str) -> Response {
    // Addresses of ours and ids: visible ASCII.
    let place = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

/// A file to be kept by whoever asks for it.
pub fn download(bytes: Vec<u8>, media_type: &str, name: &str) -> Response {
    let kind = HeaderValue::from_str(media_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let name = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
        .unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, name),
    ];
    (headers, bytes).into_response()
}

/// Why there is no page.
#[derive(Debug)]
pub enum Failed {
    /// Somebody has to sign in first.
    SignIn {
        /// Where to go then.
        next: String,
    },
    /// Something else.
    Problem(Problem),
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Failed {
        Failed::Problem(problem)
    }
}

impl From<StoreError> for Failed {
    fn from(e: StoreError) -> Failed {
        Failed::Problem(e.into())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        match self {
            Failed::SignIn { next } => match own_address(&next) {
                Some("/") | None => see("/sign-in"),
                Some(next) => {
                    let next = next.replace('%', "%25").replace('&', "%26");
                    see(&format!(
                        "/sign-in?next={}",
                        next.replace('+', "%2B").replace('#', "%23")
                    ))
                }
            },
            Failed::Problem(problem) => problem_page(&problem),
        }
    }
}

#[derive(Template)]
#[template(path = "templates/problem.html")]
struct ProblemPage<'a> {
    frame: Frame,
    title: &'a str,
    paragraphs: Vec<String>,
}

/// On the answer of a page that tells of a problem, until it is known who looks at it.
#[derive(Clone)]
struct Told(Problem);

/// Gives pages that tell of a problem the menu of whoever has signed in: nobody is to be stranded there.
pub async fn with_menu(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let mut asked = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(Told(problem)) = response.extensions().get().cloned() else {
        return response;
    };
    let Ok(user) = SignedIn::from_request_parts(&mut asked, &app).await else {
        return response;
    };
    let (head, _) = response.into_parts();
    let anew = problem_page_in(Frame::of(&app, &user, ""), &problem);
    Response::from_parts(head, anew.into_body())
}

/// A problem in words for people who use no API.
pub fn problem_page(problem: &Problem) -> Response {
    let mut response = problem_page_in(Frame::default(), problem);
    response.extensions_mut().insert(Told(problem.clone()));
    response
}

fn problem_page_in(frame: Frame, problem: &Problem) -> Response {
    let kind = Kind::ALL
        .iter()
        .find(|k| k.status().as_u16() == problem.status);
    let wait = problem.retry_after.map(waiting);
    let (title, mut paragraphs): (&str, Vec<&str>) = match kind {
        Some(Kind::NotFound) => (
            "Page not found",
            vec![
                "If you typed the web address, check it is right.",
                "If you followed a link, the page may belong to another organisation, or may be gone.",
            ],
        ),
        Some(Kind::Forbidden) => (
            "You cannot do this with your account",
            vec![
                "Your account is for other things, or the page you came from was too old.",
                "Go back, open the page again and try once more. If it stays, ask the department that runs this service.",
            ],
        ),
        Some(Kind::Conflict) => (
            "This cannot be done now",
            vec![
                "Things have moved on since you opened the page.",
                "Go back to the list to see where it stands now.",
            ],
        ),
        Some(Kind::TooMany) => (
            "You have tried too often",
            vec!["To keep the service safe we only take so many tries in a minute."],
        ),
        Some(Kind::Unavailable) => (
            "The service cannot do this at the moment",
            vec!["Nothing you sent has been kept."],
        ),
        Some(Kind::TooLarge | Kind::TooSlow | Kind::BadRequest | Kind::Unprocessable) => (
            "We could not read what you sent",
            vec!["Nothing of it was kept. Go back and try again."],
        ),
        Some(Kind::MethodNotAllowed | Kind::MediaType) => (
            "Page not found",
            vec!["This address cannot be opened like this. Go back and try again."],
        ),
        _ => (
            "Sorry, there is a problem with the service",
            vec![
                "Try again later.",
                "If you were handing in a list, look at your lists first: it may have arrived.",
            ],
        ),
    };
    paragraphs.extend(wait.as_deref());
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let page = ProblemPage {
        frame,
        title,
        paragraphs: paragraphs.into_iter().map(str::to_owned).collect(),
    };
    let mut response = page_of(status, &page);
    if let Some(seconds) = problem.retry_after {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// How long to wait, in words.
pub fn waiting(seconds: u64) -> String {
    match seconds {
        0..=1 => "Try again in a second.".into(),
        2..=90 => format!("Try again in {seconds} seconds."),
        _ => format!("Try again in {} minutes.", seconds.div_ceil(60)),
    }
}
