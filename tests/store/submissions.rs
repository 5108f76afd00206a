//! Submissions of several nodes at once: exactly one wins.

use crate::kit::*;
use counterpart::service::model::{EndReason, NodeId, Role, State, SubmissionId};
use counterpart::service::states::Event;
use counterpart::service::store::{Created, Idempotency, Page, Replay, StoreError};

on_both!(
    a_submission_is_kept_as_it_was_made,
    lists_are_paged_newest_first_and_cut_to_the_organisation,
    the_same_request_makes_one_submission,
    the_same_key_at_once_makes_one_submission,
    of_two_nodes_that_make_the_same_move_one_wins,
    of_two_ends_one_is_written,
    an_end_that_fails_leaves_nothing_behind,
    steps_of_several_tasks_are_all_kept,
    a_refused_file_keeps_its_problem,
);

async fn a_submission_is_kept_as_it_was_made(world: World) {
    let store = world.store().await;
    let home = home(&store, "a").await;
    let new = new_submission(&home, NodeId::random());
    store
        .create_submission(&by(&home.charity), &new)
        .await
        .unwrap();
    store
        .add_step(new.id, "received", Some("20 to 50 rows"))
        .await
        .unwrap();
    world.clock.advance_ms(5);
    store.add_step(new.id, "linked", None).await.unwrap();
    let kept = world.store().await.submission(new.id).await.unwrap();
    assert_eq!(kept.state, State::Received);
    assert_eq!(
        (kept.organisation, kept.programme),
        (home.organisation, home.programme)
    );
    assert_eq!((kept.node, kept.canary_seed), (new.node, new.canary_seed));
    assert_eq!((kept.received_at, kept.ended_at), (NOON, None));
    assert_eq!(
        (kept.study.as_str(), kept.certificate),
        ("reoffending", None)
    );
    let steps: Vec<_> = kept
        .steps
        .iter()
        .map(|s| (s.name.as_str(), s.at - NOON))
        .collect();
    assert_eq!(steps, [("received", 0), ("linked", 5)]);
    assert_eq!(kept.steps[0].note.as_deref(), Some("20 to 50 rows"));
    let none = store.submission(SubmissionId::random()).await;
    assert_eq!(
        none.unwrap_err(),
        StoreError::NotFound { what: "submission" }
    );
}

async fn lists_are_paged_newest_first_and_cut_to_the_organisation(world: World) {
    let store = world.store().await;
    let (a, b) = (home(&store, "a").await, home(&store, "b").await);
    let mut made = Vec::new();
    for i in 0..7 {
        let whose = if i == 3 { &b } else { &a };
        let mut new = new_submission(whose, NodeId::random());
        new.received_at = NOON + i / 2;
        store
            .create_submission(&by(&whose.charity), &new)
            .await
            .unwrap();
        if i != 3 {
            made.push((new.received_at, new.id));
        }
    }
    made.sort_by_key(|(at, id)| std::cmp::Reverse((*at, id.to_string())));
    let mut page = Page {
        organisation: Some(a.organisation),
        most: 4,
        ..Page::default()
    };
    let mut seen = Vec::new();
    loop {
        let part = store.submissions(&page).await.unwrap();
        assert!(part.len() <= 4);
        seen.extend(part.iter().map(|s| (s.received_at, s.id)));
        match part.last() {
            Some(last) => page.after = Some(last.id),
            None => break,
        }
    }
    assert_eq!(seen, made);
    assert_eq!(store.submissions(&Page::default()).await.unwrap().len(), 7);
    let released = Page {
        state: Some(State::Released),
        ..Page::default()
    };
    assert_eq!(store.submissions(&released).await.unwrap(), []);
    assert_eq!(store.count_states().await.unwrap(), [(State::Received, 7)]);
}

fn request<'a>(home: &Home, key: &'a str, body: u8) -> Option<Idempotency<'a>> {
    Some(Idempotency {
        account: home.charity.id,
        key,
        body: [body; 32],
    })
}

async fn the_same_request_makes_one_submission(world: World) {
    let store = world.store().await;
    let (a, b) = (home(&store, "a").await, home(&store, "b").await);
    let send = async |home: &Home, key: &'static str, body: u8| {
        let mut new = new_submission(home, NodeId::random());
        new.idempotency = request(home, key, body);
        let made = store
            .create_submission(&by(&home.charity), &new)
            .await
            .unwrap();
        (new.id, made)
    };
    let (first, made) = send(&a, "key-1", 1).await;
    assert_eq!(made, Created::New);
    assert_eq!(send(&a, "key-1", 1).await.1, Created::Same(first));
    assert_eq!(send(&a, "key-1", 2).await.1, Created::Conflict);
    assert_eq!(send(&a, "key-2", 1).await.1, Created::New);
    // Another account's key of the same text is another key.
    assert_eq!(send(&b, "key-1", 2).await.1, Created::New);
    assert_eq!(store.submissions(&Page::default()).await.unwrap().len(), 3);
    let replay = async |key, body| {
        store
            .replay(&request(&a, key, body).unwrap())
            .await
            .unwrap()
    };
    assert_eq!(replay("key-1", 1).await, Replay::Same(first));
    assert_eq!(replay("key-1", 9).await, Replay::Conflict);
    assert_eq!(replay("key-9", 1).await, Replay::New);
    assert_eq!(
        store.key_used(a.charity.id, "key-1").await.unwrap(),
        Some(first)
    );
    assert_eq!(store.key_used(a.charity.id, "key-9").await.unwrap(), None);
}

async fn the_same_key_at_once_makes_one_submission(world: World) {
    let (one, two) = (world.store().await, world.store().await);
    let home = home(&one, "a").await;
    let tasks = (0..12).map(|i| {
        let store = if i % 2 == 0 { one.clone() } else { two.clone() };
        let mut new = new_submission(&home, NodeId::random());
        new.idempotency = request(&home, "the same", 7);
        let audit = by(&home.charity);
        tokio::spawn(async move { (new.id, store.create_submission(&audit, &new).await.unwrap()) })
    });
    let mut answers = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        answers.push(task.await.unwrap());
    }
    let winners: Vec<_> = answers
        .iter()
        .filter(|(_, made)| *made == Created::New)
        .collect();
    assert_eq!(winners.len(), 1);
    let winner = winners[0].0;
    for (id, made) in &answers {
        assert!(*id == winner || *made == Created::Same(winner));
    }
    assert_eq!(one.submissions(&Page::default()).await.unwrap().len(), 1);
}

async fn of_two_nodes_that_make_the_same_move_one_wins(world: World) {
    let (one, two) = (world.store().await, world.store().await);
    let home = home(&one, "a").await;
    let steward = account(&one, "s@x.org", "Department", Role::Steward).await;
    for _ in 0..8 {
        let id = waiting(&one, &home).await;
        let (yes, no) = (by(&steward), by(&steward));
        let (a, b) = tokio::join!(
            one.move_submission(&yes, id, Event::Approve),
            two.move_submission(&no, id, Event::Refuse),
        );
        let state = one.submission(id).await.unwrap().state;
        match (a, b) {
            (Ok(State::Released), Err(e)) | (Err(e), Ok(State::Erased)) => {
                assert!(matches!(e, StoreError::NoSuchMove { .. }), "{e}");
            }
            other => panic!("{other:?}"),
        }
        let readable = one.face(id, "report.json", Role::Charity).await.unwrap();
        assert_eq!(readable.is_some(), state == State::Released);
    }
    assert!(matches!(one.check_audit().await.unwrap(), Ok(n) if n > 8));
}

async fn of_two_ends_one_is_written(world: World) {
    let (one, two) = (world.store().await, world.store().await);
    let home = home(&one, "a").await;
    for round in 1..=4 {
        let id = submitted(&one, &home).await;
        let end = |store: counterpart::service::store::Store, event| async move {
            let (close, leaf) = close(event);
            store
                .close_submission(&service("close"), id, close, grow(leaf))
                .await
        };
        let (a, b) = tokio::join!(
            tokio::spawn(end(one.clone(), Event::WorkerDied)),
            tokio::spawn(end(two.clone(), Event::ServerEnded)),
        );
        let (a, b) = (a.unwrap(), b.unwrap());
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        let kept = one.submission(id).await.unwrap();
        let reason = match a.is_ok() {
            true => EndReason::WorkerDied,
            false => EndReason::ServerEnded,
        };
        assert_eq!((kept.state, kept.reason), (State::Erased, Some(reason)));
        // The loser's leaf is not in the ledger: its transaction was rolled back.
        assert_eq!(one.ledger_size().await.unwrap(), round);
        assert_eq!(kept.certificate, Some(round - 1));
    }
}

async fn an_end_that_fails_leaves_nothing_behind(world: World) {
    let store = world.store().await;
    let home = home(&store, "a").await;
    let id = submitted(&store, &home).await;
    let before = store.check_audit().await.unwrap();
    // No certificate; no tree; a certificate for an incident; a move there is not.
    let (mut bare, leaf) = close(Event::WorkerDied);
    bare.certificate = None;
    let refused = store
        .close_submission(&service("x"), id, bare, grow(leaf))
        .await;
    assert_eq!(refused.unwrap_err(), StoreError::NoCertificate);
    let (whole, _) = close(Event::WorkerDied);
    let refused = store
        .close_submission(&service("x"), id, whole, |_| None)
        .await;
    assert_eq!(refused.unwrap_err(), StoreError::Damaged { what: "ledger" });
    let (unclean, leaf) = close(Event::ScanUnclean);
    let refused = store
        .close_submission(&service("x"), id, unclean, grow(leaf))
        .await;
    assert!(matches!(refused, Err(StoreError::Invalid { .. })));
    let (approved, leaf) = close(Event::Approve);
    let refused = store
        .close_submission(&service("x"), id, approved, grow(leaf))
        .await;
    assert!(matches!(refused, Err(StoreError::NoSuchMove { .. })));
    let kept = store.submission(id).await.unwrap();
    assert_eq!((kept.state, kept.certificate), (State::Received, None));
    assert_eq!(store.ledger_size().await.unwrap(), 0);
    assert_eq!(store.checkpoint(None).await.unwrap(), None);
    assert_eq!(store.check_audit().await.unwrap(), before);
}

async fn steps_of_several_tasks_are_all_kept(world: World) {
    let store = world.store().await;
    let home = home(&store, "a").await;
    let id = submitted(&store, &home).await;
    for i in 0..5 {
        store
            .add_step(id, &format!("step {i}"), None)
            .await
            .unwrap();
    }
    let steps = store.submission(id).await.unwrap().steps;
    let names: Vec<&str> = steps.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["step 0", "step 1", "step 2", "step 3", "step 4"]);
    assert!(
        store
            .add_step(SubmissionId::random(), "x", None)
            .await
            .is_err()
    );
}

async fn a_refused_file_keeps_its_problem(world: World) {
    let store = world.store().await;
    let home = home(&store, "a").await;
    let id = submitted(&store, &home).await;
    let (mut close, leaf) = close(Event::NoAnswer);
    close.problem = Some(serde_json::json!({"code": "too-few", "problems": [{"row": 3}]}));
    world.clock.advance_ms(70);
    store
        .close_submission(&service("x"), id, close, grow(leaf))
        .await
        .unwrap();
    let kept = store.submission(id).await.unwrap();
    assert_eq!(kept.problem.unwrap()["problems"][0]["row"], 3);
    assert_eq!(
        (kept.reason, kept.ended_at),
        (Some(EndReason::NoAnswer), Some(NOON + 70))
    );
    // Findings given with an end that keeps none are not kept.
    assert_eq!(store.faces(id, Role::Steward).await.unwrap(), [""; 0]);
    let certificate = store.certificate(id).await.unwrap().unwrap();
    assert_eq!((certificate.leaf, certificate.issued_at), (0, NOON + 70));
    assert_eq!(store.ledger_leaf(0).await.unwrap(), (leaf, Some(id)));
}
