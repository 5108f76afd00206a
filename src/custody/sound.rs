//! For tests: evidence of an erasure that nothing is wrong with.

use super::certificate::SINKS;
use super::commitment::ALGORITHM;
use super::evidence::{Commitment, End, Evidence, Marks, Moment, ProcessEnd, Sink};

/// Evidence of an erasure that nothing is wrong with.
pub fn sound() -> Evidence {
    let at = |wall: &str, ns| Moment {
        wall: wall.into(),
        monotonic_ns: Some(ns),
    };
    let marks = Marks {
        planted: 5,
        seen_during: 5,
        found_after: 0,
    };
    let clean = |name: &str| Sink {
        name: name.into(),
        bytes: 1,
        found: 0,
        complete: true,
        note: None,
    };
    Evidence {
        submission: "s".into(),
        study: "reoffending".into(),
        received: at("2026-11-23T12:00:00.000Z", 1),
        erased: at("2026-11-23T12:00:01.000Z", 2),
        end: End::Finished,
        method: vec!["its process has ended".into()],
        worker: ProcessEnd {
            gone: true,
            how: "exit 0".into(),
            memory_locked: true,
            confined: true,
        },
        commitment: Some(Commitment {
            algorithm: ALGORITHM.into(),
            digest: "00".repeat(32),
        }),
        canaries: marks,
        fingerprints: marks,
        sinks: SINKS.map(clean).to_vec(),
        kept: Vec::new(),
        engine_version: "1".into(),
        engine_sha256: "00".repeat(32),
        limit: String::new(),
    }
}
