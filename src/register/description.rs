//! A description of a register: what `describe` finds, in numbers that name nobody.

use super::IndexState;
use super::dictionary::{Kind, Role, Table};
use serde::Serialize;

/// A register, described.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Description {
    /// One line for people.
    pub title: String,
    /// Where the data come from.
    pub source: String,
    /// Invented people?
    pub synthetic: bool,
    /// ISO date.
    pub made: String,
    /// ISO date: the last day recorded.
    pub cut_off: String,
    /// Different people in the persons table.
    pub persons: u64,
    /// Is there an events table? Without one people can be found, and nothing compared.
    pub events_table: bool,
    /// The index for linkage.
    pub linkage_index: IndexState,
    /// Rows of the events table.
    pub events: u64,
    /// People with an event.
    pub people_with_events: u64,
    /// People with more than one.
    pub people_with_several_events: u64,
    /// ISO date of the first event; `None` when there are none.
    pub first_event: Option<String>,
    /// ISO date of the last event up to the cut-off; `None` when there are none.
    pub last_event: Option<String>,
    /// The columns, in the dictionary's order.
    pub columns: Vec<ColumnDescription>,
    /// How good the data are.
    pub quality: Vec<Fact>,
}

/// A column, described.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnDescription {
    /// Table.
    pub table: Table,
    /// Name in the file.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What it holds.
    pub kind: Kind,
    /// What it is for.
    pub role: Role,
    /// Unit.
    pub unit: Option<String>,
    /// Rows that have a value, 0-100, rounded down to one decimal; `None` for an empty table.
    pub complete_percent: Option<f64>,
    /// Categories: how many different ones.
    pub levels: Option<u64>,
    /// Mean of numbers, three significant figures (flags: the share, two decimals).
    pub mean: Option<f64>,
    /// Lower quartile, median, upper quartile of numbers, three significant figures.
    pub quartiles: Option<[f64; 3]>,
}

/// A fact about the quality of the data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fact {
    /// Stable name, `snake_case`.
    pub name: String,
    /// In words.
    pub label: String,
    /// How many rows it is true of.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// Does it make the register unusable?
    pub fatal: bool,
}

impl Fact {
    pub(super) fn new(name: &str, label: &str, count: usize, of: usize) -> Fact {
        Fact {
            name: name.into(),
            label: label.into(),
            count: count as u64,
            of: of as u64,
            fatal: false,
        }
    }

    pub(super) fn fatal_if(mut self, fatal: bool) -> Fact {
        self.fatal = fatal;
        self
    }
}

impl Description {
    /// Can the register serve at all?
    pub fn usable(&self) -> bool {
        !self.quality.iter().any(|fact| fact.fatal)
    }

    /// The facts as name -> count, for a report.
    pub fn quality_map(&self) -> serde_json::Map<String, serde_json::Value> {
        let counts = self.quality.iter();
        counts.map(|f| (f.name.clone(), f.count.into())).collect()
    }
}
