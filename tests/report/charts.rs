//! What comes with a picture: its numbers as CSV and how to draw it anew, tried in Vega itself.

use super::fixtures::{self, *};
use super::{between, report};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

/// Every file of a kind that a page carries.
fn carried(page: &str, media: &str) -> Vec<String> {
    let addresses = between(page, &format!("href=\"data:{media};base64,"), "\"");
    let decoded = addresses.iter().map(|a| BASE64_STANDARD.decode(a).unwrap());
    decoded.map(|b| String::from_utf8(b).unwrap()).collect()
}

fn pages() -> Vec<String> {
    let all = fixtures::all().into_iter();
    all.map(|(_, f)| report(f).html().unwrap()).collect()
}

#[test]
fn every_picture_comes_with_two_files_of_its_own() {
    for page in pages() {
        let pictures = page.matches("<figure ").count();
        for media in ["text/csv", "application/json"] {
            assert_eq!(carried(&page, media).len(), pictures, "{media}");
        }
        let mut names = between(&page, "<a download=\"", "\"");
        assert_eq!(names.len(), 2 * pictures);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 2 * pictures, "no two files of one name");
    }
}

#[test]
fn the_numbers_of_a_picture_are_the_same_in_both_files() {
    for page in pages() {
        let tables = carried(&page, "text/csv");
        let charts = carried(&page, "application/json");
        for (table, chart) in tables.iter().zip(&charts) {
            let chart: Value = serde_json::from_str(chart).unwrap();
            let rows = chart["data"]["values"].as_array().unwrap();
            let mut reader = csv::Reader::from_reader(table.as_bytes());
            let heads = reader.headers().unwrap().clone();
            let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            assert_eq!(lines.len(), rows.len());
            assert!(!rows.is_empty());
            for (line, row) in lines.iter().zip(rows) {
                for (head, cell) in heads.iter().zip(line) {
                    match &row[head] {
                        Value::Null => assert_eq!(cell, ""),
                        Value::String(words) => assert_eq!(cell.trim_start_matches('\''), words),
                        Value::Number(n) => {
                            assert_eq!(cell.parse::<f64>().ok(), n.as_f64(), "{head}");
                        }
                        other => panic!("{head} holds {other}"),
                    }
                }
            }
        }
    }
}

#[test]
fn vega_draws_every_specification_without_a_warning() {
    let charts: Vec<Value> = pages()
        .iter()
        .flat_map(|p| carried(p, "application/json"))
        .map(|c| serde_json::from_str(&c).unwrap())
        .collect();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/charts.mjs");
    let mut node = Command::new("node")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node runs: `make tools` installs it");
    let text = serde_json::to_vec(&charts).unwrap();
    node.stdin.take().unwrap().write_all(&text).unwrap();
    let out = node.wait_with_output().unwrap();
    assert!(out.status.success(), "`make tools` installs vega");
    let drawn: Vec<Value> = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(drawn.len(), charts.len());
    assert!(drawn.len() > 20);
    for (chart, drawn) in charts.iter().zip(&drawn) {
        assert_eq!(
            drawn["warnings"],
            serde_json::json!([]),
            "{}",
            chart["title"]
        );
        let rows = chart["data"]["values"].as_array().unwrap().len() as u64;
        // A line is one mark for many rows; everything else has a mark a row at least.
        let marks = drawn["marks"].as_u64().unwrap();
        let line = chart.to_string().contains("\"line\"");
        assert!(
            marks >= if line { 2 } else { rows },
            "{}: {marks}",
            chart["title"]
        );
    }
}

#[test]
fn a_withheld_result_has_no_picture_and_so_no_file() {
    let page = report(too_small()).html().unwrap();
    for chart in carried(&page, "application/json") {
        let chart: Value = serde_json::from_str(&chart).unwrap();
        for row in chart["data"]["values"].as_array().unwrap() {
            assert!(row.get("estimate").is_none(), "{}", chart["title"]);
        }
    }
}
