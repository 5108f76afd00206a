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
    /// A regression on nothing.
    #[error("regression of results: no moderator given\nhint: pool the results instead")]
    NoModerators,
    /// A list that does not go with the results.
    #[error(
        "`{name}`: {found} values for {results} results\nhint: give one value a result, in the same order"
    )]
    Lengths {
        /// What the list holds.
        name: String,
        /// Its values.
        found: usize,
        /// Results.
        results: usize,
    },
    /// A moderator without a number.
    #[error(
        "`{name}`, result {row}: the value must be a finite number\nhint: correct it, or leave the result out"
    )]
    Moderator {
        /// The moderator.
        name: String,
        /// The result's place.
        row: usize,
    },
    /// A moderator that says nothing, or nothing new.
    #[error(
        "`{name}` is the same for all results or follows from the moderators before it\nhint: leave it out"
    )]
    Redundant {
        /// The moderator.
        name: String,
    },
    /// A result of no kind.
    #[error("result {row}: no kind of programme\nhint: fill it in, for instance with `other`")]
    NoKind {
        /// The result's place.
        row: usize,
    },
    /// Kinds cannot be compared where there is one.
    #[error(
        "kinds of programme: all results are of one kind, at least 2 needed\nhint: pool the results instead"
    )]
    OneKind,
    /// A target that is no number.
    #[error(
        "funnel: the target must be a finite number\nhint: leave it out to use the average of the results"
    )]
    Target,
    /// A date in no form that is read.
    #[error(
        "result {row}: the date is in no known form\nhint: write 2014-01-31, 2014-01, 2014, or 2013/14 for a year from April to March"
    )]
    Date {
        /// The result's place.
        row: usize,
    },
    /// Nothing can change in no time.
    #[error("change over time: all results are of one time\nhint: pool them instead")]
    OneTime,
    /// A change that matters must be more than none.
    #[error(
        "change over time: the smallest change that matters must be a finite number above 0\nhint: give it in the results' unit"
    )]
    Margin,
}
