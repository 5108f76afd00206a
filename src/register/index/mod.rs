//! The register's records, indexed for linkage: every distinct name once, records as numbers, and
//! for each blocking key the rows it finds. Built in one pass over the persons table, kept in a
//! file, mapped into memory: the same bytes and the same answers either way.
//!
//! About 140 bytes a person (see the README); a look-up by text is a binary search, by blocking key
//! O(1) and its rows.

mod build;
mod candidates;
mod check;
mod file;
mod intern;
mod keys;
mod layout;
mod postings;
mod source;
mod vouched;

pub(crate) use build::IndexBuilder;
pub use file::INDEX_FILE;
pub(crate) use file::{fresh, made};
pub(super) use intern::Interner;
pub use vouched::Vouched;

use super::PersonKey;
use crate::identity::{Dob, Record};
use layout::{Laid, Posting, Section, posting};
use postings::Postings;
use std::borrow::Cow;

/// The index of a register's persons. Not printable.
///
/// ```compile_fail,E0277
/// fn show(index: &counterpart::register::RegisterIndex) {
///     println!("{index:?}");
/// }
/// ```
pub struct RegisterIndex {
    laid: Laid,
}

/// The numbers of a record's texts; 0 is "not known".
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Interned {
    /// Of the forename.
    pub forename: u32,
    /// Of the surname.
    pub surname: u32,
    /// Of the postcode.
    pub postcode: u32,
}

/// How the index file of a register stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexState {
    /// There is none: linkage builds one in memory each time.
    Absent,
    /// Made from another persons table, or by another version: not used.
    Stale,
    /// It cannot be read.
    Damaged,
    /// Made from the persons table beside it.
    Fresh,
}

/// Why an index cannot be made or read.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq)]
pub enum IndexError {
    /// Some other file.
    #[error("it is no index of a register")]
    NoIndex,
    /// Made by another version.
    #[error("it was made by another version of this program")]
    OtherVersion,
    /// Cut short, changed, or made up.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
    /// The persons table has changed since.
    #[error("it was made from another persons.parquet than the one beside it")]
    Stale,
    /// More than 32-bit numbers count.
    #[error("the register has more records, or more text, than an index can number")]
    TooLarge,
}

/// A column of distinct texts.
#[derive(Clone, Copy)]
struct Column {
    text: Section,
    ends: Section,
    counts: Section,
}

const FORENAMES: Column = Column {
    text: Section::ForenameText,
    ends: Section::ForenameEnds,
    counts: Section::ForenameCounts,
};
const SURNAMES: Column = Column {
    text: Section::SurnameText,
    ends: Section::SurnameEnds,
    counts: Section::SurnameCounts,
};
const POSTCODES: Column = Column {
    text: Section::PostcodeText,
    ends: Section::PostcodeEnds,
    counts: Section::PostcodeCounts,
};

impl RegisterIndex {
    /// Indexes records that are in their normal form already, with whose they are.
    ///
    /// # Errors
    /// When there are more than 2^32 of them, or more than 4 GB of text.
    pub fn of_records<'a>(
        records: impl IntoIterator<Item = (PersonKey, Record<'a>)>,
    ) -> Result<RegisterIndex, IndexError> {
        let mut builder = IndexBuilder::new();
        for (person, record) in records {
            builder.push_record(person.0, &record)?;
        }
        builder.finish()
    }

    /// From bytes that [`RegisterIndex::to_bytes`] gave, or anybody made up.
    ///
    /// # Errors
    /// When they are no index, of another version, or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<RegisterIndex, IndexError> {
        RegisterIndex::sound(Laid::copied(bytes)?)
    }

    /// All of it, as it is written to a file: the same bytes from the same records, on any number
    /// of threads.
    pub fn to_bytes(&self) -> &[u8] {
        self.laid.bytes()
    }

    /// Records; a person may have several.
    pub fn rows(&self) -> u32 {
        // Checked when it was made or read.
        self.laid.header.rows as u32
    }

    /// Distinct persons.
    pub fn people(&self) -> u64 {
        self.laid.header.people
    }

    /// A record, borrowed; empty beyond the last.
    pub fn record(&self, row: u32) -> Record<'_> {
        let ids = self.ids(row);
        Record {
            forename: self.forename(ids.forename),
            surname: self.surname(ids.surname),
            dob: self.dob(row),
            sex: self.at::<u8>(Section::Sex, row),
            postcode: self.postcode(ids.postcode),
            pnc_id: self.text(Section::PncText, Section::PncEnds, row),
            prison_number: self.text(Section::PrisonText, Section::PrisonEnds, row),
        }
    }

    /// The numbers of a record's texts.
    pub fn ids(&self, row: u32) -> Interned {
        Interned {
            forename: self.at(Section::Forename, row),
            surname: self.at(Section::Surname, row),
            postcode: self.at(Section::Postcode, row),
        }
    }

    /// Date of birth of a record.
    pub fn dob(&self, row: u32) -> Dob {
        let dobs: &[Dob] = self.laid.numbers(Section::Dob as usize);
        dobs.get(row as usize).copied().unwrap_or(Dob::MISSING)
    }

    /// Whose record it is.
    pub fn person(&self, row: u32) -> PersonKey {
        let narrow = self.laid.section(Section::Person as usize).len() == 4 * self.rows() as usize;
        PersonKey(match narrow {
            true => self.at::<u32>(Section::Person, row).into(),
            false => self.at(Section::Person, row),
        })
    }

    /// The person's id as the department wrote it.
    pub fn external_id(&self, row: u32) -> Cow<'_, str> {
        match self.laid.section(Section::IdEnds as usize).is_empty() {
            true => Cow::Owned(self.person(row).0.to_string()),
            false => Cow::Borrowed(self.text(Section::IdText, Section::IdEnds, row)),
        }
    }

    /// Distinct forenames; 0, "not known", is one.
    pub fn forenames(&self) -> u32 {
        self.distinct(FORENAMES)
    }

    /// Distinct surnames; 0, "not known", is one.
    pub fn surnames(&self) -> u32 {
        self.distinct(SURNAMES)
    }

    /// Distinct postcodes; 0, "not known", is one.
    pub fn postcodes(&self) -> u32 {
        self.distinct(POSTCODES)
    }

    /// The forename of a number; empty when there is none.
    pub fn forename(&self, id: u32) -> &str {
        self.text(FORENAMES.text, FORENAMES.ends, id)
    }

    /// The surname of a number; empty when there is none.
    pub fn surname(&self, id: u32) -> &str {
        self.text(SURNAMES.text, SURNAMES.ends, id)
    }

    /// The postcode of a number; empty when there is none.
    pub fn postcode(&self, id: u32) -> &str {
        self.text(POSTCODES.text, POSTCODES.ends, id)
    }

    /// The number of a forename in its normal form; `None` when nobody has it.
    pub fn forename_id(&self, text: &str) -> Option<u32> {
        self.id(FORENAMES, text)
    }

    /// The number of a surname in its normal form; `None` when nobody has it.
    pub fn surname_id(&self, text: &str) -> Option<u32> {
        self.id(SURNAMES, text)
    }

    /// The number of a postcode in its normal form; `None` when nobody has it.
    pub fn postcode_id(&self, text: &str) -> Option<u32> {
        self.id(POSTCODES, text)
    }

    /// Records with that forename.
    pub fn forename_count(&self, id: u32) -> u32 {
        self.at(FORENAMES.counts, id)
    }

    /// Records with that surname.
    pub fn surname_count(&self, id: u32) -> u32 {
        self.at(SURNAMES.counts, id)
    }

    /// Records with that postcode.
    pub fn postcode_count(&self, id: u32) -> u32 {
        self.at(POSTCODES.counts, id)
    }

    /// Records with that date of birth; for the missing one, 0.
    pub fn dob_count(&self, dob: Dob) -> u32 {
        if dob.is_missing() {
            return 0;
        }
        let hash = intern::mixed(dob.expose().into());
        let rows = self.postings(keys::DOB).rows(hash);
        rows.iter().filter(|&&row| self.dob(row) == dob).count() as u32
    }

    fn postings(&self, key: usize) -> Postings<'_> {
        Postings {
            starts: self.laid.numbers(posting(key, Posting::Starts)),
            rows: self.laid.numbers(posting(key, Posting::Rows)),
            tags: self.laid.section(posting(key, Posting::Tags)),
        }
    }

    /// A number of a column; 0 beyond the last.
    fn at<T: bytemuck::Pod>(&self, section: Section, at: u32) -> T {
        let numbers: &[T] = self.laid.numbers(section as usize);
        numbers.get(at as usize).copied().unwrap_or_else(T::zeroed)
    }

    fn distinct(&self, column: Column) -> u32 {
        let ends: &[u32] = self.laid.numbers(column.ends as usize);
        ends.len() as u32
    }

    /// A text; empty beyond the last, and when a file changed underneath makes it none.
    fn text(&self, arena: Section, ends: Section, at: u32) -> &str {
        let ends: &[u32] = self.laid.numbers(ends as usize);
        let at = at as usize;
        let start = match at {
            0 => 0,
            _ => ends.get(at - 1).map_or(0, |&end| end as usize),
        };
        let end = ends.get(at).map_or(0, |&end| end as usize);
        let text = self.laid.section(arena as usize).get(start..end);
        text.and_then(|text| std::str::from_utf8(text).ok())
            .unwrap_or("")
    }

    fn id(&self, column: Column, text: &str) -> Option<u32> {
        let (mut low, mut high) = (0, self.distinct(column));
        while low < high {
            let middle = low + (high - low) / 2;
            match self.text(column.text, column.ends, middle).cmp(text) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}
