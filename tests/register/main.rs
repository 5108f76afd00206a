//! Registers read from Parquet, people found in them, index events chosen. One binary: it links
//! polars.

mod attrition;
mod blocking;
mod command;
mod fixtures;
mod index;
mod index_event;
mod linkage;
mod probabilistic;
mod quality;
mod selection;
mod shut;
mod source;
mod written;
