//! Puts together what was measured about a submission's end: [`Facts`] in, [`Evidence`] out. Nothing
//! is judged here, and nothing is rounded up: what was not measured counts as not so.

use super::Confined;
use super::evidence::{Commitment, End, Evidence, Kept, Marks, Moment, ProcessEnd, Sink};
use super::method::method;
use super::scan::{ScanError, Scanned, Swap, sink};
use sha2::{Digest, Sha256};
use std::io::{self, Read};

/// What no software can prove: printed on every certificate.
pub const LIMIT: &str = "This certificate says what was measured on the machine while it ran. It \
cannot prove what somebody with the administrator's rights on that machine, or with hold of the \
machine itself, copied while the data was being processed; nor that marks other than those planted \
and taken are nowhere, nor what was compressed or encrypted before it was written.";

/// All that was measured about one submission.
pub struct Facts {
    /// Its id.
    pub submission: String,
    /// The study's id.
    pub study: String,
    /// When its first byte was taken.
    pub received: Moment,
    /// How its data ended.
    pub end: End,
    /// Its process.
    pub worker: WorkerFacts,
    /// To the file, if it came whole.
    pub commitment: Option<Commitment>,
    /// Of planted canaries.
    pub canaries: MarkFacts,
    /// Of the file's own cells.
    pub fingerprints: MarkFacts,
    /// What the scan after the end gave; the worst case is that there was none.
    pub scan: Result<Vec<Scanned>, ScanError>,
    /// How often was looked: the last time counts.
    pub looks: u32,
    /// Before the submission came and after its end; none when it could not be told.
    pub swap: Option<[Swap; 2]>,
    /// What stays.
    pub kept: Vec<Kept>,
    /// Of the running program: [`engine_sha256`].
    pub engine_sha256: String,
}

/// What is known of the process that held the data.
pub struct WorkerFacts {
    /// Its parent saw its end. False after the server's own end.
    pub waited_for: bool,
    /// How many of it and what it started are still there ([`super::scan::Kin::alive`]); none when
    /// that could not be told.
    pub alive: Option<usize>,
    /// `exit 0`, `signal 9` ...
    pub how: String,
    /// What it told before the first byte came; none when it never did.
    pub confined: Option<Confined>,
}

/// What is known of one set of marks.
#[derive(Debug, Clone, Copy, Default)]
pub struct MarkFacts {
    /// How many there are.
    pub planted: u32,
    /// How many the scanner found in the worker while it ran.
    pub seen: u32,
    /// Which of the sets given to the scan after the end this was; none when it was not looked for.
    pub set: Option<usize>,
}

impl Moment {
    /// This one.
    pub fn now() -> Moment {
        let now = jiff::Timestamp::now();
        Moment {
            wall: format!("{now:.3}"),
            monotonic_ns: since_boot(),
        }
    }
}

/// By the clock that goes on while the machine sleeps and is never set.
fn since_boot() -> Option<u64> {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the struct lives through the call, which fills it.
    let asked = unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &mut now) };
    let (seconds, rest) = (u64::try_from(now.tv_sec).ok()?, now.tv_nsec as u64);
    (asked == 0).then_some(seconds * 1_000_000_000 + rest)
}

/// SHA-256 of the program that runs, hexadecimal. Takes as long as reading it: ask once.
///
/// # Errors
/// When it cannot be read.
pub fn engine_sha256() -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut program = match std::fs::File::open("/proc/self/exe") {
        Ok(running) => running,
        Err(_) => std::fs::File::open(std::env::current_exe()?)?,
    };
    let mut piece = vec![0; 1 << 16];
    loop {
        match program.read(&mut piece)? {
            0 => break,
            read => hash.update(&piece[..read]),
        }
    }
    Ok(super::hex::encode(&hash.finalize()))
}

/// What is known, in the form that is judged and signed. Call it when the scan has ended: that is
/// the moment up to which the erasure is shown.
pub fn evidence(facts: Facts) -> Evidence {
    let confined = facts.worker.confined;
    let locked = confined.is_some_and(|c| c.locked) || never_any_swap(facts.swap);
    let worker = ProcessEnd {
        gone: is_gone(&facts.worker, facts.end),
        how: facts.worker.how.clone(),
        memory_locked: locked,
        confined: confined.is_some_and(Confined::fully),
    };
    let mut sinks = vec![worker_sink(&facts.worker, facts.end)];
    match &facts.scan {
        Ok(scanned) => sinks.extend(merged(
            scanned,
            [facts.canaries.set, facts.fingerprints.set],
        )),
        Err(e) => sinks.push(failed(e)),
    }
    sinks.push(swap_sink(facts.swap, confined));
    Evidence {
        submission: facts.submission,
        study: facts.study,
        received: facts.received,
        erased: Moment::now(),
        end: facts.end,
        method: method(&facts.worker, locked, facts.looks),
        worker,
        commitment: facts.commitment,
        canaries: marks(facts.canaries, &facts.scan),
        fingerprints: marks(facts.fingerprints, &facts.scan),
        sinks,
        kept: facts.kept,
        engine_version: env!("CARGO_PKG_VERSION").to_owned(),
        engine_sha256: facts.engine_sha256,
        limit: LIMIT.to_owned(),
    }
}

/// After the server's own end nobody could wait for the worker: it ended with its parent, and is not
/// in the system's list.
fn is_gone(worker: &WorkerFacts, end: End) -> bool {
    worker.alive == Some(0) && (worker.waited_for || end == End::ServerEnded)
}

fn never_any_swap(swap: Option<[Swap; 2]>) -> bool {
    swap.is_some_and(|both| both.iter().all(|s| !s.on))
}

fn marks(of: MarkFacts, scan: &Result<Vec<Scanned>, ScanError>) -> Marks {
    let found = match (of.set, scan) {
        (Some(set), Ok(scanned)) => scanned.iter().map(|s| s.found.get(set).copied()).sum(),
        _ => None,
    };
    Marks {
        planted: of.planted,
        seen_during: of.seen,
        // What was not looked for may all be there.
        found_after: found.map_or(of.planted, |found: u32| found.min(of.planted)),
    }
}

/// One sink a name, in the order of the targets; of the marks found, those of this submission.
fn merged(scanned: &[Scanned], own: [Option<usize>; 2]) -> Vec<Sink> {
    let mut sinks: Vec<Sink> = Vec::new();
    for one in scanned {
        let found = own.iter().flatten().filter_map(|&set| one.found.get(set));
        let found: u32 = found.sum();
        match sinks.iter_mut().find(|s| s.name == one.name) {
            Some(sink) => {
                sink.bytes += one.bytes;
                sink.found += found;
                sink.complete &= one.complete;
                sink.note = sink.note.take().or_else(|| one.note.clone());
            }
            None => sinks.push(Sink {
                name: one.name.clone(),
                bytes: one.bytes,
                found,
                complete: one.complete,
                note: one.note.clone(),
            }),
        }
    }
    sinks
}

fn failed(error: &ScanError) -> Sink {
    Sink {
        name: sink::SERVER.to_owned(),
        bytes: 0,
        found: 0,
        complete: false,
        note: Some(error.to_string()),
    }
}

fn worker_sink(worker: &WorkerFacts, end: End) -> Sink {
    let gone = is_gone(worker, end);
    let note = match (gone, worker.alive) {
        (true, _) => "the process and all it started have ended, and their memory with them".into(),
        (false, Some(0)) => "its end was not seen".into(),
        (false, Some(n)) => format!("{n} processes are still there"),
        (false, None) => "whether it has ended could not be told".into(),
    };
    Sink {
        name: sink::WORKER.to_owned(),
        bytes: 0,
        found: 0,
        complete: gone,
        note: Some(note),
    }
}

fn swap_sink(swap: Option<[Swap; 2]>, confined: Option<Confined>) -> Sink {
    let (complete, note) = match swap {
        None => (false, "whether memory was swapped out could not be told"),
        Some(_) if never_any_swap(swap) => (true, "this machine has no swap switched on"),
        Some([_, after]) if confined.is_some_and(|c| c.locked) && after.used == 0 => (
            true,
            "the worker's memory was locked, and none of the server's is in swap",
        ),
        Some(_) => (
            false,
            "swap is switched on, and memory was not kept out of it",
        ),
    };
    Sink {
        name: sink::SWAP.to_owned(),
        bytes: 0,
        found: 0,
        complete,
        note: Some(note.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFINED: Confined = Confined {
        filtered: true,
        fenced: true,
        locked: false,
    };
    const NO_SWAP: Swap = Swap { on: false, used: 0 };

    fn scanned(name: &str, found: &[u32]) -> Scanned {
        Scanned {
            name: name.into(),
            bytes: 10,
            found: found.to_vec(),
            complete: true,
            note: None,
        }
    }

    fn facts() -> Facts {
        Facts {
            submission: "s".into(),
            study: "reoffending".into(),
            received: Moment::now(),
            end: End::Finished,
            worker: WorkerFacts {
                waited_for: true,
                alive: Some(0),
                how: "exit 0".into(),
                confined: Some(CONFINED),
            },
            commitment: None,
            canaries: MarkFacts {
                planted: 5,
                seen: 5,
                set: Some(0),
            },
            fingerprints: MarkFacts {
                planted: 7,
                seen: 7,
                set: Some(1),
            },
            scan: Ok(vec![
                scanned(sink::SERVER, &[0, 0]),
                scanned(sink::DATA, &[0, 0]),
            ]),
            looks: 1,
            swap: Some([NO_SWAP; 2]),
            kept: Vec::new(),
            engine_sha256: "00".repeat(32),
        }
    }

    fn sink_of<'a>(evidence: &'a Evidence, name: &str) -> &'a Sink {
        evidence.sinks.iter().find(|s| s.name == name).unwrap()
    }

    #[test]
    fn a_clean_end_is_told_as_one() {
        let evidence = evidence(facts());
        assert!(evidence.worker.gone && evidence.worker.confined && evidence.worker.memory_locked);
        assert_eq!(evidence.canaries.found_after, 0);
        assert!(evidence.sinks.iter().all(|s| s.complete && s.found == 0));
        assert!(evidence.erased.monotonic_ns >= evidence.received.monotonic_ns);
        assert!(evidence.erased.wall.ends_with('Z') && evidence.erased.wall.len() == 24);
    }

    #[test]
    fn what_is_found_in_several_places_of_a_sink_is_told_together() {
        let mut facts = facts();
        facts.scan = Ok(vec![
            scanned(sink::SERVER, &[1, 0]),
            scanned(sink::TEMPORARY, &[0, 2]),
            scanned(sink::TEMPORARY, &[0, 7]),
        ]);
        let evidence = evidence(facts);
        let temporary = sink_of(&evidence, sink::TEMPORARY);
        assert_eq!((temporary.bytes, temporary.found), (20, 9));
        assert_eq!(evidence.canaries.found_after, 1);
        assert_eq!(
            evidence.fingerprints.found_after, 7,
            "no more than there are"
        );
    }

    #[test]
    fn what_is_found_of_another_submission_is_not_held_against_this_one() {
        let mut facts = facts();
        facts.scan = Ok(vec![scanned(sink::SERVER, &[0, 0, 3])]);
        assert_eq!(sink_of(&evidence(facts), sink::SERVER).found, 0);
    }

    #[test]
    fn without_a_scan_everything_may_be_there() {
        let mut facts = facts();
        facts.scan = Err(ScanError::NoAnswer);
        let evidence = evidence(facts);
        assert_eq!(evidence.canaries.found_after, 5);
        assert!(!sink_of(&evidence, sink::SERVER).complete);
    }

    #[test]
    fn what_was_not_in_force_is_not_claimed() {
        let mut facts = facts();
        facts.worker.confined = None;
        facts.worker.alive = Some(1);
        facts.swap = Some([NO_SWAP, Swap { on: true, used: 0 }]);
        let evidence = evidence(facts);
        assert!(!evidence.worker.gone && !evidence.worker.confined);
        assert!(!evidence.worker.memory_locked);
        assert!(!sink_of(&evidence, sink::SWAP).complete);
        assert!(!sink_of(&evidence, sink::WORKER).complete);
        let method = evidence.method.join("\n");
        for claim in [
            "has ended",
            "filter",
            "file system rules",
            "swapped",
            "core",
        ] {
            assert!(!method.contains(claim), "{claim}");
        }
    }
}
