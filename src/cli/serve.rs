//! `counterpart serve`: the service. Starts with nothing but itself: where no register is named it
//! lays the sample register, of invented people, into the data folder.

mod demonstration;

use super::account::database_address;
use super::input::reason;
use super::{Failure, register};
use crate::comparison::RULES;
use crate::custody;
use crate::custody::erasure::engine_sha256;
use crate::custody::keys::SigningKey;
use crate::custody::scan::{Memory, Places, seen_for_a_moment};
use crate::register::ParquetRegister;
use crate::service::config::{Config, Tls};
use crate::service::custodian::{Custodian, Notary, Sight};
use crate::service::limits::Limits;
use crate::service::metrics::Metrics;
use crate::service::sample::{Published, REGISTER};
use crate::service::server::{self, Keepers, ServerError};
use crate::service::store::{Rules, Store, StoreError};
use crate::service::studies::{RULES_FILE, Studies};
use crate::service::{api, log, log_file, worker};
use std::fs::{self, DirBuilder};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// The studies of it.
const STUDIES: [(&str, &[u8]); 3] = [
    (RULES_FILE, RULES.as_bytes()),
    (
        "reoffending.toml",
        include_bytes!("../../models/reoffending.toml"),
    ),
    (
        "employment.toml",
        include_bytes!("../../models/employment.toml"),
    ),
];

/// Flags of `counterpart serve`.
#[derive(clap::Args)]
pub struct Args {
    /// Folder of the database and the keys; made where it is missing
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// Address and port to listen on; port 0 takes any that is free
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// A PostgreSQL address instead of a file in the data folder [default: $COUNTERPART_DATABASE];
    /// the password goes into $PGPASSWORD or ~/.pgpass
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Folder of the held register [default: the sample register, of invented people]
    #[arg(long, value_name = "DIR")]
    register: Option<PathBuf>,
    /// Folder of study files [default: those of the sample register]
    #[arg(long, value_name = "DIR")]
    studies: Option<PathBuf>,
    /// Tables of results that others published (CSV), for commissioners to put beside released reports
    /// [default with the sample register: those in sample_data/published]
    #[arg(long, value_name = "FILE")]
    published: Vec<PathBuf>,
    /// A service to try out: makes an account for each role where there is none yet, prints their
    /// passwords once, and takes another port where the one asked for is taken
    #[arg(long)]
    demonstration: bool,
    /// Certificate chain (PEM): TLS ends here
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its private key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Lists that are worked through at the same time [default: half the processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    slots: Option<u16>,
    /// Lists that may wait, of all organisations
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    places: u16,
    /// Lists that may wait, of one organisation
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=4096))]
    places_per_organisation: u16,
    /// Memory of one worker, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(256..))]
    memory: u32,
    /// Seconds from a worker's turn to its end
    #[arg(long, value_name = "S", default_value_t = 1800, value_parser = clap::value_parser!(u32).range(1..))]
    wall: u32,
    /// Seconds of computing of one worker, all its threads together
    #[arg(long, value_name = "S", default_value_t = 3600, value_parser = clap::value_parser!(u32).range(1..))]
    cpu: u32,
    /// Seconds that lists being worked through may still take when the server is to stop
    #[arg(long, value_name = "S", default_value_t = 60)]
    grace: u32,
    /// A proxy passes requests on and says in X-Forwarded-For from whom
    #[arg(long)]
    behind_proxy: bool,
    /// Write callers' addresses into the log
    #[arg(long)]
    log_addresses: bool,
    /// Tell /metrics to everybody, not on this machine alone
    #[arg(long)]
    open_metrics: bool,
    /// 32 random bytes by which an upload is known again; servers that share a database share it
    /// [default: upload.key in the data folder]
    #[arg(long, value_name = "FILE")]
    upload_key: Option<PathBuf>,
    /// The key that certificates and the ledger are signed with, 32 random bytes; servers that share
    /// a database share it [default: signing.key in the data folder, made where it is missing]
    #[arg(long, value_name = "FILE")]
    signing_key: Option<PathBuf>,
    /// Start although this machine may swap memory out to a disk that is not encrypted. Workers lock their memory where
    /// they may; what of the server's was swapped out stays on that disk
    #[arg(long)]
    allow_unencrypted_swap: bool,
}

/// Runs the command until the process is told to stop.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    // Before anything is in it that nobody should see.
    let memory = own_memory().map_err(|e| {
        let message = format!("this program's own memory cannot be opened for the scanner: {e}");
        Failure::io(message, "run it where /proc is readable")
    })?;
    let demonstration = args.demonstration;
    if !demonstration && !args.allow_unencrypted_swap {
        no_open_swap()?;
    }
    let signing_key = args.signing_key.clone();
    let (mut config, sample) = config(args)?;
    log::start(&config.data).map_err(|e| cannot_lay("the log", &e))?;
    let data = config.data.clone();
    let register = config.workers.register.clone();
    let open = config.tls.is_none() && !config.listen.ip().is_loopback();
    let scheme = if config.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|_| Failure::io("this program cannot start its runtime", None))?;
    if demonstration {
        runtime.block_on(demonstration::people(&config))?;
        demonstration::free_address(&mut config);
    }
    let keepers = |store: &Store, node, metrics: &Arc<Metrics>| {
        let engine = engine_sha256().map_err(|e| ServerError::Custody {
            what: "this program's own file cannot be read",
            reason: reason(&e),
        })?;
        let sight = Sight {
            engine_sha256: engine,
            places: Places {
                memory,
                logs: vec![data.join(log_file::FILE)],
                temporary: Vec::new(),
                system: true,
                data: data.clone(),
            },
            register,
        };
        let key = signing_key.unwrap_or_else(|| data.join("signing.key"));
        let key = SigningKey::open_or_create(&key).map_err(|e| ServerError::Custody {
            what: "the signing key cannot be used",
            reason: e.to_string(),
        })?;
        let notary = Notary::new(key);
        let public = notary.public_key().to_text();
        std::fs::write(data.join("signing.pub"), format!("{public}\n")).map_err(|e| {
            ServerError::Custody {
                what: "the public key cannot be written into the data folder",
                reason: reason(&e),
            }
        })?;
        let custodian = Custodian::new(store.clone(), notary, sight, metrics.clone(), node);
        Ok(Keepers {
            watcher: Arc::new(custodian.clone()),
            custody: Arc::new(custodian),
        })
    };
    let listening = |address: SocketAddr| {
        eprintln!("listening on {scheme}://{address}");
        if sample {
            eprintln!("note: this is the sample register: every person in it is invented");
        }
        if open {
            eprintln!(
                "note: this address can be reached from elsewhere and there is no TLS here: put a proxy with TLS before it, or give --tls-cert and --tls-key"
            );
        }
        match demonstration {
            true => eprintln!("hint: open this address in a browser; Ctrl-C stops the service"),
            false => eprintln!("hint: `counterpart account add` makes accounts"),
        }
    };
    let done = runtime.block_on(server::run(config, keepers, listening, told_to_stop()));
    done.map_err(failure)?;
    Ok(ExitCode::SUCCESS)
}

/// What is swapped out to a disk outlives the process it belonged to.
fn no_open_swap() -> Result<(), Failure> {
    let places = custody::swap::unencrypted().map_err(|e| {
        let message = format!(
            "whether this machine swaps memory out cannot be told: {}",
            reason(&e)
        );
        Failure::io(
            message,
            "run it where /proc is readable, or give --allow-unencrypted-swap",
        )
    })?;
    match places {
        0 => Ok(()),
        n => Err(Failure::refused(
            format!(
                "this machine may swap memory out to a disk that is not encrypted ({n} in /proc/swaps), where parts of a list could outlive their erasure"
            ),
            "switch swap off (`swapoff -a`), encrypt it, or give --allow-unencrypted-swap if that risk is yours to take",
        )),
    }
}

/// This process's memory, open for the scanner; from here on nobody else of the same user can.
fn own_memory() -> io::Result<Memory> {
    let memory = seen_for_a_moment(Memory::of_self)??;
    custody::refuse_dumps()?;
    Ok(memory)
}

/// SIGTERM, or Ctrl-C.
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupted = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = interrupted => {}
            }
        }
        Err(_) => drop(interrupted.await),
    }
}

/// The settings, and whether the register is the sample.
fn config(args: Args) -> Result<(Config, bool), Failure> {
    let database = database_address(args.database)?;
    // Workers start in the root folder, and the scanner looks from there: no path is relative.
    let absolute = |path: &Path| {
        std::path::absolute(path).map_err(|e| cannot_lay("into the folder it was given", &e))
    };
    let data = absolute(&args.data)?;
    let mut folder = DirBuilder::new();
    folder.recursive(true).mode(0o700);
    let made = folder.create(&data);
    made.map_err(|e| cannot_lay("the data folder", &e))?;
    let sample = args.register.is_none();
    let published = published(&args.published, sample)?;
    let dir = match args.register {
        Some(dir) => absolute(&dir)?,
        None => sample_register(&data.join("register"))?,
    };
    let studies = match args.studies {
        Some(dir) => dir,
        None => {
            let dir = data.join("studies");
            lay(&dir, &STUDIES).map_err(|e| cannot_lay("the studies", &e))?;
            dir
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = worker::Settings {
        slots: args.slots.map_or((cores / 2).max(1), usize::from),
        places: args.places.into(),
        places_per_organisation: args.places_per_organisation.into(),
        memory_bytes: u64::from(args.memory) << 20,
        cpu_seconds: args.cpu.into(),
        wall: Duration::from_secs(args.wall.into()),
        register: dir,
    };
    let tls = args.tls_cert.zip(args.tls_key);
    let config = Config {
        data,
        listen: args.listen,
        database,
        studies: offered(&studies)?,
        published,
        workers,
        program: None,
        limits: Limits::default(),
        answers: api::Settings {
            behind_proxy: args.behind_proxy,
            log_addresses: args.log_addresses,
            tls: tls.is_some(),
            open_metrics: args.open_metrics,
        },
        tls: tls.map(|(certificate, key)| Tls { certificate, key }),
        grace: Duration::from_secs(args.grace.into()),
        rules: Rules::default(),
        upload_key: args.upload_key,
    };
    Ok((config, sample))
}

/// Tables of published results: each must be one that can be read.
fn published(files: &[PathBuf], sample: bool) -> Result<Vec<Published>, Failure> {
    let mut out = Vec::new();
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bytes = fs::read(path).map_err(|e| {
            Failure::io(
                format!("cannot read {name}: {}", reason(&e)),
                "name tables of published results with --published",
            )
        })?;
        out.push(Published {
            name: name.into_owned(),
            bytes,
        });
    }
    if files.is_empty() && sample {
        out.push(Published::sample());
    }
    for table in &out {
        table
            .check()
            .map_err(|e| Failure::refused(e.to_string(), e.problem.remedy()))?;
    }
    Ok(out)
}

/// The sample register, laid there where it is not yet, with its index.
fn sample_register(dir: &Path) -> Result<PathBuf, Failure> {
    let new = lay(dir, &REGISTER).map_err(|e| cannot_lay("the sample register", &e))?;
    if new {
        let indexed = ParquetRegister::open(dir).and_then(|r| r.reindex());
        indexed.map_err(|e| register::failure(dir, e))?;
    }
    Ok(dir.to_owned())
}

/// Lays files into a folder; false where it is there already. The folder appears whole or not at
/// all, whenever this ends.
fn lay(dir: &Path, files: &[(&str, &[u8])]) -> io::Result<bool> {
    if dir.is_dir() {
        return Ok(false);
    }
    let half = dir.with_extension("half");
    if half.is_dir() {
        fs::remove_dir_all(&half)?;
    }
    fs::create_dir_all(&half)?;
    for (name, bytes) in files {
        fs::write(half.join(name), bytes)?;
    }
    fs::rename(&half, dir)?;
    Ok(true)
}

/// The studies in a folder.
fn offered(dir: &Path) -> Result<Studies, Failure> {
    let unreadable = |e: io::Error| {
        let message = format!("cannot read the folder of studies: {}", reason(&e));
        Failure::io(message, "give a folder of study files with --studies")
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().and_then(|n| n.to_str()).map(str::to_owned);
        if let Some(name) = name.filter(|n| n.ends_with(".toml")) {
            files.push((name, fs::read_to_string(&path).map_err(unreadable)?));
        }
    }
    files.sort();
    Studies::of(&files).map_err(|e| {
        let hint =
            "see the files in models/ for examples; `counterpart check --study FILE` checks one";
        Failure::refused(e.to_string(), hint)
    })
}

fn cannot_lay(what: &str, e: &io::Error) -> Failure {
    let message = format!("cannot write {what}: {}", reason(e));
    Failure::io(
        message,
        "give a folder that this user may write to with --data",
    )
}

fn failure(e: ServerError) -> Failure {
    let hint = match &e {
        ServerError::Store(StoreError::OtherKey) => {
            "give this server the key of the others with --signing-key; where that key is lost, start with a new database"
        }
        ServerError::Store(_) => "look at --data and --database; the server must answer",
        ServerError::Register(_) => "look at --register; `counterpart register check` says more",
        ServerError::Listen(_) => {
            "give another address with --listen; port 0 takes any that is free"
        }
        ServerError::Tls(_) => "both files must be PEM, and the key the certificate's",
        ServerError::Custody { .. } => {
            "look at the folder of --data, and at --signing-key: these files must be this user's alone"
        }
        ServerError::Key(_) => "it must hold 32 bytes and be readable by this user",
    };
    Failure::io(e.to_string(), hint)
}
