//! `counterpart serve`: the service.

use super::Failure;
use crate::custody;
use crate::custody::scan::Memory;
use crate::register::ParquetRegister;
use crate::service::config::{Bounds, Config};
use crate::service::limits::Limits;
use crate::service::server::{self, Outside, ServerError};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// The invented sample register, for a service that starts with nothing but itself.
const SAMPLE: [(&str, &[u8]); 3] = [
    (
        "register.toml",
        include_bytes!("../../sample_data/register/register.toml"),
    ),
    (
        "persons.parquet",
        include_bytes!("../../sample_data/register/persons.parquet"),
    ),
    (
        "events.parquet",
        include_bytes!("../../sample_data/register/events.parquet"),
    ),
];

/// The studies of a service that is given none.
const STUDIES: [(&str, &str); 2] = [
    (
        "reoffending.toml",
        include_str!("../../models/reoffending.toml"),
    ),
    (
        "employment.toml",
        include_str!("../../models/employment.toml"),
    ),
];

/// Flags of `counterpart serve`.
#[derive(clap::Args)]
#[command(
    after_help = "Accounts are made with `counterpart account add`. The log goes to stderr, one JSON object a line, and to a file of --data. Stops on SIGINT and SIGTERM: no list is taken in any more, running ones may end within --grace.\n\nExit codes: 0 stopped as asked; 1 something it was given cannot be used; 2 the flags were not understood; 3 a file, the database or the network failed."
)]
pub struct Args {
    /// The folder for the database, the signing key and the log
    #[arg(long, value_name = "DIR", default_value = "counterpart-data")]
    data: PathBuf,
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// A PostgreSQL database that several servers may share; without it, SQLite in --data
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// The folder of the held register; without it, an invented one
    #[arg(long, value_name = "DIR")]
    register: Option<PathBuf>,
    /// The folder of study files; without it, reoffending and employment
    #[arg(long, value_name = "DIR")]
    studies: Option<PathBuf>,
    /// Certificate chain for TLS, PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key for TLS, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Submissions that compute at the same time; without it, one for each processor
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    slots: Option<u16>,
    /// Submissions that wait for their turn, or come in, at most
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    places: u16,
    /// The same, of one organisation
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    places_per_organisation: u16,
    /// Memory that a submission may use, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 4_096, value_parser = clap::value_parser!(u64).range(256..))]
    memory: u64,
    /// Time that a submission may take from its turn to its end, in seconds
    #[arg(long, value_name = "S", default_value_t = 1_800, value_parser = clap::value_parser!(u64).range(1..))]
    time: u64,
    /// How long running submissions may go on when the server is to stop, in seconds
    #[arg(long, value_name = "S", default_value_t = 30)]
    grace: u64,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    // Before anything is in it that nobody should see.
    let memory = custody::scan::seen_for_a_moment(Memory::of_self)
        .and_then(|m| m)
        .map_err(|e| {
            io_failure(
                "the server's own memory cannot be opened for the scanner",
                &e,
            )
        })?;
    custody::refuse_dumps().map_err(|e| io_failure("dumps cannot be refused", &e))?;
    let data = absolute(&args.data)?;
    let register = match &args.register {
        Some(dir) => absolute(dir)?,
        None => sample_register(&data)?,
    };
    let studies = match &args.studies {
        Some(dir) => study_files(dir)?,
        None => STUDIES
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .to_vec(),
    };
    let invented = args.register.is_none();
    let listening = move |address: SocketAddr| {
        eprintln!("listening on {address}");
        if invented {
            eprintln!("the register is the invented sample: give the held one with --register");
        }
    };
    let outside = Outside {
        memory,
        studies,
        register,
        listening: Box::new(listening),
        program: None,
    };
    let config = config(args, data);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| io_failure("the server's threads cannot be started", &e))?;
    let served = runtime.block_on(async {
        let stop = stop_signal().map_err(|e| io_failure("signals cannot be listened for", &e))?;
        server::run(config, outside, stop).await.map_err(failure)
    });
    // Those who still follow something are let go.
    runtime.shutdown_timeout(Duration::from_secs(2));
    served.map(|()| ExitCode::SUCCESS)
}

fn config(args: Args, data: PathBuf) -> Config {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    Config {
        data,
        listen: args.listen,
        database: args.database,
        register: args.register,
        studies: args.studies,
        tls: args.tls_cert.zip(args.tls_key),
        limits: Limits::default(),
        workers: Bounds {
            slots: args.slots.map_or(processors, usize::from),
            places: args.places.into(),
            places_per_organisation: args.places_per_organisation.into(),
            memory_bytes: args.memory << 20,
            cpu_seconds: args.time.saturating_mul(processors as u64),
            wall: Duration::from_secs(args.time),
        },
        grace: Duration::from_secs(args.grace),
    }
}

/// Lays the invented register into the data folder, once.
fn sample_register(data: &Path) -> Result<PathBuf, Failure> {
    let dir = data.join("sample-register");
    let lay = || -> io::Result<()> {
        std::fs::create_dir_all(&dir)?;
        for (name, bytes) in SAMPLE {
            let path = dir.join(name);
            if std::fs::read(&path).ok().as_deref() != Some(bytes) {
                std::fs::write(&path, bytes)?;
            }
        }
        Ok(())
    };
    lay().map_err(|e| io_failure("the sample register cannot be laid into --data", &e))?;
    let indexed = ParquetRegister::open(&dir).and_then(|register| match register.vouch() {
        Some(_) => Ok(()),
        None => register.reindex().map(drop),
    });
    indexed.map_err(|e| super::register::failure(&dir, e))?;
    Ok(dir)
}

fn study_files(dir: &Path) -> Result<Vec<(String, String)>, Failure> {
    let read = || -> io::Result<Vec<(String, String)>> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|n| n.to_str());
            if let Some(name) = name.filter(|n| n.ends_with(".toml")) {
                files.push((name.to_owned(), std::fs::read_to_string(&path)?));
            }
        }
        Ok(files)
    };
    read().map_err(|e| io_failure("the folder of --studies cannot be read", &e))
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|e| io_failure("a folder cannot be found", &e))
}

/// Done when the system asks the server to stop.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut asked = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = asked.recv() => {}
            _ = interrupted.recv() => {}
        }
    })
}

fn io_failure(what: &str, e: &io::Error) -> Failure {
    Failure::io(
        format!("{what}: {}", super::output::not_written(e)),
        "check that the folder is there and yours",
    )
}

fn failure(e: ServerError) -> Failure {
    match e {
        ServerError::Io { .. } => Failure::io(
            e.to_string(),
            "check --data, --listen and the files of --tls-cert and --tls-key",
        ),
        ServerError::Store(_) => Failure::io(
            e.to_string(),
            "check --database, or that no other server uses the folder of --data",
        ),
        ServerError::Studies(_) => Failure::refused(
            e.to_string(),
            "correct the study file, or take it out of the folder of --studies",
        ),
    }
}
