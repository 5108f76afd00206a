//! `counterpart serve`: starts with nothing but itself, and stops when it is told to.

use crate::client::Client;
use std::io::Read as _;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The program, listening; what it said until then.
fn serve(data: &Path, more: &[&str]) -> (Child, SocketAddr, BufReader<std::process::ChildStderr>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .args([
            "serve",
            "--allow-unencrypted-swap",
            "--listen",
            "127.0.0.1:0",
            "--grace",
            "1",
            "--data",
        ])
        .arg(data)
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut address = None;
    for line in said.by_ref().lines() {
        let line = line.unwrap();
        if let Some(at) = line.strip_prefix("listening on http://") {
            address = Some(at.parse().unwrap());
        }
        if line.contains("every person in it is invented") {
            break;
        }
    }
    (child, address.expect("it says where it listens"), said)
}

fn terminate(child: &Child) {
    let done = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(done.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_with_nothing_but_itself_and_stops_when_told() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let (mut child, address, said) = serve(&data, &[]);
    let made = Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .args([
            "account",
            "add",
            "ann@example.org",
            "--organisation",
            "One",
            "--role",
            "charity",
            "--json",
            "--data",
        ])
        .arg(&data)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let password = made["password"].as_str().unwrap();
    let visitor = Client::new(address, None);
    let credentials = serde_json::json!({ "email": "ann@example.org", "password": password });
    let session = visitor.post("/api/v1/sessions", credentials).await;
    assert_eq!(session.status, 201, "{session:?}");
    let client = Client::new(address, session.json()["token"].as_str());
    let studies = client.get("/api/v1/studies?Zebedee=Quark").await.json();
    assert_eq!(studies.as_array().unwrap().len(), 2);
    terminate(&child);
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap());
    let status = tokio::time::timeout(Duration::from_secs(30), status).await;
    assert!(status.expect("it stops").unwrap().success());
    let rest: Vec<String> = said.lines().map(Result::unwrap).collect();
    let lines: Vec<serde_json::Value> = rest
        .iter()
        .filter_map(|l| serde_json::from_str(l).ok())
        .collect();
    let answered = lines
        .iter()
        .find(|l| l["route"] == "/api/v1/studies")
        .unwrap();
    assert_eq!(
        (&answered["method"], &answered["status"]),
        (&"GET".into(), &200.into())
    );
    assert!(answered["request"].as_str().unwrap().len() == 32);
    assert!(answered["account"].is_string() && answered.get("address").is_none());
    for line in &rest {
        for never in [
            "Zebedee",
            "Quark",
            "ann@",
            password,
            client.token(),
            "127.0.0.1:",
        ] {
            assert!(!line.contains(never), "{never}: {line}");
        }
    }
    assert!(Client::is_gone(address).await);
}

/// On a machine that swaps to a plain disk, as `/proc/swaps` has it for this one process.
#[test]
fn it_does_not_start_on_a_disk_that_keeps_what_was_swapped_out_unless_told_to() {
    let dir = tempfile::tempdir().unwrap();
    let swaps = dir.path().join("swaps");
    let heading = "Filename\tType\tSize\tUsed\tPriority\n";
    std::fs::write(
        &swaps,
        format!("{heading}/dev/none9 partition 2097148 0 -2\n"),
    )
    .unwrap();
    let start = |flags: &[&str]| {
        Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c"])
            .arg("mount --bind \"$0\" /proc/swaps && exec \"$@\"")
            .arg(&swaps)
            .arg(env!("CARGO_BIN_EXE_counterpart"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(dir.path().join("data"))
            .args(flags)
            .output()
            .unwrap()
    };
    let refused = start(&[]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("not encrypted (1 in /proc/swaps)"), "{said}");
    assert!(said.contains("--allow-unencrypted-swap"), "{said}");
    assert!(!dir.path().join("data").exists(), "nothing was begun");
    // Told to, it goes on to the next thing that it cannot use.
    let told = start(&["--allow-unencrypted-swap", "--register", "/no/such"]);
    let said = String::from_utf8_lossy(&told.stderr);
    assert_eq!(told.status.code(), Some(3), "{said}");
    assert!(said.contains("register"), "{said}");
}

#[test]
fn what_it_cannot_use_it_says_before_it_listens() {
    let dir = tempfile::tempdir().unwrap();
    let cases: [(&[&str], i32, &str); 5] = [
        (&["--register", "/no/such"], 3, "register"),
        (&["--studies", "/no/such"], 3, "studies"),
        (&["--listen", "Zebedee"], 2, "--listen"),
        (
            &["--database", "postgres://u:Zebedee@localhost/x"],
            1,
            "password",
        ),
        (&["--tls-cert", "x.pem"], 2, "--tls-key"),
    ];
    for (flags, code, word) in cases {
        let done = Command::new(env!("CARGO_BIN_EXE_counterpart"))
            .args(["serve", "--allow-unencrypted-swap", "--data"])
            .arg(dir.path().join("data"))
            .args(flags)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(code), "{flags:?}: {said}");
        assert!(said.contains(word) && said.contains("hint:"), "{said}");
        assert!(!said.contains("Zebedee"), "{said}");
    }
}
