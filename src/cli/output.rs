//! What several commands write: progress, the report's files.

use super::Failure;
use super::input::reason;
use crate::evaluation::{EvaluationError, Stage};
use crate::report::Report;
use indicatif::{ProgressBar, ProgressStyle};
use std::cell::Cell;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Faces a report can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One self-contained page
    Html,
    /// Every number, for machines
    Json,
}

/// Stages on stderr: a spinner at a terminal, a line a stage elsewhere.
pub struct Progress {
    spinner: ProgressBar,
    step: Cell<u32>,
    quiet: bool,
}

impl Progress {
    /// `quiet` prints nothing.
    pub fn new(quiet: bool) -> Progress {
        let spinner = if quiet {
            ProgressBar::hidden()
        } else {
            ProgressBar::new_spinner()
        };
        // The template is a constant that the tests have rendered.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            spinner.set_style(style);
        }
        spinner.enable_steady_tick(Duration::from_millis(100));
        Progress {
            spinner,
            step: Cell::new(0),
            quiet,
        }
    }

    /// A stage begins.
    pub fn stage(&self, stage: Stage) {
        self.say(stage.sentence());
    }

    /// Something begins.
    pub fn say(&self, what: &str) {
        self.step.set(self.step.get() + 1);
        let line = format!("{}. {what}", self.step.get());
        if !self.spinner.is_hidden() {
            self.spinner.set_message(line);
        } else if !self.quiet {
            eprintln!("{line}");
        }
    }

    /// All done.
    pub fn finish(&self) {
        self.spinner.finish_and_clear();
    }
}

/// Prints a result. A reader that has seen enough (`| head`) is no failure.
pub fn to_stdout(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::io(
            format!("cannot write the result: {}", reason(&e)),
            "check what standard output is sent to",
        )),
        _ => Ok(()),
    }
}

/// Why a file or folder cannot be written, in words and without its path.
pub fn not_written(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "the folder it should go into does not exist".into(),
        std::io::ErrorKind::AlreadyExists | std::io::ErrorKind::NotADirectory => {
            "there is a file of that name, not a folder".into()
        }
        _ => reason(error),
    }
}

/// Writes the faces asked for; the paths written, in order.
pub fn write_report(
    report: &Report,
    out: &Path,
    formats: &[Format],
) -> Result<Vec<PathBuf>, Failure> {
    let failed = |what: &str, e: std::io::Error| {
        Failure::io(
            format!("cannot write {what} of --out: {}", not_written(&e)),
            "choose a folder you may write to with --out",
        )
    };
    std::fs::create_dir_all(out).map_err(|e| failed("the folder", e))?;
    let mut written = Vec::new();
    for format in formats {
        let (name, text) = match format {
            Format::Html => {
                let page = report
                    .html()
                    .map_err(|e| Failure::io(format!("cannot make the report page: {e}"), None))?;
                ("report.html", page)
            }
            Format::Json => ("report.json", report.json()),
        };
        let path = out.join(name);
        std::fs::write(&path, text).map_err(|e| failed(name, e))?;
        written.push(path);
    }
    Ok(written)
}

/// What the person at the terminal is told when there is no answer, and what to do next.
pub fn no_answer(e: EvaluationError) -> Failure {
    use crate::balance::DesignError;
    use crate::covariates::CovariateError;
    use crate::effect::EstimateError;
    use crate::matching::MatchError;
    use crate::propensity::PropensityError;
    use crate::register::RegisterError;
    let hint = match &e {
        EvaluationError::TooFewFound { .. } => {
            "give PNC ids or prison numbers, and names and dates of birth as official records have them; check that the dates of the programme fit the study; then add people"
        }
        EvaluationError::Design(DesignError::Covariates(CovariateError::Empty)) => {
            "a comparison needs columns that say how the people were before: add them, or name them with --covariates"
        }
        EvaluationError::TooFew { .. } => {
            "add people (earlier or later cohorts of the same programme can be handed in together), and see `counterpart power` for what a number of people could show"
        }
        EvaluationError::Register(RegisterError::Unreadable { .. }) => {
            "ask whoever keeps the register for a sound copy; `counterpart register check` looks at one"
        }
        EvaluationError::Register(RegisterError::NoColumn { .. }) => {
            "correct the column name in the study file; `counterpart register describe` lists what the register has"
        }
        EvaluationError::Register(_) => {
            "compare the study file with `counterpart register describe`"
        }
        EvaluationError::Linkage(_) => {
            "check [eligibility] in the study file against `counterpart register describe`"
        }
        EvaluationError::Outcome(EstimateError::BadValue { .. }) => {
            "name another kind after the column, as in --outcome earnings:continuous"
        }
        EvaluationError::Outcome(_) => {
            "complete the outcome, or leave out the rows that do not have it"
        }
        EvaluationError::Design(DesignError::Propensity(PropensityError::Separation {
            ..
        })) => "leave that column out, group its levels, or use --ridge 1 (a penalised model)",
        EvaluationError::Design(DesignError::Propensity(PropensityError::OneGroup { .. })) => {
            "the treatment column must hold both 1 (took part) and 0 (did not)"
        }
        EvaluationError::Design(DesignError::Propensity(_)) => {
            "look for columns that repeat one another or hardly vary, or use --ridge 1"
        }
        EvaluationError::Design(DesignError::Matching(MatchError::NobodyMatched { .. })) => {
            "use a wider caliper or fewer exact columns; if that does not help, the two groups are too unlike to compare"
        }
        EvaluationError::Design(_) => "correct the setting or the column named",
    };
    let mut failure = Failure::refused(e.to_string(), hint);
    if matches!(
        e,
        EvaluationError::Register(RegisterError::Unreadable { .. })
    ) {
        failure.code = 3;
    }
    failure
}
