//! Weights instead of matches: tables worked by hand, what must hold, what must be refused, and
//! planted truth for the stacked error.

use crate::every_method::People;
use crate::kit::{close, designed, estimated};
use counterpart::balance::{Design, DesignError};
use counterpart::matching::{MatchError, Sets};
use counterpart::numeric::frame::Column;
use counterpart::propensity::{Penalty, PropensityParams};
use counterpart::study::{
    CommonSupport, Estimand, MatchSettings, Method, OutcomeKind, PropensitySettings, SeMethod,
    WeightKind,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

const KINDS: [WeightKind; 3] = [WeightKind::Odds, WeightKind::Entropy, WeightKind::Overlap];

fn weighting(weights: WeightKind) -> MatchSettings {
    MatchSettings {
        weights,
        ..MatchSettings::new(Method::Weighting)
    }
}

/// People of two kinds: `(participants, others)` with x = 0, then with x = 1.
fn two_kinds(zero: (usize, usize), one: (usize, usize)) -> (Vec<f64>, Vec<bool>) {
    let (mut x, mut treated) = (Vec::new(), Vec::new());
    for (value, (t, c)) in [(0.0, zero), (1.0, one)] {
        x.extend(vec![value; t + c]);
        treated.extend((0..t + c).map(|i| i < t));
    }
    (x, treated)
}

/// 6 participants and 12 others with x = 0, 4 and 2 with x = 1. Standardised to the participants,
/// each of the 12 weighs 6/12, each of the 2 weighs 4/2. Overlap: e is 1/3 and 2/3; participants
/// weigh 2/3 x 6 + 1/3 x 4 = 16/3 before they are made to add up to 10, the pool 1/3 x 12 + 2/3 x 2
/// = 16/3 likewise.
#[test]
fn weights_of_a_two_by_two_table_are_standardisation() {
    let (x, treated) = two_kinds((6, 12), (4, 2));
    let of = |kind| {
        let columns = vec![("x", Column::Number(x.clone()))];
        designed(columns, &treated, &weighting(kind)).unwrap()
    };
    for kind in KINDS {
        let design = of(kind);
        let m = design.matches();
        assert!(matches!(m.sets, Sets::Common));
        let [of_zero, of_one] = match kind {
            WeightKind::Overlap => [10.0 / 16.0, 20.0 / 16.0],
            _ => [0.5, 2.0],
        };
        for (&r, w) in m.pool.iter().zip(&m.weight) {
            let want = if x[r as usize] == 0.0 {
                of_zero
            } else {
                of_one
            };
            close(kind.as_str(), *w, want, 1e-9);
        }
        let [of_zero, of_one] = match kind {
            WeightKind::Overlap => [20.0 / 16.0, 10.0 / 16.0],
            _ => [1.0, 1.0],
        };
        for (&r, g) in m.participants.iter().zip(&m.participant_weight) {
            let want = if x[r as usize] == 0.0 {
                of_zero
            } else {
                of_one
            };
            close(kind.as_str(), *g, want, 1e-9);
        }
        // y = 1 for half of the pool with x = 0 and all with x = 1, for nobody who took part.
        let mut seen = 0;
        let y: Vec<f64> = (0..x.len())
            .map(|r| {
                seen += usize::from(!treated[r] && x[r] == 0.0);
                f64::from(u8::from(!treated[r] && (x[r] == 1.0 || seen % 2 == 1)))
            })
            .collect();
        let got = estimated(OutcomeKind::Binary, &y, m, SeMethod::Stacked).unwrap();
        let want = match kind {
            WeightKind::Overlap => 0.75 * 0.5 + 0.25,
            _ => 0.6 * 0.5 + 0.4,
        };
        close(kind.as_str(), got.mean_comparison, want, 1e-9);
        assert_eq!(got.se_method, SeMethod::Stacked);
    }
}

/// With one binary column the odds weights are a post-stratification, whose error has a textbook
/// form: within-stratum variances p_x^2 s_x^2 / n_x of the pool, and for participants the spread of
/// y less the stratum mean. Both ways of stacking must give it (times N/(N - 2)).
#[test]
fn the_stacked_error_of_a_two_by_two_table_is_that_of_post_stratification() {
    let (x, treated) = two_kinds((6, 12), (4, 3));
    let y: Vec<f64> = (0..x.len())
        .map(|r| 3.0 * x[r] + ((r * r * 7) % 11) as f64 / 4.0)
        .collect();
    let of = |took: bool, kind: f64| -> Vec<f64> {
        (0..x.len())
            .filter(|&r| treated[r] == took && x[r] == kind)
            .map(|r| y[r])
            .collect()
    };
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let squares = |v: &[f64], m: f64| v.iter().map(|y| (y - m) * (y - m)).sum::<f64>();
    let (c0, c1, t0, t1) = (of(false, 0.0), of(false, 1.0), of(true, 0.0), of(true, 1.0));
    let effect = 0.6 * (mean(&t0) - mean(&c0)) + 0.4 * (mean(&t1) - mean(&c1));
    let pool = (6.0f64 / 12.0).powi(2) * squares(&c0, mean(&c0))
        + (4.0f64 / 3.0).powi(2) * squares(&c1, mean(&c1));
    let participants = squares(&t0, mean(&c0) + effect) + squares(&t1, mean(&c1) + effect);
    let want = (25.0 / 23.0 * (pool + participants)).sqrt() / 10.0;
    for kind in [WeightKind::Odds, WeightKind::Entropy] {
        let columns = vec![("x", Column::Number(x.clone()))];
        let design = designed(columns, &treated, &weighting(kind)).unwrap();
        let got = estimated(
            OutcomeKind::Continuous,
            &y,
            design.matches(),
            SeMethod::Stacked,
        );
        let got = got.unwrap().difference;
        close(kind.as_str(), got.estimate, effect, 1e-9);
        close(kind.as_str(), got.se, want, 1e-7);
    }
}

/// n people whose chance to take part rises with x and z; y rises with both and, by `effect`, with
/// taking part.
fn drawn(n: usize, effect: f64, seed: u64) -> (People, Vec<f64>) {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let mut people = People {
        x: Vec::new(),
        z: Vec::new(),
        place: Vec::new(),
        treated: Vec::new(),
    };
    let mut y = Vec::new();
    for _ in 0..n {
        let normal: f64 = (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
        let x = normal;
        let z = f64::from(u8::from(rng.random::<f64>() < 0.4));
        let place = (3.0 * rng.random::<f64>()) as usize;
        let lp = -1.2 + 0.7 * x + 0.5 * z;
        let took = rng.random::<f64>() < 1.0 / (1.0 + (-lp).exp());
        let noise: f64 = (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
        people.x.push(x);
        people.z.push(z);
        people.place.push(place);
        people.treated.push(took);
        y.push(2.0 * x + z + noise + effect * f64::from(u8::from(took)));
    }
    (people, y)
}

#[test]
fn entropy_and_overlap_weights_make_every_mean_of_the_model_equal() {
    let (people, _) = drawn(600, 0.0, 1);
    for kind in [WeightKind::Entropy, WeightKind::Overlap] {
        let design = people.designed(&weighting(kind), false).unwrap();
        for (term, b) in design.matrix().terms().iter().zip(design.balance()) {
            let off = (b.mean_treated - b.mean_matched) / term.scale;
            assert!(off.abs() < 1e-8, "{} {}: {off:e}", kind.as_str(), term.name);
        }
    }
}

#[test]
fn entropy_weights_are_log_linear_and_nearest_to_even_ones() {
    let (people, _) = drawn(300, 0.0, 2);
    let design = people
        .designed(&weighting(WeightKind::Entropy), false)
        .unwrap();
    let m = design.matches();
    let distance = |w: &[f64]| w.iter().map(|w| w * w.ln()).sum::<f64>();
    // Moved along directions that keep the sum and every mean, the weights get further from even.
    let columns: Vec<Vec<f64>> = (design.matrix().model_terms().iter())
        .map(|&t| design.matrix().column(t))
        .collect();
    let mut basis: Vec<Vec<f64>> = vec![vec![1.0; m.pool.len()]];
    basis.extend(
        columns
            .iter()
            .map(|c| m.pool.iter().map(|&r| c[r as usize]).collect()),
    );
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut kept: Vec<Vec<f64>> = Vec::new();
    let clean = |v: &mut Vec<f64>, kept: &[Vec<f64>]| {
        for q in kept.iter().chain(kept) {
            let along = dot(q, v);
            v.iter_mut().zip(q).for_each(|(v, q)| *v -= along * q);
        }
    };
    for mut b in basis {
        clean(&mut b, &kept);
        let length = dot(&b, &b).sqrt();
        b.iter_mut().for_each(|b| *b /= length);
        kept.push(b);
    }
    let smallest = m.weight.iter().copied().fold(f64::INFINITY, f64::min);
    for direction in 0..20usize {
        let mut d: Vec<f64> = (0..m.pool.len())
            .map(|i| (((i + 1) * (direction + 3) * 7919) % 101) as f64 / 50.0 - 1.0)
            .collect();
        clean(&mut d, &kept);
        d.iter_mut().for_each(|d| *d *= 1e-3 * smallest);
        let moved: Vec<f64> = m.weight.iter().zip(&d).map(|(w, d)| w + d).collect();
        assert!(distance(&moved) >= distance(&m.weight) - 1e-12);
    }
}

#[test]
fn sampling_weights_multiply_and_repeated_rows_are_the_same() {
    // Every third person twice, or once with weight 2.
    let (people, y) = drawn(400, 0.0, 3);
    let rows: Vec<usize> = (0..400)
        .flat_map(|r| vec![r; 1 + usize::from(r % 3 == 0)])
        .collect();
    let twice = people.permuted(&rows);
    let y_twice: Vec<f64> = rows.iter().map(|&r| y[r]).collect();
    let weights: Vec<f64> = (0..400)
        .map(|r| if r % 3 == 0 { 2.0 } else { 1.0 })
        .collect();
    for kind in KINDS {
        let settings = weighting(kind);
        let (mut frame, covariates) = crate::kit::table(vec![
            ("x", Column::Number(people.x.clone())),
            ("z", Column::Number(people.z.clone())),
        ]);
        frame.push("w", Column::Number(weights.clone()));
        let propensity = PropensitySettings {
            sampling_weights: Some("w".into()),
            ..PropensitySettings::default()
        };
        let plan = counterpart::balance::Plan {
            covariates: &covariates,
            settings: &settings,
            propensity: &propensity,
            model: PropensityParams::new(),
            seed: 1,
        };
        let weighed = Design::plan(frame, people.treated.clone(), plan).unwrap();
        let columns = vec![
            ("x", Column::Number(twice.x.clone())),
            ("z", Column::Number(twice.z.clone())),
        ];
        let repeated = designed(columns, &twice.treated, &settings).unwrap();
        let point = |design: &Design, y: &[f64]| {
            let e = estimated(
                OutcomeKind::Continuous,
                y,
                design.matches(),
                SeMethod::Stacked,
            );
            e.unwrap().difference.estimate
        };
        close(
            kind.as_str(),
            point(&weighed, &y),
            point(&repeated, &y_twice),
            1e-7,
        );
    }
}

#[test]
fn participants_outside_the_pool_cannot_be_balanced_and_the_column_is_named() {
    let (mut people, _) = drawn(300, 0.0, 4);
    // The pool's x ends below the participants' mean, but for nobody.
    for (x, &took) in people.x.iter_mut().zip(&people.treated) {
        *x = if took { 2.0 + *x } else { x.min(1.9) - 0.5 };
    }
    let lowest = |p: &People| {
        let of = (p.x.iter().zip(&p.treated)).filter(|v| *v.1).map(|v| *v.0);
        of.fold(f64::INFINITY, f64::min)
    };
    assert!(lowest(&people) < 1.4, "separation would be told first");
    match people.designed(&weighting(WeightKind::Entropy), false) {
        Err(DesignError::Matching(MatchError::CannotBalance { columns, .. })) => {
            assert_eq!(columns[0], "x");
        }
        other => panic!("{:?}", other.map(|d| d.matches().ess())),
    }
    // The other weights have an answer.
    assert!(people.designed(&weighting(WeightKind::Odds), false).is_ok());
    assert!(
        people
            .designed(&weighting(WeightKind::Overlap), false)
            .is_ok()
    );
}

#[test]
fn a_column_that_repeats_others_is_balanced_with_them() {
    let (people, _) = drawn(300, 0.0, 5);
    let sum: Vec<f64> = people.x.iter().zip(&people.z).map(|(x, z)| x + z).collect();
    let columns = vec![
        ("x", Column::Number(people.x.clone())),
        ("z", Column::Number(people.z.clone())),
        ("sum", Column::Number(sum)),
    ];
    let settings = weighting(WeightKind::Entropy);
    let design = designed(columns, &people.treated, &settings).unwrap();
    for b in design.balance() {
        assert!((b.mean_treated - b.mean_matched).abs() < 1e-8, "{}", b.term);
    }
}

#[test]
fn people_unlike_every_participant_weigh_nothing() {
    let (people, y) = drawn(400, 0.0, 6);
    // A flag that no participant has.
    let flag: Vec<f64> = (0..400)
        .map(|r| f64::from(u8::from(!people.treated[r] && r % 5 == 0)))
        .collect();
    for kind in KINDS {
        let columns = vec![
            ("x", Column::Number(people.x.clone())),
            ("flag", Column::Number(flag.clone())),
        ];
        let design = designed(columns, &people.treated, &weighting(kind)).unwrap();
        let m = design.matches();
        for (&r, w) in m.pool.iter().zip(&m.weight) {
            assert_eq!(*w > 0.0, flag[r as usize] == 0.0, "{}", kind.as_str());
        }
        let e = estimated(OutcomeKind::Continuous, &y, m, SeMethod::Stacked).unwrap();
        assert!(e.difference.se.is_finite());
    }
}

#[test]
fn common_support_takes_people_out_before_they_are_weighed() {
    let (people, _) = drawn(400, 0.0, 7);
    for kind in KINDS {
        let settings = MatchSettings {
            common_support: CommonSupport::Both,
            ..weighting(kind)
        };
        let design = people.designed(&settings, false).unwrap();
        let (m, lp) = (design.matches(), &design.propensity().lp);
        let range = |rows: &mut dyn Iterator<Item = usize>| {
            rows.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), r| {
                (l.min(lp[r]), h.max(lp[r]))
            })
        };
        let of_pool = range(&mut (0..400).filter(|&r| !people.treated[r]));
        let of_participants = range(&mut (0..400).filter(|&r| people.treated[r]));
        assert!(
            m.participants.len() + m.pool.len() < 400,
            "nobody is outside"
        );
        for &r in &m.participants {
            let lp = lp[r as usize];
            assert!(lp >= of_pool.0 && lp <= of_pool.1);
        }
        for &r in &m.pool {
            let lp = lp[r as usize];
            assert!(lp >= of_participants.0 && lp <= of_participants.1);
        }
    }
}

#[test]
fn within_exact_strata_each_has_its_own_pool() {
    for seed in 0..10 {
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        let n = 400;
        let x: Vec<f64> = (0..n).map(|_| rng.random::<f64>()).collect();
        let place: Vec<f64> = (0..n).map(|i| f64::from(i % 3)).collect();
        let treated: Vec<bool> = (0..n as usize)
            .map(|i| rng.random::<f64>() < 0.15 + 0.25 * x[i] + 0.05 * place[i])
            .collect();
        let y: Vec<f64> = (0..n as usize).map(|i| x[i] + 2.0 * place[i]).collect();
        for kind in KINDS {
            let columns = vec![("x", Column::Number(x.clone()))];
            let (mut frame, covariates) = crate::kit::table(columns);
            frame.push("place", Column::Number(place.clone()));
            let settings = MatchSettings {
                exact: vec!["place".into()],
                ..weighting(kind)
            };
            let model = PropensityParams::new();
            let treated = treated.clone();
            let design = Design::fix(frame, treated, &covariates, &settings, model, 1).unwrap();
            let m = design.matches();
            assert!(matches!(m.sets, Sets::CommonWithin { .. }));
            let at = |r: u32, p: f64| place[r as usize] == p;
            for p in [0.0, 1.0, 2.0] {
                let counted = m.participants.iter().zip(&m.participant_weight);
                let own: f64 = counted.filter(|c| at(*c.0, p)).map(|c| c.1).sum();
                let weighed = m.pool.iter().zip(&m.weight);
                let theirs: f64 = weighed.filter(|c| at(*c.0, p)).map(|c| c.1).sum();
                close("what a stratum weighs", theirs, own, 1e-12);
            }
            m.for_each_pair(|t, c, _| assert_eq!(place[t as usize], place[c as usize]));
            // Each participant is predicted by the weighted mean of the stratum's pool.
            let of_pool: Vec<f64> = m.pool.iter().map(|&r| y[r as usize]).collect();
            for (&t, got) in m.participants.iter().zip(m.predicted(&of_pool)) {
                let here = m
                    .pool
                    .iter()
                    .zip(&m.weight)
                    .filter(|c| at(*c.0, place[t as usize]));
                let (sum, total) =
                    here.fold((0.0, 0.0), |(s, w), (&r, g)| (s + g * y[r as usize], w + g));
                close("predicted", got, sum / total, 1e-12);
            }
            let e = estimated(OutcomeKind::Continuous, &y, m, SeMethod::Stacked).unwrap();
            assert_eq!(e.se_method, SeMethod::Stacked);
        }
    }
}

#[test]
fn stacked_errors_are_refused_for_matches_with_the_way_out() {
    let stacked = MatchSettings {
        se: SeMethod::Stacked,
        ..MatchSettings::new(Method::Radius)
    };
    let (setting, rule) = stacked.check().unwrap_err();
    assert!(setting == "se" && rule.contains("weighting"));
}

#[test]
fn overlap_weights_answer_for_another_group_and_say_so() {
    assert_eq!(weighting(WeightKind::Overlap).estimand(), Estimand::Ato);
    assert_eq!(weighting(WeightKind::Entropy).estimand(), Estimand::Att);
}

#[test]
fn without_a_likelihood_to_stack_the_error_is_robust_and_named_so() {
    let (people, y) = drawn(300, 1.0, 8);
    for penalty in [Penalty::Ridge(1.0), Penalty::Firth] {
        for kind in KINDS {
            let columns = vec![("x", Column::Number(people.x.clone()))];
            let (frame, covariates) = crate::kit::table(columns);
            let model = PropensityParams::new().penalty(penalty);
            let treated = people.treated.clone();
            let settings = weighting(kind);
            let design = Design::fix(frame, treated, &covariates, &settings, model, 1).unwrap();
            let of = |se| estimated(OutcomeKind::Continuous, &y, design.matches(), se).unwrap();
            let got = of(SeMethod::Stacked);
            if kind == WeightKind::Entropy {
                // These weights do not hang on the score.
                assert_eq!(got.se_method, SeMethod::Stacked);
            } else {
                assert_eq!(got.se_method, SeMethod::Robust);
                assert_eq!(got.difference, of(SeMethod::Robust).difference);
            }
        }
    }
}

/// Where covariates explain most of the outcome, errors that take the weights as known are far too
/// wide; the stacked ones are not.
#[test]
fn stacked_errors_cover_planted_effects_and_known_weights_are_too_wide() {
    const DRAWS: u64 = 300;
    for kind in KINDS {
        let (mut errors, mut stacked, mut robust) = (Vec::new(), Vec::new(), Vec::new());
        let mut covered = 0.0;
        for seed in 0..DRAWS {
            let (people, y) = drawn(400, 1.0, 1000 + seed);
            let design = people.designed(&weighting(kind), false).unwrap();
            let of = |se| {
                let e = estimated(OutcomeKind::Continuous, &y, design.matches(), se);
                e.unwrap().difference
            };
            let found = of(SeMethod::Stacked);
            errors.push(found.estimate - 1.0);
            covered += f64::from(u8::from(found.ci_low <= 1.0 && 1.0 <= found.ci_high));
            stacked.push(found.se);
            robust.push(of(SeMethod::Robust).se);
        }
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let bias = mean(&errors);
        let spread = mean(
            &errors
                .iter()
                .map(|e| (e - bias).powi(2))
                .collect::<Vec<_>>(),
        )
        .sqrt();
        let coverage = covered / DRAWS as f64;
        let what = format!(
            "{}: bias {bias:.4}, spread {spread:.4}, stacked {:.4}, robust {:.4}, coverage {coverage:.3}",
            kind.as_str(),
            mean(&stacked),
            mean(&robust)
        );
        println!("{what}");
        assert!(bias.abs() < 4.0 * spread / (DRAWS as f64).sqrt(), "{what}");
        assert!((mean(&stacked) / spread - 1.0).abs() < 0.15, "{what}");
        assert!(
            (coverage - 0.95).abs() < 4.0 * (0.95f64 * 0.05 / DRAWS as f64).sqrt(),
            "{what}"
        );
        assert!(mean(&robust) > 1.5 * mean(&stacked), "{what}");
    }
}
