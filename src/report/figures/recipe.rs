//! The numbers of a picture and how to draw them anew: a CSV table, and a Vega-Lite specification
//! (<https://vega.github.io/vega-lite/>, version 6) that holds the same rows.

use serde_json::{Map, Value, json};

/// What a picture is made of: a row a mark.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    columns: Vec<&'static str>,
    rows: Vec<Vec<Value>>,
    chart: Value,
}

const SCHEMA: &str = "https://vega.github.io/schema/vega-lite/v6.json";
/// The dark of the treatment group, the grey of the others, and the pale of what does not count.
pub(super) const DARK: &str = "#1d3f72";
pub(super) const GREY: &str = "#6b6b6b";
pub(super) const PALE: &str = "#a8a8a8";

impl Recipe {
    /// Of columns, rows of as many cells (text, numbers or null), and the parts of a specification
    /// other than its data.
    pub(super) fn new(
        columns: &[&'static str],
        rows: impl IntoIterator<Item = Vec<Value>>,
        chart: Value,
    ) -> Recipe {
        Recipe {
            columns: columns.to_vec(),
            rows: rows.into_iter().collect(),
            chart,
        }
    }

    /// The rows as CSV with a heading; full precision, missing numbers blank.
    pub fn csv(&self) -> String {
        let mut out = csv::Writer::from_writer(Vec::new());
        let mut write = |cells: Vec<String>| out.write_record(cells);
        let written =
            write(self.columns.iter().map(|c| (*c).to_owned()).collect()).and_then(|()| {
                self.rows
                    .iter()
                    .try_for_each(|row| write(row.iter().map(cell).collect()))
            });
        debug_assert!(written.is_ok());
        // Writing into memory cannot fail, and every cell came from a string.
        let bytes = out.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// The whole specification, on one line.
    pub fn vega_lite(&self, title: &str, description: &str) -> String {
        let values: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                let cells = self.columns.iter().zip(row);
                Value::Object(
                    cells
                        .map(|(c, v)| ((*c).to_owned(), v.clone()))
                        .collect::<Map<_, _>>(),
                )
            })
            .collect();
        let mut spec = json!({
            "$schema": SCHEMA,
            "title": title,
            "description": description,
            "width": 400,
            "data": { "values": values },
        });
        if let (Value::Object(spec), Value::Object(chart)) = (&mut spec, &self.chart) {
            spec.extend(chart.clone());
        }
        spec.to_string()
    }
}

/// Words as they are, but never as a formula: they may come from a study file.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(s) if s.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{s}"),
        Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}

/// Estimates with their ranges against no difference, in the order given.
pub(super) fn intervals(rows: &[super::forest::Row], unit: &str) -> Recipe {
    let weight = |row: &super::forest::Row| match row.look {
        super::forest::Look::Pale => "does not count",
        super::forest::Look::Chosen => "this report",
        super::forest::Look::Plain => "counts",
    };
    let y = json!({ "field": "label", "type": "nominal", "sort": null, "title": null, "axis": { "labelLimit": 260 } });
    let colour = json!({
        "field": "standing", "type": "nominal", "legend": null,
        "scale": { "domain": ["this report", "counts", "does not count"], "range": [DARK, DARK, PALE] },
    });
    Recipe::new(
        &["label", "estimate", "low", "high", "standing"],
        rows.iter().map(|r| {
            vec![
                json!(r.label),
                json!(r.estimate),
                json!(r.low),
                json!(r.high),
                json!(weight(r)),
            ]
        }),
        json!({ "layer": [
            { "mark": { "type": "rule", "strokeDash": [3, 3] }, "encoding": { "x": { "datum": 0 } } },
            {
                "mark": { "type": "rule", "size": 2 },
                "encoding": {
                    "y": y, "color": colour,
                    "x": { "field": "low", "type": "quantitative", "title": format!("Difference, in {unit}") },
                    "x2": { "field": "high" },
                },
            },
            {
                "mark": { "type": "point", "filled": true, "size": 70 },
                "encoding": { "y": y, "color": colour, "x": { "field": "estimate", "type": "quantitative" } },
            },
        ] }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_and_the_specification_hold_the_same_rows_and_no_formula() {
        let rows = [
            vec![json!("=a, \"b\""), json!(-0.5)],
            vec![json!("c"), Value::Null],
        ];
        let recipe = Recipe::new(&["label", "value"], rows, json!({ "mark": "bar" }));
        assert_eq!(recipe.csv(), "label,value\n\"'=a, \"\"b\"\"\",-0.5\nc,\n");
        let spec: Value = serde_json::from_str(&recipe.vega_lite("T", "D")).unwrap();
        assert_eq!(spec["data"]["values"][0]["value"], -0.5);
        assert_eq!(spec["data"]["values"][1]["value"], Value::Null);
        assert_eq!(
            (&spec["mark"], &spec["title"]),
            (&json!("bar"), &json!("T"))
        );
    }
}
