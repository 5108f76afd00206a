//! How a list was erased, in sentences: those lines of a certificate that a trustee reads.

use super::erasure::WorkerFacts;

/// Only what was in force.
pub(super) fn method(worker: &WorkerFacts, locked: bool, looks: u32) -> Vec<String> {
    let mut lines = vec![
        "the list was never written to a file, a table or a log by this service; it was held in \
         the memory of one process alone",
        "that process has ended, and the system has taken its memory back",
        "memory given back while it ran was overwritten first, in that process and in the server",
    ];
    if worker.confined.is_some_and(|c| c.filtered) {
        lines.push("a system call filter let it start no program or process, open no socket and write no file");
    }
    if worker.confined.is_some_and(|c| c.fenced) {
        lines.push("file system rules let it open nothing but the held register, for reading");
    }
    if worker.confined.is_some() {
        lines.push(
            "no core file could be made of it, and no other process of its user could read it",
        );
    }
    if locked {
        lines.push("its memory could not be swapped out");
    }
    // Nobody is left who started it; how it was confined is not known any more.
    if worker.confined.is_none() {
        lines.push(
            "its server is gone, and another one looked afterwards, on the machine it runs on: where the \
             first ran on a different machine nobody has looked there",
        );
    }
    if worker.alive != Some(0) {
        lines.retain(|line| !line.starts_with("that process has ended"));
    }
    let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
    if looks > 1 {
        lines.push(format!(
            "the places below were looked at {looks} times: at first texts of the list stood in the server's \
             memory, where another upload of the same people could have brought them, and the last time not"
        ));
    }
    lines
}
