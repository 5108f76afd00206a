//! The scanner, asked on behalf of submissions. Those that end while a scan is under way are looked
//! for together in the next one: a pass over everything costs the same for one as for many.

use crate::custody::scan::{MarkSet, Places, ScanError, Scanned, Scanner, Swap, Target, sink};
use crate::service::metrics::Metrics;
use crate::service::store::{Kind, Store};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Instant, SystemTime};
use tokio::sync::{mpsc, oneshot};

/// Submissions looked for in one pass, at most.
const MOST: usize = 64;

/// What one submission asks.
struct Request {
    sets: Vec<MarkSet>,
    since: SystemTime,
    answer: oneshot::Sender<Result<Vec<Scanned>, ScanError>>,
}

/// Where and how to look.
pub struct Sight {
    /// Everywhere that bytes could hide.
    pub places: Places,
    /// The held register, in which the same people may well stand.
    pub register: PathBuf,
    /// SHA-256 of the running program, hexadecimal.
    pub engine_sha256: String,
}

/// Asks the scanner. Ends with its last handle.
#[derive(Clone)]
pub struct Look(mpsc::UnboundedSender<Request>);

impl Look {
    /// Must be called within a tokio runtime.
    pub fn start(sight: Sight, store: Store, metrics: Arc<Metrics>) -> Look {
        let (to, mut from) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let sight = Arc::new(sight);
            let mut batch = Vec::new();
            while from.recv_many(&mut batch, MOST).await > 0 {
                let began = Instant::now();
                answer(&sight, &store, std::mem::take(&mut batch)).await;
                metrics.scanned(began.elapsed());
            }
        });
        Look(to)
    }

    /// Looks everywhere for those marks; what came before `since` is not this submission's.
    ///
    /// # Errors
    /// When nothing is known.
    pub async fn everywhere(
        &self,
        sets: Vec<MarkSet>,
        since: SystemTime,
    ) -> Result<Vec<Scanned>, ScanError> {
        let (answer, answered) = oneshot::channel();
        let request = Request {
            sets,
            since,
            answer,
        };
        self.0.send(request).map_err(|_| ScanError::NoAnswer)?;
        answered.await.map_err(|_| ScanError::NoAnswer)?
    }
}

/// Looks into one process for those marks; how many of each set were found.
///
/// # Errors
/// When nothing is known.
pub async fn inside(target: Target, sets: Vec<MarkSet>) -> Result<Vec<u32>, ScanError> {
    let looked = tokio::task::spawn_blocking(move || Scanner::own()?.scan(vec![target], sets));
    let scanned = looked.await.map_err(|_| ScanError::NoAnswer)??;
    let found = scanned.into_iter().next().map(|s| s.found);
    found.ok_or(ScanError::NoAnswer)
}

async fn answer(sight: &Arc<Sight>, store: &Store, batch: Vec<Request>) {
    let since = batch.iter().map(|r| r.since).min();
    let (mut sets, mut asked) = (Vec::new(), Vec::new());
    for request in batch {
        asked.push((sets.len()..sets.len() + request.sets.len(), request.answer));
        sets.extend(request.sets);
    }
    let found = scan(sight, store, since.unwrap_or(SystemTime::UNIX_EPOCH), sets).await;
    for (range, answer) in asked {
        let theirs = match &found {
            Ok(scanned) => Ok(scanned
                .iter()
                .map(|s| Scanned {
                    found: s.found[range.clone()].to_vec(),
                    ..s.clone()
                })
                .collect()),
            Err(e) => Err(again(e)),
        };
        // Whoever asked may have gone with the server.
        let _ = answer.send(theirs);
    }
}

async fn scan(
    sight: &Arc<Sight>,
    store: &Store,
    since: SystemTime,
    sets: Vec<MarkSet>,
) -> Result<Vec<Scanned>, ScanError> {
    let mut targets = sight.places.targets(since)?;
    targets.push(database(sight, store));
    let register = sight.register.clone();
    let scan = move || {
        // The last words of a file may stand where a function was that has returned.
        crate::custody::wipe_stacks()?;
        // The program's own words may be somebody's name; what is mapped of it cannot be written to.
        let own = std::env::current_exe()?;
        Scanner::own()?
            .leave_out(register)
            .leave_out(own)
            .scan(targets, sets)
    };
    tokio::task::spawn_blocking(scan)
        .await
        .map_err(|_| ScanError::NoAnswer)?
}

/// The database: its file, with what lies beside it, or its rows.
fn database(sight: &Sight, store: &Store) -> Target {
    let name = sink::DATABASE.to_owned();
    match store.kind() {
        Kind::Sqlite => Target::Folder {
            name,
            path: sight.places.data.join(crate::service::store::FILE),
            since: None,
            deep: true,
        },
        Kind::Postgres => Target::Stream {
            name,
            bytes: Box::new(rows(store.clone())),
        },
    }
}

/// Every value of the database, read as the scanner takes it.
fn rows(store: Store) -> impl io::Read + Send {
    let (to, from) = std::sync::mpsc::sync_channel::<io::Result<Vec<u8>>>(64);
    let runtime = tokio::runtime::Handle::current();
    // Values are passed on as they come; the database waits for whoever reads.
    runtime.clone().spawn_blocking(move || {
        let failed = to.clone();
        let told = runtime.block_on(store.dump(|_, _, value| {
            let mut line = value.to_vec();
            line.push(b'\n');
            // A scanner that has gone needs no more.
            let _ = to.send(Ok(line));
        }));
        if let Err(e) = told {
            let _ = failed.send(Err(io::Error::other(e)));
        }
    });
    Rows {
        from,
        rest: io::Cursor::default(),
    }
}

struct Rows {
    from: std::sync::mpsc::Receiver<io::Result<Vec<u8>>>,
    rest: io::Cursor<Vec<u8>>,
}

impl io::Read for Rows {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.rest.read(to)?;
            if read > 0 || to.is_empty() {
                return Ok(read);
            }
            match self.from.recv() {
                Ok(more) => self.rest = io::Cursor::new(more?),
                // All was sent.
                Err(_) => return Ok(0),
            }
        }
    }
}

/// Could memory have been swapped out? None when that cannot be told.
pub fn swap() -> Option<Swap> {
    Swap::now().ok()
}

fn again(e: &ScanError) -> ScanError {
    match e {
        ScanError::Io(e) => ScanError::Io(io::Error::new(e.kind(), e.to_string())),
        ScanError::NoAnswer => ScanError::NoAnswer,
        ScanError::TooLate => ScanError::TooLate,
        ScanError::Blind => ScanError::Blind,
    }
}
