//! The command line: one file a command. What is data goes to stdout, the rest to stderr.
//!
//! Exit codes: 0 done; 1 the answer is no (a file that cannot be used, a result that cannot be
//! given); 2 the command was not understood; 3 something could not be read or written; 101 a fault
//! in the program itself.

mod account;
mod analyse;
mod check;
mod compare;
mod evaluate;
mod input;
mod link;
mod output;
mod power;
mod reader;
mod register;
mod scanner;
mod serve;
mod submit;
mod synth;
mod usage;
mod verify;
mod work;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(
    name = "counterpart",
    version,
    about,
    long_about = None,
    max_term_width = 100,
    after_help = "To begin with:\n  counterpart check LIST.csv --study models/reoffending.toml    can this list be used?\n  counterpart power --people 100 --rate 40%                     what could it show?\n\nResults go to stdout, the rest to stderr.\n\nExit codes:\n  0    done\n  1    the answer is no, with the reason\n  2    the command was not understood\n  3    something could not be read or written\n  101  a fault in the program itself"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Evaluate a programme: find its people in the register, match, compare, report
    Evaluate(evaluate::Args),
    /// Analyse a table of your own: match participants to comparison rows and compare outcomes
    Analyse(Box<analyse::Args>),
    /// Check a cohort file and list every problem with its row, column and remedy
    Check(check::Args),
    /// Put several programmes' results side by side: reports, or a table of published results
    Compare(compare::Args),
    /// What size of difference a cohort of this size could show
    Power(power::Args),
    /// Make a synthetic register, cohort or trial of known truth
    Synth(synth::Args),
    /// Find a list's people on a register, each with the probability that it is them
    Link(link::Args),
    /// Describe a register: dictionary, sizes, dates, completeness
    Register(register::Args),
    /// Who may sign in to the service: add, list, disable, password, token
    Account(account::Args),
    /// Run the service: lists come in over HTTP, reports go out, erasures are proven
    Serve(Box<serve::Args>),
    /// Hand a list in to a service, sealed before it leaves this machine
    Submit(Box<submit::Args>),
    /// Check a certificate of erasure, without the service
    Verify(verify::Args),
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
    quiet_panics();
    let asked = reader::run_if_asked()
        .or_else(scanner::run_if_asked)
        .or_else(work::run_if_asked);
    if let Some(code) = asked {
        return code;
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => return usage::explain(&e),
    };
    let done = match cli.command {
        Command::Evaluate(a) => evaluate::run(a),
        Command::Analyse(a) => analyse::run(*a),
        Command::Check(a) => check::run(a),
        Command::Compare(a) => compare::run(a),
        Command::Power(a) => power::run(a),
        Command::Synth(a) => synth::run(a),
        Command::Link(a) => link::run(a),
        Command::Register(a) => register::run(a),
        Command::Account(a) => account::run(a),
        Command::Serve(a) => serve::run(*a),
        Command::Submit(a) => submit::run(*a),
        Command::Verify(a) => verify::run(a),
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

/// A panic's own message may quote data: only its place in the program is printed. Panics of
/// readers that are caught and told as errors (a damaged file) print nothing.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        if !crate::register::reading() {
            let place = info.location().map(|at| (at.file(), at.line()));
            eprintln!("{}", fault(place));
        }
    }));
}

/// What is said about a fault: file (without the folders it was built in) and line.
fn fault(place: Option<(&str, u32)>) -> String {
    let place = place.map_or(String::new(), |(file, line)| {
        let mut end: Vec<&str> = file.rsplit(['/', '\\']).take(3).collect();
        end.reverse();
        format!(" ({}, line {line})", end.join("/"))
    });
    format!(
        "error: a fault in the program itself{place}; there is no result\n\
         hint: tell the people who keep this program that place, without the data"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_by_its_place_alone() {
        let told = fault(Some(("/home/someone/src/effect/estimate.rs", 12)));
        assert!(told.starts_with(
            "error: a fault in the program itself (src/effect/estimate.rs, line 12);"
        ));
        assert!(!told.contains("someone"));
        assert!(fault(None).contains("itself; there is no result\nhint: "));
    }
}
