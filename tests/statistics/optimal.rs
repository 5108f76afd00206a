//! Optimal pairs and optimal full matching: tables worked by hand, what must hold for any line of
//! people, cohorts of known effect, hostile input. (That the totals are the least there are is
//! proved beside the code, by trying everything.)

use crate::kit::{Line, close, designed, estimated, nearest, pairs, who};
use counterpart::matching::{DropReason, Groups, MatchError, Matches};
use counterpart::numeric::frame::Column;
use counterpart::study::{Caliper, CaliperScale, MatchSettings, Method, OutcomeKind, SeMethod};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use rand_distr::{Distribution, StandardNormal};
use std::collections::{BTreeSet, HashMap};

fn with(method: Method, caliper: f64) -> MatchSettings {
    MatchSettings {
        caliper: if caliper.is_finite() {
            Caliper::Width(caliper)
        } else {
            Caliper::None
        },
        caliper_scale: CaliperScale::Lp,
        ..MatchSettings::new(method)
    }
}

fn optimal() -> MatchSettings {
    with(Method::Optimal, f64::INFINITY)
}

fn full() -> MatchSettings {
    with(Method::Full, f64::INFINITY)
}

/// Sum of the distances within sets.
fn total(line: &Line, matches: &Matches) -> f64 {
    let between = |p: &(u32, u32)| (line.score[p.0 as usize] - line.score[p.1 as usize]).abs();
    who(matches).iter().map(between).sum()
}

#[test]
fn who_chooses_first_does_not_cost_the_others() {
    // The largest first: 3 takes 2.5, and 2 is left with 0 or 9. In row order 2 takes 2.5 (0.5) and
    // 3 is left with 0 (3) or 9 (6). The least: 2 with 0 (2), 3 with 2.5 (0.5).
    let line = Line::new(&[2.0, 3.0], &[0.0, 2.5, 9.0]);
    let matches = line.matched(&optimal(), 1).unwrap();
    assert_eq!(who(&matches), [(0, 2), (1, 3)]);
    assert_eq!(matches.weight, [1.0, 1.0, 0.0]);
    // Two each: four of 0, 1, 2, 8, 9 for 2 and 8. 2 takes 1 and 2, 8 takes 8 and 9.
    let line = Line::new(&[2.0, 8.0], &[0.0, 1.0, 2.0, 8.0, 9.0]);
    let two = MatchSettings {
        ratio: 2,
        ..optimal()
    };
    let matches = line.matched(&two, 1).unwrap();
    assert_eq!(who(&matches), [(0, 3), (0, 4), (1, 5), (1, 6)]);
    assert_eq!(matches.weight, [0.0, 0.5, 0.5, 0.5, 0.5]);
}

#[test]
fn as_many_as_can_be_are_matched_before_the_distance_is_looked_at() {
    // Within 1: 0 meets 0.9 only, 1 meets 0.9 and 2. Closest first would give 1 the 0.9 and drop 0.
    let line = Line::new(&[0.0, 1.0, 5.0], &[0.9, 2.0]);
    let matches = line.matched(&with(Method::Optimal, 1.0), 1).unwrap();
    assert_eq!(who(&matches), [(0, 3), (1, 4)]);
    assert_eq!(matches.dropped.len(), 1);
    assert_eq!(matches.dropped[0].row, 2);
    assert_eq!(matches.dropped[0].reason, DropReason::NobodyWithinCaliper);
    // One for two: the closer keeps it, the other finds all taken.
    let line = Line::new(&[0.0, 0.4], &[0.5]);
    let matches = line.matched(&with(Method::Optimal, 1.0), 1).unwrap();
    assert_eq!(who(&matches), [(1, 2)]);
    assert_eq!(matches.dropped[0].reason, DropReason::AllTaken);
}

#[test]
fn a_full_match_worked_by_hand() {
    // {1 | 0.8, 1.1, 1.3} and {5, 5.2 | 5.1}: 0.2 + 0.1 + 0.3 + 0.1 + 0.1 = 0.8.
    let line = Line::new(&[1.0, 5.0, 5.2], &[0.8, 5.1, 1.1, 1.3]);
    let matches = line.matched(&full(), 1).unwrap();
    assert_eq!(who(&matches), [(0, 3), (0, 5), (0, 6), (1, 4), (2, 4)]);
    close("total", total(&line, &matches), 0.8, 1e-12);
    // In the order of the score: 0.8, 1.1, 1.3, 5.1. A member weighs n_T,s / n_C,s.
    for (got, want) in matches
        .weight
        .iter()
        .zip([1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 2.0])
    {
        close("weight", *got, want, 1e-15);
    }
    let groups = matches.groups.as_ref().unwrap();
    assert_eq!(groups.participants, [0, 1, 1]);
    assert_eq!(groups.pool, [0, 0, 0, 1]);
    // Outcomes 1, 0, 0 against 0, 1, 1 (mean 2/3) and 1 (twice): (1/3 - 1 - 1) / 3.
    let y = [1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0];
    let e = estimated(OutcomeKind::Binary, &y, &matches, SeMethod::Matched).unwrap();
    close("difference", e.difference.estimate, -5.0 / 9.0, 1e-12);
}

#[test]
fn full_matching_leaves_out_only_who_is_out_of_reach() {
    let line = Line::new(&[0.0, 10.0], &[0.2, 3.0, 0.4, 9.0]);
    let matches = line.matched(&with(Method::Full, 0.5), 1).unwrap();
    assert_eq!(who(&matches), [(0, 2), (0, 4)]);
    assert_eq!(matches.dropped[0].reason, DropReason::NobodyWithinCaliper);
    let groups = matches.groups.as_ref().unwrap();
    assert_eq!(groups.pool, [0, 0, Groups::NONE, Groups::NONE]);
}

/// Scores on a grid of sixteenths: ties and exact distances abound, and sums are exact.
fn lines() -> impl Strategy<Value = (Line, Vec<usize>)> {
    let person = (0i32..40, prop::bool::weighted(0.4), 0u32..3);
    let people = prop::collection::vec(person, 4..60);
    (people, any::<bool>())
        .prop_map(|(people, stratified)| Line {
            score: people.iter().map(|p| f64::from(p.0) / 16.0).collect(),
            treated: people.iter().map(|p| p.1).collect(),
            strata: people.iter().filter(|_| stratified).map(|p| p.2).collect(),
        })
        .prop_flat_map(|line| {
            let rows: Vec<usize> = (0..line.score.len()).collect();
            (Just(line), Just(rows).prop_shuffle())
        })
}

fn matched(line: &Line, settings: &MatchSettings) -> Option<Matches> {
    match line.matched(settings, 1) {
        Ok(matches) => Some(matches),
        Err(MatchError::NobodyMatched { .. }) => None,
        Err(e) => panic!("{e}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn optimal_pairs_are_no_fewer_and_no_dearer_than_any_greedy_ones(
        (line, rows) in lines(), steps in 0u32..20, ratio in 1usize..4,
    ) {
        let caliper = if steps == 0 { f64::INFINITY } else { f64::from(steps) / 16.0 };
        let settings = MatchSettings { ratio, ..with(Method::Optimal, caliper) };
        let greedy = MatchSettings { ratio, caliper: settings.caliper, ..nearest() };
        let Some(matches) = matched(&line, &settings) else {
            prop_assert!(matched(&line, &greedy).is_none());
            return Ok(());
        };
        let found = who(&matches);
        let members: BTreeSet<u32> = found.iter().map(|p| p.1).collect();
        prop_assert_eq!(members.len(), found.len(), "nobody serves twice");
        let mut sizes: HashMap<u32, usize> = HashMap::new();
        for &(t, c) in &found {
            let (t, c) = (t as usize, c as usize);
            prop_assert!((line.score[t] - line.score[c]).abs() <= caliper);
            prop_assert!(line.strata.is_empty() || line.strata[t] == line.strata[c]);
            *sizes.entry(t as u32).or_default() += 1;
        }
        prop_assert!(sizes.values().all(|n| *n <= ratio));
        let n = matches.participants.len();
        prop_assert!((matches.weight.iter().sum::<f64>() - n as f64).abs() < 1e-9);
        prop_assert_eq!(n + matches.dropped.len(), line.treated.iter().filter(|t| **t).count());
        let others = matched(&line, &greedy).unwrap();
        let pairs = who(&others).len();
        prop_assert!(found.len() >= pairs);
        if found.len() == pairs {
            prop_assert!(total(&line, &matches) <= total(&line, &others));
        }
        let moved = line.permuted(&rows);
        let again = matched(&moved, &settings).unwrap();
        prop_assert_eq!(who(&again).len(), found.len());
        prop_assert_eq!(total(&moved, &again), total(&line, &matches));
    }

    #[test]
    fn full_sets_hold_everybody_in_reach_once((line, rows) in lines(), steps in 0u32..20) {
        let caliper = if steps == 0 { f64::INFINITY } else { f64::from(steps) / 16.0 };
        let settings = with(Method::Full, caliper);
        let reach = |a: usize| (0..line.score.len()).any(|b| {
            line.treated[a] != line.treated[b]
                && (line.score[a] - line.score[b]).abs() <= caliper
                && (line.strata.is_empty() || line.strata[a] == line.strata[b])
        });
        let Some(matches) = matched(&line, &settings) else {
            prop_assert!((0..line.score.len()).all(|a| !reach(a)));
            return Ok(());
        };
        let groups = matches.groups.as_ref().unwrap();
        let mut sets: HashMap<u32, [Vec<u32>; 2]> = HashMap::new();
        for (&row, &set) in matches.participants.iter().zip(&groups.participants) {
            sets.entry(set).or_default()[1].push(row);
        }
        for (&row, &set) in matches.pool.iter().zip(&groups.pool).filter(|p| *p.1 != Groups::NONE) {
            sets.entry(set).or_default()[0].push(row);
        }
        let numbers: BTreeSet<u32> = sets.keys().copied().collect();
        prop_assert!(numbers.iter().copied().eq(0..sets.len() as u32));
        let mut within = BTreeSet::new();
        for [members, participants] in sets.values() {
            prop_assert!(members.len().min(participants.len()) == 1, "a star");
            for &t in participants {
                for &c in members {
                    within.insert((t, c));
                    prop_assert!((line.score[t as usize] - line.score[c as usize]).abs() <= caliper);
                }
            }
            for (row, w) in matches.pool.iter().zip(&matches.weight).filter(|p| members.contains(p.0)) {
                let want = participants.len() as f64 / members.len() as f64;
                prop_assert!((w - want).abs() < 1e-12, "row {} weighs {}", row, w);
            }
        }
        let found: BTreeSet<(u32, u32)> = pairs(&matches).iter().map(|p| (p.0, p.1)).collect();
        prop_assert_eq!(&found, &within);
        let people: usize = sets.values().map(|s| s[0].len() + s[1].len()).sum();
        prop_assert_eq!(people, (0..line.score.len()).filter(|&a| reach(a)).count());
        let moved = line.permuted(&rows);
        prop_assert_eq!(total(&moved, &matched(&moved, &settings).unwrap()), total(&line, &matches));
    }
}

#[test]
fn a_crowd_at_one_score_is_shared_out_evenly() {
    let line = Line::new(&[1.0; 3], &[1.0; 300]);
    let matches = line.matched(&full(), 1).unwrap();
    let sizes: Vec<usize> = (0..3)
        .map(|t| who(&matches).iter().filter(|p| p.0 == t).count())
        .collect();
    assert_eq!(sizes, [100, 100, 100]);
    let matches = Line::new(&[1.0; 300], &[1.0; 3])
        .matched(&full(), 1)
        .unwrap();
    assert_eq!(matches.weight, [100.0; 3]);
}

#[test]
fn odd_lines_are_matched_or_refused_in_words() {
    for settings in [optimal(), full()] {
        assert_eq!(
            who(&Line::new(&[1.0], &[-7.0]).matched(&settings, 1).unwrap()),
            [(0, 1)]
        );
        let nobody = Line::new(&[1.0, 2.0], &[]).matched(&settings, 1);
        assert!(matches!(nobody, Err(MatchError::NobodyMatched { .. })));
        let far = MatchSettings {
            caliper: Caliper::Width(0.5),
            ..settings.clone()
        };
        let far = Line::new(&[1.0], &[2.0]).matched(&far, 1);
        assert!(matches!(far, Err(MatchError::NobodyMatched { .. })));
        let zero = MatchSettings {
            caliper: Caliper::Width(0.0),
            ..settings.clone()
        };
        let zero = Line::new(&[1.0], &[2.0]).matched(&zero, 1);
        assert!(matches!(
            zero,
            Err(MatchError::Settings {
                setting: "caliper",
                ..
            })
        ));
        // A stratum each, and one shared: only that one has a pair.
        let line = Line {
            strata: vec![0, 1, 2, 2],
            ..Line::new(&[1.0, 2.0, 3.0], &[9.0])
        };
        let matches = line.matched(&settings, 1).unwrap();
        assert_eq!(who(&matches), [(2, 3)]);
        assert!(
            matches
                .dropped
                .iter()
                .all(|d| d.reason == DropReason::EmptyStratum)
        );
        // Odds beyond the largest number have no distance.
        let line = Line::new(&[1.0, 900.0], &[1.5, 850.0, 901.0]);
        let odds = MatchSettings {
            caliper_scale: CaliperScale::Odds,
            ..settings
        };
        let matches = line.matched(&odds, 1).unwrap();
        assert_eq!(who(&matches), [(0, 2)]);
        assert_eq!(matches.dropped[0].row, 1);
    }
}

/// One draw: scores fitted, matched, estimated. (estimate, covers the truth)
fn drawn(settings: &MatchSettings, seed: u64) -> (f64, bool) {
    const EFFECT: f64 = 0.5;
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let (mut a, mut b, mut y, mut treated) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..700 {
        let [x1, x2, noise]: [f64; 3] = std::array::from_fn(|_| StandardNormal.sample(&mut rng));
        let part = 1.0 / (1.0 + (1.8 - 0.5 * x1 - 0.4 * x2).exp());
        let took = rng.random::<f64>() < part;
        y.push(x1 + 0.7 * x2 + noise + if took { EFFECT } else { 0.0 });
        a.push(x1);
        b.push(x2);
        treated.push(took);
    }
    let columns = vec![("a", Column::Number(a)), ("b", Column::Number(b))];
    let design = designed(columns, &treated, settings).unwrap();
    let e = estimated(
        OutcomeKind::Continuous,
        &y,
        design.matches(),
        SeMethod::Matched,
    )
    .unwrap();
    let d = e.difference;
    (d.estimate, (d.estimate - EFFECT).abs() <= 1.97 * d.se)
}

#[test]
fn a_planted_effect_is_found_and_covered() {
    for method in [Method::Optimal, Method::Full, Method::Mahalanobis] {
        let draws: Vec<(f64, bool)> = (0..80)
            .map(|seed| drawn(&MatchSettings::new(method), seed))
            .collect();
        let n = draws.len() as f64;
        let mean = draws.iter().map(|d| d.0).sum::<f64>() / n;
        let spread = draws.iter().map(|d| (d.0 - mean).powi(2)).sum::<f64>() / (n - 1.0);
        // Three Monte-Carlo standard errors, and what a caliper of 0.2 SD leaves.
        let bound = 3.0 * (spread / n).sqrt() + 0.01;
        assert!(
            (mean - 0.5).abs() < bound,
            "{method:?}: {mean}, bound {bound}"
        );
        let covered = draws.iter().filter(|d| d.1).count() as f64 / n;
        assert!(
            covered >= 0.95 - 3.0 * (0.95 * 0.05 / n).sqrt(),
            "{method:?}: {covered}"
        );
    }
}
