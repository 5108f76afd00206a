//! Which event of a person's is the index event, and who is in the comparison pool.

use crate::fixtures::*;
use counterpart::linkage::{LinkageError, Selection, index_events, link};
use counterpart::numeric::frame::{Column, Frame};
use counterpart::register::Events;
use counterpart::study::Study;

const START: i32 = 1000;

/// One participant, person 1, who started on day 1000; a window of 100 days before to 10 after;
/// follow-up of 50 + 5 days.
fn one_participant() -> Study {
    let mut study = study();
    study.index_event.window_before_days = 100;
    study.index_event.window_after_days = 10;
    study.eligibility.follow_up_days = 50;
    study.eligibility.recording_days = 5;
    study
}

fn select(study: &Study, events: &Events) -> Result<Selection, LinkageError> {
    let who = named("Ann", "Lee", 50);
    let register = persons(&[(1, who), (2, named("Bea", "Roe", 60))]);
    let cohort = [participant(who, START)];
    index_events(&link(&cohort, &register, study), &cohort, events, study)
}

fn reason(selection: &Selection, step: usize) -> &str {
    selection.steps[step].lost.first().map_or("", |l| &l.reason)
}

#[test]
fn the_index_event_is_the_latest_in_the_window_and_its_ends_count() {
    let rows = [
        (1, START - 101, "x"),
        (1, START - 100, "x"),
        (1, START + 11, "x"),
    ];
    let chosen = select(&one_participant(), &events(&rows, 9999)).unwrap();
    assert_eq!(chosen.participants, [1]);
    let rows = [(1, START + 10, "x"), (1, START - 1, "x")];
    let chosen = select(&one_participant(), &events(&rows, 9999)).unwrap();
    assert_eq!(chosen.participants, [0]);
}

#[test]
fn of_two_events_on_one_day_the_later_row_is_chosen() {
    let rows = [(1, START, "x"), (2, START, "x"), (1, START, "x")];
    let chosen = select(&one_participant(), &events(&rows, 9999)).unwrap();
    assert_eq!(chosen.participants, [2]);
}

#[test]
fn each_loss_has_its_own_reason() {
    let mut study = one_participant();
    let only = |s: &mut Study| {
        s.eligibility.only = [("sentence".to_owned(), vec!["custody".to_owned()])].into();
    };
    let none = select(&study, &events(&[(2, START, "x")], 9999)).unwrap();
    assert_eq!(reason(&none, 1), "no release on the register");
    let outside = select(&study, &events(&[(1, START + 11, "x")], 9999)).unwrap();
    assert!(reason(&outside, 1).contains("from 100 days before the start to 10 days after"));
    let recent = select(&study, &events(&[(1, START, "x")], START + 54)).unwrap();
    assert!(reason(&recent, 2).starts_with("fewer than 55 days"));
    let enough = select(&study, &events(&[(1, START, "x")], START + 55)).unwrap();
    assert_eq!(enough.participants, [0]);
    only(&mut study);
    let rows = [(1, START, "fine"), (2, START, "custody")];
    let other = select(&study, &events(&rows, 9999)).unwrap();
    assert!(reason(&other, 1).contains("not of the kind studied (sentence)"));
}

#[test]
fn an_event_that_is_not_eligible_does_not_hide_an_earlier_one_that_is() {
    let mut study = one_participant();
    study.eligibility.only = [("sentence".to_owned(), vec!["custody".to_owned()])].into();
    let rows = [(1, START - 50, "custody"), (1, START - 5, "fine")];
    let chosen = select(&study, &events(&rows, 9999)).unwrap();
    assert_eq!(chosen.participants, [0]);
}

#[test]
fn an_earlier_event_does_not_stand_in_for_one_too_recent() {
    let rows = [(1, START - 90, "x"), (1, START, "x")];
    let chosen = select(&one_participant(), &events(&rows, START + 10)).unwrap();
    assert!(chosen.participants.is_empty());
    assert!(chosen.pool.is_empty());
}

#[test]
fn flags_and_numbers_can_decide_eligibility() {
    let mut study = one_participant();
    let mut events = events(&[(1, START, "x"), (1, START - 9, "x")], 9999);
    let mut frame = Frame::new(2);
    frame.push("custodial", Column::Number(vec![0.0, 1.0]));
    events.frame = frame;
    for (value, row) in [("1", 1), ("yes", 1), ("true", 1), ("0", 0), ("no", 0)] {
        study.eligibility.only = [("custodial".to_owned(), vec![value.to_owned()])].into();
        assert_eq!(select(&study, &events).unwrap().participants, [row]);
    }
}

#[test]
fn an_eligibility_rule_nobody_can_meet_is_refused() {
    let mut study = one_participant();
    let events = events(&[(1, START, "custody")], 9999);
    let mut refused = |column: &str, value: &str| {
        study.eligibility.only = [(column.to_owned(), vec![value.to_owned()])].into();
        select(&study, &events).unwrap_err()
    };
    let typo = refused("sentence", "custdoy");
    assert!(matches!(typo, LinkageError::BadRule { .. }));
    assert!(typo.to_string().contains("the register has: custody"));
    let absent = refused("sentences", "custody");
    assert!(matches!(absent, LinkageError::NoColumn { .. }));
}

/// Persons 1 and 2 took part on days 1000 and 1040 (index events 990 and 1030); 7 cannot be told
/// from a namesake; the rest of the register is the pool.
fn with_pool(study: &Study) -> Selection {
    let ann = named("Ann", "Lee", 50);
    let bea = named("Bea", "Roe", 60);
    let joe = named("Joe", "Doe", 70);
    let register = persons(&[
        (1, ann),
        (2, bea),
        (7, joe),
        (8, joe),
        (3, named("C", "D", 5)),
    ]);
    let cohort = [
        participant(ann, 1000),
        participant(bea, 1040),
        participant(joe, 1000),
    ];
    let rows = [
        (1, 990, "x"),
        (3, 989, "x"),
        (3, 990, "x"),
        (3, 1010, "x"),
        (2, 1030, "x"),
        (4, 1031, "x"),
        (5, 1030, "x"),
        (7, 1000, "x"),
        (6, 1000, "y"),
        (1, 1001, "x"),
    ];
    let links = link(&cohort, &register, study);
    index_events(&links, &cohort, &events(&rows, 1085), study).unwrap()
}

#[test]
fn the_pool_is_everybody_else_with_an_event_in_the_participants_dates() {
    let mut study = one_participant();
    study.index_event.window_after_days = 0;
    study.eligibility.only = [("sentence".to_owned(), vec!["x".to_owned()])].into();
    let chosen = with_pool(&study);
    assert_eq!(chosen.participants, [0, 4]);
    assert_eq!(
        chosen.pool,
        [3, 6],
        "the latest event of 3, the only one of 5"
    );
    let lost: Vec<u64> = chosen.pool_lost.iter().map(|l| l.people).collect();
    assert_eq!(
        lost,
        [3, 1, 1],
        "1, 2 and 7 took part or may have; 6 is of another kind; 4 is late"
    );
    study.eligibility.one_event_per_person = false;
    assert_eq!(with_pool(&study).pool, [2, 3, 6]);
}
