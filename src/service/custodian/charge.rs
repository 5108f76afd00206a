//! What is known of the submissions under way: their keys, what the scanner has seen of them, and
//! whether they are on record.

use super::look;
use crate::custody::scan::{Kin, Swap};
use crate::service::model::SubmissionId;
use crate::service::worker::Job;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use zeroize::Zeroizing;

/// One submission under way. Not printable: it holds a key.
pub struct Charge {
    /// The study's id.
    pub study: String,
    /// The study says that a steward must approve.
    pub needs_release: bool,
    /// Key of the marks.
    pub key: Zeroizing<[u8; 32]>,
    /// The canary people are made from it.
    pub canary_seed: [u8; 32],
    /// What came before cannot be this submission's.
    pub since: SystemTime,
    /// The machine's swap, before.
    pub swap: Option<Swap>,
    /// Canaries and fingerprints that the scanner saw in the worker.
    pub seen: (u32, u32),
    /// The worker and what it started.
    pub kin: Option<Kin>,
    /// Whether it must have an end that is on record.
    pub record: Record,
}

/// Whether a submission is on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// Nothing was written of it.
    No,
    /// The database did not answer when it was written: it may be.
    Perhaps,
    /// It was answered for.
    Yes,
}

impl Charge {
    /// Of a job about to be given to a worker.
    pub fn of(job: &Job, study: &str, needs_release: bool) -> Charge {
        Charge {
            study: study.to_owned(),
            needs_release,
            key: Zeroizing::new(job.mark_key),
            canary_seed: job.canary_seed,
            since: SystemTime::now(),
            swap: look::swap(),
            seen: (0, 0),
            kin: None,
            record: Record::No,
        }
    }
}

/// All of them.
#[derive(Default)]
pub struct Charges(Mutex<HashMap<SubmissionId, Charge>>);

impl Charges {
    /// Takes one in.
    pub fn take(&self, submission: SubmissionId, charge: Charge) {
        self.lock().insert(submission, charge);
    }

    /// Looks at one, or changes it.
    pub fn with<T>(
        &self,
        submission: SubmissionId,
        act: impl FnOnce(&mut Charge) -> T,
    ) -> Option<T> {
        self.lock().get_mut(&submission).map(act)
    }

    /// It has ended: what was known of it, for the last time.
    pub fn release(&self, submission: SubmissionId) -> Option<Charge> {
        self.lock().remove(&submission)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SubmissionId, Charge>> {
        // A map is whole between any two of its calls.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
