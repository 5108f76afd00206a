//! The held data behind one trait: `persons` (identifiers, for linkage only) apart from `events`
//! (index events and covariates under a pseudonymous key), and outcomes that stay shut until a
//! design is fixed.

mod convert;
mod csv_shape;
pub(crate) mod dates;
mod describe;
mod description;
mod dictionary;
pub mod import;
pub mod index;
pub mod own_table;
mod parquet;
mod table;

pub use description::{ColumnDescription, Description, Fact};
pub use dictionary::{DICTIONARY_FILE, Dictionary, Entry, Kind, Role, Table};
pub use index::{INDEX_FILE, IndexError, IndexState, Interned, RegisterIndex, Vouched};
pub use parquet::ParquetRegister;
pub(crate) use table::reading;

use crate::numeric::frame::Frame;
use crate::study::Study;

/// The columns of events a study needs before its design is fixed: covariates, exact strata,
/// eligibility and the date its index event is chosen by, each once, in that order.
pub fn event_columns(study: &Study) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    let covariates = study.covariates.iter().map(|c| &c.column);
    let wanted = covariates
        .chain(&study.matching.exact)
        .chain(&study.matching.columns)
        .chain(&study.propensity.scores)
        .chain(&study.propensity.sampling_weights)
        .chain(study.analyses.iter().flat_map(|a| {
            let chosen = a.only.keys().chain(a.pool.keys());
            chosen.chain(&a.pool_shares)
        }))
        .chain(study.eligibility.only.keys());
    for column in wanted {
        if !columns.contains(column) {
            columns.push(column.clone());
        }
    }
    if let Some(date) = study.index_event.other_date()
        && !columns.iter().any(|c| c == date)
    {
        columns.push(date.to_owned());
    }
    columns
}

/// The columns of events a study reads once its design is fixed: its outcomes, what they are
/// given, and times at risk, each once, in that order.
pub fn outcome_columns(study: &Study) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for outcome in &study.outcomes {
        let wanted = [
            Some(&outcome.column),
            outcome.given.as_ref(),
            outcome.exposure.as_ref(),
        ];
        for column in wanted.into_iter().flatten() {
            if !columns.contains(column) {
                columns.push(column.clone());
            }
        }
    }
    columns
}

/// Pseudonymous key of a person: joins persons to events, means nothing outside the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonKey(pub u64);

/// Index events with covariates; no outcome column is in here.
#[derive(Debug, Clone)]
pub struct Events {
    /// Whose event, one a row.
    pub person: Vec<PersonKey>,
    /// Date of the index event, days since 1970-01-01, one a row.
    pub date: Vec<i32>,
    /// Covariates, exact strata and eligibility columns.
    pub frame: Frame,
    /// Last day the register has recorded, days since 1970-01-01.
    pub cut_off: i32,
}

/// Proof that a design is fixed: what it weighs and its digest. Outcomes open to nothing else.
/// Sealed: only the design stage's own type implements it.
///
/// With a fixed design outcomes can be read:
/// ```
/// use counterpart::register::{FixedDesign, Register};
/// fn read(register: &dyn Register, design: &dyn FixedDesign) {
///     let _ = register.outcomes(design, &[], &[0]);
/// }
/// ```
/// without one they cannot,
/// ```compile_fail,E0277
/// use counterpart::register::{FixedDesign, Register};
/// fn read(register: &dyn Register, design: &String) {
///     let _ = register.outcomes(design, &[], &[0]);
/// }
/// ```
/// and nobody outside this crate can make one up:
/// ```compile_fail,E0277
/// struct Mine;
/// impl counterpart::register::FixedDesign for Mine {
///     fn digest(&self) -> &str {
///         ""
///     }
/// }
/// ```
/// ```compile_fail,E0603
/// struct Mine;
/// impl counterpart::register::sealed::Sealed for Mine {}
/// ```
pub trait FixedDesign: sealed::Sealed {
    /// SHA-256 over rows, weights and settings, hex.
    fn digest(&self) -> &str;
}

pub(crate) mod sealed {
    /// Only the crate's own design can be a [`super::FixedDesign`].
    pub trait Sealed {}
}

/// Where a register's data come from.
pub trait Register {
    /// Identifiers, indexed for linkage.
    ///
    /// # Errors
    /// When the source cannot be read, lacks a column, or is too large to index.
    fn index(&self) -> Result<RegisterIndex, RegisterError>;

    /// Index events with the columns asked for; outcome columns are refused here.
    ///
    /// # Errors
    /// When the source cannot be read, lacks a column, or an outcome is asked for.
    fn events(&self, columns: &[String]) -> Result<Events, RegisterError>;

    /// Outcome columns (numbers, `NaN` where missing) of the event rows named, in that order.
    ///
    /// # Errors
    /// When the source cannot be read or lacks a column.
    fn outcomes(
        &self,
        design: &dyn FixedDesign,
        columns: &[String],
        rows: &[u32],
    ) -> Result<Frame, RegisterError>;
}

/// What can go wrong with a register.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// A file is missing or unreadable.
    #[error("cannot read {file}: {reason}")]
    Unreadable {
        /// Which file.
        file: String,
        /// Why, without any value.
        reason: String,
    },
    /// A file could not be written.
    #[error("cannot write {file}: {reason}")]
    Unwritable {
        /// Which file.
        file: String,
        /// Why, without any value.
        reason: String,
    },
    /// The index of the persons cannot be used.
    #[error("cannot use {INDEX_FILE}: {0}")]
    Index(#[from] IndexError),
    /// A column the study needs is not there.
    #[error("{file} has no column `{column}`; it has: {have}")]
    NoColumn {
        /// Which file.
        file: String,
        /// Which column.
        column: String,
        /// The columns there are.
        have: String,
    },
    /// A column has the wrong type.
    #[error("{file}: column `{column}` {rule}")]
    BadColumn {
        /// Which file.
        file: String,
        /// Which column.
        column: String,
        /// The rule it breaks.
        rule: String,
    },
    /// An outcome was asked for before the design was fixed.
    #[error(
        "column `{column}` is an outcome and stays shut until the design is fixed; it cannot be a \
         covariate, an exact stratum or an eligibility rule"
    )]
    Outcome {
        /// Which column.
        column: String,
    },
    /// The dictionary is wrong.
    #[error("{file}, line {line}: {message}")]
    Dictionary {
        /// Which file.
        file: String,
        /// 1-based line.
        line: usize,
        /// The rule it breaks.
        message: String,
    },
}
