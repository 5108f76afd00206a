//! Certificates of many ends at once, through the real tree: none is lost, no two have one place, and
//! each can be checked without the service.

use crate::kit::*;
use crate::sound::sound;
use counterpart::custody::keys::SigningKey;
use counterpart::custody::ledger::{Checkpoint, check_consistency, consistency};
use counterpart::service::custodian::Notary;
use counterpart::service::model::SubmissionId;
use counterpart::service::states::Event;
use counterpart::service::store::{Close, Store};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Ends of submissions at once.
const ENDS: usize = 24;

on_both!(of_many_ends_at_once_each_has_its_place_and_its_proof);

async fn of_many_ends_at_once_each_has_its_place_and_its_proof(world: World) {
    let nodes = [world.store().await, world.store().await];
    let home = home(&nodes[0], "at-once").await;
    let notary = Arc::new(Notary::new(SigningKey::random()));
    let mut ids = Vec::new();
    for _ in 0..ENDS {
        let id = submitted(&nodes[0], &home).await;
        let start = service("start");
        nodes[0]
            .move_submission(&start, id, Event::Start)
            .await
            .unwrap();
        ids.push(id);
    }
    let ends = ids.iter().enumerate().map(|(n, &id)| {
        let (one, other) = (nodes[n % 2].clone(), nodes[1 - n % 2].clone());
        let notary = notary.clone();
        tokio::spawn(async move {
            end(&one, &notary, id, n).await;
            // While the others grow the tree, and from another node.
            let bundle = notary.bundle(&other, id).await.unwrap().unwrap();
            let verified = bundle.verify(Some(notary.public_key())).unwrap();
            assert_eq!(verified.evidence.submission, format!("{n:032x}"));
            bundle.leaf_index
        })
    });
    let mut places = BTreeSet::new();
    for end in ends.collect::<Vec<_>>() {
        assert!(places.insert(end.await.unwrap()), "two at one place");
    }
    assert_eq!(places, (0..ENDS as u64).collect());
    for id in ids {
        let bundle = notary.bundle(&nodes[0], id).await.unwrap().unwrap();
        let verified = bundle.verify(Some(notary.public_key())).unwrap();
        assert_eq!(verified.checkpoint.size, ENDS as u64);
    }
    only_grown(&nodes[1], &notary).await;
}

async fn end(store: &Store, notary: &Notary, id: SubmissionId, n: usize) {
    let envelope = notary.certify(&sound(n)).unwrap();
    let text = serde_json::to_string(&envelope).unwrap();
    let close = Close {
        event: Event::Answered {
            needs_release: true,
        },
        problem: None,
        note: None,
        faces: Vec::new(),
        certificate: Some((envelope.digest(), text)),
    };
    let leaf = envelope.digest();
    let grow = |shelf: &_| notary.grow(shelf, &leaf);
    let audit = service("close");
    let closed = store.close_submission(&audit, id, close, grow).await;
    closed.unwrap();
}

/// Every head that was ever signed is the beginning of each later one.
async fn only_grown(store: &Store, notary: &Notary) {
    let mut heads = Vec::new();
    for size in 1..=ENDS as u64 {
        let note = store.checkpoint(Some(size)).await.unwrap().unwrap();
        heads.push(Checkpoint::open(&note, notary.public_key()).unwrap());
    }
    for (n, later) in heads.iter().enumerate() {
        for earlier in &heads[..=n] {
            let (from, to) = (earlier.size, later.size);
            let read = store.ledger_read(|shelf| consistency(from, to, |p| shelf.hashes(p)));
            let proof = read.await.unwrap();
            assert_eq!(
                check_consistency(earlier, later, &proof),
                Ok(()),
                "{from} to {to}"
            );
        }
    }
}
