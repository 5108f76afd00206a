//! Weights within exact strata, and the stacked error against its definition.

use crate::every_method::People;
use crate::kit::{Line, close, estimated, pairs, table};
use counterpart::balance::{Design, Plan};
use counterpart::matching::{DropReason, Matches, Sets};
use counterpart::numeric::frame::Column;
use counterpart::propensity::PropensityParams;
use counterpart::study::{
    CommonSupport, MatchSettings, Method, OutcomeKind, PropensitySettings, SeMethod, WeightKind,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use std::collections::BTreeMap;

const KINDS: [WeightKind; 3] = [WeightKind::Odds, WeightKind::Entropy, WeightKind::Overlap];

fn weighting(weights: WeightKind) -> MatchSettings {
    MatchSettings {
        weights,
        ..MatchSettings::new(Method::Weighting)
    }
}

/// Weights by row: participants, then the pool.
fn by_row(m: &Matches) -> BTreeMap<u32, f64> {
    let participants = m.participants.iter().zip(&m.participant_weight);
    let pool = m.pool.iter().zip(&m.weight);
    participants.chain(pool).map(|(r, w)| (*r, *w)).collect()
}

/// Stratum 0: participants 0, 1 and pool 4, 5 with odds 1 and 3, so that 2 participants are shared
/// out as 0.5 and 1.5. Stratum 1: participant 2, pool 6, 7, 8 with odds 2, 2, 1. Stratum 2:
/// participant 3 and nobody. Stratum 3: pool 9 and no participant.
fn strata() -> Line {
    let ln = f64::ln;
    let mut line = Line::new(
        &[0.0, -ln(3.0), 0.0, 0.0],
        &[0.0, ln(3.0), ln(2.0), ln(2.0), 0.0, 0.0],
    );
    line.strata = vec![0, 0, 1, 2, 0, 0, 1, 1, 1, 3];
    line
}

#[test]
fn odds_in_strata_by_hand() {
    let m = strata().matched(&weighting(WeightKind::Odds), 1).unwrap();
    assert!(matches!(&m.sets, Sets::CommonWithin { stratum } if *stratum == [0, 0, 1]));
    assert_eq!(m.participants, [0, 1, 2]);
    assert_eq!(
        (m.dropped[0].row, m.dropped[0].reason),
        (3, DropReason::EmptyStratum)
    );
    let want = [1.0, 1.0, 1.0, 0.5, 1.5, 0.4, 0.4, 0.2, 0.0];
    let rows = [0, 1, 2, 4, 5, 6, 7, 8, 9];
    let got = by_row(&m);
    for (r, want) in rows.iter().zip(want) {
        close("weight", got[r], want, 1e-14);
    }
    // w_ic is a quarter and three quarters for rows 0 and 1, two fifths, two and one for row 2.
    let listed = pairs(&m);
    assert_eq!(listed.len(), 7);
    close("w_ic", listed[1].2, 0.75, 1e-14);
    close("w_ic", listed[6].2, 0.2, 1e-14);
    let q: BTreeMap<u32, f64> = m
        .pool
        .iter()
        .copied()
        .zip(m.weight_squared.clone())
        .collect();
    close("q", q[&5], 2.0 * 0.75 * 0.75, 1e-14);
    close("q", q[&6], 0.16, 1e-14);
    assert_eq!(q[&9], 0.0);
    close("largest share", m.largest_share(), 0.5, 1e-14);
    // y: 4 and 0 in stratum 0 give 1; 1, 2, 5 in stratum 1 give 2.2; means 3, (2 x 1 + 2.2) / 3.
    let y = [5.0, 1.0, 3.0, 9.0, 4.0, 0.0, 1.0, 2.0, 5.0, f64::NAN];
    let e = estimated(OutcomeKind::Continuous, &y, &m, SeMethod::Robust).unwrap();
    close("participants", e.mean_treated, 3.0, 1e-14);
    close("pool", e.mean_comparison, 4.2 / 3.0, 1e-14);
    // `matched`: gaps 4, 0, 0.8 around 1.6.
    let gaps = [4.0f64, 0.0, 0.8]
        .map(|g| (g - 1.6).powi(2))
        .iter()
        .sum::<f64>();
    let reuse = 2.25 - 1.125 + 0.25 - 0.125;
    let e = estimated(OutcomeKind::Continuous, &y, &m, SeMethod::Matched).unwrap();
    close(
        "se",
        e.difference.se,
        (gaps + reuse * 8.0).sqrt() / 3.0,
        1e-12,
    );
}

/// Participants 0, 1, 2 have e = 1/2, 1/4, 1/2, so that they count 2, 3, 2 sevenths of 3. The pool
/// of stratum 0 has e = 1/2, 3/4: it shares 15/7 as 2 to 3. That of stratum 1 has 2/3, 2/3, 1/2.
#[test]
fn overlap_in_strata_by_hand() {
    let m = strata()
        .matched(&weighting(WeightKind::Overlap), 1)
        .unwrap();
    let sevenths = [
        6.0,
        9.0,
        6.0,
        6.0,
        9.0,
        24.0 / 11.0,
        24.0 / 11.0,
        18.0 / 11.0,
        0.0,
    ];
    let got = by_row(&m);
    for (r, want) in [0, 1, 2, 4, 5, 6, 7, 8, 9].iter().zip(sevenths) {
        close("weight", got[r], want / 7.0, 1e-14);
    }
}

#[test]
fn scores_beyond_all_odds_are_survived() {
    let line = Line::new(&[900.0, -900.0, 0.0], &[-900.0, -800.0, 900.0, 0.0]);
    let apart = Line {
        strata: vec![0, 1, 2, 0, 1, 2, 2],
        ..line.clone()
    };
    for line in [line, apart] {
        for kind in [WeightKind::Odds, WeightKind::Overlap] {
            let m = line.matched(&weighting(kind), 1).unwrap();
            let finite = |v: &[f64]| v.iter().all(|v| v.is_finite() && *v >= 0.0);
            assert!(finite(&m.weight) && finite(&m.weight_squared));
            assert!(finite(&m.participant_weight));
            assert!(finite(&m.predicted(&[1.0, 2.0, 3.0, 4.0])));
            close("sum", m.weight.iter().sum(), 3.0, 1e-12);
        }
    }
}

/// n people in three places; the place moves the outcome, and the chance to take part.
fn drawn(n: usize, effect: f64, seed: u64) -> (People, Vec<f64>) {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let normal = |rng: &mut ChaCha12Rng| (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
    let mut people = People {
        x: Vec::new(),
        z: Vec::new(),
        place: Vec::new(),
        treated: Vec::new(),
    };
    let mut y = Vec::new();
    for i in 0..n {
        let x = normal(&mut rng);
        let (z, place) = (f64::from(u8::from(rng.random::<f64>() < 0.4)), i % 3);
        let lp = -1.4 + 0.6 * x + 0.5 * z + 0.4 * place as f64;
        let took = rng.random::<f64>() < 1.0 / (1.0 + (-lp).exp());
        people.x.push(x);
        people.z.push(z);
        people.place.push(place);
        people.treated.push(took);
        let gain = effect * f64::from(u8::from(took));
        y.push(2.0 * x + z + 1.5 * place as f64 + normal(&mut rng) + gain);
    }
    (people, y)
}

/// Strata are then three columns whose means must agree: the same weights, and the same error.
#[test]
fn entropy_balancing_in_strata_is_that_with_the_place_as_a_column() {
    let (people, y) = drawn(300, 0.5, 1);
    let settings = weighting(WeightKind::Entropy);
    let within = people.designed(&settings, true).unwrap();
    let across = people.designed(&settings, false).unwrap();
    assert!(matches!(within.matches().sets, Sets::CommonWithin { .. }));
    assert!(matches!(across.matches().sets, Sets::Common));
    let (a, b) = (by_row(within.matches()), by_row(across.matches()));
    assert_eq!(a.len(), b.len());
    for (r, w) in &a {
        close("weight", *w, b[r], 1e-8);
    }
    let of = |d: &Design| {
        let e = estimated(OutcomeKind::Continuous, &y, d.matches(), SeMethod::Stacked).unwrap();
        assert_eq!(e.se_method, SeMethod::Stacked);
        e.difference
    };
    close("estimate", of(&within).estimate, of(&across).estimate, 1e-8);
    close("se", of(&within).se, of(&across).se, 1e-8);
}

#[test]
fn every_stratum_weighs_what_its_participants_count() {
    let (people, _) = drawn(400, 0.0, 2);
    for support in [CommonSupport::None, CommonSupport::Both] {
        for kind in KINDS {
            let settings = MatchSettings {
                common_support: support,
                ..weighting(kind)
            };
            let design = people.designed(&settings, true).unwrap();
            let m = design.matches();
            let mut totals = [[0.0; 2]; 3];
            for (r, w) in by_row(m) {
                let r = r as usize;
                totals[people.place[r]][usize::from(people.treated[r])] += w;
            }
            for [pool, participants] in totals {
                close(kind.as_str(), pool, participants, 1e-9);
            }
            if kind == WeightKind::Entropy {
                for (term, b) in design.matrix().terms().iter().zip(design.balance()) {
                    let off = (b.mean_treated - b.mean_matched) / term.scale;
                    assert!(off.abs() < 1e-8, "{}: {off:e}", term.name);
                }
            }
        }
    }
}

/// A person's part in the error is what the estimate moves by when the person counts for a little
/// more, everything fitted anew (Hampel 1974, doi:10.1080/01621459.1974.10482962). So the stacked
/// error is `sqrt(N/(N-2) sum (d tau / d weight)^2)`, with strata and without.
#[test]
fn the_stacked_error_is_what_each_person_moves() {
    let n = 110;
    let (people, y) = drawn(n, 1.0, 3);
    for kind in KINDS {
        for exact in [false, true] {
            let found = |r: usize, by: f64| {
                let mut weights = vec![1.0; n];
                weights[r] += by;
                let mut settings = weighting(kind);
                let places = people.place.iter().map(|p| Some(["a", "b", "c"][*p]));
                let place = Column::category(places);
                let (mut frame, covariates) = table(vec![
                    ("x", Column::Number(people.x.clone())),
                    ("z", Column::Number(people.z.clone())),
                ]);
                if exact {
                    frame.push("place", place);
                    settings.exact = vec!["place".into()];
                }
                frame.push("w", Column::Number(weights));
                let propensity = PropensitySettings {
                    sampling_weights: Some("w".into()),
                    ..PropensitySettings::default()
                };
                let plan = Plan {
                    covariates: &covariates,
                    settings: &settings,
                    propensity: &propensity,
                    model: PropensityParams::new(),
                    seed: 1,
                };
                let design = Design::plan(frame, people.treated.clone(), plan).unwrap();
                let matches = design.matches();
                estimated(OutcomeKind::Continuous, &y, matches, SeMethod::Stacked)
                    .unwrap()
                    .difference
            };
            let by = 1e-3;
            let moved = |r| (found(r, by).estimate - found(r, -by).estimate) / (2.0 * by);
            let sum: f64 = (0..n).map(|r| f64::powi(moved(r), 2)).sum();
            let want = (n as f64 / (n as f64 - 2.0) * sum).sqrt();
            let what = format!("{}, strata {exact}", kind.as_str());
            close(&what, found(0, 0.0).se / want, 1.0, 1e-5);
        }
    }
}

/// The place is in the model too: without it the score is that of a mixture of places, no logistic
/// one, and odds weights are off by 0.05 here.
#[test]
fn in_strata_stacked_errors_cover_planted_effects() {
    const DRAWS: u64 = 250;
    for kind in KINDS {
        let (mut errors, mut squares, mut covered, mut ses) = (0.0, 0.0, 0.0, 0.0);
        for seed in 0..DRAWS {
            let (people, y) = drawn(360, 1.0, 2000 + seed);
            let settings = MatchSettings {
                exact: vec!["place".into()],
                ..weighting(kind)
            };
            let design = people.designed(&settings, false).unwrap();
            let found = estimated(
                OutcomeKind::Continuous,
                &y,
                design.matches(),
                SeMethod::Stacked,
            );
            let d = found.unwrap().difference;
            errors += d.estimate - 1.0;
            squares += (d.estimate - 1.0).powi(2);
            ses += d.se;
            covered += f64::from(u8::from(d.ci_low <= 1.0 && 1.0 <= d.ci_high));
        }
        let n = DRAWS as f64;
        let (bias, coverage) = (errors / n, covered / n);
        let spread = (squares / n - bias * bias).sqrt();
        let what = format!(
            "{}: bias {bias:.4}, spread {spread:.4}, stacked {:.4}, coverage {coverage:.3}",
            kind.as_str(),
            ses / n
        );
        println!("{what}");
        assert!(bias.abs() < 4.0 * spread / n.sqrt(), "{what}");
        assert!((ses / n / spread - 1.0).abs() < 0.15, "{what}");
        let chance = (0.95f64 * 0.05 / n).sqrt();
        assert!((coverage - 0.95).abs() < 4.0 * chance, "{what}");
    }
}
