//! The faces of a report that a command writes.

use crate::kit::{Folder, counterpart};
use std::path::Path;

fn names(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let name = |e: std::io::Result<std::fs::DirEntry>| e.unwrap().file_name().into_string();
    let mut names: Vec<String> = entries.map(|e| name(e).unwrap()).collect();
    names.sort_unstable();
    names
}

/// `analyse` of a real table, small and fast.
fn analyse(format: &[&str]) -> (Folder, Vec<String>) {
    let folder = Folder::new();
    let out = folder.path("out");
    let mut args = vec!["analyse", "sample_data/real/rossi.csv"];
    args.extend(["--study", "models/rossi.toml", "--out", &out]);
    args.extend(format);
    counterpart(&args).ends_with(0);
    let written = names(&out);
    (folder, written)
}

#[test]
fn a_page_and_json_are_written_unless_something_else_is_asked_for() {
    assert_eq!(analyse(&[]).1, ["report.html", "report.json"]);
    assert_eq!(analyse(&["--format", "csv,csv"]).1, ["report.csv"]);
    let every = [
        "report.csv",
        "report.html",
        "report.json",
        "report.ods",
        "report.pdf",
        "report.xlsx",
    ];
    let (folder, written) = analyse(&["--format", "all,pdf"]);
    assert_eq!(written, every);
    let first = |face: &str| std::fs::read(folder.path(&format!("out/{face}"))).unwrap();
    assert!(first("report.pdf").starts_with(b"%PDF-"));
    assert!(first("report.xlsx").starts_with(b"PK"));
}

#[test]
fn a_face_without_a_folder_or_an_unknown_one_is_a_mistake() {
    let table = [
        "analyse",
        "sample_data/real/rossi.csv",
        "--study",
        "models/rossi.toml",
    ];
    let mut args = table.to_vec();
    args.extend(["--format", "pdf"]);
    counterpart(&args).ends_with(2);
    let folder = Folder::new();
    let out = folder.path("out");
    let mut args = table.to_vec();
    args.extend(["--out", &out, "--format", "docx"]);
    counterpart(&args).ends_with(2);
    assert!(!Path::new(&out).exists());
}
