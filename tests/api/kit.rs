//! What the tests share: a server with a database of its own, organisations and accounts in it, and
//! a keeper that certifies every end (what certificates are worth is another test's matter).

use crate::client::Client;
use counterpart::service::api::Settings as Answers;
use counterpart::service::config::Config;
use counterpart::service::erasure::{Custody, Proof};
use counterpart::service::limits::Limits;
use counterpart::service::metrics::Metrics;
use counterpart::service::model::{NodeId, ProgrammeId, Role, State, SubmissionId};
use counterpart::service::sample::Published;
use counterpart::service::server::{self, Keepers};
use counterpart::service::states::Event;
use counterpart::service::store::{
    Account, Actor, Asking, Audit, Close, Created, Face, Growth, NewAccount, NewSubmission,
    Recorded, Rules, Shelf, Store, StoreError, Submission,
};
use counterpart::service::studies::Studies;
use counterpart::service::worker::protocol::{Answered, Tags};
use counterpart::service::worker::{
    Ended, Held, Job, Outcome, Settings, Step, Watcher, Why, Workers,
};
use futures_util::future::BoxFuture;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{oneshot, watch};

pub const PASSWORD: &str = "a long enough password";
const STUDY: &str = include_str!("../../models/reoffending.toml");

pub fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn clean_list() -> Vec<u8> {
    std::fs::read(home().join("sample_data/cohorts/clean.csv")).unwrap()
}

/// Certifies every end, and counts workers.
pub struct Keeper {
    store: Store,
    pub taking_in: AtomicBool,
    pub charged: AtomicUsize,
    pub ended: watch::Sender<usize>,
}

impl Watcher for Keeper {
    fn step(&self, submission: SubmissionId, step: Step) {
        let store = self.store.clone();
        tokio::spawn(async move {
            if step == Step::Started {
                let audit = Audit::new(Actor::Service, "submission.start", submission);
                let _ = store
                    .move_submission(&audit, submission, Event::Start)
                    .await;
            }
            let _ = store.add_step(submission, step.name(), None).await;
        });
    }

    fn control<'a>(&'a self, _: SubmissionId, _: &'a Held) -> BoxFuture<'a, ()> {
        // So that what is written of the start is there before the answer.
        Box::pin(tokio::time::sleep(Duration::from_millis(200)))
    }

    fn used_up(&self, tags: Vec<u64>, uses: u16) -> BoxFuture<'_, Option<Vec<bool>>> {
        Box::pin(async move { self.store.used_up(&tags, uses).await.ok() })
    }

    fn release(&self, submission: SubmissionId, asked: Tags) -> BoxFuture<'_, Answered> {
        let asking = Asking {
            submission,
            tags: asked.tags,
            apart: asked.apart.into(),
            uses: (asked.uses > 0).then_some(asked.uses),
            steward: true,
        };
        Box::pin(async move {
            match self.store.record_release(&asking).await {
                Ok(Recorded::Kept) => Answered::Kept,
                _ => Answered::NotRecorded,
            }
        })
    }

    fn ended(&self, submission: SubmissionId, ended: Ended) -> BoxFuture<'static, ()> {
        let (store, tell) = (self.store.clone(), self.ended.clone());
        Box::pin(async move {
            let problem = match &ended.outcome {
                Outcome::NoAnswer(problem) => serde_json::to_value(problem).ok(),
                _ => None,
            };
            let (event, faces) = match ended.outcome {
                Outcome::Answer { faces, .. } => {
                    let needs_release = true;
                    (Event::Answered { needs_release }, faces)
                }
                Outcome::NoAnswer(_) => (Event::NoAnswer, vec![]),
                Outcome::Died { .. } => (Event::WorkerDied, vec![]),
                Outcome::TimedOut => (Event::TimedOut, vec![]),
                Outcome::Killed(Why::Withdrawn) => (Event::Withdraw, vec![]),
                Outcome::Killed(_) => (Event::ServerEnded, vec![]),
            };
            let faces = faces.into_iter().map(|f| Face {
                name: f.name,
                media_type: f.media_type.to_owned(),
                bytes: f.bytes,
            });
            let _ = close_with(&store, submission, event, faces.collect(), problem).await;
            tell.send_modify(|n| *n += 1);
        })
    }
}

impl Custody for Keeper {
    fn charge(&self, _: &Job, _: &str, _: bool) {
        self.charged.fetch_add(1, Ordering::SeqCst);
    }
    fn dismiss(&self, _: SubmissionId) {}
    fn on_record(&self, _: SubmissionId) {}

    fn in_doubt(&self, _: SubmissionId) {}

    fn check_key(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
    fn is_taking_in(&self) -> bool {
        self.taking_in.load(Ordering::SeqCst)
    }
    fn look_at_incidents(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async {
            let open = self.store.open_incidents().await?;
            self.taking_in.store(open == 0, Ordering::SeqCst);
            Ok(())
        })
    }
    fn vouch(&self, _: SubmissionId, _: &[u8]) -> String {
        "bm90IHNpZ25lZA==".to_owned()
    }
    fn bundle(&self, of: SubmissionId) -> BoxFuture<'_, Result<Option<String>, StoreError>> {
        Box::pin(async move { Ok(self.store.certificate(of).await?.map(|c| c.envelope)) })
    }
    fn inclusion(&self, _: u64) -> BoxFuture<'_, Result<Proof, StoreError>> {
        Box::pin(async { Ok((self.store.ledger_size().await?, vec![[7; 32]])) })
    }
    fn consistency(&self, _: u64, _: u64) -> BoxFuture<'_, Result<Vec<[u8; 32]>, StoreError>> {
        Box::pin(std::future::ready(Ok(vec![[7; 32]])))
    }
    fn attach(&self, _: Workers) {}
    fn recover(&self, _: Vec<Submission>) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Ends a submission with a certificate of no worth.
pub async fn close(
    store: &Store,
    id: SubmissionId,
    event: Event,
    faces: Vec<Face>,
) -> Result<State, StoreError> {
    close_with(store, id, event, faces, None).await
}

/// The same, with why there is no answer.
async fn close_with(
    store: &Store,
    id: SubmissionId,
    event: Event,
    faces: Vec<Face>,
    problem: Option<serde_json::Value>,
) -> Result<State, StoreError> {
    let leaf: [u8; 32] = rand::random();
    let certified = event != Event::ScanUnclean;
    let close = Close {
        event,
        problem,
        note: (!certified).then(|| "3 marks".into()),
        faces,
        certificate: certified.then(|| (leaf, "{\"payload\":\"\"}".into())),
    };
    let grow = |shelf: &Shelf| {
        Some(Growth {
            hashes: vec![(shelf.size(), leaf)],
            checkpoint: format!("test log\n{}\n\n- test signature\n", shelf.size() + 1),
        })
    };
    let audit = Audit::new(Actor::Service, "close", id);
    store.close_submission(&audit, id, close, grow).await
}

/// How a test's server differs from the usual.
pub struct Options {
    pub limits: Limits,
    pub answers: Answers,
    pub places: usize,
    pub rules: Rules,
    pub slots: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            limits: Limits::default(),
            answers: Answers::default(),
            places: 8,
            rules: Rules::default(),
            slots: 1,
        }
    }
}

/// A server, and another way to its database.
pub struct TestApp {
    pub address: SocketAddr,
    pub store: Store,
    pub keeper: Arc<Keeper>,
    /// Gone with it.
    _data: tempfile::TempDir,
    stop: Option<oneshot::Sender<()>>,
    served: Option<tokio::task::JoinHandle<()>>,
}

/// An organisation with a programme and somebody who hands lists in.
pub struct Home {
    pub account: Account,
    pub programme: ProgrammeId,
}

impl TestApp {
    pub async fn start() -> TestApp {
        TestApp::with(Options::default()).await
    }

    pub async fn with(options: Options) -> TestApp {
        let data = tempfile::tempdir().unwrap();
        let config = Config {
            data: data.path().into(),
            listen: "127.0.0.1:0".parse().unwrap(),
            database: None,
            published: vec![Published::sample()],
            studies: Studies::of(&[("reoffending.toml".into(), STUDY.into())]).unwrap(),
            workers: Settings {
                slots: options.slots,
                places: options.places,
                places_per_organisation: options.places,
                memory_bytes: 4 << 30,
                cpu_seconds: 600,
                wall: Duration::from_secs(300),
                register: home().join("sample_data/register"),
            },
            program: Some(PathBuf::from(env!("CARGO_BIN_EXE_counterpart"))),
            limits: options.limits,
            answers: options.answers,
            tls: None,
            grace: Duration::from_secs(1),
            rules: options.rules,
            upload_key: None,
        };
        let (tell_keeper, keeper) = oneshot::channel();
        let (tell_address, address) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let keepers = move |store: &Store, _: NodeId, _: &Arc<Metrics>| {
            let keeper = Arc::new(Keeper {
                store: store.clone(),
                taking_in: AtomicBool::new(true),
                charged: AtomicUsize::new(0),
                ended: watch::Sender::new(0),
            });
            let _ = tell_keeper.send(keeper.clone());
            Ok(Keepers {
                watcher: keeper.clone(),
                custody: keeper,
            })
        };
        let listening = move |at| {
            let _ = tell_address.send(at);
        };
        let served = tokio::spawn(async move {
            let until = async {
                let _ = stopped.await;
            };
            server::run(config, keepers, listening, until)
                .await
                .unwrap();
        });
        let address = address.await.unwrap();
        let keeper = keeper.await.unwrap();
        let store = Store::open(data.path(), None).await.unwrap();
        TestApp {
            address,
            store,
            keeper,
            _data: data,
            stop: Some(stop),
            served: Some(served),
        }
    }

    /// Stops the server as an operator would, and waits for its end.
    pub async fn stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
        self.served.take().unwrap().await.unwrap();
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn account(&self, email: &str, organisation: &str, role: Role) -> Account {
        let new = NewAccount {
            email,
            organisation,
            role,
            password: PASSWORD,
        };
        let audit = Audit::new(Actor::Operator, "test", "test");
        self.store.add_account(&audit, &new).await.unwrap()
    }

    /// A client that shows an API token of this account.
    pub async fn signed_in(&self, account: &Account) -> Client {
        let audit = Audit::new(Actor::Operator, "test", "test");
        let made = self
            .store
            .make_token(&audit, account.id, "test", 3_600_000)
            .await;
        Client::new(self.address, Some(made.unwrap().1.expose()))
    }

    pub fn visitor(&self) -> Client {
        Client::new(self.address, None)
    }

    pub async fn home(&self, name: &str) -> Home {
        let account = self
            .account(&format!("{name}@example.org"), name, Role::Charity)
            .await;
        let audit = Audit::new(Actor::Operator, "test", "test");
        let programme = self
            .store
            .add_programme(&audit, account.organisation, "mentoring");
        let programme = programme.await.unwrap().id;
        Home { account, programme }
    }

    pub async fn client_of(&self, name: &str, role: Role) -> Client {
        let account = self
            .account(&format!("{name}-{role:?}@example.org"), name, role)
            .await;
        self.signed_in(&account).await
    }

    /// A submission of this home's that stands there, without any worker.
    pub async fn standing(&self, home: &Home, state: State) -> SubmissionId {
        self.standing_with(home, state, "{\"findings\": 1}").await
    }

    /// The same with this `report.json`.
    pub async fn standing_with(&self, home: &Home, state: State, report: &str) -> SubmissionId {
        let by = Actor::Account(home.account.id, home.account.role);
        let new = NewSubmission {
            id: SubmissionId::random(),
            organisation: home.account.organisation,
            programme: home.programme,
            study: "reoffending",
            node: NodeId::random(),
            canary_seed: [1; 32],
            received_at: 1_795_435_200_000,
            idempotency: None,
        };
        let audit = Audit::new(by, "test", new.id);
        let made = self.store.create_submission(&audit, &new).await.unwrap();
        assert_eq!(made, Created::New);
        let id = new.id;
        if state == State::Received {
            return id;
        }
        let audit = Audit::new(Actor::Service, "start", id);
        let started = self.store.move_submission(&audit, id, Event::Start).await;
        started.unwrap();
        let event = match state {
            State::Running | State::Received => return id,
            State::AwaitingRelease => Event::Answered {
                needs_release: true,
            },
            State::Released => Event::Answered {
                needs_release: false,
            },
            State::Erased => Event::NoAnswer,
            State::Incident => Event::ScanUnclean,
        };
        let face = |name: &str, media_type: &str, text: &str| Face {
            name: name.into(),
            media_type: media_type.into(),
            bytes: text.into(),
        };
        let faces = vec![
            face("report.json", "application/json", report),
            face(
                "report.html",
                "text/html; charset=utf-8",
                "<!doctype html><p>findings",
            ),
        ];
        let stands = close(&self.store, id, event, faces).await.unwrap();
        assert_eq!(stands, state);
        id
    }

    /// Waits until it stands in one of these.
    pub async fn wait_for(&self, id: SubmissionId, states: &[State]) -> State {
        for _ in 0..2_400 {
            let now = self.store.submission(id).await.unwrap().state;
            if states.contains(&now) {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it did not come to {states:?}");
    }
}
