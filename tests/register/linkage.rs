//! Who is found, by which key, and why the others are not.

use crate::fixtures::*;
use counterpart::cohort::Participant;
use counterpart::linkage::{FoundBy, Links, link};
use counterpart::register::PersonKey;
use counterpart::study::LinkageKey;

const PNC: &str = "1979/0163001B";
const DISAGREES: &str = "identifier found but name and date of birth disagree";

fn find(cohort: &[Who], register: &[(u64, Who)]) -> Links {
    let cohort: Vec<Participant> = cohort.iter().map(|who| participant(*who, 100)).collect();
    link(&cohort, &persons(register), &study())
}

fn found(links: &Links) -> Vec<(usize, u64)> {
    let linked = links.linked.iter();
    linked.map(|l| (l.participant, l.person.0)).collect()
}

fn reasons(links: &Links) -> Vec<(&str, u64)> {
    let lost = links.lost.iter();
    lost.map(|l| (l.reason.as_str(), l.people)).collect()
}

fn with_pnc<'a>(pnc: &'a str, who: Who<'a>) -> Who<'a> {
    Who { pnc, ..who }
}

#[test]
fn an_identifier_links_when_surname_or_date_of_birth_agrees() {
    let held = [(7, with_pnc(PNC, named("Ann", "Lee", 50)))];
    for who in [
        named("Ann", "Lee", 50),
        named("Ann", "Married", 50),
        named("Ann", "LEE", 51),
        named("", "lee", 0),
        named("", "", 50),
    ] {
        let links = find(&[with_pnc(PNC, who)], &held);
        assert_eq!(found(&links), [(0, 7)]);
        assert!(links.linked[0].by == FoundBy::Key(LinkageKey::PncId));
    }
}

#[test]
fn an_identifier_of_somebody_else_links_nobody_and_keeps_its_owner_out_of_the_pool() {
    let held = [(7, with_pnc(PNC, named("Ann", "Lee", 50)))];
    let links = find(&[with_pnc(PNC, named("Ann", "Roe", 51))], &held);
    assert!(links.linked.is_empty());
    assert_eq!(reasons(&links), [(DISAGREES, 1)]);
    assert!(links.excluded_from_pool.contains(&PersonKey(7)));
}

#[test]
fn an_identifier_with_nothing_to_confirm_it_links_nobody() {
    let held = [(7, with_pnc(PNC, named("Ann", "Lee", 50)))];
    let links = find(&[with_pnc(PNC, Who::default())], &held);
    assert!(links.linked.is_empty());
    assert!(reasons(&links)[0].0.contains("to confirm it"));
}

#[test]
fn a_wrong_identifier_does_not_stop_name_and_date_of_birth() {
    let held = [
        (7, with_pnc(PNC, named("Ann", "Lee", 50))),
        (8, named("Bea", "Roe", 60)),
    ];
    let links = find(&[with_pnc(PNC, named("Béa", "ROE", 60))], &held);
    assert_eq!(found(&links), [(0, 8)]);
    assert!(links.linked[0].by == FoundBy::Key(LinkageKey::NameAndDob));
    assert_eq!(links.excluded_from_pool.len(), 2);
}

#[test]
fn keys_are_tried_in_the_order_the_study_gives() {
    let register = persons(&[
        (1, with_pnc(PNC, named("Ann", "Lee", 50))),
        (
            2,
            Who {
                prison: "A1234BC",
                ..named("Ann", "Lee", 51)
            },
        ),
    ]);
    let cohort = [participant(
        Who {
            pnc: PNC,
            prison: "A1234BC",
            ..named("Ann", "Lee", 0)
        },
        100,
    )];
    let mut study = study();
    for (keys, person) in [
        ([LinkageKey::PncId, LinkageKey::PrisonNumber], 1),
        ([LinkageKey::PrisonNumber, LinkageKey::PncId], 2),
    ] {
        study.linkage.keys = keys.to_vec();
        let links = link(&cohort, &register, &study);
        assert_eq!(found(&links), [(0, person)]);
        assert!(links.by_key == [(keys[0], 1), (keys[1], 0)]);
    }
}

#[test]
fn two_people_of_one_name_and_birthday_link_nobody_and_both_leave_the_pool() {
    let held = [
        (1, named("John", "Smith", 50)),
        (2, named("john", "smith", 50)),
        (3, named("John", "Smith", 51)),
    ];
    let links = find(&[named("John", "Smith", 50)], &held);
    assert!(links.linked.is_empty());
    assert_eq!(
        reasons(&links),
        [("two or more people on the register fit about equally", 1)]
    );
    let mut out: Vec<u64> = links.excluded_from_pool.iter().map(|k| k.0).collect();
    out.sort_unstable();
    assert_eq!(out, [1, 2]);
}

#[test]
fn twins_are_told_apart_by_their_forenames() {
    let held = [
        (1, named("Mary", "O'Neil", 50)),
        (2, named("Martha", "O'Neil", 50)),
    ];
    let cohort = [
        named("Martha", "ONeil", 50),
        named("Mary", "O\u{2019}Neil", 50),
    ];
    assert_eq!(found(&find(&cohort, &held)), [(0, 2), (1, 1)]);
}

#[test]
fn aliases_of_one_person_are_one_person() {
    let held = [
        (1, with_pnc(PNC, named("Ann", "Lee", 50))),
        (1, with_pnc(PNC, named("Ann", "Roe", 50))),
    ];
    let cohort = [with_pnc(PNC, named("Ann", "Roe", 50))];
    assert_eq!(found(&find(&cohort, &held)), [(0, 1)]);
}

#[test]
fn two_rows_found_to_be_one_person_count_once_with_the_earlier_start() {
    let register = persons(&[(1, with_pnc(PNC, named("Ann", "Lee", 50)))]);
    let cohort = [
        participant(with_pnc(PNC, named("Ann", "Other", 50)), 300),
        participant(named("Ann", "Lee", 50), 200),
        participant(with_pnc(PNC, named("A", "Lee", 0)), 200),
    ];
    let links = link(&cohort, &register, &study());
    assert_eq!(found(&links), [(1, 1)]);
    assert!(links.by_key[2] == (LinkageKey::NameAndDob, 1));
    assert_eq!(links.lost[0].people, 2);
    assert!(links.lost[0].reason.contains("same person"));
}

#[test]
fn missing_parts_of_a_name_find_nobody_by_name() {
    let held = [(1, named("", "Lee", 50)), (2, named("Ann", "-", 50))];
    let cohort = [
        named("", "Lee", 50),
        named("Ann", "", 50),
        named("Ann", "Lee", 0),
        named("-", "Lee", 50),
    ];
    let links = find(&cohort, &held);
    assert!(links.linked.is_empty());
    assert_eq!(links.lost[0].people, 4);
}

#[test]
fn nobody_found_and_nobody_asked_for_are_answers_too() {
    let links = find(&[named("Ann", "Lee", 50)], &[]);
    assert_eq!((links.linked.len(), links.lost[0].people), (0, 1));
    let links = find(&[], &[(1, named("Ann", "Lee", 50))]);
    assert_eq!((links.linked.len(), links.lost.len()), (0, 0));
    assert_eq!(links.step().people, 0);
}
