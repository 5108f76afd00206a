//! Signing in and out, and tokens.

use crate::kit::{Options, PASSWORD, TestApp};
use counterpart::service::limits::Limits;
use counterpart::service::model::Role;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_opened_used_and_closed() {
    let app = TestApp::start().await;
    let account = app.account("ann@example.org", "one", Role::Charity).await;
    let credentials = json!({ "email": " Ann@Example.org ", "password": PASSWORD });
    let made = app.visitor().post("/api/v1/sessions", credentials).await;
    assert_eq!(made.status, 201);
    let body = made.json();
    assert_eq!(body["account"], account.id.to_string());
    assert_eq!(body["role"], "charity");
    let token = body["token"].as_str().unwrap();
    let client = crate::client::Client::new(app.address, Some(token));
    assert_eq!(client.get("/api/v1/programmes").await.status, 200);
    assert_eq!(client.delete("/api/v1/sessions/current").await.status, 204);
    let after = client.get("/api/v1/programmes").await;
    assert_eq!(after.problem(401), "unauthorised");
    assert_eq!(after.header("www-authenticate"), Some("Bearer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_account_is_told_what_a_wrong_password_is_told() {
    let app = TestApp::start().await;
    app.account("ann@example.org", "one", Role::Charity).await;
    let visitor = app.visitor();
    let mut told = Vec::new();
    for email in ["ann@example.org", "nobody@example.org"] {
        let body = json!({ "email": email, "password": "not this password" });
        let answer = visitor.post("/api/v1/sessions", body).await;
        assert_eq!(answer.problem(401), "unauthorised");
        assert!(!answer.text.contains("example.org"), "repeats the e-mail");
        told.push(answer.text);
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_by_account_and_by_address() {
    let limits = Limits {
        logins_per_account: 3,
        logins_per_address: 5,
        ..Limits::default()
    };
    let app = TestApp::with(Options {
        limits,
        ..Options::default()
    })
    .await;
    let visitor = app.visitor();
    let attempt = async |email: &str| {
        let body = json!({ "email": email, "password": "wrong" });
        visitor.post("/api/v1/sessions", body).await
    };
    for _ in 0..3 {
        assert_eq!(attempt("ann@example.org").await.status, 401);
    }
    let refused = attempt("ann@example.org").await;
    assert_eq!(refused.problem(429), "too-many");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait));
    assert_eq!(attempt("bob@example.org").await.status, 401);
    assert_eq!(attempt("cat@example.org").await.problem(429), "too-many");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_locked_for_a_while_after_failures() {
    let app = TestApp::start().await;
    app.account("ann@example.org", "one", Role::Charity).await;
    let visitor = app.visitor();
    let attempt = async |password: &str| {
        let body = json!({ "email": "ann@example.org", "password": password });
        visitor.post("/api/v1/sessions", body).await
    };
    for _ in 0..5 {
        assert_eq!(attempt("wrong").await.status, 401);
    }
    let right = attempt(PASSWORD).await;
    assert_eq!(right.problem(429), "too-many");
    assert!(right.header("retry-after").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_made_shown_once_listed_and_ended() {
    let app = TestApp::start().await;
    let client = app.client_of("one", Role::Researcher).await;
    let made = client
        .post("/api/v1/tokens", json!({ "name": "nightly", "days": 30 }))
        .await;
    assert_eq!(made.status, 201);
    let (token, id) = (
        made.json()["token"].clone(),
        made.json()["info"]["id"].clone(),
    );
    let listed = client.get("/api/v1/tokens").await;
    assert!(!listed.text.contains(token.as_str().unwrap()));
    assert_eq!(listed.json().as_array().unwrap().len(), 2);
    let with_it = crate::client::Client::new(app.address, token.as_str());
    assert_eq!(with_it.get("/api/v1/studies").await.status, 200);
    let not_a_session = with_it.delete("/api/v1/sessions/current").await;
    assert_eq!(not_a_session.problem(409), "conflict");
    let path = format!("/api/v1/tokens/{}", id.as_str().unwrap());
    let other = app.client_of("two", Role::Charity).await;
    assert_eq!(other.delete(&path).await.problem(404), "not-found");
    assert_eq!(client.delete(&path).await.status, 204);
    assert_eq!(
        with_it.get("/api/v1/studies").await.problem(401),
        "unauthorised"
    );
    for days in [json!(0), json!(367), json!(-1), json!("30"), json!(1.5)] {
        let body = json!({ "name": "x", "days": days });
        let refused = client.post("/api/v1/tokens", body).await;
        assert_eq!(refused.problem(422), "unprocessable");
    }
}
