//! The binary: hardens the process, then hands over to the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Err(e) = counterpart::custody::harden() {
        eprintln!("error: this process cannot be made safe for personal data: {e}");
        eprintln!(
            "hint: nothing was read; run it where /proc is readable and limits may be lowered"
        );
        return ExitCode::from(3);
    }
    counterpart::cli::run()
}
