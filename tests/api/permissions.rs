//! Every row of the table of permissions, through HTTP: role by tenant by state.

use crate::client::{Answer, Client, Upload};
use crate::kit::{Home, TestApp};
use counterpart::service::model::{Role, State, SubmissionId};
use counterpart::service::permissions::{Decision, Route, Subject, may};
use counterpart::service::store::Account;
use reqwest::Method;
use serde_json::json;

/// What the table says, as a status; `None`: it lets the request through.
fn told(decision: Decision) -> Option<u16> {
    match decision {
        Decision::Allow => None,
        Decision::Hidden => Some(404),
        Decision::Forbidden => Some(403),
        Decision::NotNow => Some(409),
    }
}

#[track_caller]
fn agrees(answer: &Answer, decision: Decision, what: &str) {
    match told(decision) {
        Some(status) => assert_eq!(answer.status, status, "{what}: {answer:?}"),
        None => assert!(
            ![401, 403].contains(&answer.status) && answer.status < 500,
            "{what}: {answer:?}"
        ),
    }
}

/// An account of each role, in the home's own organisation.
async fn people(app: &TestApp, home: &str) -> Vec<(Account, Client)> {
    let mut people = Vec::new();
    for role in Role::ALL {
        let email = format!("{role:?}@{home}.example.org");
        let account = app.account(&email, home, role).await;
        let client = app.signed_in(&account).await;
        people.push((account, client));
    }
    people
}

async fn ask(client: &Client, route: Route, id: SubmissionId) -> Option<Answer> {
    let at = |rest: &str| format!("/api/v1/submissions/{id}{rest}");
    Some(match route {
        Route::SeeSubmission => client.get(&at("")).await,
        Route::ReadReport => client.get(&at("/report.json")).await,
        Route::ReadFindings => client.get(&at("/findings")).await,
        Route::ReadCertificate => client.get(&at("/certificate")).await,
        Route::Withdraw => client.delete(&at("")).await,
        Route::Decide => {
            let body = json!({ "decision": "approve", "reason": "checked" });
            client.post(&at("/approval"), body).await
        }
        Route::Publish => {
            let request = client.request(Method::PUT, &at("/publication"));
            client
                .send(request.json(&json!({ "provider_says": "we help" })))
                .await
        }
        Route::ResolveIncident => {
            let path = format!("/api/v1/incidents/{id}/resolution");
            client
                .post(&path, json!({ "resolution": "looked into" }))
                .await
        }
        _ => return None,
    })
}

const ABOUT_ONE: [Route; 8] = [
    Route::SeeSubmission,
    Route::ReadReport,
    Route::ReadFindings,
    Route::ReadCertificate,
    Route::Withdraw,
    Route::Decide,
    Route::Publish,
    Route::ResolveIncident,
];

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_a_submission_gets_what_the_table_says() {
    let app = TestApp::start().await;
    let own: Home = app.home("own").await;
    app.home("other").await;
    let mut asked = 0;
    for home in ["own", "other"] {
        for (account, client) in people(&app, home).await {
            for state in State::ALL {
                // One that may be read serves all who only read; who changes it gets another.
                let shared = app.standing(&own, state).await;
                for route in ABOUT_ONE {
                    let changes = matches!(
                        route,
                        Route::Withdraw | Route::Decide | Route::ResolveIncident
                    );
                    let id = match changes {
                        true => app.standing(&own, state).await,
                        false => shared,
                    };
                    let organisation = own.account.organisation;
                    let subject = Subject::Submission {
                        organisation,
                        state,
                    };
                    let decision = match may(route, &account, Subject::Nothing) {
                        Decision::Allow => may(route, &account, subject),
                        no => no,
                    };
                    let what = format!("{route:?}, {home} {:?}, {state:?}", account.role);
                    let answer = ask(&client, route, id).await.unwrap();
                    if route == Route::Withdraw && decision == Decision::Allow && state.has_worker()
                    {
                        // Its worker belongs to a server that is not this one.
                        assert_eq!(answer.status, 409, "{what}");
                    } else {
                        agrees(&answer, decision, &what);
                    }
                    asked += 1;
                }
            }
        }
    }
    assert_eq!(asked, 2 * 5 * 6 * 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_about_nothing_in_particular_asks_the_role_alone() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    for (account, client) in people(&app, "own").await {
        let asks = [
            (Route::ListTokens, Method::GET, "/api/v1/tokens", None),
            (
                Route::MakeToken,
                Method::POST,
                "/api/v1/tokens",
                Some(json!({ "name": "t", "days": 1 })),
            ),
            (Route::SeeStudies, Method::GET, "/api/v1/studies", None),
            (
                Route::SeeStudies,
                Method::GET,
                "/api/v1/studies/reoffending",
                None,
            ),
            (Route::SeeRegister, Method::GET, "/api/v1/register", None),
            (
                Route::ListProgrammes,
                Method::GET,
                "/api/v1/programmes",
                None,
            ),
            (
                Route::MakeProgramme,
                Method::POST,
                "/api/v1/programmes",
                Some(json!({ "name": format!("of {:?}", account.role) })),
            ),
            (
                Route::ListSubmissions,
                Method::GET,
                "/api/v1/submissions",
                None,
            ),
            (
                Route::Compare,
                Method::GET,
                "/api/v1/comparison?study=reoffending",
                None,
            ),
            (
                Route::SeeAgreements,
                Method::GET,
                "/api/v1/agreements",
                None,
            ),
            (
                Route::MakeAgreement,
                Method::POST,
                "/api/v1/agreements",
                Some(json!({
                    "reference": format!("of {:?}", account.role), "parties": "p", "purpose": "p",
                    "lawful_basis": "consent", "fields": ["dob"], "retention": "r",
                    "starts": "2026-01-01", "ends": "2026-12-31",
                })),
            ),
            (
                Route::SignAgreement,
                Method::POST,
                "/api/v1/agreements/00000000000000000000000000000000/signature",
                None,
            ),
            (Route::ReadAudit, Method::GET, "/api/v1/audit", None),
            (Route::ListIncidents, Method::GET, "/api/v1/incidents", None),
            (
                Route::SealUpload,
                Method::POST,
                "/api/v1/sealed-uploads",
                Some(json!({ "study": "no-such", "programme": "x" })),
            ),
        ];
        for (route, method, path, body) in asks {
            let request = client.request(method, path);
            let request = match body {
                Some(body) => request.json(&body),
                None => request,
            };
            let answer = client.send(request).await;
            let decision = may(route, &account, Subject::Nothing);
            agrees(&answer, decision, &format!("{route:?} {:?}", account.role));
        }
        let upload = Upload {
            study: "no-such".into(),
            programme: home.programme.to_string(),
            file: b"x".to_vec(),
            key: Some("k".into()),
        };
        let answer = client.upload(&upload).await;
        let decision = may(Route::Submit, &account, Subject::Nothing);
        agrees(&answer, decision, &format!("Submit {:?}", account.role));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nothing_but_health_sign_in_and_the_ledger_answers() {
    let app = TestApp::start().await;
    let id = SubmissionId::random();
    let visitor = app.visitor();
    for route in ABOUT_ONE {
        let answer = ask(&visitor, route, id).await.unwrap();
        assert_eq!(answer.problem(401), "unauthorised", "{route:?}");
    }
    for path in [
        "tokens",
        "programmes",
        "submissions",
        "studies",
        "register",
        "audit",
        "incidents",
        "agreements",
        "comparison?study=reoffending",
    ] {
        let answer = visitor.get(&format!("/api/v1/{path}")).await;
        assert_eq!(answer.problem(401), "unauthorised", "{path}");
    }
    for path in [
        "/health/live",
        "/health/ready",
        "/api/v1/openapi.json",
        "/api/v1/problems",
    ] {
        assert_eq!(visitor.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_hold_what_each_role_may_see() {
    let app = TestApp::start().await;
    let (own, other) = (app.home("own").await, app.home("other").await);
    let waiting = app.standing(&own, State::AwaitingRelease).await;
    let released = app.standing(&own, State::Released).await;
    let foreign = app.standing(&other, State::Running).await;
    let seen = async |client: &Client, query: &str| -> Vec<String> {
        let answer = client.get(&format!("/api/v1/submissions{query}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let list = answer.json();
        let ids = list.as_array().unwrap().iter();
        let mut ids: Vec<String> = ids.map(|s| s["id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let sorted = |ids: &[SubmissionId]| {
        let mut ids: Vec<String> = ids.iter().map(|i| i.to_string()).collect();
        ids.sort();
        ids
    };
    let charity = app.signed_in(&own.account).await;
    assert_eq!(seen(&charity, "").await, sorted(&[waiting, released]));
    assert_eq!(seen(&charity, "?state=released").await, sorted(&[released]));
    let steward = app.client_of("department", Role::Steward).await;
    assert_eq!(
        seen(&steward, "").await,
        sorted(&[waiting, released, foreign])
    );
    assert_eq!(seen(&steward, "?most=1").await.len(), 1);
    let commissioner = app.client_of("council", Role::Commissioner).await;
    assert_eq!(seen(&commissioner, "").await, sorted(&[released]));
    assert!(seen(&commissioner, "?state=running").await.is_empty());
    let programmes = commissioner.get("/api/v1/programmes").await.json();
    assert_eq!(programmes.as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_programme_of_another_organisation_is_as_one_that_is_not() {
    let app = TestApp::start().await;
    let (own, other) = (app.home("own").await, app.home("other").await);
    let client = app.signed_in(&own.account).await;
    let mut told = Vec::new();
    for programme in [other.programme.to_string(), "0".repeat(32), "no id".into()] {
        let upload = Upload {
            study: "reoffending".into(),
            programme,
            file: b"x".to_vec(),
            key: Some("k".into()),
        };
        let answer = client.upload(&upload).await;
        assert_eq!(answer.problem(404), "not-found");
        told.push(answer.text);
    }
    assert!(told.iter().all(|t| *t == told[0]));
    assert_eq!(
        app.keeper.charged.load(std::sync::atomic::Ordering::SeqCst),
        0
    );
}
