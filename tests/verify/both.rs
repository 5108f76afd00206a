//! Runs both verifiers on the same arguments, in a folder of the test's own.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Desk(tempfile::TempDir);

/// What both said.
#[derive(Debug)]
pub struct Verdict {
    pub code: i32,
    /// Of the program: output and errors.
    pub told: String,
}

impl Desk {
    pub fn new() -> Desk {
        Desk(tempfile::tempdir().unwrap())
    }

    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The same arguments for both; the same exit code from both.
    pub fn verify(&self, certificate: &Path, more: &[&str]) -> Verdict {
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = home.join("target/python-verify/bin/python");
        assert!(
            python.exists(),
            "{} is not there: `make tools` sets it up",
            python.display()
        );
        let run = |command: &mut Command| {
            let command = command.current_dir(self.0.path());
            let done = command.arg(certificate).args(more).output().unwrap();
            let told = [done.stdout, done.stderr].map(|b| String::from_utf8(b).unwrap());
            (done.status.code().unwrap(), told.concat())
        };
        let (code, told) = run(Command::new(env!("CARGO_BIN_EXE_counterpart")).arg("verify"));
        let script = home.join("tests/verify/verify.py");
        let (second, told_too) = run(Command::new(python).arg("-I").arg(script));
        assert_eq!(
            code, second,
            "they do not agree\nthe program: {told}\nthe script: {told_too}"
        );
        assert!((0..=3).contains(&code), "{told}");
        assert!(!told_too.contains("Traceback"), "{told_too}");
        Verdict { code, told }
    }

    pub fn verify_text(&self, text: impl AsRef<[u8]>, more: &[&str]) -> Verdict {
        self.verify(&self.put("certificate.json", text), more)
    }

    /// Both accept.
    pub fn accepts(&self, bundle: &Value, more: &[&str]) {
        let verdict = self.verify_text(bundle.to_string(), more);
        assert_eq!(verdict.code, 0, "{}", verdict.told);
    }

    /// Both refuse, and the program says why, and what to do.
    pub fn refuses(&self, case: &str, text: impl AsRef<[u8]>, more: &[&str], because: &str) {
        let verdict = self.verify_text(text, more);
        assert_eq!(verdict.code, 1, "{case}: {}", verdict.told);
        assert!(verdict.told.contains(because), "{case}: {}", verdict.told);
        assert!(
            verdict.told.contains("\nhint: "),
            "{case}: {}",
            verdict.told
        );
    }
}

/// The bundle with one value changed.
pub fn changed(bundle: &Value, at: &str, to: impl Into<Value>) -> Value {
    let mut bundle = bundle.clone();
    *bundle.pointer_mut(at).unwrap() = to.into();
    bundle
}

/// A text within.
pub fn text<'a>(bundle: &'a Value, at: &str) -> &'a str {
    bundle.pointer(at).unwrap().as_str().unwrap()
}
