//! Two servers on one database are one service.

use crate::cluster;
use crate::kit::{PROGRAM, Service, folder, sample};
use serde_json::json;
use std::process::{Command, Stdio};

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_on_one_database_are_one_service_and_one_ends_what_the_other_left() {
    let cluster = cluster::shared();
    let url = cluster.database();
    let dir = folder();
    let key = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (signing, upload) = (key("signing.key"), key("upload.key"));
    let flags = [
        "--database",
        &url,
        "--signing-key",
        &signing,
        "--upload-key",
        &upload,
    ];
    let mut one = Service::with(&dir.path().join("one"), &flags);
    let two = Service::with(&dir.path().join("two"), &flags);
    let charity = one.sign_in("ann@hand.org", "Hand", "charity").await;
    let steward = one.sign_in("sam@gov.uk", "Department", "steward").await;
    let at_two = |user: &crate::kit::User| {
        let mut user = user.clone();
        user.address.clone_from(&two.address);
        user
    };
    let programme = charity.programme("Mentoring").await;

    // Handed in at one, followed, released, read and checked at the other.
    let (_, accepted) = charity.submit(&programme, "first", sample()).await;
    let id = accepted["id"].as_str().unwrap();
    let (status, again) = at_two(&charity).submit(&programme, "first", sample()).await;
    assert_eq!((status, &again["id"]), (202, &accepted["id"]));
    let ended = at_two(&charity).end_of(id).await;
    assert_eq!(ended["state"], "awaiting_release", "{ended}");
    let decision = json!({ "decision": "approve", "reason": "outputs checked" });
    let approval = format!("submissions/{id}/approval");
    assert_eq!(at_two(&steward).post(&approval, decision).await.0, 200);
    let report = format!("submissions/{id}/report.json");
    assert_eq!(
        charity.get(&report).await,
        at_two(&charity).get(&report).await
    );
    charity.verified(id, &two).await;
    at_two(&charity).verified(id, &one).await;

    // Both add to one ledger.
    let (_, second) = at_two(&charity)
        .submit(&programme, "second", sample())
        .await;
    let second = charity.end_of(second["id"].as_str().unwrap()).await;
    assert_eq!(
        (&ended["certificate"], &second["certificate"]),
        (&json!(0), &json!(1))
    );

    // A server with a key of its own could not add to it, and says so at once.
    let stranger = Command::new(PROGRAM)
        .args([
            "serve",
            "--allow-unencrypted-swap",
            "--listen",
            "127.0.0.1:0",
            "--database",
            &url,
            "--data",
        ])
        .arg(dir.path().join("three"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&stranger.stderr);
    assert!(
        !stranger.status.success() && told.contains("--signing-key"),
        "{told}"
    );

    // One is killed while it holds a list: the other ends it, and says what it knows.
    let (_, third) = charity.submit(&programme, "third", sample()).await;
    let third = third["id"].as_str().unwrap();
    charity.reaches(third, "linking").await;
    one.kill();
    let ended = at_two(&charity).end_of(third).await;
    assert_eq!(ended["reason"], "server_ended", "{ended}");
    let evidence = at_two(&charity).verified(third, &two).await;
    assert_eq!(evidence["end"], "server_ended");
}
