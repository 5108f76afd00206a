//! The service: a cohort comes in over HTTP, an answer goes out, and the erasure is proven. The
//! server parses no list: each submission has a process of its own ([`worker`]).

pub mod clock;
pub mod model;
pub mod permissions;
pub mod states;
pub mod store;
pub mod worker;
