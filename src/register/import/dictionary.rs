//! The dictionary of an imported register: what the department described, completed. A column of
//! events that nobody described is an outcome: shut until a design is fixed, so that nothing that
//! happened afterwards can enter one unnoticed.

use super::events::Events;
use super::persons::Persons;
use super::{Import, ImportError};
use crate::register::parquet::{DOB_DIGITS, EVENT_DATE, EXTERNAL_ID, PERSON_ID};
use crate::register::table::in_words;
use crate::register::{Dictionary, Entry, Kind, RegisterError, Role, Table, dates};
use std::fmt::Write as _;

/// What was described beforehand, if anything.
pub(super) struct Described(Option<Dictionary>);

impl Described {
    pub fn read(what: &Import) -> Result<Described, ImportError> {
        let Some(path) = &what.dictionary else {
            return Ok(Described(None));
        };
        let text = std::fs::read_to_string(path).map_err(|e| {
            let reason = in_words(e.kind());
            ImportError::Dictionary(format!("it cannot be read: {reason}"))
        })?;
        let dictionary = Dictionary::parse(&text).map_err(|e| match e {
            RegisterError::Dictionary { line, message, .. } => {
                ImportError::Dictionary(format!("line {line}: {message}"))
            }
            other => other.into(),
        })?;
        let mut columns = dictionary.columns.iter();
        if what.events.is_none() && columns.any(|entry| entry.table == Table::Events) {
            let rule = "it describes columns of events, but no events are given";
            return Err(ImportError::Dictionary(rule.into()));
        }
        Ok(Described(Some(dictionary)))
    }

    /// The description of a column of events.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.0.as_ref()?.entry(Table::Events, name)
    }

    /// The text of `register.toml`.
    pub fn completed(&self, today: i32, persons: &Persons, events: Option<&Events>) -> String {
        let last = events.and_then(|e| e.last).unwrap_or(today);
        let dictionary = Dictionary {
            title: "A register made from a department's own tables".into(),
            source: "counterpart register import".into(),
            made: today,
            cut_off: last,
            synthetic: false,
            columns: Vec::new(),
        };
        let mut dictionary = self.0.clone().unwrap_or(dictionary);
        let described = std::mem::take(&mut dictionary.columns);
        let entry = |table: Table, name: &str| {
            let mut all = described.iter();
            all.find(|e| e.table == table && e.name == name).cloned()
        };
        for name in &persons.columns {
            let made = || person_entry(name);
            let column = entry(Table::Persons, name).unwrap_or_else(made);
            dictionary.columns.push(column);
        }
        if let Some(events) = events {
            let fixed = [
                (PERSON_ID, Kind::Number, Role::Key, "Person"),
                (EVENT_DATE, Kind::Date, Role::Date, "Day of the event"),
            ];
            for (name, kind, role, label) in fixed {
                let made = || new_entry(Table::Events, name, label, kind, role);
                let column = entry(Table::Events, name).unwrap_or_else(made);
                dictionary.columns.push(column);
            }
            for (name, kind) in &events.columns {
                let made = || new_entry(Table::Events, name, name, *kind, Role::Outcome);
                let column = entry(Table::Events, name).unwrap_or_else(made);
                dictionary.columns.push(column);
            }
            // What it describes and the file lacks is told when the register is opened.
            let written = |e: &&Entry| dictionary.columns.contains(e);
            let lacking = described
                .iter()
                .filter(|e| e.table == Table::Events && !written(e));
            let lacking: Vec<Entry> = lacking.cloned().collect();
            dictionary.columns.extend(lacking);
        }
        text(&dictionary)
    }
}

fn person_entry(name: &str) -> Entry {
    let (label, kind, role) = match name {
        PERSON_ID => ("Person", Kind::Number, Role::Key),
        EXTERNAL_ID => (
            "Person, as the department writes it",
            Kind::Text,
            Role::Identifier,
        ),
        "dob" => ("Date of birth", Kind::Date, Role::Identifier),
        DOB_DIGITS => (
            "Date of birth that no calendar has, YYYYMMDD",
            Kind::Number,
            Role::Identifier,
        ),
        "sex" => ("Sex", Kind::Category, Role::Identifier),
        "forename" => ("Forename", Kind::Text, Role::Identifier),
        "surname" => ("Surname", Kind::Text, Role::Identifier),
        "postcode" => ("Postcode", Kind::Text, Role::Identifier),
        "pnc_id" => ("Police National Computer id", Kind::Text, Role::Identifier),
        _ => ("Prison number", Kind::Text, Role::Identifier),
    };
    new_entry(Table::Persons, name, label, kind, role)
}

fn new_entry(table: Table, name: &str, label: &str, kind: Kind, role: Role) -> Entry {
    Entry {
        table,
        name: name.into(),
        label: label.into(),
        kind,
        role,
        unit: None,
    }
}

fn text(d: &Dictionary) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "title = {}\nsource = {}\nmade = \"{}\"\ncut_off = \"{}\"\nsynthetic = {}\n\n\
         # Covariates are known at the index event and may enter a design; outcomes stay shut until\n\
         # one is fixed. A column that nobody described is an outcome: describe it here.\n\
         columns = [\n",
        quoted(&d.title),
        quoted(&d.source),
        dates::iso(d.made),
        dates::iso(d.cut_off),
        d.synthetic
    );
    for e in &d.columns {
        let unit = e.unit.as_ref();
        let unit = unit.map_or_else(String::new, |unit| format!(", unit = {}", quoted(unit)));
        let _ = writeln!(
            out,
            "  {{ table = {}, name = {}, label = {}, kind = {}, role = {}{unit} }},",
            word(e.table),
            quoted(&e.name),
            quoted(&e.label),
            word(e.kind),
            word(e.role)
        );
    }
    out.push_str("]\n");
    out
}

/// A unit variant as TOML has it.
fn word(variant: impl serde::Serialize) -> String {
    toml::Value::try_from(variant).map_or_else(|_| String::new(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let dictionary = Dictionary {
            title: "A \"title\"\nof two lines".into(),
            source: "C:\\somewhere".into(),
            made: 20_000,
            cut_off: 19_000,
            synthetic: true,
            columns: vec![
                person_entry(PERSON_ID),
                person_entry(DOB_DIGITS),
                new_entry(
                    Table::Events,
                    "odd \"name\"",
                    "x",
                    Kind::Flag,
                    Role::Outcome,
                ),
                Entry {
                    unit: Some("£".into()),
                    ..new_entry(Table::Events, "cost", "Cost", Kind::Number, Role::Covariate)
                },
            ],
        };
        assert_eq!(Dictionary::parse(&text(&dictionary)).unwrap(), dictionary);
    }
}
