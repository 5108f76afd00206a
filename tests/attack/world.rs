//! Small worlds: a table of participants and others whose every outcome the adversary could set.

use counterpart::evaluation::{self, Context};
use counterpart::register::own_table::{Roles, Table};
use counterpart::report::Report;
use counterpart::study::Study;
use serde_json::Value;
use std::fmt::Write as _;

/// A row: took part, sex, age, outcome.
#[derive(Clone)]
pub struct Row {
    pub took_part: bool,
    pub woman: bool,
    pub age: u32,
    pub outcome: bool,
}

/// The same numbers every time, from a small generator of the test's own.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// `with` of `people` participants had the outcome, and a third of three hundred others.
pub fn world(people: usize, with: usize, seed: u64) -> Vec<Row> {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
    for _ in 0..8 {
        dice.next(2);
    }
    let mut rows: Vec<Row> = (0..people + 300)
        .map(|i| Row {
            took_part: i < people,
            woman: dice.next(2) == 0,
            age: 20 + dice.next(40) as u32,
            outcome: i >= people && dice.next(3) == 0,
        })
        .collect();
    // Who of them: anybody but the first, who is the target.
    let mut order: Vec<usize> = (1..people).collect();
    for i in (1..order.len()).rev() {
        order.swap(i, dice.next(i as u64 + 1) as usize);
    }
    order
        .iter()
        .take(with)
        .for_each(|&i| rows[i].outcome = true);
    rows
}

pub fn study(mode: &str, more: &str) -> Study {
    let text = format!(
        r#"
id = "attack"
title = "What the adversary asks"
domain = "none"
[table]
treatment = "took_part"
[[covariates]]
column = "age"
kind = "number"
[[covariates]]
column = "woman"
kind = "flag"
[matching]
method = "radius"
caliper = 0.2
[[outcomes]]
name = "y"
kind = "binary"
primary = true
better = "lower"
[disclosure]
mode = "{mode}"
{more}"#
    );
    Study::parse("study", &text).unwrap()
}

/// `report.json` of a world without the clock; none where there is no answer.
pub fn released(rows: &[Row], study: &Study) -> Option<Value> {
    let mut csv = String::from("took_part,woman,age,y\n");
    for r in rows {
        let bit = u8::from;
        writeln!(
            csv,
            "{},{},{},{}",
            bit(r.took_part),
            bit(r.woman),
            r.age,
            bit(r.outcome)
        )
        .unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, csv).unwrap();
    let roles = Roles {
        treatment: "took_part".into(),
        design: Some(vec!["age".into(), "woman".into()]),
        outcomes: vec!["y".into()],
        id: None,
    };
    let table = Table::read(&path, &roles).unwrap();
    let context = Context {
        seed: 1,
        now: &|| "2026-11-23T00:00:00Z".into(),
        progress: &|_| (),
        specifications: false,
        leave_one_out: false,
    };
    let (released, _) = evaluation::analyse(table, study, &context).ok()?;
    Some(serde_json::from_str(&Report::new(released).json()).unwrap())
}

/// How many of the participants had the outcome, as printed: their rate times their number.
pub fn printed_count(report: &Value) -> Option<f64> {
    let t = &report["analyses"][0]["outcomes"][0]["treated"];
    Some((t["mean"].as_f64()? * t["people"].as_f64()?).round())
}

/// The same world with another outcome for its first participant.
pub fn target_has_it(mut rows: Vec<Row>, has: bool) -> Vec<Row> {
    rows[0].outcome = has;
    rows
}
