//! What a server is told when it starts.

use super::limits::Limits;
use super::worker;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// How a server runs.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder for what it writes: database, signing key, log.
    pub data: PathBuf,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Address of a PostgreSQL database; none: SQLite in the data folder.
    pub database: Option<String>,
    /// The folder of the held register; none: the invented sample register.
    pub register: Option<PathBuf>,
    /// The folder of study files; none: those this program carries.
    pub studies: Option<PathBuf>,
    /// Certificate chain and key, PEM; none: plain HTTP.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Bounds on requests.
    pub limits: Limits,
    /// Bounds on workers.
    pub workers: Bounds,
    /// How long running submissions may go on when the server is asked to stop.
    pub grace: Duration,
}

/// Bounds on workers.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// That compute at the same time.
    pub slots: usize,
    /// That take in or hold a list and wait.
    pub places: usize,
    /// The same, of one organisation.
    pub places_per_organisation: usize,
    /// Bytes each may write to.
    pub memory_bytes: u64,
    /// Seconds each may compute.
    pub cpu_seconds: u64,
    /// From its turn to its end.
    pub wall: Duration,
}

impl Bounds {
    /// As the workers take them.
    pub fn settings(&self, register: PathBuf) -> worker::Settings {
        worker::Settings {
            slots: self.slots,
            places: self.places,
            places_per_organisation: self.places_per_organisation,
            memory_bytes: self.memory_bytes,
            cpu_seconds: self.cpu_seconds,
            wall: self.wall,
            register,
        }
    }
}
