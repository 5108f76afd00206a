//! Help, usage errors, exit codes, streams.

use crate::kit::{Folder, counterpart, root, run};
use std::process::{Command, Stdio};

const COMMANDS: [&str; 7] = [
    "evaluate", "analyse", "check", "compare", "power", "synth", "register",
];

#[test]
fn help_and_version_go_to_stdout() {
    let said = counterpart(&["--help"]);
    for command in COMMANDS {
        assert!(said.stdout.contains(command), "{command}");
    }
    for code in ["0", "1", "2", "3", "101"] {
        assert!(
            said.stdout.contains(&format!("\n  {code} ")),
            "exit code {code}"
        );
    }
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let said = counterpart(&["--version"]);
    assert_eq!(
        said.stdout,
        format!("counterpart {}\n", env!("CARGO_PKG_VERSION"))
    );
    for command in COMMANDS {
        let said = counterpart(&[command, "--help"]);
        assert!(said.ends_with(0).stdout.contains("Usage: counterpart"));
    }
}

#[test]
fn what_is_not_understood_ends_with_2_and_the_nearest_that_is() {
    counterpart(&["evaluat"]).refuses(2, "did you mean `evaluate`?");
    counterpart(&["analyse", "t.csv", "--treatmnt", "x"]).refuses(2, "did you mean --treatment?");
    counterpart(&["evaluate", "t.csv"])
        .refuses(
            2,
            "this is missing: --study <FILE>, --register <DIR>, --out <DIR>",
        )
        .says("counterpart evaluate --help");
    counterpart(&["power", "--people", "1", "--rate", "40"]).refuses(2, "must be from 2 to");
    counterpart(&["power", "--people", "10", "--rate", "140"]).refuses(2, "above 0 and below 100");
    counterpart(&["check", "t.csv", "--study"]).refuses(2, "--study <FILE> needs a value");
    let said = counterpart(&[
        "analyse",
        "t.csv",
        "--study",
        "models/rossi.toml",
        "--method",
        "nearest",
    ]);
    said.refuses(2, "cannot be used together");
}

#[test]
fn every_documented_exit_code_is_met() {
    let check = |list: &str| {
        let list = format!("sample_data/cohorts/{list}.csv");
        counterpart(&["check", &list, "--study", "models/reoffending.toml"])
    };
    assert_eq!(check("clean").code, 0);
    // The answer is no, and the reason is the data.
    let small = check("too_small");
    assert_eq!(small.code, 1);
    assert!(small.stdout.contains("Too few people"));
    counterpart(&["check"]).ends_with(2);
    check("none").ends_with(3);
}

#[test]
fn json_is_data_on_stdout_and_nothing_else() {
    let folder = Folder::new();
    let trial = folder.path("trial.csv");
    for args in [
        vec!["power", "--people", "60", "--rate", "40%", "--json"],
        vec![
            "check",
            "sample_data/cohorts/messy.csv",
            "--study",
            "models/employment.toml",
            "--json",
        ],
        vec!["register", "describe", "sample_data/register", "--json"],
        vec![
            "synth", "trial", "--people", "30", "--out", &trial, "--json",
        ],
    ] {
        assert!(counterpart(&args).json().is_object(), "{args:?}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    for args in [
        vec![
            "analyse",
            "sample_data/real/rossi.csv",
            "--study",
            "models/rossi.toml",
        ],
        vec!["register", "describe", "sample_data/register"],
        vec!["power", "--people", "60", "--rate", "40"],
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_counterpart"))
            .args(&args)
            .current_dir(root())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let done = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(0), "{args:?} {stderr}");
        assert!(!stderr.contains("error"), "{stderr}");
    }
}

#[test]
fn nothing_depends_on_a_terminal_or_colour() {
    let said = run(Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .args(["evaluate", "x"])
        .env("CLICOLOR_FORCE", "1")
        .env("TERM", "xterm-256color"));
    assert!(!said.stderr.contains('\u{1b}'), "{}", said.stderr);
}
