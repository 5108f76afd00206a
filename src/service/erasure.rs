//! What the API asks of whoever sees to it that lists are erased.

use super::model::SubmissionId;
use super::store::{StoreError, Submission};
use super::worker::{Job, Workers};
use futures_util::future::BoxFuture;

/// A proof from the ledger: its size, and hashes from the leaf (or the smaller tree) to the root.
pub type Proof = (u64, Vec<[u8; 32]>);

/// Watches over submissions and certifies their ends.
pub trait Custody: Send + Sync + 'static {
    /// A job is about to be given to a worker; told before [`super::worker::Workers::admit`].
    fn charge(&self, job: &Job, study: &str, needs_release: bool);

    /// No worker was started for it.
    fn dismiss(&self, submission: SubmissionId);

    /// It is on record: from here on its end must be too.
    fn on_record(&self, submission: SubmissionId);

    /// It could not be told whether it was put on record; its worker is about to end.
    fn in_doubt(&self, submission: SubmissionId);

    /// Whether submissions are taken in: no incident is open and nobody stops the server.
    fn is_taking_in(&self) -> bool;

    /// An incident was resolved: the intake opens again when none is left.
    fn look_at_incidents(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Vouches for a key that a submission's list is to be sealed to; a signature, base64.
    fn vouch(&self, submission: SubmissionId, public_key: &[u8]) -> String;

    /// The certificate with its proof of inclusion, one JSON document; None where there is none.
    fn bundle(&self, submission: SubmissionId)
    -> BoxFuture<'_, Result<Option<String>, StoreError>>;

    /// That a leaf is in the ledger as it stands.
    fn inclusion(&self, leaf: u64) -> BoxFuture<'_, Result<Proof, StoreError>>;

    /// That the ledger of one size begins the ledger of another.
    fn consistency(&self, from: u64, to: u64) -> BoxFuture<'_, Result<Vec<[u8; 32]>, StoreError>>;

    /// The workers whose intake is shut when there is an incident. Told once, before any is started.
    fn attach(&self, workers: Workers);

    /// Whether this server's key is the one that the ledger so far was signed with.
    ///
    /// # Errors
    /// [`StoreError::OtherKey`]; the store's.
    fn check_key(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Ends what other server processes left behind when they ended.
    fn recover(&self, left: Vec<Submission>) -> BoxFuture<'_, Result<(), StoreError>>;
}
