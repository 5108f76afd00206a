//! A worker that takes too much ends, and the next one works.

use crate::kit::{Recorder, clean_list, died, hand_in, job, program, settings};
use counterpart::service::model::OrganisationId;
use counterpart::service::worker::{Ended, Outcome, Refused, Settings, Workers};
use std::sync::Arc;
use std::time::Duration;

async fn end_within(settings: Settings) -> Result<Ended, Refused> {
    let watcher: Arc<Recorder> = Recorder::new();
    let workers = Workers::with_program(settings, watcher.clone(), program());
    let submission = hand_in(&workers, job(OrganisationId::random()), &clean_list()).await?;
    let ended = watcher.end_of(submission).await;
    assert_eq!(watcher.ends_of(submission), 1);
    Ok(ended)
}

#[tokio::test(flavor = "multi_thread")]
async fn out_of_memory_a_worker_dies() {
    let mut small = settings();
    small.memory_bytes = 24 << 20;
    match end_within(small).await {
        // The register's index alone may be too much.
        Err(refused) => assert!(matches!(refused, Refused::CannotStart { .. })),
        Ok(ended) => {
            assert!(died(&ended), "{:?}", ended.outcome);
            assert_ne!(ended.exit, "exit 0");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn out_of_computing_time_a_worker_is_timed_out() {
    let mut short = settings();
    short.cpu_seconds = 1;
    let ended = end_within(short).await.unwrap();
    assert_eq!(ended.outcome, Outcome::TimedOut);
    assert!(
        ended.gone && ended.exit.starts_with("signal "),
        "{}",
        ended.exit
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn out_of_time_a_worker_is_killed() {
    let mut short = settings();
    short.wall = Duration::from_millis(300);
    let ended = end_within(short).await.unwrap();
    assert_eq!(ended.outcome, Outcome::TimedOut);
    assert!(ended.gone);
    assert_eq!(ended.exit, "signal 9");
}
