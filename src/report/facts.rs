//! Facts recorded as name and value, as tables for people.

use super::narrative::{capital, in_sentence};
use super::numbers::fixed;
use super::table::{Table, number, text};
use crate::disclosure::findings::Findings;
use serde_json::{Map, Value};

/// What is recorded about one thing.
pub struct Source<'f> {
    id: &'static str,
    /// The thing.
    pub caption: &'static str,
    /// As recorded.
    pub facts: &'f Map<String, Value>,
}

/// The list, the register and the links; those with nothing recorded are left out.
pub fn sources(findings: &Findings) -> Vec<Source<'_>> {
    let q = &findings.quality;
    let all = [
        ("file", "The list of participants", &q.cohort),
        ("register", "The register", &q.register),
        ("links", "Finding people in the register", &q.linkage),
    ];
    let source = |(id, caption, facts)| Source { id, caption, facts };
    let all = all.into_iter().map(source);
    all.filter(|s| !s.facts.is_empty()).collect()
}

/// Facts about the data, a table a source.
pub fn quality_tables(findings: &Findings) -> Vec<Table> {
    let table = |source: &Source| {
        let id = format!("quality-{}", source.id);
        let mut table = Table::new(id, source.caption, &["Fact", "Value"]);
        for (name, value) in named(source.facts) {
            let cell = match value {
                Value::Number(_) => number(plain(value)),
                other => text(plain(other)),
            };
            table.row(name, vec![cell]);
        }
        table
    };
    sources(findings).iter().map(table).collect()
}

/// Every fact by a name for people, those within others after them; no value is an object.
pub fn named(facts: &Map<String, Value>) -> Vec<(String, &Value)> {
    let mut named = Vec::new();
    flatten(&mut named, "", facts);
    named
}

fn flatten<'f>(named: &mut Vec<(String, &'f Value)>, within: &str, facts: &'f Map<String, Value>) {
    for (key, value) in facts {
        let name = match within.is_empty() {
            true => capital(&key.replace('_', " ")),
            false => format!("{within}: {}", in_sentence(&key.replace('_', " "))),
        };
        match value {
            Value::Object(inner) => flatten(named, &name, inner),
            other => named.push((name, other)),
        }
    }
}

/// A value in words.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => "not known".into(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.into(),
        Value::String(words) => words.clone(),
        Value::Number(n) => match (n.as_i64(), n.as_f64()) {
            // A year is a number too: no comma below ten thousand.
            (Some(i), _) if i.abs() < 10_000 => i.to_string().replace('-', "\u{2212}"),
            (Some(i), _) => fixed(i as f64, 0),
            (None, Some(x)) => fixed(x, 2),
            (None, None) => n.to_string(),
        },
        // An object inside a list, the only case left: its values in order.
        Value::Object(inner) => inner.values().map(plain).collect::<Vec<_>>().join(" "),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
    }
}
