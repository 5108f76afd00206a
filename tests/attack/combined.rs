//! Attacks with several reports at once: side by side in a comparison, a total and its part, the same
//! person in two lists, and two lists that are a third together.

use crate::outcomes::lists_of_no_choice;
use crate::register::{ask, list, study as of_register};
use crate::tell;
use crate::world::{Row, released, study, target_has_it, world};
use counterpart::comparison::input::{About, Ask, File, gather};
use counterpart::comparison::{Order, RULES, Rules, compare};
use counterpart::disclosure::releases::FileReleases;
use counterpart::evaluation::{EvaluationError, Guard};
use serde_json::Value;

/// All that a comparison says of these reports: what it writes and what its page shows.
fn compared(reports: &[&Value]) -> (String, String) {
    let texts: Vec<String> = reports.iter().map(|r| r.to_string()).collect();
    let names: Vec<String> = (0..texts.len()).map(|i| format!("programme {i}")).collect();
    let files: Vec<File<'_>> = texts
        .iter()
        .zip(&names)
        .map(|(text, name)| File {
            name,
            bytes: text.as_bytes(),
            about: About {
                programme: Some(name),
                ..About::default()
            },
        })
        .collect();
    let found = gather(&files, &Ask::default()).unwrap();
    let found = compare(found, Order::Name, &Rules::read(RULES).unwrap()).unwrap();
    let page = counterpart::comparison::page(&found).unwrap();
    (serde_json::to_string(&found).unwrap(), page)
}

#[test]
fn a_comparison_says_nothing_that_its_reports_do_not() {
    let study = study("controlled", "");
    let others: Vec<Value> = [(90, 20, 71), (110, 40, 72)]
        .into_iter()
        .filter_map(|(people, with, seed)| released(&world(people, with, seed), &study))
        .collect();
    let (mut reports_differ, mut comparisons_differ, trials) = (0, 0, 20);
    for rows in lists_of_no_choice(trials) {
        let of = |has| released(&target_has_it(rows.clone(), has), &study).unwrap();
        let (with, without) = (of(true), of(false));
        let beside = |r: &Value| compared(&[r, &others[0], &others[1]]);
        let same = beside(&with) == beside(&without);
        reports_differ += u64::from(with != without);
        comparisons_differ += u64::from(!same);
        assert!(same || with != without, "alike reports, unlike comparisons");
        // The same reports again say the same, to the last byte.
        assert_eq!(beside(&with), beside(&with));
    }
    assert!(reports_differ < trials, "or there was nothing to hide");
    assert!(comparisons_differ <= reports_differ);
    tell(
        "a comparison of three reports, anything it says",
        "controlled",
        0.5 + 0.5 * comparisons_differ as f64 / trials as f64,
        trials as usize,
    );
}

/// How often somebody is right who has both reports of each pair and tells worlds apart whenever
/// anything printed in either differs.
fn of_pairs(trials: u64, pair: impl Fn(&[Row]) -> [Vec<Row>; 2]) -> f64 {
    let study = study("controlled", "");
    let mut right = 0.0;
    for rows in lists_of_no_choice(trials) {
        let told = |has| pair(&target_has_it(rows.clone(), has)).map(|r| released(&r, &study));
        right += if told(true) == told(false) { 0.5 } else { 1.0 };
    }
    right / trials as f64
}

#[test]
fn a_total_and_its_part_tell_of_the_rest_no_more_than_the_total_does() {
    // The target is in the rest: the part without the last twenty participants, or without the first.
    let trials = 30;
    let alone = of_pairs(trials, |rows| [rows.to_vec(), rows.to_vec()]);
    let minus_part = of_pairs(trials, |rows| [rows.to_vec(), rows[20..].to_vec()]);
    tell(
        "a total minus a part, the target in the rest",
        "controlled",
        minus_part,
        trials as usize,
    );
    assert_eq!(
        minus_part, alone,
        "the part has nothing of the target in it"
    );
    assert!(minus_part <= 0.72, "{minus_part}");
}

#[test]
fn the_same_person_in_two_lists_is_a_little_less_hidden() {
    // Rounding hides by each list's own edges: two lists have two chances to show a person. Nothing
    // more is claimed of controlled mode; formal mode pays for each.
    let trials = 30;
    let both = of_pairs(trials, |rows| {
        let people = rows.iter().filter(|r| r.took_part).count();
        let mut other = rows.to_vec();
        // The first half of the participants, and everybody else.
        other.drain(people / 2 + 20..people);
        [rows.to_vec(), other]
    });
    tell(
        "the target in two overlapping lists",
        "controlled",
        both,
        trials as usize,
    );
    assert!(both <= 0.85, "{both}");
}

#[test]
fn with_a_record_of_releases_a_part_close_to_its_total_and_two_that_make_a_third_are_refused() {
    let study = of_register("mode = \"controlled\"");
    let folder = tempfile::tempdir().unwrap();
    let releases = FileReleases::open(folder.path()).unwrap();
    let guard = || {
        Some(Guard {
            releases: &releases,
            steward: None,
        })
    };
    let refused = |of: std::ops::Range<usize>| {
        let told = ask(&list(of, false), &study, guard());
        matches!(told, Err(EvaluationError::Release(_)))
    };
    ask(&list(0..110, false), &study, guard()).unwrap();
    assert!(
        refused(0..100),
        "a part that leaves ten of the total to be worked out"
    );
    ask(&list(110..220, false), &study, guard()).unwrap();
    assert!(
        refused(0..220),
        "a total of two reports that are there already"
    );
    tell(
        "a total of two earlier reports, a part close to its total",
        "controlled",
        0.5,
        2,
    );
}
