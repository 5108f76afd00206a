//! What custody does for a list in its own process: keeps it sealed until its turn, commits to its
//! bytes, marks it so that an independent scanner can look for it, and gives up what is not needed.

use super::lines::Lines;
use super::{Stop, problem};
use crate::custody::commitment::Committing;
use crate::custody::sealed::Opener;
use crate::custody::{self, Confined};
use crate::service::worker::protocol::Order;
use std::io;
use zeroize::Zeroizing;

/// Gives up what is not needed, before the first byte of the list.
///
/// # Errors
/// When the system refuses.
pub fn confine(order: &Order) -> io::Result<Confined> {
    let register = order.register.as_ref();
    custody::confine_worker(register, order.memory_bytes, order.cpu_seconds)
}

/// What is in force, in a few words.
pub fn note(confined: Confined) -> String {
    let parts = [
        (confined.filtered, "system call filter"),
        (confined.fenced, "file system rules"),
        (confined.locked, "memory locked"),
    ];
    let said = parts.map(|(is, what)| format!("{what}: {}", if is { "yes" } else { "no" }));
    said.join("; ")
}

/// Takes the file's bytes in. Not printable.
pub struct Keeper {
    committing: Committing,
    submission: String,
    lines: Lines,
    /// Of a sealed file: its key, and what came so far.
    sealed: Option<(Opener, Zeroizing<Vec<u8>>)>,
}

impl Keeper {
    /// For a file that comes as the order says.
    pub fn new(order: &Order) -> Keeper {
        Keeper {
            committing: Committing::new(&order.commitment_salt),
            submission: order.submission.clone(),
            lines: Lines::default(),
            sealed: order.sealed.then(|| (Opener::new(), Zeroizing::default())),
        }
    }

    /// The key to seal the file to, where it comes sealed.
    pub fn public_key(&self) -> Option<&[u8]> {
        self.sealed.as_ref().map(|(opener, _)| opener.public_key())
    }

    /// Takes bytes as they came; gives back those that can be passed on.
    pub fn take<'b>(&mut self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        match &mut self.sealed {
            None => {
                self.committing.update(bytes);
                self.lines.take(bytes);
                Some(bytes)
            }
            Some((_, came)) => {
                came.extend_from_slice(bytes);
                None
            }
        }
    }

    /// The commitment to a plain file that is whole, hexadecimal.
    pub fn commitment(&self) -> Option<String> {
        let whole = self.sealed.is_none().then(|| self.committing.clone());
        whole.map(|c| c.finish().digest)
    }

    /// Opens what came sealed and passes it on; the commitment to the file, and lines of it.
    pub fn opened(
        mut self,
        mut pass_on: impl FnMut(&[u8]),
    ) -> Result<(Option<String>, Lines), Stop> {
        if let Some((opener, came)) = self.sealed.take() {
            let file = opener.open(&came, &self.submission);
            let file = file.map_err(|_| problem::sealed())?;
            drop(came);
            self.committing.update(&file);
            self.lines.take(&file);
            pass_on(&file);
        }
        Ok((Some(self.committing.finish().digest), self.lines))
    }
}
