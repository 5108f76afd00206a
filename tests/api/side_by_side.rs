//! Released reports side by side, and published for everybody.

use crate::client::Answer;
use crate::kit::{Home, TestApp};
use counterpart::service::model::{Role, State};
use reqwest::Method;
use serde_json::{Value, json};

/// A released report with what is read of one.
fn report(estimate: f64, se: f64, age: f64) -> String {
    json!({
        "schema": "counterpart.report/1",
        "study": { "id": "reoffending", "title": "T", "spec_digest": "aa" },
        "run": { "design_digest": format!("{estimate}{age}") },
        "disclosure": { "policy": "controlled" },
        "analyses": [{
            "id": "all", "headline": true, "well_matched": true,
            "design": { "participants": 200, "comparison_pool": 2000 },
            "balance": [{ "term": "age", "label": "Age", "mean_treated": age, "mean_pool": 40.0,
                "smd_before": (age - 40.0) / 8.0, "variance_ratio": 1.0, "light": "green" }],
            "outcomes": [
                { "name": "reoffended", "label": "Reoffending rate", "kind": "binary", "primary": true,
                  "unit": "percentage points", "better": "lower",
                  "treated": { "people": 200, "mean": 0.30 }, "comparison": { "people": 1900, "mean": 0.30 - estimate },
                  "difference": { "estimate": estimate, "se": se, "ci_low": estimate - 1.96 * se, "ci_high": estimate + 1.96 * se, "p": 0.04 },
                  "suppressed": null },
                { "name": "days", "label": "Days", "kind": "duration", "primary": false, "unit": "days", "better": "higher",
                  "treated": { "people": 20, "mean": 77.25 }, "comparison": null, "difference": null,
                  "suppressed": "fewer than 30 people" }]
        }]
    })
    .to_string()
}

async fn publish(app: &TestApp, home: &Home, id: &str, says: &str) -> Answer {
    let client = app.signed_in(&home.account).await;
    let path = format!("/api/v1/submissions/{id}/publication");
    let request = client.request(Method::PUT, &path);
    client
        .send(request.json(&json!({ "provider_says": says })))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commissioner_compares_what_is_released_and_nothing_else() {
    let app = TestApp::start().await;
    let (one, two, three) = (
        app.home("one").await,
        app.home("two").await,
        app.home("three").await,
    );
    app.standing_with(&one, State::Released, &report(-0.08, 0.02, 30.0))
        .await;
    app.standing_with(&two, State::Released, &report(-0.02, 0.02, 31.0))
        .await;
    app.standing_with(&three, State::AwaitingRelease, &report(-0.5, 0.02, 31.0))
        .await;
    let commissioner = app.client_of("council", Role::Commissioner).await;
    let answer = commissioner
        .get("/api/v1/comparison?study=reoffending")
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let found = answer.json();
    let names: Vec<&str> = found["providers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["one: mentoring", "two: mentoring"]);
    assert!(
        !answer.text.contains("three") && !answer.text.contains("-0.5,"),
        "not released"
    );
    let average = found["average"]["estimate"].as_f64().unwrap();
    assert!(
        (average + 0.05).abs() < 1e-9,
        "two equally exact results: {average}"
    );
    assert_eq!(found["like_with_like"]["verdict"], "nearly");
    assert_eq!(found["order"], "name");
    assert!(found["providers"][0]["next_step"]["reason"].is_string());
    // Another commissioner meets the very same: two views cannot be subtracted.
    let another = app.client_of("county", Role::Commissioner).await;
    let again = another.get("/api/v1/comparison?study=reoffending").await;
    assert_eq!(again.text, answer.text);
    // A steward meets the same; what is not released is as what is not there.
    let waiting = app
        .standing_with(&three, State::AwaitingRelease, &report(-0.4, 0.02, 31.0))
        .await;
    for role in [Role::Steward, Role::Commissioner] {
        let client = app.client_of("both", role).await;
        let all = client.get("/api/v1/comparison?study=reoffending").await;
        assert_eq!(all.json()["providers"].as_array().unwrap().len(), 2);
        let path = format!("/api/v1/comparison?study=reoffending&of={waiting}");
        assert_eq!(client.get(&path).await.problem(404), "not-found");
        assert_eq!(
            client
                .get("/api/v1/comparison?study=none")
                .await
                .problem(404),
            "not-found"
        );
        assert_eq!(
            client
                .get("/api/v1/comparison?study=reoffending&of=x")
                .await
                .problem(404),
            "not-found"
        );
    }
    // Decades of results that others published stand beside them where that is asked for.
    let both = commissioner
        .get("/api/v1/comparison?study=reoffending&published=true")
        .await
        .json();
    assert_eq!(both["counts"]["used"], 12, "{both}");
    assert_eq!(both["counts"]["rows"], 44);
    let codes = both["warnings"].to_string();
    assert!(codes.contains("tables_and_reports"), "{codes}");
    let charity = app.signed_in(&one.account).await;
    assert_eq!(
        charity
            .get("/api/v1/comparison?study=reoffending")
            .await
            .problem(403),
        "forbidden"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_released_report_and_none_have_a_stated_way_out() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let client = app.client_of("council", Role::Commissioner).await;
    let none = client.get("/api/v1/comparison?study=reoffending").await;
    assert_eq!(none.problem(422), "unprocessable");
    app.standing_with(&home, State::Released, &report(-0.08, 0.02, 30.0))
        .await;
    let one = client
        .get("/api/v1/comparison?study=reoffending")
        .await
        .json();
    assert!(
        one["conclusion"][0]
            .as_str()
            .unwrap()
            .contains("nothing to compare it with")
    );
    // The same programme later: one programme, over time.
    app.standing_with(&home, State::Released, &report(-0.02, 0.02, 31.0))
        .await;
    let two = client
        .get("/api/v1/comparison?study=reoffending")
        .await
        .json();
    assert_eq!(two["providers"].as_array().map(Vec::len), Some(1), "{two}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_is_open_and_what_is_withheld_stays_so() {
    let app = TestApp::start().await;
    let (own, other) = (app.home("own").await, app.home("other").await);
    let id = app
        .standing_with(&own, State::Released, &report(-0.08, 0.02, 30.0))
        .await
        .to_string();
    app.standing_with(&other, State::Released, &report(-0.031, 0.02, 30.0))
        .await;
    let visitor = app.visitor();
    let csv = async || visitor.get("/open-data/results.csv").await.text;
    assert_eq!(csv().await.lines().count(), 1, "a heading alone");
    assert_eq!(
        publish(&app, &other, &id, "x").await.problem(404),
        "not-found"
    );
    for says in ["", " x", "two\nlines", &"x".repeat(2_001)] {
        assert_eq!(
            publish(&app, &own, &id, says).await.problem(422),
            "unprocessable"
        );
    }
    let made = publish(&app, &own, &id, "=We work with people nobody else takes.").await;
    assert_eq!(made.status, 200, "{made:?}");
    let text = csv().await;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    assert!(!text.contains("77.25"), "withheld");
    assert!(!text.contains("-0.031"), "not published");
    assert!(text.contains("'=We work"), "no formula");
    assert!(
        text.lines()
            .nth(1)
            .is_some_and(|l| l.contains(",yes,yes,reoffended,")),
        "alike, and said"
    );
    let unlike = text.replacen(",yes,yes,reoffended,", ",yes,no,reoffended,", 1);
    // A comparison reads the file as it is.
    use counterpart::comparison::input::{About, Ask, File, gather};
    let file = File {
        name: "results.csv",
        bytes: text.as_bytes(),
        about: About::default(),
    };
    let ask = Ask {
        outcome: Some("reoffended".into()),
        ..Ask::default()
    };
    let read = gather(&[file], &ask).unwrap();
    assert_eq!((read.used.len(), read.used[0].estimate), (1, -0.08));
    let file = File {
        bytes: unlike.as_bytes(),
        ..file
    };
    let none = gather(&[file], &ask).unwrap_err();
    assert!(none.to_string().contains("not_well_matched (1)"), "{none}");
    let json: Value = visitor.get("/open-data/results.json").await.json();
    assert_eq!(json["reports"].as_array().unwrap().len(), 1);
    assert_eq!(json["reports"][0]["results"][1]["treat_value"], Value::Null);
    assert_eq!(json["licence"]["name"], "Open Government Licence v3.0");
    let record = visitor.get("/open-data/catalogue.jsonld").await;
    assert_eq!(record.header("content-type"), Some("application/ld+json"));
    let record = record.json();
    let files = record["dcat:dataset"][0]["dcat:distribution"]
        .as_array()
        .unwrap();
    for file in files.iter().chain(
        record["dcat:dataset"][1]["dcat:distribution"]
            .as_array()
            .unwrap(),
    ) {
        let address = file["dcat:downloadURL"]["@id"].as_str().unwrap();
        let path = address.strip_prefix(&app.url("")).unwrap();
        assert_eq!(visitor.get_bytes(path).await.0, 200, "{path}");
    }
    let page = visitor.get("/open-data").await;
    assert!(
        page.text.contains("people nobody else takes"),
        "{}",
        page.text
    );
    // Taken back, and gone with the report.
    let client = app.signed_in(&own.account).await;
    let path = format!("/api/v1/submissions/{id}/publication");
    assert_eq!(client.delete(&path).await.status, 204);
    assert_eq!(csv().await.lines().count(), 1);
    publish(&app, &own, &id, "again").await;
    assert_eq!(csv().await.lines().count(), 3);
    assert_eq!(
        client
            .delete(&format!("/api/v1/submissions/{id}"))
            .await
            .status,
        200
    );
    assert_eq!(csv().await.lines().count(), 1);
}
