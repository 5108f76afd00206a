//! A worker that is killed at any step, by the system or by us, has one end and leaves nobody.

use crate::kit::{Event, Recorder, clean_list, died, hand_in, job, program, settings, write_all};
use counterpart::service::model::OrganisationId;
use counterpart::service::worker::{Counts, IntakeError, Outcome, Step, Why, Workers};
use std::sync::Arc;
use std::time::Duration;

fn workers() -> (Workers, Arc<Recorder>) {
    let watcher = Recorder::new();
    let workers = Workers::with_program(settings(), watcher.clone(), program());
    (workers, watcher)
}

const EVENTS: [Event; 10] = [
    Event::Step(Step::Received),
    Event::Step(Step::Started),
    Event::Step(Step::Reading),
    Event::Control,
    Event::Step(Step::Linking),
    Event::Step(Step::IndexEvents),
    Event::Step(Step::Designing),
    Event::Step(Step::Comparing),
    Event::Step(Step::Checking),
    Event::Step(Step::Writing),
];

#[tokio::test(flavor = "multi_thread")]
async fn killed_by_the_system_at_any_step_a_worker_has_died_once_and_is_gone() {
    let list = clean_list();
    for event in EVENTS {
        let (workers, watcher) = workers();
        let killer = workers.clone();
        watcher.at_each(move |submission, now| {
            if now == event {
                counterpart::custody::kill_group(killer.pid(submission).unwrap());
            }
        });
        let handed = hand_in(&workers, job(OrganisationId::random()), &list).await;
        let submission = handed.unwrap();
        let ended = watcher.end_of(submission).await;
        assert!(died(&ended), "{event:?}: {:?}", ended.outcome);
        assert_eq!(ended.exit, "signal 9", "{event:?}");
        workers.stop(Duration::ZERO).await;
        assert_eq!(watcher.ends_of(submission), 1, "{event:?}");
        assert_eq!(workers.counts(), Counts::default());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn withdrawn_at_any_step_a_worker_is_killed_once_and_is_gone() {
    let list = clean_list();
    for event in EVENTS {
        let (workers, watcher) = workers();
        let killer = workers.clone();
        watcher.at_each(move |submission, now| {
            if now == event {
                assert!(killer.withdraw(submission));
            }
        });
        let handed = hand_in(&workers, job(OrganisationId::random()), &list).await;
        let submission = handed.unwrap();
        let ended = watcher.end_of(submission).await;
        assert_eq!(ended.outcome, Outcome::Killed(Why::Withdrawn), "{event:?}");
        assert!(ended.gone, "{event:?}");
        assert!(!workers.withdraw(submission), "it has ended");
        workers.stop(Duration::ZERO).await;
        assert_eq!(watcher.ends_of(submission), 1, "{event:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_never_comes_whole_ends_its_worker() {
    let (workers, watcher) = workers();
    let list = clean_list();
    // Nothing of it; a part of it; all of it, and nobody put it on record.
    for parts in 0..3 {
        let job = job(OrganisationId::random());
        let submission = job.submission;
        let mut intake = workers.admit(job).await.unwrap();
        assert_eq!(workers.counts().receiving, 1);
        if parts > 0 {
            intake.write(&list[..100]).await.unwrap();
        }
        match parts {
            2 => drop(intake.finish().await.unwrap()),
            _ => drop(intake),
        }
        let ended = watcher.end_of(submission).await;
        assert_eq!(ended.outcome, Outcome::Killed(Why::Abandoned));
        assert!(ended.gone && ended.received.is_some() == (parts > 0));
        assert!(watcher.steps_of(submission).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_while_it_takes_the_file_in_is_told_to_whoever_sends_it() {
    let (workers, watcher) = workers();
    let job = job(OrganisationId::random());
    let submission = job.submission;
    let mut intake = workers.admit(job).await.unwrap();
    write_all(&mut intake, &clean_list()).await;
    counterpart::custody::kill_group(workers.pid(submission).unwrap());
    let ended = watcher.end_of(submission).await;
    assert!(died(&ended), "{:?}", ended.outcome);
    assert_eq!(intake.finish().await.err(), Some(IntakeError::Ended));
    assert_eq!(watcher.ends_of(submission), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_beyond_the_limit_is_refused_and_its_worker_ends() {
    let (workers, watcher) = workers();
    let job = job(OrganisationId::random());
    let submission = job.submission;
    let mut intake = workers.admit(job).await.unwrap();
    let most = counterpart::cohort::MAX_BYTES as u64;
    let part = vec![b'x'; 4 << 20];
    let refused = loop {
        if let Err(e) = intake.write(&part).await {
            break e;
        }
    };
    assert_eq!(refused, IntakeError::TooLarge { most });
    drop(intake);
    let ended = watcher.end_of(submission).await;
    assert_eq!(ended.outcome, Outcome::Killed(Why::Abandoned));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_in_a_watcher_is_an_end_too() {
    let (workers, watcher) = workers();
    watcher.at_each(|_, event| {
        if event == Event::Step(Step::Reading) {
            panic!("a watcher's own fault");
        }
    });
    let handed = hand_in(&workers, job(OrganisationId::random()), &clean_list()).await;
    let ended = watcher.end_of(handed.unwrap()).await;
    assert!(died(&ended));
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_lets_those_that_compute_finish_and_ends_the_others() {
    let watcher = Recorder::new();
    let mut one = settings();
    one.slots = 1;
    let workers = Workers::with_program(one, watcher.clone(), program());
    let list = clean_list();
    let computes = hand_in(&workers, job(OrganisationId::random()), &list).await;
    let computes = computes.unwrap();
    while workers.counts().running == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let waits = hand_in(&workers, job(OrganisationId::random()), &list).await;
    let waits = waits.unwrap();
    let receives = job(OrganisationId::random());
    let receiving = receives.submission;
    let intake = workers.admit(receives).await.unwrap();
    workers.stop(Duration::from_secs(200)).await;
    drop(intake);
    let ended = watcher.end_of(computes).await;
    assert!(matches!(ended.outcome, Outcome::Answer { .. }));
    for submission in [waits, receiving] {
        let ended = watcher.end_of(submission).await;
        assert_eq!(ended.outcome, Outcome::Killed(Why::Stopped));
    }
    let refused = workers.admit(job(OrganisationId::random())).await.err();
    assert_eq!(
        refused,
        Some(counterpart::service::worker::Refused::Stopped)
    );
    workers.open_intake();
    let refused = workers.admit(job(OrganisationId::random())).await.err();
    assert_eq!(
        refused,
        Some(counterpart::service::worker::Refused::Stopped)
    );
    assert_eq!(watcher.ends.borrow().len(), 3);
}
