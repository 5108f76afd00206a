//! The process that reads a list, seen from outside.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

fn reader() -> Child {
    Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .arg("read-file")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// A line of the system's account of a process.
fn told(child: &Child, of: &str, word: &str) -> Option<String> {
    let text = std::fs::read_to_string(format!("/proc/{}/{of}", child.id())).ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix(word))?;
    Some(line.trim().to_owned())
}

#[test]
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
fn it_is_confined_before_it_reads_its_first_byte() {
    let mut child = reader();
    let mut confined = false;
    // It waits for the file's first byte, which does not come.
    for _ in 0..500 {
        let privileges = told(&child, "status", "NoNewPrivs:");
        confined = told(&child, "status", "Seccomp:").as_deref() == Some("2")
            && privileges.as_deref() == Some("1");
        if confined {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(confined);
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"surname\nx\n")
        .unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn it_hands_over_a_table_and_nothing_else() {
    let mut child = reader();
    let mut list = child.stdin.take().unwrap();
    list.write_all(b"surname,dob\nQuux,03/04/1980\n").unwrap();
    drop(list);
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success() && out.stderr.is_empty());
    let table = counterpart::cohort::wire::receive(&mut &out.stdout[..]);
    assert!(table.is_ok_and(|t| t.is_ok()));
}
