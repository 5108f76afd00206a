//! Attacks on what happened to somebody. The adversary is given all there is: he releases the world
//! in which the target had the outcome and the one in which the target had it not, by this very code
//! and on the very same pool, and compares both with what he was told.

use crate::tell;
use crate::world::{Dice, Row, printed_count, released, study, target_has_it, world};
use counterpart::study::Study;
use serde_json::Value;

/// How often an adversary is right who can tell worlds apart whenever anything printed differs, and
/// else tosses a coin.
fn told_apart(worlds: impl Iterator<Item = Vec<Row>>, study: &Study) -> (f64, usize) {
    let (mut right, mut trials) = (0.0, 0);
    for rows in worlds {
        let with = released(&target_has_it(rows.clone(), true), study);
        let without = released(&target_has_it(rows, false), study);
        right += if with == without { 0.5 } else { 1.0 };
        trials += 1;
    }
    (right / trials as f64, trials)
}

pub fn lists_of_no_choice(trials: u64) -> impl Iterator<Item = Vec<Row>> {
    let mut dice = Dice(11);
    (0..trials).map(move |seed| {
        let people = 80 + dice.next(60) as usize;
        let with = people / 4 + dice.next(people as u64 / 4) as usize;
        world(people, with, seed)
    })
}

/// One target, 59 known people, and as many of them with the outcome as stand at the edge of
/// rounding: 22 print as 20, 23 as 25.
fn padded(trials: u64) -> impl Iterator<Item = Vec<Row>> {
    (0..trials).map(|seed| world(60, 22, seed))
}

#[test]
fn without_a_policy_everybody_is_known() {
    let (right, trials) = told_apart(lists_of_no_choice(4), &study("none", ""));
    tell(
        "any list, all outcomes known but one",
        "none",
        right,
        trials,
    );
    assert_eq!(right, 1.0);
}

#[test]
fn controlled_mode_hides_one_in_a_list_that_nobody_chose_for_it() {
    let (right, trials) = told_apart(lists_of_no_choice(60), &study("controlled", ""));
    tell(
        "a list not chosen for the target, anything printed",
        "controlled",
        right,
        trials,
    );
    // A count moves over an edge of five in one of five lists (0.6), and all else that is printed
    // adds nothing to that but a rung of a ladder now and then.
    assert!(right <= 0.70, "{right}");
}

#[test]
fn controlled_mode_is_no_promise_against_a_padded_list() {
    let (right, trials) = told_apart(padded(10), &study("controlled", ""));
    tell(
        "a list padded to the edge of rounding, one submission",
        "controlled",
        right,
        trials,
    );
    // The documentation and the report say that this succeeds: if it ever fails, they are wrong.
    assert_eq!(right, 1.0);
    let said = released(&world(60, 25, 1), &study("controlled", "")).unwrap();
    let limits = said["disclosure"]["control"]["limits"].as_array().unwrap();
    assert!(limits[0].as_str().unwrap().contains("can often tell"));
}

#[test]
fn nothing_printed_leads_back_to_the_exact_count() {
    // Counts that print alike: is anything else printed that differs?
    let study = study("controlled", "");
    let (mut solved, mut lists) = (0, 0);
    for seed in 0..12u64 {
        let people = 90 + 5 * (seed as usize % 7);
        let base = 30 + 5 * (seed as usize % 4);
        // base - 2 to base + 2 of them, the same ones and some more.
        let mut rows = world(people, base - 2, seed);
        let others: Vec<usize> = (1..people).filter(|&i| !rows[i].outcome).take(4).collect();
        let mut seen: Vec<Value> = vec![released(&rows, &study).unwrap()];
        for i in others {
            rows[i].outcome = true;
            seen.push(released(&rows, &study).unwrap());
        }
        assert!(seen.iter().all(|s| printed_count(s) == Some(base as f64)));
        lists += 1;
        solved += usize::from(seen.iter().any(|s| *s != seen[0]));
    }
    println!(
        "back-solving from difference, range, p and ratios: {solved} of {lists} lists print anything that differs within a count"
    );
    assert!(solved <= 1, "{solved}");
}

#[test]
fn repeats_of_a_controlled_release_are_the_same_and_add_nothing() {
    let study = study("controlled", "");
    let rows = world(100, 37, 5);
    assert_eq!(released(&rows, &study), released(&rows, &study));
}

/// Right guesses of an adversary who averages so many releases of a padded list.
fn averaging(mode: &str, repeats: usize, trials: u64) -> f64 {
    let study = study(mode, "epsilon = 1.0");
    let mut right = 0.0;
    for seed in 0..trials {
        let has = seed % 2 == 0;
        let rows = target_has_it(world(60, 22, seed), has);
        let told: Vec<f64> = (0..repeats)
            .filter_map(|_| released(&rows, &study).as_ref().and_then(printed_count))
            .collect();
        let mean = told.iter().sum::<f64>() / told.len().max(1) as f64;
        right += match told.is_empty() || mean == 22.5 {
            true => 0.5,
            false => f64::from(u8::from((mean > 22.5) == has)),
        };
    }
    right / trials as f64
}

#[test]
fn formal_mode_keeps_even_the_padded_target_in_doubt() {
    let right = averaging("formal", 1, 160);
    tell(
        "a list padded to the edge of rounding, one submission",
        "formal",
        right,
        160,
    );
    // e / (1 + e) = 73 %, and three standard errors of 160 trials.
    assert!(right <= 0.73 + 0.11, "{right}");
}

#[test]
#[ignore = "minutes: how repeats wear the noise out, which is why records are counted"]
fn repeats_wear_formal_noise_out() {
    for (repeats, trials) in [(1, 1_000), (3, 400), (10, 200)] {
        let right = averaging("formal", repeats, trials);
        let attack = format!("the same list {repeats} times, answers averaged, no cap");
        tell(&attack, "formal", right, trials as usize);
    }
    let (right, trials) = told_apart(lists_of_no_choice(1_000), &study("controlled", ""));
    tell(
        "a list not chosen for the target, anything printed",
        "controlled",
        right,
        trials,
    );
    assert!(right <= 0.65, "{right}");
}

#[test]
fn one_less_tells_little_by_itself_and_is_refused_where_releases_are_kept() {
    // Two releases, with the target and without; guess from the difference of the printed counts.
    let study = study("controlled", "");
    let (mut right, trials) = (0.0, 40);
    for seed in 0..trials {
        let has = seed % 2 == 0;
        let rows = target_has_it(world(90, 28 + seed as usize % 11, seed), has);
        let with = released(&rows, &study).as_ref().and_then(printed_count);
        let less = released(&rows[1..], &study)
            .as_ref()
            .and_then(printed_count);
        right += match with.zip(less) {
            Some((a, b)) if a != b => f64::from(u8::from((a > b) == has)),
            // Alike: had the target it, the count would have moved in one case of five.
            _ => f64::from(u8::from(!has)),
        };
    }
    let right = right / trials as f64;
    tell(
        "minus one, two submissions, no record of releases",
        "controlled",
        right,
        trials as usize,
    );
    assert!(right <= 0.75, "{right}");
}

#[test]
fn a_tracker_through_a_sub_group_gets_no_answer() {
    // Everybody, and everybody but the target, who is the only man.
    let more = "[[analyses]]\nid = \"women\"\ntitle = \"Women\"\nonly = { woman = [\"1\"] }\n";
    let study = study("controlled", more);
    let mut rows = world(90, 35, 3);
    let participants = rows.iter_mut().enumerate().filter(|(_, r)| r.took_part);
    participants.for_each(|(i, r)| r.woman = i != 0);
    if let Some(report) = released(&rows, &study) {
        assert_eq!(report["analyses"].as_array().unwrap().len(), 1);
        assert_eq!(report["analyses_withheld"][0]["id"], "women");
    }
    // Twenty men, three of whom had it: the women's answer would tell of them.
    let mut rows = world(120, 0, 3);
    for (i, r) in rows.iter_mut().enumerate().filter(|(_, r)| r.took_part) {
        r.woman = i >= 40;
        r.outcome = if i < 40 { i < 3 } else { i % 2 == 0 };
    }
    let report = released(&rows, &study).unwrap();
    let women = report["analyses"]
        .as_array()
        .unwrap()
        .iter()
        .find(|a| a["id"] == "women");
    if let Some(women) = women {
        assert!(women["outcomes"][0]["treated"].is_null(), "{women}");
    }
    tell(
        "a sub-group that leaves out one, or a few of a kind",
        "controlled",
        0.5,
        2,
    );
}
