//! What custody does for a list in its own process: keeps it sealed until its turn, commits to its
//! bytes, marks it so that an independent scanner can look for it, and gives up what is not needed.

use super::sources::Opened;
use super::{Stop, problem};
use crate::cohort::Cohort;
use crate::custody;
use crate::service::worker::protocol::{Cannot, Order};
use std::io;

/// How far the process was confined.
pub struct Confined {
    /// Its memory cannot be swapped out.
    pub locked: bool,
    /// A filter of system calls and rules for files are in force.
    pub filtered: bool,
    /// What is in force, in a few words.
    pub note: String,
}

/// Gives up what is not needed, before the first byte of the list.
pub fn confine(order: &Order) -> io::Result<Confined> {
    custody::limit_worker(order.memory_bytes, order.cpu_seconds)?;
    Ok(Confined {
        locked: false,
        filtered: false,
        note: "limits on memory, computing and files".into(),
    })
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
