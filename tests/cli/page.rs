//! The pages as a browser shows them: readable by everybody, on a wide screen and a narrow one.

use crate::kit::{Folder, counterpart, evaluate, root};
use std::path::Path;
use std::process::Command;

/// Node, Chromium and the packages of `web/`: without them nothing was checked, and that is a failure.
pub fn tools_are_there() {
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    let starts = |program: &str| Command::new(program).arg("--version").output().is_ok();
    let packages = root().join("web/node_modules");
    let missing: Vec<&str> = [
        ("node", starts("node")),
        ("Chromium", starts(&chromium)),
        (
            "web/node_modules",
            packages.join("playwright-core").is_dir() && packages.join("axe-core").is_dir(),
        ),
    ]
    .into_iter()
    .filter_map(|(tool, there)| (!there).then_some(tool))
    .collect();
    assert!(
        missing.is_empty(),
        "the browser check needs {}: `make tools` installs them",
        missing.join(", ")
    );
}

#[track_caller]
fn reads_well_in_a_browser(folder: &Folder) {
    reads_well(&folder.path("out/report.html"), &folder.path("pictures"));
}

/// A page is opened wide and narrow; pictures of it go to a folder.
#[track_caller]
pub fn reads_well(page: &str, pictures: &str) {
    let output = Command::new("node")
        .arg("tests/browser/report.mjs")
        .args([page, pictures])
        .current_dir(root())
        .output()
        .expect("node starts");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let pictures = std::fs::read_dir(Path::new(pictures)).expect("pictures");
    assert_eq!(
        pictures.count(),
        4,
        "wide and narrow, as opened and all open"
    );
}

#[test]
fn the_page_of_an_evaluation_reads_well_in_a_browser() {
    tools_are_there();
    let (_, _, folder) = evaluate("clean", "reoffending", &[]);
    reads_well_in_a_browser(&folder);
}

#[test]
fn the_page_of_an_analysis_reads_well_in_a_browser() {
    tools_are_there();
    let folder = Folder::new();
    let out = folder.path("out");
    let table = "sample_data/real/rossi.csv";
    counterpart(&[
        "analyse",
        table,
        "--study",
        "models/rossi.toml",
        "--out",
        &out,
    ])
    .ends_with(0);
    reads_well_in_a_browser(&folder);
}
