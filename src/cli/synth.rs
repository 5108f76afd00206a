//! `counterpart synth`: synthetic registers, cohorts and trials of known truth.

use super::Failure;
use crate::synth::cohort::{self, CohortPlan, Style};
use crate::synth::linkage::rates::Mix;
use crate::synth::linkage::{self, LinkagePlan};
use crate::synth::register::{self, RegisterPlan};
use crate::synth::trial::{self, TrialPlan};
use crate::synth::{DEFAULT_EFFECT, SynthError};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Flags of `counterpart synth`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// A register of invented people, with the truth beside it
    Register(RegisterArgs),
    /// A charity's file, drawn from a synthetic register's participants
    Cohort(CohortArgs),
    /// One table of participants and comparison rows, for `analyse` and for benchmarks
    Trial(TrialArgs),
    /// A register's persons and a charity's file of known truth, to measure linkage
    Linkage(LinkageArgs),
}

#[derive(clap::Args)]
struct RegisterArgs {
    /// People; each has one index event or a few
    #[arg(long, default_value_t = 25_000)]
    people: u64,
    /// Seed: the same seed makes the same bytes
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// Folder to make; events, persons and register.toml, and the truth in a folder of its own
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Planted effect of the programme on the log of the reoffending rate
    #[arg(long, default_value_t = DEFAULT_EFFECT, allow_negative_numbers = true)]
    effect: f64,
    /// Print a summary as JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct CohortArgs {
    /// A register made by `counterpart synth register`
    #[arg(long, value_name = "DIR")]
    register: PathBuf,
    /// clean: as in the template; messy: as charities have them; small: too small to evaluate
    #[arg(long, value_enum, default_value_t = Style::Clean)]
    style: Style,
    /// People [default: 1000 clean, 400 messy, 25 small]
    #[arg(long)]
    people: Option<usize>,
    /// Seed: the same seed makes the same bytes
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// File to write (CSV); its truth goes beside it, into NAME.truth.json
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print a summary as JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct TrialArgs {
    /// Participants
    #[arg(long)]
    people: u64,
    /// Comparison rows [default: 20 for each participant]
    #[arg(long)]
    pool: Option<u64>,
    /// Covariates, a multiple of 20; those after the first 20 bear on nothing
    #[arg(long, default_value_t = 20)]
    covariates: usize,
    /// Seed: the same seed makes the same bytes
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// File to write: Parquet when the name ends in .parquet, else CSV; its truth goes beside it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Planted effect of the programme on the log of the reoffending rate
    #[arg(long, default_value_t = DEFAULT_EFFECT, allow_negative_numbers = true)]
    effect: f64,
    /// Print a summary as JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct LinkageArgs {
    /// People in the charity's file; one in eight is on no register
    #[arg(long, default_value_t = 10_000)]
    people: u64,
    /// People on the register
    #[arg(long, default_value_t = 1_000_000)]
    register_people: u64,
    /// Leave PNC id and prison number out of the charity's file
    #[arg(long)]
    without_ids: bool,
    /// How much is wrong in the charity's file
    #[arg(long, value_enum, value_name = "MIX", default_value_t = Mix::Hard)]
    errors: Mix,
    /// Seed: the same seed makes the same bytes
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// Folder to make: persons.parquet, cohort.csv and truth.csv
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Print a summary as JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// When the request is impossible or a file cannot be read or written.
pub fn run(args: Args) -> Result<ExitCode, Failure> {
    match args.what {
        What::Register(a) => register(&a),
        What::Cohort(a) => cohort(&a),
        What::Trial(a) => trial(&a),
        What::Linkage(a) => linkage(&a),
    }
    .map(|()| ExitCode::SUCCESS)
    .map_err(failure)
}

fn register(a: &RegisterArgs) -> Result<(), SynthError> {
    let mut plan = RegisterPlan::new(a.people, a.seed);
    plan.effect = a.effect;
    let bar = bar(a.people, "people");
    let made = register::make(&plan, &a.out, &mut |done| bar.set_position(done))?;
    bar.finish_and_clear();
    eprintln!(
        "register: {} people, {} index events, {} programme participants (all invented), in {}",
        made.people,
        made.events,
        made.participants,
        a.out.display()
    );
    if let Some(t) = made.outcomes.get("reoffended") {
        effect_line(t.att, t.raw_difference);
    }
    print(a.json, &made);
    Ok(())
}

fn cohort(a: &CohortArgs) -> Result<(), SynthError> {
    let plan = CohortPlan {
        style: a.style,
        people: a.people.unwrap_or(a.style.default_people()),
        seed: a.seed,
    };
    let made = cohort::make(&plan, &a.register, &a.out)?;
    eprintln!(
        "cohort: {} rows for {} people, {} of them programme participants of the register, in {}",
        made.rows,
        made.people,
        made.on_register,
        a.out.display()
    );
    if let Some(t) = made.outcomes.get("reoffended") {
        effect_line(t.att, t.raw_difference);
    }
    print(a.json, &made);
    Ok(())
}

fn trial(a: &TrialArgs) -> Result<(), SynthError> {
    let plan = TrialPlan {
        people: a.people,
        pool: a.pool.unwrap_or(a.people.saturating_mul(20)),
        seed: a.seed,
        effect: a.effect,
        covariates: a.covariates,
    };
    let bar = bar(plan.people.saturating_add(plan.pool), "rows");
    let made = trial::make(&plan, &a.out, &mut |done| bar.set_position(done))?;
    bar.finish_and_clear();
    eprintln!(
        "trial: {} participants and {} comparison rows, {} covariates, in {}",
        made.participants,
        made.pool,
        made.covariates,
        a.out.display()
    );
    if let Some(t) = made.outcomes.get("reoffended") {
        effect_line(t.att, t.raw_difference);
    }
    print(a.json, &made);
    Ok(())
}

fn linkage(a: &LinkageArgs) -> Result<(), SynthError> {
    let plan = LinkagePlan {
        people: a.people,
        register_people: a.register_people,
        seed: a.seed,
        with_ids: !a.without_ids,
        rates: a.errors.rates(),
    };
    let bar = bar(plan.register_people, "people");
    let made = linkage::make(&plan, &a.out, &mut |done| bar.set_position(done))?;
    bar.finish_and_clear();
    eprintln!(
        "linkage: {} rows of a charity's file, {} of them on the register of {} people (all \
         invented), in {}",
        made.people,
        made.on_register,
        made.register_people,
        a.out.display()
    );
    print(a.json, &made);
    Ok(())
}

fn effect_line(att: f64, raw: Option<f64>) {
    let raw = raw.map_or(String::new(), |r| {
        format!("; a raw comparison would say {:+.1}", 100.0 * r)
    });
    eprintln!(
        "truth: the programme changes reoffending by {:+.1} percentage points{raw}",
        100.0 * att
    );
}

/// A bar on stderr; hidden when that is not a terminal.
fn bar(total: u64, unit: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(total);
    let style = format!("{{wide_bar}} {{human_pos}} of {{human_len}} {unit}, {{eta}} left");
    if let Ok(style) = ProgressStyle::with_template(&style) {
        bar.set_style(style);
    }
    bar
}

fn print(json: bool, summary: &impl Serialize) {
    if json {
        // A summary of numbers under plain keys always serialises.
        let text = serde_json::to_string_pretty(summary).unwrap_or_default();
        println!("{text}");
    }
}

fn failure(e: SynthError) -> Failure {
    let message = e.to_string();
    match e {
        SynthError::Impossible(_) => Failure {
            message,
            hint: Some("`counterpart synth --help` lists what can be made".into()),
            code: 2,
        },
        SynthError::NotSynthetic { .. } => Failure::refused(
            message,
            "make a register with `counterpart synth register --out DIR` and name that folder",
        ),
        SynthError::Io { .. } => Failure::io(
            message,
            "check that the folder exists, is yours to write to and has room",
        ),
    }
}
