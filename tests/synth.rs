//! Synthetic data: the same bytes from the same seed, valid identifiers, and a truth that a right
//! analysis finds and a naive one does not.

use counterpart::identity::pnc::check_letter;
use counterpart::synth::cohort::{self, CohortPlan, Style};
use counterpart::synth::register::{self, RegisterPlan};
use counterpart::synth::trial::{self, TrialPlan};
use counterpart::synth::{SynthError, table};
use polars::prelude::*;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::process::Command;

/// Seven standard errors of a difference between 2,000 participants and a large pool are 0.08; a
/// raw difference further from the truth than that is not bad luck.
const CLEARLY_WRONG: f64 = 0.08;
/// Three Monte-Carlo standard errors at 2,400 participants and more.
const MONTE_CARLO: f64 = 0.036;

#[test]
fn the_same_seed_makes_the_same_bytes_and_another_seed_others() {
    let dir = tempfile::tempdir().unwrap();
    let files = |name: &str, seed: u64| {
        let base = dir.path().join(name);
        let held = base.join("register");
        register::make(&RegisterPlan::new(3_000, seed), &held, &mut |_| ()).unwrap();
        for style in [Style::Clean, Style::Messy, Style::Small] {
            let plan = CohortPlan {
                style,
                people: 25,
                seed,
            };
            cohort::make(&plan, &held, &base.join(format!("{style:?}.csv"))).unwrap();
        }
        let plan = TrialPlan {
            people: 40,
            pool: 400,
            seed,
            effect: -0.3,
            covariates: 20,
        };
        trial::make(&plan, &base.join("trial.csv"), &mut |_| ()).unwrap();
        trial::make(&plan, &base.join("trial.parquet"), &mut |_| ()).unwrap();
        bytes_of_every_file(&base)
    };
    let (one, two, other) = (files("one", 5), files("two", 5), files("other", 6));
    assert_eq!(one.len(), 5 + 2 * 3 + 3);
    assert!(one == two, "the same seed made other bytes");
    for (name, bytes) in &one {
        assert!(&other[name] != bytes, "{name} does not depend on the seed");
    }
}

#[test]
fn chunks_change_no_byte() {
    let dir = tempfile::tempdir().unwrap();
    let made = |chunk: u64| {
        let base = dir.path().join(chunk.to_string());
        let plan = RegisterPlan {
            chunk,
            ..RegisterPlan::new(2_000, 3)
        };
        register::make(&plan, &base, &mut |_| ()).unwrap();
        bytes_of_every_file(&base)
    };
    let whole = made(8_192);
    assert!(made(7) == whole && made(1_999) == whole);
}

#[test]
fn every_pnc_id_has_its_check_letter_and_belongs_to_one_person() {
    let persons = sample("persons.parquet");
    let ids = persons.column("pnc_id").unwrap().str().unwrap();
    let mut seen = HashSet::new();
    for id in ids.iter().flatten() {
        let (year, rest) = id.split_once('/').unwrap();
        let (serial, letter) = rest.split_at(7);
        assert_eq!((year.len(), letter.len()), (4, 1), "shape of {id}");
        let expected = check_letter(year.parse().unwrap(), serial.parse().unwrap());
        assert!(letter.starts_with(expected), "check letter of {id}");
        assert!(seen.insert(id), "{id} given twice");
    }
    let missing = ids.null_count() as f64 / ids.len() as f64;
    assert!((0.03..0.05).contains(&missing), "share without: {missing}");
    for column in ["person_id", "prison_number"] {
        let values = persons.column(column).unwrap().drop_nulls();
        assert_eq!(values.n_unique().unwrap(), values.len(), "{column} repeats");
    }
}

#[test]
fn people_are_as_hard_to_tell_apart_as_in_life() {
    let persons = sample("persons.parquet");
    let text = |c: &str| persons.column(c).unwrap().str().unwrap().clone();
    let (surnames, forenames) = (text("surname"), text("forename"));
    let count = |name: &str| surnames.iter().flatten().filter(|s| *s == name).count();
    assert!(count("Smith") > 300, "a common name is common");
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    surnames
        .iter()
        .flatten()
        .for_each(|s| *by_name.entry(s).or_default() += 1);
    assert!(
        by_name.values().filter(|&&n| n < 10).count() > 300,
        "rare names are many"
    );
    for mark in ["-", "'", "é"] {
        let marked = |c: &StringChunked| c.iter().flatten().any(|s| s.contains(mark));
        assert!(
            marked(&surnames) || marked(&forenames),
            "no name with {mark}"
        );
    }
    let dobs = persons
        .column("dob")
        .unwrap()
        .cast(&DataType::Int32)
        .unwrap();
    let dobs: Vec<Option<i32>> = dobs.i32().unwrap().iter().collect();
    let born = |i: usize| (surnames.get(i), dobs[i]);
    let twins = (1..dobs.len()).filter(|&i| dobs[i].is_some() && born(i) == born(i - 1));
    assert!(twins.count() > 50, "there are twins");
}

#[test]
fn the_truth_is_never_in_the_events() {
    let dictionary = include_str!("../sample_data/register/register.toml");
    let dictionary: toml::Table = toml::from_str(dictionary).unwrap();
    assert_eq!(dictionary["synthetic"].as_bool(), Some(true));
    for table in ["persons", "events"] {
        let declared: Vec<&str> = dictionary["columns"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|c| c["table"].as_str() == Some(table))
            .map(|c| c["name"].as_str().unwrap())
            .collect();
        let frame = sample(&format!("{table}.parquet"));
        let held: Vec<&str> = frame
            .get_column_names()
            .iter()
            .map(|n| n.as_str())
            .collect();
        assert_eq!(held, declared, "columns of {table}");
        for telling in ["y0", "y1", "treat", "programme", "propensity", "effect"] {
            assert!(
                !held.iter().any(|c| c.contains(telling)),
                "{table} tells {telling}"
            );
        }
    }
}

#[test]
fn outcomes_agree_with_each_other() {
    let events = sample("events.parquet");
    let get = |c: &str| numbers(&events, c);
    let (reoffended, count, days) = (get("reoffended"), get("reoffences"), get("days_to_first"));
    let (custody, severity) = (get("custody"), get("severity"));
    let classes = [get("indictable"), get("either_way"), get("summary")];
    let (employed, weeks, earnings) = (
        get("employed_at_12_months"),
        get("weeks_in_work_12_months"),
        get("earnings_12_months"),
    );
    for i in 0..reoffended.len() {
        let yes = reoffended[i] == 1.0;
        assert_eq!(yes, count[i] > 0.0);
        assert_eq!(yes, (1.0..=365.0).contains(&days[i]));
        assert_eq!(!yes, days[i].is_nan());
        assert_eq!(yes, (1.0..=5.0).contains(&severity[i]));
        assert_eq!(classes.iter().map(|c| c[i]).sum::<f64>(), reoffended[i]);
        assert!(custody[i] <= reoffended[i]);
        assert!(employed[i] <= weeks[i] && weeks[i] <= 52.0);
        assert_eq!(weeks[i] > 0.0, earnings[i] > 0.0);
    }
}

#[test]
fn every_programme_follows_the_latest_event_within_a_year() {
    let events = sample("events.parquet");
    let spells = sample("truth/participants.parquet");
    let mut dates: HashMap<u64, Vec<f64>> = HashMap::new();
    for (id, date) in keys(&events)
        .into_iter()
        .zip(numbers(&events, "event_date"))
    {
        dates.entry(id).or_default().push(date);
    }
    let (event, start) = (
        numbers(&spells, "event_date"),
        numbers(&spells, "programme_start"),
    );
    for (i, id) in keys(&spells).into_iter().enumerate() {
        let within = |d: &&f64| **d <= start[i] && start[i] - **d <= 365.0;
        let latest = dates[&id]
            .iter()
            .filter(within)
            .copied()
            .fold(f64::MIN, f64::max);
        assert_eq!(latest, event[i]);
    }
}

#[test]
fn a_raw_comparison_misleads_and_weighting_on_the_covariates_finds_the_truth() {
    let dir = tempfile::tempdir().unwrap();
    let plan = RegisterPlan::new(50_000, 11);
    register::make(&plan, dir.path(), &mut |_| ()).unwrap();
    a_right_analysis_finds_the_truth_of(dir.path(), MONTE_CARLO);
}

#[test]
fn the_sample_register_gives_its_truth_back() {
    // 1,273 participants: three standard errors are 0.045.
    a_right_analysis_finds_the_truth_of(Path::new("sample_data/register"), 0.045);
}

fn a_right_analysis_finds_the_truth_of(dir: &Path, monte_carlo: f64) {
    let events = table::read(&dir.join("events.parquet"), None).unwrap();
    let spells = table::read(&dir.join("truth/participants.parquet"), None).unwrap();
    let truths = std::fs::read_to_string(dir.join("truth/truth.json")).unwrap();
    let truths: serde_json::Value = serde_json::from_str(&truths).unwrap();
    let (rows, treated) = participants_and_pool(&events, &spells);
    let fitted = odds_weights(&register_design(&events, &rows), &treated);
    for name in ["reoffended", "employed_at_12_months"] {
        let truth = |key: &str| truths["outcomes"][name][key].as_f64().unwrap();
        let all = numbers(&events, name);
        let y: Vec<f64> = rows.iter().map(|&r| all[r]).collect();
        let raw = difference(&y, &treated, &vec![1.0; y.len()]);
        let weighted = difference(&y, &treated, &fitted);
        println!(
            "{name}: truth {:.4} raw {raw:.4} weighted {weighted:.4}",
            truth("att")
        );
        assert!((raw - truth("raw_difference")).abs() < 1e-12);
        assert!(
            (raw - truth("att")).abs() > CLEARLY_WRONG,
            "{name}: raw {raw}"
        );
        assert!(
            raw * truth("att") < 0.0,
            "{name}: the raw difference has the wrong sign"
        );
        assert!(
            (weighted - truth("att")).abs() < monte_carlo,
            "{name}: weighted {weighted}"
        );
    }
}

#[test]
fn a_trial_has_exactly_the_rows_asked_for_and_a_truth_that_weighting_finds() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("trial.parquet");
    let plan = TrialPlan {
        people: 3_000,
        pool: 30_000,
        seed: 4,
        effect: -0.35,
        covariates: 20,
    };
    let made = trial::make(&plan, &file, &mut |_| ()).unwrap();
    let frame = table::read(&file, None).unwrap();
    let treated: Vec<bool> = numbers(&frame, "treat").iter().map(|&t| t == 1.0).collect();
    assert_eq!(treated.iter().filter(|&&t| t).count(), 3_000);
    assert_eq!(treated.len(), 33_000);
    let rows: Vec<usize> = (0..treated.len()).collect();
    let columns: Vec<&str> = frame
        .get_column_names()
        .iter()
        .map(|n| n.as_str())
        .filter(|n| ["number", "flag", "group"].iter().any(|p| n.starts_with(p)))
        .collect();
    let design = design(&frame, &rows, &columns);
    assert_eq!(
        design[0].len(),
        1 + 35,
        "an intercept and 35 design columns"
    );
    let y = numbers(&frame, "reoffended");
    let truth = made.outcomes["reoffended"];
    let raw = difference(&y, &treated, &vec![1.0; y.len()]);
    let weighted = difference(&y, &treated, &odds_weights(&design, &treated));
    println!("truth {:.4} raw {raw:.4} weighted {weighted:.4}", truth.att);
    assert!((raw - truth.att).abs() > CLEARLY_WRONG);
    assert!((weighted - truth.att).abs() < MONTE_CARLO);
}

#[test]
fn a_trial_says_the_same_in_csv_and_parquet() {
    let dir = tempfile::tempdir().unwrap();
    let plan = TrialPlan {
        people: 50,
        pool: 500,
        seed: 8,
        effect: 0.2,
        covariates: 20,
    };
    for name in ["t.csv", "t.parquet"] {
        trial::make(&plan, &dir.path().join(name), &mut |_| ()).unwrap();
    }
    let parquet = table::read(&dir.path().join("t.parquet"), None).unwrap();
    let mut csv = csv::Reader::from_path(dir.path().join("t.csv")).unwrap();
    let names = csv.headers().unwrap().clone();
    let records: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), parquet.height());
    for (k, name) in names
        .iter()
        .enumerate()
        .filter(|(_, n)| !n.starts_with("group"))
    {
        for (record, x) in records.iter().zip(numbers(&parquet, name)) {
            let y = if record[k].is_empty() {
                f64::NAN
            } else {
                record[k].parse().unwrap()
            };
            assert!(x == y || (x.is_nan() && y.is_nan()), "{name}: {x} and {y}");
        }
    }
}

#[test]
fn without_an_effect_the_truth_is_nought() {
    let dir = tempfile::tempdir().unwrap();
    let plan = RegisterPlan {
        effect: 0.0,
        ..RegisterPlan::new(1_000, 2)
    };
    let made = register::make(&plan, dir.path(), &mut |_| ()).unwrap();
    assert!(made.participants > 10);
    assert!(made.outcomes.values().all(|t| t.att == 0.0));
}

#[test]
fn a_clean_cohort_is_its_people_as_the_register_has_them() {
    let persons = sample("persons.parquet");
    let text = |c: &str| persons.column(c).unwrap().str().unwrap().clone();
    let (forenames, surnames) = (text("forename"), text("surname"));
    let known: HashSet<(&str, &str)> = forenames
        .iter()
        .flatten()
        .zip(surnames.iter().flatten())
        .collect();
    let mut file = csv::Reader::from_path("sample_data/cohorts/clean.csv").unwrap();
    let rows: Vec<csv::StringRecord> = file.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1_000);
    for row in &rows {
        assert!(known.contains(&(&row[0], &row[1])));
        for day in [&row[2], &row[7], &row[8]] {
            assert!(jiff::civil::Date::strptime("%d/%m/%Y", day).is_ok());
        }
    }
}

#[test]
fn a_messy_cohort_is_messy_in_the_ways_it_says() {
    let bytes = std::fs::read("sample_data/cohorts/messy.csv").unwrap();
    assert!(
        std::str::from_utf8(&bytes).is_err(),
        "accents are Windows-1252"
    );
    let (text, _, lossy) = encoding_rs::WINDOWS_1252.decode(&bytes);
    assert!(
        !lossy && !text.contains("&#"),
        "every letter has a place in the encoding"
    );
    let truth = std::fs::read_to_string("sample_data/cohorts/messy.truth.json").unwrap();
    let truth: serde_json::Value = serde_json::from_str(&truth).unwrap();
    let rows: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(truth["rows"], rows.len());
    assert_eq!(
        truth["dirt"]["blank_rows"],
        rows.iter().filter(|r| **r == ";;;;;;;;;").count()
    );
    let no_start = |r: &&&str| !r.starts_with(';') && r.split(';').nth(7) == Some("");
    assert!(
        rows.iter().filter(no_start).count() > 1,
        "the total line and others lack a start"
    );
    assert!(text.contains('\u{a0}'), "a space that does not break");
    for kind in [
        "missing_dob",
        "swapped_day_month",
        "wrong_check_letter",
        "not_on_register",
    ] {
        assert!(truth["dirt"][kind].as_u64().unwrap() > 0, "{kind}");
    }
}

#[test]
fn the_sample_register_is_what_its_command_makes() {
    let dir = tempfile::tempdir().unwrap();
    register::make(&RegisterPlan::new(25_000, 2026), dir.path(), &mut |_| ()).unwrap();
    for name in ["persons.parquet", "events.parquet"] {
        let again = table::read(&dir.path().join(name), None).unwrap();
        assert!(again.equals_missing(&sample(name)), "{name} differs");
    }
    for (name, style, people) in [
        ("clean", Style::Clean, 1_000),
        ("messy", Style::Messy, 400),
        ("too_small", Style::Small, 25),
    ] {
        let plan = CohortPlan {
            style,
            people,
            seed: 2026,
        };
        let file = dir.path().join("cohort.csv");
        cohort::make(&plan, dir.path(), &file).unwrap();
        let held = std::fs::read(format!("sample_data/cohorts/{name}.csv")).unwrap();
        assert!(std::fs::read(&file).unwrap() == held, "{name}.csv differs");
    }
}

#[test]
fn impossible_requests_are_refused_with_the_rule() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("x");
    let out = out.to_str().unwrap();
    let cases: [(&[&str], i32, &str); 8] = [
        (
            &["register", "--people", "0", "--out", out],
            2,
            "100 to 9000000 people",
        ),
        (
            &["register", "--people", "99999999", "--out", out],
            2,
            "100 to 9000000 people",
        ),
        (
            &["register", "--effect", "nan", "--out", out],
            2,
            "log-rate between",
        ),
        (
            &["register", "--effect", "-40", "--out", out],
            2,
            "log-rate between",
        ),
        (
            &["trial", "--people", "0", "--out", out],
            2,
            "1 to 1000000 participants",
        ),
        (
            &[
                "cohort",
                "--register",
                "sample_data/register",
                "--people",
                "0",
                "--out",
                out,
            ],
            2,
            "at least one",
        ),
        (
            &[
                "cohort",
                "--register",
                "sample_data/register",
                "--people",
                "5000",
                "--out",
                out,
            ],
            2,
            "participants to draw from",
        ),
        (
            &["cohort", "--register", "no/such/folder", "--out", out],
            3,
            "cannot read",
        ),
    ];
    for (flags, code, rule) in cases {
        let run = counterpart(flags);
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(run.status.code(), Some(code), "{flags:?}: {said}");
        assert!(
            said.contains(rule) && said.contains("hint:"),
            "{flags:?}: {said}"
        );
        assert!(run.stdout.is_empty());
    }
}

#[test]
fn cohorts_are_drawn_from_invented_people_only() {
    let dir = tempfile::tempdir().unwrap();
    let held = dir.path().join("held");
    register::make(&RegisterPlan::new(2_000, 1), &held, &mut |_| ()).unwrap();
    let file = held.join("register.toml");
    let real = std::fs::read_to_string(&file)
        .unwrap()
        .replace("synthetic = true", "synthetic = false");
    std::fs::write(&file, real).unwrap();
    let plan = CohortPlan {
        style: Style::Small,
        people: 5,
        seed: 1,
    };
    let out = dir.path().join("cohort.csv");
    let refused = cohort::make(&plan, &held, &out).unwrap_err();
    assert!(matches!(refused, SynthError::NotSynthetic { .. }));
    assert!(!out.exists());
}

#[test]
fn the_summary_is_json_on_stdout_and_words_on_stderr() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("register");
    let run = counterpart(&[
        "register",
        "--people",
        "500",
        "--seed",
        "9",
        "--out",
        out.to_str().unwrap(),
        "--json",
    ]);
    assert!(run.status.success());
    let summary: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let truth = std::fs::read_to_string(out.join("truth/truth.json")).unwrap();
    assert_eq!(
        summary,
        serde_json::from_str::<serde_json::Value>(&truth).unwrap()
    );
    assert_eq!(summary["people"], 500);
    assert!(String::from_utf8_lossy(&run.stderr).contains("500 people"));
}

// --- reading ---

fn counterpart(flags: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart"));
    command.arg("synth").args(flags).output().unwrap()
}

fn sample(name: &str) -> DataFrame {
    table::read(&Path::new("sample_data/register").join(name), None).unwrap()
}

fn bytes_of_every_file(dir: &Path) -> HashMap<String, Vec<u8>> {
    let mut out = HashMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let inner = bytes_of_every_file(&path).into_iter();
            out.extend(inner.map(|(n, b)| (format!("{name}/{n}"), b)));
        } else {
            out.insert(name, std::fs::read(&path).unwrap());
        }
    }
    out
}

fn keys(frame: &DataFrame) -> Vec<u64> {
    frame
        .column("person_id")
        .unwrap()
        .u64()
        .unwrap()
        .into_no_null_iter()
        .collect()
}

fn numbers(frame: &DataFrame, column: &str) -> Vec<f64> {
    // Days come out as days since 1970-01-01.
    let column = frame.column(column).unwrap();
    let plain = match column.dtype() {
        DataType::Date => column.cast(&DataType::Int32).unwrap(),
        _ => column.clone(),
    };
    let plain = plain.cast(&DataType::Float64).unwrap();
    plain
        .f64()
        .unwrap()
        .iter()
        .map(|x| x.unwrap_or(f64::NAN))
        .collect()
}

// --- the oracle: odds weighting by a logistic regression of its own ---

/// Rows of the participants' events and of the latest event of everybody else.
fn participants_and_pool(events: &DataFrame, spells: &DataFrame) -> (Vec<usize>, Vec<bool>) {
    let chosen: HashMap<u64, f64> = keys(spells)
        .into_iter()
        .zip(numbers(spells, "event_date"))
        .collect();
    let (ids, dates) = (keys(events), numbers(events, "event_date"));
    (0..ids.len())
        .filter_map(|i| match chosen.get(&ids[i]) {
            Some(&date) => (date == dates[i]).then_some((i, true)),
            None => (ids.get(i + 1) != Some(&ids[i])).then_some((i, false)),
        })
        .unzip()
}

fn register_design(events: &DataFrame, rows: &[usize]) -> Vec<Vec<f64>> {
    let study: toml::Table = toml::from_str(include_str!("../models/reoffending.toml")).unwrap();
    let columns: Vec<&str> = study["covariates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["column"].as_str().unwrap())
        .collect();
    design(events, rows, &columns)
}

/// An intercept, standardised numbers (missing: the mean and an indicator), and a column a level.
fn design(frame: &DataFrame, rows: &[usize], columns: &[&str]) -> Vec<Vec<f64>> {
    let mut out = vec![vec![1.0]; rows.len()];
    for name in columns {
        let column = frame.column(name).unwrap();
        if column.dtype() == &DataType::String {
            let text = column.str().unwrap();
            let all: std::collections::BTreeSet<Option<&str>> = text.iter().collect();
            for level in all.into_iter().skip(1) {
                for (x, &r) in out.iter_mut().zip(rows) {
                    x.push(f64::from(u8::from(text.get(r) == level)));
                }
            }
            continue;
        }
        let all = numbers(frame, name);
        let seen: Vec<f64> = rows
            .iter()
            .map(|&r| all[r])
            .filter(|v| !v.is_nan())
            .collect();
        let mean = seen.iter().sum::<f64>() / seen.len() as f64;
        let sd = (seen.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / seen.len() as f64).sqrt();
        let gaps = seen.len() < rows.len();
        for (x, &r) in out.iter_mut().zip(rows) {
            let known = !all[r].is_nan();
            x.push(if known { (all[r] - mean) / sd } else { 0.0 });
            if gaps {
                x.push(f64::from(u8::from(!known)));
            }
        }
    }
    out
}

/// 1 for participants, fitted odds for everybody else.
fn odds_weights(x: &[Vec<f64>], treated: &[bool]) -> Vec<f64> {
    let p = x[0].len();
    let mut beta = vec![0.0; p];
    let dot = |row: &[f64], beta: &[f64]| row.iter().zip(beta).map(|(a, b)| a * b).sum::<f64>();
    for _ in 0..12 {
        let mut system = vec![vec![0.0; p + 1]; p];
        for (row, &t) in x.iter().zip(treated) {
            let e = 1.0 / (1.0 + (-dot(row, &beta)).exp());
            let residual = f64::from(u8::from(t)) - e;
            for i in 0..p {
                for j in 0..=i {
                    system[i][j] += row[i] * row[j] * e * (1.0 - e);
                }
                system[i][p] += row[i] * residual;
            }
        }
        let step = solve(system);
        beta.iter_mut().zip(&step).for_each(|(b, s)| *b += s);
    }
    let weight = |(row, &t): (&Vec<f64>, &bool)| if t { 1.0 } else { dot(row, &beta).exp() };
    x.iter().zip(treated).map(weight).collect()
}

/// Gaussian elimination of a positive definite system given by its lower triangle and last column.
fn solve(mut a: Vec<Vec<f64>>) -> Vec<f64> {
    let p = a.len();
    let lower = a.clone();
    for (i, row) in a.iter_mut().enumerate() {
        (i + 1..p).for_each(|j| row[j] = lower[j][i]);
    }
    for i in 0..p {
        let pivot = a[i].clone();
        for row in &mut a[i + 1..] {
            let factor = row[i] / pivot[i];
            row.iter_mut()
                .zip(&pivot)
                .for_each(|(x, y)| *x -= factor * y);
        }
    }
    let mut x = vec![0.0; p];
    for i in (0..p).rev() {
        let known: f64 = (i + 1..p).map(|j| a[i][j] * x[j]).sum();
        x[i] = (a[i][p] - known) / a[i][i];
    }
    x
}

fn difference(y: &[f64], treated: &[bool], weights: &[f64]) -> f64 {
    let mean = |side: bool| {
        let (mut sum, mut total) = (0.0, 0.0);
        for i in (0..y.len()).filter(|&i| treated[i] == side) {
            sum += weights[i] * y[i];
            total += weights[i];
        }
        sum / total
    };
    mean(true) - mean(false)
}
