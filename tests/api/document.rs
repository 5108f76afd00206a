//! The description of the API is what is served, and is kept: a change of it shows.

use crate::kit::{TestApp, home};
use counterpart::service::api::openapi;
use counterpart::service::problem::Kind;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn it_is_served_and_as_it_was_kept() {
    let kept = home().join("tests/api/openapi.json");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&kept, openapi()).unwrap();
    }
    let kept = std::fs::read_to_string(kept).unwrap_or_default();
    assert!(
        kept == openapi(),
        "the API's description has changed: look at what changed for callers, then\n\
         UPDATE_OPENAPI=1 cargo test --test api document"
    );
    let app = TestApp::start().await;
    let served = app.visitor().get("/api/v1/openapi.json").await;
    assert_eq!(served.header("content-type"), Some("application/json"));
    assert!(served.text == kept);
}

fn operations() -> Vec<(String, String, Value)> {
    let api: Value = serde_json::from_str(&openapi()).unwrap();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut all = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((method.clone(), path.clone(), operation.clone()));
        }
    }
    assert!(all.len() > 25, "{}", all.len());
    all
}

#[test]
fn every_operation_has_a_name_words_for_people_and_its_problems() {
    let mut names = Vec::new();
    for (method, path, operation) in operations() {
        let name = operation["operationId"].as_str().unwrap().to_owned();
        assert!(
            !operation["summary"].as_str().unwrap_or("").is_empty(),
            "{name}"
        );
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key("500"), "{name}");
        assert!(responses.keys().any(|s| s.starts_with('2')), "{name}");
        for (status, response) in responses {
            if status.starts_with('2') {
                continue;
            }
            let kind = Kind::ALL.iter().find(|k| k.status().as_str() == status);
            assert!(kind.is_some(), "{name}: {status} is no kind of problem");
            let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/Problem", "{name} {status}");
        }
        let open = [
            "sign_in",
            "newest_checkpoint",
            "read_entry",
            "consistency",
            "live",
            "ready",
            "metrics",
        ];
        let secured = operation.get("security").is_some();
        assert_eq!(secured, !open.contains(&name.as_str()), "{method} {path}");
        if secured {
            assert!(
                responses.contains_key("401") && responses.contains_key("403"),
                "{name}"
            );
        }
        assert!(!names.contains(&name), "{name} twice");
        names.push(name);
    }
}
