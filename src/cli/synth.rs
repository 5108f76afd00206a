//! `counterpart synth`.

use super::Failure;
use std::process::ExitCode;

/// Flags of `counterpart synth`.
#[derive(clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: Args) -> Result<ExitCode, Failure> {
    Ok(ExitCode::SUCCESS)
}
