//! The record of releases: two at once cannot both pass, and what never left is taken back.

use crate::kit::*;
use counterpart::service::model::SubmissionId;
use counterpart::service::states::Event;
use counterpart::service::store::{Asking, Recorded, ReleaseCounts, Store, StoreError};

on_both!(
    of_the_same_people_asked_for_at_once_one_release_passes,
    a_record_is_released_as_often_as_it_may_be_and_no_more,
    a_release_whose_answer_never_came_is_taken_back,
    a_release_asked_for_again_counts_once,
    a_steward_sees_which_release_is_near_an_earlier_one,
    what_stays_does_not_say_which_records_a_release_was_about,
);

/// More than goes into one statement, all over the numbers that a tag can be.
fn people(from: u64, to: u64) -> Vec<u64> {
    (from..to)
        .map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).max(1))
        .collect()
}

fn asking(submission: SubmissionId, tags: Vec<u64>) -> Asking {
    Asking {
        submission,
        tags,
        apart: 30,
        uses: None,
        steward: false,
    }
}

async fn running(store: &Store, home: &Home) -> SubmissionId {
    let id = submitted(store, home).await;
    let audit = service("start");
    store
        .move_submission(&audit, id, Event::Start)
        .await
        .unwrap();
    id
}

const ANSWERED: Event = Event::Answered {
    needs_release: false,
};

async fn of_the_same_people_asked_for_at_once_one_release_passes(world: World) {
    let (one, two) = (world.store().await, world.store().await);
    let home = home(&one, "a").await;
    let mut asked = Vec::new();
    for n in 0..8 {
        let store = [&one, &two][n % 2].clone();
        // Each differs from the others by one or two people.
        let mut tags = people(1, 1_200);
        tags.remove(n);
        let asking = asking(running(&one, &home).await, tags);
        asked.push(tokio::spawn(async move {
            store.record_release(&asking).await.unwrap()
        }));
    }
    let mut kept = 0;
    for answer in asked {
        match answer.await.unwrap() {
            Recorded::Kept => kept += 1,
            other => assert_eq!(other, Recorded::NearRepeat),
        }
    }
    assert_eq!(kept, 1);
    let counts = one.count_releases().await.unwrap();
    assert_eq!(
        (counts.releases, counts.near, counts.records),
        (1, 0, 1_198)
    );
}

async fn a_record_is_released_as_often_as_it_may_be_and_no_more(world: World) {
    let (one, two) = (world.store().await, world.store().await);
    let home = home(&one, "a").await;
    let mut asked = Vec::new();
    for n in 0..6 {
        let store = [&one, &two][n % 2].clone();
        let asking = Asking {
            uses: Some(2),
            steward: true,
            ..asking(running(&one, &home).await, people(1, 700))
        };
        asked.push(tokio::spawn(async move {
            store.record_release(&asking).await.unwrap()
        }));
    }
    let mut kept = 0;
    for answer in asked {
        match answer.await.unwrap() {
            Recorded::Kept => kept += 1,
            other => assert_eq!(other, Recorded::Overtaken),
        }
    }
    assert_eq!(kept, 2);
    let looked_up = one.used_up(&people(690, 710), 2).await.unwrap();
    let spent: Vec<bool> = (690..710).map(|n| n < 700).collect();
    assert_eq!(looked_up, spent);
    let three = one.used_up(&people(690, 710), 3).await.unwrap();
    assert_eq!(three, vec![false; 20]);
}

async fn a_release_whose_answer_never_came_is_taken_back(world: World) {
    let store = world.store().await;
    let home = home(&store, "a").await;
    let events = [
        Event::ServerEnded,
        Event::WorkerDied,
        Event::TimedOut,
        Event::Withdraw,
        Event::NoAnswer,
    ];
    for event in events {
        let lost = running(&store, &home).await;
        let first = store.record_release(&asking(lost, people(1, 1_200))).await;
        assert_eq!(first, Ok(Recorded::Kept), "{event:?}");
        ended(&store, lost, event).await;
        let none = store.count_releases().await.unwrap();
        assert_eq!(none, ReleaseCounts::default(), "{event:?}");
        let late = store.record_release(&asking(lost, people(1, 1_200))).await;
        assert!(matches!(late, Err(StoreError::Invalid { .. })), "{event:?}");
    }
    // One that left stays, whatever becomes of its report.
    let released = running(&store, &home).await;
    let kept = store
        .record_release(&asking(released, people(1, 1_200)))
        .await;
    assert_eq!(kept, Ok(Recorded::Kept));
    ended(&store, released, ANSWERED).await;
    let audit = by(&home.charity);
    store
        .move_submission(&audit, released, Event::Withdraw)
        .await
        .unwrap();
    let again = asking(running(&store, &home).await, people(1, 1_200));
    let again = store.record_release(&again).await;
    assert_eq!(again, Ok(Recorded::NearRepeat));
}

async fn a_release_asked_for_again_counts_once(world: World) {
    let store = world.store().await;
    let home = home(&store, "a").await;
    let asking = asking(running(&store, &home).await, people(1, 700));
    for _ in 0..3 {
        let kept = store.record_release(&asking).await;
        assert_eq!(kept, Ok(Recorded::Kept));
    }
    assert_eq!(store.count_releases().await.unwrap().releases, 1);
    let twice = store.used_up(&people(1, 700), 2).await.unwrap();
    assert_eq!(twice, vec![false; 699]);
}

async fn a_steward_sees_which_release_is_near_an_earlier_one(world: World) {
    let store = world.store().await;
    let home = home(&store, "a").await;
    let looked_at = |id, tags| Asking {
        steward: true,
        ..asking(id, tags)
    };
    let lists = [
        (people(1, 400), false),
        (people(400, 800), false),
        (people(1, 399), true),
        // The first two together, and one more.
        (people(1, 801), true),
        (people(300, 500), false),
    ];
    for (tags, near) in lists {
        let id = running(&store, &home).await;
        let kept = store.record_release(&looked_at(id, tags)).await;
        assert_eq!(kept, Ok(Recorded::Kept));
        assert_eq!(store.is_near_repeat(id).await, Ok(near));
    }
    assert_eq!(store.count_releases().await.unwrap().near, 2);
}

async fn what_stays_does_not_say_which_records_a_release_was_about(world: World) {
    let store = world.store().await;
    let home = home(&store, "a").await;
    let id = running(&store, &home).await;
    store
        .record_release(&asking(id, people(1, 700)))
        .await
        .unwrap();
    let tags = |store: Store| async move {
        let mut bytes = 0;
        let count = |table: &str, column: &str, value: &[u8]| {
            if (table, column) == ("release_sketches", "tags") {
                bytes += value.len();
            }
        };
        store.dump(count).await.unwrap();
        bytes
    };
    assert_eq!(tags(store.clone()).await, 8 * 699);
    ended(&store, id, ANSWERED).await;
    assert_eq!(tags(store.clone()).await, 0);
}
