//! Data-sharing agreements: both sides sign, columns are covered or refused, and nothing crosses from
//! one organisation to another.

use crate::client::{Answer, Client, Upload};
use crate::kit::{Home, TestApp, clean_list};
use counterpart::service::model::{EndReason, Role, State, SubmissionId};
use serde_json::{Value, json};

const EVERY: [&str; 11] = [
    "forename",
    "surname",
    "dob",
    "sex",
    "postcode",
    "pnc_id",
    "prison_number",
    "programme_start",
    "programme_end",
    "ethnicity",
    "other",
];

fn terms(fields: &[&str], starts: &str, ends: &str) -> Value {
    json!({
        "reference": "DSA 7", "parties": "Own and the department", "purpose": "to learn what works",
        "lawful_basis": "public_task", "fields": fields, "retention": "until the answer is there",
        "starts": starts, "ends": ends,
    })
}

async fn hands_in(client: &Client, home: &Home, key: &str) -> Answer {
    let upload = Upload {
        study: "reoffending".into(),
        programme: home.programme.to_string(),
        file: clean_list(),
        key: Some(key.into()),
    };
    client.upload(&upload).await
}

async fn registered(client: &Client, terms: Value) -> String {
    let made = client.post("/api/v1/agreements", terms).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.json()["standing"], "unsigned");
    made.json()["id"].as_str().unwrap().to_owned()
}

async fn standing(client: &Client, path: &str) -> String {
    let answer = client.post(path, json!({})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["standing"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_needs_an_agreement_that_both_have_signed_and_that_covers_its_columns() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    let steward = app.client_of("department", Role::Steward).await;
    let id = registered(
        &client,
        terms(&["surname", "dob", "sex"], "2026-01-01", "2099-12-31"),
    )
    .await;
    let refused = hands_in(&client, &home, "k1").await;
    assert_eq!(refused.problem(422), "unprocessable");
    assert!(
        refused.json()["detail"]
            .as_str()
            .unwrap()
            .contains("has none"),
        "{refused:?}"
    );
    let sign = format!("/api/v1/agreements/{id}/signature");
    assert_eq!(standing(&client, &sign).await, "unsigned");
    // Signing twice for one side is not both sides.
    assert_eq!(standing(&client, &sign).await, "unsigned");
    assert_eq!(standing(&steward, &sign).await, "live");
    let taken = hands_in(&client, &home, "k2").await;
    assert_eq!(taken.status, 202, "{taken:?}");
    let list: SubmissionId = taken.json()["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        app.wait_for(list, &[State::AwaitingRelease, State::Erased])
            .await,
        State::Erased
    );
    let told = app.store.submission(list).await.unwrap();
    assert_eq!(told.reason, Some(EndReason::NoAnswer));
    let problem = told.problem.unwrap();
    assert_eq!(problem["code"], "agreement_columns");
    let message = problem["message"].as_str().unwrap();
    assert!(
        message.contains("postcode") && message.contains("pnc_id"),
        "{message}"
    );
    assert!(!message.contains("surname"), "{message}");
    assert!(
        app.store.certificate(list).await.unwrap().is_some(),
        "erased and certified all the same"
    );
    // Ended, and another that covers all: the same list is answered.
    let ended = client.delete(&format!("/api/v1/agreements/{id}")).await;
    assert_eq!(ended.json()["standing"], "ended");
    assert_eq!(client.post(&sign, json!({})).await.problem(409), "conflict");
    let mut wide = terms(&EVERY, "2026-01-01", "2099-12-31");
    wide["reference"] = "DSA 8".into();
    let wide = registered(&client, wide).await;
    for side in [&client, &steward] {
        standing(side, &format!("/api/v1/agreements/{wide}/signature")).await;
    }
    let taken = hands_in(&client, &home, "k3").await;
    let list: SubmissionId = taken.json()["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        app.wait_for(list, &[State::AwaitingRelease, State::Erased])
            .await,
        State::AwaitingRelease
    );
    let under = app.store.agreement(list).await.unwrap().unwrap();
    assert_eq!(under.reference, "DSA 8");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agreement_that_is_not_live_says_why() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    let steward = app.client_of("department", Role::Steward).await;
    for (reference, starts, ends, why) in [
        ("A", "2099-01-01", "2099-12-31", "begins on 2099-01-01"),
        ("B", "2020-01-01", "2020-12-31", "was over after 2020-12-31"),
    ] {
        let mut terms = terms(&EVERY, starts, ends);
        terms["reference"] = reference.into();
        let id = registered_any(&client, terms).await;
        let sign = format!("/api/v1/agreements/{id}/signature");
        for side in [&client, &steward] {
            let _ = side.post(&sign, json!({})).await;
        }
        let form = reqwest::multipart::Form::new()
            .text("study", "reoffending")
            .text("programme", home.programme.to_string())
            .text("agreement", reference)
            .text("lawful_basis", "public_task")
            .part("file", reqwest::multipart::Part::bytes(clean_list()));
        let request = client
            .request(reqwest::Method::POST, "/api/v1/submissions")
            .header("idempotency-key", reference)
            .multipart(form);
        let answer = client.send(request).await;
        assert_eq!(answer.problem(422), "unprocessable");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(why), "{detail}");
    }
}

async fn registered_any(client: &Client, terms: Value) -> String {
    let made = client.post("/api/v1/agreements", terms).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn agreements_are_seen_by_their_own_side_and_by_those_who_answer_for_all() {
    let app = TestApp::start().await;
    let (own, other) = (app.home("own").await, app.home("other").await);
    let client = app.signed_in(&own.account).await;
    let id = registered(&client, terms(&EVERY, "2026-01-01", "2099-12-31")).await;
    let foreign = app.signed_in(&other.account).await;
    assert_eq!(foreign.get("/api/v1/agreements").await.json(), json!([]));
    for path in ["signature", "assessment"] {
        let path = format!("/api/v1/agreements/{id}/{path}");
        let answer = match path.ends_with("signature") {
            true => foreign.post(&path, json!({})).await,
            false => foreign.get(&path).await,
        };
        assert_eq!(answer.problem(404), "not-found");
    }
    assert_eq!(
        foreign
            .delete(&format!("/api/v1/agreements/{id}"))
            .await
            .problem(404),
        "not-found"
    );
    let auditor = app.client_of("audit", Role::Auditor).await;
    assert_eq!(
        auditor
            .get("/api/v1/agreements")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let text = auditor
        .get(&format!("/api/v1/agreements/{id}/assessment"))
        .await;
    assert_eq!(text.status, 200);
    for part in ["DSA 7", "| pnc_id |", "UK GDPR", "not signed"] {
        assert!(text.text.contains(part), "{part}: {}", text.text);
    }
    let again = client
        .post(
            "/api/v1/agreements",
            terms(&EVERY, "2026-01-01", "2099-12-31"),
        )
        .await;
    assert_eq!(again.problem(409), "conflict");
    for (field, value) in [
        ("fields", json!(["shoe_size"])),
        ("fields", json!([])),
        ("ends", json!("2020-01-01")),
        ("starts", json!("tomorrow")),
        ("purpose", json!(" ")),
        ("lawful_basis", json!("because")),
    ] {
        let mut bad = terms(&EVERY, "2026-01-01", "2099-12-31");
        bad["reference"] = "DSA 9".into();
        bad[field] = value;
        let answer = client.post("/api/v1/agreements", bad).await;
        assert_eq!(answer.problem(422), "unprocessable", "{field}");
        assert!(!answer.text.contains("shoe"), "nothing sent is repeated");
    }
}
