//! Balance: by hand, by the definition, in any units.

use crate::kit::{Line, close, designed, radius, table};
use crate::naive;
use counterpart::balance::{Light, TermBalance, measure};
use counterpart::covariates::DesignMatrix;
use counterpart::numeric::frame::Column;
use proptest::prelude::*;

fn measured(line: &Line, caliper: f64, x: Vec<f64>) -> TermBalance {
    let (mut frame, covariates) = table(vec![("x", Column::Number(x))]);
    let matrix = DesignMatrix::build(&mut frame, &line.treated, &covariates).unwrap();
    let matches = line.matched(&radius(caliper), 1).unwrap();
    measure(&matrix, &line.treated, &matches).remove(0)
}

#[test]
fn a_standardised_difference_worked_by_hand() {
    // Rows 0-2 with x 1, 2, 3, each within reach of one of the pool with x 2, 2, 5; the last of the
    // pool (x 9) of nobody. s = 1: before (2 - 4.5), after (2 - 3).
    let line = Line::new(&[0.0, 1.0, 2.0], &[0.0, 1.0, 2.0, 9.0]);
    let b = measured(&line, 0.5, vec![1.0, 2.0, 3.0, 2.0, 2.0, 5.0, 9.0]);
    close("before", b.smd_before.unwrap(), -2.5, 1e-14);
    close("after", b.smd_after.unwrap(), -1.0, 1e-14);
    // Variances 1 and 3 after; 1 and 11 before.
    close("ratio", b.variance_ratio.unwrap(), 1.0 / 3.0, 1e-14);
    close(
        "before",
        b.variance_ratio_before.unwrap(),
        1.0 / 11.0,
        1e-14,
    );
    // At 1 the participants are at 1/3, the pool at 0; at 3 at 1 and 2/3.
    close("ks", b.ks, 1.0 / 3.0, 1e-14);
    assert_eq!(b.light, Light::Red);
}

#[test]
fn units_change_no_standardised_difference() {
    let line = Line::new(&[0.0, 1.0, 2.0], &[0.0, 1.0, 2.0, 9.0]);
    let x = [1.0, 2.0, 3.0, 2.0, 2.0, 5.0, 9.0];
    for scale in [1e-30, 1e-12, 1e12, 1e60] {
        let b = measured(&line, 0.5, x.iter().map(|v| v * scale).collect());
        close("smd", b.smd_after.unwrap(), -1.0, 1e-12);
        close("ratio", b.variance_ratio.unwrap(), 1.0 / 3.0, 1e-12);
    }
}

#[test]
fn a_column_without_spread_is_green_where_it_agrees() {
    let line = Line::new(&[0.0, 1.0, 2.0], &[0.0, 1.0, 2.0, 9.0]);
    let b = measured(&line, 0.5, vec![0.1; 7]);
    assert_eq!((b.smd_after, b.light), (None, Light::Green));
    // Participants alike, the pool not: the pool's variance stands in.
    let b = measured(&line, 0.5, vec![0.1, 0.1, 0.1, 0.1, 0.1, 0.4, 0.7]);
    assert!(b.smd_after.unwrap() < -0.1);
    assert_eq!(b.light, Light::Red);
}

#[test]
fn one_participant_has_no_variance_and_no_ratio() {
    let line = Line::new(&[1.0], &[0.0, 1.0, 2.0, 9.0]);
    let b = measured(&line, 1.0, vec![1.5, 2.0, 2.0, 5.0, 9.0]);
    assert_eq!((b.variance_ratio, b.variance_ratio_before), (None, None));
    // The same through a whole design: a group of one has no spread of scores either.
    let x = vec![1.5, 1.0, 2.0, 5.0, 9.0, 3.0];
    let treated = [true, false, false, false, false, false];
    let design = designed(vec![("x", Column::Number(x))], &treated, &radius(9.0)).unwrap();
    assert_eq!(design.score_balance().rubin_b, None);
    assert_eq!(design.score_balance().rubin_r, None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_distance_is_that_of_the_definition(people in prop::collection::vec((0i8..12, 0i8..6, prop::bool::weighted(0.4)), 5..40)) {
        let line = Line {
            score: people.iter().map(|p| f64::from(p.0)).collect(),
            treated: people.iter().map(|p| p.2).collect(),
            strata: Vec::new(),
        };
        let x: Vec<f64> = people.iter().map(|p| f64::from(p.1) - 2.5).collect();
        let Ok(matches) = line.matched(&radius(1.0), 1) else { return Ok(()) };
        let b = measured(&line, 1.0, x.clone());
        let of = |rows: &[u32]| -> Vec<f64> { rows.iter().map(|&r| x[r as usize]).collect() };
        let after = naive::ks(&of(&matches.participants), &of(&matches.pool), &matches.weight);
        prop_assert!((b.ks - after).abs() < 1e-12, "{} {after}", b.ks);
        let all = |group| -> Vec<f64> { line.rows(group).iter().map(|&r| x[r]).collect() };
        let before = naive::ks(&all(true), &all(false), &vec![1.0; all(false).len()]);
        prop_assert!((b.ks_before - before).abs() < 1e-12);
    }
}
