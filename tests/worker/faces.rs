//! Every form of a report is made inside the worker: no file to be opened, no process to be started,
//! its memory limited.

use crate::kit::{Recorder, clean_list, face, hand_in, job, program, settings};
use counterpart::report::Face;
use counterpart::service::model::OrganisationId;
use counterpart::service::worker::{Outcome, Workers};

#[tokio::test(flavor = "multi_thread")]
async fn a_confined_worker_makes_every_face() {
    let watcher = Recorder::new();
    let workers = Workers::with_program(settings(), watcher.clone(), program());
    let job = job(OrganisationId::random());
    let submission = hand_in(&workers, job, &clean_list()).await.unwrap();
    let ended = watcher.end_of(submission).await;
    let Outcome::Answer { faces, .. } = &ended.outcome else {
        panic!("{:?}", ended.outcome);
    };
    assert!(ended.facts.confined, "{}", ended.facts.note);
    let names: Vec<&str> = faces.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, Face::ALL.map(Face::file_name));
    for form in Face::ALL {
        let bytes = face(&ended, form.file_name());
        assert!(form.begins(&bytes) && bytes.len() > 10_000, "{form:?}");
    }
    // As the standard's mark is there, no letter was missing and no fallback was taken.
    let pdf = face(&ended, "report.pdf");
    let mark = pdf.windows(12).any(|w| w == b"pdfuaid:part");
    assert!(mark, "the PDF says that it is PDF/UA");
    workers.stop(std::time::Duration::ZERO).await;
}
