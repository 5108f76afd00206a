//! From a list to its report and its certificate.

use crate::kit::{PROGRAM, Service, folder, sample};
use serde_json::json;
use std::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn a_list_becomes_a_report_that_a_steward_releases_and_a_certificate_that_holds() {
    let dir = folder();
    let service = Service::start(&dir.path().join("data"));
    let charity = service.sign_in("ann@hand.org", "Hand", "charity").await;
    let other = service.sign_in("bob@other.org", "Other", "charity").await;
    let steward = service.sign_in("sam@gov.uk", "Department", "steward").await;
    let programme = charity.programme("Mentoring").await;
    let (status, accepted) = charity.submit(&programme, "one", sample()).await;
    assert_eq!(status, 202, "{accepted}");
    let id = accepted["id"].as_str().unwrap();
    let ended = charity.end_of(id).await;
    assert_eq!(ended["state"], "awaiting_release", "{ended}");

    // Nobody but a steward reads anything yet; another organisation does not know of it.
    let report = format!("submissions/{id}/report.json");
    assert_eq!(charity.get(&report).await.0, 409);
    assert_eq!(other.get(&report).await.0, 404);
    assert_eq!(other.get(&format!("submissions/{id}")).await.0, 404);
    let findings = steward.json(&format!("submissions/{id}/findings")).await;
    assert_eq!(findings["schema"], "counterpart.report/1");
    let decision = json!({ "decision": "approve", "reason": "outputs checked" });
    let approval = format!("submissions/{id}/approval");
    assert_eq!(charity.post(&approval, decision.clone()).await.0, 403);
    assert_eq!(steward.post(&approval, decision.clone()).await.0, 200);
    assert_eq!(steward.post(&approval, decision).await.0, 409, "once");
    assert_eq!(charity.json(&report).await, findings);
    let (status, page) = charity.get(&format!("submissions/{id}/report.html")).await;
    assert!(status == 200 && page.contains("reoffend"));

    // The same request again is the same submission.
    let (status, again) = charity.submit(&programme, "one", sample()).await;
    assert_eq!((status, &again["id"]), (202, &accepted["id"]));
    let (status, _) = charity.submit(&programme, "one", b"another".to_vec()).await;
    assert_eq!(status, 422);

    let evidence = charity.verified(id, &service).await;
    assert_eq!(evidence["end"], "finished");
    for marks in ["canaries", "fingerprints"] {
        let marks = &evidence[marks];
        assert!(marks["planted"].as_u64().unwrap() >= 200, "{marks}");
        assert_eq!(marks["planted"], marks["seen_during"]);
        assert_eq!(marks["found_after"], 0);
    }
    // With its salt, and only with it, the list is shown to be the one.
    let certificate = service.data.with_extension(format!("{id}.json"));
    let salt = accepted["salt"].as_str().unwrap();
    let same = |file: &str, salt: &str| {
        let run = Command::new(PROGRAM)
            .arg("verify")
            .arg(&certificate)
            .args(["--file", file, "--salt", salt])
            .output();
        run.unwrap().status.code()
    };
    let list = "sample_data/cohorts/clean.csv";
    assert_eq!(same(list, salt), Some(0));
    assert_eq!(same("sample_data/cohorts/messy.csv", salt), Some(1));
    assert_eq!(same(list, &"00".repeat(32)), Some(1));
    assert_eq!(charity.delete(&format!("submissions/{id}")).await, 200);
    assert_eq!(charity.get(&report).await.0, 409, "withdrawn");
    charity.verified(id, &service).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_used_is_told_by_row_and_erased_all_the_same() {
    let dir = folder();
    let service = Service::start(&dir.path().join("data"));
    let charity = service.sign_in("ann@hand.org", "Hand", "charity").await;
    let programme = charity.programme("Mentoring").await;
    let small = std::fs::read("sample_data/cohorts/too_small.csv").unwrap();
    for (key, list) in [("small", small), ("none", b"\0\x01\x02 no list".to_vec())] {
        let (status, accepted) = charity.submit(&programme, key, list).await;
        assert_eq!(status, 202);
        let id = accepted["id"].as_str().unwrap();
        let ended = charity.end_of(id).await;
        assert_eq!(
            (&ended["state"], &ended["reason"]),
            (&json!("erased"), &json!("no_answer"))
        );
        assert!(!ended["problem"]["hint"].as_str().unwrap().is_empty());
        let evidence = charity.verified(id, &service).await;
        assert_eq!(evidence["end"], "refused");
    }
}
