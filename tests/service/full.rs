//! A disk that fills up while lists are worked through, and has room again.

use crate::kit::{Service, folder, sample};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Set for the run that has a disk of its own.
const DISK: &str = "COUNTERPART_TEST_DISK";

/// Everything that is left.
fn fill(disk: &Path) {
    let mut filler = File::create(disk.join("filler")).unwrap();
    let mut size = 1 << 20;
    while size > 0 {
        // Ever smaller pieces, until not one byte more fits.
        if filler.write_all(&vec![1; size]).is_err() {
            size /= 2;
        }
    }
}

/// This very test again, with a small disk that nobody else sees.
#[test]
fn a_disk_that_fills_up_loses_nothing() {
    let dir = folder();
    let done = Command::new("unshare")
        .args(["--map-root-user", "--mount"])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "full::with_a_small_disk",
            "--ignored",
            "--nocapture",
        ])
        .env(DISK, dir.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&done.stdout);
    let more = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{told}\n{more}");
    assert!(told.contains("1 passed"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the test above, which gives it a disk"]
async fn with_a_small_disk() {
    let disk = std::env::var_os(DISK).expect("run the test above");
    let disk = Path::new(&disk);
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=48m", "tmpfs"])
        .arg(disk)
        .status()
        .unwrap();
    assert!(mounted.success());
    let service = Service::start(&disk.join("data"));
    let charity = service.sign_in("ann@hand.org", "Hand", "charity").await;
    let programme = charity.programme("Mentoring").await;
    let mut ids = Vec::new();
    for step in ["received", "linking", "checking"] {
        let (status, accepted) = charity.submit(&programme, step, sample()).await;
        assert_eq!(status, 202, "{accepted}");
        let id = accepted["id"].as_str().unwrap().to_owned();
        charity.reaches(&id, step).await;
        fill(disk);
        // What cannot be put on record is not accepted, and whoever asks is told when to come again.
        let while_full = charity
            .upload(&programme, &format!("full-{step}"), sample())
            .await
            .unwrap();
        assert_eq!(while_full.status(), 503);
        assert!(while_full.headers().contains_key("retry-after"));
        tokio::time::sleep(Duration::from_secs(1)).await;
        std::fs::remove_file(disk.join("filler")).unwrap();
        let ended = charity.end_of(&id).await;
        assert_eq!(ended["state"], "awaiting_release", "{step}: {ended}");
        charity.verified(&id, &service).await;
        ids.push(id);
    }
    // Those refused are handed in again, once.
    for step in ["received", "linking", "checking"] {
        let (id, _) = charity
            .insist(&programme, &format!("full-{step}"), sample())
            .await;
        let ended = charity.end_of(&id).await;
        assert_eq!(ended["state"], "awaiting_release", "{ended}");
        ids.push(id);
    }
    let (_, all) = charity.get("submissions").await;
    let all: Vec<serde_json::Value> = serde_json::from_str(&all).unwrap();
    assert_eq!(all.len(), ids.len());
}
