//! A child process from its start to the proof that it is gone.

use crate::custody;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The command that no help lists.
pub const COMMAND: &str = "work";
/// How long nobody may be left: the killed are gone in milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts children, all from one thread: the system kills a child when the thread that started it
/// ends, and those of the runtime come and go.
#[derive(Clone)]
pub(super) struct Starter {
    ask: mpsc::Sender<oneshot::Sender<io::Result<Running>>>,
}

/// A child that was started and not waited for yet. Dropped, it is killed and waited for.
pub(super) struct Running {
    /// None once it was waited for.
    child: Option<Child>,
    pid: u32,
    /// Our end of its standard input and output.
    socket: Option<UnixStream>,
}

/// A child that was waited for.
pub(super) struct Gone {
    /// How it ended.
    pub exit: String,
    /// It used up its seconds of computing.
    pub out_of_cpu: bool,
    /// Nobody of its group is left.
    pub all: bool,
}

impl Starter {
    /// With the program to start; this one when there is none.
    pub fn new(program: Option<PathBuf>) -> Starter {
        let (ask, asked) = mpsc::channel::<oneshot::Sender<io::Result<Running>>>();
        // Ends when nobody can ask any more, and with it every child.
        let thread = thread::Builder::new().name("starter".into());
        let started = thread.spawn(move || {
            for answer in asked {
                // Who asked and went away: the child is killed as it is dropped.
                let _ = answer.send(Running::start(program.as_deref()));
            }
        });
        // Without a thread nobody answers, and every start fails: said where it is asked for.
        drop(started);
        Starter { ask }
    }

    /// A new child.
    pub async fn start(&self) -> io::Result<Running> {
        let (answer, answered) = oneshot::channel();
        let nobody = || io::Error::other("the thread that starts processes is gone");
        self.ask.send(answer).map_err(|_| nobody())?;
        answered.await.map_err(|_| nobody())?
    }
}

impl Running {
    fn start(program: Option<&Path>) -> io::Result<Running> {
        let (ours, theirs) = UnixStream::pair()?;
        let theirs = OwnedFd::from(theirs);
        let mut command = match program {
            None => custody::this_program()?,
            Some(other) => custody::program(other),
        };
        let child = command
            .arg(COMMAND)
            .current_dir("/")
            // With all it starts, a group of its own: to be ended as one.
            .process_group(0)
            .stdin(Stdio::from(theirs.try_clone()?))
            .stdout(Stdio::from(theirs))
            .stderr(Stdio::null())
            .spawn()?;
        // Without this, our own copies of its end would hide that it has ended.
        drop::<Command>(command);
        Ok(Running {
            pid: child.id(),
            child: Some(child),
            socket: Some(ours),
        })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The socket to talk to it; none the second time.
    pub fn take_socket(&mut self) -> Option<UnixStream> {
        self.socket.take()
    }

    /// Kills it and all it started, at once. It stays to be waited for, so that nobody else can have
    /// its number.
    pub fn kill(&self) {
        custody::kill_group(self.pid);
    }

    /// Kills what is left of it, waits for it, and looks whether all are gone. Blocks for some
    /// milliseconds.
    pub fn end(mut self) -> Gone {
        let status = self.reap();
        Gone {
            exit: status.as_ref().map_or("unknown".into(), in_words),
            out_of_cpu: status.is_some_and(|s| s.signal() == Some(libc::SIGXCPU)),
            all: status.is_some() && nobody_left(self.pid),
        }
    }

    fn reap(&mut self) -> Option<ExitStatus> {
        let mut child = self.child.take()?;
        self.kill();
        child.wait().ok()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.kill();
        }
        if let Some(mut child) = self.child.take() {
            // Whoever drops it may be a task, which must not wait.
            let waits = thread::Builder::new().spawn(move || child.wait());
            drop(waits);
        }
    }
}

fn in_words(status: &ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "unknown".into(),
    }
}

/// Is the group empty, or soon? Whoever it started is killed already and waited for by the system.
fn nobody_left(group: u32) -> bool {
    let until = Instant::now() + PATIENCE;
    loop {
        if !custody::group_exists(group) || !anybody_alive(group) {
            return true;
        }
        if Instant::now() > until {
            return false;
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Has the group a process that is more than a number (one whose end nobody has asked for has no
/// memory any more)? Where it cannot be known: yes.
fn anybody_alive(group: u32) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return true;
    };
    let mut seen = false;
    for process in processes.flatten() {
        let Ok(stat) = std::fs::read_to_string(process.path().join("stat")) else {
            continue;
        };
        // After the name, which may hold anything: state, parent, group.
        let mut after = stat.rsplit(')').next().unwrap_or("").split_whitespace();
        let state = after.next();
        if after.nth(1).and_then(|g| g.parse().ok()) == Some(group) {
            seen = true;
            if !matches!(state, Some("Z" | "X")) {
                return true;
            }
        }
    }
    // The system says there is somebody, and nobody was seen: hidden from us.
    !seen
}
