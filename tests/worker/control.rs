//! What the scanner is given: the memory of a worker that holds the list, and marks to look for.

use crate::kit::{Event, Recorder, clean_list, hand_in, job, program, settings};
use counterpart::custody::marks::{Canaries, Prints};
use counterpart::service::model::{OrganisationId, SubmissionId};
use counterpart::service::worker::protocol::{Answered, Tags};
use counterpart::service::worker::{CANARIES, Ended, Held, Step, Watcher, Workers};
use futures_util::future::BoxFuture;
use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex};

/// Looks through the worker as the scanner would, for texts in the clear.
struct Looker {
    recorder: Arc<Recorder>,
    texts: Vec<String>,
    seen: Arc<Mutex<Vec<bool>>>,
}

impl Watcher for Looker {
    fn step(&self, submission: SubmissionId, step: Step) {
        self.recorder.step(submission, step);
    }

    fn control<'a>(&'a self, submission: SubmissionId, held: &'a Held) -> BoxFuture<'a, ()> {
        let (mem, mut maps) = (
            File::from(held.mem.try_clone().unwrap()),
            File::from(held.maps.try_clone().unwrap()),
        );
        let mut text = String::new();
        maps.rewind().unwrap();
        maps.read_to_string(&mut text).unwrap();
        let mut seen = vec![false; self.texts.len()];
        for line in text.lines().filter(|l| l.contains(" rw")) {
            let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
            let address = |hex| u64::from_str_radix(hex, 16).unwrap();
            let mut bytes = vec![0; (address(to) - address(from)) as usize];
            // Reserved and never used.
            if mem.read_exact_at(&mut bytes, address(from)).is_err() {
                continue;
            }
            for (text, seen) in self.texts.iter().zip(&mut seen) {
                let text = text.as_bytes();
                *seen |= bytes.windows(text.len()).any(|w| w == text);
            }
        }
        *self.seen.lock().unwrap() = seen;
        self.recorder.control(submission, held)
    }

    fn used_up(&self, tags: Vec<u64>, uses: u16) -> BoxFuture<'_, Option<Vec<bool>>> {
        self.recorder.used_up(tags, uses)
    }

    fn release(&self, submission: SubmissionId, asked: Tags) -> BoxFuture<'_, Answered> {
        self.recorder.release(submission, asked)
    }

    fn ended(&self, submission: SubmissionId, ended: Ended) -> BoxFuture<'static, ()> {
        self.recorder.ended(submission, ended)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_and_the_canaries_are_seen_in_the_worker_before_it_computes() {
    let job = job(OrganisationId::random());
    let canary = Canaries::derive(&job.canary_seed, CANARIES).last().unwrap();
    let list = clean_list();
    let recorder = Recorder::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let watcher = Looker {
        recorder: recorder.clone(),
        texts: vec![
            canary.surname.expose().to_owned(),
            canary.pnc_id.expose().to_owned(),
            // The first row's.
            "2001/8647057P".to_owned(),
            "nowhere at all 7391".to_owned(),
        ],
        seen: seen.clone(),
    };
    let workers = Workers::with_program(settings(), Arc::new(watcher), program());
    let killer = workers.clone();
    recorder.at_each(move |submission, event| {
        if event == Event::Step(Step::Linking) {
            killer.withdraw(submission);
        }
    });
    let submission = hand_in(&workers, job, &list).await.unwrap();
    let ended = recorder.end_of(submission).await;
    assert_eq!(*seen.lock().unwrap(), [true, true, true, false]);
    assert_eq!(ended.facts.canaries, CANARIES);
    let prints = Prints::received(ended.facts.prints).unwrap();
    assert!(prints.marks() > 50, "{} marks", prints.marks());
    assert!(ended.gone);
}
