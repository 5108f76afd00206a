//! The browser's half: what web/seal makes of a list, the worker opens.

use crate::kit::PROGRAM;
use crate::submit::{LIST, Lab, said, seen_of_the_list};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::sync::Once;

/// Bundles web/seal as it stands now.
fn bundled() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
        let built = Command::new("npm")
            .args(["run", "--silent", "build:seal"])
            .current_dir(web)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&built.stderr).into_owned();
        assert!(
            built.status.success(),
            "{told}\n(`make tools` installs what it needs)"
        );
    });
}

/// Hands the sample list in; the answer, and what went through the page's server.
async fn handed_in(lab: &Lab, how: &str) -> (Value, Vec<u8>) {
    bundled();
    let programmes = lab.charity.json("programmes").await;
    let seen = lab.path(&format!("seen-{how}"));
    std::fs::write(&seen, b"").unwrap();
    let mut node = Command::new("node");
    node.args(["tests/browser/seal.mjs", how, &lab.service.address])
        .arg(programmes[0]["id"].as_str().unwrap())
        .arg(LIST)
        .arg(&seen)
        .env("TOKEN", &lab.charity.token);
    let done = said(&mut node);
    done.ends_with(0);
    let answer = serde_json::from_str(&done.stdout).unwrap();
    (answer, std::fs::read(seen).unwrap())
}

/// It was opened and worked through, and it was this list.
async fn is_released(lab: &Lab, answer: &Value) {
    assert_eq!(answer["status"], 202, "{answer}");
    let id = answer["id"].as_str().unwrap();
    let ended = lab.charity.end_of(id).await;
    assert_eq!(ended["state"], "released", "{ended}\n{}", lab.troubles());
    let report = lab
        .charity
        .json(&format!("submissions/{id}/report.json"))
        .await;
    assert_eq!(report["schema"], "counterpart.report/1");
    lab.charity.verified(id, &lab.service).await;
    let certificate = lab.service.data.with_extension(format!("{id}.json"));
    let salt = answer["salt"].as_str().unwrap();
    said(
        Command::new(PROGRAM)
            .arg("verify")
            .arg(certificate)
            .args(["--file", LIST, "--salt", salt]),
    )
    .ends_with(0)
    .says("the list given is the one that was erased");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_node_seals_with_the_bundle_the_worker_opens() {
    let lab = Lab::open().await;
    let (answer, _) = handed_in(&lab, "node").await;
    assert_eq!(
        answer["key_salt"], answer["salt"],
        "told with the key and again"
    );
    assert!(
        answer["commitment"].is_null(),
        "the server could not make it"
    );
    is_released(&lab, &answer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_in_chromium_seals_the_worker_opens_and_its_server_never_sees() {
    let lab = Lab::open().await;
    let (answer, seen) = handed_in(&lab, "chromium").await;
    is_released(&lab, &answer).await;
    let size = std::fs::read(LIST).unwrap().len();
    assert!(seen.len() > size, "it went through");
    assert_eq!(seen_of_the_list(&seen).0, 0);
    // That the search can see.
    let (answer, seen) = handed_in(&lab, "plain").await;
    assert_eq!(answer["status"], 202, "{answer}");
    let (found, all) = seen_of_the_list(&seen);
    assert_eq!(found, all);
}
