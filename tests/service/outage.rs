//! A database that goes away and comes back, at every step: nothing accepted is lost, nothing is
//! made twice, and no list is left without an end.

use crate::cluster::Cluster;
use crate::kit::{Service, folder, sample};
use serde_json::Value;
use std::time::Duration;

const AWAY: Duration = Duration::from_millis(1_500);

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_and_comes_back_loses_nothing_and_doubles_nothing() {
    let cluster = Cluster::make();
    let url = cluster.database();
    let dir = folder();
    let service = Service::with(&dir.path().join("data"), &["--database", &url]);
    let charity = service.sign_in("ann@hand.org", "Hand", "charity").await;
    let programme = charity.programme("Mentoring").await;

    // While a list is worked through: it waits with its end until there is somebody to tell it to.
    let mut ids = Vec::new();
    for step in ["received", "reading", "checking"] {
        let (_, accepted) = charity.submit(&programme, step, sample()).await;
        let id = accepted["id"].as_str().unwrap().to_owned();
        charity.reaches(&id, step).await;
        cluster.stop();
        let (status, told) = charity.get(&format!("submissions/{id}")).await;
        assert_eq!(status, 503, "{told}");
        assert!(told.contains("hint"), "{told}");
        tokio::time::sleep(AWAY).await;
        cluster.start();
        let ended = charity.end_of(&id).await;
        assert_eq!(ended["state"], "awaiting_release", "{step}: {ended}");
        charity.verified(&id, &service).await;
        ids.push(id);
    }

    // While a list comes in: whoever sends it again until it is accepted has handed it in once.
    for (n, wait) in [0, 100, 300].into_iter().enumerate() {
        let key = format!("again {n}").replace(' ', "-");
        let (sender, of) = (charity.clone(), programme.clone());
        let sent = tokio::spawn(async move { sender.insist(&of, &key, sample()).await });
        tokio::time::sleep(Duration::from_millis(wait)).await;
        cluster.stop();
        tokio::time::sleep(AWAY).await;
        cluster.start();
        let (id, _) = sent.await.unwrap();
        ids.push(id);
    }
    ids.sort();
    let (status, all) = charity.get("submissions").await;
    assert_eq!(status, 200);
    let all: Vec<Value> = serde_json::from_str(&all).unwrap();
    let mut made: Vec<&str> = all.iter().map(|s| s["id"].as_str().unwrap()).collect();
    made.sort();
    assert_eq!(made, ids, "each once");
    for id in &ids {
        let ended = charity.end_of(id).await;
        assert!(ended["certificate"].is_u64(), "{ended}");
        charity.verified(id, &service).await;
    }
}
