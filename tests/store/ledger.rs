//! The ledger's storage: one order, whoever appends; nothing is changed afterwards.

use crate::kit::*;
use counterpart::service::store::{Growth, Store, StoreError};
use std::collections::BTreeSet;

on_both!(
    appends_of_two_nodes_come_in_one_order,
    hashes_that_are_asked_for_are_fetched,
    cosignatures_add_and_change_nothing,
);

async fn appends_of_two_nodes_come_in_one_order(world: World) {
    let (one, two) = (world.store().await, world.store().await);
    let tasks = (0..20_u8).map(|i| {
        let store = if i % 2 == 0 { one.clone() } else { two.clone() };
        let leaf = [i; 32];
        tokio::spawn(async move {
            let place = store
                .ledger_append(&service("append"), &leaf, grow(leaf))
                .await;
            (place.unwrap(), leaf)
        })
    });
    let mut places = BTreeSet::new();
    for task in tasks.collect::<Vec<_>>() {
        let (place, leaf) = task.await.unwrap();
        assert!(places.insert(place));
        assert_eq!(one.ledger_leaf(place).await.unwrap(), (leaf, None));
    }
    assert_eq!(places, (0..20).collect());
    assert_eq!(two.ledger_size().await.unwrap(), 20);
    let newest = two.checkpoint(None).await.unwrap().unwrap();
    assert!(newest.starts_with("test log\n20\n"));
    for size in 1..=20 {
        let note = one.checkpoint(Some(size)).await.unwrap().unwrap();
        assert!(note.starts_with(&format!("test log\n{size}\n")));
    }
    let none = one.ledger_leaf(20).await;
    assert_eq!(
        none.unwrap_err(),
        StoreError::NotFound {
            what: "ledger entry"
        }
    );
}

async fn filled(store: &Store, leaves: u8) {
    for i in 0..leaves {
        let leaf = [i; 32];
        store
            .ledger_append(&service("append"), &leaf, grow(leaf))
            .await
            .unwrap();
    }
}

async fn hashes_that_are_asked_for_are_fetched(world: World) {
    let store = world.store().await;
    filled(&store, 9).await;
    // What is asked for second hangs on what came first.
    let sum = store.ledger_read(|shelf| {
        let first = shelf.hashes(&[3, 8])?;
        let second = shelf.hashes(&[u64::from(first[0][0]) + 2])?;
        Some((shelf.size(), first[1][31], second[0][0]))
    });
    assert_eq!(sum.await.unwrap(), (9, 8, 5));
    let beyond = store.ledger_read(|shelf| shelf.hashes(&[99])).await;
    assert_eq!(beyond.unwrap_err(), StoreError::Damaged { what: "ledger" });
    // A tree that would write over a hash is refused whole.
    let over = |_: &_| {
        Some(Growth {
            hashes: vec![(4, [0; 32])],
            checkpoint: "x\n".into(),
        })
    };
    assert!(
        store
            .ledger_append(&service("append"), &[1; 32], over)
            .await
            .is_err()
    );
    assert_eq!(store.ledger_size().await.unwrap(), 9);
    let kept = store.ledger_read(|shelf| shelf.hashes(&[4])).await.unwrap();
    assert_eq!(kept, [[4; 32]]);
}

async fn cosignatures_add_and_change_nothing(world: World) {
    let store = world.store().await;
    filled(&store, 2).await;
    let note = store.checkpoint(Some(2)).await.unwrap().unwrap();
    let more = format!("{note}- witness cosignature\n");
    store.cosign(&service("cosign"), 2, &more).await.unwrap();
    assert_eq!(store.checkpoint(Some(2)).await.unwrap().unwrap(), more);
    for bad in [
        more.replace("log\n2", "log\n3"),
        more.replace("- test signature\n", ""),
        String::new(),
    ] {
        let refused = store.cosign(&service("cosign"), 2, &bad).await;
        assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{bad}");
    }
    let none = store.cosign(&service("cosign"), 7, &more).await;
    assert_eq!(
        none.unwrap_err(),
        StoreError::NotFound { what: "checkpoint" }
    );
}
