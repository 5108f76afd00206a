//! A server from its start to its end: opens what it needs, ends what an earlier one left behind,
//! listens, and stops with every list erased and on record.

use super::api::{self, App};
use super::clock::SystemClock;
use super::config::Config;
use super::custodian::{Custodian, Notary, Sight};
use super::metrics::Metrics;
use super::model::NodeId;
use super::problem::Problem;
use super::store::{Actor, Audit, Kind, Rules, Store, StoreError};
use super::studies::{Studies, StudiesError};
use super::worker::Workers;
use super::{layers, log};
use crate::custody::keys::SigningKey;
use crate::custody::scan::{Memory, Places};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// How often a server says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// A node not heard of for so long has ended.
const SILENT_MS: i64 = 60_000;
/// How often what has expired is forgotten.
const TIDY: Duration = Duration::from_secs(3_600);

/// Why a server does not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// A file or folder, or the network.
    #[error("{what}: {reason}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// In words.
        reason: String,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The studies.
    #[error(transparent)]
    Studies(#[from] StudiesError),
}

fn failed(what: &'static str) -> impl Fn(io::Error) -> ServerError {
    move |e| ServerError::Io {
        what,
        reason: e.to_string(),
    }
}

/// What a server needs of the outside beside its configuration.
pub struct Outside {
    /// Its own memory, opened before anything was in it that nobody should see.
    pub memory: Memory,
    /// Study files: name and text.
    pub studies: Vec<(String, String)>,
    /// The folder of the held register.
    pub register: PathBuf,
    /// Told the address once it listens.
    pub listening: Box<dyn FnOnce(SocketAddr) + Send>,
    /// Another program as worker, where this one is a test.
    pub program: Option<PathBuf>,
}

/// Runs a server until it is asked to stop.
///
/// # Errors
/// When it cannot start, or the network fails.
pub async fn run(
    config: Config,
    outside: Outside,
    stop: impl Future<Output = ()>,
) -> Result<(), ServerError> {
    std::fs::create_dir_all(&config.data).map_err(failed("cannot make the data folder"))?;
    log::begin(&config.data).map_err(failed("cannot open the log in the data folder"))?;
    let clock = Arc::new(SystemClock);
    let database = config.database.as_deref();
    let store = Store::open_with(&config.data, database, Rules::default(), clock).await?;
    let key = SigningKey::open_or_create(&config.data.join("signing.key"))
        .map_err(failed("cannot use the signing key in the data folder"))?;
    let studies = Studies::read(outside.studies)?;
    let node = NodeId::random();
    store.heartbeat(node).await?;
    let metrics = Arc::new(Metrics::default());
    let sight = Sight {
        places: Places {
            memory: outside.memory,
            data: config.data.clone(),
            temporary: Vec::new(),
            logs: vec![config.data.join(log::FILE)],
            system: true,
        },
        register: outside.register.clone(),
    };
    let custodian = Custodian::new(
        store.clone(),
        Notary::new(key),
        sight,
        metrics.clone(),
        node,
    );
    let settings = config.workers.settings(outside.register.clone());
    let watcher = Arc::new(custodian.clone());
    let workers = match outside.program {
        None => Workers::new(settings, watcher),
        Some(program) => Workers::with_program(settings, watcher, program),
    };
    custodian.attach(workers.clone());
    // Nothing is taken in before what an earlier server left is seen to.
    let left = match store.kind() {
        Kind::Sqlite => store.left_by_others(node).await?,
        Kind::Postgres => store.orphans(SILENT_MS).await?,
    };
    custodian.recover(left).await?;
    custodian.look_at_incidents().await?;
    if !workers.warm().await {
        tracing::warn!(
            "the register has no usable index: every submission builds its own, which is slow; make it with `counterpart register index`"
        );
    }
    let app = App {
        store: store.clone(),
        workers: workers.clone(),
        custodian: custodian.clone(),
        studies: Arc::new(studies),
        register: Arc::new(outside.register),
        described: Arc::new(OnceCell::new()),
        limits: Arc::new(config.limits.clone()),
        sealing: Arc::default(),
        metrics,
        node,
    };
    let chores = tokio::spawn(chores(store.clone(), custodian.clone(), node));
    let served = serve(&config, app, outside.listening, stop, &workers).await;
    chores.abort();
    let audit = Audit::new(Actor::Service, "node.end", node);
    if let Err(e) = store.node_ended(&audit, node).await {
        tracing::warn!(error = %e, "the server's end could not be put on record");
    }
    store.close().await;
    served
}

/// What is done from time to time.
async fn chores(store: Store, custodian: Custodian, node: NodeId) {
    let mut beat = tokio::time::interval(HEARTBEAT);
    let mut since_tidy = Duration::ZERO;
    loop {
        beat.tick().await;
        if let Err(e) = chore(&store, &custodian, node).await {
            tracing::warn!(error = %e, "the database is away");
        }
        since_tidy += HEARTBEAT;
        if since_tidy >= TIDY {
            since_tidy = Duration::ZERO;
            if let Err(e) = store.forget_expired().await {
                tracing::warn!(error = %e, "what has expired is forgotten later");
            }
        }
    }
}

async fn chore(store: &Store, custodian: &Custodian, node: NodeId) -> Result<(), StoreError> {
    store.heartbeat(node).await?;
    // Of this node, or of any other.
    custodian.look_at_incidents().await?;
    match store.kind() {
        Kind::Sqlite => Ok(()),
        Kind::Postgres => custodian.recover(store.orphans(SILENT_MS).await?).await,
    }
}

async fn serve(
    config: &Config,
    app: App,
    listening: Box<dyn FnOnce(SocketAddr) + Send>,
    stop: impl Future<Output = ()>,
    workers: &Workers,
) -> Result<(), ServerError> {
    let router = layers::around(api::router(app.clone()), &app);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let listener = std::net::TcpListener::bind(config.listen)
        .map_err(failed("cannot listen at the address of --listen"))?;
    listener
        .set_nonblocking(true)
        .map_err(failed("cannot listen"))?;
    let address = listener.local_addr().map_err(failed("cannot listen"))?;
    let handle = Handle::new();
    let mut server = axum_server::from_tcp(listener).map_err(failed("cannot listen"))?;
    layers::patience(server.http_builder(), &config.limits);
    let server: std::pin::Pin<Box<dyn Future<Output = io::Result<()>> + Send>> = match &config.tls {
        None => Box::pin(server.handle(handle.clone()).serve(service)),
        Some((certificate, key)) => {
            let tls = tls(certificate, key).await?;
            let acceptor = axum_server::tls_rustls::RustlsAcceptor::new(tls);
            Box::pin(
                server
                    .acceptor(acceptor)
                    .handle(handle.clone())
                    .serve(service),
            )
        }
    };
    listening(address);
    tracing::info!(port = address.port(), "listening");
    tokio::pin!(stop);
    tokio::select! {
        served = server => return served.map_err(failed("the network failed")),
        () = &mut stop => {}
    }
    tracing::info!("stopping: no list is taken in; running ones may end");
    // Those who follow their submission hear of its end; then the rest is closed.
    workers.stop(config.grace).await;
    handle.graceful_shutdown(Some(Duration::from_secs(5)));
    tracing::info!("stopped");
    Ok(())
}

async fn tls(certificate: &Path, key: &Path) -> Result<RustlsConfig, ServerError> {
    // Another part of the program may have chosen already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    RustlsConfig::from_pem_file(certificate, key)
        .await
        .map_err(failed("cannot use the certificate and key for TLS"))
}

/// What a panic in a handler comes to.
pub(super) fn panicked(_: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    use axum::response::IntoResponse as _;

    tracing::error!("a request ended in a fault");
    Problem::fault().into_response()
}
