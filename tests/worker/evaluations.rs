//! Real lists, real answers.

use crate::kit::{Recorder, clean_list, face, hand_in, home, job, program, settings};
use counterpart::service::model::OrganisationId;
use counterpart::service::worker::protocol::Answered;
use counterpart::service::worker::{Counts, Outcome, Step, Workers};
use serde_json::Value;
use std::process::Command;
use std::sync::Arc;

/// What is measured with a clock is left out.
fn without_times(mut report: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|key, _| !["started", "finished"].contains(&key.as_str()));
                map.values_mut().for_each(strip);
            }
            Value::Array(list) => list.iter_mut().for_each(strip),
            _ => (),
        }
    }
    strip(&mut report);
    report
}

fn evaluated() -> Value {
    let out = tempfile::tempdir().unwrap();
    let done = Command::new(program())
        .current_dir(home())
        .args(["evaluate", "sample_data/cohorts/clean.csv"])
        .args(["--study", "models/reoffending.toml"])
        .args(["--register", "sample_data/register"])
        .args(["--seed", "1", "--format", "json", "--out"])
        .arg(out.path())
        .arg("--releases")
        .arg(out.path().join("releases"))
        .output()
        .unwrap();
    assert!(done.status.success());
    let text = std::fs::read(out.path().join("report.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_at_once_give_the_answer_that_the_command_line_gives() {
    let watcher = Recorder::new();
    let mut wide = settings();
    wide.slots = 3;
    let workers = Workers::with_program(wide, watcher.clone(), program());
    let list = clean_list();
    let mut submissions = Vec::new();
    for _ in 0..3 {
        let job = job(OrganisationId::random());
        submissions.push(hand_in(&workers, job, &list).await.unwrap());
    }
    let expected = tokio::task::spawn_blocking(evaluated).await.unwrap();
    let expected = without_times(expected);
    for submission in submissions {
        let ended = watcher.end_of(submission).await;
        let report: Value = serde_json::from_slice(&face(&ended, "report.json")).unwrap();
        assert!(without_times(report) == expected, "another answer");
        let page = String::from_utf8(face(&ended, "report.html")).unwrap();
        assert!(page.contains("</html>"));
        assert!(ended.gone && ended.held && ended.exit == "exit 0");
        let received = ended.received.unwrap().monotonic_ns.unwrap();
        assert!(received < ended.erased.monotonic_ns.unwrap());
        use Step::*;
        let steps = watcher.steps_of(submission);
        let all = [
            Received,
            Started,
            Reading,
            Linking,
            IndexEvents,
            Designing,
            Comparing,
            Checking,
            Writing,
        ];
        assert_eq!(steps, all);
        assert_eq!(watcher.ends_of(submission), 1);
    }
    workers.stop(std::time::Duration::ZERO).await;
    assert_eq!(workers.counts(), Counts::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_used_is_answered_with_its_rows_and_never_a_value() {
    let watcher = Recorder::new();
    let workers = Workers::with_program(settings(), watcher.clone(), program());
    let lists: [(&str, &[u8], &str); 4] = [
        (
            "a picture",
            b"\x89PNG\r\n\x1a\n and so on",
            "unreadable_file",
        ),
        ("nothing", b"", "unreadable_file"),
        ("no headings", b"Quibblewick,Zanzibara\n", "no_headings"),
        (
            "one person",
            b"forename,surname,dob,programme_start\nZanzibara,Quibblewick,31/02/1990,01/02/2022\n",
            "nobody_usable",
        ),
    ];
    for (what, list, code) in lists {
        let job = job(OrganisationId::random());
        let submission = hand_in(&workers, job, list).await.unwrap();
        let ended = watcher.end_of(submission).await;
        let Outcome::NoAnswer(problem) = &ended.outcome else {
            panic!("{what}: {:?}", ended.outcome);
        };
        assert!(ended.gone && ended.exit == "exit 0" && !ended.held);
        if code == "nobody_usable" {
            // By likeness a name and a date broken off may still do: then there are too few.
            assert!(["nobody_usable", "too_few_people"].contains(&problem.code.as_str()));
            assert!(problem.problems.iter().any(|p| p.row == 2));
        } else {
            assert_eq!(problem.code, code, "{what}");
        }
        let text = serde_json::to_string(problem).unwrap();
        assert!(!text.contains("Quibblewick") && !text.contains("Zanzibara"));
        assert!(!problem.hint.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_few_people_and_a_register_that_is_not_there_are_told_apart() {
    let watcher = Recorder::new();
    let workers = Workers::with_program(settings(), watcher.clone(), program());
    let few = std::fs::read(home().join("sample_data/cohorts/too_small.csv")).unwrap();
    let submission = hand_in(&workers, job(OrganisationId::random()), &few).await;
    let ended = watcher.end_of(submission.unwrap()).await;
    let Outcome::NoAnswer(problem) = ended.outcome else {
        panic!("{:?}", ended.outcome);
    };
    assert_eq!(problem.code, "too_few_people");

    let mut nowhere = settings();
    nowhere.register = "/nowhere".into();
    let watcher: Arc<Recorder> = Recorder::new();
    let workers = Workers::with_program(nowhere, watcher.clone(), program());
    let refused = workers.admit(job(OrganisationId::random())).await.err();
    assert!(
        refused
            .unwrap()
            .to_string()
            .contains("the register cannot be opened")
    );
    assert_eq!(workers.counts(), Counts::default());
    assert!(watcher.ends.borrow().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_is_refused_is_no_answer_and_its_records_are_told_under_tags_alone() {
    for (answer, code) in [
        (Answered::NearRepeat, "near_repeat"),
        (Answered::Overtaken, "overtaken"),
        (Answered::NotRecorded, "not_recorded"),
    ] {
        let watcher = Recorder::new();
        *watcher.answer.lock().unwrap() = answer;
        let workers = Workers::with_program(settings(), watcher.clone(), program());
        let job = job(OrganisationId::random());
        let submission = hand_in(&workers, job, &clean_list()).await.unwrap();
        let ended = watcher.end_of(submission).await;
        match &ended.outcome {
            Outcome::NoAnswer(problem) => {
                assert_eq!(problem.code, code);
                assert!(!problem.hint.contains("--"), "{}", problem.hint);
            }
            other => panic!("{code}: {other:?}"),
        }
        let releases = watcher.releases.lock().unwrap();
        let [(of, asked)] = releases.as_slice() else {
            panic!("one release, asked for once");
        };
        assert_eq!((*of, asked.apart, asked.uses), (submission, 30, 0));
        // Keys of the sample register are small numbers; tags are not.
        assert!(asked.tags.len() > 500 && asked.tags.iter().all(|t| *t > 1 << 32));
    }
}
