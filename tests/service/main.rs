//! The service as a whole, as it is started: lists in over HTTP, a certified answer out, and nobody
//! of any list left behind.

#[path = "../store/cluster.rs"]
mod cluster;
mod context;
mod erased;
mod flood;
mod full;
mod killed;
mod kit;
mod many;
mod nodes;
mod outage;
mod proxy;
mod repeats;
mod sealed_page;
mod search;
mod submit;
mod submit_again;
mod tls;
mod whole;
