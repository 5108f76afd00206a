//! An independent look for what should not be there: a process of its own (`scan-memory`, this
//! program started again, confined to reading) is given places to look at and prints to look for,
//! and answers with numbers. It knows no text that it looks for, and trusts nothing but what it
//! reads; who asked it checks that it can see by having it find something first.
//!
//! A process's memory is read through `/proc/PID/mem`, opened before that process refused dumps and
//! handed over: the system asks who may look when the file is opened, so that server and scanner
//! need no privileges. Everything mapped is looked at, but for files of the held register, in which
//! the same people may well stand.

mod child;
mod files;
mod finder;
mod kin;
mod memory;
mod protocol;
mod sinks;

pub use child::serve;
pub use files::nameless;
pub use kin::{Kin, copies, strangers};
pub use memory::{Memory, seen_for_a_moment};
pub use sinks::{Places, Swap, name as sink};

use super::marks::{MarkKey, Prints};
use protocol::{Found, Order, Place};
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The command under which this program is the scanner.
pub const COMMAND: &str = "scan-memory";
/// How long a scan may take: large servers on slow disks.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// Texts that every scan must find, or it proves nothing.
const CONTROLS: u32 = 8;

/// Why there is no result. Then nothing is known, and nothing may be certified.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// It could not be started, fed or heard.
    #[error("the scanner could not be run: {0}")]
    Io(#[from] io::Error),
    /// It ended without an answer, or with one to something else.
    #[error("the scanner ended without an answer")]
    NoAnswer,
    /// It did not answer in time and was ended.
    #[error("the scanner did not answer in time")]
    TooLate,
    /// It did not find what was put before it.
    #[error("the scanner did not find the texts it was shown")]
    Blind,
}

/// A place to look at.
pub enum Target {
    /// A process's memory.
    Memory {
        /// Of the sink.
        name: String,
        /// Open `/proc/PID/mem`.
        mem: OwnedFd,
        /// Open `/proc/PID/maps`.
        maps: OwnedFd,
    },
    /// All files below a folder, and their names; or one file.
    Folder {
        /// Of the sink.
        name: String,
        /// Where.
        path: PathBuf,
        /// Contents last changed before this moment are left out.
        since: Option<SystemTime>,
        /// Folders below too.
        deep: bool,
    },
    /// An open descriptor: a file without a name, or what waits in a pipe or socket.
    Descriptor {
        /// Of the sink.
        name: String,
        /// Open for reading.
        fd: OwnedFd,
    },
    /// Bytes that only the caller can read, such as the rows of a database.
    Stream {
        /// Of the sink.
        name: String,
        /// Read to its end.
        bytes: Box<dyn Read + Send>,
    },
}

/// What to look for: the marks of one submission under its key.
pub struct MarkSet {
    /// Of the submission.
    pub key: MarkKey,
    /// Made under that key.
    pub prints: Prints,
}

/// What the look at one target gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// Of the sink.
    pub name: String,
    /// Bytes looked at.
    pub bytes: u64,
    /// Distinct marks found, by set.
    pub found: Vec<u32>,
    /// Whether all of it could be looked at.
    pub complete: bool,
    /// Why not.
    pub note: Option<String>,
}

/// How the scanner is started.
pub struct Scanner {
    program: Command,
    patience: Duration,
    held: Vec<PathBuf>,
}

impl Scanner {
    /// This program.
    ///
    /// # Errors
    /// When the program cannot be found.
    pub fn own() -> io::Result<Scanner> {
        let mut program = super::this_program()?;
        program.arg(COMMAND);
        Ok(Scanner::started_as(program))
    }

    /// Another program that answers as [`serve`] does.
    pub fn started_as(program: Command) -> Scanner {
        Scanner {
            program,
            patience: PATIENCE,
            held: Vec::new(),
        }
    }

    /// Ended when it takes longer.
    pub fn patience(mut self, patience: Duration) -> Scanner {
        self.patience = patience;
        self
    }

    /// Leaves out the held register in that folder, where it lies and where it is mapped.
    pub fn leave_out(mut self, register: PathBuf) -> Scanner {
        // As the list of mappings will name it.
        self.held.push(register.canonicalize().unwrap_or(register));
        self
    }

    /// Looks at all targets for all sets, in one pass.
    ///
    /// # Errors
    /// When there is no answer that can be believed.
    pub fn scan(
        mut self,
        targets: Vec<Target>,
        sets: Vec<MarkSet>,
    ) -> Result<Vec<Scanned>, ScanError> {
        let asked: Vec<Asked> = targets.iter().map(Target::asked).collect();
        let (mut sets, mut targets) = (sets, targets);
        let (control, shown) = control();
        sets.push(control);
        targets.push(shown);
        let Said {
            order,
            fds,
            streams,
        } = said(targets, &sets, &self.held);
        let mut child = self.start(&fds)?;
        // Held open no longer than it takes.
        drop(fds);
        let answer = converse(&mut child, &order, &sets, streams, self.patience);
        let waited = child.wait();
        let mut found = answer?;
        if !waited?.success() {
            return Err(ScanError::NoAnswer);
        }
        let control = found.pop().map(|f| f.found);
        if control.and_then(|f| f.last().copied()) != Some(CONTROLS) {
            return Err(ScanError::Blind);
        }
        for place in &mut found {
            place.found.pop();
        }
        Ok(asked.into_iter().zip(found).map(scanned).collect())
    }

    fn start(&mut self, fds: &[OwnedFd]) -> io::Result<Child> {
        let numbers: Vec<i32> = fds.iter().map(AsRawFd::as_raw_fd).collect();
        let hand_over = move || {
            for &fd in &numbers {
                // SAFETY: numbers only; the descriptors are this child's own copies.
                if unsafe { libc::fcntl(fd, libc::F_SETFD, 0) } != 0 {
                    return Err(io::Error::last_os_error());
                }
            }
            Ok(())
        };
        // SAFETY: between fork and exec it only sets flags of descriptors, and allocates nothing.
        unsafe { self.program.pre_exec(hand_over) };
        self.program
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
    }
}

/// Has this program look at all targets for all sets, in one pass and a process of its own.
///
/// # Errors
/// When there is no answer that can be believed.
pub fn scan(targets: Vec<Target>, sets: Vec<MarkSet>) -> Result<Vec<Scanned>, ScanError> {
    Scanner::own()?.scan(targets, sets)
}

impl Target {
    fn asked(&self) -> Asked {
        let (Target::Memory { name, .. }
        | Target::Folder { name, .. }
        | Target::Descriptor { name, .. }
        | Target::Stream { name, .. }) = self;
        Asked {
            name: name.clone(),
            is_memory: matches!(self, Target::Memory { .. }),
        }
    }
}

/// What is remembered of a target while it is looked at.
struct Asked {
    name: String,
    is_memory: bool,
}

/// What is told, handed over, and sent after it.
struct Said {
    order: Order,
    fds: Vec<OwnedFd>,
    streams: Vec<Box<dyn Read + Send>>,
}

fn said(targets: Vec<Target>, sets: &[MarkSet], held: &[PathBuf]) -> Said {
    let (mut fds, mut streams) = (Vec::new(), Vec::new());
    let mut number_of = |fd: OwnedFd| {
        let number = fd.as_raw_fd();
        fds.push(fd);
        number
    };
    let places = targets
        .into_iter()
        .map(|target| match target {
            Target::Memory { mem, maps, .. } => Place::Memory {
                mem: number_of(mem),
                maps: number_of(maps),
            },
            Target::Folder {
                path, since, deep, ..
            } => Place::Folder {
                path: path.canonicalize().unwrap_or(path),
                since: since.map(milliseconds),
                deep,
            },
            Target::Descriptor { fd, .. } => Place::Descriptor { fd: number_of(fd) },
            Target::Stream { bytes, .. } => {
                streams.push(bytes);
                Place::Stream
            }
        })
        .collect();
    let order = Order {
        places,
        held: held.to_vec(),
        sets: sets.iter().map(|s| s.prints.numbers().len()).collect(),
    };
    Said {
        order,
        fds,
        streams,
    }
}

fn milliseconds(at: SystemTime) -> i64 {
    at.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as i64)
}

/// A set of texts that nobody has, and a stream in which all of them stand.
fn control() -> (MarkSet, Target) {
    let (key, seed) = (MarkKey::random(), rand::random());
    let prints = Prints::of_canaries(&key, &seed, CONTROLS);
    let mut text = Vec::new();
    for canary in super::marks::Canaries::derive(&seed, CONTROLS) {
        text.extend_from_slice(canary.surname.expose().as_bytes());
        text.push(b',');
    }
    let shown = Target::Stream {
        name: String::new(),
        bytes: Box::new(io::Cursor::new(text)),
    };
    (MarkSet { key, prints }, shown)
}

/// Tells the child its order and takes its answer, or ends it when that takes too long.
fn converse(
    child: &mut Child,
    order: &Order,
    sets: &[MarkSet],
    streams: Vec<Box<dyn Read + Send>>,
    patience: Duration,
) -> Result<Vec<Found>, ScanError> {
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (Some(stdin), Some(stdout)) = (stdin, stdout) else {
        return Err(ScanError::NoAnswer);
    };
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        let feeder = scope.spawn(move || feed(stdin, order, sets, streams));
        scope.spawn(move || {
            // Nobody listens any more when it took too long.
            let _ = tell.send(protocol::receive_answer(stdout, order));
        });
        let answer = told.recv_timeout(patience);
        if answer.is_err() {
            // Ended already, or to be: nothing more is wanted of it.
            let _ = child.kill();
        }
        let fed = feeder.join();
        match (answer, fed) {
            (Err(_), _) => Err(ScanError::TooLate),
            (Ok(answer), Ok(Ok(()))) => answer,
            (Ok(Err(e)), _) => Err(e),
            // An answer to less than it was to be told.
            (Ok(Ok(_)), Ok(Err(e))) => Err(e.into()),
            (Ok(Ok(_)), Err(_)) => Err(ScanError::NoAnswer),
        }
    })
}

fn feed(
    stdin: ChildStdin,
    order: &Order,
    sets: &[MarkSet],
    streams: Vec<Box<dyn Read + Send>>,
) -> io::Result<()> {
    let mut to = io::BufWriter::with_capacity(1 << 16, stdin);
    protocol::send_order(&mut to, order, sets)?;
    for mut stream in streams {
        protocol::send_stream(&mut to, stream.as_mut())?;
    }
    to.flush()
}

fn scanned((of, found): (Asked, Found)) -> Scanned {
    let note = match (found.gone, found.unreadable) {
        (true, _) => Some("the process had ended".to_owned()),
        (false, 0) if of.is_memory && found.bytes == 0 => Some("nothing could be read".to_owned()),
        (false, 0) => None,
        (false, n) => Some(format!("{n} parts could not be read")),
    };
    Scanned {
        name: of.name,
        bytes: found.bytes,
        complete: note.is_none(),
        found: found.found,
        note,
    }
}
