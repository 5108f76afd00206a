//! Attacks on whether somebody is on the register at all: by counts, by what a refusal says, by
//! time; and the record of releases.

use crate::tell;
use counterpart::cohort;
use counterpart::disclosure::releases::FileReleases;
use counterpart::evaluation::{self, Context, EvaluationError, Guard};
use counterpart::register::ParquetRegister;
use counterpart::report::Report;
use counterpart::study::Study;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Later than every programme on the register.
const TODAY: i32 = 20_779;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub fn study(more: &str) -> Study {
    let text = std::fs::read_to_string(root("models/reoffending.toml")).unwrap();
    let text = text.replace("mode = \"controlled\"", more);
    // The main analysis alone, of the outcomes that decide here.
    let (head, rest) = text.split_once("[[analyses]]").unwrap();
    let (_, tail) = rest.split_once("[[outcomes]]").unwrap();
    Study::parse("study", &format!("{head}[[outcomes]]{tail}")).unwrap()
}

/// A list of some of the sample's people, and somebody who is on no register.
pub fn list(of: std::ops::Range<usize>, stranger: bool) -> Vec<u8> {
    let text = std::fs::read_to_string(root("sample_data/cohorts/clean.csv")).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    let mut list = vec![rows[0]];
    list.extend(&rows[1 + of.start..1 + of.end]);
    if stranger {
        list.push("Zebedee,Quillfeather,01/02/1971,M,ZE1 0AA,,,02/03/2022,10/08/2022,White");
    }
    (list.join("\n") + "\n").into_bytes()
}

pub fn ask(list: &[u8], study: &Study, guard: Option<Guard>) -> Result<Value, EvaluationError> {
    let register = ParquetRegister::open(&root("sample_data/register")).unwrap();
    let cohort = cohort::read_bytes(list, study, TODAY).unwrap();
    let context = Context {
        seed: 1,
        now: &|| "2026-11-23T00:00:00Z".into(),
        progress: &|_| (),
        specifications: false,
        leave_one_out: false,
    };
    let released = evaluation::evaluate_guarded(cohort, &register, study, &context, guard)?;
    Ok(serde_json::from_str(&Report::new(released).json()).unwrap())
}

fn found(report: &Value) -> f64 {
    let flow = report["flow"].as_array().unwrap();
    // Steps may be told as one: then the next that is told tells of those found.
    let list = flow.iter().position(|s| s["step"] == "unique").unwrap();
    flow[list + 1]["people"].as_f64().unwrap()
}

#[test]
fn membership_is_hidden_by_rounding_and_not_from_who_pads_the_list() {
    let study = study("mode = \"controlled\"");
    // The last of the list is on the register or is not; the number before it is anybody's.
    let (mut right, mut trials) = (0.0, 0);
    for n in [100, 101, 103, 104] {
        let member = ask(&list(0..n, false), &study, None).unwrap();
        let stranger = ask(&list(0..n - 1, true), &study, None).unwrap();
        right += if found(&member) == found(&stranger) {
            0.5
        } else {
            1.0
        };
        trials += 1;
    }
    let right = right / f64::from(trials);
    tell(
        "membership by the number found, any list",
        "controlled",
        right,
        trials as usize,
    );
    assert!(right <= 0.75, "{right}");
    // 102 print as 100, 103 as 105: said to succeed.
    let member = ask(&list(0..103, false), &study, None).unwrap();
    let stranger = ask(&list(0..102, true), &study, None).unwrap();
    let right = if found(&member) == found(&stranger) {
        0.5
    } else {
        1.0
    };
    tell(
        "membership by the number found, padded list",
        "controlled",
        right,
        1,
    );
}

#[test]
fn a_refusal_says_the_same_however_many_were_found() {
    let study = study("mode = \"controlled\"");
    let mut said: Vec<String> = Vec::new();
    let text = std::fs::read_to_string(root("sample_data/cohorts/clean.csv")).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    for members in [0usize, 1, 20] {
        let mut all = vec![rows[0].to_owned()];
        all.extend(rows[1..=members].iter().map(|r| (*r).to_owned()));
        let known = ["Ab", "Be", "Ce", "De", "Ef", "Fy", "Gu", "Ha", "Iv", "Jo"];
        for i in members..70 {
            let (a, b) = (known[i % 10], known[i / 10]);
            all.push(format!(
                "Z{a}{b},Qu{b}{a}x,0{}/02/19{},M,ZE1 0AA,,,02/03/2022,10/08/2022,White",
                1 + i % 9,
                50 + i % 40
            ));
        }
        let refused = ask((all.join("\n") + "\n").as_bytes(), &study, None);
        said.push(refused.unwrap_err().to_string());
    }
    assert!(said.iter().all(|s| *s == said[0]), "{said:?}");
    tell("membership by what a refusal says", "both", 0.5, said.len());
}

#[test]
fn time_does_not_tell() {
    let study = study("mode = \"controlled\"");
    let took = |bytes: &[u8]| {
        let start = Instant::now();
        ask(bytes, &study, None).unwrap();
        start.elapsed().as_secs_f64()
    };
    let (member, stranger) = (list(0..100, false), list(0..99, true));
    took(&member);
    // The adversary learns the two typical times, then guesses from new ones.
    let times: Vec<(f64, f64)> = (0..8).map(|_| (took(&member), took(&stranger))).collect();
    let mean = |f: fn(&(f64, f64)) -> f64| times[..4].iter().map(f).sum::<f64>() / 4.0;
    let (a, b) = (mean(|t| t.0), mean(|t| t.1));
    let closer = |t: f64, own: f64, other: f64| (t - own).abs() < (t - other).abs();
    let right = times[4..]
        .iter()
        .map(|t| u8::from(closer(t.0, a, b)) + u8::from(closer(t.1, b, a)))
        .map(f64::from)
        .sum::<f64>();
    // Told, not judged: a busy machine would make it whatever it likes.
    tell(
        "membership by the time an answer takes",
        "both",
        right / 8.0,
        8,
    );
}

#[test]
fn with_a_record_of_releases_one_less_is_refused_and_a_steward_can_allow_it() {
    let study = study("mode = \"controlled\"");
    let folder = tempfile::tempdir().unwrap();
    let releases = FileReleases::open(folder.path()).unwrap();
    let guard = |steward| {
        Some(Guard {
            releases: &releases,
            steward,
        })
    };
    let first = ask(&list(0..120, false), &study, guard(None)).unwrap();
    assert_eq!(first["disclosure"]["control"]["repeats_guarded"], true);
    let less = ask(&list(0..119, false), &study, guard(None));
    assert!(
        matches!(less, Err(EvaluationError::Release(_))),
        "119 of the 120"
    );
    ask(
        &list(0..119, false),
        &study,
        guard(Some("two-year follow-up")),
    )
    .unwrap();
    ask(&list(60..180, false), &study, guard(None)).unwrap();
    tell("minus one with a record of releases", "controlled", 0.5, 1);
}

#[test]
fn formal_mode_counts_uses_and_keeps_used_up_records_out_without_a_word() {
    let text = "mode = \"formal\"\nepsilon = 2.0\nuses = 1";
    let study = study(text);
    let without = ask(&list(0..120, false), &study, None);
    assert!(matches!(without, Err(EvaluationError::NoReleases)));
    let folder = tempfile::tempdir().unwrap();
    let releases = FileReleases::open(folder.path()).unwrap();
    let guard = Some(Guard {
        releases: &releases,
        steward: None,
    });
    let first = ask(&list(0..150, false), &study, guard).unwrap();
    assert_eq!(first["disclosure"]["policy"], "formal");
    assert_eq!(first["disclosure"]["control"]["epsilon"], 2.0);
    let again = ask(&list(50..250, false), &study, guard).unwrap();
    let last = |r: &Value| {
        r["flow"].as_array().unwrap().last().unwrap()["people"]
            .as_f64()
            .unwrap()
    };
    assert!(last(&first) >= 140.0);
    assert!((90.0..=110.0).contains(&last(&again)), "{}", last(&again));
    let text = again.to_string();
    assert!(!text.contains("used up") && !text.contains("spent"));
    // All used up: as though nobody had been found.
    let none = ask(&list(0..120, false), &study, guard);
    assert!(matches!(none, Err(EvaluationError::TooFewFound { .. })));
}
