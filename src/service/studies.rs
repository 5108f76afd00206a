//! The studies that a service offers: a folder of study files, read once.

use crate::study::{Study, StudyError};
use std::collections::BTreeMap;
use std::path::Path;

/// A study that can be asked for.
pub struct Offered {
    /// Its id.
    pub id: String,
    /// What it asks.
    pub title: String,
    /// justice, employment ...
    pub domain: String,
    /// Its findings wait for a steward's approval.
    pub needs_release: bool,
    /// The study file.
    pub text: String,
}

/// All of them, by id.
pub struct Studies(BTreeMap<String, Offered>);

/// Why there are none.
#[derive(Debug, thiserror::Error)]
pub enum StudiesError {
    /// The folder, or a file of it, cannot be read.
    #[error("the folder of studies cannot be read: {0}")]
    Unreadable(String),
    /// A file is no study.
    #[error(transparent)]
    Invalid(#[from] StudyError),
    /// Two files say they are one study.
    #[error("two files are the study `{0}`: an id is had once")]
    Twice(String),
    /// None is left.
    #[error("the folder holds no study of a held register (files that end in .toml)")]
    None,
}

impl Studies {
    /// Reads a folder's study files (`*.toml`); those that analyse a table of one's own, and files
    /// that are no study but a linkage model, are passed over.
    ///
    /// # Errors
    /// What is wrong with the first bad one.
    pub fn read(entries: impl IntoIterator<Item = (String, String)>) -> Result<Studies, StudiesError> {
        let mut all = BTreeMap::new();
        for (name, text) in entries {
            if !is_study(&text) {
                continue;
            }
            let study = Study::parse(&text, Path::new(&name))?;
            if study.table.is_some() {
                continue;
            }
            let offered = Offered {
                id: study.id.clone(),
                title: study.title.clone(),
                domain: study.domain.clone(),
                needs_release: study.disclosure.approval,
                text,
            };
            if let Some(twice) = all.insert(study.id, offered) {
                return Err(StudiesError::Twice(twice.id));
            }
        }
        match all.is_empty() {
            true => Err(StudiesError::None),
            false => Ok(Studies(all)),
        }
    }

    /// One of them.
    pub fn get(&self, id: &str) -> Option<&Offered> {
        self.0.get(id)
    }

    /// All, by id.
    pub fn all(&self) -> impl Iterator<Item = &Offered> {
        self.0.values()
    }
}

/// Linkage models lie in the same folder and say what schema they have.
fn is_study(text: &str) -> bool {
    text.parse::<toml::Table>()
        .is_ok_and(|t| t.contains_key("outcomes") || t.contains_key("eligibility"))
        || text.contains("[[outcomes]]")
}
