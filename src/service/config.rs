//! What a server is told when it starts. Every field has a default and a unit; docs/service.md
//! lists the flags they come from.

use super::api;
use super::limits::Limits;
use super::sample::Published;
use super::studies::Studies;
use super::worker;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// All of it.
pub struct Config {
    /// The folder of the database and of the keys.
    pub data: PathBuf,
    /// Where to listen; port 0 for any that is free.
    pub listen: SocketAddr,
    /// A PostgreSQL address in the place of the file in the data folder.
    pub database: Option<String>,
    /// What can be asked for.
    pub studies: Studies,
    /// Tables of results that others published.
    pub published: Vec<Published>,
    /// The workers, and the register they look in.
    pub workers: worker::Settings,
    /// Another program in the place of this one, for workers: tests run inside another.
    pub program: Option<PathBuf>,
    /// How much and how fast.
    pub limits: Limits,
    /// How answers are given.
    pub answers: api::Settings,
    /// Where TLS ends here; None behind a proxy that does it.
    pub tls: Option<Tls>,
    /// How long those that compute may go on once the server is to stop.
    pub grace: Duration,
    /// Rules of signing in.
    pub rules: super::store::Rules,
    /// The key of uploads' digests: 32 bytes, that servers sharing a database share too. None: a
    /// file in the data folder, made where it is missing.
    pub upload_key: Option<PathBuf>,
}

/// Certificate and key, PEM.
pub struct Tls {
    /// The certificate chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}
