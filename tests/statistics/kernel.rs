//! Kernel matching: by hand, by its definition, where digits are easily lost, and with input that
//! nobody should have sent.

use crate::kit::{Line, close, estimated, pairs, radius};
use crate::weighed::People;
use counterpart::matching::{DropReason, MatchError, Matches};
use counterpart::study::*;
use proptest::prelude::*;

const ALL: [Kernel; 5] = [
    Kernel::Epanechnikov,
    Kernel::Uniform,
    Kernel::Biweight,
    Kernel::Tricube,
    Kernel::Normal,
];

fn settings(kernel: Kernel, bandwidth: f64) -> MatchSettings {
    MatchSettings {
        kernel,
        caliper: Caliper::Width(bandwidth),
        caliper_scale: CaliperScale::Lp,
        ..MatchSettings::new(Method::Kernel)
    }
}

/// The kernel as the books have it.
fn k(kernel: Kernel, u: f64) -> f64 {
    let u = u.abs();
    match kernel {
        // Beyond, its value leaves the range of normal numbers.
        Kernel::Normal if u >= 37.6 => 0.0,
        Kernel::Normal => (-u * u / 2.0).exp(),
        Kernel::Uniform => f64::from(u8::from(u <= 1.0)),
        _ if u >= 1.0 => 0.0,
        Kernel::Epanechnikov => 1.0 - u * u,
        Kernel::Biweight => (1.0 - u * u).powi(2),
        Kernel::Tricube => (1.0 - u.powi(3)).powi(3),
    }
}

#[test]
fn a_table_by_hand() {
    // Participants 0 and 2, h = 1. Member 4 is at 1, a bandwidth from both: it is nobody's.
    // Row 0: members at 0 and 0.5, k = 1 and 3/4: w = 4/7, 3/7. Row 1: 1.75 and 2.25, alike.
    let line = Line::new(&[0.0, 2.0, 9.0], &[0.0, 0.5, 1.0, 2.25, 1.75]);
    let m = line
        .matched(&settings(Kernel::Epanechnikov, 1.0), 1)
        .unwrap();
    let want = [
        (0, 3, 4.0 / 7.0),
        (0, 4, 3.0 / 7.0),
        (1, 6, 0.5),
        (1, 7, 0.5),
    ];
    for (got, want) in pairs(&m).iter().zip(want) {
        assert_eq!((got.0, got.1), (want.0, want.1));
        close("w_ic", got.2, want.2, 1e-15);
    }
    assert_eq!(m.pool, [3, 4, 5, 7, 6]);
    for (w, want) in m.weight.iter().zip([4.0 / 7.0, 3.0 / 7.0, 0.0, 0.5, 0.5]) {
        close("w", *w, want, 1e-15);
    }
    let squares = [16.0 / 49.0, 9.0 / 49.0, 0.0, 0.25, 0.25];
    for (q, want) in m.weight_squared.iter().zip(squares) {
        close("q", *q, want, 1e-15);
    }
    assert_eq!(
        (m.dropped[0].row, m.dropped[0].reason),
        (2, DropReason::NobodyWithinCaliper)
    );
    // y of row 0: 1, of row 1: 3; yhat = 4/7 * 7 + 3/7 * 0 = 4 and (2 + 4) / 2 = 3: tau = -3/2.
    let y = [1.0, 3.0, 0.0, 7.0, 0.0, 99.0, 2.0, 4.0];
    let e = estimated(OutcomeKind::Continuous, &y, &m, SeMethod::Matched).unwrap();
    close("tau", e.difference.estimate, -1.5, 1e-14);
    let of_pool: Vec<f64> = m.pool.iter().map(|&r| y[r as usize]).collect();
    for (got, want) in m.predicted(&of_pool).iter().zip([4.0, 3.0]) {
        close("yhat", *got, want, 1e-13);
    }
}

#[test]
fn each_kernel_at_half_a_bandwidth() {
    let line = Line::new(&[0.0], &[0.0, 0.5]);
    let ratio = |kernel| {
        let m = line.matched(&settings(kernel, 1.0), 1).unwrap();
        m.weight[1] / m.weight[0]
    };
    for (kernel, want) in ALL
        .iter()
        .zip([0.75, 1.0, 9.0 / 16.0, 343.0 / 512.0, (-0.125f64).exp()])
    {
        close(kernel.as_str(), ratio(*kernel), want, 1e-15);
    }
}

fn lines() -> impl Strategy<Value = People> {
    let person = (0i32..160, prop::bool::weighted(0.3), 0u32..2, 1u8..5);
    let people = prop::collection::vec(person, 4..200);
    (people, any::<bool>(), any::<bool>()).prop_map(|(people, stratified, weighed)| {
        let keep = |is: bool| if is { people.as_slice() } else { &[] };
        People {
            score: people.iter().map(|p| f64::from(p.0) / 32.0).collect(),
            treated: people.iter().map(|p| p.1).collect(),
            strata: keep(stratified).iter().map(|p| p.2).collect(),
            sampling: keep(weighed).iter().map(|p| f64::from(p.3)).collect(),
            columns: Vec::new(),
        }
    })
}

/// w_ic by the definition: (participant, pool row, weight, g).
fn naive(people: &People, kernel: Kernel, h: f64) -> Vec<(u32, u32, f64)> {
    let rows =
        |treated: bool| (0..people.score.len()).filter(move |&r| people.treated[r] == treated);
    let b = |r: usize| people.sampling.get(r).copied().unwrap_or(1.0);
    let mut pairs = Vec::new();
    for i in rows(true) {
        let value = |c: usize| {
            let meet = people.strata.is_empty() || people.strata[c] == people.strata[i];
            b(c) * f64::from(u8::from(meet)) * k(kernel, (people.score[c] - people.score[i]) / h)
        };
        let total: f64 = rows(false).map(value).sum();
        let members = rows(false).map(|c| (c, value(c))).filter(|p| p.1 > 0.0);
        pairs.extend(members.map(|(c, v)| (i as u32, c as u32, v / total)));
    }
    pairs
}

/// Weights of the pool by the definition, in the matches' order.
fn sums(m: &Matches, pairs: &[(u32, u32, f64)]) -> (Vec<f64>, Vec<f64>) {
    let rows = m
        .pool
        .iter()
        .chain(&m.participants)
        .max()
        .map_or(0, |r| *r as usize + 1);
    let (mut w, mut q, mut g) = (vec![0.0; rows], vec![0.0; rows], vec![0.0; rows]);
    for (&r, count) in m.participants.iter().zip(&m.participant_weight) {
        g[r as usize] = *count;
    }
    for &(t, c, part) in pairs {
        let part = g[t as usize] * part;
        w[c as usize] += part;
        q[c as usize] += part * part;
    }
    let of = |v: &[f64]| m.pool.iter().map(|&r| v[r as usize]).collect();
    (of(&w), of(&q))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn weights_and_predictions_are_those_of_the_definition(
        people in lines(),
        steps in 1i32..70,
        y in prop::collection::vec(-1e6f64..1e6, 200),
    ) {
        let h = f64::from(steps) / 32.0;
        for kernel in ALL {
            let want = naive(&people, kernel, h);
            let m = match people.matched(&settings(kernel, h)) {
                Ok(m) => m,
                Err(_) => { prop_assert!(want.is_empty()); continue; }
            };
            let got = pairs(&m);
            prop_assert_eq!(got.len(), want.len(), "{:?}", kernel);
            for (got, want) in got.iter().zip(&want) {
                prop_assert_eq!((got.0, got.1), (want.0, want.1));
                prop_assert!((got.2 - want.2).abs() < 1e-13);
            }
            let (w, q) = sums(&m, &want);
            for c in 0..w.len() {
                prop_assert!((m.weight[c] - w[c]).abs() <= 1e-12 * w[c], "{kernel:?} {} {}", m.weight[c], w[c]);
                prop_assert!(
                    (m.weight_squared[c] - q[c]).abs() <= 1e-12 * q[c],
                    "{kernel:?} {} {}", m.weight_squared[c], q[c]
                );
            }
            let n = m.participants.len() as f64;
            prop_assert!((m.weight.iter().sum::<f64>() - n).abs() < 1e-10);
            let of_pool: Vec<f64> = m.pool.iter().map(|&r| y[r as usize]).collect();
            let mut at = 0;
            for (i, predicted) in m.predicted(&of_pool).iter().enumerate() {
                let mut sum = 0.0;
                while want.get(at).is_some_and(|p| p.0 == m.participants[i]) {
                    sum += want[at].2 * y[want[at].1 as usize];
                    at += 1;
                }
                prop_assert!((predicted - sum).abs() < 1e-7, "{kernel:?} {predicted} {sum}");
            }
        }
    }

    #[test]
    fn the_order_of_rows_changes_no_weight(people in lines(), seed in any::<u64>()) {
        let mut rows: Vec<u32> = (0..people.score.len() as u32).collect();
        rows.sort_by_key(|&r| u64::from(r).wrapping_mul(seed | 1).rotate_left(23));
        let shuffled = people.rows(&rows);
        for kernel in ALL {
            let by_row = |m: &Matches, rows: Option<&[u32]>| {
                let row = |r: u32| rows.map_or(r, |rows| rows[r as usize]);
                let mut w: Vec<(u32, f64)> = m.pool.iter().map(|&r| row(r)).zip(m.weight.iter().copied()).collect();
                w.sort_by_key(|p| p.0);
                w
            };
            match (people.matched(&settings(kernel, 0.5)), shuffled.matched(&settings(kernel, 0.5))) {
                (Ok(a), Ok(b)) => {
                    for (a, b) in by_row(&a, None).iter().zip(by_row(&b, Some(&rows))) {
                        prop_assert_eq!(a.0, b.0);
                        prop_assert!((a.1 - b.1).abs() < 1e-12);
                    }
                }
                (a, b) => prop_assert!(a.is_err() && b.is_err()),
            }
        }
    }
}

/// A repeatable number in [0, 1).
fn noise(i: usize, salt: u64) -> f64 {
    let x = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ salt.wrapping_mul(0xd6e8_feb8_6659_fd93);
    let x = (x ^ (x >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (x >> 11) as f64 / (1u64 << 53) as f64
}

#[test]
fn three_people_at_the_edge_keep_their_digits_beside_a_crowd() {
    // A crowd of thousands within a millionth of 0, one at a bandwidth from some participants; a
    // spread; and a few far out. Whole prefix sums would keep four digits of some of these weights.
    let h = 0.1;
    for origin in [0.0, 1e6] {
        let mut pool: Vec<f64> = (0..6000).map(|i| 1e-6 * noise(i, 1)).collect();
        pool.extend((0..3000).map(|i| 4.0 * noise(i, 2) - 2.0));
        pool.extend((0..40).map(|i| 50.0 + 10.0 * noise(i, 3)));
        let mut participants: Vec<f64> = (0..60).map(|i| 4.0 * noise(i, 4) - 2.0).collect();
        participants.extend((0..20).map(|i| 50.0 + 10.0 * noise(i, 5)));
        // The crowd at their edge, from a hundredth to a thousandth of a bandwidth inside.
        participants.extend((1..10).map(|i| h - 1e-3 / f64::from(i)));
        participants.extend((1..10).map(|i| 1e-3 / f64::from(i) - h));
        let shifted = |v: Vec<f64>| v.into_iter().map(|s| s + origin).collect::<Vec<f64>>();
        let line = Line::new(&shifted(participants), &shifted(pool));
        let people = People {
            score: line.score.clone(),
            treated: line.treated.clone(),
            ..People::default()
        };
        let y: Vec<f64> = (0..line.score.len())
            .map(|i| 1000.0 + noise(i, 6))
            .collect();
        for kernel in ALL {
            // Pairs of the normal kernel are all pairs: a wide bandwidth would prove nothing more.
            let m = line.matched(&settings(kernel, h), 1).unwrap();
            let want = naive(&people, kernel, h);
            let (w, q) = sums(&m, &want);
            for c in 0..w.len() {
                let off = (m.weight[c] - w[c]).abs() / w[c].max(f64::MIN_POSITIVE);
                assert!(off < 1e-10, "{kernel:?} w: {off}");
                let off = (m.weight_squared[c] - q[c]).abs() / q[c].max(f64::MIN_POSITIVE);
                assert!(off < 1e-10, "{kernel:?} q: {off}");
            }
            let of_pool: Vec<f64> = m.pool.iter().map(|&r| y[r as usize]).collect();
            let predicted = m.predicted(&of_pool);
            let mut yhat = vec![0.0; line.score.len()];
            for (t, c, w) in want {
                yhat[t as usize] += w * (y[c as usize] - 1000.0);
            }
            for (&row, got) in m.participants.iter().zip(predicted) {
                let off = (got - 1000.0 - yhat[row as usize]).abs();
                assert!(off < 1e-10, "{kernel:?} yhat: {off}");
            }
        }
    }
}

#[test]
fn the_uniform_kernel_is_radius_matching() {
    let line = Line::new(&[0.0, 0.3, 2.0], &[0.1, 0.25, 0.35, 1.9, 2.25]);
    let a = line.matched(&settings(Kernel::Uniform, 0.25), 1).unwrap();
    let b = line.matched(&radius(0.25), 1).unwrap();
    assert_eq!(pairs(&a), pairs(&b));
    assert_eq!(a.weight, b.weight);
}

#[test]
fn a_bandwidth_that_reaches_nobody_matches_nobody_and_says_so() {
    let line = Line::new(&[0.0, 1.0], &[0.5, 3.0]);
    for kernel in ALL {
        let got = line.matched(&settings(kernel, 1e-300), 1);
        assert!(matches!(
            got,
            Err(MatchError::NobodyMatched {
                participants: 2,
                ..
            })
        ));
    }
    // A bandwidth exactly is too far, but for the uniform kernel; the normal has no such end.
    for (kernel, matched) in ALL.iter().zip([false, true, false, false, true]) {
        let got = Line::new(&[0.0], &[0.5]).matched(&settings(*kernel, 0.5), 1);
        assert_eq!(got.is_ok(), matched, "{kernel:?}");
    }
}

#[test]
fn absurd_scores_and_bandwidths_give_weights_or_a_refusal() {
    let lines = [
        Line::new(&[0.5; 7], &[0.5; 30]),
        Line::new(&[1e300, -1e300, 0.0], &[1e300, 0.0, -1e300, 1.0]),
        Line::new(&[0.0, 1e-300], &[1e-308, -1e-300, 5e-324]),
        Line::new(&[700.0, -700.0], &[700.0, 701.0, -700.0]),
    ];
    for (line, kernel) in lines.iter().flat_map(|l| ALL.map(|k| (l, k))) {
        for h in [5e-324, 1e-200, 1e-3, 1.0, 1e200, f64::MAX] {
            for scale in [
                CaliperScale::Lp,
                CaliperScale::Odds,
                CaliperScale::Probability,
            ] {
                let settings = MatchSettings {
                    caliper_scale: scale,
                    ..settings(kernel, h)
                };
                let Ok(m) = line.matched(&settings, 1) else {
                    continue;
                };
                let n = m.participants.len() as f64;
                let sum: f64 = m.weight.iter().sum();
                assert!(
                    (sum - n).abs() < 1e-9,
                    "{kernel:?} {h} {scale:?}: {sum} of {n}"
                );
                assert!(m.weight_squared.iter().all(|q| q.is_finite()));
                let ones = m.predicted(&vec![1.0; m.pool.len()]);
                assert!(ones.iter().all(|y| (y - 1.0).abs() < 1e-12));
            }
        }
    }
}

#[test]
fn an_empty_stratum_is_told_from_an_empty_bandwidth() {
    let line = Line {
        strata: vec![0, 1, 0, 0],
        ..Line::new(&[0.0, 0.0, 5.0], &[0.1])
    };
    for kernel in [Kernel::Epanechnikov, Kernel::Tricube] {
        let m = line.matched(&settings(kernel, 1.0), 1).unwrap();
        let why: Vec<_> = m.dropped.iter().map(|d| (d.row, d.reason)).collect();
        assert_eq!(
            why,
            [
                (1, DropReason::EmptyStratum),
                (2, DropReason::NobodyWithinCaliper)
            ]
        );
    }
}
