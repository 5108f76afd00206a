//! `register.toml`: what a register is, until when it has recorded, and what each column means.

use super::{RegisterError, dates};
use crate::cohort::Field;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use toml::Spanned;

/// The file's name in a register's directory.
pub const DICTIONARY_FILE: &str = "register.toml";

/// What a register says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Dictionary {
    /// One line for people.
    pub title: String,
    /// Where the data come from.
    pub source: String,
    /// Day it was made, days since 1970-01-01.
    pub made: i32,
    /// Last day recorded, days since 1970-01-01.
    pub cut_off: i32,
    /// Invented people?
    pub synthetic: bool,
    /// The columns, in file order.
    pub columns: Vec<Entry>,
}

/// One column, described.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Which table it stands in.
    pub table: Table,
    /// Its name in the file.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What it holds.
    pub kind: Kind,
    /// What it is for.
    pub role: Role,
    /// In which unit.
    pub unit: Option<String>,
}

/// The two tables of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Who people are.
    Persons,
    /// What happened to them.
    Events,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Free text.
    Text,
    /// A day.
    Date,
    /// Any number.
    Number,
    /// 0 or 1.
    Flag,
    /// One of a few names.
    Category,
    /// 0, 1, 2, ...
    Count,
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Joins the tables.
    Key,
    /// Says who somebody is; linkage only.
    Identifier,
    /// Says when.
    Date,
    /// Known at the index event; may enter a design.
    Covariate,
    /// Happened afterwards; stays shut until the design is fixed.
    Outcome,
}

impl Dictionary {
    /// Reads the text of a `register.toml`.
    ///
    /// # Errors
    /// [`RegisterError::Dictionary`] with the line, for unknown keys, dates that are none, columns
    /// described twice and roles that do not fit their table.
    pub fn parse(text: &str) -> Result<Dictionary, RegisterError> {
        let at = |span: Option<Range<usize>>, message: String| RegisterError::Dictionary {
            file: DICTIONARY_FILE.into(),
            line: line_of(text, span),
            message,
        };
        let raw: Raw =
            toml::from_str(text).map_err(|e| at(e.span(), e.message().replace('\n', "; ")))?;
        let day = |key: &str, value: &Spanned<String>| {
            dates::parse_iso(value.get_ref()).ok_or_else(|| {
                let rule = format!("`{key}` must be a date written as \"2024-06-30\"");
                at(Some(value.span()), rule)
            })
        };
        let dictionary = Dictionary {
            made: day("made", &raw.made)?,
            cut_off: day("cut_off", &raw.cut_off)?,
            title: raw.title,
            source: raw.source,
            synthetic: raw.synthetic,
            columns: raw
                .columns
                .iter()
                .map(|column| column.get_ref().entry())
                .collect(),
        };
        for (i, entry) in dictionary.columns.iter().enumerate() {
            if let Some(rule) = dictionary.broken_rule(i, entry) {
                return Err(at(Some(raw.columns[i].span()), rule));
            }
        }
        Ok(dictionary)
    }

    /// The description of a column.
    pub fn entry(&self, table: Table, name: &str) -> Option<&Entry> {
        self.columns
            .iter()
            .find(|e| e.table == table && e.name == name)
    }

    fn broken_rule(&self, i: usize, entry: &Entry) -> Option<String> {
        let name = &entry.name;
        let twice = |e: &Entry| e.table == entry.table && e.name == *name;
        if self.columns[..i].iter().any(twice) {
            return Some(format!("column `{name}` is described twice"));
        }
        match (entry.table, entry.role) {
            (Table::Persons, Role::Covariate | Role::Outcome) => Some(format!(
                "column `{name}` of persons cannot be a covariate or an outcome; those stand in events"
            )),
            (Table::Events, Role::Identifier) => Some(format!(
                "column `{name}` of events cannot be an identifier; those stand in persons"
            )),
            (Table::Events, _) if is_identifying(name) => Some(format!(
                "column `{name}` of events says who somebody is; keep it in persons alone"
            )),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    title: String,
    source: String,
    made: Spanned<String>,
    cut_off: Spanned<String>,
    synthetic: bool,
    columns: Vec<Spanned<RawEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    table: Table,
    name: String,
    label: String,
    kind: Kind,
    role: Role,
    unit: Option<String>,
}

impl RawEntry {
    fn entry(&self) -> Entry {
        Entry {
            table: self.table,
            name: self.name.clone(),
            label: self.label.clone(),
            kind: self.kind,
            role: self.role,
            unit: self.unit.clone(),
        }
    }
}

/// A covariate's levels stand in the report, so no column of events has an identifier's name. (A
/// district goes by its own name, and sex is a covariate like another.)
fn is_identifying(name: &str) -> bool {
    let mut fields = Field::ALL.into_iter();
    fields.any(|f| f.identifies() && f.name() == name)
}

fn line_of(text: &str, span: Option<Range<usize>>) -> usize {
    let start = span.map_or(0, |s| s.start).min(text.len());
    1 + text.as_bytes()[..start]
        .iter()
        .filter(|b| **b == b'\n')
        .count()
}
