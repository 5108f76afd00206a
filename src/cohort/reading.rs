//! What the rows of a file are read for: which columns have to be there, and what makes a row
//! somebody who can be looked for.

use super::headings::{Field, Mapping};
use crate::study::{LinkageKey, LinkageMethod, Study};

/// What is asked of a file.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The ways of finding a person exactly.
    pub(super) keys: Vec<LinkageKey>,
    /// People are also found by likeness: a name and one thing more will do.
    pub(super) by_likeness: bool,
    /// Everybody has a programme start, and is of an age that can have one.
    pub(super) needs_start: bool,
    /// Fewest people a file must have.
    pub(super) min_people: u64,
    /// Columns of the list itself that analyses go by.
    pub(super) of_list: Vec<Field>,
    /// What its columns are, where somebody has said so.
    pub(super) mapping: Option<Mapping>,
}

/// The columns of the list that the study's analyses go by.
pub(super) fn of_list(study: &Study) -> Vec<Field> {
    let asked = |field: &Field| {
        study.analyses.iter().any(|a| match field {
            Field::Completed => a.completed.is_some(),
            _ => a.each_site,
        })
    };
    [Field::Completed, Field::Site]
        .into_iter()
        .filter(asked)
        .collect()
}

impl Reading {
    /// What a study asks: a programme start, one of its linkage keys (or, where it finds people by
    /// probability, a name and one thing more), and as many people as its disclosure rules want.
    pub fn of(study: &Study) -> Reading {
        Reading {
            keys: study.linkage.keys.clone(),
            by_likeness: study.linkage.method == LinkageMethod::Probabilistic,
            needs_start: true,
            min_people: match study.disclosure.mode.guards() {
                false => 1,
                true => study.disclosure.min_submitted.into(),
            },
            of_list: of_list(study),
            mapping: None,
        }
    }

    /// What linkage alone asks, without a study: anything people can be told apart by. Programme
    /// starts are not read, and [`super::Participant::start`] means nothing.
    pub fn for_linkage() -> Reading {
        Reading {
            keys: vec![
                LinkageKey::PncId,
                LinkageKey::PrisonNumber,
                LinkageKey::NameAndDob,
            ],
            by_likeness: true,
            needs_start: false,
            min_people: 1,
            of_list: Vec::new(),
            mapping: None,
        }
    }

    /// The same, with people found by likeness too or not.
    pub fn by_likeness(self, by_likeness: bool) -> Reading {
        Reading {
            by_likeness,
            ..self
        }
    }

    /// The same, with columns as a saved mapping says.
    pub fn mapped(self, mapping: Option<Mapping>) -> Reading {
        Reading { mapping, ..self }
    }

    /// Can somebody be found by what `has` says is known?
    pub(super) fn can_find(&self, has: impl Fn(Field) -> bool) -> bool {
        let exactly = self.keys.iter().any(|key| match key {
            LinkageKey::PncId => has(Field::PncId),
            LinkageKey::PrisonNumber => has(Field::PrisonNumber),
            LinkageKey::NameAndDob => [Field::Forename, Field::Surname, Field::Dob]
                .into_iter()
                .all(&has),
        });
        let named = has(Field::Forename) || has(Field::Surname);
        let known = [Field::Forename, Field::Surname, Field::Dob, Field::Postcode];
        let alike = named && known.into_iter().filter(|&f| has(f)).count() >= 2
            || has(Field::PncId)
            || has(Field::PrisonNumber);
        exactly || self.by_likeness && alike
    }

    /// What would make people findable, for a remedy.
    pub(super) fn ways_to_find(&self) -> String {
        let mut ways: Vec<&str> = self
            .keys
            .iter()
            .map(|key| match key {
                LinkageKey::PncId => "pnc_id",
                LinkageKey::PrisonNumber => "prison_number",
                LinkageKey::NameAndDob => "forename, surname and dob",
            })
            .collect();
        if self.by_likeness {
            ways.push("surname and postcode");
        }
        ways.join(", or ")
    }
}
