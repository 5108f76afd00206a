//! Bad input: the right status, a problem document that helps, nothing repeated, and the service
//! goes on.

use crate::client::{Answer, Client, Upload};
use crate::kit::{Home, Options, TestApp};
use counterpart::cohort::MAX_BYTES;
use counterpart::service::limits::Limits;
use reqwest::Method;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const BOUNDARY: &str = "XXboundaryXX";

struct Case {
    app: TestApp,
    home: Home,
    client: Client,
}

async fn case(limits: Limits) -> Case {
    let app = TestApp::with(Options {
        limits,
        ..Options::default()
    })
    .await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    Case { app, home, client }
}

fn part(name: &str, text: &str) -> String {
    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
}

impl Case {
    fn fields(&self) -> String {
        part("study", "reoffending") + &part("programme", &self.home.programme.to_string())
    }

    fn file(text: &str) -> String {
        format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"Zebedee Quark.csv\"\r\n\r\n{text}\r\n"
        )
    }

    fn end() -> String {
        format!("--{BOUNDARY}--\r\n")
    }

    async fn post(&self, body: String) -> Answer {
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let request = self
            .client
            .request(Method::POST, "/api/v1/submissions")
            .header("idempotency-key", "k")
            .header("content-type", kind)
            .body(body);
        self.client.send(request).await
    }

    /// The head of an upload, by hand.
    async fn open(&self, length: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.app.address).await.unwrap();
        let head = format!(
            "POST /api/v1/submissions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nIdempotency-Key: k\r\n\
             Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n{length}\r\n\r\n",
            self.client.token()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    async fn workers_gone(&self, n: usize) {
        let mut ended = self.app.keeper.ended.subscribe();
        let gone = tokio::time::timeout(Duration::from_secs(30), ended.wait_for(|e| *e >= n));
        assert!(gone.await.is_ok(), "the worker was not dropped");
    }

    async fn goes_on(&self) {
        assert_eq!(self.client.get("/health/ready").await.status, 200);
        let listed = self.client.get("/api/v1/submissions").await;
        assert_eq!(
            listed.json().as_array().unwrap().len(),
            0,
            "nothing was accepted"
        );
    }
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let read = stream.read_to_string(&mut text);
    // The answer was there before the connection broke, or it was not.
    let _ = tokio::time::timeout(Duration::from_secs(30), read).await;
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_out_of_order_are_told_their_order_and_start_no_worker() {
    let case = case(Limits::default()).await;
    let study = part("study", "reoffending");
    let programme = part("programme", &case.home.programme.to_string());
    let file = Case::file("forename\nZebedee\n");
    let bodies = [
        format!("{file}{study}{programme}{}", Case::end()),
        format!("{study}{file}{programme}{}", Case::end()),
        format!("{study}{programme}{}", Case::end()),
        format!("{study}{study}{programme}{file}{}", Case::end()),
        format!(
            "{study}{programme}{}{file}{}",
            part("other", "x"),
            Case::end()
        ),
        format!(
            "{study}{}{file}{}",
            part("programme", &"x".repeat(201)),
            Case::end()
        ),
    ];
    for body in bodies {
        let answer = case.post(body).await;
        assert_eq!(answer.problem(422), "unprocessable");
        assert!(
            answer.json()["hint"]
                .as_str()
                .unwrap()
                .contains("then the file")
        );
        assert!(!answer.text.contains("Zebedee"));
        assert_eq!(answer.header("connection"), Some("close"));
    }
    assert_eq!(case.app.keeper.charged.load(Ordering::SeqCst), 0);
    let after = case
        .post(format!("{}{file}{study}{}", case.fields(), Case::end()))
        .await;
    assert_eq!(after.problem(422), "unprocessable");
    case.workers_gone(1).await;
    case.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_form_is_told_what_it_must_be() {
    let case = case(Limits::default()).await;
    for kind in [
        "text/csv",
        "application/json",
        "multipart/form-data",
        "multipart/mixed; boundary=x",
        "\u{1}",
    ] {
        let Ok(value) = reqwest::header::HeaderValue::from_str(kind) else {
            continue;
        };
        let request = case
            .client
            .request(Method::POST, "/api/v1/submissions")
            .header("idempotency-key", "k")
            .header("content-type", value)
            .body("Zebedee,Quark");
        let answer = case.client.send(request).await;
        assert_eq!(answer.problem(415), "media-type", "{kind}");
        assert!(!answer.text.contains("Zebedee"));
    }
    let garbage = case.post("no boundary in here: Zebedee".into()).await;
    assert_eq!(garbage.problem(400), "bad-request");
    assert!(!garbage.text.contains("Zebedee"));
    case.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_must_be_there_once_and_visible() {
    let case = case(Limits::default()).await;
    let upload = Upload {
        study: "reoffending".into(),
        programme: case.home.programme.to_string(),
        file: b"forename\nZebedee\n".to_vec(),
        key: None,
    };
    let long = "x".repeat(201);
    for key in [
        None,
        Some(""),
        Some(long.as_str()),
        Some("a b"),
        Some("\u{e9}"),
    ] {
        let upload = Upload {
            key: key.map(str::to_owned),
            ..upload.clone()
        };
        let answer = case.client.upload(&upload).await;
        assert_eq!(answer.problem(400), "bad-request", "{key:?}");
        assert!(answer.json()["hint"].as_str().unwrap().contains("UUID"));
    }
    let twice = Upload {
        key: Some("a".into()),
        ..upload
    };
    let twice = case.client.uploading(&twice).header("idempotency-key", "b");
    assert_eq!(case.client.send(twice).await.problem(400), "bad-request");
    case.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_body_leaves_nothing_behind() {
    let case = case(Limits::default()).await;
    // The last boundary is missing.
    let answer = case
        .post(case.fields() + &Case::file("forename\nZebedee\n"))
        .await;
    assert_eq!(answer.problem(400), "bad-request");
    case.workers_gone(1).await;
    // The connection breaks.
    let mut stream = case.open("Content-Length: 100000").await;
    let begun = case.fields() + &Case::file("forename\nZebedee\n");
    stream.write_all(begun.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    drop(stream);
    case.workers_gone(2).await;
    case.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_large_a_body_is_refused_by_its_length_and_by_its_bytes() {
    let case = case(Limits::default()).await;
    let length = format!("Content-Length: {}", MAX_BYTES as u64 * 2);
    let mut stream = case.open(&length).await;
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("/api/v1/problems#too-large"));
    assert_eq!(case.app.keeper.charged.load(Ordering::SeqCst), 0);
    let file = "x".repeat(MAX_BYTES + 1);
    let body = case.fields() + &Case::file(&file) + &Case::end();
    let answer = case.post(body).await;
    assert_eq!(answer.problem(413), "too-large");
    case.workers_gone(1).await;
    let json = format!("{{\"name\":\"{}\"}}", "x".repeat(100_000));
    let request = case
        .client
        .request(Method::POST, "/api/v1/programmes")
        .header("content-type", "application/json")
        .body(json);
    assert_eq!(case.client.send(request).await.problem(413), "too-large");
    case.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_senders_are_let_go() {
    let limits = Limits {
        idle: Duration::from_millis(700),
        upload: Duration::from_millis(2_500),
        headers: Duration::from_millis(800),
        body: Duration::from_millis(800),
        ..Limits::default()
    };
    let case = case(limits).await;
    // Silence in the middle of the file.
    let mut silent = case.open("Content-Length: 100000").await;
    let begun = case.fields() + &Case::file("forename\n");
    silent.write_all(begun.as_bytes()).await.unwrap();
    let answer = rest(&mut silent).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("/api/v1/problems#too-slow"));
    // A byte now and then, for ever.
    let mut dripping = case.open("Content-Length: 100000").await;
    dripping.write_all(begun.as_bytes()).await.unwrap();
    for _ in 0..20 {
        if dripping.write_all(b"x").await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let answer = rest(&mut dripping).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
        "{answer}"
    );
    case.workers_gone(2).await;
    // Headers that never end.
    let mut loris = TcpStream::connect(case.app.address).await.unwrap();
    loris
        .write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n")
        .await
        .unwrap();
    let mut bytes = [0; 100];
    let read = tokio::time::timeout(Duration::from_secs(10), loris.read(&mut bytes));
    assert!(read.await.is_ok(), "the connection was kept");
    // A JSON body that never ends.
    let mut json = TcpStream::connect(case.app.address).await.unwrap();
    let head = "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    json.write_all(head.as_bytes()).await.unwrap();
    let answer = rest(&mut json).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    case.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_tokens_are_all_told_the_same() {
    let case = case(Limits::default()).await;
    let good = case.client.token().to_owned();
    let bad = [
        "".to_owned(),
        "Bearer".into(),
        "Bearer ".into(),
        format!("Basic {good}"),
        format!("Bearer {}", &good[..good.len() - 1]),
        format!("Bearer {good}x"),
        format!("Bearer {}", "x".repeat(5_000)),
        "Bearer cps_' OR 1=1 --".into(),
    ];
    let mut told = Vec::new();
    for value in bad {
        let http = reqwest::Client::new();
        let request = http
            .get(case.app.url("/api/v1/submissions"))
            .header("authorization", value);
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.problem(401), "unauthorised");
        told.push(answer.text);
    }
    assert!(told.iter().all(|t| *t == told[0]));
    let twice = case
        .client
        .request(Method::GET, "/api/v1/submissions")
        .header("authorization", "Bearer x");
    assert_eq!(case.client.send(twice).await.problem(401), "unauthorised");
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_lead_nowhere_they_should_not() {
    let case = case(Limits::default()).await;
    let id = "0".repeat(32);
    let paths = [
        "/api/v1/submissions/..%2f..%2fetc%2fpasswd".to_owned(),
        "/api/v1/submissions/%00".into(),
        "/api/v1/submissions/%ff%fe".into(),
        format!("/api/v1/submissions/{id}/..%2freport.json"),
        format!("/api/v1/submissions/{id}/report.json%00.html"),
        format!("/api/v1/submissions/{id}/report."),
        format!("/api/v1/submissions/{id}/Zebedee.csv"),
        "/api/v1/submissions/Zebedee".into(),
        "/api/v1/studies/..%2f..%2fmodels".into(),
        "/api/v1/ledger/entries/-1".into(),
        "/api/v1/ledger/entries/99999999999999999999999999".into(),
        "/api/v1/ledger/entries/9223372036854775808".into(),
        "/..%2f..%2fetc/passwd".into(),
        "//etc/passwd".into(),
        "/api/v2/submissions".into(),
    ];
    for path in paths {
        let answer = case.client.get(&path).await;
        assert_eq!(answer.problem(404), "not-found", "{path}");
        assert!(!answer.text.contains("Zebedee") && !answer.text.contains("passwd"));
    }
    for path in [
        "?state=Zebedee",
        "?most=0",
        "?most=1001",
        "?most=x",
        "?after=Zebedee",
        "?Zebedee=1",
    ] {
        let answer = case.client.get(&format!("/api/v1/submissions{path}")).await;
        assert_eq!(answer.problem(400), "bad-request", "{path}");
        assert!(!answer.text.contains("Zebedee"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_not_what_they_should_be_are_not_repeated() {
    let case = case(Limits::default()).await;
    let send = async |body: &'static str, kind: &'static str| {
        let request = case
            .client
            .request(Method::POST, "/api/v1/programmes")
            .header("content-type", kind)
            .body(body);
        case.client.send(request).await
    };
    let json = "application/json";
    let cases = [
        ("{\"name\": \"Zebedee\"", json, 400),
        ("{\"name\": {\"Zebedee\": 1}}", json, 422),
        ("{\"Zebedee\": \"x\"}", json, 422),
        ("{\"name\": \"x\", \"Zebedee\": 1}", json, 422),
        ("{\"name\": \"\"}", json, 422),
        ("{\"name\": \"Zebedee\\u0000\"}", json, 422),
        ("[\"Zebedee\"]", json, 422),
        ("", json, 400),
        ("name=Zebedee", "application/x-www-form-urlencoded", 415),
        ("{\"name\": \"Zebedee\"}", "text/plain", 415),
    ];
    for (body, kind, status) in cases {
        let answer = send(body, kind).await;
        answer.problem(status);
        assert!(!answer.text.contains("Zebedee"), "{body}: {answer:?}");
    }
    let made = send("{\"name\": \"mentoring 2\"}", json).await;
    assert_eq!(made.status, 201);
    let again = send("{\"name\": \"mentoring 2\"}", json).await;
    assert_eq!(again.problem(409), "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_are_told_which_there_are() {
    let case = case(Limits::default()).await;
    for method in ["PUT", "PATCH", "OPTIONS", "TRACE", "ZEBEDEE"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = case.client.request(method.clone(), "/api/v1/submissions");
        let answer = case.client.send(request).await;
        assert_eq!(answer.problem(405), "method-not-allowed", "{method}");
        let allow = answer.header("allow").unwrap();
        assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
        assert!(answer.header("access-control-allow-origin").is_none());
    }
    for path in ["/api/v1/openapi.json", "/api/v1/problems", "/health/live"] {
        let answer = case.client.delete(path).await;
        assert_eq!(answer.problem(405), "method-not-allowed");
        assert!(answer.header("allow").unwrap().contains("GET"));
    }
}
