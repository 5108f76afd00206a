//! What several commands read: the cohort file, a study, the clock. The cohort file's own name may
//! be a person's data ("John Smith referrals.csv"), so nothing here prints it.

use super::{Failure, reader};
use crate::cohort::{self, Cohort, CohortError, Mapping, Reading, Table};
use crate::custody::Confinement;
use crate::study::{PenaltyChoice, Study};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Reads and checks a study file.
pub fn study(path: &Path) -> Result<Study, Failure> {
    // Two arguments changed about, and the list's own name would stand in the message.
    let is_toml = path.extension().is_some_and(|e| e == "toml");
    if !is_toml && (path.is_file() || !path.exists()) {
        return Err(Failure::refused(
            "what was given as --study is no study file: its name does not end in .toml",
            "give a file like models/reoffending.toml with --study, and the list without a flag",
        ));
    }
    Study::load(path).map_err(|e| {
        let hint =
            "see the files in models/ for examples, and README.md for what each setting means";
        match e {
            crate::study::StudyError::Unreadable { .. } => Failure::io(e.to_string(), hint),
            crate::study::StudyError::Invalid { .. } => Failure::refused(e.to_string(), hint),
        }
    })
}

/// How a list is to be read, where the file itself leaves it open.
#[derive(clap::Args)]
pub struct ListArgs {
    /// The sheet of a workbook to read, counted from 1 on the left, hidden sheets too
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    sheet: Option<u32>,
    /// What the columns of the list are, as a mapping file says (`check --save-mapping` makes one)
    #[arg(long, value_name = "FILE.toml")]
    mapping: Option<PathBuf>,
}

/// Reads a cohort file into people and problems; its bytes are parsed in a process of their own.
pub fn cohort(path: &Path, list: &ListArgs, reading: Reading) -> Result<Cohort, Failure> {
    let (table, reading) = table(path, list, reading)?;
    cohort::read(&table, &reading, today()).map_err(refusal)
}

/// The table of a cohort file, parsed in a process of its own, and how to read it.
pub fn table(path: &Path, list: &ListArgs, reading: Reading) -> Result<(Table, Reading), Failure> {
    let mapping = list.mapping.as_deref().map(mapping).transpose()?;
    let sheet = list.sheet.or(mapping.as_ref().and_then(|m| m.sheet));
    if Confinement::HERE == Confinement::LimitsOnly {
        eprintln!(
            "note: on this kind of machine the process that reads the list is limited in memory and time, but its system calls are not filtered"
        );
    }
    let table = reader::table(bytes(path)?, sheet).map_err(|e| {
        Failure::io(
            format!(
                "cannot start the process that reads the list: {}",
                reason(&e)
            ),
            "nothing was read; run it where programs may be started and limits lowered",
        )
    })?;
    let table = table.map_err(refusal)?;
    Ok((table, reading.mapped(mapping)))
}

/// Reads and checks a mapping file.
fn mapping(path: &Path) -> Result<Mapping, Failure> {
    let text = std::fs::read_to_string(path).map_err(|e| {
        Failure::io(
            format!("cannot read the mapping file: {}", reason(&e)),
            "`counterpart check --save-mapping FILE.toml` writes one",
        )
    })?;
    Mapping::parse(&text).map_err(|e| {
        let hint = "correct that line; `counterpart check --save-mapping FILE.toml` writes one to begin with";
        Failure::refused(e.to_string(), hint)
    })
}

/// Days since 1970-01-01, by this machine's clock in UTC; the library itself reads no clock.
pub fn today() -> i32 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |s| (s.as_secs() / 86_400) as i32)
}

/// Now, RFC 3339.
pub fn now() -> String {
    let now = jiff::Timestamp::now();
    // To the second: more would only make two runs harder to compare.
    jiff::Timestamp::from_second(now.as_second())
        .unwrap_or(now)
        .to_string()
}

/// At most one byte more than the limit, so that the reader can say the file is too large.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |e: io::Error| {
        Failure::io(
            format!("cannot read the cohort file: {}", reason(&e)),
            "give the path of the file with the list of people: CSV, XLSX or ODS",
        )
    };
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(cohort::MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

/// The value of `--ridge`.
pub fn ridge(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(alpha) if alpha.is_finite() && alpha > 0.0 => Ok(alpha),
        _ => Err("must be a number above 0".into()),
    }
}

/// The study with the penalty that `--ridge` asks for.
pub fn with_ridge(mut study: Study, ridge: Option<f64>) -> Study {
    if let Some(alpha) = ridge {
        study.propensity.penalty = PenaltyChoice::Ridge(alpha);
    }
    study
}

/// Do both paths name the same file?
pub fn same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// Why, in words and without the path that the system's own text may hold.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".into(),
        io::ErrorKind::AlreadyExists => "the file exists already".into(),
        io::ErrorKind::PermissionDenied => "permission is missing".into(),
        io::ErrorKind::IsADirectory => "it is a folder".into(),
        kind => kind.to_string(),
    }
}

pub fn refusal(error: CohortError) -> Failure {
    match error.is_unreadable() {
        true => Failure::io(error.to_string(), error.hint()),
        false => Failure::refused(error.to_string(), error.hint()),
    }
}
