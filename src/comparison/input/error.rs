//! What can be wrong with files that are to be compared.

use std::fmt;
use thiserror::Error;

/// A file that cannot be used: where, the rule, and what to do next.
#[derive(Debug, Clone, PartialEq)]
pub struct InputError {
    /// The file; empty where it is about all of them.
    pub file: String,
    /// The row, the heading being row 1.
    pub row: Option<usize>,
    /// The column's heading, or the key of a report.
    pub column: Option<String>,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.file.is_empty() {
            true => f.write_str("the results given")?,
            false => f.write_str(&self.file)?,
        }
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column `{column}`")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for InputError {}

/// What is wrong, as a rule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)]
pub enum Problem {
    #[error("the text is not UTF-8")]
    NotUtf8,
    #[error("the file is empty")]
    Empty,
    #[error("there is a heading and no row below it")]
    NoRows,
    #[error("no files were given")]
    NoFiles,
    #[error("this heading is not known here")]
    UnknownColumn,
    #[error("this heading says the same as an earlier one")]
    ColumnTwice,
    #[error("a column of this meaning is needed: {0}")]
    MissingColumn(&'static str),
    #[error("the row has {found} cells and the heading {wanted}")]
    Width { found: usize, wanted: usize },
    #[error("the name must not be empty")]
    NoName,
    #[error("must be a number, written as -3.5")]
    NotANumber,
    #[error("a rate must lie from 0 to {0}")]
    RateRange(&'static str),
    #[error("a difference of rates must lie from -{0} to {0}")]
    DifferenceRange(&'static str),
    #[error("a number of people must be a whole number above 0")]
    Size,
    #[error("one end of the interval is missing")]
    HalfInterval,
    #[error("the interval is upside down: its low end lies above its high end")]
    UpsideDown,
    #[error("the interval does not hold its estimate, even allowing for rounding in print")]
    EstimateOutside,
    #[error("the difference is not that of the rates, even allowing for rounding in print")]
    Disagrees,
    #[error("the standard error must be above 0")]
    ErrorNotPositive,
    #[error("the standard error does not fit the interval, even allowing for rounding in print")]
    ErrorDisagrees,
    #[error("the result has no spread at all, so it would outweigh every other")]
    ZeroVariance,
    #[error("must be `lower` or `higher`")]
    Direction,
    #[error("the same programme, outcome and date as {file}, row {row}, with other numbers")]
    Contradiction { file: String, row: usize },
    #[error("there are several outcomes: {0}")]
    MixedOutcomes(String),
    #[error("no result is about the outcome asked for; there are: {0}")]
    NoSuchOutcome(String),
    #[error("nothing says whether less or more of this outcome is good")]
    DirectionUnknown,
    #[error("one result says that less is good, another that more is")]
    DirectionsDiffer,
    #[error("the order by kind needs a kind for each programme")]
    NoKinds,
    #[error("not JSON, or not complete")]
    NotJson,
    #[error("not a report of this engine (`counterpart.report/1`)")]
    NotAReport,
    #[error("this part of the report is missing or not a number")]
    MissingKey,
    #[error("this report is of the study `{found}`, another of the study `{other}`")]
    OtherStudy { found: String, other: String },
    #[error("none of the {rows} results can be used: {reasons}")]
    NothingUsable { rows: usize, reasons: String },
}

impl Problem {
    /// A stable code, `snake_case`.
    pub fn code(&self) -> &'static str {
        use Problem::*;
        match self {
            NotUtf8 => "not_utf8",
            Empty => "empty",
            NoRows => "no_rows",
            NoFiles => "no_files",
            UnknownColumn => "unknown_column",
            ColumnTwice => "column_twice",
            MissingColumn(_) => "missing_column",
            Width { .. } => "width",
            NoName => "no_name",
            NotANumber => "not_a_number",
            RateRange(_) => "rate_range",
            DifferenceRange(_) => "difference_range",
            Size => "size",
            HalfInterval => "half_interval",
            UpsideDown => "upside_down",
            EstimateOutside => "estimate_outside",
            Disagrees => "disagrees",
            ErrorNotPositive => "error_not_positive",
            ErrorDisagrees => "error_disagrees",
            ZeroVariance => "zero_variance",
            Direction => "direction",
            Contradiction { .. } => "contradiction",
            MixedOutcomes(_) => "mixed_outcomes",
            NoSuchOutcome(_) => "no_such_outcome",
            DirectionUnknown => "direction_unknown",
            DirectionsDiffer => "directions_differ",
            NoKinds => "no_kinds",
            NotJson => "not_json",
            NotAReport => "not_a_report",
            MissingKey => "missing_key",
            OtherStudy { .. } => "other_study",
            NothingUsable { .. } => "nothing_usable",
        }
    }

    /// What to do next.
    pub fn remedy(&self) -> &'static str {
        use Problem::*;
        match self {
            NotUtf8 => "save the table again as CSV in UTF-8",
            Empty | NoRows => "give a heading and a row for each published result",
            NoFiles => "name a table of results or reports",
            UnknownColumn => {
                "use name, kind, published, outcome, unit, better, n_treatment, n_comparison, treat_value, comp_value, estimate, se, ci_low, ci_high; see sample_data/published/results.csv"
            }
            ColumnTwice => "keep one of the two columns",
            MissingColumn(_) => {
                "give name with estimate and se, or with ci_low and ci_high, or with n_treatment, treat_value and comp_value"
            }
            Width { .. } => "put a name or note that has a comma between quotation marks",
            NoName => "name the programme",
            NotANumber => "write the number alone; leave the cell empty where it is not known",
            RateRange(_) | DifferenceRange(_) => {
                "correct the number, or say in a column `unit` whether numbers are `pct` (0 to 100) or `share` (0 to 1)"
            }
            Size => "correct the number, or leave the cell empty where it is not known",
            HalfInterval => "give both ends or neither",
            UpsideDown => "exchange the two ends",
            EstimateOutside | Disagrees | ErrorDisagrees => {
                "compare the row with what was published, and correct it"
            }
            ErrorNotPositive | ZeroVariance => {
                "give the published interval, or take the row out: with nobody or everybody in a group, rates alone say nothing about chance"
            }
            Direction => "write lower where less is better, higher where more is",
            Contradiction { .. } => "keep the row that was published, or give each its own date",
            MixedOutcomes(_) | NoSuchOutcome(_) => "choose one of them with --outcome",
            DirectionUnknown => "say it with --better lower or --better higher",
            DirectionsDiffer => "say which with --better, or compare them apart",
            NoKinds => "add a column `kind`, or leave --order out",
            NotJson | NotAReport => "give the report.json that `counterpart evaluate` wrote",
            MissingKey => "make the report again with this version",
            OtherStudy { .. } => "compare reports of one study at a time",
            NothingUsable { .. } => {
                "look for the published intervals, or the numbers of participants, and add them"
            }
        }
    }
}
