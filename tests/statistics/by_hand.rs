//! Tables small enough to work on paper; the working is in the comments.

use crate::kit::{Line, close, estimated, nearest, pairs, radius, spec, who};
use counterpart::effect::{self, OutcomeData, estimate};
use counterpart::matching::{DropReason, Matches};
use counterpart::study::{Caliper, CommonSupport, MatchSettings, OutcomeKind, SeMethod};
use counterpart::study::{Order, SeMethod::*};

/// t(0.975, 2): with 2 degrees of freedom (2p - 1) / sqrt(2p (1 - p)).
fn t2() -> f64 {
    0.95 / (2.0 * 0.975 * 0.025f64).sqrt()
}

/// Participants (rows 0-2) at 1, 2, 4; pool (rows 3-8) at 0.75, 1.25, 2, 2.5, 3, 6.
///
/// Radius 1: row 0 has 3, 4, 5 (the last exactly at the caliper), row 1 has 4, 5, 6, 7, row 2 has 7.
/// w = 1/3, 7/12, 7/12, 1/4, 5/4, 0; q = 1/9, 25/144, 25/144, 1/16, 17/16, 0.
fn within_one() -> Matches {
    Line::new(&[1.0, 2.0, 4.0], &[0.75, 1.25, 2.0, 2.5, 3.0, 6.0])
        .matched(&radius(1.0), 1)
        .unwrap()
}

#[test]
fn radius_weights() {
    let m = within_one();
    assert_eq!(m.pool, vec![3, 4, 5, 6, 7, 8]);
    let w = [1.0 / 3.0, 7.0 / 12.0, 7.0 / 12.0, 0.25, 1.25, 0.0];
    let q = [
        1.0 / 9.0,
        25.0 / 144.0,
        25.0 / 144.0,
        1.0 / 16.0,
        17.0 / 16.0,
        0.0,
    ];
    for c in 0..6 {
        close("w", m.weight[c], w[c], 1e-15);
        close("q", m.weight_squared[c], q[c], 1e-15);
    }
    // (sum w)^2 / sum w^2 = 9 / (29/12)
    close("ess", m.ess(), 108.0 / 29.0, 1e-14);
    assert_eq!(m.pool_matched(), 5);
    let of_row_1: Vec<_> = pairs(&m).into_iter().filter(|p| p.0 == 1).collect();
    assert_eq!(
        of_row_1,
        vec![(1, 4, 0.25), (1, 5, 0.25), (1, 6, 0.25), (1, 7, 0.25)]
    );
}

#[test]
fn a_narrower_radius_drops_whom_it_must() {
    // Row 2 at 4 has nobody within 0.5; row 1 has 2.5 exactly at it.
    let line = Line::new(&[1.0, 2.0, 4.0], &[0.75, 1.25, 2.0, 2.5, 3.0, 6.0]);
    let m = line.matched(&radius(0.5), 1).unwrap();
    assert_eq!(who(&m), vec![(0, 3), (0, 4), (1, 5), (1, 6)]);
    assert_eq!(m.dropped.len(), 1);
    assert_eq!(m.dropped[0].row, 2);
    assert_eq!(m.dropped[0].reason, DropReason::NobodyWithinCaliper);
}

#[test]
fn a_difference_of_rates_with_both_errors() {
    // y: participants 1, 0, 1; pool 1, 0, 1, 0, 1, 0.
    // yhat = 2/3, 1/2, 1; gaps 1/3, -1/2, 0; tau = -1/18.
    let y = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
    let e = estimated(OutcomeKind::Binary, &y, &within_one(), Matched).unwrap();
    close("treated", e.mean_treated, 2.0 / 3.0, 1e-15);
    close("comparison", e.mean_comparison, 13.0 / 18.0, 1e-15);
    assert_eq!((e.people_treated, e.people_comparison), (3, 5));
    assert_eq!(e.events, Some((2, 3)));
    let d = &e.difference;
    close("tau", d.estimate, -1.0 / 18.0, 1e-15);
    // Gaps less tau: 7/18, -8/18, 1/18, squares 114/324. w^2 - q = 0, 1/6, 1/6, 0, 1/2, 0;
    // local variances of rows 4, 5, 7 from one neighbour: 1/2 each; so 1/12 + 1/12 + 1/4 = 135/324.
    // V = (249/324) / 9.
    let se = (249.0f64 / 2916.0).sqrt();
    close("matched se", d.se, se, 1e-14);
    assert_eq!(d.df, 2.0);
    close("low", d.ci_low, -1.0 / 18.0 - t2() * se, 1e-12);
    close("high", d.ci_high, -1.0 / 18.0 + t2() * se, 1e-12);
    // With 2 df, p = 1 - t / sqrt(2 + t^2).
    let t = 1.0 / 18.0 / se;
    close("p", d.p, 1.0 - t / (2.0 + t * t).sqrt(), 1e-12);
    // lab: s2_T = 1/3, s2_C over all six = 0.3, sum w^2 = 29/12: V = 1/9 + 0.3 x 29/12 / 9.
    let e = estimated(OutcomeKind::Binary, &y, &within_one(), Lab).unwrap();
    close("lab se", e.difference.se, (1.725f64 / 9.0).sqrt(), 1e-14);
}

#[test]
fn risk_and_odds_ratios_by_the_delta_method() {
    let y = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
    let e = estimated(OutcomeKind::Binary, &y, &within_one(), Matched).unwrap();
    // Risk ratio (2/3) / (13/18) = 12/13. Influences y/m - 1: gaps 15/26, -18/26, 3/26, squares
    // 558/676; the pool's part is (18/13)^2 5/12 = 540/676; V = 1098/676 / 9.
    let rr = &e.ratios[0];
    assert_eq!(rr.kind, "risk_ratio");
    close("log rr", rr.log.estimate, (12.0f64 / 13.0).ln(), 1e-14);
    close("log rr se", rr.log.se, 122.0f64.sqrt() / 26.0, 1e-14);
    // Odds 2 and 13/5: ratio 10/13. Slopes 9/2 and 324/65: gaps 231, -246, 15 over 130, squares
    // 114102/16900; the pool's part (324/65)^2 5/12 = 174960/16900; V = 289062/16900 / 9.
    let or = &e.ratios[1];
    assert_eq!(or.kind, "odds_ratio");
    close("log or", or.log.estimate, (10.0f64 / 13.0).ln(), 1e-14);
    close("log or se", or.log.se, 32118.0f64.sqrt() / 130.0, 1e-14);
}

#[test]
fn a_rate_ratio_over_time_at_risk() {
    // Participants: 2, 0, 1 events in 1, 0.5, 1 years: 3 / 2.5 = 1.2 a year.
    // Pool: 1, 0, 2, 1, 1, 3 in 1, 1, 0.5, 1, 0.5, 1: weighted 3 / (25/12) = 1.44. Ratio 5/6.
    let y = [2.0, 0.0, 1.0, 1.0, 0.0, 2.0, 1.0, 1.0, 3.0];
    let years = [1.0, 0.5, 1.0, 1.0, 1.0, 0.5, 1.0, 0.5, 1.0];
    let of = |se| {
        let data = OutcomeData {
            values: &y,
            given: None,
            exposure: Some(&years),
        };
        estimate(&spec(OutcomeKind::Count), &data, &within_one(), se).unwrap()
    };
    let e = of(Matched);
    // The headline stays the difference of means: 1 - 3/3.
    close("difference", e.difference.estimate, 0.0, 1e-15);
    let r = &e.ratios[0];
    assert_eq!(r.kind, "rate_ratio");
    close("log ratio", r.log.estimate, (5.0f64 / 6.0).ln(), 1e-14);
    // Influences y - 1.2 years: 0.8, -0.6, -0.2; pool y - 1.44 years: -0.44, -1.44, 1.28, -0.44,
    // 0.28, 1.56. Gaps 1, -0.52, -0.48, squares 1.5008; local variances of rows 4, 5, 7:
    // 1^2/2, 1.72^2/2, 0.72^2/2, times 1/6, 1/6, 1/2.
    let between = 0.5 / 6.0 + 1.4792 / 6.0 + 0.2592 / 2.0;
    close(
        "matched se",
        r.log.se,
        ((1.5008f64 + between) / 9.0).sqrt(),
        1e-13,
    );
    // lab: s2_T = 1.04/2; the pool's squares 6.6112, sum 0.8: s2_C = (6.6112 - 0.64/6) / 5.
    let s2_c = (6.6112 - 0.64 / 6.0) / 5.0;
    let v: f64 = 0.52 / 3.0 + s2_c * 29.0 / 12.0 / 9.0;
    close("lab se", of(Lab).ratios[0].log.se, v.sqrt(), 1e-13);
}

#[test]
fn a_duration_among_those_with_the_event() {
    // Participants 10 and 20 days, one without the event: mean 15. Pool 8, none, 12, 4, 16, 30:
    // sum w y = 8/3 + 7 + 1 + 20 = 92/3, sum w = 29/12: mean 368/29.
    let nan = f64::NAN;
    let y = [10.0, nan, 20.0, 8.0, nan, 12.0, 4.0, 16.0, 30.0];
    let event = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0];
    let data = OutcomeData {
        values: &y,
        given: Some(&event),
        exposure: None,
    };
    let e = estimate(&spec(OutcomeKind::Duration), &data, &within_one(), Lab).unwrap();
    close("treated", e.mean_treated, 15.0, 1e-15);
    close("comparison", e.mean_comparison, 368.0 / 29.0, 1e-14);
    assert_eq!((e.people_treated, e.people_comparison), (2, 4));
    assert!(e.ratios.is_empty() && e.events.is_none());
    // Two participants had it: 1 degree of freedom, t(0.975, 1) = 12.7062...
    assert_eq!(e.difference.df, 1.0);
    // Influences: participants (y - 15 e) / (2/3) = -7.5, 0, 7.5, variance 56.25; pool
    // (y - 368/29 e) 36/29.
    let m = 368.0 / 29.0;
    let pool: Vec<f64> = [8.0 - m, 0.0, 12.0 - m, 4.0 - m, 16.0 - m, 30.0 - m]
        .iter()
        .map(|d| d * 36.0 / 29.0)
        .collect();
    let v = 56.25 / 3.0 + crate::naive::variance(&pool) * 29.0 / 12.0 / 9.0;
    close("lab se", e.difference.se, v.sqrt(), 1e-13);
    let half = 12.706204736174694 * v.sqrt();
    close("low", e.difference.ci_low, 15.0 - m - half, 1e-12);
}

/// Participants (rows 0-2) at 1, 1.5, 3; pool (rows 3-8) at 1.25, 0, 1.75, 3, 2.5, 9. In line:
/// row 4 (0), 0 (1), 3 (1.25), 1 (1.5), 5 (1.75), 7 (2.5), 2 (3), 6 (3), 8 (9).
fn contended() -> Line {
    Line::new(&[1.0, 1.5, 3.0], &[1.25, 0.0, 1.75, 3.0, 2.5, 9.0])
}

fn with(change: impl Fn(&mut MatchSettings)) -> MatchSettings {
    let mut settings = nearest();
    change(&mut settings);
    settings
}

#[test]
fn nearest_in_each_order() {
    let of = |order| {
        who(&contended()
            .matched(&with(|s| s.order = Some(order)), 1)
            .unwrap())
    };
    // Row 2 takes 6; row 1 has 3 and 5 equally near and as many places away: the one below, 3;
    // row 0 has 5 at 0.75, 4 at 1.
    assert_eq!(of(Order::Largest), vec![(0, 5), (1, 3), (2, 6)]);
    // Row 0 takes 3, row 1 then 5.
    assert_eq!(of(Order::Smallest), vec![(0, 3), (1, 5), (2, 6)]);
    assert_eq!(of(Order::Data), vec![(0, 3), (1, 5), (2, 6)]);
    // 2-6 at 0 first, then 0-3 at 0.25 (before 1-3, by turn), then 1-5 at 0.25.
    assert_eq!(of(Order::Closest), vec![(0, 3), (1, 5), (2, 6)]);
}

#[test]
fn nearest_with_replacement_and_its_reuse() {
    let settings = with(|s| s.replace = true);
    let m = contended().matched(&settings, 1).unwrap();
    assert_eq!(who(&m), vec![(0, 3), (1, 3), (2, 6)]);
    // y: participants 1, 0, 1; rows 3-8: 1, 0, 0, 1, 0, 1. Gaps 0, -1, 0: tau = -1/3, squares 2/3.
    // Row 3 serves twice, w^2 - q = 4 - 2; its nearest is row 5: variance of 1, 0 = 1/2.
    // V = (2/3 + 2/2) / 9 = 5/27.
    let y = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0];
    let e = estimated(OutcomeKind::Binary, &y, &m, Matched).unwrap();
    close("tau", e.difference.estimate, -1.0 / 3.0, 1e-15);
    close("se", e.difference.se, (5.0f64 / 27.0).sqrt(), 1e-14);
    assert_eq!((e.people_treated, e.people_comparison), (3, 2));
}

#[test]
fn pairs_as_clusters() {
    // Largest first: 0-5, 1-3, 2-6. y: participants 1, 0, 1; row 5: 0, row 3: 1, row 6: 1.
    // Pair differences 1, -1, 0: tau 0. Clustered: sum of squares 2, G/(G-1) = 3/2,
    // (N-1)/(N-2) = 5/4: V = 15/4 / 9. Matched: V = 2/9.
    let m = contended().matched(&nearest(), 1).unwrap();
    let y = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    let se = |how: SeMethod| {
        estimated(OutcomeKind::Binary, &y, &m, how)
            .unwrap()
            .difference
            .se
    };
    close("cluster", se(Cluster), (15.0f64 / 36.0).sqrt(), 1e-14);
    close("matched", se(Matched), 2.0f64.sqrt() / 3.0, 1e-14);
}

#[test]
fn two_counterparts_each() {
    let with_replacement = with(|s| {
        s.replace = true;
        s.ratio = 2
    });
    let m = contended().matched(&with_replacement, 1).unwrap();
    assert_eq!(
        who(&m),
        vec![(0, 3), (0, 5), (1, 3), (1, 5), (2, 6), (2, 7)]
    );
    // Without: everybody chooses once (0-5, 1-3, 2-6), then again: 2-7, 1-4, 0-8.
    let without = with(|s| s.ratio = 2);
    let m = contended().matched(&without, 1).unwrap();
    assert_eq!(
        who(&m),
        vec![(0, 5), (0, 8), (1, 3), (1, 4), (2, 6), (2, 7)]
    );
    // Within 1: row 1 finds only 4 at 1.5 and stays with one; row 0 has 4 at 1 exactly.
    let within = with(|s| {
        s.ratio = 2;
        s.caliper = Caliper::Width(1.0)
    });
    let m = contended().matched(&within, 1).unwrap();
    assert_eq!(who(&m), vec![(0, 4), (0, 5), (1, 3), (2, 6), (2, 7)]);
    close("w", m.weight.iter().sum(), 3.0, 1e-15);
}

#[test]
fn a_counterpart_gone_is_told_from_none_there() {
    // Within 0.25, largest first: row 1 takes 3, the only one near row 0.
    let m = contended()
        .matched(&with(|s| s.caliper = Caliper::Width(0.25)), 1)
        .unwrap();
    assert_eq!(who(&m), vec![(1, 3), (2, 6)]);
    assert_eq!(m.dropped[0].reason, DropReason::AllTaken);
}

#[test]
fn exact_strata_keep_people_apart() {
    let mut line = contended();
    // Rows 0 and 2 in stratum 0, row 1 in 1; pool 3: 1, 4: 0, 5: 0, 6: 1, 7: 0, 8: 2.
    line.strata = vec![0, 1, 0, 1, 0, 0, 1, 0, 2];
    let m = line.matched(&nearest(), 1).unwrap();
    // Row 2 has 7 at 0.5 (6 is in another), row 1 has 3, row 0 has 5 at 0.75.
    assert_eq!(who(&m), vec![(0, 5), (1, 3), (2, 7)]);
    let m = line.matched(&radius(0.75), 1).unwrap();
    assert_eq!(who(&m), vec![(0, 5), (1, 3), (2, 7)]);
    line.strata[2] = 3;
    for settings in [nearest(), radius(0.75)] {
        let m = line.matched(&settings, 1).unwrap();
        assert_eq!(m.dropped[0].reason, DropReason::EmptyStratum);
    }
}

#[test]
fn common_support_on_either_side() {
    // Participants span 1 to 3, so that rows 4 (0) and 8 (9) are out: nobody is left to be row 1's
    // or row 0's second.
    let both = with(|s| {
        s.common_support = CommonSupport::Both;
        s.ratio = 2
    });
    let m = contended().matched(&both, 1).unwrap();
    assert_eq!(who(&m), vec![(0, 5), (1, 3), (2, 6), (2, 7)]);
    let mut beyond = contended();
    beyond.score[2] = 10.0;
    let m = beyond.matched(&both, 1).unwrap();
    assert_eq!(m.dropped[0].row, 2);
    assert_eq!(m.dropped[0].reason, DropReason::OutsideSupport);
}

#[test]
fn holm_number_needed_and_detectable() {
    // 0.005 x 4, 0.01 x 3, 0.03 x 2, then 0.04 x 1 may not fall below the one before.
    let adjusted = effect::holm(&[0.01, 0.04, 0.03, 0.005]);
    for (got, want) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
        close("holm", *got, want, 1e-15);
    }
    assert_eq!(effect::holm(&[0.9, 0.8]), vec![1.0, 1.0]);
    assert!(effect::holm(&[]).is_empty());
    // SE as large as the difference: 100 x t(0.975, 99)^2 = 100 x 1.984217^2 = 393.7.
    assert_eq!(effect::number_needed(-0.02, 0.02, 99.0, 100), Some(394));
    // Already significant, or nothing to go by.
    assert_eq!(effect::number_needed(0.05, 0.02, 99.0, 100), None);
    assert_eq!(effect::number_needed(0.0, 0.02, 99.0, 100), None);
    // 1.96 for 5 % two-sided and 0.84 for 80 % power.
    close("detectable", effect::DETECTABLE * 0.02, 0.056, 1e-15);
}
