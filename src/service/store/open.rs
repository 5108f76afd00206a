//! Opening the store: a file of one's own, or a server's address; then its tables.

use super::password::Passwords;
use super::sessions::Rules;
use super::{Kind, Store, StoreError};
use crate::service::clock::{Clock, SystemClock};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{
    AnyConnection, AnyPool, AssertSqlSafe, Connection as _, Executor as _, SqlSafeStr as _,
};
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

/// The file in the data folder.
pub const FILE: &str = "counterpart.db";
/// Empty; locked by whoever opens the store.
const LOCK: &str = "counterpart.db.lock";
const OPENING_WAIT_STEP: Duration = Duration::from_millis(50);
const OPENING_WAIT_STEPS: u32 = 200;
/// How long a call waits for a connection before it says that there is none.
const CONNECTION_WAIT: Duration = Duration::from_secs(5);
/// The tables, in the order they came to be.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("migrations/0001_first.sql")),
    (
        2,
        "agreements",
        include_str!("migrations/0002_agreements.sql"),
    ),
    (3, "releases", include_str!("migrations/0003_releases.sql")),
    (4, "sharing", include_str!("migrations/0004_sharing.sql")),
];
/// For every connection to SQLite. Deleted content is overwritten; a commit is on the disk when it
/// is told (synchronous FULL); the log is cut back so that it keeps nothing for long.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000; \
     PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 0; PRAGMA trusted_schema = OFF;";
/// For every connection to PostgreSQL. A node that freezes in the middle of a transaction holds rows
/// that all others wait for: the server ends such a one.
const SETTINGS: &str = "SET lock_timeout = '10s'; SET statement_timeout = '60s'; \
     SET idle_in_transaction_session_timeout = '30s';";

impl Store {
    /// The store in a data folder (SQLite; folder and file are made where missing, readable by this
    /// user alone), or at a `postgres://` address when one is given.
    ///
    /// # Errors
    /// [`StoreError::Open`] when it cannot be made or is from a newer program;
    /// [`StoreError::Unavailable`] when the server does not answer.
    pub async fn open(data: &Path, database: Option<&str>) -> Result<Store, StoreError> {
        Store::open_with(data, database, Rules::default(), Arc::new(SystemClock)).await
    }

    /// As [`Store::open`], with rules of sign-in and a clock of one's own.
    ///
    /// # Errors
    /// As there.
    pub async fn open_with(
        data: &Path,
        database: Option<&str>,
        rules: Rules,
        clock: Arc<dyn Clock>,
    ) -> Result<Store, StoreError> {
        sqlx::any::install_default_drivers();
        // Already there is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (kind, url) = match database {
            None => (Kind::Sqlite, own_file(data)?),
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                (Kind::Postgres, url.to_owned())
            }
            Some(_) => return Err(open_error("the address must begin with postgres://")),
        };
        let options = AnyConnectOptions::from_str(&url)
            .map_err(|_| open_error("the address is not a database URL"))?;
        let _alone = match kind {
            Kind::Sqlite => Some(alone(data).await?),
            Kind::Postgres => None,
        };
        if kind == Kind::Sqlite {
            see_file(&options).await?;
        }
        let pool = AnyPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(CONNECTION_WAIT)
            .after_connect(move |connection, _| {
                Box::pin(async move { connection.execute(settings(kind)).await.map(drop) })
            })
            // A full disk makes SQLite end a transaction by itself; the connection does not know, and
            // could begin none any more.
            .before_acquire(|connection, _| {
                let fresh = !connection.is_in_transaction();
                Box::pin(async move { Ok(fresh) })
            })
            .connect_with(options)
            .await
            .map_err(|e| match e {
                sqlx::Error::Configuration(_) => open_error("the address is not understood"),
                other => other.into(),
            })?;
        make_tables(&pool, kind).await?;
        Ok(Store {
            pool,
            kind,
            clock,
            rules,
            passwords: Passwords::new(),
        })
    }

    /// Waits for calls under way and ends all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

fn settings(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => PRAGMAS,
        Kind::Postgres => SETTINGS,
    }
}

/// A pool would try a file that is no database again and again.
async fn see_file(options: &AnyConnectOptions) -> Result<(), StoreError> {
    let mut connection = AnyConnection::connect_with(options).await?;
    connection.execute(PRAGMAS).await?;
    Ok(connection.close().await?)
}

fn open_error(why: impl Into<String>) -> StoreError {
    StoreError::Open { why: why.into() }
}

/// Makes folder and file, so that nobody else can read them at any moment; gives the URL.
fn own_file(data: &Path) -> Result<String, StoreError> {
    let failed = |e: std::io::Error| open_error(format!("the data folder: {}", e.kind()));
    if !data.is_dir() {
        let mut folder = DirBuilder::new();
        folder
            .recursive(true)
            .mode(0o700)
            .create(data)
            .map_err(failed)?;
    }
    let file = data.join(FILE);
    let made = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&file);
    match made {
        Ok(_) => {}
        // Not opened: closing it would end the locks that SQLite has on it in this process.
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {
            std::fs::set_permissions(&file, Permissions::from_mode(0o600)).map_err(failed)?;
        }
        Err(e) => return Err(failed(e)),
    }
    let file = file.canonicalize().map_err(failed)?;
    let file = file
        .to_str()
        .ok_or_else(|| open_error("the data folder's name is not UTF-8"))?;
    let mut url = String::from("sqlite://");
    for b in file.bytes() {
        match b {
            b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                url.push(char::from(b));
            }
            other => url.push_str(&format!("%{other:02X}")),
        }
    }
    Ok(url + "?mode=rw")
}

/// One process or store at a time makes tables and log of a file: SQLite answers those who come at
/// the same moment that it is busy. Held until dropped.
async fn alone(data: &Path) -> Result<File, StoreError> {
    let failed = |e: std::io::Error| open_error(format!("the data folder: {}", e.kind()));
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true).mode(0o600);
    let lock = options.open(data.join(LOCK)).map_err(failed)?;
    for _ in 0..OPENING_WAIT_STEPS {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(OPENING_WAIT_STEP).await,
            Err(TryLockError::Error(e)) => return Err(failed(e)),
        }
    }
    Err(StoreError::Unavailable {
        how: "another process is opening it".into(),
    })
}

async fn make_tables(pool: &AnyPool, kind: Kind) -> Result<(), StoreError> {
    let migrations = MIGRATIONS.iter().map(|(version, name, sql)| {
        let sql = match kind {
            Kind::Sqlite => (*sql).to_owned(),
            Kind::Postgres => sql.replace(" BLOB", " BYTEA"),
        };
        // Only the files of this folder.
        let sql = AssertSqlSafe(sql).into_sql_str();
        Migration::new(*version, (*name).into(), MigrationType::Simple, sql, false)
    });
    let migrator = Migrator::with_migrations(migrations.collect());
    migrator.run(pool).await.map_err(|e| match e {
        sqlx::migrate::MigrateError::Execute(e) => StoreError::from(e),
        sqlx::migrate::MigrateError::VersionMissing(_) => {
            open_error("its tables were made by a newer version of this program")
        }
        _ => open_error("its tables are not those of this program"),
    })?;
    for head in ["audit", "ledger"] {
        sqlx::query(
            "INSERT INTO heads (name, size, hash) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING",
        )
        .bind(head)
        .bind(vec![0_u8; 32])
        .execute(pool)
        .await?;
    }
    Ok(())
}
