//! Whatever is killed, whenever: every list that was taken in has one end, and one certificate.

use crate::kit::{Service, User, folder, sample, workers};
use counterpart::service::worker::Step;
use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};

/// Moments at which something is killed, beside the steps, spread over what a list takes and a
/// little longer: in the middle of steps, of the scan, and of what is written down at the end.
const MOMENTS: u32 = 5;

/// When something is killed.
#[derive(Debug, Clone, Copy)]
enum When {
    At(Step),
    After(Duration),
}

impl When {
    /// Every step, and moments spread over this time.
    fn all(took: Duration) -> impl Iterator<Item = When> {
        let moments = (1..=MOMENTS).map(move |n| When::After(took * n * 11 / (MOMENTS * 10)));
        Step::ALL.map(When::At).into_iter().chain(moments)
    }

    async fn comes(self, user: &User, id: &str) {
        match self {
            When::At(step) => user.reaches(id, step.name()).await,
            When::After(time) => tokio::time::sleep(time).await,
        }
    }

    /// Is the list certainly still being worked on?
    fn is_early(self) -> bool {
        matches!(self, When::At(step) if step < Step::Checking)
    }
}

/// One list from its beginning to its end.
async fn time_of_one(user: &User, programme: &str) -> Duration {
    let begun = Instant::now();
    let (_, accepted) = user.submit(programme, "first", sample()).await;
    let ended = user.end_of(accepted["id"].as_str().unwrap()).await;
    assert_eq!(ended["state"], "awaiting_release", "{ended}");
    begun.elapsed()
}

/// Its end is that of something killed, or, where it had come so far, its own; what there is of a
/// report fits that. Its place in the ledger.
async fn one_end(user: &User, service: &Service, id: &str, when: When, killed: &str) -> u64 {
    let ended = user.end_of(id).await;
    let evidence = user.verified(id, service).await;
    let report = user.get(&format!("submissions/{id}/report.json")).await.0;
    if ended["state"] == "erased" {
        assert_eq!(ended["reason"], killed, "{when:?}: {ended}");
        assert_eq!(report, 409, "{when:?}: nothing was found");
    } else {
        assert_eq!(ended["state"], "awaiting_release", "{when:?}: {ended}");
        assert!(!when.is_early(), "{when:?}: it was killed before");
    }
    assert_ne!(evidence["worker"]["gone"], false, "{when:?}");
    ended["certificate"].as_u64().unwrap()
}

/// The ledger holds those entries and nothing else.
async fn holds(user: &User, places: &[u64]) {
    let entries = places.len() as u64 + 1;
    let places: BTreeSet<u64> = places.iter().copied().collect();
    assert_eq!(places, (1..entries).collect(), "after the first list these");
    let (_, note) = user.get("ledger/checkpoint").await;
    assert_eq!(
        note.lines().nth(1),
        Some(&entries.to_string()[..]),
        "{note}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_at_any_moment_is_an_ordinary_end_with_a_certificate() {
    let dir = folder();
    let service = Service::start(&dir.path().join("data"));
    let charity = service.sign_in("ann@hand.org", "Hand", "charity").await;
    let programme = charity.programme("Mentoring").await;
    let took = time_of_one(&charity, &programme).await;
    let mut places = Vec::new();
    for (n, when) in When::all(took).enumerate() {
        let key = format!("list-{n}");
        let (_, accepted) = charity.submit(&programme, &key, sample()).await;
        let id = accepted["id"].as_str().unwrap();
        when.comes(&charity, id).await;
        for worker in workers(service.process.id()) {
            // It may have ended meanwhile.
            let _ = Command::new("kill")
                .args(["-9", &worker.to_string()])
                .status();
        }
        places.push(one_end(&charity, &service, id, when, "worker_died").await);
    }
    holds(&charity, &places).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_any_moment_leaves_nobody_and_its_successor_certifies_it() {
    let dir = folder();
    let data = dir.path().join("data");
    let mut service = Service::start(&data);
    let mut charity = service.sign_in("ann@hand.org", "Hand", "charity").await;
    let programme = charity.programme("Mentoring").await;
    let took = time_of_one(&charity, &programme).await;
    let mut places = Vec::new();
    for (n, when) in When::all(took).enumerate() {
        let key = format!("list-{n}");
        let (_, accepted) = charity.submit(&programme, &key, sample()).await;
        let id = accepted["id"].as_str().unwrap();
        when.comes(&charity, id).await;
        let held = workers(service.process.id());
        service.kill();
        service = Service::start(&data);
        for worker in held {
            let there = std::path::Path::new("/proc").join(worker.to_string());
            assert!(!there.exists(), "{when:?}: a worker outlived its server");
        }
        charity.address.clone_from(&service.address);
        places.push(one_end(&charity, &service, id, when, "server_ended").await);
    }
    holds(&charity, &places).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_while_a_list_comes_in_takes_it_in_once_when_it_is_sent_again() {
    let dir = folder();
    let data = dir.path().join("data");
    let mut service = Service::start(&data);
    let mut charity = service.sign_in("ann@hand.org", "Hand", "charity").await;
    let programme = charity.programme("Mentoring").await;
    let took = time_of_one(&charity, &programme).await;
    let mut places = Vec::new();
    for moment in 0..8 {
        let key = format!("arriving-{moment}");
        let (user, at, sent) = (charity.clone(), programme.clone(), key.clone());
        let sending = tokio::spawn(async move { user.try_submit(&at, &sent, sample()).await });
        tokio::time::sleep(took * moment / 200).await;
        service.kill();
        // Accepted, or the connection broke: either is possible.
        let first = sending.await.unwrap();
        service = Service::start(&data);
        charity.address.clone_from(&service.address);
        let (id, _) = charity.insist(&programme, &key, sample()).await;
        if let Ok((202, accepted)) = first {
            assert_eq!(accepted["id"], id.as_str(), "moment {moment}");
        }
        let when = When::After(took);
        places.push(one_end(&charity, &service, &id, when, "server_ended").await);
    }
    holds(&charity, &places).await;
}
