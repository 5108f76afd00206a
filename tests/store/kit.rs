//! What the tests share: an empty database of either kind, its stores, its people.

use crate::cluster::{self, Cluster};
use counterpart::service::clock::HandClock;
use counterpart::service::model::{NodeId, OrganisationId, ProgrammeId, Role, State, SubmissionId};
use counterpart::service::states::Event;
use counterpart::service::store::{
    Account, Actor, Audit, Close, Created, Face, Growth, NewAccount, NewSubmission, Rules, Shelf,
    Store,
};
use std::sync::Arc;

pub const PASSWORD: &str = "a long enough password";
/// 2026-11-23.
pub const NOON: i64 = 1_795_435_200_000;

/// Runs each test on both databases.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod on_sqlite { $(#[test] fn $test() {
            crate::kit::run(crate::kit::World::sqlite(), super::$test);
        })* }
        mod on_postgres { $(#[test] fn $test() {
            crate::kit::run(crate::kit::World::postgres(), super::$test);
        })* }
    };
}

pub fn run<F: Future<Output = ()>>(world: World, test: impl FnOnce(World) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test(world));
}

/// One database. The cluster goes last.
#[derive(Clone)]
pub struct World {
    pub clock: HandClock,
    pub url: Option<String>,
    pub data: Arc<tempfile::TempDir>,
    pub _cluster: Option<Arc<Cluster>>,
}

impl World {
    pub fn sqlite() -> World {
        World {
            clock: HandClock::at(NOON),
            url: None,
            data: Arc::new(tempfile::tempdir().unwrap()),
            _cluster: None,
        }
    }

    pub fn postgres() -> World {
        World::on(cluster::shared())
    }

    pub fn on(cluster: Arc<Cluster>) -> World {
        World {
            url: Some(cluster.database()),
            _cluster: Some(cluster),
            ..World::sqlite()
        }
    }

    /// A store on it: a second one is another node.
    pub async fn store(&self) -> Store {
        let clock = Arc::new(self.clock.clone());
        let rules = Rules::default();
        Store::open_with(self.data.path(), self.url.as_deref(), rules, clock)
            .await
            .unwrap()
    }
}

pub fn service(action: &'static str) -> Audit {
    Audit::new(Actor::Service, action, "test")
}

pub fn operator() -> Audit {
    Audit::new(Actor::Operator, "test", "test")
}

pub fn by(account: &Account) -> Audit {
    Audit::new(Actor::Account(account.id, account.role), "test", "test")
}

pub async fn account(store: &Store, email: &str, organisation: &str, role: Role) -> Account {
    let new = NewAccount {
        email,
        organisation,
        role,
        password: PASSWORD,
    };
    store.add_account(&operator(), &new).await.unwrap()
}

/// An organisation with a programme.
pub struct Home {
    pub charity: Account,
    pub organisation: OrganisationId,
    pub programme: ProgrammeId,
}

pub async fn home(store: &Store, name: &str) -> Home {
    let charity = account(store, &format!("{name}@example.org"), name, Role::Charity).await;
    let made = store
        .add_programme(&by(&charity), charity.organisation, "mentoring")
        .await;
    Home {
        organisation: charity.organisation,
        charity,
        programme: made.unwrap().id,
    }
}

pub fn new_submission(home: &Home, node: NodeId) -> NewSubmission<'static> {
    NewSubmission {
        id: SubmissionId::random(),
        organisation: home.organisation,
        programme: home.programme,
        study: "reoffending",
        node,
        canary_seed: rand::random(),
        received_at: NOON,
        idempotency: None,
    }
}

pub async fn submitted(store: &Store, home: &Home) -> SubmissionId {
    let new = new_submission(home, NodeId::random());
    let made = store
        .create_submission(&by(&home.charity), &new)
        .await
        .unwrap();
    assert_eq!(made, Created::New);
    new.id
}

pub fn face(text: &str) -> Face {
    Face {
        name: "report.json".into(),
        media_type: "application/json".into(),
        bytes: text.into(),
    }
}

/// A tree that is only a list: hash n is leaf n's. What the store must do does not hang on it.
pub fn grow(leaf: [u8; 32]) -> impl Fn(&Shelf) -> Option<Growth> {
    move |shelf| {
        let before: Vec<u64> = (0..shelf.size()).rev().take(3).collect();
        shelf.hashes(&before)?;
        Some(Growth {
            hashes: vec![(shelf.size(), leaf)],
            checkpoint: format!("test log\n{}\n\n- test signature\n", shelf.size() + 1),
        })
    }
}

/// Ends a submission with findings and a certificate.
pub fn close(event: Event) -> (Close, [u8; 32]) {
    let leaf: [u8; 32] = rand::random();
    let close = Close {
        event,
        problem: None,
        note: None,
        faces: vec![face("{\"findings\": 1}")],
        certificate: Some((leaf, "{\"envelope\": 1}".into())),
    };
    (close, leaf)
}

pub async fn ended(store: &Store, id: SubmissionId, event: Event) -> State {
    let (close, leaf) = close(event);
    let done = store
        .close_submission(&service("close"), id, close, grow(leaf))
        .await;
    done.unwrap()
}

/// One that awaits its release.
pub async fn waiting(store: &Store, home: &Home) -> SubmissionId {
    let id = submitted(store, home).await;
    store
        .move_submission(&service("start"), id, Event::Start)
        .await
        .unwrap();
    let event = Event::Answered {
        needs_release: true,
    };
    assert_eq!(ended(store, id, event).await, State::AwaitingRelease);
    id
}
