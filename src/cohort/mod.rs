//! The charity's file to typed rows, in two steps: any file to a plain [`Table`] of text cells
//! ([`decode`], which a process with nothing to lose does for files of strangers), and the table to
//! people ([`read`]). Every problem is collected in one pass with its row, column,
//! rule and remedy; never the value.

mod attrition;
mod body;
mod cell;
mod date_parts;
mod dates;
mod decode;
mod delimited;
mod duplicates;
mod error;
mod ethnicity;
mod fields;
mod headings;
mod kind;
mod limits;
mod notes;
mod problem;
mod problem_list;
mod quality;
mod reading;
mod row;
mod sheet;
mod spreadsheet;
mod table;
mod template;
mod verdict;
pub mod wire;
mod workbook;

pub use attrition::{Lost, Step};
pub use dates::iso;
pub use decode::{decode, read_bytes};
pub use error::{CohortError, Limit, NotText, Quote, WorkbookFault};
pub use ethnicity::Ethnicity;
pub use headings::{Field, Mapping, MappingError};
pub use kind::OtherKind;
pub use limits::{
    MAX_BYTES, MAX_CELL_CHARS, MAX_CELLS, MAX_COLUMNS, MAX_PROBLEMS, MAX_ROWS, MAX_TEXT,
};
pub use problem::{Problem, Severity};
pub use problem_list::{
    Group, NoList, groups, problems_csv, problems_html, problems_ods, problems_xlsx,
};
pub use quality::{FieldQuality, FileQuality};
pub use reading::Reading;
pub use sheet::{PeopleRows, read, rows};
pub use spreadsheet::NotMade;
pub use table::{About, Encoding, FileKind, Table};
pub use template::{template, template_ods, template_xlsx};
pub use verdict::Verdict;

use crate::custody::{Personal, PersonalDate};
use crate::identity::{Dob, Identity, Written};

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
    /// Broad ethnic group: for telling how often each group was found, never for finding anybody.
    pub ethnicity: Option<Ethnicity>,
    /// Went through with the programme; none where the study does not ask.
    pub completed: Option<bool>,
    /// Where they took part, as written, trimmed; none where the study does not ask.
    pub site: Option<Personal>,
    /// Postcode, upper case, one inner space.
    pub postcode: Option<Personal>,
    /// PNC id in canonical form `YYYY/NNNNNNNC`, check letter valid.
    pub pnc_id: Option<Personal>,
    /// Prison number in canonical form `A1234BC`.
    pub prison_number: Option<Personal>,
    /// What could not be read as any of these and may still say who somebody is.
    pub as_written: AsWritten,
    /// Start of the programme, days since 1970-01-01; 0 and without meaning where the [`Reading`]
    /// asked for none.
    pub start: i32,
}

/// Fields that break their rules, as written: a mistyped identifier is evidence too. Not printable.
#[derive(Default)]
pub struct AsWritten {
    /// A date of birth that no calendar has.
    pub dob: Option<Dob>,
    /// A postcode of another country, or a mistyped one.
    pub postcode: Option<Personal>,
    /// A PNC id whose check letter does not agree, or another number in its place.
    pub pnc_id: Option<Personal>,
    /// A prison number of another form.
    pub prison_number: Option<Personal>,
}

impl Participant {
    /// The identifiers in the form in which linkage compares them.
    pub fn identity(&self) -> Identity {
        fn text<'a>(valid: &'a Option<Personal>, other: &'a Option<Personal>) -> Option<&'a str> {
            valid.as_ref().or(other.as_ref()).map(Personal::expose)
        }
        let dob = |d: PersonalDate| Dob::from_days(d.expose_days());
        let odd = &self.as_written;
        Identity::of(Written {
            forename: text(&self.forename, &None),
            surname: text(&self.surname, &None),
            dob: self.dob.map(dob).or(odd.dob),
            sex: text(&self.sex, &None),
            postcode: text(&self.postcode, &odd.postcode),
            pnc_id: text(&self.pnc_id, &odd.pnc_id),
            prison_number: text(&self.prison_number, &odd.prison_number),
        })
    }
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
    /// Did everybody need a programme start?
    pub needs_start: bool,
    /// How the headings were understood, as the text of a [`Mapping`]: headings that were recognised
    /// or that a mapping named, other columns by their letter.
    pub mapping: String,
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
                reason: match self.needs_start {
                    true => "with a programme start and something to find the person by".into(),
                    false => "with something to find the person by".into(),
                },
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
