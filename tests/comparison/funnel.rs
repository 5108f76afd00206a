//! The funnel: by hand, plain R's values, what always holds, planted truth, what is refused.

use super::*;

const MANY: [Dispersion; 3] = [
    Dispersion::None,
    Dispersion::Multiplicative,
    Dispersion::Additive,
];

#[test]
fn everything_is_what_plain_r_makes_of_the_formulas() {
    let all: Value =
        serde_json::from_str(include_str!("../reference/comparison/funnel.json")).unwrap();
    let data = providers();
    // About their own average these results are not over-dispersed once the outermost are drawn in; about 0 they are.
    for (name, target, widened) in [
        ("pooled", Target::Pooled, false),
        ("given", Target::Given(0.0), true),
    ] {
        let want = &all[name];
        let by = |d: Dispersion| funnel(&data, target, d).unwrap();
        let (none, times, plus) = (by(MANY[0]), by(MANY[1]), by(MANY[2]));
        assert_eq!(times.over_dispersed, widened);
        near("target", none.target, &want["target"], 1e-12);
        near("phi", none.phi, &want["phi"], 1e-10);
        near("its p", none.phi_p, &want["phi_p"], 1e-10);
        near("tau2", none.tau2, &want["tau2"], 1e-12);
        for (i, p) in none.points.iter().enumerate() {
            near("z", p.z, &want["z"][i], 1e-9);
            near("z", p.z_adjusted, &want["z"][i], 1e-9);
            let of = |key: &str| &want[if widened { key } else { "z" }][i];
            near("z", times.points[i].z_adjusted, of("multiplicative"), 1e-9);
            near("z", plus.points[i].z_adjusted, of("additive"), 1e-9);
        }
        let at = &want["at_002"];
        let of = |key, or| if widened { key } else { or };
        for (key, range) in [
            ("chance95", plus.by_chance(0.02, Level::P95)),
            ("chance998", none.limits(0.02, Level::P998)),
            (
                of("multiplicative95", "chance95"),
                times.limits(0.02, Level::P95),
            ),
            (
                of("additive998", "chance998"),
                plus.limits(0.02, Level::P998),
            ),
        ] {
            near(key, range.low, &at[key][0], 1e-10);
            near(key, range.high, &at[key][1], 1e-10);
        }
    }
}

#[test]
fn a_funnel_worked_by_hand() {
    // Ten results about 0 with error 1; the lowest and the highest are drawn in to -2 and 2.
    let values = [-9.0, -2.0, -2.0, -1.0, -1.0, 1.0, 1.0, 2.0, 2.0, 8.0];
    let data: Vec<_> = values
        .iter()
        .enumerate()
        .map(|(i, v)| result(&format!("p{i}"), *v, 1.0))
        .collect();
    // (6 * 4 + 4 * 1) / 10 = 2.8; W - sum w2 / W = 10 - 1 = 9, tau2 = (28 - 9) / 9.
    for dispersion in MANY {
        let f = funnel(&data, Target::Given(0.0), dispersion).unwrap();
        assert!((f.phi - 2.8).abs() < 1e-12);
        assert!((f.tau2 - 19.0 / 9.0).abs() < 1e-12);
        assert!(f.over_dispersed && f.phi_p < 0.01);
        // 9 standard errors stay outside however limits widen: 9 / sqrt(2.8) = 5.4, 9 / sqrt(28 / 9) = 5.1.
        assert_eq!(f.points[0].place, Place::Outside);
        // 2 is between by chance, within once widened.
        assert_eq!(f.points[1].by_chance, Place::Between);
        let now = match dispersion {
            Dispersion::None => Place::Between,
            _ => Place::Within,
        };
        assert_eq!(f.points[1].place, now);
    }
}

#[test]
fn limits_widen_with_the_error_hold_the_target_and_each_other() {
    for dispersion in MANY {
        let f = funnel(&providers(), Target::Given(0.0), dispersion).unwrap();
        let mut last = 0.0;
        for se in [0.0, 0.001, 0.01, 0.05, 0.1] {
            let (inner, outer) = (f.limits(se, Level::P95), f.limits(se, Level::P998));
            let chance = f.by_chance(se, Level::P95);
            assert!(outer.low <= inner.low && inner.high <= outer.high);
            assert!(inner.low <= chance.low && chance.high <= inner.high);
            assert!((inner.low + inner.high - 2.0 * f.target).abs() < 1e-14);
            assert!(inner.high - inner.low >= last);
            last = inner.high - inner.low;
        }
        // In the limits if and only if the place says so.
        for p in &f.points {
            let of = |level| {
                let r = f.limits(p.se, level);
                r.low <= p.estimate && p.estimate <= r.high
            };
            let want = match (of(Level::P95), of(Level::P998)) {
                (true, _) => Place::Within,
                (false, true) => Place::Between,
                _ => Place::Outside,
            };
            assert_eq!(p.place, want, "{p:?}");
        }
    }
}

#[test]
fn shifting_and_scaling_change_no_place() {
    let data = providers();
    let moved: Vec<_> = data
        .iter()
        .map(|r| result(&r.name, 100.0 * r.estimate + 7.0, 100.0 * r.se))
        .collect();
    for dispersion in MANY {
        let a = funnel(&data, Target::Pooled, dispersion).unwrap();
        let b = funnel(&moved, Target::Pooled, dispersion).unwrap();
        assert!((a.phi - b.phi).abs() < 1e-9 && (b.tau2 - 1e4 * a.tau2).abs() < 1e-9);
        for (p, q) in a.points.iter().zip(&b.points) {
            assert!((p.z_adjusted - q.z_adjusted).abs() < 1e-9);
            assert_eq!(p.place, q.place);
        }
    }
}

#[test]
fn planted_chance_stays_within_and_a_planted_stranger_is_found() {
    let mut draw = coverage::Draw::new(7);
    let (mut outside, mut between, mut widened, mut found) = (0, 0, 0, 0);
    let (rounds, k) = (400, 20);
    for _ in 0..rounds {
        let mut data: Vec<_> = (0..k)
            .map(|i| {
                let se = 0.02 + 0.003 * i as f64;
                result(&format!("p{i}"), -0.05 + se * draw.normal(), se)
            })
            .collect();
        let f = funnel(&data, Target::Given(-0.05), Dispersion::Additive).unwrap();
        widened += usize::from(f.over_dispersed);
        let count = |place| f.points.iter().filter(|p| p.by_chance == place).count();
        outside += count(Place::Outside);
        between += count(Place::Between);
        data[0].estimate = -0.05 + 6.0 * data[0].se;
        let f = funnel(&data, Target::Pooled, Dispersion::Multiplicative).unwrap();
        found += usize::from(f.points[0].place == Place::Outside);
    }
    let all = (rounds * k) as f64;
    // 8,000 draws: 0.2 % and 4.8 % within four standard errors of their binomial.
    assert!(
        (outside as f64 / all - 0.002).abs() < 4.0 * (0.002f64 / all).sqrt(),
        "{outside}"
    );
    let share = between as f64 / all;
    assert!(
        (share - 0.048).abs() < 4.0 * (0.048 * 0.952 / all).sqrt(),
        "{share}"
    );
    // Winsorised, the test of phi is cautious: fewer than one in twenty.
    assert!(widened <= rounds / 20, "{widened}");
    assert!(found as f64 >= 0.95 * rounds as f64, "{found}");
}

#[test]
fn few_alike_and_unfit_results() {
    let one = [result("a", 0.1, 0.05)];
    let by = |d: &[ProgrammeResult], t| funnel(d, t, Dispersion::Additive);
    let few = ComparisonError::TooFew { found: 1, least: 2 };
    assert_eq!(by(&one, Target::Pooled), Err(few));
    let f = by(&one, Target::Given(0.0)).unwrap();
    assert_eq!((f.tau2, f.points[0].place), (0.0, Place::Between));
    assert_eq!(
        by(&one, Target::Given(f64::NAN)),
        Err(ComparisonError::Target)
    );
    let none = ComparisonError::TooFew { found: 0, least: 1 };
    assert_eq!(by(&[], Target::Given(0.0)), Err(none));
    let same: Vec<_> = (0..50).map(|i| result(&i.to_string(), 0.1, 0.05)).collect();
    let f = by(&same, Target::Pooled).unwrap();
    assert!(f.phi < 1e-20 && !f.over_dispersed && f.tau2 == 0.0);
    assert!(f.points.iter().all(|p| p.place == Place::Within));
    for se in [0.0, f64::NAN] {
        let unfit = [one[0].clone(), result("b", 0.0, se)];
        for target in [Target::Pooled, Target::Given(0.0)] {
            let wanted = ComparisonError::StandardError { row: 2 };
            assert_eq!(by(&unfit, target), Err(wanted));
        }
    }
    for place in [Place::Within, Place::Between, Place::Outside] {
        let words = place.words();
        assert!(words.contains("unlike") && !words.contains("best") && !words.contains("rank"));
    }
}
