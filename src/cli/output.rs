//! What several commands write: progress, the report's files.

use super::Failure;
use super::input::reason;
use crate::evaluation::{EvaluationError, Stage};
use crate::report::{Face, Report};
use indicatif::{ProgressBar, ProgressStyle};
use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Names tried for a file that has none yet.
const MOST_TRIED: u32 = 1_000;

/// Faces a report can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One self-contained page
    Html,
    /// Every number, for machines
    Json,
    /// Every number in one long table
    Csv,
    /// Tables for Excel
    Xlsx,
    /// The same tables as an OpenDocument spreadsheet
    Ods,
    /// The page on paper, tagged for those who listen to it
    Pdf,
    /// Each of these
    All,
}

/// What is written where nothing else is asked for.
pub const USUAL: [Format; 2] = [Format::Html, Format::Json];

impl Format {
    fn faces(self) -> &'static [Face] {
        match self {
            Format::Html => &[Face::Html],
            Format::Json => &[Face::Json],
            Format::Csv => &[Face::Csv],
            Format::Xlsx => &[Face::Xlsx],
            Format::Ods => &[Face::Ods],
            Format::Pdf => &[Face::Pdf],
            Format::All => &Face::ALL,
        }
    }
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
    let mut faces: Vec<Face> = Vec::new();
    for face in formats.iter().flat_map(|f| f.faces()) {
        // Asked for twice, it is written once.
        if !faces.contains(face) {
            faces.push(*face);
        }
    }
    let mut whole = Vec::new();
    for face in faces {
        let name = face.file_name();
        let bytes = report
            .face(face)
            .map_err(|e| Failure::io(format!("cannot make {name}: {e}"), None))?;
        let file = WholeFile::write(&out.join(name), |to| to.write_all(&bytes));
        whole.push((name, file.map_err(|e| failed(name, e))?));
    }
    // Every face is on the disk before the first takes its name.
    whole
        .into_iter()
        .map(|(name, file)| file.keep().map_err(|e| failed(name, e)))
        .collect()
}

/// A file that has its name only once all of it is written: a crash leaves no half that looks
/// whole, and two runs at once leave one's or the other's. Dropped without `keep`, it is gone.
pub struct WholeFile {
    path: PathBuf,
    unnamed: Option<PathBuf>,
}

impl WholeFile {
    /// Writes beside `path`. What is there and is no file (a pipe, a terminal) is written into.
    pub fn write(
        path: &Path,
        fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> io::Result<WholeFile> {
        // A link stays a link, to the new file.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let there = path.metadata().ok();
        match there.as_ref().map(|t| (t.is_dir(), t.permissions())) {
            Some((true, _)) => return Err(ErrorKind::IsADirectory.into()),
            Some((_, allowed)) if allowed.readonly() => {
                return Err(ErrorKind::PermissionDenied.into());
            }
            _ => {}
        }
        if there.as_ref().is_some_and(|t| !t.is_file()) {
            let mut to = BufWriter::new(OpenOptions::new().write(true).open(&path)?);
            fill(&mut to)?;
            to.flush()?;
            return Ok(WholeFile {
                path,
                unnamed: None,
            });
        }
        let (unnamed, file) = unnamed_beside(&path)?;
        // From here on, dropping it takes the file away.
        let whole = WholeFile {
            path,
            unnamed: Some(unnamed),
        };
        if let Some(there) = there {
            // Who may read the old report, and nobody else, may read the new one.
            file.set_permissions(there.permissions())?;
        }
        let mut to = BufWriter::new(file);
        fill(&mut to)?;
        to.into_inner().map_err(|e| e.into_error())?.sync_all()?;
        Ok(whole)
    }

    /// Gives the file its name; the path.
    pub fn keep(mut self) -> io::Result<PathBuf> {
        if let Some(unnamed) = &self.unnamed {
            std::fs::rename(unnamed, &self.path)?;
            self.unnamed = None;
        }
        Ok(std::mem::take(&mut self.path))
    }
}

/// A new file in the folder of `path`, under a name that says nothing.
fn unnamed_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let process = std::process::id();
    let mut tried = 0;
    loop {
        let unnamed = path.with_file_name(format!(".counterpart-{process}-{tried}.part"));
        match File::create_new(&unnamed) {
            // Two faces of a report, or what a crashed process of the same number left.
            Err(e) if e.kind() == ErrorKind::AlreadyExists && tried < MOST_TRIED => tried += 1,
            done => return done.map(|file| (unnamed, file)),
        }
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if let Some(unnamed) = &self.unnamed {
            // Nobody is left to tell; what remains is named as a part.
            let _ = std::fs::remove_file(unnamed);
        }
    }
}

/// What the person at the terminal is told when there is no answer, and what to do next.
pub fn no_answer(e: EvaluationError) -> Failure {
    use crate::balance::DesignError;
    use crate::covariates::CovariateError;
    use crate::disclosure::releases::ReleaseError;
    use crate::effect::EstimateError;
    use crate::matching::MatchError;
    use crate::propensity::PropensityError;
    use crate::register::RegisterError;
    let hint = match &e {
        EvaluationError::NoReleases => {
            "say where releases are recorded with --releases DIR, or choose mode = \"controlled\""
        }
        EvaluationError::Release(ReleaseError::Store(_)) => {
            "check the folder given with --releases; nothing leaves before it is on record"
        }
        EvaluationError::Release(_) => {
            "hand in a group that differs by more people; another programme or another follow-up of the same people can be released where a steward allows it (--steward-allows)"
        }
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
        EvaluationError::Bootstrap(_) => {
            "choose another standard error with --se, or radius matching"
        }
        EvaluationError::Design(DesignError::Propensity(PropensityError::Separation {
            ..
        })) => {
            "leave that column out, group its levels, or use Firth's penalty (penalty = \"firth\" under [propensity], or --penalty firth)"
        }
        EvaluationError::Design(DesignError::Propensity(PropensityError::OneGroup { .. })) => {
            "the treatment column must hold both 1 (took part) and 0 (did not)"
        }
        EvaluationError::Design(DesignError::Propensity(
            PropensityError::TooManyColumns { .. }
            | PropensityError::Score { .. }
            | PropensityError::Weight { .. },
        )) => "mend the table or the list of covariates and run again",
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
            | EvaluationError::Release(ReleaseError::Store(_))
    ) {
        failure.code = 3;
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(dir).unwrap();
        let name = |e: io::Result<std::fs::DirEntry>| e.unwrap().file_name().into_string().unwrap();
        entries.map(name).collect()
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.json");
        std::fs::write(&path, "old").unwrap();
        let whole = WholeFile::write(&path, |to| {
            to.write_all(b"half")?;
            to.flush()?;
            assert_eq!(std::fs::read_to_string(&path)?, "old");
            to.write_all(b" and half")
        });
        let whole = whole.unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        whole.keep().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "half and half");
        assert_eq!(names(dir.path()), ["report.json"]);
    }

    #[test]
    fn a_file_that_could_not_be_filled_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.json");
        let filled = WholeFile::write(&path, |to| {
            to.write_all(&[b'x'; 100_000])?;
            Err(ErrorKind::StorageFull.into())
        });
        assert!(filled.is_err_and(|e| e.kind() == ErrorKind::StorageFull));
        drop(WholeFile::write(&path, |to| to.write_all(b"never kept")).unwrap());
        assert!(names(dir.path()).is_empty());
    }

    #[test]
    fn two_files_written_at_once_keep_apart_and_folders_stay() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.json");
        let write =
            |text: &'static str| WholeFile::write(&path, |to| to.write_all(text.as_bytes()));
        let (a, b) = (write("a").unwrap(), write("b").unwrap());
        b.keep().unwrap();
        a.keep().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a");
        assert!(WholeFile::write(dir.path(), |_| Ok(())).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_report_written_again_is_readable_to_the_same_people() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.json");
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let whole = WholeFile::write(&path, |to| to.write_all(b"new")).unwrap();
        whole.keep().unwrap();
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
