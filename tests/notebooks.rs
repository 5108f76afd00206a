//! The notebooks, executed from beginning to end. Their cells hold assertions, so that a number or
//! a sentence that no longer holds fails here.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The Python that `make tools` sets up.
fn python() -> PathBuf {
    let python = root().join("target/python/bin/python");
    assert!(
        python.exists(),
        "{} is not there: `make test` sets it up",
        python.display()
    );
    python
}

/// Executes a notebook into `out` and returns its cells.
fn executed(name: &str, out: &Path) -> Vec<Value> {
    let run = Command::new(python())
        .arg(root().join("notebooks/execute.py"))
        .arg(root().join("notebooks").join(name))
        .arg(out)
        .env("COUNTERPART", env!("CARGO_BIN_EXE_counterpart"))
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "{name}: {}",
        String::from_utf8_lossy(&run.stderr)
    );
    let text = std::fs::read_to_string(out).unwrap();
    let notebook: Value = serde_json::from_str(&text).unwrap();
    notebook["cells"].as_array().unwrap().clone()
}

fn plots(cells: &[Value]) -> usize {
    cells
        .iter()
        .flat_map(|c| c["outputs"].as_array().into_iter().flatten())
        .filter(|o| o["data"]["image/png"].is_string())
        .count()
}

fn sources(cells: &[Value]) -> Vec<&Value> {
    cells.iter().map(|c| &c["source"]).collect()
}

fn runs_and_draws(name: &str, at_least: usize) {
    let folder = tempfile::tempdir().unwrap();
    let fresh = executed(name, &folder.path().join(name));
    let code = fresh.iter().filter(|c| c["cell_type"] == "code");
    assert!(
        code.clone().all(|c| c["execution_count"].is_number()),
        "{name}: every cell has run"
    );
    assert!(plots(&fresh) >= at_least, "{name}: {} plots", plots(&fresh));

    // The notebook in the repository shows its plots to whoever opens it, from the same cells.
    let text = std::fs::read_to_string(root().join("notebooks").join(name)).unwrap();
    let kept: Value = serde_json::from_str(&text).unwrap();
    let kept = kept["cells"].as_array().unwrap();
    assert_eq!(sources(kept), sources(&fresh), "{name}");
    assert_eq!(
        plots(kept),
        plots(&fresh),
        "{name}: run notebooks/execute.py on it"
    );
}

#[test]
fn the_guided_evaluation_runs_and_finds_the_planted_truth() {
    runs_and_draws("guided_evaluation.ipynb", 5);
}

#[test]
fn the_lalonde_lesson_runs_and_shows_which_methods_recover_the_experiment() {
    runs_and_draws("lalonde_lesson.ipynb", 2);
}
