//! What happened to participants beside their counterparts, and how sure that is.

pub mod power;
