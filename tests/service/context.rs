//! A report stands beside what is published and what its own programme had before: of others only what
//! everybody may see.

use crate::kit::{Service, User, folder, sample};
use serde_json::{Value, json};

/// Handed in, released; its id and its report.
async fn released(charity: &User, steward: &User, programme: &str, key: &str) -> (String, Value) {
    let (status, accepted) = charity.submit(programme, key, sample()).await;
    assert_eq!(status, 202, "{accepted}");
    let id = accepted["id"].as_str().unwrap().to_owned();
    let ended = charity.end_of(&id).await;
    assert_eq!(ended["state"], "awaiting_release", "{ended}");
    let decision = json!({ "decision": "approve", "reason": "outputs checked" });
    let (status, _) = steward
        .post(&format!("submissions/{id}/approval"), decision)
        .await;
    assert_eq!(status, 200);
    let report = charity.json(&format!("submissions/{id}/report.json")).await;
    (id, report)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_says_how_its_result_stands_beside_published_ones() {
    let dir = folder();
    let service = Service::start(&dir.path().join("data"));
    let one = service.sign_in("ann@one.org", "One", "charity").await;
    let two = service.sign_in("bob@two.org", "Two", "charity").await;
    let steward = service.sign_in("sam@gov.uk", "Department", "steward").await;
    let (cooking, mentoring) = (
        one.programme("Cooking").await,
        two.programme("Mentoring").await,
    );
    let (first, report) = released(&one, &steward, &cooking, "a").await;
    assert!(
        report.get("in_context").is_none(),
        "nothing is known beside the first"
    );
    // Released and not published: another organisation's report does not know of it.
    let (_, report) = released(&two, &steward, &mentoring, "b").await;
    assert!(
        report.get("in_context").is_none(),
        "{}",
        report["in_context"]
    );
    let says = json!({ "provider_says": "We cook." });
    assert_eq!(
        one.put(&format!("submissions/{first}/publication"), says)
            .await,
        200
    );
    let (id, report) = released(&two, &steward, &mentoring, "c").await;
    let said = report["in_context"].to_string();
    assert!(said.contains("The one other programme has"), "{said}");
    assert!(said.contains("too few others"), "{said}");
    let (_, page) = two.get(&format!("submissions/{id}/report.html")).await;
    assert!(page.contains("id=\"context-head\"") && page.contains("The one other programme"));
    let (status, pdf) = two.bytes(&format!("submissions/{id}/report.pdf")).await;
    assert!(status == 200 && pdf.starts_with(b"%PDF"));
}
