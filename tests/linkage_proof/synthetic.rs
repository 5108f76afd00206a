//! Planted truth: a small cohort and register as `counterpart synth linkage` makes them.

use crate::kit::{Row, Task, best_f1, precision_recall};
use counterpart::synth::linkage::rates::Mix;
use counterpart::synth::linkage::{LinkagePlan, make};
use std::sync::LazyLock;
use tempfile::TempDir;

const PEOPLE: u64 = 1_500;
const REGISTER: u64 = 30_000;
/// The threshold of certainty, set without labels.
const CERTAIN: f64 = 0.95;

/// Imported and trained once for all tests of this file.
struct Planted {
    task: Task,
    rows: Vec<Row>,
    _dir: TempDir,
}

static WITH_IDS: LazyLock<Planted> = LazyLock::new(|| planted(true));
static WITHOUT_IDS: LazyLock<Planted> = LazyLock::new(|| planted(false));

fn planted(with_ids: bool) -> Planted {
    let dir = tempfile::tempdir().unwrap();
    let plan = LinkagePlan {
        people: PEOPLE,
        register_people: REGISTER,
        seed: 41,
        with_ids,
        rates: Mix::Hard.rates(),
    };
    make(&plan, dir.path(), &mut |_| ()).unwrap();
    let task = Task::prepare(dir.path(), "persons.parquet");
    let rows = task.rows();
    assert_eq!(rows.len() as u64, PEOPLE);
    Planted {
        task,
        rows,
        _dir: dir,
    }
}

#[test]
fn people_are_found_and_hardly_anybody_wrongly_with_identifiers() {
    let rows = &WITH_IDS.rows;
    let (precision, recall) = precision_recall(rows, CERTAIN);
    assert!(
        precision >= 0.997 && recall >= 0.985,
        "{precision} {recall}"
    );
    assert!(best_f1(rows) >= 0.995, "F1 {}", best_f1(rows));
}

#[test]
fn people_are_found_and_hardly_anybody_wrongly_without_identifiers() {
    let rows = &WITHOUT_IDS.rows;
    let (precision, recall) = precision_recall(rows, CERTAIN);
    assert!(
        precision >= 0.997 && recall >= 0.965,
        "{precision} {recall}"
    );
    assert!(best_f1(rows) >= 0.988, "F1 {}", best_f1(rows));
}

/// In every tenth with enough people the share that is right is the share stated, to within
/// five points and three Monte-Carlo standard errors; so is the whole.
#[test]
fn a_stated_probability_is_how_often_it_is_right() {
    for rows in [&WITH_IDS.rows, &WITHOUT_IDS.rows] {
        let linked: Vec<&Row> = rows.iter().filter(|r| !r.found.is_empty()).collect();
        held_to(&linked, 0.01);
        for tenth in 0..10 {
            let of = |r: &&Row| ((r.p * 10.0) as usize).min(9) == tenth;
            let bin: Vec<&Row> = linked.iter().copied().filter(of).collect();
            if bin.len() >= 30 {
                held_to(&bin, 0.05);
            }
        }
    }
}

#[track_caller]
fn held_to(rows: &[&Row], tolerance: f64) {
    let n = rows.len() as f64;
    let stated: f64 = rows.iter().map(|r| r.p).sum::<f64>() / n;
    let right = rows.iter().filter(|r| r.right()).count() as f64 / n;
    let error = rows.iter().map(|r| r.p * (1.0 - r.p)).sum::<f64>().sqrt() / n;
    assert!(
        (stated - right).abs() <= tolerance + 3.0 * error,
        "stated {stated:.3}, right {right:.3} of {n} rows"
    );
}

/// Women change their surnames more often; that must not make them the ones who are lost.
#[test]
fn women_are_found_as_often_as_men_to_within_a_point() {
    for rows in [&WITH_IDS.rows, &WITHOUT_IDS.rows] {
        let recall = |sex: &str| {
            let of: Vec<&Row> = rows
                .iter()
                .filter(|r| r.present() && r.truth["sex"] == sex)
                .collect();
            let n = of.len() as f64;
            let found = of.iter().filter(|r| r.right() && r.linked(CERTAIN)).count() as f64 / n;
            (found, found * (1.0 - found) / n)
        };
        let ((women, wv), (men, mv)) = (recall("F"), recall("M"));
        let allowed = 0.01 + 3.0 * (wv + mv).sqrt();
        assert!(
            (women - men).abs() <= allowed,
            "women {women:.3}, men {men:.3}"
        );
    }
}

/// Somebody absent resembles a brother, father or twin who is on the register: of all the links
/// to look-alikes, no more are wrong than the stated probabilities say.
#[test]
fn relations_on_the_register_are_not_taken_for_those_who_are_absent() {
    for rows in [&WITH_IDS.rows, &WITHOUT_IDS.rows] {
        let absent: Vec<&Row> = rows.iter().filter(|r| !r.present()).collect();
        assert!(absent.len() > 100);
        let certain = absent.iter().filter(|r| r.linked(CERTAIN)).count();
        assert!(
            certain * 20 <= absent.len(),
            "{certain} of {} absent people",
            absent.len()
        );
        let strangers: Vec<&&Row> = absent
            .iter()
            .filter(|r| r.truth["kind"] == "absent")
            .collect();
        let certain = strangers.iter().filter(|r| r.linked(CERTAIN)).count();
        assert!(
            certain * 100 <= strangers.len(),
            "{certain} of {} strangers",
            strangers.len()
        );
        let likely: Vec<&Row> = rows.iter().filter(|r| r.linked(0.5)).collect();
        let wrong = likely.iter().filter(|r| !r.right()).count() as f64;
        let expected: f64 = likely.iter().map(|r| 1.0 - r.p).sum();
        let spread = likely.iter().map(|r| r.p * (1.0 - r.p)).sum::<f64>().sqrt();
        assert!(
            wrong <= expected + 3.0 * spread + 0.005 * likely.len() as f64,
            "{wrong} wrong links, {expected:.1} stated"
        );
    }
}

#[test]
fn one_thread_and_two_make_the_same_bytes() {
    let task = &WITHOUT_IDS.task;
    assert!(task.train("one.toml", 1) == task.train("two.toml", 2));
    assert!(task.link(1) == task.link(2));
}
