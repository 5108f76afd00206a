//! The audit trail: every change leaves a row, and an auditor sees what was taken out.

use crate::kit::*;
use counterpart::service::model::Role;
use counterpart::service::states::Event;
use counterpart::service::store::{Actor, Audit};
use sqlx::{AnyPool, AssertSqlSafe};

on_both!(
    a_submissions_life_is_in_the_trail,
    rows_of_two_nodes_make_one_chain,
    a_changed_or_missing_row_shows,
);

async fn a_submissions_life_is_in_the_trail(world: World) {
    let store = world.store().await;
    let home = home(&store, "a").await;
    let steward = account(&store, "s@x.org", "Department", Role::Steward).await;
    let id = waiting(&store, &home).await;
    let made = store.audit_after(0, 1).await.unwrap();
    assert_eq!(made[0].subject, home.charity.id.to_string());
    let start = store.audit_after(0, 100).await.unwrap().len();
    let audit = Audit::new(
        Actor::Account(steward.id, steward.role),
        "submission.approve",
        id,
    );
    world.clock.advance_ms(9);
    store
        .move_submission(&audit, id, Event::Approve)
        .await
        .unwrap();
    // What is refused changes nothing and leaves nothing.
    assert!(
        store
            .move_submission(&audit, id, Event::Approve)
            .await
            .is_err()
    );
    let rows = store.audit_after(0, 100).await.unwrap();
    assert_eq!(rows.len(), start + 1);
    let last = rows.last().unwrap();
    assert_eq!(last.actor, format!("account {}", steward.id));
    assert_eq!(
        (last.action.as_str(), last.subject.clone()),
        ("submission.approve", id.to_string())
    );
    assert_eq!((last.at, last.place), (NOON + 9, rows.len() as u64));
    assert_eq!(
        store.audit_after(rows.len() as u64 - 1, 100).await.unwrap(),
        std::slice::from_ref(last)
    );
    let _ = store.login("s@x.org", "not the password").await;
    let rows = store.audit_after(rows.len() as u64, 100).await.unwrap();
    let refused: Vec<_> = rows
        .iter()
        .map(|r| (r.actor.as_str(), r.action.as_str()))
        .collect();
    assert_eq!(refused, [("visitor", "session.refused")]);
    assert_eq!(rows[0].subject, steward.id.to_string());
}

async fn rows_of_two_nodes_make_one_chain(world: World) {
    let (one, two) = (world.store().await, world.store().await);
    let tasks = (0..30).map(|i| {
        let store = if i % 2 == 0 { one.clone() } else { two.clone() };
        tokio::spawn(async move { store.note(&service("note")).await })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    assert_eq!(one.check_audit().await.unwrap(), Ok(30));
    let places: Vec<u64> = one
        .audit_after(0, 100)
        .await
        .unwrap()
        .iter()
        .map(|r| r.place)
        .collect();
    assert_eq!(places, (1..=30).collect::<Vec<_>>());
}

/// Straight into the database, as somebody who keeps the machine could.
async fn tamper(world: &World, sql: &str) {
    let url = match &world.url {
        Some(url) => url.clone(),
        None => format!(
            "sqlite://{}",
            world.data.path().join("counterpart.db").display()
        ),
    };
    let pool = AnyPool::connect(&url).await.unwrap();
    sqlx::query(AssertSqlSafe(sql))
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
}

async fn a_changed_or_missing_row_shows(world: World) {
    let store = world.store().await;
    for _ in 0..9 {
        store.note(&service("note")).await.unwrap();
    }
    assert_eq!(store.check_audit().await.unwrap(), Ok(9));
    tamper(
        &world,
        "UPDATE audit SET actor = 'operator' WHERE place = 4",
    )
    .await;
    assert_eq!(store.check_audit().await.unwrap(), Err(4));
    tamper(&world, "UPDATE audit SET actor = 'service' WHERE place = 4").await;
    assert_eq!(store.check_audit().await.unwrap(), Ok(9));
    tamper(&world, "DELETE FROM audit WHERE place = 9").await;
    assert_eq!(store.check_audit().await.unwrap(), Err(9));
    tamper(&world, "DELETE FROM audit WHERE place = 2").await;
    assert_eq!(store.check_audit().await.unwrap(), Err(2));
}
