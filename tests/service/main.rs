//! The service as a whole, as it is started: lists in over HTTP, a certified answer out, and nobody
//! of any list left behind.

mod erased;
mod killed;
mod kit;
mod search;
mod whole;
