//! The charity's file to typed rows. Every problem is collected in one pass with its row, column,
//! rule and remedy; never the value.

mod attrition;
mod body;
mod cell;
mod dates;
mod duplicates;
mod error;
mod fields;
mod headings;
mod layout;
mod limits;
mod name;
pub mod pnc;
pub mod prison_number;
mod problem;
mod quality;
mod row;
mod sheet;
mod table;
mod template;
mod text;
mod verdict;

pub use attrition::{Lost, Step};
pub use dates::iso;
pub use error::{CohortError, Limit};
pub use headings::Field;
pub use limits::{MAX_BYTES, MAX_CELL_CHARS, MAX_COLUMNS, MAX_PROBLEMS, MAX_ROWS};
pub use name::normalise_name;
pub use problem::{Problem, Severity};
pub use quality::{FieldQuality, FileQuality};
pub use sheet::read;
pub use template::template;
pub use verdict::Verdict;

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
    /// `F`, `M` or `X`.
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

/// A file read: the people in it that can be looked for, and what is wrong with the rest. Not
/// printable as a whole; its parts apart from `participants` are.
pub struct Cohort {
    /// One a person, in the order of first rows.
    pub participants: Vec<Participant>,
    /// Every problem, by row; at most [`MAX_PROBLEMS`].
    pub problems: Vec<Problem>,
    /// Problems beyond that.
    pub problems_unlisted: u64,
    /// Rows of people in the file.
    pub submitted: u64,
    /// Rows nobody could be made of, by reason.
    pub unreadable: Vec<Lost>,
    /// Rows that were a person already counted.
    pub duplicates: u64,
    /// The file in numbers.
    pub quality: FileQuality,
    /// Can it be used?
    pub verdict: Verdict,
}

impl Cohort {
    /// The first steps of the attrition: `submitted`, `readable`, `unique`.
    pub fn attrition(&self) -> Vec<Step> {
        let unreadable: u64 = self.unreadable.iter().map(|l| l.people).sum();
        let readable = self.submitted - unreadable;
        let repeated = Lost {
            reason: "the person is in the file more than once".into(),
            people: self.duplicates,
            remedy: None,
        };
        vec![
            Step {
                step: "submitted",
                reason: "rows of people in the file".into(),
                people: self.submitted,
                lost: Vec::new(),
            },
            Step {
                step: "readable",
                reason: "with a programme start and something to find the person by".into(),
                people: readable,
                lost: self.unreadable.clone(),
            },
            Step {
                step: "unique",
                reason: "each person counted once".into(),
                people: readable - self.duplicates,
                lost: Vec::from_iter((self.duplicates > 0).then_some(repeated)),
            },
        ]
    }
}
