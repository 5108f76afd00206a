//! Outcomes that are blank, impossible or without spread.

use crate::kit::{Line, close, estimated, nearest, radius, spec};
use counterpart::effect::{EstimateError, OutcomeData, estimate};
use counterpart::matching::Matches;
use counterpart::study::OutcomeKind::{Binary, Continuous, Count, Duration};
use counterpart::study::SeMethod::{Lab, Matched};

/// Rows 0-2 took part; rows 3-5 are their counterparts; rows 6 and 7 are nobody's.
fn pairs() -> Matches {
    Line::new(&[0.0, 1.0, 2.0], &[0.0, 1.0, 2.0, 5.0, 9.0])
        .matched(&nearest(), 1)
        .unwrap()
}

#[test]
fn a_blank_outcome_of_a_matched_person_is_counted_and_refused() {
    let mut y = vec![1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
    y[1] = f64::NAN;
    let of = |y: &[f64]| estimated(Binary, y, &pairs(), Matched).unwrap_err();
    assert!(matches!(
        of(&y),
        EstimateError::Missing {
            participants: 1,
            pool: 0,
            ..
        }
    ));
    y[1] = 0.0;
    y[4] = f64::NAN;
    y[5] = f64::NAN;
    assert!(matches!(
        of(&y),
        EstimateError::Missing {
            participants: 0,
            pool: 2,
            ..
        }
    ));
}

#[test]
fn a_blank_outcome_of_nobodys_counterpart_counts_as_nothing() {
    let full = [1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0];
    let mut blank = full;
    blank[7] = f64::NAN;
    // The lab's variance over the pool whose outcome is known: 0, 1, 1, 0 has 1/3, not the 0.3 of
    // 0, 1, 1, 0, 0. Participants 1, 0, 1: V = (1/3 + 1/3) / 3.
    let e = estimated(Binary, &blank, &pairs(), Lab).unwrap();
    close("lab", e.difference.se, (2.0f64 / 9.0).sqrt(), 1e-14);
    assert_eq!((e.people_treated, e.people_comparison), (3, 3));
    let matched = estimated(Binary, &blank, &pairs(), Matched).unwrap();
    assert_eq!(
        matched.difference,
        estimated(Binary, &full, &pairs(), Matched)
            .unwrap()
            .difference
    );
    // And with radius sets, where sums run along the pool.
    let line = Line::new(&[0.0, 1.0, 2.0], &[0.0, 1.0, 1.5, 2.0, 5.0, 9.0]);
    let m = line.matched(&radius(0.6), 1).unwrap();
    let of = |last: f64| {
        let y = [1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, last, 1.0];
        estimated(Binary, &y, &m, Matched).unwrap().difference
    };
    assert!(of(f64::NAN).se.is_finite());
    assert_eq!(of(f64::NAN).estimate, of(1.0).estimate);
}

#[test]
fn a_blank_neighbour_lends_no_variance() {
    // Row 3 serves both participants; its nearest is row 4, blank, then row 5.
    let line = Line::new(&[0.0, 0.1], &[0.0, 0.5, 0.7, 9.0]);
    let mut settings = nearest();
    settings.replace = true;
    let m = line.matched(&settings, 1).unwrap();
    let y = [5.0, 2.0, 3.0, f64::NAN, 7.0, 1.0];
    // A second counterpart is needed on the other side for an answer at all.
    assert!(matches!(
        estimated(Continuous, &y, &m, Matched),
        Err(EstimateError::TooFew { .. })
    ));
    let v: Vec<f64> = m.pool.iter().map(|&r| y[r as usize]).collect();
    let s2 = counterpart::effect::neighbour_variance(&m, &v, 1);
    // (3, 7): 4^2 / 2.
    close("s2", s2[0], 8.0, 1e-14);
}

#[test]
fn impossible_values_are_named_by_row_wherever_they_are() {
    let good = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
    for (kind, value) in [
        (Binary, 2.0),
        (Binary, f64::INFINITY),
        (Count, -1.0),
        (Count, 0.5),
        (Count, f64::NEG_INFINITY),
        (Continuous, f64::INFINITY),
        (Duration, -3.0),
    ] {
        // A participant, a counterpart, and row 7, whom nobody was matched to.
        for row in [0usize, 3, 6] {
            for se in [Matched, Lab] {
                let mut y = good;
                y[row] = value;
                match estimated(kind, &y, &pairs(), se) {
                    Err(EstimateError::BadValue { row: named, .. }) => assert_eq!(named, row + 1),
                    other => panic!("{kind:?} {value} in row {row}: {other:?}"),
                }
            }
        }
    }
    let years = [1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0];
    let data = OutcomeData {
        values: &good,
        given: None,
        exposure: Some(&years),
    };
    assert!(matches!(
        estimate(&spec(Count), &data, &pairs(), Matched),
        Err(EstimateError::BadValue { row: 3, .. })
    ));
}

#[test]
fn an_outcome_without_spread_has_no_error_to_go_by() {
    // 0.1 and 0.3 do not add up exactly: what rounding leaves is no variance.
    let line = Line::new(&[0.0, 1.0, 2.0], &[0.0, 0.1, 0.2, 1.0, 1.1, 2.0, 2.2, 5.0]);
    let m = line.matched(&radius(0.5), 1).unwrap();
    for (t, c) in [(0.1, 0.1), (0.1, 0.3), (0.0, 1.0), (1e9 + 0.1, 1e-9)] {
        let y: Vec<f64> = (0..11).map(|i| if i < 3 { t } else { c }).collect();
        for se in [Matched, Lab] {
            let got = estimated(Continuous, &y, &m, se);
            assert!(
                matches!(got, Err(EstimateError::NoSpread { .. })),
                "{got:?}"
            );
        }
    }
}

#[test]
fn nobody_with_the_event_has_no_duration() {
    let y = [f64::NAN; 8];
    let event = [0.0; 8];
    let data = OutcomeData {
        values: &y,
        given: Some(&event),
        exposure: None,
    };
    assert!(matches!(
        estimate(&spec(Duration), &data, &pairs(), Matched),
        Err(EstimateError::TooFew { .. } | EstimateError::NoSpread { .. })
    ));
}

#[test]
fn one_counterpart_for_everybody_is_too_few() {
    let line = Line::new(&[0.0, 0.1, 0.2], &[0.1, 9.0]);
    let m = line.matched(&radius(0.5), 1).unwrap();
    let y = [1.0, 0.0, 1.0, 0.0, 1.0];
    assert!(matches!(
        estimated(Binary, &y, &m, Matched),
        Err(EstimateError::TooFew { .. })
    ));
}
