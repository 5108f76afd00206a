//! The register, opened before the list comes: its index is mapped once, for the canaries and for
//! the evaluation.

use crate::numeric::frame::Frame;
use crate::register::{
    Events, FixedDesign, ParquetRegister, Register, RegisterError, RegisterIndex, Vouched,
};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// A register whose index is at hand.
pub struct Opened {
    register: ParquetRegister,
    /// None once it was handed out.
    index: Mutex<Option<RegisterIndex>>,
}

impl Opened {
    /// Opens it; its index need not be looked at again where the server vouches for it.
    ///
    /// # Errors
    /// As [`ParquetRegister::open`] and [`Register::index`].
    pub fn open(dir: &Path, vouched: Option<&Vouched>) -> Result<Opened, RegisterError> {
        let register = ParquetRegister::open(dir)?;
        let mapped = match vouched {
            Some(vouched) => register.vouched_index(vouched)?,
            None => None,
        };
        let index = match mapped {
            Some(mapped) => mapped,
            None => register.index()?,
        };
        Ok(Opened {
            register,
            index: Mutex::new(Some(index)),
        })
    }

    /// Looks at the index, while it is here.
    pub fn with_index<T>(&self, look: impl FnOnce(&RegisterIndex) -> T) -> Option<T> {
        let index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        index.as_ref().map(look)
    }
}

impl Register for Opened {
    fn index(&self) -> Result<RegisterIndex, RegisterError> {
        let mut here = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        match here.take() {
            Some(index) => Ok(index),
            None => self.register.index(),
        }
    }

    fn events(&self, columns: &[String]) -> Result<Events, RegisterError> {
        self.register.events(columns)
    }

    fn outcomes(
        &self,
        design: &dyn FixedDesign,
        columns: &[String],
        rows: &[u32],
    ) -> Result<Frame, RegisterError> {
        self.register.outcomes(design, columns, rows)
    }
}
