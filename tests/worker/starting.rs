//! How long it takes until a worker can take a file: printed, not judged.
//! `cargo test --test worker starting -- --ignored --nocapture`, and `WORKER_REGISTER=DIR` for
//! another register than the sample.

use crate::kit::{Recorder, job, program, settings};
use counterpart::service::model::OrganisationId;
use counterpart::service::worker::Workers;
use std::time::Instant;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn from_asked_to_ready() {
    let mut settings = settings();
    if let Some(register) = std::env::var_os("WORKER_REGISTER") {
        settings.register = register.into();
    }
    let program = std::env::var_os("WORKER_PROGRAM").map_or(program(), Into::into);
    let workers = Workers::with_program(settings, Recorder::new(), program);
    let before = Instant::now();
    workers.warm().await;
    println!(
        "looking at the register once: {:.3} s",
        before.elapsed().as_secs_f64()
    );
    for _ in 0..5 {
        let before = Instant::now();
        let intake = workers.admit(job(OrganisationId::random())).await.unwrap();
        println!("asked to ready: {:.3} s", before.elapsed().as_secs_f64());
        drop(intake);
    }
}
