//! A list comes in, an answer goes out: one submission from its upload to its report, keys of
//! idempotency, places, and what is told meanwhile.

use crate::client::{Client, Upload};
use crate::kit::{Home, Options, TestApp, clean_list};
use counterpart::service::limits::Limits;
use counterpart::service::model::{Role, State, SubmissionId};
use serde_json::json;
use std::sync::atomic::Ordering;
use std::time::Duration;

fn upload(home: &Home, key: &str, file: &[u8]) -> Upload {
    Upload {
        study: "reoffending".into(),
        programme: home.programme.to_string(),
        file: file.to_vec(),
        key: Some(key.into()),
    }
}

fn id(answer: &crate::client::Answer) -> SubmissionId {
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_becomes_a_report_that_a_steward_releases() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    let taken = client.upload(&upload(&home, "key-1", &clean_list())).await;
    let id = id(&taken);
    let place = format!("/api/v1/submissions/{id}");
    assert_eq!(taken.header("location"), Some(place.as_str()));
    assert_eq!(taken.header("connection"), Some("close"));
    let body = taken.json();
    assert_eq!(body["salt"].as_str().unwrap().len(), 64);
    let events = client.get(&format!("{place}/events")).await;
    assert_eq!(events.header("content-type"), Some("text/event-stream"));
    for word in [
        "event: step",
        "\"received\"",
        "\"linking\"",
        "awaiting_release",
    ] {
        assert!(events.text.contains(word), "{word}: {}", events.text);
    }
    let state = app
        .wait_for(id, &[State::AwaitingRelease, State::Erased])
        .await;
    assert_eq!(state, State::AwaitingRelease);
    let early = client.get(&format!("{place}/report.json")).await;
    assert_eq!(early.problem(409), "conflict");
    let steward = app.client_of("department", Role::Steward).await;
    let findings = steward.get(&format!("{place}/findings")).await;
    assert_eq!(findings.status, 200);
    let decision = json!({ "decision": "approve", "reason": "the thresholds hold" });
    let approved = steward
        .post(&format!("{place}/approval"), decision.clone())
        .await;
    assert_eq!(approved.json()["state"], "released");
    let again = steward.post(&format!("{place}/approval"), decision).await;
    assert_eq!(again.problem(409), "conflict");
    let report = client.get(&format!("{place}/report.json")).await;
    assert_eq!(report.json(), findings.json());
    let page = client.get(&format!("{place}/report.html")).await;
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("default-src 'none'")
    );
    for (face, kind) in [
        ("report.csv", "text/csv"),
        (
            "report.xlsx",
            "application/vnd.openxmlformats-officedocument",
        ),
        ("report.ods", "application/vnd.oasis.opendocument"),
        ("report.pdf", "application/pdf"),
    ] {
        let file = client.get(&format!("{place}/{face}")).await;
        assert_eq!(file.status, 200, "{face}");
        assert!(file.header("content-type").unwrap().starts_with(kind));
        let kept = format!("attachment; filename=\"{face}\"");
        assert_eq!(file.header("content-disposition"), Some(kept.as_str()));
    }
    let missing = client.get(&format!("{place}/report.docx")).await;
    assert_eq!(missing.problem(404), "not-found");
    assert!(missing.text.contains("report.html"), "says which there are");
    assert_eq!(
        client.get(&format!("{place}/certificate")).await.status,
        200
    );
    let gone = client.delete(&place).await;
    assert_eq!(
        (gone.status, gone.json()["state"].as_str()),
        (200, Some("erased"))
    );
    assert_eq!(
        client.get(&format!("{place}/report.json")).await.status,
        409
    );
    assert_eq!(
        client.get(&format!("{place}/certificate")).await.status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_used_says_which_rows_and_columns() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    let taken = client
        .upload(&upload(&home, "k", b"\0\x01\x02 this is no list"))
        .await;
    let id = id(&taken);
    assert_eq!(app.wait_for(id, &[State::Erased]).await, State::Erased);
    let seen = client
        .get(&format!("/api/v1/submissions/{id}"))
        .await
        .json();
    assert_eq!(seen["reason"], "no_answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_makes_one_submission_and_one_worker() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    let first = id(&client.upload(&upload(&home, "key", b"forename\nx\n")).await);
    let workers = app.keeper.charged.load(Ordering::SeqCst);
    assert_eq!(workers, 1);
    let again = client.upload(&upload(&home, "key", b"forename\nx\n")).await;
    assert_eq!(id(&again), first);
    assert!(again.json().get("salt").is_none(), "told once");
    let other = client.upload(&upload(&home, "key", b"forename\ny\n")).await;
    assert_eq!(other.problem(422), "unprocessable");
    assert_eq!(
        app.keeper.charged.load(Ordering::SeqCst),
        1,
        "no worker for a replay"
    );
    let second = id(&client
        .upload(&upload(&home, "another", b"forename\nx\n"))
        .await);
    assert!(second != first);
    let elsewhere = app.home("other").await;
    let theirs = app.signed_in(&elsewhere.account).await;
    let theirs = id(&theirs
        .upload(&upload(&elsewhere, "key", b"forename\nx\n"))
        .await);
    assert!(
        theirs != first,
        "keys of different accounts are different keys"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_sent_many_times_at_once_makes_one_submission() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    let one = upload(&home, "key", b"forename\nx\n");
    let all = (0..6).map(|_| client.upload(&one));
    let ids: Vec<SubmissionId> = futures_util::future::join_all(all)
        .await
        .iter()
        .map(id)
        .collect();
    assert!(ids.iter().all(|i| *i == ids[0]), "{ids:?}");
    let listed = client.get("/api/v1/submissions").await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_keeps_of_an_upload_confirms_no_guess() {
    use sha2::{Digest as _, Sha256};

    let app = TestApp::start().await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    let file = b"forename\nx\n";
    id(&client.upload(&upload(&home, "1", file)).await);
    let digest: [u8; 32] = Sha256::digest(file).into();
    let dumped = app.store.dump(|table, column, value| {
        assert!(value != digest, "{table}.{column}");
        assert!(
            !value.windows(8).any(|w| w == b"list.csv"),
            "{table}.{column}"
        );
    });
    dumped.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn when_every_place_is_taken_the_sender_is_told_when_to_come_back() {
    let app = TestApp::with(Options {
        places: 1,
        ..Options::default()
    })
    .await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    let to_seal = json!({ "study": "reoffending", "programme": home.programme.to_string() });
    let held = client.post("/api/v1/sealed-uploads", to_seal).await;
    assert_eq!(held.status, 201, "{held:?}");
    let refused = client.upload(&upload(&home, "k", &clean_list())).await;
    assert_eq!(refused.problem(503), "unavailable");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!(wait >= 1);
    assert_eq!(refused.json()["retry_after"], wait);
    assert_eq!(
        client.get("/health/live").await.status,
        200,
        "the service goes on"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_has_so_many_uploads_a_minute() {
    let limits = Limits {
        uploads: 2,
        ..Limits::default()
    };
    let app = TestApp::with(Options {
        limits,
        ..Options::default()
    })
    .await;
    let (home, other) = (app.home("own").await, app.home("other").await);
    let client = app.signed_in(&home.account).await;
    for key in ["a", "b"] {
        id(&client.upload(&upload(&home, key, b"forename\nx\n")).await);
    }
    let refused = client.upload(&upload(&home, "c", b"forename\nx\n")).await;
    assert_eq!(refused.problem(429), "too-many");
    let theirs = app.signed_in(&other.account).await;
    id(&theirs.upload(&upload(&other, "a", b"forename\nx\n")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_an_incident_is_open_nothing_is_taken_in() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    let bad = app.standing(&home, State::Incident).await;
    app.keeper.taking_in.store(false, Ordering::SeqCst);
    let refused = client.upload(&upload(&home, "k", b"forename\nx\n")).await;
    assert_eq!(refused.problem(503), "unavailable");
    assert_eq!(
        client.get("/health/ready").await.problem(503),
        "unavailable"
    );
    let steward = app.client_of("department", Role::Steward).await;
    let listed = steward.get("/api/v1/incidents").await.json();
    assert_eq!(listed[0]["submission"], bad.to_string());
    let path = format!("/api/v1/incidents/{bad}/resolution");
    let resolved = steward
        .post(&path, json!({ "resolution": "a swapped disk" }))
        .await;
    assert_eq!(resolved.json()[0]["resolution"], "a swapped disk");
    id(&client.upload(&upload(&home, "k", b"forename\nx\n")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_list_is_erased_on_request() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    // One slot: the second waits.
    let mut ids = Vec::new();
    for key in ["a", "b"] {
        ids.push(id(&client.upload(&upload(&home, key, &clean_list())).await));
    }
    let path = format!("/api/v1/submissions/{}", ids[1]);
    let asked = client.delete(&path).await;
    assert_eq!(asked.status, 202, "{asked:?}");
    app.wait_for(ids[1], &[State::Erased]).await;
    let seen = client.get(&path).await.json();
    assert_eq!(
        (&seen["state"], &seen["reason"]),
        (&json!("erased"), &json!("withdrawn"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_to_seal_with_is_anothers_never_and_ends() {
    let limits = Limits {
        seal_lasts: Duration::from_millis(1_500),
        ..Limits::default()
    };
    let app = TestApp::with(Options {
        limits,
        ..Options::default()
    })
    .await;
    let (home, other) = (app.home("own").await, app.home("other").await);
    let client = app.signed_in(&home.account).await;
    let to_seal = json!({ "study": "reoffending", "programme": home.programme.to_string() });
    let key = client.post("/api/v1/sealed-uploads", to_seal).await.json();
    assert!(key["public_key"].as_str().unwrap().len() > 40);
    let sealed = key["id"].as_str().unwrap().to_owned();
    let send = async |client: &Client, home: &Home| {
        let form = reqwest::multipart::Form::new()
            .text("study", "reoffending")
            .text("programme", home.programme.to_string())
            .text("sealed", sealed.clone())
            .part("file", reqwest::multipart::Part::bytes(b"x".to_vec()));
        let request = client
            .request(reqwest::Method::POST, "/api/v1/submissions")
            .header("idempotency-key", "k")
            .multipart(form);
        client.send(request).await
    };
    let theirs = app.signed_in(&other.account).await;
    assert_eq!(send(&theirs, &other).await.problem(422), "unprocessable");
    let mut ended = app.keeper.ended.subscribe();
    let gone = tokio::time::timeout(Duration::from_secs(30), ended.wait_for(|n| *n == 1));
    assert!(gone.await.is_ok(), "its worker ends with it");
    assert_eq!(send(&client, &home).await.problem(422), "unprocessable");
}
