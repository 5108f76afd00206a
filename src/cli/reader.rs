//! Strangers' files are parsed in a process of their own, which has given up everything but
//! computing before it reads their first byte (`counterpart read-file`, this program started
//! again). What it hands back is checked as if it had been taken over; when it dies, the file could
//! not be read, and that is all.

use crate::cohort::{self, CohortError, MAX_BYTES, Table, wire};
use crate::custody;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::process::{Child, ChildStdin, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// The command that no help lists.
const COMMAND: &str = "read-file";
/// A small file is read in milliseconds; a machine may be busy.
const PATIENCE: Duration = Duration::from_secs(5);
/// On top, for large files.
const PATIENCE_PER_MEGABYTE: Duration = Duration::from_millis(100);

/// Reads a file's bytes to a table in a process of its own.
///
/// # Errors
/// When the process cannot be started. The inner error: when the bytes are no table.
pub fn table(bytes: Vec<u8>, sheet: Option<u32>) -> io::Result<Result<Table, CohortError>> {
    // Said here, the child need not be fed.
    if bytes.len() > MAX_BYTES {
        return Ok(cohort::decode(&bytes, sheet));
    }
    let mut reader = Reader::start(sheet)?;
    reader.write(&bytes);
    drop(bytes);
    reader.finish()
}

/// A process that takes in a file and then reads it. Dropped, it is ended.
pub struct Reader {
    child: Child,
    /// None once the file is whole, or the child takes no more.
    stdin: Option<ChildStdin>,
    bytes: u64,
}

impl Reader {
    /// Starts the process, which waits for the file.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(sheet: Option<u32>) -> io::Result<Reader> {
        let mut command = custody::this_program()?;
        command.arg(COMMAND);
        if let Some(sheet) = sheet {
            command.arg(sheet.to_string());
        }
        let mut child = command
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Reader {
            stdin: child.stdin.take(),
            child,
            bytes: 0,
        })
    }

    /// Passes bytes of the file on. It takes in all of them before it says anything, so that neither
    /// waits for the other.
    pub fn write(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        let fed = self.stdin.as_mut().map(|to| to.write_all(bytes));
        // A child that knows enough stops reading.
        if let Some(Err(_)) = fed {
            self.stdin = None;
        }
    }

    /// The file is whole: its table. The process is gone then.
    ///
    /// # Errors
    /// When the process cannot be waited for. The inner error: when the bytes are no table.
    pub fn finish(mut self) -> io::Result<Result<Table, CohortError>> {
        self.stdin = None;
        let megabytes = (self.bytes >> 20) as u32;
        let patience = PATIENCE + megabytes * PATIENCE_PER_MEGABYTE;
        let answer = self.answer(patience);
        self.child.wait()?;
        Ok(answer.unwrap_or(Err(CohortError::Exhausted)))
    }

    /// Takes the child's answer and ends it; none when there is no good one in time.
    fn answer(&mut self, patience: Duration) -> Option<Result<Table, CohortError>> {
        let stdout = self.child.stdout.take()?;
        let child = &mut self.child;
        let (tell, told) = mpsc::channel();
        // Ends with the child, and is waited for: nothing of the list stays on its stack.
        thread::scope(|scope| {
            scope.spawn(move || {
                let answer = wire::receive(&mut BufReader::with_capacity(1 << 16, stdout));
                // Nobody listens any more when it took too long.
                let _ = tell.send(answer);
            });
            let answer = told.recv_timeout(patience);
            // Dead already, or to be: nothing more is wanted of it.
            let _ = child.kill();
            answer.ok()?.ok()
        })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // Gone already when it has finished.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// When this process is to read a file: does so, and gives its exit code.
pub fn run_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != COMMAND {
        return None;
    }
    let sheet = arguments.next().and_then(|n| n.to_str()?.parse().ok());
    Some(match serve(sheet) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

fn serve(sheet: Option<u32>) -> io::Result<()> {
    // Before the first byte of the file.
    custody::die_with_parent()?;
    custody::confine()?;
    let mut bytes = Vec::new();
    // One byte more than may be, so that the reader can say the file is too large.
    let most = MAX_BYTES as u64 + 1;
    io::stdin().lock().take(most).read_to_end(&mut bytes)?;
    let read = cohort::decode(&bytes, sheet);
    drop(bytes);
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    wire::send(&read, &mut out)?;
    out.flush()
}
