//! Health, metrics, headers, and what is logged.

use crate::client::Client;
use crate::kit::{Options, TestApp};
use counterpart::service::api::Settings as Answers;
use counterpart::service::model::State;
use reqwest::Method;

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_forbids_keeping_framing_and_guessing() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    let mut ids = Vec::new();
    for path in [
        "/health/live",
        "/api/v1/programmes",
        "/nowhere",
        "/api/v1/openapi.json",
    ] {
        let answer = client.get(path).await;
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("script"));
        assert!(answer.header("server").is_none() && answer.header("x-powered-by").is_none());
        assert!(answer.header("access-control-allow-origin").is_none());
        assert!(
            answer.header("strict-transport-security").is_none(),
            "no TLS here"
        );
        ids.push(answer.header("x-request-id").unwrap().to_owned());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4, "each request has its own id");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_name_routes_and_nobody() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    let id = app.standing(&home, State::Released).await;
    client.get(&format!("/api/v1/submissions/{id}")).await;
    client.get("/Zebedee?Quark=1").await;
    let told = app.visitor().get("/metrics").await;
    assert_eq!(told.status, 200);
    let line = "counterpart_requests_total{method=\"GET\",route=\"/api/v1/submissions/{id}\",status=\"200\"} 1";
    assert!(told.text.contains(line), "{}", told.text);
    for line in [
        "counterpart_request_seconds_bucket",
        "counterpart_workers{phase=\"waiting\"} 0",
        "counterpart_open_incidents 0",
    ] {
        assert!(told.text.contains(line), "{line}");
    }
    let account = home.account.id.to_string();
    let organisation = home.account.organisation.to_string();
    let id = id.to_string();
    for never in [
        account.as_str(),
        &organisation,
        &id,
        "Zebedee",
        "Quark",
        "example.org",
    ] {
        assert!(!told.text.contains(never), "{never}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_told_on_this_machine_only_unless_opened() {
    let forwarded = async |answers: Answers| {
        let app = TestApp::with(Options {
            answers,
            ..Options::default()
        })
        .await;
        let visitor: Client = app.visitor();
        let request = visitor.request(Method::GET, "/metrics");
        visitor
            .send(request.header("x-forwarded-for", "203.0.113.7"))
            .await
    };
    let closed = forwarded(Answers::default()).await;
    assert_eq!(closed.problem(403), "forbidden");
    let open = Answers {
        open_metrics: true,
        ..Answers::default()
    };
    assert_eq!(forwarded(open).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_shows_studies_and_the_register_without_a_row_of_anybody() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    let studies = client.get("/api/v1/studies").await.json();
    assert_eq!(studies[0]["id"], "reoffending");
    assert!(studies[0].get("file").is_none());
    let study = client.get("/api/v1/studies/reoffending").await.json();
    assert!(study["file"].as_str().unwrap().contains("[[outcomes]]"));
    assert_eq!(
        client.get("/api/v1/studies/none").await.problem(404),
        "not-found"
    );
    let register = client.get("/api/v1/register").await.json();
    assert_eq!(register["synthetic"], true);
    let columns = register["columns"].as_array().unwrap();
    assert!(columns.iter().any(|c| c["role"] == "identifier"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_is_open_to_everybody() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let visitor = app.visitor();
    assert_eq!(
        visitor.get("/api/v1/ledger/checkpoint").await.problem(404),
        "not-found"
    );
    app.standing(&home, State::Released).await;
    let note = visitor.get("/api/v1/ledger/checkpoint").await;
    assert!(
        note.header("content-type")
            .unwrap()
            .starts_with("text/plain")
    );
    assert!(note.text.starts_with("test log\n1\n"));
    let entry = visitor.get("/api/v1/ledger/entries/0").await.json();
    assert_eq!(entry["leaf"].as_str().unwrap().len(), 64);
    assert_eq!(
        visitor.get("/api/v1/ledger/entries/1").await.problem(404),
        "not-found"
    );
    let consistent = visitor.get("/api/v1/ledger/consistency?from=1&to=1").await;
    assert_eq!(consistent.status, 200);
    for query in ["?from=0&to=1", "?from=1&to=2"] {
        let answer = visitor
            .get(&format!("/api/v1/ledger/consistency{query}"))
            .await;
        assert!([400, 422].contains(&answer.status), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_trail_tells_who_did_what() {
    use counterpart::service::model::Role;

    let app = TestApp::start().await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    let made = client
        .post("/api/v1/programmes", serde_json::json!({ "name": "new" }))
        .await;
    assert_eq!(made.status, 201);
    let auditor = app.client_of("audit", Role::Auditor).await;
    let trail = auditor.get("/api/v1/audit?most=1000").await.json();
    let rows = trail.as_array().unwrap();
    let by = format!("account {}", home.account.id);
    assert!(
        rows.iter()
            .any(|r| r["actor"] == by && r["action"] == "programme.make")
    );
    let later = auditor.get("/api/v1/audit?after=1&most=1").await.json();
    assert_eq!(later[0]["place"], 2);
}
