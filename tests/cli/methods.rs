//! Hostile tables through the binary under every method: an answer of sound numbers or a refusal
//! with a way on, never a panic, a NaN or a row that disappears.

use crate::kit::{Folder, Said, counterpart, number};
use counterpart::study::Method;
use serde_json::Value;

/// A row's cells, as text.
type Row = Vec<String>;

/// Three hundred people in thirty kinds, about a third of whom take part.
fn rows() -> Vec<Row> {
    (1..=300u64)
        .map(|i| {
            let mut z = i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z ^= z >> 27;
            let age = 20 + 5 * (z % 10);
            let treat = (z >> 20) % 100 < 15 + age / 2;
            vec![
                format!("p{i:04}"),
                u64::from(treat).to_string(),
                age.to_string(),
                ["north", "south", "west"][(z >> 40) as usize % 3].to_owned(),
                u64::from((z >> 50) % 7 < 3).to_string(),
            ]
        })
        .collect()
}

fn csv(header: &str, rows: &[Row]) -> String {
    let lines: Vec<String> = rows.iter().map(|r| r.join(",")).collect();
    format!("{header}\n{}\n", lines.join("\n"))
}

const HEADER: &str = "id,treat,age,area,y";

fn analyse(table: &str, method: Method, more: &[&str]) -> Said {
    let folder = Folder::new();
    let path = folder.write("t.csv", table);
    let mut args = vec!["analyse", &path, "--treatment", "treat", "--outcome", "y"];
    args.extend(["--id", "id", "--method", method.as_str()]);
    args.extend(more);
    counterpart(&args)
}

/// The table with a change to every row, under every method.
fn under_every_method(
    change: impl Fn(usize, &mut Row),
    more: &[&str],
    check: impl Fn(Method, Said),
) {
    let mut rows = rows();
    rows.iter_mut().enumerate().for_each(|(i, r)| change(i, r));
    let table = csv(HEADER, &rows);
    for method in Method::ALL {
        check(method, analyse(&table, method, more));
    }
}

/// Numbers that are never absent: JSON has no NaN, which is written as null.
const NEVER_NULL: [&str; 12] = [
    "estimate",
    "se",
    "df",
    "ci_low",
    "ci_high",
    "p",
    "mean",
    "mean_treated",
    "mean_pool",
    "mean_matched",
    "ks",
    "comparison_ess",
];

fn no_nulls(value: &Value, path: &str) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let here = format!("{path}.{name}");
                let absent = field.is_null() && NEVER_NULL.contains(&name.as_str());
                assert!(!absent, "{here} is null");
                no_nulls(field, &here);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| no_nulls(item, path)),
        _ => {}
    }
}

/// A report of sound numbers in which everybody is accounted for.
#[track_caller]
fn sound(method: Method, said: &Said) -> Value {
    let report = said.ends_with(0).json();
    no_nulls(&report, method.as_str());
    let text = said.stdout.to_lowercase();
    assert!(!text.contains("nan,") && !text.contains("inf,"));
    let steps = report["flow"].as_array().unwrap();
    let people = |at: usize| number(&steps[at]["people"]);
    let lost: f64 = steps
        .iter()
        .flat_map(|s| s["lost"].as_array().into_iter().flatten())
        .map(|l| number(&l["people"]))
        .sum();
    let last = steps.len() - 1;
    assert_eq!(people(0) - lost, people(last), "{}", method.as_str());
    report
}

#[test]
fn an_ordinary_table_is_analysed() {
    under_every_method(
        |_, _| {},
        &[],
        |method, said| {
            let report = sound(method, &said);
            let difference = &report["analyses"][0]["outcomes"][0]["difference"];
            assert!(number(&difference["se"]) > 0.0, "{}", method.as_str());
        },
    );
}

#[test]
fn a_group_of_nobody_is_refused() {
    for everybody in ["0", "1"] {
        under_every_method(
            |_, row| row[1] = everybody.to_owned(),
            &[],
            |_, said| {
                said.refuses(1, "a comparison needs both");
            },
        );
    }
}

#[test]
fn a_treatment_that_is_not_0_or_1_is_refused_by_its_row() {
    under_every_method(
        |i, row| {
            if i == 10 {
                row[1] = "2".into();
            }
        },
        &[],
        |_, said| {
            said.refuses(1, "data row 11 is neither 0 nor 1");
        },
    );
}

#[test]
fn an_outcome_all_equal_is_said_and_not_computed() {
    under_every_method(
        |_, row| row[4] = "1".into(),
        &[],
        |method, said| {
            let report = sound(method, &said);
            let y = &report["analyses"][0]["outcomes"][0];
            assert!(y["difference"].is_null() && y["suppressed"].is_string());
        },
    );
}

#[test]
fn a_covariate_that_predicts_perfectly_is_named() {
    under_every_method(
        |_, row| row[2] = if row[1] == "1" { "30" } else { "20" }.into(),
        &[],
        |_, said| {
            said.refuses(1, "`age`");
        },
    );
}

#[test]
fn infinite_values_are_refused_and_blank_ones_are_kept() {
    let infinite = |i: usize, row: &mut Row| {
        if i == 43 {
            row[2] = "inf".into();
        }
    };
    under_every_method(infinite, &[], |_, said| {
        said.refuses(1, "row 44: is infinite");
    });
    let blank = |i: usize, row: &mut Row| {
        if i.is_multiple_of(9) {
            row[2] = String::new();
        }
    };
    under_every_method(blank, &[], |method, said| {
        sound(method, &said);
    });
}

#[test]
fn an_identifier_twice_is_refused_by_its_rows() {
    under_every_method(
        |i, row| {
            if i == 99 {
                row[0] = "p0001".into();
            }
        },
        &[],
        |_, said| {
            said.refuses(1, "data rows 1 and 100").never_says("p0001");
        },
    );
}

#[test]
fn a_caliper_of_nothing_is_refused() {
    under_every_method(
        |_, _| {},
        &["--caliper", "0"],
        |_, said| {
            said.refuses(2, "a number above 0");
        },
    );
}

#[test]
fn more_exact_strata_than_people_match_nobody() {
    let table: Vec<Row> = rows()
        .into_iter()
        .enumerate()
        .map(|(i, mut row)| {
            row.push(format!("court {i}"));
            row
        })
        .collect();
    let table = csv("id,treat,age,area,y,court", &table);
    for method in Method::ALL {
        analyse(
            &table,
            method,
            &["--covariates", "age,area", "--exact", "court"],
        )
        .refuses(1, "none of the");
    }
}

/// Ten thousand columns for eighty people: refused before any method sees them.
#[test]
fn ten_thousand_columns_are_refused() {
    let names: Vec<String> = (0..10_000).map(|c| format!("x{c}")).collect();
    let table: Vec<Row> = rows()
        .into_iter()
        .take(80)
        .enumerate()
        .map(|(i, mut row)| {
            row.extend((0..10_000).map(|c| ((i * 7919 + c * 104_729) % 97).to_string()));
            row
        })
        .collect();
    let table = csv(&format!("{HEADER},{}", names.join(",")), &table);
    let said = analyse(&table, Method::Radius, &[]);
    said.refuses(1, "columns");
}
