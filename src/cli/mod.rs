//! The command line: one file a command. What is data goes to stdout, the rest to stderr.
//!
//! Exit codes: 0 done; 1 the answer is no (a file that cannot be used, a result that cannot be
//! given); 2 the command was not understood; 3 something could not be read or written.

mod analyse;
mod check;
mod evaluate;
mod input;
mod output;
mod power;
mod register;
mod synth;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "counterpart", version, about, long_about = None, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Evaluate a programme: find its people in the register, match, compare, report
    Evaluate(evaluate::Args),
    /// Analyse a table of your own: match participants to comparison rows and compare outcomes
    Analyse(analyse::Args),
    /// Check a cohort file and list every problem with its row, column and remedy
    Check(check::Args),
    /// What size of difference a cohort of this size could show
    Power(power::Args),
    /// Make a synthetic register, cohort or trial of known truth
    Synth(synth::Args),
    /// Describe a register: dictionary, sizes, dates, completeness
    Register(register::Args),
}

/// A failure as the person at the terminal meets it.
pub struct Failure {
    /// What went wrong: names file, row, column and rule; never a person's value.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// Exit code: 1, 2 or 3, as above.
    pub code: u8,
}

impl Failure {
    /// The answer is no (exit 1).
    pub fn refused(message: impl Into<String>, hint: impl Into<Option<&'static str>>) -> Self {
        Failure {
            message: message.into(),
            hint: hint.into().map(str::to_owned),
            code: 1,
        }
    }

    /// Something could not be read or written (exit 3).
    pub fn io(message: impl Into<String>, hint: impl Into<Option<&'static str>>) -> Self {
        Failure {
            message: message.into(),
            hint: hint.into().map(str::to_owned),
            code: 3,
        }
    }
}

/// Parses the arguments, runs the command, prints what failed.
pub fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Evaluate(a) => evaluate::run(a),
        Command::Analyse(a) => analyse::run(a),
        Command::Check(a) => check::run(a),
        Command::Power(a) => power::run(a),
        Command::Synth(a) => synth::run(a),
        Command::Register(a) => register::run(a),
    };
    match done {
        Ok(code) => code,
        Err(f) => {
            eprintln!("error: {}", f.message);
            if let Some(h) = f.hint {
                eprintln!("hint: {h}");
            }
            ExitCode::from(f.code)
        }
    }
}
