//! Schemathesis holds the description of the API against a live server: whatever it may send by
//! that description, and whatever it may not.

use crate::kit::{Options, TestApp, home};
use counterpart::service::limits::Limits;
use counterpart::service::model::{Role, State};
use counterpart::service::store::Rules;
use std::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_found_by_trying_everything() {
    let program = home().join("target/python-api/bin/schemathesis");
    assert!(
        program.exists(),
        "{} is not there: `make tools` sets it up",
        program.display()
    );
    let app = TestApp::with(Options {
        limits: Limits {
            logins_per_address: u32::MAX,
            logins_per_account: u32::MAX,
            requests: u32::MAX,
            uploads: u32::MAX,
            ..Limits::default()
        },
        rules: Rules {
            free_failures: u32::MAX,
            ..Rules::default()
        },
        ..Options::default()
    })
    .await;
    let home = app.home("own").await;
    for state in State::ALL {
        app.standing(&home, state).await;
    }
    for role in [Role::Charity, Role::Steward] {
        let client = app.client_of("fuzzed", role).await;
        let authorization = format!("Authorization: Bearer {}", client.token());
        let url = app.url("/api/v1/openapi.json");
        let run = tokio::task::spawn_blocking(move || {
            Command::new(program_of())
                .current_dir(std::env::temp_dir())
                .args(["run", &url, "--header", &authorization])
                .args(["--checks", "all", "--max-examples", "12", "--seed", "1"])
                // Ids of studies and programmes must be of some that are there, which a description
                // cannot say: what has the right form may be refused all the same.
                .args(["--exclude-checks", "positive_data_acceptance"])
                // One of the submissions is an incident: the server rightly says 503 of itself.
                .args(["--exclude-path", "/health/ready"])
                .args(["--phases", "examples,coverage,fuzzing,stateful"])
                // One at a time: Python 3.11's parser counts its depth for all threads together
                // (python/cpython#106905), and two at once can end in an error of its own.
                .args(["--workers", "1"])
                .args(["--generation-database", "none", "--no-color"])
                .output()
                .unwrap()
        });
        let done = run.await.unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(
            done.status.success(),
            "{role:?}\n{said}{}",
            String::from_utf8_lossy(&done.stderr)
        );
    }
    assert_eq!(app.visitor().get("/health/live").await.status, 200);
}

fn program_of() -> std::path::PathBuf {
    home().join("target/python-api/bin/schemathesis")
}
