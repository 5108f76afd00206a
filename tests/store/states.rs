//! Random lives of submissions on the real store: only the table's moves happen, and what may be
//! read hangs on the state alone.

use crate::kit::*;
use counterpart::service::model::{Role, State, SubmissionId};
use counterpart::service::states::{Event, Mover, moved};
use counterpart::service::store::{Account, Actor, Audit, Store, StoreError};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

on_both!(
    random_lives_keep_to_the_table,
    findings_are_gone_with_the_move_that_ends_them,
    an_incident_stays_open_until_a_steward_resolves_it,
);

/// One attempt: what, by whom, and how it is called.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    event: Event,
    who: usize,
    how: How,
}

#[derive(Debug, Clone, Copy)]
enum How {
    Move,
    Close,
    CloseBare,
}

/// Half of the attempts are what would come next in an ordinary life, so that all states are
/// reached.
fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    let any = (0..Event::ALL.len(), 0..6_usize, 0..3_usize);
    let ordinary = (0..12_usize).prop_map(|n| match n {
        0..4 => (0, 0, 0),
        4 | 5 => (1, 0, 1),
        6 => (2, 0, 1),
        7 => (8, 1, 0),
        8 => (7, 2, 0),
        9 => (10, 0, 2),
        10 => (11, 1, 0),
        _ => (4, 0, 1),
    });
    let one = prop_oneof![any, ordinary].prop_map(|(event, who, how)| Attempt {
        event: Event::ALL[event],
        who,
        how: [How::Move, How::Close, How::CloseBare][how],
    });
    prop::collection::vec(one, 1..14)
}

async fn random_lives_keep_to_the_table(world: World) {
    let store = world.store().await;
    let home = home(&store, "a").await;
    let mut actors = vec![Actor::Service];
    for (name, role) in [
        ("steward", Role::Steward),
        ("charity", Role::Charity),
        ("commissioner", Role::Commissioner),
        ("auditor", Role::Auditor),
    ] {
        let a: Account = account(&store, &format!("{name}@y.org"), "Y", role).await;
        actors.push(Actor::Account(a.id, a.role));
    }
    actors.push(Actor::Operator);
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..40 {
        let life = attempts().new_tree(&mut runner).unwrap().current();
        let id = submitted(&store, &home).await;
        let mut certified = false;
        for attempt in &life {
            let before = store.submission(id).await.unwrap().state;
            let done = try_it(&store, id, attempt, actors[attempt.who]).await;
            let now = store.submission(id).await.unwrap();
            match &done {
                Ok(to) => {
                    let line = moved(before, attempt.event).expect("a line of the table");
                    assert_eq!((line.to, now.state), (*to, *to), "{life:?}");
                    let mover = match actors[attempt.who] {
                        Actor::Service => Mover::Service,
                        Actor::Account(_, role) => Mover::of(role).expect("a role that moves"),
                        other => panic!("{other} moved a submission: {life:?}"),
                    };
                    assert!(line.by.contains(&mover), "{life:?}");
                }
                Err(e) => {
                    assert_eq!(now.state, before, "{life:?}");
                    let told = matches!(
                        e,
                        StoreError::NoSuchMove { .. }
                            | StoreError::NoCertificate
                            | StoreError::Invalid { .. }
                    );
                    assert!(told, "{e}");
                }
            }
            certified |= now.certificate.is_some();
            assert_eq!(
                certified,
                now.certificate.is_some(),
                "a certificate never goes"
            );
            check(&store, id, now.state, certified, &life).await;
            reached.insert(now.state);
        }
    }
    assert_eq!(reached.len(), State::ALL.len(), "{reached:?}");
    assert!(store.check_audit().await.unwrap().is_ok());
}

async fn try_it(
    store: &Store,
    id: SubmissionId,
    attempt: &Attempt,
    actor: Actor,
) -> Result<State, StoreError> {
    let audit = Audit::new(actor, "attempt", id);
    let (mut closing, leaf) = close(attempt.event);
    match attempt.how {
        How::Move => return store.move_submission(&audit, id, attempt.event).await,
        How::Close => {}
        How::CloseBare => closing.certificate = None,
    }
    store
        .close_submission(&audit, id, closing, grow(leaf))
        .await
}

/// The rules, said without the table.
async fn check(store: &Store, id: SubmissionId, state: State, certified: bool, life: &[Attempt]) {
    match state {
        State::AwaitingRelease | State::Released => assert!(certified, "{life:?}"),
        State::Received | State::Running | State::Incident => assert!(!certified, "{life:?}"),
        // Without a certificate only out of an incident, that is written down.
        State::Erased => {
            let incidents = store.incidents().await.unwrap();
            let incident = incidents.iter().find(|i| i.submission == id);
            assert_eq!(certified, incident.is_none(), "{life:?}");
        }
    }
    for role in Role::ALL {
        let read = store.face(id, "report.json", role).await.unwrap().is_some();
        let may = match role {
            Role::Auditor => false,
            Role::Steward => matches!(state, State::AwaitingRelease | State::Released),
            _ => state == State::Released,
        };
        assert!(!read || may, "{role:?} reads in {state:?}: {life:?}");
        let listed = !store.faces(id, role).await.unwrap().is_empty();
        assert_eq!(listed, read, "{role:?}");
    }
}

async fn findings_are_gone_with_the_move_that_ends_them(world: World) {
    let store = world.store().await;
    let home = home(&store, "a").await;
    let steward = account(&store, "s@x.org", "Department", Role::Steward).await;
    let kept = async |id: SubmissionId| {
        let mut found = 0;
        store
            .dump(|table, _, value| {
                found += usize::from(table == "faces" && value == id.to_string().as_bytes());
            })
            .await
            .unwrap();
        found
    };
    for last in [Event::Refuse, Event::Withdraw] {
        let id = waiting(&store, &home).await;
        assert_eq!(kept(id).await, 1);
        store
            .move_submission(&by(&steward), id, last)
            .await
            .unwrap();
        assert_eq!(kept(id).await, 0);
    }
    let id = waiting(&store, &home).await;
    let more = [face("{\"findings\": 2}")];
    store.put_faces(&service("faces"), id, &more).await.unwrap();
    store
        .move_submission(&by(&steward), id, Event::Approve)
        .await
        .unwrap();
    let read = store
        .face(id, "report.json", Role::Commissioner)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read, more[0]);
    assert_eq!(
        store.face(id, "report.pdf", Role::Charity).await.unwrap(),
        None
    );
    store
        .move_submission(&by(&home.charity), id, Event::Withdraw)
        .await
        .unwrap();
    assert_eq!(kept(id).await, 0);
    assert!(store.put_faces(&service("faces"), id, &more).await.is_err());
    assert_eq!(kept(id).await, 0);
}

async fn an_incident_stays_open_until_a_steward_resolves_it(world: World) {
    let store = world.store().await;
    let home = home(&store, "a").await;
    let steward = account(&store, "s@x.org", "Department", Role::Steward).await;
    let id = submitted(&store, &home).await;
    let (mut closing, leaf) = close(Event::ScanUnclean);
    closing.certificate = None;
    closing.note = Some("3 of 64 marks in server memory".into());
    let to = store
        .close_submission(&service("scan"), id, closing, grow(leaf))
        .await;
    assert_eq!(to.unwrap(), State::Incident);
    assert_eq!(store.open_incidents().await.unwrap(), 1);
    let refused = store
        .resolve_incident(&by(&home.charity), id, "never mind")
        .await;
    assert!(matches!(refused, Err(StoreError::NoSuchMove { .. })));
    let audit = by(&steward);
    store
        .resolve_incident(&audit, id, "machine taken off and wiped")
        .await
        .unwrap();
    assert_eq!(store.open_incidents().await.unwrap(), 0);
    let told = store.incidents().await.unwrap();
    assert_eq!(
        told[0].note.as_deref(),
        Some("3 of 64 marks in server memory")
    );
    assert_eq!(
        told[0].resolution.as_deref(),
        Some("machine taken off and wiped")
    );
    assert_eq!(told[0].resolved_by, Some(format!("account {}", steward.id)));
}
