//! Personal data in memory: guarded types now; hardening and wiping beside them.

mod personal;

pub use personal::{Personal, PersonalDate};
