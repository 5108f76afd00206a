//! Facts recorded as name and value, as tables for people.

use super::narrative::{capital, in_sentence};
use super::numbers::fixed;
use super::table::{Table, number, text};
use crate::disclosure::findings::Findings;
use serde_json::{Map, Value};

/// Facts about the data, a table a source; those with nothing recorded are left out.
pub fn quality_tables(findings: &Findings) -> Vec<Table> {
    let q = &findings.quality;
    [
        ("file", "The list of participants", &q.cohort),
        ("register", "The register", &q.register),
        ("links", "Finding people in the register", &q.linkage),
    ]
    .into_iter()
    .filter(|(_, _, facts)| !facts.is_empty())
    .map(|(id, caption, facts)| {
        let mut table = Table::new(format!("quality-{id}"), caption, &["Fact", "Value"]);
        flatten(&mut table, "", facts);
        table
    })
    .collect()
}

fn flatten(table: &mut Table, within: &str, facts: &Map<String, Value>) {
    for (key, value) in facts {
        let name = match within.is_empty() {
            true => capital(&key.replace('_', " ")),
            false => format!("{within}: {}", in_sentence(&key.replace('_', " "))),
        };
        match value {
            Value::Object(inner) => flatten(table, &name, inner),
            Value::Array(list) => {
                let list: Vec<String> = list.iter().map(plain).collect();
                table.row(name, vec![text(list.join(", "))]);
            }
            Value::Number(_) => table.row(name, vec![number(plain(value))]),
            other => table.row(name, vec![text(plain(other))]),
        }
    }
}

fn plain(value: &Value) -> String {
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
