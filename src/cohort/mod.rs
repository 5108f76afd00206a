//! The charity's file to typed rows. Every problem is collected in one pass with its row, column,
//! rule and remedy; never the value.

mod attrition;
pub mod pnc;

pub use attrition::{Lost, Step};

use crate::custody::{Personal, PersonalDate};

/// A participant as the file gives them. Not printable.
pub struct Participant {
    /// Row in the file as a spreadsheet shows it (header = 1).
    pub row: u32,
    /// Given name(s), as written, trimmed.
    pub forename: Option<Personal>,
    /// Family name, as written, trimmed.
    pub surname: Option<Personal>,
    /// Date of birth.
    pub dob: Option<PersonalDate>,
    /// `F`, `M` or other, upper case.
    pub sex: Option<Personal>,
    /// Postcode, upper case, one inner space.
    pub postcode: Option<Personal>,
    /// PNC id in canonical form `YYYY/NNNNNNNC`, check letter valid.
    pub pnc_id: Option<Personal>,
    /// Prison number in canonical form `A1234BC`.
    pub prison_number: Option<Personal>,
    /// Start of the programme, days since 1970-01-01.
    pub start: i32,
}
