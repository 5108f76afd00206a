//! Results of one programme over time.

use super::Read;
use super::gather::fold;
use crate::comparison::When;
use std::collections::BTreeMap;

/// One result of several.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesPoint {
    /// When it is of.
    pub when: When,
    /// As a share.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
    /// Participants.
    pub people: Option<u64>,
}

/// Results of one programme at several times.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The programme.
    pub name: String,
    /// What kind of programme.
    pub kind: Option<String>,
    /// Its results.
    pub points: Vec<SeriesPoint>,
}

impl Series {
    /// Whether a result of this name is one of it.
    pub fn is_about(&self, name: &str) -> bool {
        let (name, own) = (fold(name), fold(&self.name));
        // A date or a place may stand behind a name that several results have.
        name == own
            || name
                .strip_prefix(&own)
                .is_some_and(|rest| rest.starts_with(" ("))
    }
}

/// Results under one name, exactly, that can be used and are of different times.
pub(super) fn of(rows: &[Read]) -> Vec<Series> {
    let mut by_name: BTreeMap<String, Series> = BTreeMap::new();
    for row in rows {
        let (Ok(found), Some(when)) = (&row.found, row.when()) else {
            continue;
        };
        let series = by_name.entry(fold(&row.name)).or_insert_with(|| Series {
            name: row.name.trim().to_owned(),
            kind: row.kind.clone(),
            points: Vec::new(),
        });
        series.points.push(SeriesPoint {
            when,
            estimate: found.estimate,
            se: found.se,
            people: row.n_treatment,
        });
    }
    let several = |s: &Series| {
        let mut times = s.points.iter().map(|p| p.when.years());
        let first = times.next();
        times.any(|t| Some(t) != first)
    };
    by_name.into_values().filter(several).collect()
}
