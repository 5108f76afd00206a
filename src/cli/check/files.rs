//! The files that `check` writes: templates, lists of problems, mappings; each by its name's ending.

use crate::cli::Failure;
use crate::cli::input::{self, reason};
use crate::cli::output::not_written;
use crate::cohort::{self, Cohort};
use crate::study::Study;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// An empty file to fill in, never over a file that exists: it might be the list.
pub(super) fn write_template(path: &Path, study: &Study) -> Result<(), Failure> {
    let made = match ending(path).as_str() {
        "csv" => Ok(cohort::template(study).into_bytes()),
        "xlsx" => cohort::template_xlsx(study),
        "ods" => cohort::template_ods(study),
        _ => return Err(unknown_ending("template", "csv, .xlsx or .ods")),
    };
    let bytes =
        made.map_err(|e| Failure::io(format!("template: {e}"), "use a CSV file instead"))?;
    write_new(path, &bytes, "the template")
}

/// How the columns were understood, never over a file that exists: it might have been corrected.
pub(super) fn write_mapping(path: &Path, cohort: &Cohort) -> Result<(), Failure> {
    match ending(path).as_str() {
        "toml" => write_new(path, cohort.mapping.as_bytes(), "the mapping file"),
        _ => Err(unknown_ending("mapping file", "toml")),
    }
}

/// The problems, over an earlier list but never over the people's own file.
pub(super) fn write_problems(path: &Path, list: &Path, cohort: &Cohort) -> Result<(), Failure> {
    if input::same_file(path, list) {
        return Err(Failure::refused(
            "the list of problems would overwrite the cohort file",
            "give --problems another file name",
        ));
    }
    let problems = &cohort.problems;
    let made = match ending(path).as_str() {
        "csv" => cohort::problems_csv(problems),
        "xlsx" => cohort::problems_xlsx(problems),
        "ods" => cohort::problems_ods(problems),
        "html" => cohort::problems_html(cohort).map(String::into_bytes),
        _ => {
            return Err(unknown_ending(
                "list of problems",
                "csv, .xlsx, .ods or .html",
            ));
        }
    };
    let bytes = made.map_err(|e| Failure::io(e.to_string(), "use a CSV file instead"))?;
    std::fs::write(path, bytes).map_err(|e| {
        Failure::io(
            format!("cannot write the list of problems: {}", not_written(&e)),
            "choose a file in a folder you may write to",
        )
    })
}

fn write_new(path: &Path, bytes: &[u8], what: &str) -> Result<(), Failure> {
    let written = File::create_new(path).and_then(|mut f| f.write_all(bytes));
    written.map_err(|e| {
        let why = match e.kind() {
            io::ErrorKind::AlreadyExists => reason(&e),
            _ => not_written(&e),
        };
        Failure::io(
            format!("cannot write {what}: {why}"),
            "choose a new file name in a folder you may write to",
        )
    })
}

/// What stands behind the last full stop, lower case.
fn ending(path: &Path) -> String {
    let ending = path.extension().unwrap_or_default();
    ending.to_string_lossy().to_lowercase()
}

fn unknown_ending(what: &str, known: &str) -> Failure {
    Failure {
        message: format!("the {what} has a name with an unknown ending"),
        hint: Some(format!("let its name end in .{known}")),
        code: 1,
    }
}
