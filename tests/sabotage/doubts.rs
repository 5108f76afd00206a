//! What speaks against a clean end: judged here by rules of the test's own.

use counterpart::custody::evidence::{Evidence, Marks};
use counterpart::custody::scan::sink;

/// Every sink that must have been looked at, and whether that means reading bytes.
const SINKS: [(&str, bool); 7] = [
    (sink::SERVER, true),
    (sink::WORKER, false),
    (sink::DATA, true),
    (sink::TEMPORARY, false),
    (sink::LOGS, false),
    (sink::CORES, false),
    (sink::SWAP, false),
];

/// None means clean.
pub fn doubts(evidence: &Evidence) -> Vec<String> {
    let mut doubts = Vec::new();
    let mut unless = |holds: bool, what: String| {
        if !holds {
            doubts.push(what);
        }
    };
    let worker = &evidence.worker;
    unless(worker.gone, "worker not gone".into());
    unless(worker.confined, "worker not confined".into());
    unless(worker.memory_locked, "memory may be in swap".into());
    for (what, marks) in [
        ("canaries", evidence.canaries),
        ("fingerprints", evidence.fingerprints),
    ] {
        let Marks {
            planted,
            seen_during,
            found_after,
        } = marks;
        unless(planted > 0, format!("no {what}"));
        unless(seen_during == planted, format!("{what} not seen"));
        unless(found_after == 0, format!("{found_after} {what} found"));
    }
    for (name, has_bytes) in SINKS {
        match evidence.sinks.iter().find(|s| s.name == name) {
            None => unless(false, format!("{name} left out")),
            Some(sink) => {
                unless(sink.complete, format!("{name} incomplete"));
                unless(sink.found == 0, format!("{} in {name}", sink.found));
                unless(!has_bytes || sink.bytes > 0, format!("{name} empty"));
            }
        }
    }
    let (from, to) = (&evidence.received, &evidence.erased);
    unless(from.wall <= to.wall, "wall clock went back".into());
    unless(
        from.monotonic_ns.is_some() && from.monotonic_ns <= to.monotonic_ns,
        "clock went back".into(),
    );
    doubts
}
