//! The portal in a real browser: each role's journey, with script and without, on the very server that
//! `counterpart serve --demonstration` is. Pictures go to target/screenshots.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const ROLES: [&str; 5] = [
    "charity",
    "steward",
    "commissioner",
    "researcher",
    "auditor",
];

/// Ended with the test, however that ends.
struct Server {
    process: Child,
    address: String,
    /// As `tests/browser/portal.mjs` wants them.
    accounts: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Not among the system's temporary folders: the scanner looks through those, and an index of the
/// sample register holds what is in the sample lists.
fn new_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("portal-{name}"));
    if folder.is_dir() {
        std::fs::remove_dir_all(&folder).expect("a folder of an earlier test");
    }
    folder
}

/// Started as `make run` does it: with a folder that is told from where the caller stands.
fn demonstration(data: &Path) -> Server {
    let (home, name) = (data.parent(), data.file_name());
    let (home, name) = home.zip(name).expect("a folder in a folder");
    let mut process = Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .args([
            "serve",
            "--demonstration",
            "--listen",
            "127.0.0.1:0",
            "--data",
        ])
        .arg(name)
        .current_dir(home)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let log = process.stderr.take().expect("its log");
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            if let Some(address) = line.strip_prefix("listening on ") {
                let _ = tell.send(address.to_owned());
            }
        }
    });
    let limit = std::time::Duration::from_secs(120);
    let address = told.recv_timeout(limit).expect("it listens");
    let mut printed = Vec::new();
    let mut stdout = process.stdout.take().expect("its output");
    let mut part = [0; 4096];
    while !String::from_utf8_lossy(&printed).contains("auditor@") {
        let read = stdout.read(&mut part).expect("its output");
        assert!(read > 0, "the accounts are printed");
        printed.extend_from_slice(&part[..read]);
    }
    let printed = String::from_utf8(printed).expect("text");
    let account = |role: &str| {
        let line = printed.lines().map(str::trim);
        let line = line.filter_map(|l| l.strip_prefix(&format!("{role}@example.org")[..]));
        let password = line.flat_map(|l| l.split_whitespace().next()).next();
        let password = password.expect("each role has an account");
        format!("\"{role}\": {{\"email\": \"{role}@example.org\", \"password\": \"{password}\"}}")
    };
    let accounts: Vec<String> = ROLES.iter().map(|role| account(role)).collect();
    Server {
        process,
        address,
        accounts: format!("{{{}}}", accounts.join(", ")),
    }
}

#[test]
fn every_role_goes_through_the_portal_in_a_browser() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = new_folder("journeys");
    let server = demonstration(&data);
    let pictures = home.join("target/screenshots");
    let output = Command::new("node")
        .arg("tests/browser/portal.mjs")
        .arg(&server.address)
        .args([&home.join("sample_data/cohorts"), &pictures])
        .env("ACCOUNTS", &server.accounts)
        .current_dir(home)
        .output()
        .expect("node starts: `make tools` installs it");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(pictures.join("report-script-320.png").is_file());
}

#[test]
fn passwords_are_printed_once() {
    let data = new_folder("twice");
    drop(demonstration(&data));
    let mut again = Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .args([
            "serve",
            "--demonstration",
            "--listen",
            "127.0.0.1:0",
            "--data",
        ])
        .arg(&data)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let log = BufReader::new(again.stderr.take().expect("its log"));
    let lines = log.lines().map_while(Result::ok);
    let said: Vec<String> = lines.take_while(|l| !l.starts_with("hint: open")).collect();
    let _ = again.kill();
    let _ = again.wait();
    let mut printed = String::new();
    let mut stdout = again.stdout.take().expect("its output");
    stdout.read_to_string(&mut printed).expect("text");
    assert!(printed.is_empty(), "{printed}");
    assert!(
        said.iter()
            .any(|l| l.contains("there are accounts already"))
    );
}
