//! The API as callers meet it: over HTTP, with a server of its own for each test.

mod client;
mod document;
mod events;
mod fuzzed;
mod hostile;
mod kit;
mod operations;
mod pages;
mod permissions;
mod sessions;
mod sharing;
mod side_by_side;
mod stopping;
mod uploads;
