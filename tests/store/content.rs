//! What stands in the columns after whole lives of submissions.

use crate::kit::*;
use counterpart::service::agreement::{Agreement, Basis};
use counterpart::service::model::{NodeId, Role};
use counterpart::service::sharing::Side;
use counterpart::service::states::Event;
use counterpart::service::store::{Asking, Idempotency, LoginError, Said};
use sha2::{Digest as _, Sha256};
use sqlx::{AnyPool, Row as _};
use std::collections::BTreeSet;

on_both!(
    no_column_holds_a_secret_or_anything_of_a_file,
    every_table_is_dumped,
    findings_that_were_withdrawn_are_not_on_the_disk,
);

async fn no_column_holds_a_secret_or_anything_of_a_file(world: World) {
    let store = world.store().await;
    let home = home(&store, "a").await;
    let steward = account(&store, "s@x.org", "Department", Role::Steward).await;
    // A file of 200 people: what the store is told of it is its digest.
    let people: Vec<String> = (0..200)
        .map(|i| format!("Canary{i:03} Surname{i:03}x, 19{:02}-03-04", i % 100))
        .collect();
    let file = people.join("\n");
    let body: [u8; 32] = Sha256::digest(&file).into();
    let mut new = new_submission(&home, NodeId::random());
    new.idempotency = Some(Idempotency {
        account: home.charity.id,
        key: "0b9f4c1e-the-senders-key",
        body,
    });
    store
        .create_submission(&by(&home.charity), &new)
        .await
        .unwrap();
    store
        .move_submission(&service("start"), new.id, Event::Start)
        .await
        .unwrap();
    let event = Event::Answered {
        needs_release: true,
    };
    ended(&store, new.id, event).await;
    store
        .move_submission(&by(&steward), new.id, Event::Approve)
        .await
        .unwrap();
    let (_, session) = store.login("s@x.org", PASSWORD).await.unwrap();
    let (_, token) = store
        .make_token(&by(&steward), steward.id, "t", 1_000_000)
        .await
        .unwrap();
    let guess = "a guess at a password";
    let refused = store.login("stranger@x.org", guess).await.err();
    assert_eq!(refused, Some(LoginError::Refused));

    let mut secrets: Vec<(&str, Vec<u8>)> = vec![
        ("password", PASSWORD.into()),
        ("guess", guess.into()),
        ("stranger's e-mail", "stranger@x.org".into()),
        ("session", session.expose().into()),
        ("session without prefix", session.expose()[4..].into()),
        ("token", token.expose().into()),
        ("bare digest of the file", body.to_vec()),
        ("bare digest in hexadecimal", hex(&body).into_bytes()),
        ("key of the request", "0b9f4c1e-the-senders-key".into()),
    ];
    secrets.extend(people.iter().map(|p| ("person", p.as_bytes().to_vec())));
    secrets.extend(people.iter().map(|p| ("name", p.as_bytes()[..9].to_vec())));
    let mut values = 0;
    let mut seen = BTreeSet::new();
    store
        .dump(|table, column, value| {
            values += 1;
            seen.insert(table);
            for (what, secret) in &secrets {
                assert!(!contains(value, secret), "{what} in {table}.{column}");
            }
        })
        .await
        .unwrap();
    assert!(values > 100 && seen.len() >= 11, "{values} {seen:?}");
    // The search itself works.
    let mut mail = 0;
    store
        .dump(|_, _, value| mail += usize::from(contains(value, b"s@x.org")))
        .await
        .unwrap();
    assert_eq!(mail, 1);
    if world.url.is_none() {
        no_secret_in_the_files(&world, &secrets);
    }
}

/// The file and its log as they lie on the disk.
fn no_secret_in_the_files(world: &World, secrets: &[(&str, Vec<u8>)]) {
    let mut bytes = 0;
    for entry in std::fs::read_dir(world.data.path()).unwrap() {
        let content = std::fs::read(entry.unwrap().path()).unwrap();
        bytes += content.len();
        for (what, secret) in secrets {
            assert!(!contains(&content, secret), "{what} on the disk");
        }
    }
    assert!(bytes > 10_000);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|w| w == part)
}

async fn every_table_is_dumped(world: World) {
    let store = world.store().await;
    let home = home(&store, "a").await;
    account(&store, "s@x.org", "Department", Role::Steward).await;
    store.heartbeat(NodeId::random()).await.unwrap();
    let _ = store.login("nobody@x.org", "not the password").await;
    store.login("s@x.org", PASSWORD).await.unwrap();
    let mut new = new_submission(&home, NodeId::random());
    new.idempotency = Some(Idempotency {
        account: home.charity.id,
        key: "k",
        body: [1; 32],
    });
    let agreement = Agreement {
        reference: "DSA 1".into(),
        basis: Basis::PublicTask,
    };
    let said = Said {
        agreement: Some(&agreement),
        step: Some("to_be_checked"),
    };
    store
        .create_submission_of(&by(&home.charity), &new, &said)
        .await
        .unwrap();
    let kept = store.agreement(new.id).await.unwrap();
    assert_eq!(kept, Some(agreement));
    store.add_step(new.id, "a step", None).await.unwrap();
    let other = submitted(&store, &home).await;
    let asking = Asking {
        submission: other,
        tags: (1..100).collect(),
        apart: 30,
        uses: None,
        steward: false,
    };
    store.record_release(&asking).await.unwrap();
    let (mut unclean, leaf) = close(Event::ScanUnclean);
    unclean.certificate = None;
    store
        .close_submission(&service("x"), new.id, unclean, grow(leaf))
        .await
        .unwrap();
    let steward = account(&store, "t@x.org", "Department", Role::Steward).await;
    let released = waiting(&store, &home).await;
    let approve = Event::Approve;
    store
        .move_submission(&by(&steward), released, approve)
        .await
        .unwrap();
    store
        .publish(&by(&home.charity), released, "we help", "[]")
        .await
        .unwrap();
    let terms = crate::sharing::terms("DSA 2");
    let organisation = home.charity.organisation;
    let made = store
        .add_sharing(&by(&home.charity), organisation, &terms)
        .await
        .unwrap();
    let audit = by(&home.charity);
    store
        .sign_sharing(&audit, made.id, Side::Provider, "a@x.org")
        .await
        .unwrap();
    let mut dumped = BTreeSet::new();
    store
        .dump(|table, _, _| {
            dumped.insert(table.to_owned());
        })
        .await
        .unwrap();
    let (url, sql) = match &world.url {
        Some(url) => (
            url.clone(),
            "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = 'public'",
        ),
        None => (
            format!(
                "sqlite://{}",
                world.data.path().join("counterpart.db").display()
            ),
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        ),
    };
    let pool = AnyPool::connect(&url).await.unwrap();
    let rows = sqlx::query(sql).fetch_all(&pool).await.unwrap();
    let tables: BTreeSet<String> = rows
        .iter()
        .map(|r| r.get::<String, _>("name"))
        .filter(|t| t != "_sqlx_migrations")
        .collect();
    assert_eq!(dumped, tables);
}

/// PostgreSQL keeps its own files: there it is the rows that are looked at.
async fn findings_that_were_withdrawn_are_not_on_the_disk(world: World) {
    let store = world.store().await;
    let home = home(&store, "a").await;
    let steward = account(&store, "s@x.org", "Department", Role::Steward).await;
    let id = waiting(&store, &home).await;
    let text = "a finding that is seen nowhere else ".repeat(400);
    store
        .put_faces(&service("faces"), id, &[face(&text)])
        .await
        .unwrap();
    let find = async || {
        let mut found = 0;
        let look = |value: &[u8]| usize::from(contains(value, &text.as_bytes()[..400]));
        store
            .dump(|_, _, value| found += look(value))
            .await
            .unwrap();
        if world.url.is_none() {
            for entry in std::fs::read_dir(world.data.path()).unwrap() {
                found += look(&std::fs::read(entry.unwrap().path()).unwrap());
            }
        }
        found
    };
    assert!(find().await >= 1);
    store
        .move_submission(&by(&steward), id, Event::Withdraw)
        .await
        .unwrap();
    store.forget_expired().await.unwrap();
    assert_eq!(find().await, 0);
}
