//! What can be wrong with results that are to be compared.

use thiserror::Error;

/// Why results cannot be compared. Rows count from 1 in the order given.
#[derive(Debug, Error, PartialEq)]
pub enum ComparisonError {
    /// Too few results for what was asked.
    #[error(
        "comparing results: {found} given, at least {least} needed\nhint: add results, or read the single report by itself"
    )]
    TooFew {
        /// Results given.
        found: usize,
        /// The fewest that will do.
        least: usize,
    },
    /// An estimate that is no number.
    #[error(
        "result {row}: the estimate must be a finite number\nhint: correct the row or leave it out"
    )]
    Estimate {
        /// The result's place.
        row: usize,
    },
    /// A standard error that weighs nothing or everything.
    #[error(
        "result {row}: the standard error must be a finite number above 0\nhint: take it from the interval, or leave the row out"
    )]
    StandardError {
        /// The result's place.
        row: usize,
    },
    /// One name on two rows.
    #[error(
        "results {first} and {row}: the same name twice\nhint: keep one, or tell them apart by name"
    )]
    NamedTwice {
        /// Where the name came first.
        first: usize,
        /// Where it came again.
        row: usize,
    },
    /// No spread of exactness to test against.
    #[error(
        "small-study check: all standard errors are equal, so size cannot explain anything\nhint: leave the check out"
    )]
    EqualSizes,
    /// The variance between programmes could not be found.
    #[error(
        "variance between programmes: no solution after {steps} steps\nhint: use the method of DerSimonian and Laird"
    )]
    NoSolution {
        /// Steps taken.
        steps: usize,
    },
}
