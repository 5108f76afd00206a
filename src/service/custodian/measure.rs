//! What is measured of a submission: that the scanner sees its marks in the worker, and that
//! nothing of it is anywhere after its end.

use super::Inner;
use super::charge::Charge;
use super::ending::{Ending, kept};
use super::look;
use crate::custody::Confined;
use crate::custody::commitment::ALGORITHM;
use crate::custody::erasure::{Facts, MarkFacts, WorkerFacts, evidence};
use crate::custody::evidence::{Commitment, Evidence};
use crate::custody::marks::{MarkKey, Prints};
use crate::custody::scan::{self, Kin, MarkSet, ScanError, Scanned, Target, sink};
use crate::service::model::SubmissionId;
use crate::service::worker::{CANARIES, Ended, Held};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

/// Texts of a list may be on their way through the server's memory again, in another upload of the
/// same people, while it is looked for. So it is looked for again after each of these, and what stays
/// is no upload; all of them together are less than the minute in which the operator must know. From
/// the third look on no list is let in meanwhile.
const AGAIN: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(8),
    Duration::from_secs(20),
];
/// Looks with others coming in.
const OPEN: usize = 2;
/// A process that is about to become another program has done so by then.
const STAYS: Duration = Duration::from_secs(1);

/// The two sets of marks of a submission.
pub(super) fn sets(key: &[u8; 32], seed: &[u8; 32], canaries: u32, prints: &[u64]) -> Vec<MarkSet> {
    let key = || MarkKey::from_bytes(*key);
    let canaries = Prints::of_canaries(&key(), seed, canaries);
    let mut sets = vec![MarkSet {
        key: key(),
        prints: canaries,
    }];
    sets.extend(Prints::received(prints.to_vec()).map(|prints| MarkSet { key: key(), prints }));
    sets
}

/// How many fingerprints a worker took.
fn taken(prints: &[u64]) -> u32 {
    Prints::received(prints.to_vec()).map_or(0, |p| p.marks() as u32)
}

/// Copies of this process that stay.
async fn copies() -> io::Result<usize> {
    let first = scan::copies()?;
    if first.is_empty() {
        return Ok(0);
    }
    tokio::time::sleep(STAYS).await;
    Ok(scan::copies()?.intersection(&first).count())
}

/// Nothing was found but texts of the list itself in the server's memory.
fn may_be_passing(scan: &Result<Vec<Scanned>, ScanError>) -> bool {
    let Ok(scanned) = scan else {
        return false;
    };
    let mut found = scanned
        .iter()
        .filter(|s| s.found.iter().any(|n| *n > 0))
        .peekable();
    // The first set is the canaries': they are nobody else's.
    found.peek().is_some() && found.all(|s| s.name == sink::SERVER && s.found[0] == 0)
}

/// Lets nobody in while it is there.
struct Shut<'a>(&'a AtomicUsize);

impl<'a> Shut<'a> {
    fn of(looks: &'a AtomicUsize) -> Shut<'a> {
        looks.fetch_add(1, Ordering::SeqCst);
        Shut(looks)
    }
}

impl Drop for Shut<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Inner {
    /// Lets the scanner look into the worker, which must hold every mark: shows that it can see.
    pub(super) async fn see(&self, submission: SubmissionId, held: &Held) {
        let known = self.charges.with(submission, |c| {
            c.kin = Kin::of(held.pid).ok();
            sets(
                &c.key,
                &c.canary_seed,
                held.facts.canaries,
                &held.facts.prints,
            )
        });
        let memory = held.mem.try_clone().and_then(|mem| {
            let maps = held.maps.try_clone()?;
            Ok(Target::Memory {
                name: sink::WORKER.to_owned(),
                mem,
                maps,
            })
        });
        let (Some(sets), Ok(memory)) = (known, memory) else {
            return;
        };
        match look::inside(memory, sets).await {
            Ok(found) => {
                let seen = (found.first().copied(), found.get(1).copied());
                let seen = (seen.0.unwrap_or(0), seen.1.unwrap_or(0));
                self.charges.with(submission, |c| c.seen = seen);
            }
            // Then nothing was seen, and nothing will be certified.
            Err(e) => {
                tracing::error!(submission = %submission, error = %e, "the scanner could not look into a worker")
            }
        }
    }

    /// What the scan gave, put together.
    pub(super) async fn evidence(
        &self,
        submission: SubmissionId,
        charge: &mut Charge,
        ended: &Ended,
        ending: &Ending,
    ) -> Evidence {
        let facts = &ended.facts;
        // A worker that ended before it held the list may have planted them all the same.
        let canaries = match ended.held {
            true => facts.canaries,
            false => CANARIES,
        };
        let marks = || sets(&charge.key, &charge.canary_seed, canaries, &facts.prints);
        let printed = marks().len() > 1;
        let (scan, looks) = self.everywhere(marks, charge.since).await;
        let alive = charge.kin.as_mut().map(|kin| kin.alive());
        let alive = match (alive, ended.gone) {
            (Some(Ok(n)), true) => Some(n),
            (None, true) => Some(0),
            (Some(Ok(n)), false) => Some(n.max(1)),
            _ => None,
        };
        // This process might have been forked: the copy would hold whatever went through it.
        let alive = match (alive, copies().await) {
            (Some(alive), Ok(copies)) => Some(alive + copies),
            _ => None,
        };
        let (seen, seen_prints) = charge.seen;
        evidence(Facts {
            submission: submission.to_string(),
            study: charge.study.clone(),
            received: ended
                .received
                .clone()
                .unwrap_or_else(|| ended.erased.clone()),
            end: ending.end,
            worker: WorkerFacts {
                waited_for: ended.gone,
                alive,
                how: ended.exit.clone(),
                confined: Some(Confined {
                    filtered: facts.confined,
                    fenced: facts.confined,
                    locked: facts.locked,
                }),
            },
            commitment: facts.commitment.clone().map(|digest| Commitment {
                algorithm: ALGORITHM.to_owned(),
                digest,
            }),
            canaries: MarkFacts {
                planted: canaries,
                seen,
                set: Some(0),
            },
            fingerprints: MarkFacts {
                planted: taken(&facts.prints),
                seen: seen_prints,
                set: printed.then_some(1),
            },
            scan,
            looks,
            swap: charge.swap.zip(look::swap()).map(|(a, b)| [a, b]),
            kept: kept(ending.end),
            engine_sha256: self.engine_sha256.clone(),
        })
    }

    /// Looks everywhere, and again while what is found may be another upload's; how often.
    async fn everywhere(
        &self,
        marks: impl Fn() -> Vec<MarkSet>,
        since: SystemTime,
    ) -> (Result<Vec<Scanned>, ScanError>, u32) {
        let mut looks = 1;
        let mut scan = self.look.everywhere(marks(), since).await;
        let mut shut = None;
        for (n, pause) in AGAIN.iter().enumerate() {
            if !may_be_passing(&scan) {
                break;
            }
            tracing::warn!(
                looks,
                "texts of a list were found in the server's memory: looking again"
            );
            if n >= OPEN {
                shut.get_or_insert_with(|| Shut::of(&self.shut));
            }
            tokio::time::sleep(*pause).await;
            scan = self.look.everywhere(marks(), since).await;
            looks += 1;
        }
        (scan, looks)
    }
}
