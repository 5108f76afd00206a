//! What must hold for any people under every method: one loop over all of them.

use crate::every_method::{People, designs, errors};
use crate::kit::{estimated, pairs};
use counterpart::balance::Design;
use counterpart::effect::{NEIGHBOURS, neighbour_variance};
use counterpart::matching::Matches;
use counterpart::study::{Kernel, MatchSettings, Method, OutcomeKind, SeMethod};
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};

/// Numbers on a grid when `tied`, so that scores tie and distances are equal.
fn people(tied: bool) -> impl Strategy<Value = People> {
    let number =
        move || (-2.0f64..2.0).prop_map(move |v| if tied { (2.0 * v).round() / 2.0 } else { v });
    let person = (number(), number(), 0usize..3, prop::bool::weighted(0.3));
    prop::collection::vec(person, 24..60).prop_map(|people| People {
        x: people.iter().map(|p| p.0).collect(),
        z: people.iter().map(|p| p.1).collect(),
        place: people.iter().map(|p| p.2).collect(),
        treated: people.iter().map(|p| p.3).collect(),
    })
}

/// Everybody accounted for, weights as their definition has them.
fn check_weights(people: &People, matches: &Matches) {
    let n = matches.participants.len();
    let accounted: HashSet<u32> = matches
        .participants
        .iter()
        .copied()
        .chain(matches.dropped.iter().map(|d| d.row))
        .collect();
    let took_part: HashSet<u32> = (0..people.treated.len() as u32)
        .filter(|&r| people.treated[r as usize])
        .collect();
    assert_eq!(accounted, took_part);
    assert_eq!(n + matches.dropped.len(), took_part.len());
    let g: HashMap<u32, f64> = matches
        .participants
        .iter()
        .copied()
        .zip(matches.participant_weight.iter().copied())
        .collect();
    assert!(g.values().all(|g| g.is_finite() && *g >= 0.0));
    let close = |what: &str, got: f64, want: f64| {
        assert!(
            (got - want).abs() < 1e-8 * want.max(1.0),
            "{what}: {got}, not {want}"
        );
    };
    close("sum of participants' weights", g.values().sum(), n as f64);
    close(
        "sum of the pool's weights",
        matches.weight.iter().sum(),
        n as f64,
    );
    let mut per_set: HashMap<u32, f64> = HashMap::new();
    let (mut w, mut q) = (HashMap::new(), HashMap::new());
    for (t, c, weight) in pairs(matches) {
        assert!(people.treated[t as usize] && !people.treated[c as usize]);
        assert!(weight > 0.0 && weight.is_finite());
        *per_set.entry(t).or_insert(0.0) += weight;
        *w.entry(c).or_insert(0.0) += g[&t] * weight;
        *q.entry(c).or_insert(0.0) += (g[&t] * weight).powi(2);
    }
    assert_eq!(per_set.len(), n);
    per_set
        .values()
        .for_each(|&s| close("a set's weights", s, 1.0));
    for (i, c) in matches.pool.iter().enumerate() {
        close("w", matches.weight[i], w.get(c).copied().unwrap_or(0.0));
        assert_eq!(
            matches.weight[i] > 0.0,
            w.contains_key(c),
            "a crumb of weight"
        );
        close(
            "q",
            matches.weight_squared[i],
            q.get(c).copied().unwrap_or(0.0),
        );
    }
}

/// `predicted` is the weighted sum over the pairs.
fn check_predicted(matches: &Matches) {
    let y = |row: u32| f64::from(row * 7919 % 101) - 30.0;
    let of_pool: Vec<f64> = matches.pool.iter().map(|&r| y(r)).collect();
    let mut want: HashMap<u32, f64> = HashMap::new();
    for (t, c, w) in pairs(matches) {
        *want.entry(t).or_default() += w * y(c);
    }
    for (t, got) in matches.participants.iter().zip(matches.predicted(&of_pool)) {
        assert!((got - want[t]).abs() < 1e-7, "{got}, not {}", want[t]);
    }
}

/// No pair beyond the caliper or across strata, nobody serves twice who may not.
fn check_pairs(people: &People, design: &Design, exact: bool) {
    let (matches, settings) = (design.matches(), design.settings());
    let lp = &design.propensity().lp;
    let bounded = settings.method.takes_caliper()
        && !(settings.method == Method::Kernel && settings.kernel == Kernel::Normal);
    let once = match settings.method {
        Method::Nearest | Method::Mahalanobis => !settings.replace,
        Method::Optimal => true,
        _ => false,
    };
    let mut served = HashSet::new();
    let mut sizes: HashMap<u32, usize> = HashMap::new();
    for (t, c, _) in pairs(matches) {
        *sizes.entry(t).or_default() += 1;
        let (t, c) = (t as usize, c as usize);
        assert!(!bounded || (lp[t] - lp[c]).abs() <= matches.caliper * (1.0 + 1e-12));
        assert!(!exact || people.place[t] == people.place[c]);
        if settings.method == Method::Exact {
            let all = |r: usize| (people.x[r], people.z[r], people.place[r]);
            assert_eq!(all(t), all(c));
        }
        assert!(!once || served.insert(c), "row {c} serves twice");
    }
    if settings.method.takes_replace() || settings.method == Method::Optimal {
        assert!(sizes.values().all(|&n| n <= settings.ratio));
    }
}

/// Every number is one, the interval holds the estimate, p and interval agree.
fn check_estimates(people: &People, matches: &Matches, settings: &MatchSettings) {
    let y: Vec<f64> = (0..people.x.len())
        .map(|r| people.x[r] + (r * 7919 % 13) as f64 / 6.0)
        .collect();
    for se in errors(settings) {
        // Two people, or crossed clusters of few: refused, which is an answer.
        let Ok(e) = estimated(OutcomeKind::Continuous, &y, matches, se) else {
            continue;
        };
        let d = &e.difference;
        assert!(
            [d.estimate, d.se, d.df, d.ci_low, d.ci_high, d.p]
                .iter()
                .all(|v| v.is_finite()),
            "{d:?}"
        );
        assert!(d.se > 0.0 && d.ci_low <= d.estimate && d.estimate <= d.ci_high);
        assert!(
            d.df > 0.0 && d.df <= matches.participants.len() as f64 - 1.0 + 1e-9,
            "{d:?}"
        );
        let excludes = d.ci_low > 0.0 || d.ci_high < 0.0;
        assert!(excludes == (d.p < 0.05) || (d.p - 0.05).abs() < 1e-9);
        let direct: f64 = matches
            .participants
            .iter()
            .zip(&matches.participant_weight)
            .map(|(&r, g)| g * y[r as usize])
            .sum::<f64>()
            - matches
                .pool
                .iter()
                .zip(&matches.weight)
                .map(|(&r, w)| w * y[r as usize])
                .sum::<f64>();
        let direct = direct / matches.participants.len() as f64;
        assert!(
            (d.estimate - direct).abs() < 1e-9,
            "{} {direct}",
            d.estimate
        );
        if se == SeMethod::Matched {
            let want = matched_variance(matches, &y, d.estimate).sqrt();
            assert!((d.se - want).abs() < 1e-9, "{} {want}", d.se);
        }
    }
}

/// The formula of `matched`, with its local variances.
fn matched_variance(matches: &Matches, y: &[f64], tau: f64) -> f64 {
    let of_pool: Vec<f64> = matches.pool.iter().map(|&r| y[r as usize]).collect();
    let n = matches.participants.len() as f64;
    let within: f64 = matches
        .participants
        .iter()
        .zip(&matches.participant_weight)
        .zip(matches.predicted(&of_pool))
        .map(|((&r, g), yhat)| (g * (y[r as usize] - yhat - tau)).powi(2))
        .sum();
    let between: f64 = neighbour_variance(matches, &of_pool, NEIGHBOURS)
        .iter()
        .zip(&matches.weight)
        .zip(&matches.weight_squared)
        .map(|((s2, w), q)| s2 * (w * w - q))
        .sum();
    (within + between) / (n * n)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_method_keeps_what_all_promise(tied in any::<bool>(), seed_people in (people(true), people(false)), exact in any::<bool>()) {
        let people = if tied { &seed_people.0 } else { &seed_people.1 };
        for (name, settings) in designs() {
            // Few people can be told apart perfectly, or have nobody near: an error, told elsewhere.
            let Ok(design) = people.designed(&settings, exact) else { continue };
            let checked = std::panic::catch_unwind(|| {
                check_weights(people, design.matches());
                check_predicted(design.matches());
                check_pairs(people, &design, exact && settings.method != Method::Exact);
                check_estimates(people, design.matches(), &settings);
            });
            prop_assert!(checked.is_ok(), "{name}, exact strata {exact}");
        }
    }

    #[test]
    fn the_order_of_rows_changes_nothing_under_any_method((people, rows) in people(false).prop_flat_map(|people| {
        let rows: Vec<usize> = (0..people.x.len()).collect();
        (Just(people), Just(rows).prop_shuffle())
    })) {
        let shuffled = people.permuted(&rows);
        for (name, settings) in designs() {
            let (a, b) = match (people.designed(&settings, false), shuffled.designed(&settings, false)) {
                (Ok(a), Ok(b)) => (a, b),
                (a, b) => {
                    prop_assert_eq!(a.is_err(), b.is_err(), "{}", name);
                    continue;
                }
            };
            let back = |r: u32| rows[r as usize] as u32;
            let mut participants: Vec<u32> = b.matches().participants.iter().map(|&r| back(r)).collect();
            participants.sort_unstable();
            if matches!(settings.method, Method::Optimal | Method::Full) {
                // Of several ways of the same total distance any will do.
                let total = |d: &Design| {
                    let lp = &d.propensity().lp;
                    let mut sum = 0.0;
                    d.matches().for_each_pair(|t, c, _| sum += (lp[t as usize] - lp[c as usize]).abs());
                    sum
                };
                prop_assert_eq!(a.matches().participants.len(), participants.len(), "{}", name);
                prop_assert!((total(&a) - total(&b)).abs() < 1e-7, "{} {} {}", name, total(&a), total(&b));
                continue;
            }
            prop_assert_eq!(&a.matches().participants, &participants, "{}", name);
            let of: HashMap<u32, f64> = b.matches().pool.iter().zip(&b.matches().weight).map(|(&r, &w)| (back(r), w)).collect();
            for (r, w) in a.matches().pool.iter().zip(&a.matches().weight) {
                prop_assert!((w - of[r]).abs() < 1e-5, "{} row {} {} {}", name, r, w, of[r]);
            }
        }
    }
}
