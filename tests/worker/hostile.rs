//! A child that lies has died, whatever it says; and so has one that says nothing.

use crate::kit::{Fake, Recorder, died, hand_in, job, settings};
use counterpart::service::model::OrganisationId;
use counterpart::service::worker::{Counts, Outcome, Refused};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_does_not_greet_as_it_should_is_not_started() {
    let lies = [
        ("ends", "sys.exit(0)"),
        ("no memory beside it", "say(HELLO, {'version': 4})"),
        ("another version", "hello(version=3)"),
        ("another file", "hello(files=('mem', 'status'))"),
        ("one file too few", "hello(files=('mem',))"),
        ("one file too many", "hello(files=('mem', 'maps', 'maps'))"),
        ("silence after it", "hello(); hear(); sys.exit(0)"),
        ("a greeting too long", "raw(frame(HELLO, b'x' * 1000))"),
        ("noise", "raw(b'\\xff' * 400)"),
        (
            "ready for nothing",
            "hello(); hear(); say(READY, {'locked': 1})",
        ),
        (
            "a key nobody asked for",
            "hello(); hear(); say(READY, {'locked': False, 'confined': False, 'note': '', 'public_key': 'aa'})",
        ),
        ("cannot, it says", "hello(); hear(); say(CANNOT, 'study')"),
        ("an answer at once", "hello(); hear(); report(); answer()"),
    ];
    for (what, does) in lies {
        let fake = Fake::new(does);
        let watcher = Recorder::new();
        let workers = fake.workers(settings(), watcher.clone());
        let refused = workers.admit(job(OrganisationId::random())).await.err();
        let started = matches!(refused, Some(Refused::CannotStart { .. }));
        assert!(started, "{what}: {refused:?}");
        assert_eq!(workers.counts(), Counts::default());
        assert!(
            watcher.ends.borrow().is_empty(),
            "{what}: it was never admitted"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_lies_about_the_file_fails_the_intake_and_has_died() {
    let lies = [
        (
            "whole before it is",
            "ready(); say(WHOLE, {'bytes': 5, 'commitment': None}); time.sleep(60)",
        ),
        (
            "fewer bytes",
            "ready(); say(WHOLE, {'bytes': file() - 1, 'commitment': None}); time.sleep(60)",
        ),
        (
            "no digest",
            "ready(); say(WHOLE, {'bytes': file(), 'commitment': 'Smith'}); time.sleep(60)",
        ),
        ("ends", "ready(); file(); sys.exit(0)"),
        (
            "an answer",
            "ready(); file(); report(); answer(); time.sleep(60)",
        ),
    ];
    for (what, does) in lies {
        let fake = Fake::new(does);
        let watcher = Recorder::new();
        let workers = fake.workers(settings(), watcher.clone());
        let job = job(OrganisationId::random());
        let submission = job.submission;
        let mut intake = workers.admit(job).await.unwrap();
        // It may be gone before the file is.
        let _ = intake.write(b"a list").await;
        assert!(intake.finish().await.is_err(), "{what}");
        let ended = watcher.end_of(submission).await;
        assert!(died(&ended), "{what}: {:?}", ended.outcome);
        assert_eq!(watcher.ends_of(submission), 1, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_lies_later_has_died() {
    let lies = [
        (
            "an answer before its turn",
            "whole(); report(); answer(); time.sleep(60)",
        ),
        (
            "an answer before go",
            "begun(); report(); answer(); time.sleep(60)",
        ),
        (
            "an answer that is not on record",
            "let_go(); report(); answer(); time.sleep(60)",
        ),
        (
            "a release before go",
            "begun(); say(RELEASE, tags()); time.sleep(60)",
        ),
        (
            "a question before go",
            "begun(); say(ASK, tags()); time.sleep(60)",
        ),
        (
            "a release twice",
            "gone(); say(RELEASE, tags()); time.sleep(60)",
        ),
        (
            "a question after the release",
            "gone(); say(ASK, tags()); time.sleep(60)",
        ),
        (
            "a question twice",
            "let_go(); say(ASK, tags()); assert hear() == (USED_UP, b'\\0'); say(ASK, tags()); time.sleep(60)",
        ),
        (
            "a record twice in a release",
            "let_go(); say(RELEASE, tags((5, 5))); time.sleep(60)",
        ),
        (
            "a record that is none",
            "let_go(); say(RELEASE, tags((0,))); time.sleep(60)",
        ),
        (
            "half a record",
            "let_go(); say(RELEASE, tags() + b'1234'); time.sleep(60)",
        ),
        (
            "more records than a list can have",
            "let_go(); raw(struct.pack('<BI', RELEASE, 4 + 8 * 200001)); time.sleep(60)",
        ),
        (
            "a release amid the faces",
            "let_go(); report(); say(RELEASE, tags()); time.sleep(60)",
        ),
        ("held twice", "gone(); say(HELD, held()); time.sleep(60)"),
        (
            "half a fingerprint",
            "begun(); say(HELD, held() + b'1234'); time.sleep(60)",
        ),
        (
            "a header that lies",
            "begun(); say(HELD, b'\\xff' * 64); time.sleep(60)",
        ),
        (
            "a face that is too long",
            "gone(); raw(struct.pack('<BI', FACE, 0xffffffff)); time.sleep(60)",
        ),
        (
            "a kind that is none",
            "gone(); raw(frame(99, b'')); time.sleep(60)",
        ),
        (
            "a kind of the server's",
            "gone(); raw(frame(GO, b'')); time.sleep(60)",
        ),
        ("no JSON", "gone(); report(b'{'); answer(); time.sleep(60)"),
        (
            "no UTF-8",
            "gone(); report(b'{\"a\": \"\\xff\"}'); answer(); time.sleep(60)",
        ),
        (
            "a face nobody knows",
            "gone(); report(name=b'../../etc/passwd'); answer(); time.sleep(60)",
        ),
        (
            "a face twice",
            "gone(); report(); report(); answer(2); time.sleep(60)",
        ),
        (
            "a face too few",
            "gone(); report(); answer(2); time.sleep(60)",
        ),
        ("no face", "gone(); answer(0); time.sleep(60)"),
        (
            "a headline with a control character",
            "gone(); report(); answer(headline='a\\x1b[2J'); time.sleep(60)",
        ),
        (
            "two answers",
            "gone(); report(); answer(); report(); answer()",
        ),
        (
            "a problem after an answer",
            "gone(); report(); answer(); say(NO_ANSWER, {})",
        ),
        (
            "an answer and a failure",
            "gone(); report(); answer(); sys.exit(1)",
        ),
        (
            "early end",
            "gone(); raw(frame(FACE, b'x' * 100)[:50]); sys.exit(0)",
        ),
        ("an end without a word", "gone(); sys.exit(0)"),
        (
            "a step of the server's",
            "gone(); say(STEP, 'received'); time.sleep(60)",
        ),
        (
            "steps without end",
            "gone()\nwhile True: say(STEP, 'linking')",
        ),
        (
            "a problem with a field too many",
            "gone(); say(NO_ANSWER, {'code': 'x', 'message': '', 'hint': '', 'problems': [], 'problems_unlisted': 0, 'name': 'Smith'}); time.sleep(60)",
        ),
        (
            "a problem without a code",
            "gone(); say(NO_ANSWER, {'code': '', 'message': '', 'hint': '', 'problems': [], 'problems_unlisted': 0}); time.sleep(60)",
        ),
    ];
    for (what, does) in lies {
        let fake = Fake::new(does);
        let watcher = Recorder::new();
        let workers = fake.workers(settings(), watcher.clone());
        let handed = hand_in(&workers, job(OrganisationId::random()), b"a list").await;
        let submission = handed.unwrap();
        let ended = watcher.end_of(submission).await;
        assert!(died(&ended), "{what}: {:?}", ended.outcome);
        workers.stop(Duration::ZERO).await;
        assert_eq!(watcher.ends_of(submission), 1, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_starts_another_takes_it_along() {
    let fake = Fake::new(
        "gone()\npid = os.fork()\nif pid == 0: time.sleep(600)\nreport(str(pid).encode())\nanswer()\nline.close(); os.close(1); os._exit(0)",
    );
    let watcher = Recorder::new();
    let workers = fake.workers(settings(), watcher.clone());
    let handed = hand_in(&workers, job(OrganisationId::random()), b"a list").await;
    let ended = watcher.end_of(handed.unwrap()).await;
    // The other held the line open: the worker was taken not to have ended.
    assert!(ended.gone, "{:?}", ended.outcome);
    assert!(!matches!(ended.outcome, Outcome::Killed(_)));
}
