//! `counterpart check`: can this file be used, and what would make it better?
//!
//! The name of the cohort file may itself be a person's data ("John Smith referrals.csv"), so
//! nothing here prints it.

mod display;
mod files;

use super::Failure;
use super::input::{self, ListArgs};
use super::output::to_stdout;
use crate::cohort::{Cohort, Reading, Step};
use crate::study::Study;
use display::{next_steps, print_report};
use serde_json::json;
use std::path::PathBuf;
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
    #[command(flatten)]
    list: ListArgs,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Write every problem to this file, by its ending csv, xlsx, ods or html (rows, columns and rules; no personal values)
    #[arg(long, value_name = "FILE")]
    problems: Option<PathBuf>,
    /// Write an empty cohort file with this study's headings, to fill in, by its ending csv, xlsx or ods
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// Write how the columns were understood to this mapping file, to correct and use again
    #[arg(long, value_name = "FILE.toml")]
    save_mapping: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let study = input::study(&args.study)?;
    if let Some(template) = &args.template {
        files::write_template(template, &study)?;
    }
    let Some(file) = &args.cohort else {
        return Ok(ExitCode::SUCCESS);
    };
    let cohort = input::cohort(file, &args.list, Reading::of(&study))?;
    if let Some(list) = &args.problems {
        files::write_problems(list, file, &cohort)?;
    }
    if let Some(saved) = &args.save_mapping {
        files::write_mapping(saved, &cohort)?;
    }
    let text = match args.json {
        true => as_json(&cohort, &study),
        false => print_report(&cohort, &study, args.problems.is_some()),
    };
    to_stdout(&text)?;
    Ok(ExitCode::from(u8::from(!cohort.verdict.is_usable())))
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
