//! Registers read from Parquet, people found in them, index events chosen. One binary: it links
//! polars.

mod attrition;
mod command;
mod fixtures;
mod index;
mod linkage;
mod probabilistic;
mod quality;
mod selection;
mod shut;
mod source;
