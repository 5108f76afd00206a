//! Broken erasers: a small service in a process of its own, with workers, files, logs and a
//! database, which on demand forgets to forget, in some forty ways. Each must show in the evidence,
//! in the place where it was left, and a submission that was treated properly beside it must not.
//!
//! The switches are here alone: the program itself has none.

mod acts;
mod copies;
mod programme;
mod roles;
mod scanner;
mod service;

use acts::Stage;
use counterpart::custody::certificate::{self, Doubt};
use counterpart::custody::erasure::{Facts, evidence};
use counterpart::custody::evidence::{End, Evidence, Moment, Sink};
use counterpart::custody::keys::SigningKey;
use counterpart::custody::scan::{ScanError, Scanned, Scanner, Swap, sink};
use service::{facts, good_scan};
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

/// Runs a service with those submissions, each treated as its name says.
fn served(cases: &[&str]) -> BTreeMap<String, Evidence> {
    let home = tempfile::tempdir().unwrap();
    let stage = Stage::under(home.path());
    let output = roles::command("service")
        .arg(cases.join(","))
        .arg(home.path())
        .output_of();
    drop(stage);
    let lines = output.lines().filter_map(|l| l.strip_prefix("evidence "));
    let told: BTreeMap<String, Evidence> = lines
        .map(|line| {
            let (case, json) = line.split_once(' ').unwrap();
            (case.replace('_', " "), serde_json::from_str(json).unwrap())
        })
        .collect();
    assert_eq!(told.len(), cases.len(), "{output}");
    told
}

/// Why no certificate is issued; empty when one is.
fn doubts(evidence: &Evidence) -> Vec<Doubt> {
    match certificate::issue(evidence, &SigningKey::random()) {
        Ok(_) => Vec::new(),
        Err(refused) => refused.doubts,
    }
}

fn found_in<'a>(evidence: &'a Evidence, name: &str) -> &'a Sink {
    evidence.sinks.iter().find(|s| s.name == name).unwrap()
}

#[test]
fn a_copy_left_anywhere_is_found_where_it_was_left() {
    let clean = ["clean one", "clean two"];
    let cases: Vec<&str> = clean
        .into_iter()
        .chain(acts::ACTS.iter().map(|a| a.name))
        .collect();
    let told = served(&cases);
    for case in clean {
        assert_eq!(doubts(&told[case]), Vec::<Doubt>::new(), "{case}");
    }
    for act in acts::ACTS {
        let evidence = &told[act.name];
        let all = evidence.canaries.found_after + evidence.fingerprints.found_after;
        assert!(all > 0, "{}: not found", act.name);
        let places: Vec<(&str, u32)> = evidence
            .sinks
            .iter()
            .map(|s| (s.name.as_str(), s.found))
            .collect();
        assert!(
            found_in(evidence, act.found_in).found > 0,
            "{}: found in {places:?} only",
            act.name
        );
        assert_ne!(doubts(evidence), Vec::<Doubt>::new(), "{}", act.name);
    }
    assert!(acts::ACTS.len() >= 25);
}

#[test]
fn a_worker_or_anything_of_it_that_lives_on_is_no_clean_end() {
    let told = served(&[
        "clean",
        "worker lives on",
        "grandchild lives on",
        "copy of worker lives on",
    ]);
    assert_eq!(doubts(&told["clean"]), Vec::<Doubt>::new());
    for case in [
        "worker lives on",
        "grandchild lives on",
        "copy of worker lives on",
    ] {
        let evidence = &told[case];
        assert!(!evidence.worker.gone, "{case}");
        assert!(!found_in(evidence, sink::WORKER).complete, "{case}");
    }
}

#[test]
fn a_process_that_nobody_knows_is_no_clean_end_for_anybody() {
    for case in ["copy of the server", "name on a command line"] {
        let told = served(&["bystander", case]);
        for (name, evidence) in &told {
            assert!(!evidence.worker.gone, "{case}: {name}");
        }
    }
}

#[test]
fn canaries_that_were_never_planted_or_seen_prove_nothing() {
    let told = served(&["never planted", "not shown before the end"]);
    for (case, evidence) in &told {
        assert_eq!(evidence.canaries.seen_during, 0, "{case}");
        assert_ne!(doubts(evidence), Vec::<Doubt>::new(), "{case}");
    }
}

/// A scan by something else in place of the program.
fn scanned_by(shell: &str) -> Result<Vec<Scanned>, ScanError> {
    let mut program = Command::new("/bin/sh");
    program.arg("-c").arg(shell);
    let scanner = Scanner::started_as(program).patience(Duration::from_secs(5));
    scanner.scan(service::something(), Vec::new())
}

/// Takes its order and answers that.
fn answering(first: &str, control: &str) -> String {
    format!(
        r#"cat > /dev/null; echo '[{{{first},"gone":false,"unreadable":0}},{{{control},"gone":false,"unreadable":0}}]'"#
    )
}

#[test]
fn a_scanner_that_dies_sleeps_or_lies_proves_nothing() {
    let blind = answering(r#""bytes":9,"found":[0]"#, r#""bytes":9,"found":[0]"#);
    type Expected = fn(&ScanError) -> bool;
    let ends: [(&str, Expected); 4] = [
        ("kill -9 $$", |e| matches!(e, ScanError::NoAnswer)),
        ("exec sleep 60", |e| matches!(e, ScanError::TooLate)),
        (&blind, |e| matches!(e, ScanError::Blind)),
        ("cat > /dev/null; yes [ | head -c 1000000", |e| {
            matches!(e, ScanError::NoAnswer)
        }),
    ];
    for (shell, expected) in ends {
        let error = scanned_by(shell).unwrap_err();
        assert!(expected(&error), "{shell}: {error}");
        let mut facts = facts();
        facts.scan = Err(error);
        let evidence = evidence(facts);
        assert_eq!(evidence.canaries.found_after, evidence.canaries.planted);
        assert_ne!(doubts(&evidence), Vec::<Doubt>::new(), "{shell}");
    }
    // It has seen the control, and says that there was nothing else to see.
    let idle = answering(r#""bytes":0,"found":[0]"#, r#""bytes":9,"found":[8]"#);
    let mut facts = facts();
    facts.scan = scanned_by(&idle);
    assert!(!facts.scan.as_ref().unwrap()[0].complete, "nothing read");
    assert_ne!(doubts(&evidence(facts)), Vec::<Doubt>::new());
}

#[test]
fn evidence_that_is_changed_after_the_scan_is_not_the_one_that_was_signed() {
    use base64::Engine;

    let engine = base64::engine::general_purpose::STANDARD;
    let key = SigningKey::random();
    let mut facts = facts();
    facts.end = End::Refused;
    facts.canaries.seen = 0;
    let mut envelope = certificate::issue(&evidence(facts), &key).unwrap();
    assert!(envelope.check(key.public()).is_ok());
    let said = String::from_utf8(engine.decode(&envelope.payload).unwrap()).unwrap();
    let changed = said.replace("\"seen_during\":0", "\"seen_during\":5");
    assert_ne!(said, changed);
    envelope.payload = engine.encode(changed);
    assert!(envelope.check(key.public()).is_err());
}

#[test]
fn facts_that_do_not_fit_are_not_evened_out() {
    assert_eq!(doubts(&evidence(facts())), Vec::<Doubt>::new());
    type Spoil = fn(&mut Facts);
    let spoilt: [(&str, Spoil); 14] = [
        ("swap switched on meanwhile", |f| {
            f.swap = Some([Swap { on: false, used: 0 }, Swap { on: true, used: 0 }]);
        }),
        ("swap not told", |f| f.swap = None),
        ("in swap, though locked", |f| {
            let used = Swap { on: true, used: 1 };
            f.worker.confined.as_mut().unwrap().locked = true;
            f.swap = Some([used, used]);
        }),
        ("not fenced", |f| {
            f.worker.confined.as_mut().unwrap().fenced = false
        }),
        ("not filtered", |f| {
            f.worker.confined.as_mut().unwrap().filtered = false
        }),
        ("left alive", |f| f.worker.alive = Some(1)),
        ("whether alive not told", |f| f.worker.alive = None),
        ("clock going back", |f| {
            f.received = Moment {
                wall: "2999-01-01T00:00:00.000Z".into(),
                monotonic_ns: Some(u64::MAX),
            };
        }),
        ("never confined", |f| f.worker.confined = None),
        ("not waited for", |f| f.worker.waited_for = false),
        ("not looked for", |f| f.canaries.set = None),
        ("a sink left out", |f| {
            f.scan.as_mut().unwrap().retain(|s| s.name != sink::DATA);
        }),
        ("a sink half looked at", |f| {
            f.scan.as_mut().unwrap()[1].complete = false;
        }),
        ("found, and no set of ours", |f| {
            f.fingerprints.set = Some(99);
        }),
    ];
    for (what, spoil) in spoilt {
        let mut facts = facts();
        spoil(&mut facts);
        assert_ne!(doubts(&evidence(facts)), Vec::<Doubt>::new(), "{what}");
    }
    assert!(good_scan().iter().all(|s| s.complete));
}
