//! Times to an event: by hand, what must hold for any table, and what nobody should have sent.

use crate::kit::{Line, close, nearest, radius, spec};
use counterpart::effect::cox::{self, Groups, NoHazardRatio, Ties};
use counterpart::effect::kaplan_meier::{Followed, KaplanMeier};
use counterpart::effect::{Estimate, EstimateError, OutcomeData, estimate};
use counterpart::matching::Matches;
use counterpart::study::{OutcomeKind, OutcomeSpec, SeMethod};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

fn survival(
    time: &[f64],
    event: &[f64],
    matches: &Matches,
    se: SeMethod,
    horizon: Option<f64>,
) -> Result<Estimate, EstimateError> {
    let spec = OutcomeSpec {
        given: Some("e".into()),
        horizon,
        ..spec(OutcomeKind::Survival)
    };
    let data = OutcomeData {
        values: time,
        given: Some(event),
        exposure: None,
    };
    estimate(&spec, &data, matches, se)
}

/// Row 0 with row 3, 1 with 4, 2 with 5.
fn three_pairs() -> Matches {
    let line = Line::new(&[0.0, 1.0, 2.0], &[0.0, 1.0, 2.0]);
    line.matched(&nearest(), 1).unwrap()
}

#[test]
fn a_difference_of_mean_times_by_hand() {
    // Participants: an event at 2, follow-up ends at 4, an event at 6. Counterparts: events at 1
    // and 3, follow-up ends at 6.
    // S_T: 1, from 2 on 2/3, from 6 on 0: area 2 + 4 x 2/3 = 14/3.
    // S_C: 1, from 1 on 2/3, from 3 on 1/3: area 1 + 4/3 + 1 = 10/3.
    let time = [2.0, 4.0, 6.0, 1.0, 3.0, 6.0];
    let event = [1.0, 0.0, 1.0, 1.0, 1.0, 0.0];
    let e = survival(&time, &event, &three_pairs(), SeMethod::Matched, None).unwrap();
    assert_eq!(e.survival.as_ref().unwrap().horizon, 6.0);
    close("participants", e.mean_treated, 14.0 / 3.0, 1e-15);
    close("counterparts", e.mean_comparison, 10.0 / 3.0, 1e-15);
    // Influences, times 3. Participants: A(2) = 8/3, G = 8/3 / (3 x 2) = 4/9, so -8/3, 4/3, 4/3.
    // Counterparts: A(1) = 7/3, A(3) = 1, G = 7/18 then 8/9, so -7/3, -1/3, 8/3.
    // Gaps of the pairs -1/3, 5/3, -4/3: V = (1 + 25 + 16) / 9 / 9 = 14/27.
    close("error", e.difference.se, (14.0f64 / 27.0).sqrt(), 1e-14);
    assert_eq!(e.difference.df, 2.0);
    assert_eq!(e.events, Some((2, 2)));
    // Partial likelihood with r the ratio: 1/(3r+3), r/(3r+2), 1/(2r+2), r/(r+1); its slope is 0
    // where 6 r^2 - r - 4 = 0.
    let ratio = &e.ratios[0];
    assert_eq!(ratio.kind, "hazard_ratio");
    close(
        "ratio",
        ratio.log.estimate.exp(),
        (1.0 + 97f64.sqrt()) / 12.0,
        1e-12,
    );
    // Up to 5 the last event of the participants is not reached: areas 2 + 3 x 2/3 and 1 + 4/3 + 2/3.
    let e = survival(&time, &event, &three_pairs(), SeMethod::Matched, Some(5.0)).unwrap();
    close("up to 5", e.difference.estimate, 4.0 - 3.0, 1e-14);
    assert_eq!(e.events, Some((1, 2)));
}

#[test]
fn a_band_by_hand() {
    // Four people, one event: S = 3/4, Greenwood 3/4 sqrt(1 / (4 x 3)).
    let curve = KaplanMeier::fit(Followed {
        time: &[1.0, 2.0, 2.0, 2.0],
        event: &[true, false, false, false],
        weight: &[1.0; 4],
    });
    close("se", curve.se(1.5), 0.75 * (1.0f64 / 12.0).sqrt(), 1e-15);
    let half: f64 = 1.959963984540054 * (1.0f64 / 12.0).sqrt() / 0.75f64.ln().abs();
    let (low, high) = curve.band(1.5);
    close("low", low, 0.75f64.powf(half.exp()), 1e-12);
    close("high", high, 0.75f64.powf((-half).exp()), 1e-12);
    assert_eq!(curve.band(0.5), (1.0, 1.0));
}

/// People with ties, some without weight: times, events, weights, who took part.
struct Table {
    time: Vec<f64>,
    event: Vec<bool>,
    weight: Vec<f64>,
    treated: Vec<bool>,
}

fn table(seed: u64, people: usize) -> Table {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let mut t = Table {
        time: Vec::new(),
        event: Vec::new(),
        weight: Vec::new(),
        treated: Vec::new(),
    };
    for i in 0..people {
        t.time.push((rng.random::<f64>() * 20.0).ceil() / 2.0);
        t.event.push(rng.random::<f64>() < 0.6);
        let w = 0.2 + rng.random::<f64>();
        t.weight.push(if i % 7 == 0 { 0.0 } else { w });
        t.treated.push(rng.random::<f64>() < 0.4);
    }
    t
}

impl Table {
    fn curve(&self, weight: &[f64]) -> KaplanMeier {
        KaplanMeier::fit(self.people(weight))
    }

    fn people<'a>(&'a self, weight: &'a [f64]) -> Followed<'a> {
        Followed {
            time: &self.time,
            event: &self.event,
            weight,
        }
    }

    fn ratio(&self, weight: &[f64], ties: Ties) -> cox::Cox {
        let groups = Groups {
            time: &self.time,
            event: &self.event,
            weight,
            treated: &self.treated,
        };
        cox::fit(groups, ties).unwrap()
    }
}

#[test]
fn without_censoring_the_curve_is_the_share_still_without_the_event() {
    for seed in 0..20 {
        let mut t = table(seed, 40);
        t.event.fill(true);
        let curve = t.curve(&t.weight);
        let total: f64 = t.weight.iter().sum();
        for at in [0.0, 0.5, 3.25, 7.0, 9.9, 10.0, 50.0] {
            let by: f64 = (0..40)
                .filter(|&i| t.time[i] <= at)
                .map(|i| t.weight[i])
                .sum();
            close("share", curve.survival(at), 1.0 - by / total, 1e-13);
        }
        // And the mean time up to a horizon is the mean of the times cut off there.
        let cut: f64 = (0..40).map(|i| t.weight[i] * t.time[i].min(6.3)).sum();
        close("mean", curve.restricted_mean(6.3), cut / total, 1e-13);
    }
}

#[test]
fn the_mean_time_is_the_area_under_the_curve() {
    for seed in 0..20 {
        let t = table(100 + seed, 50);
        let curve = t.curve(&t.weight);
        for horizon in [0.3, 4.0, 7.75] {
            let steps = 31_000;
            let width = horizon / f64::from(steps);
            // The curve is flat within each slice but where a time falls into it.
            let area: f64 = (0..steps)
                .map(|k| width * curve.survival((f64::from(k) + 0.5) * width))
                .sum();
            close("area", curve.restricted_mean(horizon), area, 1e-3);
        }
    }
}

#[test]
fn influences_are_what_a_little_more_weight_changes() {
    for seed in 0..12 {
        let t = table(200 + seed, 40);
        let horizon = 7.3;
        let curve = t.curve(&t.weight);
        let mean = curve.restricted_mean_influence(horizon, t.people(&t.weight));
        for i in (0..40).filter(|&i| t.weight[i] > 0.0) {
            let moved = |by: f64| {
                let mut w = t.weight.clone();
                w[i] += by;
                w
            };
            let slope = |f: &dyn Fn(&[f64]) -> f64| (f(&moved(1e-5)) - f(&moved(-1e-5))) / 2e-5;
            let want = slope(&|w| t.curve(w).restricted_mean(horizon));
            assert!(
                (mean[i] - want).abs() < 1e-7,
                "mean of {i}: {} {want}",
                mean[i]
            );
            for ties in [Ties::Efron, Ties::Breslow] {
                let got = t.ratio(&t.weight, ties).influence[i];
                let want = slope(&|w| t.ratio(w, ties).log_ratio);
                assert!((got - want).abs() < 1e-6, "{ties:?} of {i}: {got} {want}");
            }
        }
        // They add up to nothing: scaling all weights changes nothing.
        let sum = |u: &[f64]| -> f64 { u.iter().zip(&t.weight).map(|(u, w)| u * w).sum() };
        assert!(sum(&mean).abs() < 1e-12);
        assert!(sum(&t.ratio(&t.weight, Ties::Efron).influence).abs() < 1e-12);
        // The curve's error is theirs too, by numbers.
        let at = 5.0;
        let squares: f64 = (0..40)
            .filter(|&i| t.weight[i] > 0.0)
            .map(|i| {
                let mut w = t.weight.clone();
                w[i] += 1e-5;
                let up = t.curve(&w).survival(at);
                w[i] -= 2e-5;
                (t.weight[i] * (up - t.curve(&w).survival(at)) / 2e-5).powi(2)
            })
            .sum();
        close("curve's error", curve.se(at), squares.sqrt(), 1e-6);
    }
}

#[test]
fn somebody_without_weight_lends_an_influence_but_shapes_nothing() {
    let t = table(7, 60);
    let kept: Vec<usize> = (0..60).filter(|&i| t.weight[i] > 0.0).collect();
    let pick = |v: &[f64]| kept.iter().map(|&i| v[i]).collect::<Vec<f64>>();
    let flag = |v: &[bool]| kept.iter().map(|&i| v[i]).collect::<Vec<bool>>();
    let (few, weight) = (
        Table {
            time: pick(&t.time),
            event: flag(&t.event),
            weight: pick(&t.weight),
            treated: flag(&t.treated),
        },
        pick(&t.weight),
    );
    assert_eq!(t.curve(&t.weight), few.curve(&weight));
    let all = t.ratio(&t.weight, Ties::Efron);
    let those = few.ratio(&weight, Ties::Efron);
    assert_eq!(all.log_ratio, those.log_ratio);
    assert!(all.influence.iter().all(|u| u.is_finite()));
    // Their influence on the mean is what their first bit of weight would change.
    let mean = t
        .curve(&t.weight)
        .restricted_mean_influence(7.0, t.people(&t.weight));
    for i in (0..60).filter(|&i| t.weight[i] == 0.0) {
        let mut w = t.weight.clone();
        w[i] = 1e-7;
        let change = t.curve(&w).restricted_mean(7.0) - t.curve(&t.weight).restricted_mean(7.0);
        assert!((mean[i] - change / 1e-7).abs() < 1e-4, "{i}");
    }
}

#[test]
fn a_weight_of_two_is_two_people_and_their_order_is_nothing() {
    let t = table(31, 45);
    let whole: Vec<f64> = (0..45).map(|i| f64::from(i % 3)).collect();
    let rows: Vec<usize> = (0..45).rev().flat_map(|i| vec![i; i % 3]).collect();
    let repeated = Table {
        time: rows.iter().map(|&i| t.time[i]).collect(),
        event: rows.iter().map(|&i| t.event[i]).collect(),
        weight: vec![1.0; rows.len()],
        treated: rows.iter().map(|&i| t.treated[i]).collect(),
    };
    let (a, b) = (t.curve(&whole), repeated.curve(&repeated.weight));
    for at in [0.5, 2.0, 6.5, 9.0] {
        close("curve", a.survival(at), b.survival(at), 1e-13);
        close("mean", a.restricted_mean(at), b.restricted_mean(at), 1e-13);
    }
    // Breslow counts weight alone; Efron's rule asks how many people are tied.
    close(
        "ratio",
        t.ratio(&whole, Ties::Breslow).log_ratio,
        repeated.ratio(&repeated.weight, Ties::Breslow).log_ratio,
        1e-10,
    );
}

#[test]
fn permuting_rows_changes_nothing() {
    let n = 60;
    let t = table(77, n);
    let score: Vec<f64> = (0..n).map(|i| ((i * 31) % n) as f64 / 5.0).collect();
    let line = Line {
        score,
        treated: t.treated.clone(),
        strata: Vec::new(),
    };
    let event: Vec<f64> = t.event.iter().map(|e| f64::from(u8::from(*e))).collect();
    let order: Vec<usize> = (0..n).map(|i| (i * 37 + 11) % n).collect();
    let moved = |v: &[f64]| order.iter().map(|&i| v[i]).collect::<Vec<f64>>();
    let at = |line: &Line, time: &[f64], event: &[f64]| {
        let m = line.matched(&radius(1.0), 1).unwrap();
        survival(time, event, &m, SeMethod::Matched, Some(8.0)).unwrap()
    };
    let a = at(&line, &t.time, &event);
    let b = at(&line.permuted(&order), &moved(&t.time), &moved(&event));
    close(
        "difference",
        a.difference.estimate,
        b.difference.estimate,
        1e-12,
    );
    close("error", a.difference.se, b.difference.se, 1e-12);
    close(
        "ratio",
        a.ratios[0].log.estimate,
        b.ratios[0].log.estimate,
        1e-10,
    );
    close("its error", a.ratios[0].log.se, b.ratios[0].log.se, 1e-10);
}

const TIME: [f64; 6] = [2.0, 4.0, 6.0, 1.0, 3.0, 6.0];
const EVENT: [f64; 6] = [1.0, 0.0, 1.0, 1.0, 1.0, 0.0];

#[test]
fn impossible_times_and_events_are_named_by_row() {
    for row in 0..6 {
        for value in [-1.0, f64::INFINITY, f64::NEG_INFINITY] {
            let mut time = TIME;
            time[row] = value;
            let got = survival(&time, &EVENT, &three_pairs(), SeMethod::Matched, None);
            assert!(
                matches!(got, Err(EstimateError::BadValue { row: named, .. }) if named == row + 1)
            );
        }
        for value in [2.0, -1.0, 0.5] {
            let mut event = EVENT;
            event[row] = value;
            let got = survival(&TIME, &event, &three_pairs(), SeMethod::Matched, None);
            assert!(
                matches!(got, Err(EstimateError::BadValue { row: named, .. }) if named == row + 1)
            );
        }
        let mut blank = TIME;
        blank[row] = f64::NAN;
        let got = survival(&blank, &EVENT, &three_pairs(), SeMethod::Matched, None);
        assert!(matches!(got, Err(EstimateError::Missing { .. })), "{got:?}");
        let mut blank = EVENT;
        blank[row] = f64::NAN;
        let got = survival(&TIME, &blank, &three_pairs(), SeMethod::Matched, Some(6.0));
        assert!(matches!(got, Err(EstimateError::Missing { .. })), "{got:?}");
    }
    for horizon in [0.0, -3.0, f64::NAN, f64::INFINITY] {
        let got = survival(
            &TIME,
            &EVENT,
            &three_pairs(),
            SeMethod::Matched,
            Some(horizon),
        );
        assert!(matches!(got, Err(EstimateError::Unfit { .. })));
    }
}

#[test]
fn a_blank_time_without_the_event_is_followed_to_the_horizon() {
    let mut blank = TIME;
    (blank[1], blank[5]) = (f64::NAN, f64::NAN);
    let mut told = TIME;
    (told[1], told[5]) = (6.0, 6.0);
    let a = survival(&blank, &EVENT, &three_pairs(), SeMethod::Matched, Some(6.0)).unwrap();
    let b = survival(&told, &EVENT, &three_pairs(), SeMethod::Matched, Some(6.0)).unwrap();
    assert_eq!(a, b);
}

#[test]
fn an_event_at_once_counts_as_no_time() {
    let mut time = TIME;
    time[3] = 0.0;
    let e = survival(&time, &EVENT, &three_pairs(), SeMethod::Matched, None).unwrap();
    // 0 x 1 + 3 x 2/3 + 3 x 1/3.
    close("counterparts", e.mean_comparison, 3.0, 1e-14);
    assert_eq!(e.survival.unwrap().comparison.survival(0.0), 2.0 / 3.0);
}

#[test]
fn where_nothing_happens_there_is_nothing_to_say() {
    let nobody = [0.0; 6];
    let got = survival(&TIME, &nobody, &three_pairs(), SeMethod::Matched, None);
    assert!(matches!(got, Err(EstimateError::NoSpread { .. })));
    // Everybody is lost from sight before the first event can be seen.
    let got = survival(
        &[0.0; 6],
        &nobody,
        &three_pairs(),
        SeMethod::Matched,
        Some(10.0),
    );
    assert!(matches!(got, Err(EstimateError::NoSpread { .. })));
    // Nobody has it within the horizon.
    let got = survival(&TIME, &EVENT, &three_pairs(), SeMethod::Matched, Some(0.5));
    assert!(matches!(got, Err(EstimateError::NoSpread { .. })));
    // Everybody has it at the same time.
    let got = survival(
        &[4.0; 6],
        &[1.0; 6],
        &three_pairs(),
        SeMethod::Matched,
        None,
    );
    assert!(matches!(got, Err(EstimateError::NoSpread { .. })));
}

#[test]
fn a_horizon_beyond_what_was_seen_is_brought_back_and_said() {
    // Counterparts are followed to 5 and one of them is still without the event then.
    let mut time = TIME;
    time[5] = 5.0;
    let e = survival(
        &time,
        &EVENT,
        &three_pairs(),
        SeMethod::Matched,
        Some(100.0),
    )
    .unwrap();
    let fit = e.survival.unwrap();
    assert_eq!((fit.horizon, fit.asked), (5.0, Some(100.0)));
    // Once it has happened to everybody the curve is known for good.
    let e = survival(
        &TIME,
        &[1.0; 6],
        &three_pairs(),
        SeMethod::Matched,
        Some(100.0),
    )
    .unwrap();
    assert_eq!(e.survival.unwrap().horizon, 100.0);
    close("mean", e.mean_treated, 4.0, 1e-14);
}

#[test]
fn a_likelihood_without_a_top_has_no_ratio_and_a_reason() {
    let mut event = EVENT;
    (event[0], event[2]) = (0.0, 0.0);
    let e = survival(&TIME, &event, &three_pairs(), SeMethod::Matched, None).unwrap();
    assert!(e.ratios.is_empty());
    assert!(e.no_ratio.unwrap().contains("no finite ratio"));
    assert!(e.difference.se > 0.0);
    let fit = |event: &[bool; 4]| {
        let groups = Groups {
            time: &[1.0, 2.0, 3.0, 4.0],
            event,
            weight: &[1.0; 4],
            treated: &[true, true, false, false],
        };
        cox::fit(groups, Ties::Efron).map(|c| c.log_ratio)
    };
    assert_eq!(fit(&[false; 4]), Err(NoHazardRatio::NoEvent));
    // All of one group before all of the other: everybody's event, and still no top.
    assert_eq!(fit(&[true; 4]), Err(NoHazardRatio::Monotone));
}

#[test]
fn a_blank_time_of_nobodys_counterpart_spoils_nothing() {
    let line = Line::new(&[0.0, 1.0, 2.0], &[0.0, 1.0, 1.5, 2.0, 5.0, 9.0]);
    let m = line.matched(&radius(0.6), 1).unwrap();
    let event = [1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0];
    let of = |far: f64| {
        let time = [2.0, 4.0, 6.0, 1.0, 3.0, 6.0, 5.0, far, 4.0];
        survival(&time, &event, &m, SeMethod::Matched, Some(5.5)).unwrap()
    };
    let (blank, known) = (of(f64::NAN), of(3.0));
    assert_eq!(blank.difference.estimate, known.difference.estimate);
    assert!(blank.difference.se.is_finite() && blank.ratios[0].log.se.is_finite());
}
