//! The studies that a service offers: a folder's files, read once.

use crate::comparison::{RULES, Rules, StepsError};
use crate::study::{Study, StudyError};
use std::collections::BTreeMap;

/// A study that can be asked for.
#[derive(Debug, Clone)]
pub struct Offered {
    /// Its id.
    pub id: String,
    /// What it asks.
    pub title: String,
    /// justice, employment ...
    pub domain: String,
    /// Its findings wait for a steward's approval.
    pub needs_release: bool,
    /// Its findings are under disclosure control: none leaves before its release is on record.
    pub guarded: bool,
    /// The study file.
    pub text: String,
    /// The linkage model that it names.
    pub linkage_model: Option<String>,
    /// Its deciding outcome.
    pub outcome: Deciding,
}

/// The outcome that decides.
#[derive(Debug, Clone)]
pub struct Deciding {
    /// Its name.
    pub name: String,
    /// What published tables call it.
    pub published_as: Vec<String>,
}

/// The rules for next steps in a folder of studies.
pub const RULES_FILE: &str = "next_steps.toml";

/// All of them, by id, and the rules for next steps beside them.
#[derive(Debug)]
pub struct Studies {
    all: BTreeMap<String, Offered>,
    rules: Rules,
}

/// Why there are none.
#[derive(Debug, thiserror::Error)]
pub enum StudiesError {
    /// A file is no study.
    #[error(transparent)]
    Invalid(#[from] StudyError),
    /// A study names a linkage model that is not there.
    #[error("the study `{study}` names a linkage model that does not lie beside it")]
    NoModel {
        /// Its id.
        study: String,
    },
    /// Two files say they are one study.
    #[error("two files are the study `{0}`: an id is had once")]
    Twice(String),
    /// The rules for next steps cannot be used.
    #[error("{RULES_FILE}: {0}")]
    Rules(#[from] StepsError),
    /// None is left.
    #[error("there is no study of a held register (a file that ends in .toml)")]
    None,
}

impl Studies {
    /// Out of the files (name, text) of a folder; [`RULES_FILE`] among them has the rules for next steps.
    /// Passed over are studies of a table of one's own,
    /// and files that are no study: linkage models.
    ///
    /// # Errors
    /// What is wrong with the first bad one.
    pub fn of(files: &[(String, String)]) -> Result<Studies, StudiesError> {
        let mut all = BTreeMap::new();
        let mut rules = RULES;
        for (name, text) in files {
            if name == RULES_FILE {
                rules = text;
                continue;
            }
            if !is_study(name, text) {
                continue;
            }
            let study = Study::parse(name, text)?;
            if study.table.is_some() {
                continue;
            }
            let model = study.linkage.model.as_ref().map(|named| {
                let beside = files.iter().find(|(name, _)| *name == named.name);
                beside.map(|(_, text)| text.clone())
            });
            let linkage_model = match model {
                Some(None) => return Err(StudiesError::NoModel { study: study.id }),
                model => model.flatten(),
            };
            let outcome = Deciding {
                name: study.primary().name.clone(),
                published_as: study.primary().published_as.clone(),
            };
            let offered = Offered {
                outcome,
                id: study.id.clone(),
                title: study.title,
                domain: study.domain,
                needs_release: needs_release(text),
                guarded: study.disclosure.mode.guards(),
                text: text.clone(),
                linkage_model,
            };
            if let Some(twice) = all.insert(study.id, offered) {
                return Err(StudiesError::Twice(twice.id));
            }
        }
        match all.is_empty() {
            true => Err(StudiesError::None),
            false => Ok(Studies {
                all,
                rules: Rules::read(rules)?,
            }),
        }
    }

    /// The rules for next steps.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// One of them.
    pub fn get(&self, id: &str) -> Option<&Offered> {
        self.all.get(id)
    }

    /// All, by id.
    pub fn all(&self) -> impl Iterator<Item = &Offered> {
        self.all.values()
    }
}

/// Linkage models lie in the same folder. Everything else that ends in `.toml` must be a study: a
/// file that cannot be parsed is told of, not passed over.
fn is_study(name: &str, text: &str) -> bool {
    let table = text.parse::<toml::Table>();
    name.ends_with(".toml") && table.is_ok_and(|t| !t.contains_key("schema"))
}

/// A steward approves each release unless the study says otherwise.
fn needs_release(text: &str) -> bool {
    let table: toml::Table = text.parse().unwrap_or_default();
    let approval = table.get("disclosure").and_then(|d| d.get("approval"));
    approval.and_then(toml::Value::as_bool).unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn models() -> Vec<(String, String)> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models");
        let files = std::fs::read_dir(folder).unwrap();
        let read = |path: std::path::PathBuf| {
            let name = path.file_name()?.to_str()?.to_owned();
            Some((name, std::fs::read_to_string(&path).unwrap()))
        };
        files.filter_map(|f| read(f.unwrap().path())).collect()
    }

    #[test]
    fn studies_of_the_held_register_are_offered_and_others_are_not() {
        let studies = Studies::of(&models()).unwrap();
        assert!(studies.get("reoffending").is_some());
        assert!(studies.get("reoffending").unwrap().needs_release);
        assert!(studies.all().all(|s| !s.id.contains("lalonde")));
        assert!(studies.get("no-such").is_none());
    }

    #[test]
    fn one_id_is_one_study() {
        let mut twice = models();
        let again = twice.iter().find(|(n, _)| n == "reoffending.toml");
        let again = again.unwrap().1.clone();
        twice.push(("again.toml".into(), again));
        let refused = Studies::of(&twice).unwrap_err();
        assert!(matches!(refused, StudiesError::Twice(id) if id == "reoffending"));
        assert!(matches!(Studies::of(&[]), Err(StudiesError::None)));
    }
}
