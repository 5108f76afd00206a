//! Many lists by several clients at once.

use crate::kit::{Service, folder, sample};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const CLIENTS: usize = 8;
const LISTS: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn every_list_of_eight_clients_ends_once_with_a_certificate_of_its_own() {
    let dir = folder();
    let service = Service::start(&dir.path().join("data"));
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = Vec::new();
    for n in 0..CLIENTS {
        let organisation = format!("Organisation {}", n / 2);
        let charity = service
            .sign_in(&format!("a{n}@hand.org"), &organisation, "charity")
            .await;
        let programme = charity.programme(&format!("Mentoring {n}")).await;
        let next = next.clone();
        clients.push(tokio::spawn(async move {
            let mut ended = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::SeqCst);
                if n >= LISTS {
                    return (charity, ended);
                }
                let (id, _) = charity
                    .insist(&programme, &format!("list-{n}"), sample())
                    .await;
                let end = charity.end_of(&id).await;
                assert_eq!(end["state"], "awaiting_release", "{end}");
                ended.push((id, end["certificate"].as_u64().unwrap()));
            }
        }));
    }
    let mut places = BTreeSet::new();
    for client in clients {
        let (charity, ended) = client.await.unwrap();
        for (id, place) in &ended {
            places.insert(*place);
            charity.verified(id, &service).await;
        }
    }
    // Each has its place in the ledger, and the ledger nothing else.
    assert_eq!(places, (0..LISTS as u64).collect());
}
