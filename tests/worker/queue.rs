//! Places are bounded; turns go round the organisations. The children are made up: what they
//! compute does not matter here.

use crate::kit::{Fake, Recorder, hand_in, job, settings};
use counterpart::service::model::{OrganisationId, SubmissionId};
use counterpart::service::worker::{Counts, Outcome, Refused, Step};
use std::time::Duration;

/// Order in which turns came.
fn turns(watcher: &Recorder) -> Vec<SubmissionId> {
    let steps = watcher.steps.lock().unwrap();
    let started = steps.iter().filter(|(_, step)| *step == Step::Started);
    started.map(|(id, _)| *id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_from_one_organisation_does_not_keep_another_waiting() {
    let fake = Fake::new("gone()\ntime.sleep(0.3)\nreport()\nanswer()");
    let mut roomy = settings();
    (roomy.places, roomy.places_per_organisation) = (60, 55);
    let slots = roomy.slots;
    let watcher = Recorder::new();
    let workers = fake.workers(roomy, watcher.clone());
    let (flooding, other) = (OrganisationId::random(), OrganisationId::random());
    let mut flood = Vec::new();
    for _ in 0..50 {
        flood.push(hand_in(&workers, job(flooding), b"a list").await.unwrap());
    }
    let before = turns(&watcher).len();
    let single = hand_in(&workers, job(other), b"a list").await.unwrap();
    watcher.end_of(single).await;
    let order = turns(&watcher);
    let at = order.iter().position(|&id| id == single).unwrap();
    // Counted from when it was handed in; the fakes start while it is.
    assert!(
        at <= before + slots + 1,
        "turn {at}, handed in after {before}"
    );
    assert!(order.len() < 40, "the flood was over before");
    let done = workers.stop(Duration::ZERO);
    tokio::time::timeout(Duration::from_secs(60), done)
        .await
        .unwrap();
    for id in flood.into_iter().chain([single]) {
        assert_eq!(watcher.ends_of(id), 1);
    }
    assert_eq!(workers.counts(), Counts::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_go_round_all_who_wait() {
    let fake = Fake::new("gone()\nreport()\nanswer()");
    let mut one = settings();
    (one.slots, one.places, one.places_per_organisation) = (1, 20, 20);
    let watcher = Recorder::new();
    let workers = fake.workers(one, watcher.clone());
    // Nobody begins until all are there.
    let organisations: Vec<OrganisationId> = (0..3).map(|_| OrganisationId::random()).collect();
    let mut waiting = Vec::new();
    for organisation in &organisations {
        for _ in 0..3 {
            let job = job(*organisation);
            let id = job.submission;
            let mut intake = workers.admit(job).await.unwrap();
            intake.write(b"a list").await.unwrap();
            waiting.push((id, intake.finish().await.unwrap()));
        }
    }
    let ids: Vec<SubmissionId> = waiting.iter().map(|(id, _)| *id).collect();
    watcher.at_each(|_, _| std::thread::sleep(Duration::from_millis(20)));
    for (_, file) in waiting {
        file.enqueue();
    }
    for id in &ids {
        watcher.end_of(*id).await;
    }
    let order = turns(&watcher);
    let place = |id: &SubmissionId| ids.iter().position(|i| i == id).unwrap();
    let places: Vec<usize> = order.iter().map(place).collect();
    assert_eq!(places.len(), 9);
    // The first few may begin before the last have joined; then none is passed over twice.
    let first_of = |of: usize| places.iter().position(|p| p / 3 == of).unwrap();
    assert!((0..3).all(|of| first_of(of) < 6), "{places:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_bounded_for_all_and_for_each_and_come_free_again() {
    let fake = Fake::new("begun()\ntime.sleep(600)");
    let mut tight = settings();
    (tight.slots, tight.places, tight.places_per_organisation) = (1, 3, 2);
    let watcher = Recorder::new();
    let workers = fake.workers(tight, watcher.clone());
    let (a, b) = (OrganisationId::random(), OrganisationId::random());
    let first = hand_in(&workers, job(a), b"a list").await.unwrap();
    while workers.counts().running == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // The one that computes has no place any more.
    let second = workers.admit(job(a)).await.unwrap();
    let third = workers.admit(job(a)).await.unwrap();
    let full = |refused: Option<Refused>| match refused {
        Some(Refused::Full { retry_after_s }) => retry_after_s,
        other => panic!("{other:?}"),
    };
    let own = full(workers.admit(job(a)).await.err());
    assert!((1..=600).contains(&own));
    let fourth = workers.admit(job(b)).await.unwrap();
    full(workers.admit(job(b)).await.err());
    full(workers.admit(job(OrganisationId::random())).await.err());
    drop(fourth);
    while watcher.ends.borrow().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let fourth = workers.admit(job(b)).await.unwrap();
    drop((second, third, fourth));
    assert!(workers.withdraw(first));
    assert!(matches!(
        watcher.end_of(first).await.outcome,
        Outcome::Killed(_)
    ));
    workers.stop(Duration::ZERO).await;
    assert_eq!(watcher.ends.borrow().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shut_intake_takes_nothing_in_until_it_is_opened() {
    let fake = Fake::new("gone()\nreport()\nanswer()");
    let watcher = Recorder::new();
    let workers = fake.workers(settings(), watcher.clone());
    workers.close_intake();
    let organisation = OrganisationId::random();
    let refused = workers.admit(job(organisation)).await.err();
    assert_eq!(refused, Some(Refused::Stopped));
    workers.open_intake();
    let submission = hand_in(&workers, job(organisation), b"a list")
        .await
        .unwrap();
    let ended = watcher.end_of(submission).await;
    assert!(matches!(
        ended.outcome,
        Outcome::Answer { submitted: 60, .. }
    ));
}
