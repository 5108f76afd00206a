//! A data lab in a box: finds a programme's participants in a held register, matches them to
//! counterparts who were as alike as the records can tell but got no help, compares what happened
//! to both, says how sure it is, and erases the list.
#![deny(missing_docs)]
#![deny(unsafe_code)]

pub mod balance;
pub mod bootstrap;
pub mod cli;
pub mod cohort;
pub mod comparison;
pub mod covariates;
pub mod custody;
pub mod disclosure;
pub mod effect;
pub mod evaluation;
pub mod identity;
pub mod linkage;
pub mod matching;
pub mod numeric;
pub mod propensity;
pub mod quality;
pub mod register;
pub mod report;
pub mod service;
pub mod study;
pub mod synth;
