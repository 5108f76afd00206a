//! The chances of being truly better: by hand, what always holds, and against planted truth.

use super::*;

#[test]
fn chances_worked_by_hand() {
    // Errors 1, tau2 1, estimates -1 and 3: mu 1 with variance 2 / 2 = 1, own share 1 / 2.
    let data = [result("a", -1.0, 1.0), result("b", 3.0, 1.0)];
    let f = pooled_at(&data, Some(1.0), IntervalKind::Wald).unwrap();
    let found = chances(&data, &f, Better::Lower);
    // a: mean 0, so an even chance; its distance from mu has mean -1 and variance 1/2 + 1/4.
    assert!((found[0].than_none - 0.5).abs() < 1e-12);
    let phi = |z: f64| counterpart::numeric::distribution::normal_below(z);
    assert!((found[0].than_middle.unwrap() - phi(1.0 / 0.75f64.sqrt())).abs() < 1e-12);
    assert!((found[1].than_none - phi(-2.0 / 0.75f64.sqrt())).abs() < 1e-12);
}

#[test]
fn both_directions_make_one_and_agree_with_the_drawn_estimates() {
    let data = providers();
    let f = pool(&data, Between::Reml, IntervalKind::HartungKnapp).unwrap();
    let (low, high) = (
        chances(&data, &f, Better::Lower),
        chances(&data, &f, Better::Higher),
    );
    for ((l, h), s) in low.iter().zip(&high).zip(shrunken(&data, &f)) {
        assert!((l.than_none + h.than_none - 1.0).abs() < 1e-12);
        assert!((l.than_middle.unwrap() + h.than_middle.unwrap() - 1.0).abs() < 1e-12);
        assert!((l.than_none - s.below_zero).abs() < 1e-12);
    }
    // The direction is nothing but a sign.
    let turned: Vec<_> = data
        .iter()
        .map(|r| result(&r.name, -r.estimate, r.se))
        .collect();
    let g = pool(&turned, Between::Reml, IntervalKind::HartungKnapp).unwrap();
    for (a, b) in low.iter().zip(chances(&turned, &g, Better::Higher)) {
        assert!((a.than_none - b.than_none).abs() < 1e-9);
        assert!((a.than_middle.unwrap() - b.than_middle.unwrap()).abs() < 1e-9);
    }
}

#[test]
fn where_programmes_do_not_differ_none_is_better_than_the_middle() {
    let data: Vec<_> = (0..50).map(|i| result(&i.to_string(), 0.1, 0.05)).collect();
    let f = pool(&data, Between::Reml, IntervalKind::Wald).unwrap();
    for c in chances(&data, &f, Better::Higher) {
        assert_eq!(c.than_middle, None);
        assert!(c.than_none > 0.999);
    }
}

/// Of programmes said to be better with chance p, a share p is: in ten bands, each within four standard errors, tau
/// squared known. Where it is estimated from 30 results, within 0.05 more.
#[test]
fn chances_come_true_as_often_as_they_say() {
    let mut draw = coverage::Draw::new(11);
    let mut bands = [[[0.0f64; 3]; 10]; 4];
    let (k, tau) = (30, 0.03);
    for _ in 0..400 {
        // The average is spread widely beside what is known of it: flat, as the formula takes it.
        let mu = 0.05 * draw.normal();
        let truth: Vec<f64> = (0..k).map(|_| mu + tau * draw.normal()).collect();
        let data: Vec<_> = truth
            .iter()
            .enumerate()
            .map(|(i, t)| {
                let se = 0.01 + 0.002 * i as f64;
                result(&i.to_string(), t + se * draw.normal(), se)
            })
            .collect();
        let known = pooled_at(&data, Some(tau * tau), IntervalKind::Wald).unwrap();
        let found = pool(&data, Between::Reml, IntervalKind::Wald).unwrap();
        for (set, f) in [(0, known), (2, found)] {
            for (t, c) in truth.iter().zip(chances(&data, &f, Better::Lower)) {
                let mut count = |set: usize, p: f64, came: bool| {
                    let band = &mut bands[set][((p * 10.0) as usize).min(9)];
                    band[0] += 1.0;
                    band[1] += p;
                    band[2] += f64::from(came);
                };
                count(set, c.than_none, *t < 0.0);
                if let Some(p) = c.than_middle {
                    count(set + 1, p, *t < mu);
                }
            }
        }
    }
    for (set, bands) in bands.iter().enumerate() {
        for [n, said, came] in bands {
            assert!(*n > 200.0, "set {set}: only {n}");
            let (said, came) = (said / n, came / n);
            // Results of one round share its average: two of them count as one.
            let error = (said * (1.0 - said) / (n / 2.0)).sqrt();
            let slack = if set < 2 { 0.0 } else { 0.05 };
            assert!(
                (came - said).abs() <= 4.0 * error + slack,
                "set {set}: {said} and {came}, {n}"
            );
        }
    }
}
