//! `counterpart evaluate`: from a charity's list and a held register to a report.

use super::input::ListArgs;
use super::output::{Format, Progress, USUAL, no_answer, to_stdout, write_report};
use super::{Failure, input};
use crate::cohort::{Reading, Verdict};
use crate::disclosure::releases::FileReleases;
use crate::evaluation::{self, Context, EvaluationError, Guard};
use crate::register::ParquetRegister;
use crate::report::Report;
use std::path::PathBuf;
use std::process::ExitCode;

/// Flags of `counterpart evaluate`.
#[derive(clap::Args)]
#[command(
    after_help = "Writes report.html and report.json to --out, or what --format asks for: html and json are one page for people and every number for programs; xlsx and ods the same tables for spreadsheet programs; csv every number in one long table; pdf the page on paper; all each of them. Exit codes: 0 a report was written; 1 there is no answer (the reason is printed); 2 the flags were not understood; 3 a file cannot be read or written."
)]
pub struct Args {
    /// The list of people who took part, as CSV, XLSX or ODS
    cohort: PathBuf,
    /// The study file, e.g. models/reoffending.toml
    #[arg(long, value_name = "FILE")]
    study: PathBuf,
    #[command(flatten)]
    list: ListArgs,
    /// The folder of the held register
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// The folder to write the report to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A folder in which releases are recorded, so that nearly the same people are never released
    /// twice and (in formal mode) no record too often; made where it is missing
    #[arg(long, value_name = "DIR")]
    releases: Option<PathBuf>,
    /// Why a steward allows a release of nearly the same people once more
    #[arg(long, value_name = "REASON", requires = "releases")]
    steward_allows: Option<String>,
    /// Ridge penalty of the propensity model, where maximum likelihood has no answer
    #[arg(long, value_name = "ALPHA", value_parser = input::ridge, allow_hyphen_values = true)]
    ridge: Option<f64>,
    /// Seed of every random choice: the same seed gives the same report
    #[arg(
        long,
        default_value_t = 1,
        value_name = "N",
        allow_negative_numbers = true
    )]
    seed: u64,
    /// What to write
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = USUAL)]
    format: Vec<Format>,
    /// Print report.json to stdout instead of the finding in a sentence
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    let progress = Progress::new(false);
    progress.say("reading the study and the list of people");
    let study = input::with_ridge(input::study(&args.study)?, args.ridge);
    let cohort = input::cohort(&args.cohort, &args.list, Reading::of(&study))?;
    if !cohort.verdict.is_usable() {
        return Err(Failure::refused(
            cohort.verdict.sentence(),
            match cohort.verdict {
                Verdict::TooFew { .. } => {
                    "add people: earlier and later cohorts of the same programme can be handed in together; `counterpart check` says who could not be used and why, `counterpart power` what a number of people could show"
                }
                _ => {
                    "run `counterpart check` on the file: it lists every problem with its row, column and remedy"
                }
            },
        ));
    }
    let problems = cohort.problems.len() as u64 + cohort.problems_unlisted;
    if problems > 0 {
        progress.say(&format!(
            "{problems} problems in the file (`counterpart check` lists them); the other rows go on"
        ));
    }
    let register = ParquetRegister::open(&args.register)
        .map_err(|e| super::register::failure(&args.register, e))?;
    let context = Context {
        seed: args.seed,
        now: &input::now,
        progress: &|stage| progress.stage(stage),
        specifications: true,
        leave_one_out: true,
    };
    let releases = args.releases.as_deref().map(FileReleases::open);
    let releases = releases
        .transpose()
        .map_err(|e| no_answer(EvaluationError::Release(e)))?;
    let guard = releases.as_ref().map(|releases| Guard {
        releases,
        steward: args.steward_allows.as_deref(),
    });
    let released = evaluation::evaluate_guarded(cohort, &register, &study, &context, guard)
        .map_err(no_answer)?;
    // The process is about to end and with it all it held; until then, nobody is left on a stack.
    crate::custody::wipe_stacks().map_err(|e| {
        Failure::io(
            format!("cannot wipe the memory of the people's data: {e}"),
            "no report was written; run it again",
        )
    })?;
    progress.say("writing the report");
    let report = Report::new(released);
    let written = write_report(&report, &args.out, &args.format)?;
    progress.finish();
    if args.json {
        to_stdout(&report.json())?;
    } else {
        to_stdout(&format!("{}\n", report.headline()))?;
    }
    for path in written {
        eprintln!("written: {}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}
