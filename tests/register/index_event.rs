//! The rule that picks the index event, worked by hand for each choice, and over random events.

use crate::fixtures::*;
use counterpart::linkage::{LinkageError, Selection, index_events, link};
use counterpart::numeric::frame::{Column, Frame};
use counterpart::register::{Events, event_columns};
use counterpart::study::{Several, Study};
use proptest::prelude::*;

const START: i32 = 1000;

/// A window from 100 days before the start to 100 after; follow-up of 50 days; "x" is eligible.
fn rule(several: Several) -> Study {
    let mut study = study();
    study.index_event.window_before_days = 100;
    study.index_event.window_after_days = 100;
    study.index_event.several = several;
    study.eligibility.follow_up_days = 50;
    study.eligibility.only = [("sentence".to_owned(), vec!["x".to_owned()])].into();
    study
}

/// One participant, person 1, who started on day 1000.
fn select(study: &Study, events: &Events) -> Result<Selection, LinkageError> {
    let who = named("Ann", "Lee", 50);
    let register = persons(&[(1, who)]);
    let cohort = [participant(who, START)];
    index_events(&link(&cohort, &register, study), &cohort, events, study)
}

fn taken(study: &Study, events: &Events) -> Vec<u32> {
    select(study, events).unwrap().participants
}

fn loss(study: &Study, events: &Events) -> String {
    let selection = select(study, events).unwrap();
    assert!(selection.participants.is_empty());
    let lost: Vec<_> = selection.steps.iter().flat_map(|s| &s.lost).collect();
    assert_eq!(lost.len(), 1);
    assert!(lost[0].remedy.is_some(), "{}", lost[0].reason);
    lost[0].reason.clone()
}

/// Days 910, 980, 1030 and 1090: latest 1090, earliest 910, nearest 980 (20 days before).
fn four() -> Events {
    let day = |d| (1, START + d, "x");
    events(&[day(30), day(-90), day(90), day(-20)], 9999)
}

#[test]
fn each_rule_takes_its_own_event_of_several() {
    assert_eq!(taken(&rule(Several::Latest), &four()), [2]);
    assert_eq!(taken(&rule(Several::Earliest), &four()), [1]);
    assert_eq!(taken(&rule(Several::Nearest), &four()), [3]);
    let reason = loss(&rule(Several::Refuse), &four());
    assert!(
        reason.starts_with("more than one release in that time"),
        "{reason}"
    );
}

#[test]
fn of_two_events_equally_near_the_one_before_the_start_is_taken() {
    let rows = [
        (1, START + 7, "x"),
        (1, START - 7, "x"),
        (1, START - 7, "x"),
    ];
    assert_eq!(taken(&rule(Several::Nearest), &events(&rows, 9999)), [2]);
}

#[test]
fn an_event_of_another_kind_is_none_of_several() {
    let rows = [
        (1, START - 5, "x"),
        (1, START - 4, "y"),
        (1, START - 300, "x"),
    ];
    let chosen = select(&rule(Several::Refuse), &events(&rows, 9999)).unwrap();
    assert_eq!((chosen.participants, chosen.several), (vec![0], 0));
}

#[test]
fn people_with_several_are_counted_whichever_is_taken() {
    for several in [
        Several::Latest,
        Several::Earliest,
        Several::Nearest,
        Several::Refuse,
    ] {
        assert_eq!(select(&rule(several), &four()).unwrap().several, 1);
    }
    let one = events(&[(1, START, "x")], 9999);
    assert_eq!(select(&rule(Several::Latest), &one).unwrap().several, 0);
}

/// Recorded up to day 1079: with 50 days of follow-up, day 1029 is the last that is complete.
#[test]
fn an_event_too_recent_falls_back_only_where_the_study_says_so() {
    let mut events = four();
    events.cut_off = START + 79;
    let mut study = rule(Several::Latest);
    assert!(loss(&study, &events).starts_with("fewer than 50 days"));
    study.index_event.fall_back = true;
    assert_eq!(
        taken(&study, &events),
        [3],
        "day 980: 1030 and 1090 are too recent"
    );
    events.cut_off = START + 80;
    assert_eq!(taken(&study, &events), [0], "day 1030 is complete by a day");
    events.cut_off = START - 41;
    assert!(
        loss(&study, &events).starts_with("fewer than 50 days"),
        "none is complete"
    );
}

/// Sentences of 200 days from days 700 (ended 900), 750 (ended 950) and 950 (not ended).
fn with_ends() -> Events {
    let mut events = events(&[(1, 700, "x"), (1, 750, "x"), (1, 950, "x")], 9999);
    let mut frame = Frame::new(3);
    frame.push("sentence", Column::category([Some("x"); 3]));
    frame.push("end_date", Column::Number(vec![900.0, 950.0, f64::NAN]));
    events.frame = frame;
    events
}

#[test]
fn the_window_can_look_at_the_end_of_a_sentence() {
    let mut study = rule(Several::Latest);
    assert_eq!(
        taken(&study, &with_ends()),
        [2],
        "the only one that began in the window"
    );
    study.index_event.date = "end_date".into();
    assert!(event_columns(&study).contains(&"end_date".to_owned()));
    assert_eq!(
        taken(&study, &with_ends()),
        [1],
        "the latest that ended in it"
    );
    study.index_event.several = Several::Earliest;
    assert_eq!(
        taken(&study, &with_ends()),
        [0],
        "day 900 is the window's first"
    );
    study.index_event.window_before_days = 99;
    assert_eq!(taken(&study, &with_ends()), [1]);
}

#[test]
fn follow_up_counts_from_the_event_whatever_the_window_looks_at() {
    let mut study = rule(Several::Latest);
    study.index_event.date = "end_date".into();
    let mut events = with_ends();
    events.cut_off = 799;
    assert!(loss(&study, &events).starts_with("fewer than 50 days"));
    events.cut_off = 800;
    assert_eq!(taken(&study, &events), [1], "750 + 50");
}

#[test]
fn every_way_of_having_no_event_has_a_reason_of_its_own() {
    let study = rule(Several::Latest);
    let of = |rows: &[(u64, i32, &str)]| loss(&study, &events(rows, 9999));
    assert_eq!(of(&[(2, START, "x")]), "no release on the register");
    let window = "no release from 100 days before the start to 100 days after it";
    assert_eq!(
        of(&[(1, START - 101, "x")]),
        format!("{window}, only earlier")
    );
    assert_eq!(
        of(&[(1, START + 101, "x")]),
        format!("{window}, only later")
    );
    let both = of(&[(1, START - 101, "x"), (1, START + 101, "x")]);
    assert_eq!(both, format!("{window}, only earlier and later"));
    assert!(of(&[(1, START, "y"), (2, START, "x")]).contains("not of the kind studied (sentence)"));
    let mut study = study;
    study.index_event.date = "end_date".into();
    let mut open = events(&[(1, START, "x")], 9999);
    open.frame.push("end_date", Column::Number(vec![f64::NAN]));
    assert_eq!(
        loss(&study, &open),
        "the release has no end date on the register"
    );
}

#[test]
fn a_date_that_is_not_there_or_no_date_is_refused() {
    let mut study = rule(Several::Latest);
    study.index_event.date = "end_date".into();
    assert!(matches!(
        select(&study, &four()),
        Err(LinkageError::NoColumn { .. })
    ));
    study.index_event.date = "sentence".into();
    assert!(matches!(
        select(&study, &four()),
        Err(LinkageError::NoDates { .. })
    ));
}

fn parsed(lines: &str) -> Result<Study, String> {
    let whole = std::fs::read_to_string("models/reoffending.toml").unwrap();
    let from = whole.find("[index_event]").unwrap();
    let to = from + whole[from..].find("[linkage]").unwrap();
    let text = format!(
        "{}[index_event]\n{lines}\n\n{}",
        &whole[..from],
        &whole[to..]
    );
    Study::parse("s.toml", &text).map_err(|e| e.to_string())
}

#[test]
fn a_study_file_says_the_rule_and_nonsense_is_refused_with_its_line() {
    let study = parsed("several = \"nearest\"\ndate = \"end_date\"\nfall_back = true").unwrap();
    let rule = &study.index_event;
    assert_eq!(
        (rule.several, rule.date.as_str(), rule.fall_back),
        (Several::Nearest, "end_date", true)
    );
    let silent = parsed("").unwrap().index_event;
    assert_eq!(silent.several, Several::Latest);
    assert_eq!(
        (silent.date.as_str(), silent.fall_back),
        ("event_date", false)
    );
    for (lines, word) in [
        ("several = \"last\"", "unknown choice `last`"),
        ("several = true", "wanted string"),
        ("date = \"\"", "`date` is empty"),
        ("date = 3", "invalid type"),
        ("date = \"reoffended\"", "is an outcome"),
        (
            "several = \"refuse\"\nfall_back = true",
            "`fall_back` needs",
        ),
        ("fall_back = \"yes\"", "true or false"),
        ("window_before_days = 40000", "from 0 to 36525"),
        ("window_before_days = -1", "whole number from 0"),
        ("severals = \"latest\"", "unknown setting `severals`"),
    ] {
        let said = parsed(lines).unwrap_err();
        assert!(said.contains(word), "{lines}: {said}");
        let line = said
            .strip_prefix("s.toml, line ")
            .and_then(|l| l.split(':').next());
        let line: usize = line.unwrap().parse().unwrap();
        assert!((17..=19).contains(&line), "{lines}: {said}");
    }
}

proptest! {
    /// Over random events and every rule: nobody is lost without a reason, people with several are
    /// never more than those found, and whoever is kept has an eligible event in the window with its
    /// follow-up complete.
    #[test]
    fn the_attrition_adds_up_under_every_rule(
        rows in prop::collection::vec((1u64..20, 800i32..1200, any::<bool>()), 0..60),
        choice in 0usize..4,
        fall_back in any::<bool>(),
        cut_off in 900i32..1300,
    ) {
        let several = [Several::Latest, Several::Earliest, Several::Nearest, Several::Refuse][choice];
        let mut study = rule(several);
        study.index_event.fall_back = fall_back && several != Several::Refuse;
        let mut rows: Vec<(u64, i32, &str)> =
            rows.iter().map(|&(p, d, e)| (p, d, if e { "x" } else { "y" })).collect();
        rows.push((99, 1000, "x"));
        let surnames: Vec<String> = (1..20).map(|i| format!("Lee{}", "a".repeat(i))).collect();
        let people: Vec<(u64, Who)> =
            (1..20).map(|i| (i as u64, named("Ann", &surnames[i - 1], 50))).collect();
        let cohort: Vec<_> = people.iter().map(|(_, who)| participant(*who, START)).collect();
        let held = events(&rows, cut_off);
        let links = link(&cohort, &persons(&people), &study);
        let chosen = index_events(&links, &cohort, &held, &study).unwrap();
        let mut left = chosen.steps[0].people;
        for step in &chosen.steps[1..] {
            left -= step.lost.iter().map(|l| l.people).sum::<u64>();
            prop_assert_eq!(step.people, left);
        }
        prop_assert_eq!(left, chosen.participants.len() as u64);
        prop_assert!(chosen.several <= chosen.steps[0].people);
        for &row in &chosen.participants {
            let (_, day, kind) = rows[row as usize];
            prop_assert!(kind == "x" && (900..=1100).contains(&day) && day + 50 <= cut_off);
        }
    }
}
