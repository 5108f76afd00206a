//! Curves over time and quantiles: made coarse enough that no step of them is about a few people.

use super::findings::{OutcomeFinding, QuantilesFinding, SurvivalCurve, SurvivalCurves};
use super::outcome::share_of;
use super::printed::{UNIT, ladder_up, neat_up, on_grid, pool, tidy};
use crate::quality::nearest;

/// Standard normal quantile of a 95 % band.
const Z95: f64 = 1.959_963_984_540_054;
/// Bands are this much wider than those of shares, so that few are wider still.
const MARGIN: f64 = 1.03;

/// Most steps of a curve that is released.
pub const STEPS: usize = 12;

/// Makes an outcome's curves and quantiles coarse; its numbers of people are still exact. `ess` is
/// the effective number of its counterparts.
pub(super) fn coarsen(outcome: &mut OutcomeFinding, min_each_side: u32, ess: f64) {
    let min = u64::from(min_each_side);
    let people = |g: &Option<super::findings::GroupValue>| g.as_ref().map_or(0, |g| g.people);
    let smaller = people(&outcome.treated).min(people(&outcome.comparison));
    if let Some(curves) = &mut outcome.survival {
        *curves = thinned(curves, min);
        let n = people(&outcome.treated);
        let of_pool = neat_up(UNIT as f64 / ess.max(UNIT as f64)).max(0.001);
        let share = |s: f64| match s {
            s if s >= 1.0 => 1.0,
            s => tidy(1.0 - share_of((1.0 - s) * n as f64, n)),
        };
        printed(&mut curves.treated, n, nearest(n, UNIT) as f64, share);
        let share = |s: f64| match s {
            s if s >= 1.0 => 1.0,
            s => on_grid(s, of_pool).clamp(of_pool, tidy(1.0 - of_pool)),
        };
        printed(&mut curves.comparison, n, ess, share);
        curves
            .treated
            .events
            .iter_mut()
            .for_each(|e| *e = nearest(*e, UNIT));
        curves
            .comparison
            .events
            .iter_mut()
            .for_each(|e| *e = pool(*e));
    }
    outcome.quantiles = outcome
        .quantiles
        .take()
        .and_then(|q| rounded(&q, smaller, min));
}

/// A curve of printed shares, and the band that `people` of them have, as many times as wide as the
/// exact one is.
fn printed(c: &mut SurvivalCurve, n: u64, people: f64, share: impl Fn(f64) -> f64) {
    let error = |s: f64| ((1.0 - s) / (s * people.max(1.0))).sqrt() / s.ln().abs();
    let inside = |s: f64| s > 0.0 && s < 1.0;
    let wider = (0..c.surv.len())
        .filter(|&i| [c.surv[i], c.low[i], c.high[i]].into_iter().all(inside))
        .map(|i| {
            let at = |s: f64| (-s.ln()).ln();
            (at(c.low[i]) - at(c.high[i])) / (2.0 * Z95 * error(c.surv[i]))
        })
        .fold(1.0, f64::max);
    let wider = match wider > MARGIN && wider.is_finite() {
        true => ladder_up(wider, n),
        false => MARGIN,
    };
    for i in 0..c.surv.len() {
        let s = share(c.surv[i]);
        c.surv[i] = s;
        (c.low[i], c.high[i]) = match inside(s) {
            true => {
                let far = (Z95 * wider * error(s)).exp();
                (
                    on_grid(s.powf(far), 0.001),
                    on_grid(s.powf(1.0 / far), 0.001),
                )
            }
            false => (s, s),
        };
    }
}

/// At most [`STEPS`] equal steps; those in which too few had the event, in either group, are taken
/// together with the ones before, so that what happened within a step is never about a few. The
/// horizon always stays. How many are still followed is not said.
fn thinned(curves: &SurvivalCurves, min: u64) -> SurvivalCurves {
    let every = (curves.times.len().saturating_sub(1))
        .div_ceil(STEPS)
        .max(1);
    let happened = |i: usize| [curves.treated.events[i], curves.comparison.events[i]];
    let apart = |a: usize, b: usize| {
        let (a, b) = (happened(a), happened(b));
        b[0] - a[0] >= min && b[1] - a[1] >= min
    };
    let Some(last) = curves.times.len().checked_sub(1) else {
        return curves.clone();
    };
    let mut kept = vec![0];
    for i in (every..last).step_by(every) {
        if kept.last().is_none_or(|&k| apart(k, i)) {
            kept.push(i);
        }
    }
    while kept.len() > 1 && kept.last().is_some_and(|&k| !apart(k, last)) {
        kept.pop();
    }
    kept.push(last);
    let of = |c: &SurvivalCurve| {
        let pick = |v: &[f64]| kept.iter().map(|&i| v[i]).collect();
        SurvivalCurve {
            surv: pick(&c.surv),
            low: pick(&c.low),
            high: pick(&c.high),
            events: kept.iter().map(|&i| c.events[i]).collect(),
            at_risk: Vec::new(),
        }
    };
    SurvivalCurves {
        times: kept.iter().map(|&i| curves.times[i]).collect(),
        treated: of(&curves.treated),
        comparison: of(&curves.comparison),
        ..*curves
    }
}

/// A quantile is somebody's value: two significant digits blur whose. The difference of medians
/// would bring the digits back.
fn rounded(q: &QuantilesFinding, people: u64, min: u64) -> Option<QuantilesFinding> {
    let enough = |share: f64| share.min(1.0 - share) * people as f64 + 1e-9 >= min as f64;
    let kept: Vec<usize> = (0..q.shares.len())
        .filter(|&i| enough(q.shares[i]))
        .collect();
    let pick = |v: &[f64], f: fn(f64) -> f64| kept.iter().map(|&i| f(v[i])).collect();
    (!kept.is_empty()).then(|| QuantilesFinding {
        shares: pick(&q.shares, |x| x),
        treated: pick(&q.treated, two_digits),
        comparison: pick(&q.comparison, two_digits),
        median_difference: None,
    })
}

/// Two significant digits.
pub(super) fn two_digits(x: f64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let unit = 10f64.powf(x.abs().log10().floor() - 1.0);
    (x / unit).round() * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curves(treated: &[u64], comparison: &[u64]) -> SurvivalCurves {
        let curve = |events: &[u64]| {
            let surv: Vec<f64> = events.iter().map(|e| 1.0 - *e as f64 / 1000.0).collect();
            SurvivalCurve {
                low: surv.clone(),
                high: surv.clone(),
                surv,
                events: events.to_vec(),
                at_risk: vec![1.0; events.len()],
            }
        };
        SurvivalCurves {
            horizon: 1.0,
            asked: None,
            times: (0..treated.len()).map(|i| i as f64).collect(),
            treated: curve(treated),
            comparison: curve(comparison),
        }
    }

    #[test]
    fn no_released_step_is_about_a_few() {
        let treated = [0, 12, 15, 19, 30, 33, 41];
        let comparison = [0, 40, 80, 120, 160, 200, 240];
        let thin = thinned(&curves(&treated, &comparison), 10);
        // 12 is enough; 15 and 19 are not; 30 is; from 30 to 41 is 11.
        assert_eq!(thin.times, [0.0, 1.0, 4.0, 6.0]);
        assert_eq!(thin.treated.events, [0, 12, 30, 41]);
        assert!(thin.treated.at_risk.is_empty());
        // Too few in the last step: the one before goes, the horizon stays.
        let thin = thinned(&curves(&[0, 12, 24, 27], &[0, 50, 100, 150]), 10);
        assert_eq!(thin.treated.events, [0, 12, 27]);
        // The comparison group counts as well.
        let thin = thinned(&curves(&[0, 12, 24, 36], &[0, 5, 9, 30]), 10);
        assert_eq!(thin.treated.events, [0, 36]);
    }

    #[test]
    fn a_fine_curve_is_released_on_twelve_steps() {
        let many: Vec<u64> = (0..=48).map(|i| i * 100).collect();
        let thin = thinned(&curves(&many, &many), 10);
        assert_eq!(thin.times.len(), STEPS + 1);
        assert_eq!(*thin.times.last().unwrap(), 48.0);
    }

    #[test]
    fn quantiles_are_blurred_and_those_of_few_go() {
        let q = QuantilesFinding {
            shares: vec![0.1, 0.25, 0.5, 0.75, 0.9],
            treated: vec![-123.4, 0.0, 0.12345, 9_876.0, 99_999.0],
            comparison: vec![1.0; 5],
            median_difference: None,
        };
        let all = rounded(&q, 100, 10).unwrap();
        assert_eq!(all.treated, [-120.0, 0.0, 0.12, 9_900.0, 100_000.0]);
        assert_eq!(rounded(&q, 99, 10).unwrap().shares, [0.25, 0.5, 0.75]);
        assert_eq!(rounded(&q, 39, 10).unwrap().shares, [0.5]);
        assert_eq!(rounded(&q, 19, 10), None);
    }
}
