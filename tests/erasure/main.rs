//! Is anybody left? Plants 200 people with unmistakable names and numbers in a cohort file and in a
//! register, runs a job on them in a process of its own, dumps all memory of that process (`gcore`)
//! while it works and after it has finished, and looks for each of them: all must be there during
//! the work, or the search would prove nothing, and none after it. Nor in what it printed or wrote.
//!
//! Dates of birth are not searched for: in memory they are small numbers, which prove nothing.

mod job;
mod planted;
mod search;

use planted::Plan;
use search::{Needles, found_in_file, found_under};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

/// Where the child finds its files; set means "you are the child".
const CHILD: &str = "COUNTERPART_ERASURE_CHILD";
const PAUSED: &str = "paused: ";

#[test]
fn nobody_is_left_in_memory_output_or_files_after_a_job() {
    if let Some(folder) = std::env::var_os(CHILD) {
        return child(Path::new(&folder));
    }
    let people = planted::people(200);
    let needles = Needles::new(&people);
    let home = tempfile::tempdir().unwrap();
    let plan = Plan::write(home.path(), &people);

    let mut child = Paused::start(home.path(), &plan);
    child.wait_for("during");
    let during = child.dump(home.path(), &needles);
    child.go_on();
    child.wait_for("after");
    let after = child.dump(home.path(), &needles);
    child.go_on();
    let printed = child.finish();

    assert_eq!(during.len(), 200, "all are in memory during the job");
    assert_eq!(after.len(), 0, "people left in memory after the job");
    let mut outside = needles;
    outside.add_name_of(&plan.cohort);
    assert_eq!(outside.found_in(&printed).len(), 0, "people in the output");
    for folder in [&plan.out, &plan.temp] {
        let (files, found) = found_under(folder, &outside);
        assert_eq!(found, 0, "people in {files} files of {}", folder.display());
    }
    assert!(plan.out.read_dir().unwrap().next().is_some(), "a result");
}

/// What the process under test does.
fn child(folder: &Path) {
    // As `main` does, but open to `gcore`, which is not the child's parent.
    counterpart::custody::clear_c_heap().unwrap();
    // SAFETY: takes numbers only. Fails, and is not needed, where the system has no such rule.
    unsafe { libc::prctl(libc::PR_SET_PTRACER, libc::PR_SET_PTRACER_ANY, 0, 0, 0) };
    let plan = Plan::at(folder);
    job::run(&plan, &mut || pause("during"));
    let wiped = counterpart::custody::wipe_stacks().unwrap();
    assert_eq!(wiped.silent, 0, "every thread wiped its stack");
    pause("after");
}

/// Tells the parent and waits until it has looked.
fn pause(moment: &str) {
    println!("\n{PAUSED}{moment}");
    std::io::stdout().flush().unwrap();
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// This very test, run again as the process under test.
struct Paused {
    process: Child,
    stdout: BufReader<std::process::ChildStdout>,
    stderr: JoinHandle<Vec<u8>>,
    printed: Vec<u8>,
}

impl Paused {
    fn start(folder: &Path, plan: &Plan) -> Paused {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "--test-threads=1"])
            .arg("nobody_is_left_in_memory_output_or_files_after_a_job")
            .env(CHILD, folder)
            .env("TMPDIR", &plan.temp)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let mut errors = process.stderr.take().unwrap();
        let stderr = std::thread::spawn(move || {
            let mut all = Vec::new();
            errors.read_to_end(&mut all).unwrap();
            all
        });
        Paused {
            process,
            stdout,
            stderr,
            printed: Vec::new(),
        }
    }

    fn wait_for(&mut self, moment: &str) {
        let wanted = format!("{PAUSED}{moment}");
        loop {
            let mut line = Vec::new();
            let read = self.stdout.read_until(b'\n', &mut line).unwrap();
            assert!(read > 0, "the job ended before it was {moment}");
            self.printed.extend_from_slice(&line);
            if line.trim_ascii_end() == wanted.as_bytes() {
                return;
            }
        }
    }

    /// Dumps the process and says which of the people (by number) are in the dump.
    fn dump(&self, folder: &Path, needles: &Needles) -> std::collections::BTreeSet<usize> {
        let id = self.process.id().to_string();
        let prefix = folder.join("core");
        let made = Command::new("gcore")
            .args(["-a", "-o"])
            .arg(&prefix)
            .arg(&id)
            .output()
            .expect("this test needs gcore: apt-get install gdb");
        let core = PathBuf::from(format!("{}.{id}", prefix.display()));
        assert!(
            made.status.success() && core.exists(),
            "gcore could not dump the process (in a container it needs --cap-add=SYS_PTRACE): {}",
            String::from_utf8_lossy(&made.stderr)
        );
        let found = found_in_file(&core, needles);
        std::fs::remove_file(core).unwrap();
        found
    }

    fn go_on(&mut self) {
        let stdin = self.process.stdin.as_mut().unwrap();
        stdin.write_all(b"\n").unwrap();
    }

    /// All it printed, on both channels.
    fn finish(mut self) -> Vec<u8> {
        self.stdout.read_to_end(&mut self.printed).unwrap();
        self.printed.extend(self.stderr.join().unwrap());
        let status = self.process.wait().unwrap();
        assert!(status.success(), "the job failed: {status}");
        self.printed
    }
}
