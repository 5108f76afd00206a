//! Running the real binary, and what the tests read of its answers.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a run said.
pub struct Said {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Said {
    fn of(output: Output) -> Said {
        Said {
            code: output.status.code().expect("it was not killed"),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }

    /// The code, and nothing on stdout when there is no answer.
    #[track_caller]
    pub fn ends_with(&self, code: i32) -> &Said {
        assert_eq!(self.code, code, "{}", self.stderr);
        if code != 0 {
            assert_eq!(self.stdout, "", "data although there is no answer");
        }
        self
    }

    #[track_caller]
    pub fn says(&self, text: &str) -> &Said {
        assert!(
            self.stderr.contains(text),
            "`{text}` is not in:\n{}",
            self.stderr
        );
        self
    }

    #[track_caller]
    pub fn never_says(&self, text: &str) -> &Said {
        for (stream, said) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            assert!(!said.contains(text), "`{text}` is on {stream}:\n{said}");
        }
        self
    }

    /// Every refusal says what is wrong and what to do next, in words, once.
    #[track_caller]
    pub fn refuses(&self, code: i32, text: &str) -> &Said {
        self.ends_with(code)
            .says(text)
            .says("error: ")
            .says("\nhint: ");
        for jargon in ["panicked", "os error", "unwrap", "Some(", "RUST_", "polars"] {
            self.never_says(jargon);
        }
        let errors = self.stderr.matches("error: ").count();
        assert_eq!(errors, 1, "{}", self.stderr);
        self
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).expect("stdout is JSON")
    }
}

/// `counterpart`, at the root of the repository.
pub fn counterpart(args: &[&str]) -> Said {
    run(Command::new(env!("CARGO_BIN_EXE_counterpart")).args(args))
}

pub fn run(command: &mut Command) -> Said {
    Said::of(command.current_dir(root()).output().expect("it starts"))
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn read_json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("the file is there");
    serde_json::from_str(&text).expect("it is JSON")
}

/// A folder of the test's own.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a temporary folder"))
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().expect("UTF-8").to_owned()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("written");
        path
    }
}

/// `evaluate` of the clean sample cohort with that study and register.
pub fn evaluate_clean(study: &str, register: &str) -> Said {
    let folder = Folder::new();
    let out = folder.path("out");
    let mut args = vec!["evaluate", "sample_data/cohorts/clean.csv"];
    args.extend(["--study", study, "--register", register, "--out", &out]);
    counterpart(&args)
}

/// `evaluate` of a sample cohort; the report and what was said.
pub fn evaluate(cohort: &str, study: &str, more: &[&str]) -> (Said, Value, Folder) {
    let folder = Folder::new();
    let out = folder.path("out");
    let cohort = format!("sample_data/cohorts/{cohort}.csv");
    let study = format!("models/{study}.toml");
    let mut args = vec!["evaluate", &cohort, "--study", &study];
    args.extend(["--register", "sample_data/register", "--out", &out]);
    args.extend(more);
    let said = counterpart(&args);
    said.ends_with(0);
    let report = read_json(Path::new(&folder.path("out/report.json")));
    (said, report, folder)
}

pub fn outcome<'a>(report: &'a Value, name: &str) -> &'a Value {
    let outcomes = report["analyses"][0]["outcomes"].as_array();
    let mut outcomes = outcomes.expect("outcomes").iter();
    outcomes.find(|o| o["name"] == name).expect("the outcome")
}

#[track_caller]
pub fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

#[track_caller]
pub fn close(what: &str, got: f64, want: f64, tolerance: f64) {
    assert!(
        (got - want).abs() <= tolerance * want.abs().max(1e-3),
        "{what}: {got}, and R says {want}"
    );
}
