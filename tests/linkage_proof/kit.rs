//! Importing, training and linking by the binary; the links held against the truth.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A row of the file, what is true of it and what was said.
pub struct Row {
    /// All the truth file says.
    pub truth: HashMap<String, String>,
    /// The person found, empty when none.
    pub found: String,
    /// The probability stated; 0 when nobody was found.
    pub p: f64,
}

impl Row {
    /// On the register?
    pub fn present(&self) -> bool {
        !self.truth["person_id"].is_empty()
    }

    /// Somebody, and the right one?
    pub fn right(&self) -> bool {
        !self.found.is_empty() && self.found == self.truth["person_id"]
    }

    /// Said to be found at that threshold?
    pub fn linked(&self, threshold: f64) -> bool {
        !self.found.is_empty() && self.p >= threshold
    }
}

/// A folder with persons, cohort and truth, imported by the binary.
pub struct Task {
    folder: PathBuf,
}

impl Task {
    /// Imports the persons.
    pub fn prepare(folder: &Path, persons: &str) -> Task {
        let task = Task {
            folder: folder.to_owned(),
        };
        let [persons, register] = [folder.join(persons), folder.join("register")];
        run(
            &[
                "register",
                "import",
                "--persons",
                text(&persons),
                "--out",
                text(&register),
            ],
            2,
        );
        task
    }

    /// Trains with that many threads; the model's bytes.
    pub fn train(&self, model: &str, threads: usize) -> Vec<u8> {
        let [cohort, register, model] =
            ["cohort.csv", "register", model].map(|f| self.folder.join(f));
        run(
            &[
                "link",
                "train",
                text(&cohort),
                "--register",
                text(&register),
                "--out",
                text(&model),
            ],
            threads,
        );
        std::fs::read(model).unwrap()
    }

    /// Links with that many threads, learning from the cohort itself; the bytes of the links.
    pub fn link(&self, threads: usize) -> Vec<u8> {
        let [cohort, register] = ["cohort.csv", "register"].map(|f| self.folder.join(f));
        let links = self.folder.join(format!("links.{threads}.csv"));
        run(
            &[
                "link",
                text(&cohort),
                "--register",
                text(&register),
                "--threshold",
                "0.001",
                "--out",
                text(&links),
            ],
            threads,
        );
        std::fs::read(links).unwrap()
    }

    /// Links, and holds every row against the truth.
    pub fn rows(&self) -> Vec<Row> {
        let links = records(&self.link(2));
        let mut found: HashMap<String, (String, f64)> = links
            .into_iter()
            .map(|mut l| {
                let p = l["probability"].parse().unwrap_or(0.0);
                (
                    l.remove("row").unwrap(),
                    (l.remove("person_id").unwrap(), p),
                )
            })
            .collect();
        let rows: Vec<Row> = records(&std::fs::read(self.folder.join("truth.csv")).unwrap())
            .into_iter()
            .map(|truth| {
                let (found, p) = found.remove(&truth["row"]).unwrap_or_default();
                let p = if found.is_empty() { 0.0 } else { p };
                assert!(
                    (0.0..=1.0).contains(&p),
                    "row {}: probability {p}",
                    truth["row"]
                );
                Row { truth, found, p }
            })
            .collect();
        assert!(found.is_empty(), "links of rows that are not in the file");
        rows
    }
}

/// Right links over links, and over those on the register, at a threshold.
pub fn precision_recall(rows: &[Row], threshold: f64) -> (f64, f64) {
    let linked: Vec<&Row> = rows.iter().filter(|r| r.linked(threshold)).collect();
    let right = linked.iter().filter(|r| r.right()).count() as f64;
    let present = rows.iter().filter(|r| r.present()).count() as f64;
    (right / linked.len() as f64, right / present)
}

/// The largest F1 of any threshold.
pub fn best_f1(rows: &[Row]) -> f64 {
    let mut thresholds: Vec<f64> = rows
        .iter()
        .filter(|r| !r.found.is_empty())
        .map(|r| r.p)
        .collect();
    thresholds.sort_by(f64::total_cmp);
    thresholds.dedup();
    let f1 = |t: &f64| {
        let (precision, recall) = precision_recall(rows, *t);
        2.0 * precision * recall / (precision + recall)
    };
    thresholds
        .iter()
        .map(f1)
        .filter(|f| f.is_finite())
        .fold(0.0, f64::max)
}

/// The binary, with that many threads; it must succeed and keep people's values to itself.
fn run(args: &[&str], threads: usize) {
    let output = Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .args(args)
        .env("RAYON_NUM_THREADS", threads.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} {}: {said}", args[0], args[1]);
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn records(bytes: &[u8]) -> Vec<HashMap<String, String>> {
    csv::Reader::from_reader(bytes)
        .deserialize()
        .map(Result::unwrap)
        .collect()
}
