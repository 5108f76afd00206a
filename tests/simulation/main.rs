//! Cohorts of known effect, drawn many times: is the estimate right on average, is its standard
//! error the spread it has, does its 95 % interval hold the truth 95 times in 100?
//!
//! `world.rs` says how people come to take part and what becomes of them; `worlds.rs` which worlds
//! there are; `arms.rs` which methods and standard errors look at each; `study.rs` puts one drawn
//! cohort through all of them in one pass; `tally.rs` sums up and `table.rs` prints.
//!
//! The truth is the average planted effect over the participants *who were matched*: what an
//! interval owes to hold, also where effects differ between people and a caliper drops some.
//!
//! `quick.rs` runs in every `cargo test`; `full.rs` is `make simulate`, which prints every table
//! and holds the promises of the README to 94-96 %.

mod arms;
mod full;
mod promise;
mod quick;
mod study;
mod table;
mod tally;
mod world;
mod worlds;
