//! What must hold for any line of people, ties and exact distances included.

use crate::kit::{Line, estimated, nearest, pairs, radius, who};
use crate::naive;
use counterpart::matching::Matches;
use counterpart::study::{Caliper, CommonSupport, MatchSettings, OutcomeKind, SeMethod};
use counterpart::study::{Order, OutcomeKind::Continuous};
use proptest::prelude::*;
use std::collections::HashMap;

/// Scores on a coarse grid of sixteenths (exact in binary): ties and exact distances abound.
fn tied_lines() -> impl Strategy<Value = Line> {
    let person = (0i32..24, prop::bool::weighted(0.35), 0u32..3);
    (prop::collection::vec(person, 4..40), any::<bool>()).prop_map(|(people, stratified)| Line {
        score: people.iter().map(|p| f64::from(p.0) / 16.0).collect(),
        treated: people.iter().map(|p| p.1).collect(),
        strata: if stratified {
            people.iter().map(|p| p.2).collect()
        } else {
            Vec::new()
        },
    })
}

/// Scores without ties.
fn loose_lines() -> impl Strategy<Value = (Line, Vec<usize>)> {
    prop::collection::vec((-3.0f64..3.0, prop::bool::weighted(0.35)), 6..40)
        .prop_map(|people| Line {
            score: people.iter().map(|p| p.0).collect(),
            treated: people.iter().map(|p| p.1).collect(),
            strata: Vec::new(),
        })
        .prop_flat_map(|line| {
            let rows: Vec<usize> = (0..line.score.len()).collect();
            (Just(line), Just(rows).prop_shuffle())
        })
}

fn settings() -> impl Strategy<Value = MatchSettings> {
    let order = prop::sample::select(vec![
        Order::Largest,
        Order::Smallest,
        Order::Closest,
        Order::Data,
    ]);
    let caliper = prop::sample::select(vec![
        Caliper::None,
        Caliper::Width(0.125),
        Caliper::Width(0.25),
    ]);
    (order, any::<bool>(), 1usize..4, caliper).prop_map(|(order, replace, ratio, caliper)| {
        MatchSettings {
            // With replacement the order changes nothing, and `closest` is refused.
            order: (!replace).then_some(order),
            replace,
            ratio,
            caliper,
            ..nearest()
        }
    })
}

fn width(settings: &MatchSettings) -> f64 {
    match settings.caliper {
        Caliper::Width(w) => w,
        _ => f64::INFINITY,
    }
}

fn sets(matches: &Matches) -> naive::Sets {
    let mut sets: naive::Sets = Vec::new();
    for (t, c, _) in pairs(matches) {
        match sets.last_mut() {
            Some((last, set)) if *last == t => set.push(c),
            _ => sets.push((t, vec![c])),
        }
    }
    sets
}

/// Everybody accounted for; weights as their definition has them.
fn check_weights(line: &Line, matches: &Matches) {
    let n = matches.participants.len();
    assert_eq!(n + matches.dropped.len(), line.rows(true).len());
    let mut per_set: HashMap<u32, f64> = HashMap::new();
    let mut w: HashMap<u32, f64> = HashMap::new();
    let mut q: HashMap<u32, f64> = HashMap::new();
    for (t, c, weight) in pairs(matches) {
        assert!(line.treated[t as usize] && !line.treated[c as usize]);
        *per_set.entry(t).or_default() += weight;
        *w.entry(c).or_default() += weight;
        *q.entry(c).or_default() += weight * weight;
    }
    assert_eq!(per_set.len(), n);
    assert!(per_set.values().all(|s| (s - 1.0).abs() < 1e-12));
    assert!((matches.weight.iter().sum::<f64>() - n as f64).abs() < 1e-9);
    for (i, c) in matches.pool.iter().enumerate() {
        let (w, q) = (
            w.get(c).copied().unwrap_or(0.0),
            q.get(c).copied().unwrap_or(0.0),
        );
        assert!((matches.weight[i] - w).abs() < 1e-12, "w of row {c}");
        assert!(
            (matches.weight_squared[i] - q).abs() < 1e-12,
            "q of row {c}"
        );
        assert_eq!(
            matches.weight[i] == 0.0,
            w == 0.0,
            "nobody has a crumb of weight"
        );
        assert!(matches.weight_squared[i] <= matches.weight[i] * matches.weight[i] + 1e-12);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn radius_sets_are_those_of_the_definition(line in tied_lines(), steps in 1u32..8) {
        let caliper = f64::from(steps) / 16.0;
        let want = naive::radius(&line, caliper);
        match line.matched(&radius(caliper), 1) {
            Err(_) => prop_assert!(want.is_empty()),
            Ok(matches) => {
                prop_assert_eq!(sets(&matches), want);
                check_weights(&line, &matches);
            }
        }
    }

    #[test]
    fn nearest_pairs_are_those_of_the_rule(line in tied_lines(), settings in settings()) {
        let order = settings.resolved_order();
        let want = naive::nearest(&line, order, settings.replace, settings.ratio, width(&settings));
        match line.matched(&settings, 1) {
            Err(_) => prop_assert!(want.is_empty()),
            Ok(matches) => {
                prop_assert_eq!(sets(&matches), want);
                check_weights(&line, &matches);
            }
        }
    }

    #[test]
    fn no_pair_breaks_caliper_stratum_or_reuse(line in tied_lines(), settings in settings(), seed in 0u64..9, random in any::<bool>()) {
        let mut settings = settings;
        if random && !settings.replace {
            settings.order = Some(Order::Random);
        }
        let Ok(matches) = line.matched(&settings, seed) else { return Ok(()) };
        let mut used: HashMap<u32, u32> = HashMap::new();
        for (t, c) in who(&matches) {
            let (t, c) = (t as usize, c as usize);
            prop_assert!((line.score[t] - line.score[c]).abs() <= width(&settings));
            prop_assert!(line.strata.is_empty() || line.strata[t] == line.strata[c]);
            *used.entry(c as u32).or_default() += 1;
        }
        prop_assert!(settings.replace || used.values().all(|&n| n == 1));
        prop_assert!(sets(&matches).iter().all(|s| s.1.len() <= settings.ratio));
    }

    #[test]
    fn predicted_is_the_naive_weighted_sum(line in tied_lines(), settings in settings(), runs in any::<bool>(), y in prop::collection::vec(-1e6f64..1e6, 40)) {
        let settings = if runs { radius(0.25) } else { settings };
        let Ok(matches) = line.matched(&settings, 1) else { return Ok(()) };
        let of_pool: Vec<f64> = matches.pool.iter().map(|&r| y[r as usize]).collect();
        let mut want: HashMap<u32, f64> = HashMap::new();
        for (t, c, w) in pairs(&matches) {
            *want.entry(t).or_default() += w * y[c as usize];
        }
        for (t, got) in matches.participants.iter().zip(matches.predicted(&of_pool)) {
            prop_assert!((got - want[t]).abs() < 1e-8, "{got} {}", want[t]);
        }
    }

    #[test]
    fn a_constant_added_to_every_score_changes_nothing(line in tied_lines(), settings in settings(), runs in any::<bool>(), shift in -40i32..40) {
        let settings = if runs { radius(0.1875) } else { settings };
        let mut moved = line.clone();
        moved.score.iter_mut().for_each(|s| *s += f64::from(shift));
        match (line.matched(&settings, 1), moved.matched(&settings, 1)) {
            (Ok(a), Ok(b)) => prop_assert_eq!(who(&a), who(&b)),
            (a, b) => prop_assert!(a.is_err() && b.is_err()),
        }
    }

    #[test]
    fn the_order_of_rows_changes_nothing((line, rows) in loose_lines(), settings in settings(), runs in any::<bool>()) {
        let mut settings = if runs { radius(0.3) } else { settings };
        // `data` is the order of rows, by definition.
        if settings.order == Some(Order::Data) {
            settings.order = None;
        }
        let shuffled = line.permuted(&rows);
        let (a, b) = match (line.matched(&settings, 1), shuffled.matched(&settings, 1)) {
            (Ok(a), Ok(b)) => (a, b),
            (a, b) => {
                prop_assert!(a.is_err() && b.is_err());
                return Ok(());
            }
        };
        let mut back: Vec<(u32, u32)> = who(&b)
            .iter()
            .map(|&(t, c)| (rows[t as usize] as u32, rows[c as usize] as u32))
            .collect();
        back.sort_unstable();
        prop_assert_eq!(who(&a), back);
        let y: Vec<f64> = line.score.iter().enumerate().map(|(i, s)| s * s + ((i * 7919) % 13) as f64).collect();
        let y_shuffled: Vec<f64> = rows.iter().map(|&r| y[r]).collect();
        for se in [SeMethod::Matched, SeMethod::Lab] {
            match (estimated(Continuous, &y, &a, se), estimated(Continuous, &y_shuffled, &b, se)) {
                (Ok(a), Ok(b)) => {
                    prop_assert!((a.difference.estimate - b.difference.estimate).abs() < 1e-10);
                    prop_assert!((a.difference.se - b.difference.se).abs() < 1e-10);
                }
                (a, b) => prop_assert!(a.is_err() && b.is_err()),
            }
        }
    }

    #[test]
    fn common_support_leaves_out_who_lies_outside(line in tied_lines(), both in any::<bool>()) {
        let mut settings = nearest();
        settings.common_support = if both { CommonSupport::Both } else { CommonSupport::Participants };
        let range = |group: bool| {
            let s: Vec<f64> = line.rows(group).iter().map(|&r| line.score[r]).collect();
            (s.iter().copied().fold(f64::INFINITY, f64::min), s.iter().copied().fold(f64::NEG_INFINITY, f64::max))
        };
        let Ok(matches) = line.matched(&settings, 1) else { return Ok(()) };
        let inside = |r: u32, (low, high): (f64, f64)| line.score[r as usize] >= low && line.score[r as usize] <= high;
        for (t, c) in who(&matches) {
            prop_assert!(inside(t, range(false)));
            prop_assert!(!both || inside(c, range(true)));
        }
        for d in &matches.dropped {
            let outside = d.reason == counterpart::matching::DropReason::OutsideSupport;
            prop_assert_eq!(outside, !inside(d.row, range(false)));
        }
    }

    #[test]
    fn p_and_interval_never_disagree(line in tied_lines(), y in prop::collection::vec(0u8..2, 40), lab in any::<bool>()) {
        let Ok(matches) = line.matched(&radius(0.25), 1) else { return Ok(()) };
        let y: Vec<f64> = y[..line.score.len()].iter().map(|v| f64::from(*v)).collect();
        let se = if lab { SeMethod::Lab } else { SeMethod::Matched };
        let Ok(e) = estimated(OutcomeKind::Binary, &y, &matches, se) else { return Ok(()) };
        for i in std::iter::once(&e.difference).chain(e.ratios.iter().map(|r| &r.log)) {
            let excludes = i.ci_low > 0.0 || i.ci_high < 0.0;
            // On the edge itself rounding decides.
            prop_assert!(excludes == (i.p < 0.05) || (i.p - 0.05).abs() < 1e-9);
            prop_assert!(i.ci_low <= i.estimate && i.estimate <= i.ci_high);
            prop_assert!(i.se.is_finite() && i.se > 0.0 && i.p >= 0.0 && i.p <= 1.0);
        }
    }

    #[test]
    fn local_variances_are_those_of_the_definition(line in tied_lines(), k in 1usize..5, y in prop::collection::vec(-9i8..9, 40), blanks in any::<bool>()) {
        // Nearest, so that members without weight, who may be blank, are among the neighbours.
        let Ok(matches) = line.matched(&nearest(), 1) else { return Ok(()) };
        let mut v: Vec<f64> = matches.pool.iter().map(|&r| f64::from(y[r as usize])).collect();
        if blanks {
            for (v, w) in v.iter_mut().zip(&matches.weight) {
                if *w == 0.0 && *v > 3.0 {
                    *v = f64::NAN;
                }
            }
        }
        let got = counterpart::effect::neighbour_variance(&matches, &v, k);
        for s in matches.stratum_start.windows(2) {
            let s = s[0] as usize..s[1] as usize;
            // Who is alone in the stratum has neighbours in the whole pool.
            let known = v[s.clone()].iter().filter(|x| !x.is_nan()).count();
            let want = match known {
                0 | 1 => naive::neighbour_variance(&matches.pool_score, &v, k)[s.clone()].to_vec(),
                _ => naive::neighbour_variance(&matches.pool_score[s.clone()], &v[s.clone()], k),
            };
            for (i, want) in s.clone().zip(want).filter(|p| !v[p.0].is_nan()) {
                prop_assert!((got[i] - want).abs() < 1e-9, "{} {want}", got[i]);
            }
        }
    }
}

#[test]
fn the_same_seed_shuffles_the_same_way_and_another_seed_does_not() {
    let line = Line::new(
        &[0.0, 0.01, 0.02, 0.03, 0.04, 0.05],
        &[0.0, 0.02, 0.03, 0.05, 0.07, 0.2],
    );
    let settings = MatchSettings {
        order: Some(Order::Random),
        ..nearest()
    };
    let of = |seed| who(&line.matched(&settings, seed).unwrap());
    assert_eq!(of(5), of(5));
    assert!((0..20).any(|seed| of(seed) != of(5)));
}
