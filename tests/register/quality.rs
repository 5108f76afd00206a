//! Who is believed found at a threshold, why the others are not, and who stays out of the pool.

use crate::fixtures::*;
use counterpart::cohort::Participant;
use counterpart::identity::Identity;
use counterpart::linkage::{Found, FoundBy, Links, Looked, Scored, look};
use counterpart::register::PersonKey;
use counterpart::study::{LinkageKey, LinkageMethod, Study};
use proptest::prelude::*;

const PNC: &str = "1979/0163001B";

/// What a model thinks: the likeliest first, two at most.
fn likely(people: &[(u64, f64)]) -> Scored {
    let found = |&(key, probability): &(u64, f64)| Found {
        row: 0,
        person: PersonKey(key),
        probability,
    };
    Scored {
        best: people.first().map(found),
        runner_up: people.get(1).map(found),
        p_none: 1.0 - people.iter().map(|p| p.1).sum::<f64>(),
    }
}

fn look_for(
    cohort: &[Participant],
    register: &[(u64, Who)],
    study: &Study,
    scored: &[Scored],
) -> Looked {
    let identities: Vec<Identity> = cohort.iter().map(Participant::identity).collect();
    look(cohort, &identities, &persons(register), study, Some(scored))
}

fn looked(cohort: &[Who], register: &[(u64, Who)], scored: &[Scored]) -> Looked {
    let cohort: Vec<Participant> = cohort.iter().map(|w| participant(*w, 100)).collect();
    look_for(&cohort, register, &study(), scored)
}

/// Strangers to every key, with what a model thinks of each.
fn by_probability(scored: &[Scored]) -> Looked {
    let cohort: Vec<Who> = scored.iter().map(|_| named("Ann", "Lee", 50)).collect();
    looked(&cohort, &[], scored)
}

fn reasons(links: &Links) -> Vec<(&str, u64)> {
    let lost = links.lost.iter();
    lost.map(|l| (l.reason.as_str(), l.people)).collect()
}

#[test]
fn a_link_is_believed_from_the_threshold_on() {
    let looked = by_probability(&[
        likely(&[(1, 0.95)]),
        likely(&[(2, 0.949_999)]),
        likely(&[(3, 1.0)]),
    ]);
    let links = looked.at(0.95);
    let found: Vec<u64> = links.linked.iter().map(|l| l.person.0).collect();
    assert_eq!(found, [1, 3]);
    assert!(links.linked.iter().all(|l| l.by == FoundBy::Probability));
    assert_eq!(links.by_probability, 2);
    assert_eq!(looked.at(0.9).linked.len(), 3);
}

#[test]
fn every_loss_has_the_reason_that_fits_it_and_a_remedy() {
    let looked = by_probability(&[
        likely(&[]),
        likely(&[(1, 0.009)]),
        likely(&[(2, 0.01)]),
        likely(&[(3, 0.7), (4, 0.2)]),
        likely(&[(5, 0.5), (6, 0.46)]),
        // Together above the threshold, but the first is far ahead of the second.
        likely(&[(7, 0.9), (8, 0.06)]),
    ]);
    let links = looked.at(0.95);
    assert_eq!(
        reasons(&links),
        [
            ("nobody on the register is like this person", 2),
            (
                "somebody on the register is like this person, but not surely enough",
                3
            ),
            ("two or more people on the register fit about equally", 1),
        ]
    );
    assert!(links.lost.iter().all(|l| l.remedy.is_some()));
}

#[test]
fn what_is_expected_to_be_wrong_and_missed_adds_up_from_the_probabilities() {
    let looked = by_probability(&[
        likely(&[(1, 0.96), (9, 0.03)]),
        likely(&[(2, 0.99)]),
        likely(&[(3, 0.6), (4, 0.3)]),
    ]);
    let links = looked.at(0.95);
    assert!((links.expected_false - 0.05).abs() < 1e-12); // 0.04 + 0.01
    assert!((links.expected_missed - 0.9).abs() < 1e-12); // 0.6 + 0.3
}

#[test]
fn an_identifier_says_who_and_everything_in_the_row_how_surely() {
    let ann = Who {
        pnc: PNC,
        ..named("Ann", "Lee", 50)
    };
    let register = [(7, ann)];
    let one = |scored| looked(&[ann], &register, &[scored]).at(0.95);
    let links = one(likely(&[(7, 0.96)]));
    assert!(links.linked[0].by == FoundBy::Key(LinkageKey::PncId));
    assert_eq!(links.linked[0].probability, 0.96);
    // The threshold holds for identifiers too.
    let links = one(likely(&[(7, 0.6)]));
    assert!(links.linked.is_empty());
    assert_eq!(
        reasons(&links),
        [(
            "somebody on the register is like this person, but not surely enough",
            1
        )]
    );
    let links = one(likely(&[(7, 0.49)]));
    assert_eq!(
        reasons(&links),
        [("identifier found but name and date of birth disagree", 1)]
    );
    let links = one(likely(&[(8, 0.9), (7, 0.1)]));
    assert_eq!(reasons(&links)[0].0.split(' ').next(), Some("two"));
    assert!(links.excluded_from_pool.contains(&PersonKey(7)));
    assert!(links.excluded_from_pool.contains(&PersonKey(8)));
}

#[test]
fn a_name_and_a_birthday_alone_are_worth_what_their_probability_says() {
    let ann = named("Ann", "Lee", 50);
    let links = looked(&[ann], &[(7, ann)], &[likely(&[(7, 0.8)])]).at(0.95);
    assert!(links.linked.is_empty());
    // With the keys alone, as the study may ask, they decide.
    let mut exact = study();
    exact.linkage.method = LinkageMethod::Exact;
    let cohort = [participant(ann, 100)];
    let links = look_for(&cohort, &[(7, ann)], &exact, &[likely(&[(7, 0.8)])]);
    let links = links.at(0.95);
    assert!(links.linked[0].by == FoundBy::Key(LinkageKey::NameAndDob));
    assert_eq!(links.linked[0].probability, 1.0);
}

#[test]
fn rows_found_to_be_one_person_are_counted_once_and_named_as_repeats() {
    let scored = [
        likely(&[(1, 0.99)]),
        likely(&[(1, 0.97)]),
        likely(&[(2, 0.99)]),
    ];
    let starts = [300, 200, 200];
    let cohort: Vec<Participant> = starts
        .iter()
        .map(|&s| participant(named("A", "B", 5), s))
        .collect();
    let links = look_for(&cohort, &[], &study(), &scored).at(0.95);
    let kept: Vec<usize> = links.linked.iter().map(|l| l.participant).collect();
    assert_eq!(kept, [1, 2], "the earlier start stays");
    assert_eq!(links.repeated, [0]);
    assert!(reasons(&links)[0].0.contains("same person"));
}

/// Up to two people of nine with probabilities that sum to at most 1, likeliest first.
fn any_likely() -> impl Strategy<Value = Vec<(u64, f64)>> {
    prop::collection::vec((0..9u64, 0.0..1.0f64), 0..3).prop_map(|mut people| {
        people.sort_by_key(|p| p.0);
        people.dedup_by_key(|p| p.0);
        let total: f64 = people.iter().map(|p| p.1).sum();
        people.iter_mut().for_each(|p| p.1 /= total.max(1.0));
        people.sort_by(|a, b| b.1.total_cmp(&a.1));
        people
    })
}

proptest! {
    #[test]
    fn a_stricter_threshold_finds_fewer_and_keeps_the_same_people_from_the_pool(
        scored in prop::collection::vec(any_likely(), 0..20),
    ) {
        let scored: Vec<Scored> = scored.iter().map(|p| likely(p)).collect();
        let looked = by_probability(&scored);
        let [loose, strict] = [0.8, 0.99].map(|t| looked.at(t));
        // The one a row points at is the same at every threshold, so who is found is nested.
        let people = |l: &Links| -> Vec<u64> {
            let mut people: Vec<u64> = l.linked.iter().map(|x| x.person.0).collect();
            people.sort_unstable();
            people
        };
        let all = people(&loose);
        prop_assert!(people(&strict).iter().all(|p| all.binary_search(p).is_ok()));
        prop_assert_eq!(&loose.excluded_from_pool, &strict.excluded_from_pool);
        for links in [&loose, &strict] {
            prop_assert!(links.linked.iter().all(|l| links.excluded_from_pool.contains(&l.person)));
            let lost: u64 = links.lost.iter().map(|l| l.people).sum();
            prop_assert_eq!(links.linked.len() as u64 + lost, scored.len() as u64);
        }
        for l in &scored {
            for f in l.best.iter().chain(&l.runner_up) {
                let out = loose.excluded_from_pool.contains(&f.person);
                prop_assert!(out || f.probability < 0.01);
            }
        }
    }
}
