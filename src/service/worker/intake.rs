//! A file on its way through the server into its worker: bytes go straight on, and none stay.

use super::protocol::{self, Beside, Kind, MOST_DATA};
use super::said::{IntakeError, Waiting};
use crate::cohort::MAX_BYTES;
use crate::custody::evidence::Moment;
use std::sync::{Arc, OnceLock};
use tokio::io::AsyncWriteExt;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::oneshot;

/// What a sealed file may have on top.
const SEAL: u64 = 4_096;

/// How a file's way in has ended.
pub(super) enum Handed {
    /// Whole: the way to talk to the worker, the bytes sent, and who waits for its word.
    Whole(OwnedWriteHalf, u64, oneshot::Sender<Received>),
    /// The worker does not listen.
    Broken,
}

/// The worker has all of it; it takes its turn once told to.
pub(super) struct Received {
    pub bytes: u64,
    pub commitment: Option<String>,
    pub enqueue: oneshot::Sender<Beside>,
}

/// A worker that takes in its file. Dropped before [`Intake::finish`]: the worker is killed and the
/// watcher hears of the end.
pub struct Intake {
    /// None once it failed: what was said half cannot be gone on with.
    to: Option<OwnedWriteHalf>,
    handed: Option<oneshot::Sender<Handed>>,
    public_key: Option<Vec<u8>>,
    bytes: u64,
    most: u64,
    first: Arc<OnceLock<Moment>>,
}

impl Intake {
    pub(super) fn new(
        to: OwnedWriteHalf,
        handed: oneshot::Sender<Handed>,
        public_key: Option<Vec<u8>>,
        first: Arc<OnceLock<Moment>>,
    ) -> Intake {
        Intake {
            most: MAX_BYTES as u64 + public_key.as_ref().map_or(0, |_| SEAL),
            to: Some(to),
            handed: Some(handed),
            public_key,
            bytes: 0,
            first,
        }
    }

    /// The key that a sealed file is to be encrypted to; none when it comes plain.
    pub fn public_key(&self) -> Option<&[u8]> {
        self.public_key.as_deref()
    }

    /// Passes bytes of the file on; waits while the worker is behind. Nothing of them is kept here:
    /// the caller wipes its own.
    ///
    /// # Errors
    /// When the worker is gone, or the file too large: then the intake is of no more use.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), IntakeError> {
        // Taken out, and put back when all was written: given up half way, it stays out.
        let mut to = self.to.take().ok_or(IntakeError::Ended)?;
        if bytes.is_empty() {
            self.to = Some(to);
            return Ok(());
        }
        self.bytes += bytes.len() as u64;
        if self.bytes > self.most {
            return Err(IntakeError::TooLarge { most: self.most });
        }
        self.first.get_or_init(Moment::now);
        for part in bytes.chunks(MOST_DATA) {
            if say(&mut to, Kind::Data, part).await.is_err() {
                self.broken();
                return Err(IntakeError::Ended);
            }
        }
        self.to = Some(to);
        Ok(())
    }

    /// The file is whole: done when the worker says that it has all of it.
    ///
    /// # Errors
    /// When the worker is gone.
    pub async fn finish(mut self) -> Result<Waiting, IntakeError> {
        let to = self.to.take().ok_or(IntakeError::Ended)?;
        let (tell, told) = oneshot::channel();
        let handed = self.handed.take().ok_or(IntakeError::Ended)?;
        let gone = handed.send(Handed::Whole(to, self.bytes, tell)).is_err();
        match told.await {
            Ok(received) if !gone => Ok(Waiting {
                bytes: received.bytes,
                commitment: received.commitment,
                enqueue: received.enqueue,
            }),
            _ => Err(IntakeError::Ended),
        }
    }

    fn broken(&mut self) {
        if let Some(handed) = self.handed.take() {
            // Known there already when nobody listens.
            let _ = handed.send(Handed::Broken);
        }
    }
}

/// Says something to a worker.
///
/// # Errors
/// When it does not listen any more.
pub(super) async fn say(
    to: &mut OwnedWriteHalf,
    kind: Kind,
    payload: &[u8],
) -> std::io::Result<()> {
    to.write_all(&protocol::head(kind, payload.len())?).await?;
    to.write_all(payload).await
}
