//! A register held as a directory: `persons.parquet`, `events.parquet`, `register.toml`.

use super::dictionary::{DICTIONARY_FILE, Dictionary, Entry, Role, Table};
use super::table::{ParquetTable, Stored, in_words};
use super::{
    Events, FixedDesign, IndexError, Register, RegisterError, RegisterIndex, convert, index,
};
use crate::numeric::frame::Frame;
use std::path::{Path, PathBuf};

pub(crate) const PERSONS_FILE: &str = "persons.parquet";
pub(crate) const EVENTS_FILE: &str = "events.parquet";
pub(crate) const PERSON_ID: &str = "person_id";
/// Person ids as the department writes them, where they are not whole numbers.
pub(crate) const EXTERNAL_ID: &str = "external_id";
/// Dates of birth that no calendar has, as the number `YYYYMMDD`.
pub(crate) const DOB_DIGITS: &str = "dob_digits";
pub(crate) const EVENT_DATE: &str = "event_date";

/// Identifiers a persons table may have.
pub(crate) const IDENTIFIERS: [&str; 7] = [
    "forename",
    "surname",
    "dob",
    "sex",
    "postcode",
    "pnc_id",
    "prison_number",
];

/// A register in Parquet files. Opening reads schemas and the dictionary; data are read when asked
/// for, only the columns asked for.
#[derive(Debug)]
pub struct ParquetRegister {
    pub(crate) dir: PathBuf,
    pub(crate) dictionary: Dictionary,
    pub(crate) persons: ParquetTable,
    /// A register for linkage alone has none.
    pub(crate) events: Option<ParquetTable>,
}

impl ParquetRegister {
    /// Opens the register in a directory.
    ///
    /// # Errors
    /// When a file is missing or damaged, a key column is not there, or the dictionary describes a
    /// column that the file lacks or stores in another way.
    pub fn open(dir: &Path) -> Result<ParquetRegister, RegisterError> {
        let text = std::fs::read_to_string(dir.join(DICTIONARY_FILE)).map_err(|e| {
            RegisterError::Unreadable {
                file: DICTIONARY_FILE.into(),
                reason: in_words(e.kind()),
            }
        })?;
        let register = ParquetRegister {
            dir: dir.to_owned(),
            dictionary: Dictionary::parse(&text)?,
            persons: ParquetTable::open(dir, PERSONS_FILE)?,
            events: match dir.join(EVENTS_FILE).exists() {
                true => Some(ParquetTable::open(dir, EVENTS_FILE)?),
                false => None,
            },
        };
        register.check_schemas()?;
        Ok(register)
    }

    /// What the register says about itself.
    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    fn check_schemas(&self) -> Result<(), RegisterError> {
        self.persons.require(PERSON_ID, &[Stored::Whole])?;
        if let Some(events) = &self.events {
            events.require(PERSON_ID, &[Stored::Whole])?;
            events.require(EVENT_DATE, &[Stored::Date])?;
        }
        for name in IDENTIFIERS.iter().filter(|n| self.persons.has(n)) {
            self.persons.require(name, &[identifier_storage(name)])?;
        }
        for entry in &self.dictionary.columns {
            match entry.role {
                Role::Key => self
                    .table(entry.table)?
                    .require(&entry.name, &[Stored::Whole]),
                Role::Date => self
                    .table(entry.table)?
                    .require(&entry.name, &[Stored::Date]),
                // Sex is a category to people and text to the file; the names fix their storage.
                Role::Identifier => self.persons.stored(&entry.name),
                Role::Covariate | Role::Outcome => self
                    .events_table()?
                    .require(&entry.name, convert::storage_of(entry.kind)),
            }?;
        }
        Ok(())
    }

    pub(crate) fn table(&self, table: Table) -> Result<&ParquetTable, RegisterError> {
        match table {
            Table::Persons => Ok(&self.persons),
            Table::Events => self.events_table(),
        }
    }

    /// The events; an error in a register that people can be found in and nothing else.
    pub(crate) fn events_table(&self) -> Result<&ParquetTable, RegisterError> {
        self.events
            .as_ref()
            .ok_or_else(|| RegisterError::Unreadable {
                file: EVENTS_FILE.into(),
                reason: in_words(std::io::ErrorKind::NotFound),
            })
    }

    /// The description of a column of events that may be read before the design is fixed.
    fn covariate(&self, column: &str) -> Result<&Entry, RegisterError> {
        let entry = self.described(column)?;
        match entry.role {
            Role::Covariate | Role::Date => Ok(entry),
            Role::Outcome => Err(RegisterError::Outcome {
                column: column.into(),
            }),
            Role::Key | Role::Identifier => Err(self.events_table()?.bad(
                column,
                "says who somebody is; only covariates can enter a design",
            )),
        }
    }

    fn described(&self, column: &str) -> Result<&Entry, RegisterError> {
        let events = self.events_table()?;
        events.stored(column)?;
        self.dictionary.entry(Table::Events, column).ok_or_else(|| {
            events.bad(
                column,
                "is not described in register.toml, so nobody can tell whether it is an \
                     outcome; describe it there",
            )
        })
    }
}

/// How an identifier must be stored.
pub(crate) fn identifier_storage(name: &str) -> Stored {
    match name {
        "dob" => Stored::Date,
        _ => Stored::Text,
    }
}

impl Register for ParquetRegister {
    /// Maps the index beside the tables when it was made from this persons table; else builds one
    /// in memory. A damaged index file is refused.
    fn index(&self) -> Result<RegisterIndex, RegisterError> {
        match index::fresh(&self.dir, &self.persons) {
            Err(
                RegisterError::Unreadable { .. }
                | RegisterError::Index(IndexError::Stale | IndexError::OtherVersion),
            ) => index::made(&self.dir, &self.persons),
            done => done,
        }
    }

    fn events(&self, columns: &[String]) -> Result<Events, RegisterError> {
        let entries = columns
            .iter()
            .map(|name| self.covariate(name))
            .collect::<Result<Vec<_>, _>>()?;
        let table = self.events_table()?;
        let person = convert::keys(table, PERSON_ID)?;
        let date = convert::all_days(table, EVENT_DATE)?;
        let mut frame = Frame::new(person.len());
        for entry in entries {
            if frame.get(&entry.name).is_none() {
                frame.push(&entry.name, convert::column(table, entry)?);
            }
        }
        Ok(Events {
            person,
            date,
            frame,
            cut_off: self.dictionary.cut_off,
        })
    }

    fn outcomes(
        &self,
        _design: &dyn FixedDesign,
        columns: &[String],
        rows: &[u32],
    ) -> Result<Frame, RegisterError> {
        let table = self.events_table()?;
        let total = table.rows();
        if rows.iter().any(|&row| row as usize >= total) {
            return Err(RegisterError::Unreadable {
                file: table.file.into(),
                reason: format!("a row was asked for beyond its {total} rows"),
            });
        }
        let mut frame = Frame::new(rows.len());
        for name in columns {
            let entry = self.described(name)?;
            if matches!(entry.role, Role::Key | Role::Identifier) {
                return Err(table.bad(name, "says who somebody is; it is no outcome"));
            }
            if frame.get(name).is_none() {
                let outcome = convert::column(table, entry)?;
                frame.push(name, outcome.take(rows));
            }
        }
        Ok(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::frame::Column;
    use polars::prelude::{DataFrame, DataType, IntoColumn, NamedFrom, ParquetWriter, Series};

    /// Only inside the crate can a test stand in for a fixed design.
    struct Fixed;
    impl crate::register::sealed::Sealed for Fixed {}
    impl FixedDesign for Fixed {
        fn digest(&self) -> &str {
            "fixed"
        }
    }

    const DICTIONARY: &str = r#"
title = "t"
source = "s"
made = "2024-01-01"
cut_off = "2023-12-31"
synthetic = true
columns = [
  { table = "events", name = "again", label = "Again", kind = "flag", role = "outcome" },
  { table = "events", name = "band", label = "Band", kind = "category", role = "outcome" },
]
"#;

    fn register(dir: &Path) -> ParquetRegister {
        let write = |file: &str, columns: Vec<Series>| {
            let columns: Vec<_> = columns.into_iter().map(IntoColumn::into_column).collect();
            let mut frame = DataFrame::new_infer_height(columns).unwrap();
            let file = std::fs::File::create(dir.join(file)).unwrap();
            ParquetWriter::new(file).finish(&mut frame).unwrap();
        };
        let ids = Series::new("person_id".into(), [1u64, 2, 3]);
        let dates = Series::new("event_date".into(), [10i32, 20, 30]);
        write("persons.parquet", vec![ids.clone()]);
        write(
            "events.parquet",
            vec![
                ids,
                dates.cast(&DataType::Date).unwrap(),
                Series::new("again".into(), [Some(true), None, Some(false)]),
                Series::new("band".into(), ["a", "b", "c"]),
                Series::new("unsaid".into(), [0.5f64, 0.5, 0.5]),
            ],
        );
        std::fs::write(dir.join(DICTIONARY_FILE), DICTIONARY).unwrap();
        ParquetRegister::open(dir).unwrap()
    }

    fn asked(name: &str) -> [String; 1] {
        [name.to_owned()]
    }

    #[test]
    fn outcomes_come_in_the_order_of_the_rows_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let register = register(dir.path());
        let frame = register.outcomes(&Fixed, &asked("again"), &[2, 0, 0, 1]);
        let frame = frame.unwrap();
        let Some(Column::Number(again)) = frame.get("again") else {
            panic!("an outcome is numbers")
        };
        assert_eq!(again[..3], [0.0, 1.0, 1.0]);
        assert!(again[3].is_nan(), "a missing outcome stays missing");
    }

    #[test]
    fn rows_that_are_not_there_and_outcomes_that_are_none_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let register = register(dir.path());
        let outcomes = |name: &str, row| register.outcomes(&Fixed, &asked(name), &[row]);
        assert!(outcomes("again", 2).is_ok());
        assert!(matches!(
            outcomes("again", 3),
            Err(RegisterError::Unreadable { .. })
        ));
        assert!(matches!(
            outcomes("band", 0).unwrap().get("band"),
            Some(Column::Category { .. })
        ));
        assert!(matches!(
            outcomes("unsaid", 0),
            Err(RegisterError::BadColumn { .. })
        ));
        assert!(matches!(
            outcomes("absent", 0),
            Err(RegisterError::NoColumn { .. })
        ));
    }
}
