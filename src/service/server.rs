//! A server from its start to its end: opens the store, listens, and on the word to stop takes
//! nothing in any more, lets what computes finish within a grace, and ends the rest.

use super::api::{self, App, RegisterPage, Sealing, UploadKey};
use super::config::{Config, Tls};
use super::erasure::Custody;
use super::limits::Rates;
use super::metrics::Metrics;
use super::model::NodeId;
use super::portal;
use super::store::{Actor, Audit, Kind, Store, StoreError};
use super::worker::{Watcher, Workers};
use crate::custody::keys::key_file;
use crate::register::{ParquetRegister, RegisterError};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often a server says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// A node not heard of for so long has ended.
const SILENT_MS: i64 = 60_000;
/// How often what has ended is deleted.
const TIDY: Duration = Duration::from_secs(600);
/// How long answers under way may take once everything else has ended.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// Bytes of a request's headers.
const MOST_HEADERS: usize = 32 << 10;

/// Why a server did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The register.
    #[error("the register cannot be used: {0}")]
    Register(#[from] RegisterError),
    /// The address.
    #[error("cannot listen there: {0}")]
    Listen(io::ErrorKind),
    /// Certificate or key.
    #[error("the TLS certificate or its key cannot be used: {0}")]
    Tls(io::ErrorKind),
    /// What is needed to certify.
    #[error("{what}: {reason}")]
    Custody {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        reason: String,
    },
    /// The key of uploads.
    #[error("the key of uploads cannot be read or made: {0}")]
    Key(io::ErrorKind),
}

/// Who looks after submissions.
pub struct Keepers {
    /// Hears of workers.
    pub watcher: Arc<dyn Watcher>,
    /// Is asked by the API.
    pub custody: Arc<dyn Custody>,
}

/// Runs a server until it is told to stop; `listening` hears where it can be reached.
///
/// # Errors
/// [`ServerError`]: when it cannot start.
pub async fn run(
    config: Config,
    keepers: impl FnOnce(&Store, NodeId, &Arc<Metrics>) -> Result<Keepers, ServerError>,
    listening: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()>,
) -> Result<(), ServerError> {
    let clock = Arc::new(super::clock::SystemClock);
    let database = config.database.as_deref();
    let store = Store::open_with(&config.data, database, config.rules.clone(), clock).await?;
    let node = NodeId::random();
    let metrics = Arc::new(Metrics::default());
    let Keepers { watcher, custody } = keepers(&store, node, &metrics)?;
    let dir = config.workers.register.clone();
    let register = RegisterPage::of(ParquetRegister::open(&dir)?.dictionary());
    let workers = match &config.program {
        None => Workers::new(config.workers.clone(), watcher),
        Some(program) => Workers::with_program(config.workers.clone(), watcher, program.clone()),
    };
    let key = config.upload_key.clone();
    let key = key.unwrap_or_else(|| config.data.join("upload.key"));
    let upload_key = key_file(&key).map_err(|e| ServerError::Key(e.kind()))?;
    let upload_key = UploadKey::new(upload_key);
    store.heartbeat(node).await?;
    custody.check_key().await?;
    custody.attach(workers.clone());
    // Nothing is taken in before what an earlier server left behind is seen to.
    let left = match store.kind() {
        Kind::Sqlite => store.left_by_others(node).await?,
        Kind::Postgres => store.orphans(SILENT_MS).await?,
    };
    custody.recover(left).await?;
    custody.look_at_incidents().await?;
    let (stopping, told) = watch::channel(false);
    let app = App {
        store: store.clone(),
        workers: workers.clone(),
        custodian: custody,
        studies: Arc::new(config.studies),
        published: Arc::new(config.published),
        register: Arc::new(register),
        rates: Arc::new(Rates::new(&config.limits)),
        limits: Arc::new(config.limits),
        sealing: Arc::new(Sealing::default()),
        upload_key: Arc::new(upload_key),
        metrics,
        node,
        settings: api::Settings {
            tls: config.tls.is_some(),
            ..config.answers
        },
        stopping: told,
    };
    portal::tell_if_missing();
    let beating = tokio::spawn(beat(store.clone(), app.custodian.clone(), node));
    let warming = workers.clone();
    tokio::spawn(async move { warming.warm().await });
    let listener = TcpListener::bind(config.listen).map_err(|e| ServerError::Listen(e.kind()))?;
    let address = listener
        .local_addr()
        .map_err(|e| ServerError::Listen(e.kind()))?;
    let tls = match &config.tls {
        Some(tls) => Some(rustls_config(tls).await?),
        None => None,
    };
    let handle = Handle::new();
    let serving = tokio::spawn(serve(listener, tls, app.clone(), handle.clone()));
    listening(address);
    stop.await;
    tracing::info!("stopping: nothing is taken in any more");
    workers.close_intake();
    app.sealing.clear();
    workers.stop(config.grace).await;
    // Only now: whoever waits for an end may still see it.
    stopping.send_replace(true);
    handle.graceful_shutdown(Some(LAST_WORDS));
    // Its error was told already, or there is none.
    let _ = serving.await;
    beating.abort();
    let audit = Audit::new(Actor::Service, "node.end", node);
    store.node_ended(&audit, node).await?;
    store.close().await;
    Ok(())
}

async fn serve(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    app: App,
    handle: Handle<SocketAddr>,
) -> io::Result<()> {
    let headers = app.limits.headers;
    let service = api::router(app).into_make_service_with_connect_info::<SocketAddr>();
    macro_rules! serve {
        ($server:expr) => {{
            let mut server = $server
                .handle(handle)
                .first_request_timeout(headers)
                .http1_only();
            server
                .http_builder()
                .http1()
                .header_read_timeout(headers)
                .max_buf_size(MOST_HEADERS)
                .half_close(false);
            server.serve(service).await
        }};
    }
    match tls {
        None => serve!(axum_server::from_tcp(listener)?),
        Some(tls) => serve!(axum_server::from_tcp_rustls(listener, tls)?),
    }
}

async fn rustls_config(tls: &Tls) -> Result<RustlsConfig, ServerError> {
    // Already there is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    RustlsConfig::from_pem_file(&tls.certificate, &tls.key)
        .await
        .map_err(|e| ServerError::Tls(e.kind()))
}

/// Says that this server lives, and tidies up now and then.
async fn beat(store: Store, custody: Arc<dyn Custody>, node: NodeId) {
    let mut since_tidied = Duration::ZERO;
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        if let Err(e) = store.heartbeat(node).await {
            tracing::warn!(error = %e, "this server could not say that it lives");
        }
        if let Err(e) = look_around(&store, custody.as_ref()).await {
            tracing::warn!(error = %e, "what other servers left could not be looked at");
        }
        since_tidied += HEARTBEAT;
        if since_tidied >= TIDY {
            since_tidied = Duration::ZERO;
            if let Err(e) = store.forget_expired().await {
                tracing::warn!(error = %e, "what has ended could not be deleted yet");
            }
        }
    }
}

/// Incidents of any server, and what servers left behind that are not heard of any more.
async fn look_around(store: &Store, custody: &dyn Custody) -> Result<(), StoreError> {
    custody.look_at_incidents().await?;
    match store.kind() {
        Kind::Sqlite => Ok(()),
        Kind::Postgres => custody.recover(store.orphans(SILENT_MS).await?).await,
    }
}
