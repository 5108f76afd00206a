//! Tables that nobody should have sent: a clear error or a stated loss, never a panic or a NaN.

use crate::kit::{covariate, designed, estimated, nearest, radius, table};
use counterpart::balance::{Design, DesignError};
use counterpart::covariates::CovariateError;
use counterpart::effect::EstimateError;
use counterpart::matching::MatchError;
use counterpart::numeric::frame::{Column, Frame};
use counterpart::propensity::{PropensityError, PropensityParams};
use counterpart::study::{
    Caliper, CaliperScale, CovariateKind, MatchSettings, OutcomeKind, SeMethod,
};

/// Numbers without pattern, from a congruence.
fn noise(n: usize, salt: u64) -> Vec<f64> {
    let mut state = salt.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..n)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        })
        .collect()
}

fn third(n: usize) -> Vec<bool> {
    (0..n).map(|i| i % 3 == 0).collect()
}

fn text(n: usize, of: impl Fn(usize) -> &'static str) -> Column {
    Column::category((0..n).map(|i| Some(of(i))))
}

/// No number of a finished design is NaN or infinite.
fn check_sound(design: &Design) {
    assert!(design.propensity().lp.iter().all(|v| v.is_finite()));
    assert!(design.propensity().lp_sd.is_finite());
    assert!(
        design
            .propensity()
            .terms
            .iter()
            .all(|t| t.estimate.is_finite() && t.se.is_finite())
    );
    for b in design.balance() {
        for v in [
            Some(b.mean_treated),
            Some(b.mean_matched),
            Some(b.ks),
            b.smd_before,
            b.smd_after,
            b.variance_ratio,
            b.variance_ratio_before,
        ] {
            assert!(v.is_none_or(f64::is_finite), "{b:?}");
        }
    }
}

fn named(error: DesignError) -> Vec<String> {
    match error {
        DesignError::Propensity(PropensityError::Separation { columns }) => columns,
        other => panic!("{other}"),
    }
}

#[test]
fn a_group_of_nobody() {
    for treated in [vec![true; 20], vec![false; 20], vec![]] {
        let x = noise(treated.len(), 1);
        let place = text(treated.len(), |_| "here");
        let got = designed(
            vec![("place", place), ("x", Column::Number(x))],
            &treated,
            &radius(0.1),
        );
        match got.unwrap_err() {
            DesignError::Propensity(PropensityError::OneGroup { .. })
            | DesignError::Covariates(CovariateError::BadColumn { .. }) => {}
            other => panic!("{other}"),
        }
    }
}

#[test]
fn one_participant_has_a_design_and_no_estimate() {
    let mut treated = vec![false; 40];
    treated[7] = true;
    let x = noise(40, 2);
    let design = designed(
        vec![("x", Column::Number(x.clone()))],
        &treated,
        &radius(0.5),
    )
    .unwrap();
    check_sound(&design);
    assert!(matches!(
        estimated(OutcomeKind::Continuous, &x, design.matches(), SeMethod::Lab),
        Err(EstimateError::TooFew { .. })
    ));
}

#[test]
fn a_column_that_separates_is_named() {
    let treated = third(90);
    let x: Vec<f64> = noise(90, 3)
        .iter()
        .zip(&treated)
        .map(|(v, &t)| v + if t { 2.0 } else { 0.0 })
        .collect();
    let alone = designed(
        vec![("x", Column::Number(x.clone()))],
        &treated,
        &radius(0.1),
    );
    assert_eq!(named(alone.unwrap_err()), vec!["`x`"]);
    let beside = designed(
        vec![
            ("age", Column::Number(noise(90, 4))),
            ("x", Column::Number(x)),
        ],
        &treated,
        &radius(0.1),
    );
    assert!(named(beside.unwrap_err()).contains(&"`x`".to_owned()));
    // A copy of who took part.
    let copy = treated.iter().map(|&t| f64::from(u8::from(t))).collect();
    let copied = designed(
        vec![
            ("age", Column::Number(noise(90, 4))),
            ("copy", Column::Number(copy)),
        ],
        &treated,
        &radius(0.1),
    );
    assert!(named(copied.unwrap_err()).contains(&"`copy`".to_owned()));
}

#[test]
fn a_level_that_only_participants_have_is_named() {
    let n = 300;
    let treated = third(n);
    let place = text(n, |i| match i {
        _ if i % 3 == 0 && i < 30 => "theirs",
        _ if i % 2 == 0 => "north",
        _ => "south",
    });
    let got = designed(
        vec![("age", Column::Number(noise(n, 5))), ("place", place)],
        &treated,
        &radius(0.1),
    );
    assert_eq!(named(got.unwrap_err()), vec!["`place=theirs`"]);
}

#[test]
fn a_rare_level_is_merged_and_said_so() {
    let n = 300;
    let treated = third(n);
    let place = text(n, |i| match i {
        0 | 3 => "islands",
        6 | 9 | 12 | 13 => "highlands",
        _ if i % 2 == 0 => "north",
        _ => "south",
    });
    let design = designed(vec![("place", place)], &treated, &radius(0.5)).unwrap();
    check_sound(&design);
    let note = design.notes().join("; ");
    assert!(
        note.contains("islands") && note.contains("highlands"),
        "{note}"
    );
    assert!(design.balance().iter().any(|b| b.term == "place=other"));
}

#[test]
fn a_category_is_never_merged_away() {
    // Four of a hundred participants are women, and a third of the pool: merging the two levels
    // would leave none, and nobody would see that the pool differs.
    let n = 300;
    let treated = third(n);
    let few = text(n, |i| {
        if i % 3 == 0 && i >= 12 || i % 7 < 4 {
            "man"
        } else {
            "woman"
        }
    });
    let design = designed(vec![("sex", few)], &treated, &radius(0.1)).unwrap();
    check_sound(&design);
    assert!(
        design
            .propensity()
            .terms
            .iter()
            .any(|t| t.name == "sex=woman")
    );
    // None at all: out of the model, where the level has no coefficient, and nobody at it can be a
    // counterpart.
    let none = text(n, |i| {
        if i % 3 == 0 || i % 7 < 4 {
            "man"
        } else {
            "woman"
        }
    });
    let design = designed(
        vec![("age", Column::Number(noise(n, 6))), ("sex", none)],
        &treated,
        &radius(0.1),
    )
    .unwrap();
    check_sound(&design);
    let women = design
        .balance()
        .iter()
        .find(|b| b.term == "sex=woman")
        .unwrap();
    assert!(
        women.mean_treated < 1e-12 && women.mean_pool > 0.1 && women.mean_matched == 0.0,
        "{women:?} {:?}",
        design.notes()
    );
    assert_eq!(women.light, counterpart::balance::Light::Green);
    let notes = design.notes().join(" ");
    assert!(
        notes.contains("`sex`") && notes.contains("cannot be counterparts"),
        "{notes}"
    );
}

#[test]
fn a_flag_that_all_participants_share_does_not_end_the_study() {
    let n = 300;
    let treated = third(n);
    let flag: Vec<f64> = (0..n)
        .map(|i| f64::from(u8::from(i % 3 == 0 || i % 7 < 5)))
        .collect();
    let design = designed(
        vec![
            ("age", Column::Number(noise(n, 16))),
            ("need", Column::Number(flag)),
        ],
        &treated,
        &radius(0.1),
    )
    .unwrap();
    check_sound(&design);
    assert!(
        design
            .notes()
            .iter()
            .any(|n| n.starts_with("`need` left out"))
    );
    let need = design.balance().iter().find(|b| b.term == "need").unwrap();
    assert!(need.mean_pool < 1.0 && need.mean_matched == 1.0, "{need:?}");
    assert_eq!(need.light, counterpart::balance::Light::Green);
}

#[test]
fn infinite_missing_and_absurd_numbers() {
    let n = 60;
    let treated = third(n);
    let with = |row: usize, v: f64| {
        let mut x = noise(n, 7);
        x[row] = v;
        designed(vec![("x", Column::Number(x))], &treated, &radius(0.5))
    };
    for v in [f64::INFINITY, f64::NEG_INFINITY, 1e200, -1e308] {
        match with(4, v).unwrap_err() {
            DesignError::Covariates(CovariateError::BadColumn { row, .. }) => {
                assert_eq!(row, Some(5), "{v}");
            }
            other => panic!("{other}"),
        }
    }
    let design = with(4, f64::NAN).unwrap();
    check_sound(&design);
    assert!(design.notes().iter().any(|n| n.contains("blank in 1 row")));
    let all = designed(
        vec![("x", Column::Number(vec![f64::NAN; n]))],
        &treated,
        &radius(0.5),
    );
    assert!(matches!(
        all,
        Err(DesignError::Covariates(CovariateError::BadColumn {
            row: None,
            ..
        }))
    ));
    let infinite_level = {
        let mut frame = Frame::new(n);
        let mut x = vec![1.0; n];
        x[3] = f64::INFINITY;
        frame.push("x", Column::Number(x));
        let c = [covariate("x", CovariateKind::Category)];
        Design::fix(frame, treated, &c, &radius(0.5), PropensityParams::new(), 1)
    };
    assert!(infinite_level.is_err());
}

#[test]
fn constant_and_collinear_columns_are_left_out_by_name() {
    let n = 240;
    let treated = third(n);
    let a = noise(n, 8);
    let b = noise(n, 9);
    let sum: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 3.0 * a - b + 7.0).collect();
    let place = |i: usize| {
        if (i / 5).is_multiple_of(3) {
            "north"
        } else {
            "south"
        }
    };
    let dummy: Vec<f64> = (0..n)
        .map(|i| f64::from(u8::from(place(i) == "north")))
        .collect();
    let design = designed(
        vec![
            ("a", Column::Number(a)),
            ("b", Column::Number(b)),
            ("one", Column::Number(vec![0.1; n])),
            ("sum", Column::Number(sum)),
            ("place", text(n, place)),
            ("again", text(n, place)),
            ("dummy", Column::Number(dummy)),
        ],
        &treated,
        &radius(0.5),
    )
    .unwrap();
    check_sound(&design);
    assert_eq!(
        design.propensity().redundant,
        vec!["sum", "again=north", "dummy"]
    );
    let notes = design.notes().join("; ");
    for column in ["`one`", "`sum`", "`again=north`", "`dummy`"] {
        assert!(notes.contains(column), "{column} in: {notes}");
    }
    let only = designed(
        vec![("one", Column::Number(vec![0.1; n]))],
        &treated,
        &radius(0.5),
    );
    assert!(matches!(
        only,
        Err(DesignError::Propensity(PropensityError::NoColumns))
    ));
}

#[test]
fn more_columns_than_rows_are_refused() {
    // More columns than people tell everybody apart.
    let n = 200;
    let names: Vec<String> = (0..1000).map(|j| format!("x{j}")).collect();
    let columns = names
        .iter()
        .enumerate()
        .map(|(j, name)| (name.as_str(), Column::Number(noise(n, 100 + j as u64))))
        .collect();
    match designed(columns, &third(n), &radius(0.1)).unwrap_err() {
        DesignError::Propensity(PropensityError::TooManyColumns { columns, most, .. }) => {
            assert_eq!((columns, most), (1000, n - 2));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_million_levels_are_no_category() {
    let n = 1_000_000u32;
    let category = Column::Category {
        codes: (0..n).collect(),
        levels: (0..n).map(|i| i.to_string()).collect(),
    };
    let number = Column::Number((0..n).map(f64::from).collect());
    for column in [category, number] {
        let mut frame = Frame::new(n as usize);
        frame.push("id", column);
        let c = [covariate("id", CovariateKind::Category)];
        let got = Design::fix(
            frame,
            third(n as usize),
            &c,
            &radius(0.1),
            PropensityParams::new(),
            1,
        );
        assert!(matches!(
            got,
            Err(DesignError::Covariates(CovariateError::BadColumn { .. }))
        ));
    }
}

#[test]
fn levels_declared_and_absent_do_not_count() {
    let n = 300;
    let column = Column::Category {
        codes: (0..n as u32).map(|i| (i / 7) % 4 * 200).collect(),
        levels: (0..700).map(|l| format!("court {l:03}")).collect(),
    };
    let design = designed(vec![("court", column)], &third(n), &radius(0.5)).unwrap();
    assert_eq!(design.balance().len(), 4);
}

#[test]
fn zero_has_one_sign() {
    let n = 300;
    let x: Vec<f64> = (0..n)
        .map(|i| match (i / 3) % 4 {
            0 => 0.0,
            1 => -0.0,
            _ => 1.0,
        })
        .collect();
    let mut frame = Frame::new(n);
    frame.push("x", Column::Number(x));
    let c = [covariate("x", CovariateKind::Category)];
    let mut treated = third(n);
    treated[1] = true;
    let design = Design::fix(frame, treated, &c, &radius(0.5), PropensityParams::new(), 1).unwrap();
    assert_eq!(design.balance().len(), 2);
}

#[test]
fn a_caliper_that_matches_nobody_and_strata_of_one() {
    let n = 60;
    let treated = third(n);
    let x = || Column::Number(noise(n, 12));
    for mut settings in [radius(1e-15), nearest()] {
        settings.caliper = Caliper::Width(1e-15);
        let got = designed(vec![("x", x())], &treated, &settings);
        assert!(matches!(
            got,
            Err(DesignError::Matching(MatchError::NobodyMatched {
                participants: 20,
                strata: false
            }))
        ));
    }
    for width in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let got = designed(vec![("x", x())], &treated, &radius(width));
        assert!(matches!(
            got,
            Err(DesignError::Matching(MatchError::Settings { .. }))
        ));
    }
    // Everybody a stratum of his own.
    let (mut frame, covariates) = table(vec![("x", x())]);
    frame.push("id", Column::Number((0..n).map(|i| i as f64).collect()));
    let settings = MatchSettings {
        exact: vec!["id".into()],
        ..radius(1.0)
    };
    let model = PropensityParams::new();
    let got = Design::fix(frame, treated.clone(), &covariates, &settings, model, 1);
    assert!(matches!(
        got,
        Err(DesignError::Matching(MatchError::NobodyMatched {
            strata: true,
            ..
        }))
    ));
    let absent = MatchSettings {
        exact: vec!["nowhere".into()],
        ..radius(1.0)
    };
    assert!(matches!(
        designed(vec![("x", x())], &treated, &absent),
        Err(DesignError::Matching(MatchError::NoColumn { .. }))
    ));
}

#[test]
fn scores_that_rounding_alone_tells_apart_are_flat() {
    // Each value of x has one participant and two others: its coefficient is 0, up to rounding.
    let n = 90;
    let x: Vec<f64> = (0..n).map(|i| noise(30, 13)[i / 3]).collect();
    let mut settings = radius(0.1);
    settings.caliper_scale = CaliperScale::LpSd;
    let got = designed(vec![("x", Column::Number(x))], &third(n), &settings);
    assert!(
        matches!(got, Err(DesignError::Matching(MatchError::FlatScore))),
        "lp sd {:?}",
        got.map(|d| d.propensity().lp_sd)
    );
}

#[test]
fn tied_scores_are_counted_and_matched() {
    let n = 300;
    let place = text(n, |i| {
        if (i / 3) % 4 <= i % 3 {
            "north"
        } else {
            "south"
        }
    });
    let design = designed(vec![("place", place)], &third(n), &nearest()).unwrap();
    check_sound(&design);
    assert_eq!(design.tied(), design.matches().participants.len() as u64);
}

#[test]
fn huge_and_tiny_units_in_one_table() {
    let n = 120;
    let scale = |f: f64, salt| Column::Number(noise(n, salt).iter().map(|v| v * f).collect());
    let settings = MatchSettings::default();
    let of = |a: f64, b: f64| {
        let design = designed(
            vec![("a", scale(a, 14)), ("b", scale(b, 15))],
            &third(n),
            &settings,
        )
        .unwrap();
        check_sound(&design);
        let smd: Vec<f64> = design
            .balance()
            .iter()
            .map(|b| b.smd_after.unwrap())
            .collect();
        (design.matches().participants.clone(), smd)
    };
    let (people, smd) = of(1.0, 1.0);
    let (same_people, same_smd) = of(1e12, 1e-12);
    assert_eq!(people, same_people);
    for (a, b) in smd.iter().zip(same_smd) {
        assert!((a - b).abs() < 1e-6);
    }
}

#[test]
fn no_covariate_or_one_that_is_not_there() {
    let frame = || table(vec![("x", Column::Number(noise(9, 1)))]).0;
    let fix = |covariates: &[_]| {
        Design::fix(
            frame(),
            third(9),
            covariates,
            &radius(0.1),
            PropensityParams::new(),
            1,
        )
    };
    assert!(matches!(
        fix(&[]),
        Err(DesignError::Covariates(CovariateError::Empty))
    ));
    assert!(matches!(
        fix(&[covariate("y", CovariateKind::Number)]),
        Err(DesignError::Covariates(CovariateError::NoColumn { .. }))
    ));
    let twice = covariate("x", CovariateKind::Number);
    assert!(matches!(
        fix(&[twice.clone(), twice]),
        Err(DesignError::Covariates(CovariateError::NoColumn { .. }))
    ));
}

#[test]
fn scales_that_leave_the_numbers_are_survived() {
    // Log odds of +-800: probabilities of 0 and 1, odds beyond the largest number.
    let line = crate::kit::Line::new(&[-800.0, 0.0, 800.0], &[-800.0, -799.0, 0.1, 799.0, 805.0]);
    for scale in [CaliperScale::Probability, CaliperScale::Odds] {
        for base in [radius(0.2), nearest()] {
            let settings = MatchSettings {
                caliper: Caliper::Width(0.2),
                caliper_scale: scale,
                ..base
            };
            let matches = line.matched(&settings, 1).unwrap();
            assert!(matches.weight.iter().all(|w| w.is_finite() && *w >= 0.0));
            let n = matches.participants.len();
            assert_eq!(n + matches.dropped.len(), 3);
            assert!((matches.weight.iter().sum::<f64>() - n as f64).abs() < 1e-12);
        }
    }
}

#[test]
fn crossed_clusters_give_an_error_or_a_number() {
    // With reuse, sets and people are crossed clusters, whose variance can come out below 0.
    let line = crate::kit::Line::new(&[0.0, 0.1, 0.2, 5.0], &[0.1, 0.15, 5.0, 5.1]);
    let settings = MatchSettings {
        replace: true,
        ratio: 2,
        se: SeMethod::Cluster,
        ..nearest()
    };
    let matches = line.matched(&settings, 1).unwrap();
    for outcomes in 0u32..256 {
        let y: Vec<f64> = (0..8).map(|i| f64::from(outcomes >> i & 1)).collect();
        match estimated(OutcomeKind::Binary, &y, &matches, SeMethod::Cluster) {
            Ok(e) => assert!(e.difference.se > 0.0 && e.difference.p.is_finite()),
            Err(EstimateError::NoSpread { .. }) => {
                let alike = |y: &[f64]| y.iter().all(|v| *v == y[0]);
                assert!(
                    alike(&y[..4]) && alike(&y[4..]),
                    "{y:?} is not without spread"
                );
            }
            Err(other) => panic!("{other}"),
        }
    }
}
