//! What these tests share: settings, jobs, a watcher that remembers, children that lie.

use counterpart::service::model::{OrganisationId, SubmissionId};
use counterpart::service::worker::protocol::{Answered, Tags};
use counterpart::service::worker::{
    Ended, Held, Intake, Job, Outcome, Refused, Settings, Step, Watcher, Workers,
};
use futures_util::future::BoxFuture;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// This program.
pub fn program() -> PathBuf {
    env!("CARGO_BIN_EXE_counterpart").into()
}

pub fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn clean_list() -> Vec<u8> {
    std::fs::read(home().join("sample_data/cohorts/clean.csv")).unwrap()
}

pub fn settings() -> Settings {
    Settings {
        slots: 2,
        places: 8,
        places_per_organisation: 8,
        memory_bytes: 4 << 30,
        cpu_seconds: 600,
        wall: Duration::from_secs(300),
        register: home().join("sample_data/register"),
    }
}

pub fn job(organisation: OrganisationId) -> Job {
    let study = home().join("models/reoffending.toml");
    Job {
        submission: SubmissionId::random(),
        organisation,
        study_toml: std::fs::read_to_string(study).unwrap(),
        linkage_model: None,
        seed: 1,
        canary_seed: [7; 32],
        mark_key: [8; 32],
        commitment_salt: [9; 32],
        release_key: [6; 32],
        guarded: true,
        sealed: false,
        check: false,
    }
}

/// Something that happens to a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Step(Step),
    Control,
}

type Hook = Box<dyn Fn(SubmissionId, Event) + Send + Sync>;

/// Remembers all that it hears.
pub struct Recorder {
    pub steps: Mutex<Vec<(SubmissionId, Step)>>,
    pub held: Mutex<Vec<(SubmissionId, u32)>>,
    pub ends: watch::Sender<Vec<(SubmissionId, Ended)>>,
    pub releases: Mutex<Vec<(SubmissionId, Tags)>>,
    /// What every release is answered.
    pub answer: Mutex<Answered>,
    hook: Mutex<Option<Hook>>,
}

impl Recorder {
    pub fn new() -> Arc<Recorder> {
        Arc::new(Recorder {
            steps: Mutex::default(),
            held: Mutex::default(),
            ends: watch::Sender::default(),
            releases: Mutex::default(),
            answer: Mutex::new(Answered::Kept),
            hook: Mutex::default(),
        })
    }

    /// Called at each event.
    pub fn at_each(&self, hook: impl Fn(SubmissionId, Event) + Send + Sync + 'static) {
        *self.hook.lock().unwrap() = Some(Box::new(hook));
    }

    fn event(&self, submission: SubmissionId, event: Event) {
        if let Some(hook) = &*self.hook.lock().unwrap() {
            hook(submission, event);
        }
    }

    /// The end of a submission, waited for.
    pub async fn end_of(&self, submission: SubmissionId) -> Ended {
        let mut ends = self.ends.subscribe();
        let ended = ends.wait_for(|all| all.iter().any(|(id, _)| *id == submission));
        let ended = tokio::time::timeout(Duration::from_secs(240), ended).await;
        let ended = ended.expect("an end in time").unwrap();
        let mut own = ended.iter().filter(|(id, _)| *id == submission);
        own.next().unwrap().1.clone()
    }

    /// How often an end of it was heard.
    pub fn ends_of(&self, submission: SubmissionId) -> usize {
        let ends = self.ends.borrow();
        ends.iter().filter(|(id, _)| *id == submission).count()
    }

    pub fn steps_of(&self, submission: SubmissionId) -> Vec<Step> {
        let steps = self.steps.lock().unwrap();
        let own = steps.iter().filter(|(id, _)| *id == submission);
        own.map(|(_, step)| *step).collect()
    }
}

impl Watcher for Recorder {
    fn step(&self, submission: SubmissionId, step: Step) {
        self.steps.lock().unwrap().push((submission, step));
        self.event(submission, Event::Step(step));
    }

    fn control<'a>(&'a self, submission: SubmissionId, held: &'a Held) -> BoxFuture<'a, ()> {
        self.held.lock().unwrap().push((submission, held.pid));
        self.event(submission, Event::Control);
        Box::pin(std::future::ready(()))
    }

    fn used_up(&self, tags: Vec<u64>, _: u16) -> BoxFuture<'_, Option<Vec<bool>>> {
        Box::pin(std::future::ready(Some(vec![false; tags.len()])))
    }

    fn release(&self, submission: SubmissionId, asked: Tags) -> BoxFuture<'_, Answered> {
        self.releases.lock().unwrap().push((submission, asked));
        Box::pin(std::future::ready(*self.answer.lock().unwrap()))
    }

    fn ended(&self, submission: SubmissionId, ended: Ended) -> BoxFuture<'static, ()> {
        self.ends.send_modify(|all| all.push((submission, ended)));
        Box::pin(std::future::ready(()))
    }
}

/// Hands a list in; the submission's id.
pub async fn hand_in(workers: &Workers, job: Job, list: &[u8]) -> Result<SubmissionId, Refused> {
    let submission = job.submission;
    let mut intake = workers.admit(job).await?;
    write_all(&mut intake, list).await;
    intake.finish().await.unwrap().enqueue();
    Ok(submission)
}

pub async fn write_all(intake: &mut Intake, list: &[u8]) {
    for part in list.chunks(10_000) {
        intake.write(part).await.unwrap();
    }
}

/// A face of an answer.
pub fn face(ended: &Ended, name: &str) -> Vec<u8> {
    match &ended.outcome {
        Outcome::Answer { faces, .. } => {
            let face = faces.iter().find(|f| f.name == name);
            face.unwrap().bytes.clone()
        }
        other => panic!("no answer: {other:?}"),
    }
}

/// The end of a process that was killed or lied: one of those that are no answer.
pub fn died(ended: &Ended) -> bool {
    matches!(ended.outcome, Outcome::Died { .. }) && ended.gone
}

/// A child that behaves, in so many words of Python, and may be told not to.
pub struct Fake {
    folder: tempfile::TempDir,
}

impl Fake {
    /// `does` is run with the words below at hand.
    pub fn new(does: &str) -> Fake {
        let folder = tempfile::tempdir().unwrap();
        let python = std::process::Command::new("python3")
            .args(["-c", "import sys; print(sys.executable)"])
            .output()
            .unwrap();
        let python = String::from_utf8(python.stdout).unwrap();
        let path = folder.path().join("fake");
        let text = format!("#!{} -IS\n{WORDS}\n{does}\n", python.trim());
        std::fs::write(&path, text).unwrap();
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        Fake { folder }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("fake")
    }

    pub fn workers(&self, settings: Settings, watcher: Arc<Recorder>) -> Workers {
        Workers::with_program(settings, watcher, self.path())
    }
}

const WORDS: &str = r#"
import json, os, socket, struct, sys, time
line = socket.socket(fileno=0)
JOB, DATA, END, BEGIN, GO, USED_UP, RECORDED = range(1, 8)
HELLO, READY, CANNOT, WHOLE, STEP, HELD, FACE, ANSWER, NO_ANSWER, ASK, RELEASE = range(65, 76)
def frame(kind, payload=b""):
    return struct.pack("<BI", kind, len(payload)) + payload
def raw(data):
    line.sendall(data)
def say(kind, said=None):
    raw(frame(kind, said if isinstance(said, bytes) else json.dumps(said).encode()))
def exactly(n):
    got = b""
    while len(got) < n:
        more = line.recv(n - len(got))
        if not more: sys.exit(1)
        got += more
    return got
def hear():
    kind, length = struct.unpack("<BI", exactly(5))
    return kind, exactly(length)
def hello(version=4, files=("mem", "maps")):
    fds = [os.open("/proc/self/" + name, os.O_RDONLY) for name in files]
    socket.send_fds(line, [frame(HELLO, json.dumps({"version": version}).encode())], fds)
def ready():
    hello()
    assert hear()[0] == JOB
    say(READY, {"locked": False, "confined": False, "note": "a fake", "public_key": None})
def file():
    size = 0
    while True:
        kind, data = hear()
        if kind == END: return size
        size += len(data)
def whole():
    ready()
    say(WHOLE, {"bytes": file(), "commitment": None})
def begun():
    whole()
    assert hear()[0] == BEGIN
def held(prints=(), canaries=0):
    first = json.dumps({"canaries": canaries, "commitment": None}).encode()
    return struct.pack("<I", len(first)) + first + b"".join(struct.pack("<Q", p) for p in prints)
def tags(tags=(1, 2, 3), apart=30, uses=0):
    return struct.pack("<HH", apart, uses) + b"".join(struct.pack("<Q", t) for t in tags)
def let_go():
    begun()
    say(HELD, held([1, 2, 3], 200))
    assert hear()[0] == GO
def gone():
    let_go()
    say(RELEASE, tags())
    assert hear() == (RECORDED, b"\x01")
def answer(faces=1, headline="it worked"):
    say(ANSWER, {"faces": faces, "headline": headline, "submitted": 60})
def report(text=b"{}", name=b"report.json"):
    say(FACE, name + b"\0" + text)
"#;
