//! This test, run again as one of the processes that it needs.

use crate::{scanner, service};
use counterpart::custody;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const ROLE: &str = "COUNTERPART_SABOTAGE_ROLE";
const ARGUMENTS: &str = "COUNTERPART_SABOTAGE_ARGUMENTS";

#[test]
fn role() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let arguments = std::env::var(ARGUMENTS).unwrap_or_default();
    let arguments: Vec<&str> = arguments.split('\n').filter(|a| !a.is_empty()).collect();
    custody::clear_c_heap().unwrap();
    match role.as_str() {
        "service" => service::serve(arguments[0], arguments[1]),
        "hold" => service::hold(arguments[0], arguments[1]),
        "self" => scanner::look_at_self(arguments[0], arguments[1]),
        "parent" => scanner::look_at_child(arguments[0]),
        "child" => scanner::be_looked_at(),
        "register" => scanner::read_register(arguments[0]),
        other => panic!("no role {other}"),
    }
}

/// A role to be started.
pub struct Start {
    command: Command,
    arguments: Vec<String>,
}

pub fn command(role: &str) -> Start {
    let mut command = custody::this_program().unwrap();
    command
        .args([
            "--exact",
            "roles::role",
            "--nocapture",
            "--test-threads=1",
            "--quiet",
        ])
        .env(ROLE, role);
    Start {
        command,
        arguments: Vec::new(),
    }
}

impl Start {
    pub fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Start {
        let argument = argument.as_ref().to_str().unwrap();
        self.arguments.push(argument.to_owned());
        self
    }

    /// As the user who may do least.
    pub fn by_nobody(mut self) -> Start {
        self.command.uid(65534).gid(65534);
        self
    }

    /// Nobody waits for what it leaves behind to end.
    pub fn quiet(mut self) -> Start {
        self.command.stderr(Stdio::null());
        self
    }

    /// The command with its arguments.
    pub fn raw(mut self) -> Command {
        self.command.env(ARGUMENTS, self.arguments.join("\n"));
        self.command
    }

    pub fn piped(self) -> Running {
        let mut command = self.raw();
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Running {
            child,
            stdin,
            stdout,
            lives_on: false,
        }
    }

    pub fn output_of(self) -> String {
        let mut command = self.raw();
        let output = command
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{out}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        out
    }
}

/// A role that runs.
pub struct Running {
    pub child: Child,
    pub stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    /// Is not to be ended with the others.
    pub lives_on: bool,
}

impl Running {
    /// Waits until it says a line that begins so; gives the rest of it.
    pub fn wait_for(&mut self, beginning: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.stdout.read_line(&mut line).unwrap();
            assert!(read > 0, "ended before it said {beginning}");
            if let Some(rest) = line.strip_prefix(beginning) {
                return rest.trim().to_owned();
            }
        }
    }

    pub fn say(&mut self, bytes: &[u8]) {
        self.stdin.as_mut().unwrap().write_all(bytes).unwrap();
    }

    /// Whoever else has its channels open cannot keep it.
    pub fn end(mut self) -> std::process::ExitStatus {
        drop(self.stdin.take());
        self.child.kill().unwrap();
        self.child.wait().unwrap()
    }
}

/// Says a line to the parent, at once.
pub fn say(line: &str) {
    println!("\n{line}");
    std::io::stdout().flush().unwrap();
}

/// Reads so many bytes from standard input, with no buffer that keeps them.
pub fn hear(bytes: &mut [u8]) -> bool {
    use std::os::fd::FromRawFd;
    // SAFETY: standard input is open, and is not closed when this is dropped.
    let stdin = unsafe { std::fs::File::from_raw_fd(0) };
    let mut stdin = std::mem::ManuallyDrop::new(stdin);
    stdin.read_exact(bytes).is_ok()
}
