//! Nodes that share a database: what a dead one leaves, one other takes over.

use crate::kit::*;
use counterpart::service::model::{NodeId, State};
use counterpart::service::states::Event;

on_both!(
    what_a_silent_node_leaves_is_found,
    an_orphan_is_adopted_once,
    a_node_that_says_goodbye_is_gone_at_once,
);

async fn what_a_silent_node_leaves_is_found(world: World) {
    let (one, two) = (world.store().await, world.store().await);
    let (dead, alive) = (NodeId::random(), NodeId::random());
    one.heartbeat(dead).await.unwrap();
    let home = home(&one, "a").await;
    let new = new_submission(&home, dead);
    one.create_submission(&by(&home.charity), &new)
        .await
        .unwrap();
    assert_eq!(two.orphans(30_000).await.unwrap(), []);
    world.clock.advance_ms(30_001);
    two.heartbeat(alive).await.unwrap();
    let own = new_submission(&home, alive);
    two.create_submission(&by(&home.charity), &own)
        .await
        .unwrap();
    let orphans = two.orphans(30_000).await.unwrap();
    // A server that is alone does not wait for silence.
    let left = two.left_by_others(dead).await.unwrap();
    assert_eq!(left.iter().map(|s| s.id).collect::<Vec<_>>(), [own.id]);
    let ids: Vec<_> = orphans
        .iter()
        .map(|o| (o.id, o.node, o.canary_seed))
        .collect();
    assert_eq!(ids, [(new.id, dead, new.canary_seed)]);
    // It was only slow: a sign of life is enough.
    one.heartbeat(dead).await.unwrap();
    assert_eq!(two.orphans(30_000).await.unwrap(), []);
    world.clock.advance_ms(60_000);
    two.heartbeat(alive).await.unwrap();
    assert_eq!(ended(&two, new.id, Event::ServerEnded).await, State::Erased);
    assert_eq!(two.orphans(30_000).await.unwrap(), []);
}

async fn an_orphan_is_adopted_once(world: World) {
    let (one, two) = (world.store().await, world.store().await);
    let home = home(&one, "a").await;
    let dead = NodeId::random();
    for _ in 0..6 {
        let new = new_submission(&home, dead);
        one.create_submission(&by(&home.charity), &new)
            .await
            .unwrap();
        let (audit, a, b) = (service("adopt"), NodeId::random(), NodeId::random());
        let (first, second) = tokio::join!(
            one.adopt(&audit, new.id, dead, a),
            two.adopt(&audit, new.id, dead, b),
        );
        let (first, second) = (first.unwrap(), second.unwrap());
        assert!(first != second);
        let node = one.submission(new.id).await.unwrap().node;
        assert_eq!(node, if first { a } else { b });
    }
}

async fn a_node_that_says_goodbye_is_gone_at_once(world: World) {
    let store = world.store().await;
    let node = NodeId::random();
    store.heartbeat(node).await.unwrap();
    let home = home(&store, "a").await;
    let new = new_submission(&home, node);
    store
        .create_submission(&by(&home.charity), &new)
        .await
        .unwrap();
    assert_eq!(store.orphans(30_000).await.unwrap(), []);
    store.node_ended(&service("node.end"), node).await.unwrap();
    assert_eq!(store.orphans(30_000).await.unwrap().len(), 1);
}
