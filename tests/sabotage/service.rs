//! The service under test: takes lists to a worker, shows the worker to the scanner, ends it, has
//! everything looked through, and tells the evidence.

use crate::acts::{self, Stage};
use crate::programme::{CANARIES, PEOPLE, Programme};
use crate::roles::{self, Running, hear, say};
use counterpart::custody::erasure::{Facts, MarkFacts, WorkerFacts, evidence};
use counterpart::custody::evidence::{Commitment, End, Moment};
use counterpart::custody::scan::{
    Kin, MarkSet, Memory, Places, Scanned, Scanner, Swap, Target, seen_for_a_moment, sink,
    strangers,
};
use counterpart::custody::{self, Confined};
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

/// The program itself as the scanner.
pub fn scanner() -> Scanner {
    let mut program = Command::new(env!("CARGO_BIN_EXE_counterpart"));
    program.arg("scan-memory");
    Scanner::started_as(program)
}

struct Submission {
    case: String,
    programme: Programme,
    received: Moment,
    seen: [u32; 2],
}

/// A worker that runs, and what is known of it.
struct Worker {
    process: Running,
    memory: Memory,
    kin: Kin,
    confined: Option<Confined>,
}

pub fn serve(cases: &str, home: &str) {
    let memory = Memory::of_self().unwrap();
    custody::refuse_dumps().unwrap();
    let (swap, since) = (Swap::now().unwrap(), SystemTime::now());
    let stage = Stage::under(Path::new(home));
    let mut worker = Worker::start("", &stage);
    let mut others = Vec::new();
    let mut submissions = Vec::new();
    for case in cases.split(',') {
        let received = Moment::now();
        let programme = Programme::of(case);
        let list = programme.list();
        match case {
            "never planted" | "not shown before the end" => {}
            _ => worker.take(list.as_bytes()),
        }
        if case.ends_with("lives on") {
            let mut other = Worker::start(case, &stage);
            other.take(list.as_bytes());
            others.push((submissions.len(), other));
        }
        acts::act(case, &programme, &list, &stage);
        submissions.push(Submission {
            case: case.to_owned(),
            programme,
            received,
            seen: [0; 2],
        });
    }
    control(&mut worker, &mut submissions);
    worker.kin.look().unwrap();
    let (kin, confined) = (worker.kin.clone(), worker.confined);
    let how = worker.process.end().to_string();
    let others = ended(others);
    let known: Vec<u32> = others.iter().filter_map(|(_, o)| o.known()).collect();
    let unknown = strangers(&known).unwrap();

    let scanned = looked(&stage, memory, since, &submissions);
    for (n, submission) in submissions.into_iter().enumerate() {
        let other = others.iter().find(|(of, _)| *of == n).map(|(_, o)| o);
        let mut kin = other.map_or(kin.clone(), |o| o.kin.clone());
        let facts = Facts {
            submission: n.to_string(),
            study: "reoffending".into(),
            received: submission.received,
            end: End::Finished,
            worker: WorkerFacts {
                waited_for: other.is_none_or(|o| o.running.is_none()),
                alive: Some(kin.alive().unwrap() + unknown),
                how: how.clone(),
                confined,
            },
            commitment: Some(commitment()),
            canaries: marks(CANARIES, submission.seen[0], 2 * n),
            fingerprints: marks(PEOPLE, submission.seen[1], 2 * n + 1),
            scan: Ok(scanned.clone()),
            looks: 1,
            swap: Some([swap, Swap::now().unwrap()]),
            kept: Vec::new(),
            engine_sha256: "00".repeat(32),
        };
        let told = serde_json::to_string(&evidence(facts)).unwrap();
        say(&format!(
            "evidence {} {told}",
            submission.case.replace(' ', "_")
        ));
    }
    drop(stage);
    acts::tidy();
    for (_, other) in others {
        if let Some(running) = other.running {
            running.end();
        }
    }
}

fn marks(planted: u32, seen: u32, set: usize) -> MarkFacts {
    MarkFacts {
        planted,
        seen,
        set: Some(set),
    }
}

fn sets(submissions: &[Submission]) -> Vec<MarkSet> {
    submissions
        .iter()
        .flat_map(|s| s.programme.sets())
        .collect()
}

/// The scanner looks at the worker while it holds all lists.
fn control(worker: &mut Worker, submissions: &mut [Submission]) {
    worker.take(b"");
    worker.process.wait_for("held");
    let memory = worker.memory.again().unwrap();
    let target = Target::Memory {
        name: "control".into(),
        mem: memory.mem,
        maps: memory.maps,
    };
    let scanned = scanner().scan(vec![target], sets(submissions)).unwrap();
    assert!(scanned[0].complete, "{:?}", scanned[0].note);
    for (n, submission) in submissions.iter_mut().enumerate() {
        let found = &scanned[0].found[2 * n..];
        submission.seen = [found[0], found[1]];
    }
}

fn looked(
    stage: &Stage,
    memory: Memory,
    since: SystemTime,
    submissions: &[Submission],
) -> Vec<Scanned> {
    let places = Places {
        memory,
        data: stage.data.clone(),
        temporary: vec![stage.temp.clone(), stage.shared.clone()],
        logs: vec![stage.log.clone()],
        system: false,
    };
    let mut targets = places.targets(since).unwrap();
    for (name, path) in [
        (sink::CORES, stage.cores.clone()),
        (sink::DATABASE, stage.data.join("settings")),
    ] {
        targets.push(Target::Folder {
            name: name.into(),
            path,
            since: None,
            deep: false,
        });
    }
    scanner().scan(targets, sets(submissions)).unwrap()
}

/// A worker that was not to end.
struct Other {
    running: Option<Running>,
    kin: Kin,
}

impl Other {
    fn known(&self) -> Option<u32> {
        self.running.as_ref().map(|r| r.child.id())
    }
}

/// Ends those that are to end, but not what they have left behind.
fn ended(others: Vec<(usize, Worker)>) -> Vec<(usize, Other)> {
    let end = |(n, mut other): (usize, Worker)| {
        other.kin.look().unwrap();
        let kin = other.kin;
        let running = match other.process.lives_on {
            true => Some(other.process),
            false => {
                other.process.end();
                None
            }
        };
        (n, Other { running, kin })
    };
    others.into_iter().map(end).collect()
}

impl Worker {
    fn start(case: &str, stage: &Stage) -> Worker {
        let mut process = roles::command("hold")
            .arg(if case.is_empty() { "properly" } else { case })
            .arg(&stage.register)
            .quiet()
            .piped();
        process.lives_on = case == "worker lives on";
        process.wait_for("look");
        let memory = Memory::of(process.child.id()).unwrap();
        process.say(b"!");
        let confined = serde_json::from_str(&process.wait_for("confined ")).unwrap();
        let kin = Kin::of(process.child.id()).unwrap();
        Worker {
            process,
            memory,
            kin,
            confined,
        }
    }

    fn take(&mut self, list: &[u8]) {
        self.process.say(&(list.len() as u32).to_le_bytes());
        self.process.say(list);
    }
}

/// What a worker does: confines itself, takes lists, holds them until its input ends.
pub fn hold(how: &str, register: &str) {
    seen_for_a_moment(|| {
        say("look");
        assert!(hear(&mut [0]));
    })
    .unwrap();
    match how {
        "grandchild lives on" => {
            let sleeper = Command::new("/bin/sleep").arg("60").spawn().unwrap();
            std::mem::forget(sleeper);
        }
        // SAFETY: the copy only sleeps, and ends.
        "copy of worker lives on" => unsafe {
            if libc::fork() == 0 {
                libc::sleep(60);
                libc::_exit(0);
            }
        },
        _ => {}
    }
    let confined = match how {
        "properly" => Some(custody::confine_worker(Path::new(register), 1 << 30, 60).unwrap()),
        _ => None,
    };
    say(&format!(
        "confined {}",
        serde_json::to_string(&confined).unwrap()
    ));
    let mut lists: Vec<Vec<u8>> = Vec::new();
    loop {
        let mut length = [0; 4];
        if !hear(&mut length) {
            break;
        }
        let mut list = vec![0; u32::from_le_bytes(length) as usize];
        if list.is_empty() {
            say("held");
        }
        assert!(hear(&mut list));
        lists.push(list);
    }
    std::hint::black_box(&lists);
}

fn commitment() -> Commitment {
    Commitment {
        algorithm: "hmac-sha256".into(),
        digest: "00".repeat(32),
    }
}

/// Facts of a submission that was treated properly.
pub fn facts() -> Facts {
    Facts {
        submission: "0".into(),
        study: "reoffending".into(),
        received: Moment::now(),
        end: End::Finished,
        worker: WorkerFacts {
            waited_for: true,
            alive: Some(0),
            how: "exit 0".into(),
            confined: Some(Confined {
                filtered: true,
                fenced: true,
                locked: false,
            }),
        },
        commitment: Some(commitment()),
        canaries: marks(CANARIES, CANARIES, 0),
        fingerprints: marks(PEOPLE, PEOPLE, 1),
        scan: Ok(good_scan()),
        looks: 1,
        swap: Some([Swap { on: false, used: 0 }; 2]),
        kept: Vec::new(),
        engine_sha256: "00".repeat(32),
    }
}

pub fn good_scan() -> Vec<Scanned> {
    let names = [
        sink::SERVER,
        sink::DATA,
        sink::TEMPORARY,
        sink::DATABASE,
        sink::LOGS,
        sink::CORES,
    ];
    let scanned = |name: &str| Scanned {
        name: name.into(),
        bytes: 1 << 20,
        found: vec![0, 0],
        complete: true,
        note: None,
    };
    names.map(scanned).to_vec()
}

/// This process's own memory.
pub fn something() -> Vec<Target> {
    let memory = Memory::of_self().unwrap();
    vec![Target::Memory {
        name: sink::SERVER.into(),
        mem: memory.mem,
        maps: memory.maps,
    }]
}
