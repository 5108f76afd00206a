//! What custody does for a list in its own process: keeps it sealed until its turn, commits to its
//! bytes, marks it so that an independent scanner can look for it, and gives up what is not needed.

use super::{Stop, problem};
use crate::custody::{self, Confined};
use crate::service::worker::protocol::{Cannot, Order};
use std::io;

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

/// Takes the file's bytes in.
pub struct Keeper {}

impl Keeper {
    pub fn new(order: &Order) -> Result<Keeper, Cannot> {
        match order.sealed {
            true => Err(Cannot::Sealed),
            false => Ok(Keeper {}),
        }
    }

    /// The key to seal the file to, where it comes sealed.
    pub fn public_key(&self) -> Option<&[u8]> {
        None
    }

    /// Takes bytes as they came; gives back those that can be passed on.
    pub fn take<'b>(&mut self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        Some(bytes)
    }

    /// The commitment to a plain file that is whole, hexadecimal.
    pub fn commitment(&self) -> Option<String> {
        None
    }

    /// Opens what came sealed and passes it on; the commitment to the file.
    pub fn opened(self, _pass_on: impl FnMut(&[u8])) -> Result<Option<String>, Stop> {
        let _ = problem::sealed;
        Ok(None)
    }
}
