//! The portal: pages for people, on the same store and by the same functions as the API. Each page
//! works without script, asks the table of permissions ([`super::permissions`]), and may load and
//! run nothing but our own files.

mod agreements;
mod approve;
mod assets;
mod audit;
mod certificate;
mod compare;
mod empty_list;
mod findings;
mod hand_in;
mod ledger;
mod lists;
mod open_data;
mod page;
mod power;
mod problems;
mod programmes;
mod publish;
mod register;
mod report;
mod sign_in;
mod start;
mod submission;
mod upload;
mod visitor;
mod words;

pub use assets::tell_if_missing;
pub use page::with_menu;

use super::api::App;
use super::permissions::Route;
use super::problem::Problem;
use axum::Router;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

macro_rules! places {
    ($($method:ident $path:literal $route:ident => $handler:path;)*) => {
        /// Every address of the portal: method, path, and what the table of permissions calls it.
        pub const PLACES: &[(&str, &str, Route)] = &[
            $((stringify!($method), $path, Route::$route)),*
        ];

        /// All of them, and who answers.
        pub fn routes() -> Router<App> {
            Router::new()$(.route($path, $method($handler)))*
        }
    };
}

places! {
    get "/" SeePortal => start::start;
    get "/erasure" SeePortal => start::erasure;
    get "/power" SeePortal => power::power;
    get "/assets/{name}" SeePortal => assets::give;
    get "/ledger" SeeLedger => ledger::ledger;
    get "/sign-in" OpenSession => sign_in::form;
    post "/sign-in" OpenSession => sign_in::sign_in;
    post "/sign-out" CloseSession => sign_in::sign_out;
    get "/programmes" ListProgrammes => programmes::list;
    get "/programmes/new" MakeProgramme => programmes::new;
    post "/programmes/new" MakeProgramme => programmes::make;
    get "/studies/{id}/{file}" SeeStudies => empty_list::give;
    get "/submissions" ListSubmissions => lists::list;
    get "/submissions/new" Submit => hand_in::about;
    get "/submissions/file" Submit => hand_in::file;
    post "/submissions" Submit => upload::upload;
    post "/submissions/seal" SealUpload => upload::seal;
    get "/submissions/{id}" SeeSubmission => submission::see_one;
    get "/submissions/{id}/events" SeeSubmission => submission::events;
    get "/submissions/{id}/problems/{file}" SeeSubmission => problems::list;
    get "/submissions/{id}/withdraw" Withdraw => submission::ask_to_withdraw;
    post "/submissions/{id}/withdraw" Withdraw => submission::withdraw;
    get "/submissions/{id}/report" ReadReport => report::report;
    get "/submissions/{id}/report/read" ReadReport => report::read;
    get "/submissions/{id}/report/{file}" ReadReport => report::file;
    get "/submissions/{id}/findings" ReadFindings => report::findings;
    get "/submissions/{id}/certificate" ReadCertificate => certificate::certificate;
    get "/submissions/{id}/certificate/file" ReadCertificate => certificate::file;
    get "/submissions/{id}/approval" Decide => approve::ask;
    post "/submissions/{id}/approval" Decide => approve::decide;
    get "/submissions/{id}/publication" Publish => publish::ask;
    post "/submissions/{id}/publication" Publish => publish::publish;
    post "/submissions/{id}/publication/end" Publish => publish::take_back;
    get "/compare" Compare => compare::compare;
    get "/compare/{file}" Compare => compare::file;
    get "/agreements" SeeAgreements => agreements::list;
    get "/agreements/new" MakeAgreement => agreements::new;
    post "/agreements/new" MakeAgreement => agreements::make;
    get "/agreements/{agreement}" SeeAgreements => agreements::see_one;
    get "/agreements/{agreement}/assessment" SeeAgreements => agreements::assessment;
    post "/agreements/{agreement}/signature" SignAgreement => agreements::sign;
    post "/agreements/{agreement}/end" SignAgreement => agreements::end;
    get "/open-data" SeeOpenData => open_data::open_data;
    get "/open-data/{file}" SeeOpenData => open_data::file;
    get "/open-data/register/{file}" SeeOpenData => open_data::register;
    get "/register" SeeRegister => register::register;
    get "/audit" ReadAudit => audit::trail;
    get "/incidents" ListIncidents => audit::incidents;
    post "/incidents/{id}/resolution" ResolveIncident => audit::resolve;
}

/// What cannot be done, for whoever asks: a page for a browser, a problem document else.
pub fn refused(headers: &HeaderMap, problem: Problem) -> Response {
    let accept = headers.get("accept").and_then(|v| v.to_str().ok());
    match accept.is_some_and(|a| a.contains("text/html")) {
        true => page::problem_page(&problem),
        false => problem.into_response(),
    }
}
