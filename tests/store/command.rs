//! `counterpart account`.

use crate::kit::*;
use counterpart::service::model::Role;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

on_both!(accounts_are_kept_from_the_command_line);

fn counterpart(world: &World, args: &[&str], stdin: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart"));
    command
        .arg("account")
        .args(args)
        .arg("--data")
        .arg(world.data.path());
    if let Some(url) = &world.url {
        command.env("COUNTERPART_DATABASE", url);
    }
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(stdin.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn told(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

async fn accounts_are_kept_from_the_command_line(world: World) {
    let add = [
        "add",
        "ann@x.org",
        "--organisation",
        "A trust",
        "--role",
        "charity",
    ];
    let made = counterpart(&world, &add, "");
    let password = told(&made);
    assert!(password.trim().len() >= 24 && password.lines().count() == 1);
    assert!(String::from_utf8_lossy(&made.stderr).starts_with("hint: hand the password over"));
    let store = world.store().await;
    let (ann, session) = store.login("ann@x.org", password.trim()).await.unwrap();
    assert_eq!(ann.role, Role::Charity);

    let again = counterpart(&world, &add, "");
    assert_eq!((again.status.code(), again.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8_lossy(&again.stderr).contains("account is there already"));

    let own = ["password", "ann@x.org", "--password-stdin"];
    assert_eq!(
        told(&counterpart(&world, &own, "my own long password\n")),
        ""
    );
    assert_eq!(
        store.account_of_token(session.expose()).await.unwrap(),
        None
    );
    assert!(
        store
            .login("ann@x.org", "my own long password")
            .await
            .is_ok()
    );
    let short = counterpart(&world, &own, "short\n");
    assert_eq!(short.status.code(), Some(1));
    assert!(!String::from_utf8_lossy(&short.stderr).contains("short\n"));

    let token = told(&counterpart(
        &world,
        &["token", "ann@x.org", "--name", "nightly"],
        "",
    ));
    let whose = store.account_of_token(token.trim()).await.unwrap().unwrap();
    assert_eq!(whose.id, ann.id);

    let list: serde_json::Value =
        serde_json::from_str(&told(&counterpart(&world, &["list", "--json"], ""))).unwrap();
    assert_eq!(list[0]["email"], "ann@x.org");
    assert_eq!(list[0]["organisation_name"], "A trust");
    told(&counterpart(&world, &["disable", "ann@x.org"], ""));
    assert!(told(&counterpart(&world, &["list"], "")).contains("disabled"));
    assert_eq!(store.account_of_token(token.trim()).await.unwrap(), None);
    told(&counterpart(&world, &["enable", "ann@x.org"], ""));
    let nobody = counterpart(&world, &["disable", "nobody@x.org"], "");
    assert_eq!(nobody.status.code(), Some(1));
    let all = store.audit_after(0, 100).await.unwrap();
    assert!(all.iter().filter(|r| r.actor == "operator").count() >= 5);
}

#[test]
fn an_address_with_a_password_is_refused_and_not_repeated() {
    let world = World::sqlite();
    let url = "postgres://me:hunter2hunter2@localhost/x";
    let refused = counterpart(&world, &["list", "--database", url], "");
    assert_eq!(refused.status.code(), Some(1));
    let text = String::from_utf8_lossy(&refused.stderr);
    assert!(
        text.contains("PGPASSWORD") && !text.contains("hunter2"),
        "{text}"
    );
}
