//! What comes in this program: the sample register, of invented people, and published results.

use crate::comparison::input::{About, File, InputError, read_table};

/// Names of its files, and what is in them.
pub const REGISTER: [(&str, &[u8]); 3] = [
    (
        "persons.parquet",
        include_bytes!("../../sample_data/register/persons.parquet"),
    ),
    (
        "events.parquet",
        include_bytes!("../../sample_data/register/events.parquet"),
    ),
    (
        "register.toml",
        include_bytes!("../../sample_data/register/register.toml"),
    ),
];

/// A table of results that others published.
#[derive(Debug, Clone)]
pub struct Published {
    /// Its file's name.
    pub name: String,
    /// The table, CSV.
    pub bytes: Vec<u8>,
}

impl Published {
    /// The Justice Data Lab's and the Employment Data Lab's.
    pub fn sample() -> Published {
        Published {
            name: "published results".into(),
            bytes: include_bytes!("../../sample_data/published/results.csv").to_vec(),
        }
    }

    /// As a comparison reads it.
    pub fn file(&self) -> File<'_> {
        File {
            name: &self.name,
            bytes: &self.bytes,
            about: About::default(),
        }
    }

    /// Whether it can be read.
    ///
    /// # Errors
    /// The first row that breaks a rule.
    pub fn check(&self) -> Result<(), InputError> {
        read_table(self.file())
    }
}
