//! Tables that nobody should have sent, through every method: an error or a stated loss, never a
//! panic, a NaN or somebody who disappears.

use crate::every_method::{People, designs, errors};
use crate::kit::{designed, estimated};
use counterpart::balance::{Design, DesignError};
use counterpart::covariates::CovariateError;
use counterpart::effect::EstimateError;
use counterpart::matching::MatchError;
use counterpart::numeric::frame::Column;
use counterpart::propensity::PropensityError;
use counterpart::study::{Caliper, MatchSettings, Method, OutcomeKind};

/// A number from 0 to 1 without pattern for each row (the mixing of SplitMix64).
fn noise(row: usize, salt: u64) -> f64 {
    let mut z = (row as u64 + (salt << 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// Four hundred people, some eighty of whom take part, in four by three by three kinds.
fn ordinary(n: usize) -> People {
    let x: Vec<f64> = (0..n).map(|i| (4.0 * noise(i, 1)).floor()).collect();
    let z: Vec<f64> = (0..n).map(|i| (3.0 * noise(i, 2)).floor()).collect();
    let treated = (0..n).map(|i| noise(i, 3) < 0.08 + 0.06 * x[i]).collect();
    let place = (0..n).map(|i| (3.0 * noise(i, 4)) as usize).collect();
    People {
        x,
        z,
        place,
        treated,
    }
}

/// Everybody accounted for and every number one.
#[track_caller]
fn sound(name: &str, design: &Design) {
    let m = design.matches();
    let participants = design.treated().iter().filter(|t| **t).count();
    assert_eq!(
        m.participants.len() + m.dropped.len(),
        participants,
        "{name}"
    );
    let finite = |v: &[f64]| v.iter().all(|v| v.is_finite() && *v >= 0.0);
    assert!(finite(&m.weight) && finite(&m.weight_squared), "{name}");
    assert!(finite(&m.participant_weight), "{name}");
    for b in design.balance() {
        let numbers = [b.mean_treated, b.mean_matched, b.ks];
        let ratios = [b.smd_before, b.smd_after, b.variance_ratio];
        assert!(numbers.iter().all(|v| v.is_finite()), "{name} {b:?}");
        assert!(
            ratios.iter().flatten().all(|v| v.is_finite()),
            "{name} {b:?}"
        );
    }
}

#[test]
fn every_method_matches_ordinary_people_within_and_without_strata() {
    for (name, settings) in designs() {
        for exact in [false, true] {
            let design = ordinary(400).designed(&settings, exact);
            let design = design.unwrap_or_else(|e| panic!("{name}: {e}"));
            sound(&name, &design);
            assert!(design.matches().participants.len() > 30, "{name}");
        }
    }
}

#[test]
fn nobody_on_one_side_is_told_under_every_method() {
    for (name, settings) in designs() {
        for side in [false, true] {
            let mut people = ordinary(60);
            people.treated = vec![side; 60];
            let got = people.designed(&settings, false).unwrap_err();
            let told = matches!(
                got,
                DesignError::Propensity(PropensityError::OneGroup { .. })
            ) || matches!(got, DesignError::Covariates(_));
            assert!(told, "{name}: {got}");
        }
    }
}

#[test]
fn one_participant_or_one_other_is_an_answer_or_an_error() {
    for (name, settings) in designs() {
        for alone in [true, false] {
            let mut people = ordinary(80);
            people.treated = (0..80).map(|i| (i == 7) == alone).collect();
            let Ok(design) = people.designed(&settings, false) else {
                continue;
            };
            sound(&name, &design);
            for se in errors(&settings) {
                let y: Vec<f64> = (0..80).map(|i| noise(i, 9)).collect();
                if let Ok(e) = estimated(OutcomeKind::Continuous, &y, design.matches(), se) {
                    let d = e.difference;
                    let all = [d.estimate, d.se, d.ci_low, d.ci_high, d.p];
                    assert!(all.iter().all(|v| v.is_finite()), "{name}: {d:?}");
                }
            }
        }
    }
}

#[test]
fn an_outcome_all_equal_has_no_estimate_under_any_method_and_error() {
    for (name, settings) in designs() {
        let design = ordinary(400).designed(&settings, false).unwrap();
        for se in errors(&settings) {
            for value in [0.0, 1.0] {
                let got = estimated(OutcomeKind::Binary, &[value; 400], design.matches(), se);
                assert!(
                    matches!(got, Err(EstimateError::NoSpread { .. })),
                    "{name} {}",
                    se.as_str()
                );
            }
        }
    }
}

#[test]
fn outcomes_that_are_blank_or_infinite_are_refused_by_their_row() {
    for (name, settings) in designs() {
        let design = ordinary(400).designed(&settings, false).unwrap();
        let row = design.matches().participants[0] as usize;
        for bad in [f64::NAN, f64::INFINITY, 0.5] {
            let mut y: Vec<f64> = (0..400)
                .map(|i| f64::from(u8::from(noise(i, 5) < 0.4)))
                .collect();
            y[row] = bad;
            for se in errors(&settings) {
                let got = estimated(OutcomeKind::Binary, &y, design.matches(), se).unwrap_err();
                match got {
                    EstimateError::Missing {
                        participants: 1, ..
                    } => assert!(bad.is_nan()),
                    EstimateError::BadValue { row: told, .. } => assert_eq!(told, row + 1),
                    other => panic!("{name}: {other}"),
                }
            }
        }
    }
}

#[test]
fn a_covariate_that_predicts_perfectly_is_named_or_does_not_matter() {
    for (name, settings) in designs() {
        let mut people = ordinary(400);
        people.x = people.treated.iter().map(|&t| f64::from(t)).collect();
        match people.designed(&settings, false) {
            Err(DesignError::Propensity(PropensityError::Separation { columns })) => {
                assert!(
                    columns.iter().any(|c| c.contains("`x`")),
                    "{name}: {columns:?}"
                );
            }
            Err(DesignError::Matching(MatchError::NobodyMatched { .. })) => {}
            Err(other) => panic!("{name}: {other}"),
            Ok(_) => panic!("{name}: nobody is alike, and somebody was matched"),
        }
    }
}

#[test]
fn blank_and_infinite_covariates_are_kept_with_a_sign_or_refused() {
    for (name, settings) in designs() {
        let mut people = ordinary(400);
        (0..400).step_by(11).for_each(|i| people.x[i] = f64::NAN);
        match people.designed(&settings, false) {
            Ok(design) => sound(&name, &design),
            // Too few of a kind can be alike in everything.
            Err(e) => assert!(settings.method.matches_on_columns(), "{name}: {e}"),
        }
        people.x[200] = f64::INFINITY;
        assert!(
            matches!(
                people.designed(&settings, false),
                Err(DesignError::Covariates(CovariateError::BadColumn { .. }))
            ),
            "{name}"
        );
    }
}

#[test]
fn a_caliper_of_nothing_or_worse_is_refused_by_every_method() {
    for (name, settings) in designs() {
        for width in [0.0, -0.1, f64::NAN, f64::INFINITY] {
            let settings = MatchSettings {
                caliper: Caliper::Width(width),
                ..settings.clone()
            };
            let got = ordinary(100).designed(&settings, false).unwrap_err();
            let told = matches!(
                got,
                DesignError::Matching(MatchError::Settings {
                    setting: "caliper",
                    ..
                })
            );
            assert!(told, "{name}: {got}");
        }
    }
}

#[test]
fn a_caliper_that_nobody_is_within_is_told() {
    for (name, settings) in designs().into_iter().filter(|d| d.1.method.takes_caliper()) {
        let mut people = ordinary(100);
        people.x = (0..100).map(|i| noise(i, 8)).collect();
        let settings = MatchSettings {
            caliper: Caliper::Width(1e-13),
            ..settings
        };
        match people.designed(&settings, false) {
            Err(DesignError::Matching(MatchError::NobodyMatched { strata: false, .. })) => {}
            // The normal kernel has no end.
            Ok(design) if settings.method == Method::Kernel => sound(&name, &design),
            other => panic!(
                "{name}: {:?}",
                other.map(|d| d.matches().participants.len())
            ),
        }
    }
}

#[test]
fn more_strata_than_people_match_nobody_and_say_so() {
    for (name, settings) in designs() {
        let n = 120;
        let people = ordinary(n);
        let settings = MatchSettings {
            exact: vec!["id".into()],
            ..settings
        };
        let got = crate::kit::table(vec![("x", Column::Number(people.x.clone()))]);
        let (mut frame, covariates) = got;
        frame.push("id", Column::Number((0..n).map(|i| i as f64).collect()));
        let model = counterpart::propensity::PropensityParams::new();
        let got = Design::fix(frame, people.treated, &covariates, &settings, model, 1);
        let got = got.map(|d| d.matches().participants.len()).unwrap_err();
        assert!(
            matches!(
                got,
                DesignError::Matching(MatchError::NobodyMatched { strata: true, .. })
            ),
            "{name}: {got}"
        );
    }
}

#[test]
fn scores_without_spread_are_told_or_not_needed() {
    for (name, settings) in designs() {
        // Each value of x has one participant and two others.
        let n = 90;
        let x = (0..n).map(|i| (9.0 * noise(i / 3, 6)).floor()).collect();
        let treated: Vec<bool> = (0..n).map(|i| i % 3 == 0).collect();
        match designed(vec![("x", Column::Number(x))], &treated, &settings) {
            Ok(design) => sound(&name, &design),
            Err(DesignError::Matching(MatchError::FlatScore)) => {}
            Err(other) => panic!("{name}: {other}"),
        }
    }
}

#[test]
fn columns_in_absurd_units_are_survived() {
    for (name, settings) in designs() {
        let mut people = ordinary(400);
        people.x.iter_mut().for_each(|x| *x *= 1e150);
        people.z.iter_mut().for_each(|z| *z *= 1e-150);
        if let Ok(design) = people.designed(&settings, false) {
            sound(&name, &design);
        }
    }
}
