//! The judge of erasures: what is sound but for one thing raises the doubt of that thing, and no
//! other.

use crate::sound::sound;
use counterpart::custody::certificate::{Doubt, SINKS, doubts, issue};
use counterpart::custody::evidence::{Commitment, End, Evidence, Marks};
use counterpart::custody::keys::SigningKey;
use proptest::prelude::*;

/// A change of sound evidence, and what it must raise.
struct Weakening {
    what: String,
    by: Box<dyn Fn(&mut Evidence)>,
    doubts: Vec<Doubt>,
}

fn weakening(
    what: impl Into<String>,
    doubt: Doubt,
    by: impl Fn(&mut Evidence) + 'static,
) -> Weakening {
    Weakening {
        what: what.into(),
        by: Box::new(by),
        doubts: vec![doubt],
    }
}

/// Whatever can be one thing less.
fn weakenings() -> Vec<Weakening> {
    let mut all = of_sinks();
    all.extend(of_marks());
    all.extend(of_the_rest());
    all
}

fn of_sinks() -> Vec<Weakening> {
    let mut all = Vec::new();
    for (n, name) in SINKS.into_iter().enumerate() {
        all.push(weakening(
            format!("{name} left out"),
            Doubt::NotLookedAt(name),
            move |e| {
                e.sinks.remove(n);
            },
        ));
        all.push(weakening(
            format!("{name} in part"),
            Doubt::Incomplete(name.into()),
            move |e| {
                e.sinks[n].complete = false;
            },
        ));
        all.push(weakening(
            format!("{name} not clean"),
            Doubt::Found(name.into()),
            move |e| {
                e.sinks[n].found = 1;
            },
        ));
        all.push(weakening(
            format!("a second {name}"),
            Doubt::Found(name.into()),
            move |e| {
                let mut second = e.sinks[n].clone();
                second.found = 3;
                e.sinks.push(second);
            },
        ));
    }
    all
}

fn of_marks() -> Vec<Weakening> {
    type Set = fn(&mut Evidence) -> &mut Marks;
    let sets: [(&'static str, Set); 2] = [
        ("canaries", |e| &mut e.canaries),
        ("fingerprints", |e| &mut e.fingerprints),
    ];
    let mut all = Vec::new();
    for (what, set) in sets {
        all.push(weakening(
            format!("{what} left"),
            Doubt::FoundAfter(what),
            move |e| {
                set(e).found_after = 1;
            },
        ));
        all.push(weakening(
            format!("{what} overlooked"),
            Doubt::NotSeen(what),
            move |e| {
                set(e).seen_during -= 1;
            },
        ));
        all.push(weakening(
            format!("{what} unseen"),
            Doubt::NotSeen(what),
            move |e| {
                set(e).seen_during = 0;
            },
        ));
    }
    all.push(weakening(
        "no canaries",
        Doubt::NothingPlanted("canaries"),
        |e| {
            e.canaries = Marks::default();
        },
    ));
    all
}

fn of_the_rest() -> Vec<Weakening> {
    let moment = |what: &str, by: fn(&mut Evidence)| weakening(what, Doubt::Backwards, by);
    vec![
        weakening("process there", Doubt::WorkerNotGone, |e| {
            e.worker.gone = false
        }),
        weakening("process free", Doubt::NotConfined, |e| {
            e.worker.confined = false
        }),
        moment("wall clock back", |e| {
            std::mem::swap(&mut e.received.wall, &mut e.erased.wall)
        }),
        moment("other clock back", |e| e.erased.monotonic_ns = Some(1)),
        moment("no clock at first", |e| e.received.monotonic_ns = None),
        moment("no clock at last", |e| e.erased.monotonic_ns = None),
        moment("no wall clock", |e| e.received.wall.clear()),
        moment("a wall clock elsewhere", |e| {
            e.erased.wall = "2026-11-23T13:00:09.250+01:00".into()
        }),
        moment("a wall clock in words", |e| {
            e.erased.wall = "yesterday at noonZ".into()
        }),
        weakening("no method", Doubt::NoMethod, |e| e.method.clear()),
        weakening("an empty method", Doubt::NoMethod, |e| {
            e.method = vec![String::new()]
        }),
        weakening("no commitment", Doubt::NoCommitment, |e| {
            e.commitment = None
        }),
        weakening("a bare digest", Doubt::NoCommitment, |e| {
            e.commitment = Some(Commitment {
                algorithm: "sha256".into(),
                digest: "0".repeat(64),
            });
        }),
        weakening("a short commitment", Doubt::NoCommitment, |e| {
            e.commitment.as_mut().unwrap().digest.pop();
        }),
        weakening("no version", Doubt::NoProgram, |e| e.engine_version.clear()),
        weakening("no digest", Doubt::NoProgram, |e| e.engine_sha256.clear()),
        weakening("no digest but words", Doubt::NoProgram, |e| {
            e.engine_sha256 = "z".repeat(64)
        }),
    ]
}

#[test]
fn each_thing_that_is_wrong_raises_its_own_doubt_and_no_other() {
    let key = SigningKey::random();
    for weak in weakenings() {
        let mut evidence = sound(0);
        (weak.by)(&mut evidence);
        assert_eq!(doubts(&evidence), weak.doubts, "{}", weak.what);
        let refused = issue(&evidence, &key).unwrap_err();
        assert_eq!(refused.doubts, weak.doubts, "{}", weak.what);
        assert_eq!(refused.to_string(), weak.doubts[0].to_string());
    }
}

#[test]
fn every_doubt_there_is_is_raised_by_one_of_them() {
    let raised: Vec<Doubt> = weakenings().into_iter().flat_map(|w| w.doubts).collect();
    // No arm but these: whoever adds a doubt comes by here, and adds what raises it.
    let kind = |doubt: &Doubt| match doubt {
        Doubt::WorkerNotGone => 0,
        Doubt::NotConfined => 1,
        Doubt::NotLookedAt(_) => 2,
        Doubt::Incomplete(_) => 3,
        Doubt::Found(_) => 4,
        Doubt::FoundAfter(_) => 5,
        Doubt::NothingPlanted(_) => 6,
        Doubt::NotSeen(_) => 7,
        Doubt::Backwards => 8,
        Doubt::NoMethod => 9,
        Doubt::NoCommitment => 10,
        Doubt::NoProgram => 11,
    };
    let mut kinds: Vec<usize> = raised.iter().map(kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds, (0..12).collect::<Vec<_>>());
}

/// Of a process that ended with the server less is known, and only that is forgiven.
#[test]
fn what_an_end_cannot_know_is_not_asked_of_it_and_the_rest_is() {
    let mut ended = sound(0);
    ended.end = End::ServerEnded;
    ended.worker.confined = false;
    ended.received.monotonic_ns = None;
    ended.commitment = None;
    ended.canaries.seen_during = 0;
    ended.fingerprints = Marks::default();
    assert_eq!(doubts(&ended), []);
    ended.canaries.planted = 0;
    assert_eq!(doubts(&ended), [Doubt::NothingPlanted("canaries")]);
    for end in [End::Refused, End::Withdrawn, End::TimedOut, End::Died] {
        let mut short = sound(0);
        short.end = end;
        short.commitment = None;
        short.canaries = Marks::default();
        short.fingerprints.seen_during = 3;
        assert_eq!(doubts(&short), [], "{end:?}");
        short.worker.confined = false;
        assert_eq!(doubts(&short), [Doubt::NotConfined], "{end:?}");
    }
}

proptest! {
    /// However many things are wrong, no one makes up for another.
    #[test]
    fn no_weakening_hides_another(one in 0..weakenings().len(), two in 0..weakenings().len()) {
        let all = weakenings();
        // Leaving a place out moves those behind it.
        let (mut first, mut second) = (&all[one], &all[two]);
        if first.what.ends_with("left out") {
            std::mem::swap(&mut first, &mut second);
        }
        prop_assume!(one != two && !first.what.ends_with("left out"));
        // Of what is not there nothing more can be taken.
        prop_assume!(!first.what.starts_with("no c") && !first.what.ends_with("unseen"));
        let mut evidence = sound(0);
        (first.by)(&mut evidence);
        (second.by)(&mut evidence);
        prop_assert!(!doubts(&evidence).is_empty(), "{} and {}", first.what, second.what);
    }

    /// Numbers that say less than sound ones do, whatever they are.
    #[test]
    fn no_number_of_marks_left_or_overlooked_is_small_enough(
        sink in 0..SINKS.len(), found in 1u32.., after in 1u32.., seen in 0u32..200,
    ) {
        let mut evidence = sound(0);
        evidence.sinks[sink].found = found;
        prop_assert_eq!(doubts(&evidence), [Doubt::Found(SINKS[sink].into())]);
        let mut evidence = sound(0);
        evidence.canaries.found_after = after;
        prop_assert_eq!(doubts(&evidence), [Doubt::FoundAfter("canaries")]);
        let mut evidence = sound(0);
        evidence.canaries.seen_during = seen;
        prop_assert_eq!(doubts(&evidence), [Doubt::NotSeen("canaries")]);
    }
}
