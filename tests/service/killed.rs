//! Whatever is killed, whenever: every list that was taken in has an end, and a certificate.

use crate::kit::{Service, folder, sample, workers};
use std::process::Command;

/// Steps at which something is killed.
const STEPS: [&str; 4] = ["received", "reading", "linking", "checking"];

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_at_any_step_is_an_ordinary_end_with_a_certificate() {
    let dir = folder();
    let service = Service::start(&dir.path().join("data"));
    let charity = service.sign_in("ann@hand.org", "Hand", "charity").await;
    let programme = charity.programme("Mentoring").await;
    for step in STEPS {
        let (_, accepted) = charity.submit(&programme, step, sample()).await;
        let id = accepted["id"].as_str().unwrap();
        charity.reaches(id, step).await;
        for worker in workers(service.process.id()) {
            // It may have ended meanwhile.
            let _ = Command::new("kill")
                .args(["-9", &worker.to_string()])
                .status();
        }
        let ended = charity.end_of(id).await;
        assert_eq!(ended["state"], "erased", "{step}: {ended}");
        assert_eq!(ended["reason"], "worker_died", "{step}");
        let evidence = charity.verified(id, &service).await;
        assert_eq!(evidence["worker"]["gone"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_any_step_leaves_nobody_and_its_successor_certifies_it() {
    let dir = folder();
    let data = dir.path().join("data");
    let mut service = Service::start(&data);
    let charity = service.sign_in("ann@hand.org", "Hand", "charity").await;
    let programme = charity.programme("Mentoring").await;
    for step in STEPS {
        let mut charity = charity.clone();
        charity.address.clone_from(&service.address);
        let (_, accepted) = charity.submit(&programme, step, sample()).await;
        let id = accepted["id"].as_str().unwrap();
        charity.reaches(id, step).await;
        let held = workers(service.process.id());
        service.kill();
        service = Service::start(&data);
        for worker in held {
            let there = std::path::Path::new("/proc").join(worker.to_string());
            assert!(!there.exists(), "{step}: a worker outlived its server");
        }
        charity.address.clone_from(&service.address);
        let ended = charity.json(&format!("submissions/{id}")).await;
        assert_eq!(ended["state"], "erased", "{step}: {ended}");
        assert_eq!(ended["reason"], "server_ended", "{step}");
        let evidence = charity.verified(id, &service).await;
        assert_eq!(evidence["end"], "server_ended");
        assert_eq!(
            charity
                .get(&format!("submissions/{id}/report.json"))
                .await
                .0,
            409
        );
    }
}
