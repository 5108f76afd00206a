//! The held data behind one trait: `persons` (identifiers, for linkage only) apart from `events`
//! (index events and covariates under a pseudonymous key), and outcomes that stay shut until a
//! design is fixed.

pub mod table;

use crate::custody::{Personal, PersonalDate};
use crate::numeric::frame::Frame;

/// Pseudonymous key of a person: joins persons to events, means nothing outside the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonKey(pub u64);

/// A person as the register identifies them. Not printable.
pub struct RegisterPerson {
    /// Key into the events.
    pub key: PersonKey,
    /// Forename.
    pub forename: Option<Personal>,
    /// Surname.
    pub surname: Option<Personal>,
    /// Date of birth.
    pub dob: Option<PersonalDate>,
    /// Sex.
    pub sex: Option<Personal>,
    /// Postcode.
    pub postcode: Option<Personal>,
    /// PNC id, canonical.
    pub pnc_id: Option<Personal>,
    /// Prison number, canonical.
    pub prison_number: Option<Personal>,
}

/// The persons table: what linkage sees, and nobody else.
pub struct Persons {
    /// All of them, in file order.
    pub people: Vec<RegisterPerson>,
}

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
    /// Identifiers, for linkage.
    ///
    /// # Errors
    /// When the source cannot be read or lacks a column.
    fn persons(&self) -> Result<Persons, RegisterError>;

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
}
