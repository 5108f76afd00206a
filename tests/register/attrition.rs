//! Whatever the cohort and the register, the attrition adds up and the pool is clean.

use crate::fixtures::*;
use counterpart::cohort::Participant;
use counterpart::linkage::{index_events, link};
use counterpart::register::PersonKey;
use proptest::prelude::*;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Few names, days and identifiers, so that they collide.
fn who() -> impl Strategy<Value = Who<'static>> {
    let name = || prop::sample::select(vec!["", "Ann", "ann-", "Bea", "Zoë"]);
    let id = || prop::sample::select(vec!["", "", "1979/0163001B", "2003/0000001X"]);
    (name(), name(), 0..4i32, id(), id()).prop_map(|(forename, surname, dob, pnc, prison)| Who {
        forename,
        surname,
        dob,
        pnc,
        prison,
    })
}

fn rows() -> impl Strategy<Value = Vec<(u64, i32, &'static str)>> {
    let sentence = prop::sample::select(vec!["custody", "fine", ""]);
    prop::collection::vec((0..12u64, 0..120i32, sentence), 0..60)
}

proptest! {
    #[test]
    fn the_attrition_adds_up_and_the_pool_is_clean(
        cohort in prop::collection::vec((who(), 0..120i32), 0..20),
        register in prop::collection::vec((0..12u64, who()), 0..20),
        rows in rows(),
        follow_up in 0..60u32,
        one_event in any::<bool>(),
        only in any::<bool>(),
    ) {
        let mut study = study();
        study.index_event.window_before_days = 40;
        study.index_event.window_after_days = 5;
        study.eligibility.follow_up_days = follow_up;
        study.eligibility.one_event_per_person = one_event;
        if only && rows.iter().any(|r| r.2 == "custody") {
            study.eligibility.only = [("sentence".into(), vec!["custody".into()])].into();
        }
        let cohort: Vec<Participant> =
            cohort.into_iter().map(|(who, start)| participant(who, start)).collect();
        let events = events(&rows, 100);
        let links = link(&cohort, &persons(&register), &study);
        let chosen = index_events(&links, &cohort, &events, &study).unwrap();

        // Every step: people before = people after + people lost.
        let mut before = cohort.len() as u64;
        for step in &chosen.steps {
            prop_assert_eq!(before, step.people + step.lost.iter().map(|l| l.people).sum::<u64>());
            prop_assert!(step.lost.iter().all(|l| l.people > 0));
            before = step.people;
        }
        prop_assert_eq!(before, chosen.participants.len() as u64);
        prop_assert_eq!(
            links.linked.len() as u64,
            links.by_key.iter().map(|(_, people)| people).sum::<u64>()
        );

        // Everybody with an event is a pool member or lost to it for a reason.
        let owners: BTreeSet<PersonKey> = events.person.iter().copied().collect();
        let in_pool: BTreeSet<PersonKey> =
            chosen.pool.iter().map(|&r| events.person[r as usize]).collect();
        let lost: u64 = chosen.pool_lost.iter().map(|l| l.people).sum();
        prop_assert_eq!(owners.len() as u64, in_pool.len() as u64 + lost);

        // No person twice, nobody on both sides, nobody who might have taken part.
        let linked: HashSet<PersonKey> = links.linked.iter().map(|l| l.person).collect();
        prop_assert_eq!(linked.len(), links.linked.len());
        prop_assert!(linked.is_subset(&links.excluded_from_pool));
        prop_assert!(in_pool.iter().all(|p| !links.excluded_from_pool.contains(p)));
        prop_assert!(!one_event || in_pool.len() == chosen.pool.len());

        // Index events keep the study's rules.
        let starts: HashMap<PersonKey, i32> =
            links.linked.iter().map(|l| (l.person, cohort[l.participant].start)).collect();
        let days: Vec<i32> =
            chosen.participants.iter().map(|&r| events.date[r as usize]).collect();
        for (&row, &day) in chosen.participants.iter().zip(&days) {
            let start = starts[&events.person[row as usize]];
            prop_assert!((start - 40..=start + 5).contains(&day));
        }
        for &row in chosen.participants.iter().chain(&chosen.pool) {
            let day = events.date[row as usize];
            prop_assert!(day + follow_up as i32 <= 100);
            prop_assert!(days.iter().min() <= Some(&day) && Some(&day) <= days.iter().max());
            prop_assert!(study.eligibility.only.is_empty() || rows[row as usize].2 == "custody");
        }
    }

    #[test]
    fn the_order_of_the_register_changes_nothing(
        cohort in prop::collection::vec((who(), 0..120i32), 0..12),
        mut register in prop::collection::vec((0..12u64, who()), 0..20),
    ) {
        let cohort: Vec<Participant> =
            cohort.into_iter().map(|(who, start)| participant(who, start)).collect();
        let one = link(&cohort, &persons(&register), &study());
        register.reverse();
        let other = link(&cohort, &persons(&register), &study());
        prop_assert!(one.linked == other.linked);
        prop_assert_eq!(one.lost, other.lost);
        prop_assert_eq!(one.excluded_from_pool, other.excluded_from_pool);
    }
}
