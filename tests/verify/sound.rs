//! Evidence that nothing is wrong with, and the list that it is about.

use counterpart::custody::certificate::{SINKS, doubts};
use counterpart::custody::commitment::Committing;
use counterpart::custody::evidence::{End, Evidence, Kept, Marks, Moment, ProcessEnd, Sink};

pub const LIST: &[u8] = b"forename,surname\nAnn,Lee\n";
pub const SALT: [u8; 32] = [0xa5; 32];

/// Evidence of an erasure that nothing is wrong with.
pub fn sound(n: usize) -> Evidence {
    let at = |second: usize| Moment {
        wall: format!("2026-11-23T12:00:{second:02}.250Z"),
        monotonic_ns: Some(1_000_000_000 * second as u64),
    };
    let mut committing = Committing::new(&SALT);
    committing.update(LIST);
    let sinks = SINKS.map(|name| Sink {
        name: name.to_owned(),
        bytes: 4096,
        found: 0,
        complete: true,
        note: (name == "swap").then(|| "this machine has no swap switched on".to_owned()),
    });
    let evidence = Evidence {
        submission: format!("{n:032x}"),
        study: "reoffending".into(),
        received: at(3),
        erased: at(9),
        end: End::Finished,
        method: vec!["held in the memory of one process; \"gone\" \u{2014} \u{e9}\u{1}".into()],
        worker: ProcessEnd {
            gone: true,
            how: "exit 0".into(),
            memory_locked: true,
            confined: true,
        },
        commitment: Some(committing.finish()),
        canaries: marks(200),
        fingerprints: marks(17),
        sinks: sinks.to_vec(),
        kept: vec![Kept {
            what: "the released report".into(),
            how_long: "two years".into(),
        }],
        engine_version: "0.1.0".into(),
        engine_sha256: "5c".repeat(32),
        limit: "what no software can prove".into(),
    };
    assert_eq!(doubts(&evidence), []);
    evidence
}

fn marks(planted: u32) -> Marks {
    Marks {
        planted,
        seen_during: planted,
        found_after: 0,
    }
}
