//! `counterpart check`: can this file be used, and what would make it better?
//!
//! The name of the cohort file may itself be a person's data ("John Smith referrals.csv"), so
//! nothing here prints it.

mod display;

use super::Failure;
use super::input::{self, reason};
use super::output::{not_written, to_stdout};
use crate::cohort::{self, Cohort, Problem, Reading, Step};
use crate::study::Study;
use display::{next_steps, print_report};
use serde_json::json;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Flags of `counterpart check`.
#[derive(clap::Args)]
#[command(
    after_help = "Exit codes: 0 the file can be used; 1 it cannot be used yet; 3 it cannot be read."
)]
pub struct Args {
    /// The list of people, as CSV, XLSX or ODS
    #[arg(required_unless_present = "template")]
    cohort: Option<PathBuf>,
    /// The study file, e.g. models/reoffending.toml
    #[arg(long, value_name = "FILE")]
    study: PathBuf,
    /// The sheet of a workbook to read, counted from 1 on the left, hidden sheets too
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    sheet: Option<u32>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Write every problem to this CSV file (rows, columns and rules; no personal values)
    #[arg(long, value_name = "FILE.csv")]
    problems: Option<PathBuf>,
    /// Write an empty cohort file with this study's headings, to fill in
    #[arg(long, value_name = "FILE.csv")]
    template: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let study = input::study(&args.study)?;
    if let Some(template) = &args.template {
        write_template(template, &study)?;
    }
    let Some(file) = &args.cohort else {
        return Ok(ExitCode::SUCCESS);
    };
    let cohort = input::cohort(file, args.sheet, &Reading::of(&study))?;
    if let Some(list) = &args.problems {
        write_problems(list, file, &cohort.problems)?;
    }
    let text = match args.json {
        true => as_json(&cohort, &study),
        false => print_report(&cohort, &study, args.problems.is_some()),
    };
    to_stdout(&text)?;
    Ok(ExitCode::from(u8::from(!cohort.verdict.is_usable())))
}

/// Never over a file that exists: it might be the list.
fn write_template(path: &Path, study: &Study) -> Result<(), Failure> {
    File::create_new(path)
        .and_then(|mut f| f.write_all(cohort::template(study).as_bytes()))
        .map_err(|e| {
            Failure::io(
                format!("cannot write the template: {}", template_reason(&e)),
                "choose a new file name in a folder you may write to",
            )
        })
}

fn write_problems(path: &Path, cohort: &Path, problems: &[Problem]) -> Result<(), Failure> {
    if input::same_file(path, cohort) {
        return Err(Failure::refused(
            "the list of problems would overwrite the cohort file",
            "give --problems another file name",
        ));
    }
    let failed = |reason: String| {
        Failure::io(
            format!("cannot write the list of problems: {reason}"),
            "choose a file in a folder you may write to",
        )
    };
    let mut file = csv::Writer::from_path(path).map_err(|e| failed(kind_of(&e)))?;
    file.write_record(["row", "column", "severity", "rule", "remedy"])
        .map_err(|e| failed(kind_of(&e)))?;
    for p in problems {
        let column = p.column.as_deref().unwrap_or_default();
        file.write_record([
            &p.row.to_string(),
            column,
            p.severity.as_str(),
            &p.rule,
            &p.remedy,
        ])
        .map_err(|e| failed(kind_of(&e)))?;
    }
    file.flush().map_err(|e| failed(not_written(&e)))
}

fn template_reason(e: &io::Error) -> String {
    match e.kind() {
        io::ErrorKind::AlreadyExists => reason(e),
        _ => not_written(e),
    }
}

fn kind_of(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Io(e) => not_written(e),
        _ => "not a table".into(),
    }
}

fn as_json(cohort: &Cohort, study: &Study) -> String {
    let value = json!({
        "schema": "counterpart.check/1",
        "study": study.id,
        "usable": cohort.verdict.is_usable(),
        "verdict": cohort.verdict,
        "sentence": cohort.verdict.sentence(),
        "submitted": cohort.submitted,
        "people": cohort.participants.len(),
        "duplicates": cohort.duplicates,
        "flow": cohort.attrition(),
        "quality": cohort.quality,
        "problems": cohort.problems,
        "problems_unlisted": cohort.problems_unlisted,
        "next_steps": next_steps(cohort, study),
    });
    format!("{value:#}\n")
}

/// People left after the last step.
fn people_left(flow: &[Step]) -> u64 {
    flow.last().map_or(0, |s| s.people)
}
