//! How many are still free of the event at each moment: the weighted Kaplan-Meier curve, its robust
//! standard error, and the mean time up to a horizon (the area under the curve) with each person's
//! influence on it.
//!
//! Cost: one sort of those with weight, one pass over the distinct times; any later question is a
//! binary search. The robust error needs no pass over people either: with the sums of squared
//! weights per time, the squared influences add up along the curve.

use crate::numeric::distribution::t_quantile;

/// People followed until something happened or until they were lost from sight.
#[derive(Clone, Copy)]
pub struct Followed<'a> {
    /// Time of the event or of the end of follow-up, from 0.
    pub time: &'a [f64],
    /// Did the event happen?
    pub event: &'a [bool],
    /// Weight, at least 0. Those who weigh nothing do not shape the curve.
    pub weight: &'a [f64],
}

/// What happens at one distinct time.
#[derive(Clone, Copy, PartialEq)]
struct Step {
    time: f64,
    /// Weight still followed just before.
    at_risk: f64,
    /// Weight of those who stay after the events: at risk less the events, summed without
    /// subtracting, so that it is exactly 0 when nobody stays.
    staying: f64,
    /// Curve from here on.
    survival: f64,
    /// Area under the curve up to here.
    area: f64,
    /// H = sum of d / (Y R) over the event times so far: Greenwood's sum for weights of one.
    greenwood: f64,
    /// Sum of w^2 (H - [event] / R)^2 over those whose time is not after this one.
    spread: f64,
    /// Sum of w^2 over those whose time is after this one.
    later: f64,
    /// People (unweighted) with the event so far.
    events: u64,
}

/// A weighted Kaplan-Meier curve.
///
/// # Formula
/// `S(t) = prod over event times s <= t of (1 - d(s) / Y(s))`, d the weight of those with the event
/// at s, Y the weight of those followed up to s; a person whose follow-up ends at s is at risk
/// there. Between times the curve is flat; after the last one it keeps its value.
///
/// # References
/// Kaplan & Meier (1958), doi:10.1080/01621459.1958.10501452; weights: Xie & Liu (2005),
/// doi:10.1002/sim.2174.
///
/// ```
/// use counterpart::effect::kaplan_meier::{Followed, KaplanMeier};
/// // Four people: an event at 2 and at 5, follow-up ends at 3 and at 8.
/// let curve = KaplanMeier::fit(Followed {
///     time: &[2.0, 3.0, 5.0, 8.0],
///     event: &[true, false, true, false],
///     weight: &[1.0; 4],
/// });
/// assert_eq!(curve.survival(2.0), 0.75);
/// assert_eq!(curve.survival(5.0), 0.375); // 0.75 x 1/2
/// assert_eq!(curve.restricted_mean(8.0), 2.0 + 3.0 * 0.75 + 3.0 * 0.375);
/// ```
#[derive(Clone, PartialEq)]
pub struct KaplanMeier {
    steps: Vec<Step>,
    total: f64,
    people: u64,
}

/// Times are people's values: only how many there are is shown.
impl std::fmt::Debug for KaplanMeier {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "KaplanMeier({} people)", self.people)
    }
}

impl KaplanMeier {
    /// The curve of those with weight. Times and weights must be finite, of equal length, and at
    /// least 0. Equal times are ties; no tolerance is applied.
    pub fn fit(people: Followed) -> KaplanMeier {
        let mut order: Vec<u32> = (0..people.time.len() as u32)
            .filter(|&i| people.weight[i as usize] > 0.0)
            .collect();
        order
            .sort_unstable_by(|&a, &b| people.time[a as usize].total_cmp(&people.time[b as usize]));
        let mut steps = Vec::new();
        // From the end: who is still there is a sum of positive weights.
        let (mut after, mut after_squares) = (0.0, 0.0);
        for tied in order
            .chunk_by(|&a, &b| people.time[a as usize] == people.time[b as usize])
            .rev()
        {
            steps.push(tie(people, tied, &mut after, &mut after_squares));
        }
        steps.reverse();
        let steps = walk(steps);
        KaplanMeier {
            total: after,
            people: order.len() as u64,
            steps,
        }
    }

    fn at(&self, t: f64) -> Option<&Step> {
        let n = self.steps.partition_point(|s| s.time <= t);
        n.checked_sub(1).map(|i| &self.steps[i])
    }

    /// S(t), from 0 to 1.
    pub fn survival(&self, t: f64) -> f64 {
        self.at(t).map_or(1.0, |s| s.survival)
    }

    /// Weight of those followed at least up to t.
    pub fn at_risk(&self, t: f64) -> f64 {
        let n = self.steps.partition_point(|s| s.time < t);
        self.steps.get(n).map_or(0.0, |s| s.at_risk)
    }

    /// People (unweighted) with the event by t.
    pub fn events(&self, t: f64) -> u64 {
        self.at(t).map_or(0, |s| s.events)
    }

    /// People with weight.
    pub fn people(&self) -> u64 {
        self.people
    }

    /// How far the curve is known: the longest follow-up, or without end where the event happened
    /// to everybody who was still followed.
    pub fn known_until(&self) -> f64 {
        match self.steps.last() {
            None => 0.0,
            Some(last) if last.survival == 0.0 => f64::INFINITY,
            Some(last) => last.time,
        }
    }

    /// The longest time anybody with weight was followed.
    pub fn longest(&self) -> f64 {
        self.steps.last().map_or(0.0, |s| s.time)
    }

    /// Robust standard error of S(t): weights fixed, people independent.
    ///
    /// # Formula
    /// `sum_i (w_i dS(t)/dw_i)^2`, the infinitesimal jackknife, with
    /// `dS(t)/dw_i = S(t) (H(min(t_i, t)) - [event of i by t] / R(t_i))`, R = Y - d,
    /// `H(t) = sum over s <= t of d / (Y R)`. Weights of one give Greenwood's error; this is what R
    /// gives for `survfit(weights =, robust = TRUE)`.
    pub fn se(&self, t: f64) -> f64 {
        match self.at(t) {
            // Nobody is left: the curve is 0 whatever the weights.
            None => 0.0,
            Some(s) if s.survival == 0.0 => 0.0,
            Some(s) => s.survival * (s.spread + s.later * s.greenwood * s.greenwood).sqrt(),
        }
    }

    /// 95 % band of S(t) at one moment, on the log(-log) scale, which keeps it within 0 and 1
    /// (Kalbfleisch & Prentice 1980): `S^exp(-+ 1.96 se / (S |log S|))`. Where the curve is still 1,
    /// or 0, there is no error to go by and the band is that value.
    pub fn band(&self, t: f64) -> (f64, f64) {
        let (s, se) = (self.survival(t), self.se(t));
        if s <= 0.0 || s >= 1.0 || se == 0.0 {
            return (s, s);
        }
        let half = t_quantile(0.975, f64::INFINITY) * se / (s * s.ln().abs());
        (s.powf(half.exp()), s.powf((-half).exp()))
    }

    /// Restricted mean time: the average time without the event within the first `horizon`, which
    /// must not lie beyond [`Self::known_until`].
    ///
    /// # Formula
    /// `mu(tau) = integral of S from 0 to tau` (Royston & Parmar 2013, doi:10.1186/1471-2288-13-152).
    pub fn restricted_mean(&self, horizon: f64) -> f64 {
        let n = self.steps.partition_point(|s| s.time <= horizon);
        match n.checked_sub(1).map(|i| &self.steps[i]) {
            None => horizon,
            Some(s) => s.area + s.survival * (horizon - s.time),
        }
    }

    /// Influence of each person's weight on the restricted mean: d mu(tau) / d w_i, one a person of
    /// `people`, who may be others than the curve was made from (those without weight included).
    /// Over those with weight, `sum_i w_i u_i = 0`.
    ///
    /// # Formula
    /// `u_i = G(min(t_i, tau)) - [event of i by tau] A(t_i) / R(t_i)` with
    /// `A(t) = integral of S from t to tau` and `G(t) = sum over s <= t of A(s) d(s) / (Y(s) R(s))`:
    /// the curve's infinitesimal jackknife, integrated.
    pub fn restricted_mean_influence(&self, horizon: f64, people: Followed) -> Vec<f64> {
        let mean = self.restricted_mean(horizon);
        let left = |s: &Step| (mean - s.area).max(0.0);
        let mut sum = 0.0;
        let known: Vec<f64> = self
            .steps
            .iter()
            .map(|s| {
                let d = s.at_risk - s.staying;
                if s.time < horizon && s.staying > 0.0 && d > 0.0 {
                    sum += left(s) * d / (s.at_risk * s.staying);
                }
                sum
            })
            .collect();
        let of = |i: usize| -> f64 {
            let t = people.time[i];
            let before = self.steps.partition_point(|s| s.time <= t.min(horizon));
            let g = before.checked_sub(1).map_or(0.0, |k| known[k]);
            if !people.event[i] || t >= horizon {
                return g;
            }
            let (ahead, staying) = match before.checked_sub(1).map(|k| &self.steps[k]) {
                Some(s) if s.time == t => (left(s), s.staying),
                // Nobody with weight at this time: an event here would have been a step of its own.
                s => {
                    let (area, survival, from) =
                        s.map_or((0.0, 1.0, 0.0), |s| (s.area, s.survival, s.time));
                    let ahead = (mean - area - survival * (t - from)).max(0.0);
                    (ahead, self.at_risk(t))
                }
            };
            if staying > 0.0 {
                g - ahead / staying
            } else {
                g
            }
        };
        (0..people.time.len()).map(of).collect()
    }

    /// Sum of the weights.
    pub fn total_weight(&self) -> f64 {
        self.total
    }
}

/// One time with those who have it; `after` is the weight, and its squares, of those later.
fn tie(people: Followed, tied: &[u32], after: &mut f64, after_squares: &mut f64) -> Step {
    let mut step = Step {
        time: people.time[tied[0] as usize],
        later: *after_squares,
        at_risk: 0.0,
        staying: *after,
        survival: 1.0,
        area: 0.0,
        greenwood: 0.0,
        spread: 0.0,
        events: 0,
    };
    let mut with = 0.0;
    // The squares of those with the event wait in `spread`, of the others in `area`, for the walk.
    for &i in tied {
        let (w, event) = (people.weight[i as usize], people.event[i as usize]);
        if event {
            with += w;
            step.events += 1;
            step.spread += w * w;
        } else {
            step.staying += w;
            step.area += w * w;
        }
        *after_squares += w * w;
    }
    step.at_risk = step.staying + with;
    *after = step.at_risk;
    step
}

/// From the start: the curve, and what adds up along it.
fn walk(mut steps: Vec<Step>) -> Vec<Step> {
    let (mut survival, mut area, mut time) = (1.0, 0.0, 0.0);
    let (mut greenwood, mut spread, mut events) = (0.0, 0.0, 0);
    for s in &mut steps {
        let (with_squares, without_squares) = (s.spread, s.area);
        area += survival * (s.time - time);
        time = s.time;
        if s.events > 0 {
            survival *= s.staying / s.at_risk;
        }
        if s.staying > 0.0 {
            let of_event = 1.0 / s.staying;
            if s.events > 0 {
                greenwood += (s.at_risk - s.staying) / (s.at_risk * s.staying);
            }
            spread += with_squares * (greenwood - of_event) * (greenwood - of_event);
        }
        spread += without_squares * greenwood * greenwood;
        events += s.events;
        (s.survival, s.area, s.greenwood, s.spread, s.events) =
            (survival, area, greenwood, spread, events);
    }
    steps
}
