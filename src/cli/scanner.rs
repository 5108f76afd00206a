//! The independent scanner (`counterpart scan-memory`, this program started again): looks for the
//! marks of submissions that have ended, and answers with numbers.

use crate::custody::scan;
use std::process::ExitCode;

/// When this process is to be the scanner: is it, and gives its exit code.
pub fn run_if_asked() -> Option<ExitCode> {
    if std::env::args_os().nth(1)? != scan::COMMAND {
        return None;
    }
    Some(match scan::serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}
