//! The database gone, and back.

use crate::cluster::Cluster;
use crate::kit::*;
use counterpart::service::model::State;
use counterpart::service::states::Event;
use counterpart::service::store::{Store, StoreError};
use sqlx::{Connection as _, Executor as _};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

#[test]
fn a_server_that_stops_and_starts_is_met_with_typed_errors_and_used_again() {
    let cluster = Arc::new(Cluster::make());
    run(World::on(Arc::clone(&cluster)), async |world: World| {
        let store = world.store().await;
        let home = home(&store, "a").await;
        let id = submitted(&store, &home).await;
        cluster.stop();
        // Each waits a while for a connection.
        let (audit, url) = (service("x"), world.url.as_deref());
        let (read, write, ready, login, opened) = tokio::join!(
            store.submission(id),
            store.move_submission(&audit, id, Event::Start),
            store.ready(),
            store.login("a@example.org", PASSWORD),
            Store::open(world.data.path(), url),
        );
        let opened = opened.err().unwrap();
        for e in [
            read.unwrap_err(),
            write.unwrap_err(),
            ready.unwrap_err(),
            opened,
        ] {
            assert!(e.is_passing(), "{e}");
        }
        let login = login.err().unwrap().to_string();
        assert!(login.contains("cannot be used at the moment"), "{login}");
        cluster.start();
        store.ready().await.unwrap();
        let to = store.move_submission(&service("x"), id, Event::Start).await;
        assert_eq!(to.unwrap(), State::Running);
        assert!(store.check_audit().await.unwrap().is_ok());
    });
}

#[test]
fn a_file_that_is_locked_or_full_is_met_with_typed_errors_and_used_again() {
    run(World::sqlite(), async |world: World| {
        let store = world.store().await;
        let home = home(&store, "a").await;
        let id = submitted(&store, &home).await;
        let file = format!(
            "sqlite://{}",
            world.data.path().join("counterpart.db").display()
        );
        let mut other = sqlx::SqliteConnection::connect(&file).await.unwrap();
        other.execute("BEGIN EXCLUSIVE").await.unwrap();
        let busy = store.move_submission(&service("x"), id, Event::Start).await;
        assert!(busy.unwrap_err().is_passing());
        // Readers go on meanwhile.
        assert_eq!(store.submission(id).await.unwrap().state, State::Received);
        other.execute("ROLLBACK").await.unwrap();
        store
            .move_submission(&service("x"), id, Event::Start)
            .await
            .unwrap();
    });
}

#[test]
fn the_file_is_for_its_user_alone_and_a_strange_one_is_refused() {
    run(World::sqlite(), async |world: World| {
        let folder = world.data.path().join("made here");
        let store = Store::open(&folder, None).await.unwrap();
        home(&store, "a").await;
        let mode = |name: &str| folder.join(name).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(
            folder.metadata().unwrap().permissions().mode() & 0o777,
            0o700
        );
        for name in ["counterpart.db", "counterpart.db-wal", "counterpart.db-shm"] {
            assert_eq!(mode(name), 0o600, "{name}");
        }
        store.close().await;
        std::fs::write(
            folder.join("counterpart.db"),
            "this is not a database at all",
        )
        .unwrap();
        let strange = Store::open(&folder, None).await.err().unwrap();
        assert!(!strange.is_passing(), "{strange}");
        let wrong = Store::open(&folder, Some("mysql://x")).await.err().unwrap();
        assert!(matches!(wrong, StoreError::Open { .. }));
    });
}

#[test]
fn many_nodes_may_start_on_an_empty_database_at_once() {
    for world in [
        World::sqlite(),
        World::sqlite(),
        World::sqlite(),
        World::postgres(),
    ] {
        run(world, async |world: World| {
            let starting = (0..6).map(|_| {
                let world = world.clone();
                tokio::spawn(async move { world.store().await.ready().await })
            });
            for started in starting.collect::<Vec<_>>() {
                started.await.unwrap().unwrap();
            }
        });
    }
}
