//! A department's own tables made into a register: persons, events if there are any, a dictionary
//! that keeps every column shut that nobody described, and the index for linkage. Rows are read and
//! written as they come; what is held of all of them is the person ids.

mod day;
mod dictionary;
mod events;
mod headings;
mod ids;
mod persons;
mod place;
mod scan;
mod source;
mod writer;

use super::{ParquetRegister, RegisterError};
use serde::Serialize;
use std::path::PathBuf;

/// What to import.
#[derive(Debug, Clone)]
pub struct Import {
    /// CSV or Parquet (by its ending) with `person_id`, `forename`, `surname` and the identifiers
    /// there are, a row a record.
    pub persons: PathBuf,
    /// CSV or Parquet with `person_id`, `event_date` and whatever is known of each event.
    pub events: Option<PathBuf>,
    /// A `register.toml` that describes columns of events.
    pub dictionary: Option<PathBuf>,
    /// Folder to make the register in.
    pub out: PathBuf,
    /// Take the place of a register that is there.
    pub replace: bool,
    /// Day of the import, days since 1970-01-01.
    pub today: i32,
}

/// What was imported; numbers and column names alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Distinct persons.
    pub people: u64,
    /// Rows of persons.
    pub records: u64,
    /// Rows of a person who has another: aliases.
    pub aliases: u64,
    /// Are person ids texts? They are then numbered in their order, and kept beside the number.
    pub text_ids: bool,
    /// Dates of birth that no calendar has, kept as evidence.
    pub dob_in_no_calendar: u64,
    /// Dates of birth that could not be read, so blank.
    pub dob_unreadable: u64,
    /// Columns of persons that are no identifier, so left out.
    pub persons_columns_left_out: u64,
    /// Rows of events, when a file was given.
    pub events: Option<u64>,
    /// Columns of events that nobody described: outcomes, shut until a design is fixed.
    pub events_columns_shut: Vec<String>,
    /// Bytes of the index for linkage.
    pub index_bytes: u64,
}

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Who people are.
    Persons,
    /// What happened to them.
    Events,
}

impl std::fmt::Display for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Input::Persons => "the persons file",
            Input::Events => "the events file",
        })
    }
}

/// Why an import failed. No message holds a value of a file.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file cannot be read, or is no table.
    #[error("cannot read {file}: {reason}")]
    Unreadable {
        /// Which file.
        file: Input,
        /// Why.
        reason: String,
    },
    /// The headings are not those of such a table.
    #[error("{file}: {rule}")]
    Headings {
        /// Which file.
        file: Input,
        /// The rule they break.
        rule: String,
    },
    /// A cell or row is not what it must be.
    #[error("{file}, {place}: {rule}")]
    Row {
        /// Which file.
        file: Input,
        /// `line 12` or `row 12`, with the column when it is one cell's fault.
        place: String,
        /// The rule it breaks.
        rule: String,
    },
    /// There is a register already.
    #[error("there is a register in that folder already")]
    Exists,
    /// The dictionary cannot serve.
    #[error("the dictionary: {0}")]
    Dictionary(String),
    /// Something could not be written.
    #[error("cannot write {file}: {reason}")]
    Unwritable {
        /// Which file of the register.
        file: String,
        /// Why.
        reason: String,
    },
    /// What was written is no sound register.
    #[error(transparent)]
    Register(#[from] RegisterError),
}

/// Imports, calling `progress` with what is being done and the rows done so far.
///
/// # Errors
/// When a file cannot be read, breaks a rule, or the register cannot be written. Nothing is left
/// behind then, and a register that was to be replaced is as it was.
pub fn import(
    what: &Import,
    progress: &mut dyn FnMut(&'static str, u64),
) -> Result<Imported, ImportError> {
    let place = place::Place::prepare(&what.out, what.replace)?;
    let described = dictionary::Described::read(what)?;
    let source = source::Source::open(Input::Persons, &what.persons)?;
    let (ids, persons) = persons::import(&source, place.staging(), progress)?;
    let events = match &what.events {
        Some(path) => {
            let source = source::Source::open(Input::Events, path)?;
            let to = place.staging();
            Some(events::import(&source, &ids, &described, to, progress)?)
        }
        None => None,
    };
    let dictionary = described.completed(what.today, &persons, events.as_ref());
    place.write_text(super::DICTIONARY_FILE, &dictionary)?;
    progress("indexing persons", 0);
    let index = ParquetRegister::open(place.staging())?.reindex()?;
    let imported = Imported {
        people: ids.people(),
        records: persons.rows,
        aliases: persons.rows - ids.people(),
        text_ids: ids.are_texts(),
        dob_in_no_calendar: persons.dob_in_no_calendar,
        dob_unreadable: persons.dob_unreadable,
        persons_columns_left_out: persons.left_out,
        events: events.as_ref().map(|e| e.rows),
        events_columns_shut: events.map_or_else(Vec::new, |e| e.shut),
        index_bytes: index.to_bytes().len() as u64,
    };
    place.keep()?;
    Ok(imported)
}
