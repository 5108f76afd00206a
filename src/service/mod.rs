//! The service: a cohort comes in over HTTP, an answer goes out, and the erasure is proven. The
//! server parses no list: each submission has a process of its own ([`worker`]).

pub mod agreement;
pub mod api;
pub mod clock;
pub mod config;
pub mod custodian;
pub mod erasure;
pub mod limits;
pub mod log;
pub mod log_file;
pub mod metrics;
pub mod model;
pub mod open_data;
pub mod permissions;
pub mod portal;
pub mod problem;
pub mod sample;
pub mod server;
pub mod sharing;
pub mod states;
pub mod store;
pub mod studies;
pub mod worker;
