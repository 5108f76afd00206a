//! Sixteen lists at once, small and large, of people who are nobody: while they are worked through
//! nobody of them stands in the server's memory, on its disk or in what it said, and afterwards
//! nowhere at all.

use crate::kit::{Service, folder, workers};
use crate::search::{PEOPLE, Search, list};

/// Rows of each list.
const ROWS: [usize; 16] = [
    100_000, 20_000, 200, 200, 20_000, 200, 200, 100_000, 200, 200, 20_000, 200, 200, 200, 200, 200,
];

/// What a server has written and said.
fn written(service: &Service, search: &Search) -> usize {
    let said = std::fs::read(service.data.with_extension("stderr")).unwrap();
    search.below(&service.data).max(search.inside(&said))
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixteen_lists_at_once_nobody_is_left_anywhere() {
    let dir = folder();
    let service = Service::start(&dir.path().join("data"));
    let charity = service.sign_in("ann@hand.org", "Hand", "charity").await;
    let programme = charity.programme("Mentoring").await;
    let search = Search::of(&ROWS);
    let uploads = ROWS.iter().enumerate().map(|(n, &rows)| {
        let (charity, programme) = (charity.clone(), programme.clone());
        let list = list(n, rows);
        tokio::spawn(async move { charity.submit(&programme, &n.to_string(), list).await })
    });
    let uploads: Vec<_> = uploads.collect();
    let mut ids = Vec::new();
    for upload in uploads {
        let (status, accepted) = upload.await.unwrap();
        assert_eq!(status, 202, "{accepted}");
        ids.push(accepted["id"].as_str().unwrap().to_owned());
    }

    // All are in. Those whose turn has not come wait in the processes that will read them, and
    // nowhere else.
    let held = workers(service.process.id());
    let readers = held.iter().flat_map(|worker| workers(*worker));
    let mut there = readers.chain(held.iter().copied());
    let seen = there.find_map(|p| search.memory(p).filter(|seen| *seen > 0));
    assert!(
        seen.is_some(),
        "the search does not see those who are there"
    );
    let server = service.process.id();
    assert_eq!(search.memory(server), Some(0), "in its memory, during");
    assert_eq!(written(&service, &search), 0, "written, during");
    let some = workers(server).iter().any(|w| held.contains(w));
    assert!(some, "they had all ended meanwhile");

    for (n, id) in ids.iter().enumerate() {
        let ended = charity.end_of(id).await;
        assert_eq!(ended["state"], "erased", "{ended}");
        let evidence = charity.verified(id, &service).await;
        assert_eq!(evidence["canaries"]["found_after"], 0);
        let prints = &evidence["fingerprints"];
        let taken = prints["planted"].as_u64().unwrap();
        assert!(taken >= PEOPLE as u64, "{taken} texts of list {n}");
        assert_eq!(prints["found_after"], 0);
    }
    assert_eq!(search.memory(server), Some(0), "in its memory, after");
    assert_eq!(written(&service, &search), 0, "written, after");
}
