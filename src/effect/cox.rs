//! The hazard ratio of taking part: Cox's regression on one 0/1 column, weighted, with each
//! person's influence on it.
//!
//! Cost: one sort; each of Newton's steps is a pass over the distinct event times (under Efron's
//! rule over the events), the influences one more pass over people.

/// How people whose events fall on the same time are handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ties {
    /// Efron (1977): those tied leave the risk set one share at a time. The default of R.
    #[default]
    Efron,
    /// Breslow (1974): all of those tied stay in the risk set.
    Breslow,
}

/// People of both groups, followed.
#[derive(Clone, Copy)]
pub struct Groups<'a> {
    /// Time of the event or of the end of follow-up, from 0.
    pub time: &'a [f64],
    /// Did the event happen?
    pub event: &'a [bool],
    /// Weight, at least 0. Those who weigh nothing do not shape the ratio.
    pub weight: &'a [f64],
    /// Took part?
    pub treated: &'a [bool],
}

/// Why there is no hazard ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoHazardRatio {
    /// Nobody had the event.
    #[error("nobody had the event")]
    NoEvent,
    /// The likelihood rises without end: no finite ratio fits best.
    #[error(
        "in one group nobody had the event while anybody of the other was still followed, so that no finite ratio fits best"
    )]
    Monotone,
}

/// A fitted hazard ratio.
#[derive(Clone, PartialEq)]
pub struct Cox {
    /// Logarithm of the ratio, participants' hazard over the comparison group's.
    pub log_ratio: f64,
    /// Second derivative of the log partial likelihood, sign turned.
    pub information: f64,
    /// d log ratio / d w_i, one a person: the score residuals over the information (`dfbeta` of a
    /// weight of one). `sum_i w_i u_i = 0`.
    pub influence: Vec<f64>,
    /// Newton's steps.
    pub iterations: u32,
}

/// Influences are people's values: they are not shown.
impl std::fmt::Debug for Cox {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "Cox({} steps)", self.iterations)
    }
}

/// Newton's steps are halved and counted up to this many; the likelihood of one coefficient is
/// concave, so that a handful suffice.
const MOST_STEPS: u32 = 60;

impl Cox {
    /// Standard error that takes the weights for numbers of people: R's `naive`.
    pub fn naive_se(&self) -> f64 {
        self.information.recip().sqrt()
    }

    /// Robust standard error, people independent: `sqrt(sum_i (w_i u_i)^2)`.
    ///
    /// # References
    /// Lin & Wei (1989), doi:10.1080/01621459.1989.10478874; weights: Binder (1992),
    /// doi:10.1093/biomet/79.1.139.
    pub fn robust_se(&self, weight: &[f64]) -> f64 {
        let square = |(u, w): (&f64, &f64)| (u * w) * (u * w);
        self.influence
            .iter()
            .zip(weight)
            .map(square)
            .sum::<f64>()
            .sqrt()
    }

    /// Robust standard error with people of the same cluster (matched set, or person who serves in
    /// several) taken together: `sqrt(sum over clusters of (sum of w_i u_i)^2)`. `cluster` numbers
    /// the clusters from 0, one entry a person.
    pub fn clustered_se(&self, weight: &[f64], cluster: &[u32]) -> f64 {
        let clusters = cluster.iter().max().map_or(0, |c| *c as usize + 1);
        let mut sums = vec![0.0; clusters];
        for ((u, w), &c) in self.influence.iter().zip(weight).zip(cluster) {
            sums[c as usize] += u * w;
        }
        sums.iter().map(|s| s * s).sum::<f64>().sqrt()
    }
}

/// Fits the ratio by Newton's method from 0, steps halved when the likelihood falls, until a step
/// is below 1e-12.
///
/// # Formula
/// Partial likelihood of `hazard(t) = hazard_0(t) exp(b z)`, z = 1 for participants. With D(s) the
/// people whose event is at s, m of them with mean weight w(s), and S0, S1 the sums of w exp(b z)
/// and w z exp(b z) over those still followed (D0, D1 over D(s)):
/// `U(b) = sum_s [ sum_D w z - w(s) sum_{j<m} p_j ]`, `p_j = (S1 - j/m D1) / (S0 - j/m D0)`
/// (Breslow: j/m = 0 throughout). Influence: the derivative of U with respect to w_i over the
/// information, which is R's `residuals(type = "dfbeta")`.
///
/// # Errors
/// [`NoHazardRatio`]: nobody has the event, or the likelihood is monotone.
///
/// # References
/// Cox (1972), doi:10.1111/j.2517-6161.1972.tb00899.x; Efron (1977), doi:10.1080/01621459.1977.10480613.
///
/// ```
/// use counterpart::effect::cox::{Groups, NoHazardRatio, Ties, fit};
/// let groups = |treated| Groups {
///     time: &[1.0, 2.0, 3.0, 4.0],
///     event: &[true; 4],
///     weight: &[1.0; 4],
///     treated,
/// };
/// // With r the ratio the likelihood is r / (2r + 2) x 1 / (r + 2) x r / (r + 1): its largest
/// // value is where r^2 - r - 4 = 0.
/// let fitted = fit(groups(&[true, false, true, false]), Ties::Efron).unwrap();
/// assert!((fitted.log_ratio.exp() - (1.0 + 17f64.sqrt()) / 2.0).abs() < 1e-12);
/// // All of one group before all of the other.
/// let none = fit(groups(&[true, true, false, false]), Ties::Efron).unwrap_err();
/// assert_eq!(none, NoHazardRatio::Monotone);
/// ```
pub fn fit(people: Groups, ties: Ties) -> Result<Cox, NoHazardRatio> {
    let moments = moments(people);
    if moments.is_empty() {
        return Err(NoHazardRatio::NoEvent);
    }
    let pulls_up = moments
        .iter()
        .any(|m| m.events[1] > 0.0 && m.at_risk[0] > 0.0);
    let pulls_down = moments
        .iter()
        .any(|m| m.events[0] > 0.0 && m.at_risk[1] > 0.0);
    if !pulls_up || !pulls_down {
        return Err(NoHazardRatio::Monotone);
    }
    let (mut b, mut at, mut iterations) = (0.0, likelihood(&moments, 0.0, ties), 0);
    while iterations < MOST_STEPS {
        iterations += 1;
        let mut step = at.score / at.information;
        let mut next = likelihood(&moments, b + step, ties);
        while next.log < at.log - 1e-12 * at.log.abs() && step.abs() > 1e-12 {
            step /= 2.0;
            next = likelihood(&moments, b + step, ties);
        }
        b += step;
        at = next;
        if step.abs() <= 1e-12 * b.abs().max(1.0) {
            break;
        }
    }
    let mut influence = scores(people, &moments, b, ties);
    influence.iter_mut().for_each(|u| *u /= at.information);
    Ok(Cox {
        log_ratio: b,
        information: at.information,
        influence,
        iterations,
    })
}

/// A time at which somebody with weight had the event. Pairs are (comparison, participants).
struct Moment {
    time: f64,
    at_risk: [f64; 2],
    events: [f64; 2],
    /// People with the event.
    tied: u32,
}

/// Event times, ascending.
fn moments(people: Groups) -> Vec<Moment> {
    let mut order: Vec<u32> = (0..people.time.len() as u32)
        .filter(|&i| people.weight[i as usize] > 0.0)
        .collect();
    order.sort_unstable_by(|&a, &b| people.time[a as usize].total_cmp(&people.time[b as usize]));
    let mut at_risk = [0.0; 2];
    let mut moments = Vec::new();
    for tied in order
        .chunk_by(|&a, &b| people.time[a as usize] == people.time[b as usize])
        .rev()
    {
        let mut m = Moment {
            time: people.time[tied[0] as usize],
            at_risk,
            events: [0.0; 2],
            tied: 0,
        };
        for &i in tied {
            let i = i as usize;
            at_risk[usize::from(people.treated[i])] += people.weight[i];
            if people.event[i] {
                m.events[usize::from(people.treated[i])] += people.weight[i];
                m.tied += 1;
            }
        }
        if m.tied > 0 {
            m.at_risk = at_risk;
            moments.push(m);
        }
    }
    moments.reverse();
    moments
}

impl Moment {
    /// Calls `f(share of those tied who have left, S0, p)` for each share.
    fn each(&self, ratio: f64, ties: Ties, mut f: impl FnMut(f64, f64, f64)) {
        for j in 0..self.tied {
            let gone = match ties {
                Ties::Efron => f64::from(j) / f64::from(self.tied),
                Ties::Breslow => 0.0,
            };
            let treated = ratio * (self.at_risk[1] - gone * self.events[1]);
            let all = treated + self.at_risk[0] - gone * self.events[0];
            f(gone, all, treated / all);
        }
    }

    /// Mean weight of those with the event.
    fn mean_weight(&self) -> f64 {
        (self.events[0] + self.events[1]) / f64::from(self.tied)
    }
}

struct Likelihood {
    log: f64,
    score: f64,
    information: f64,
}

fn likelihood(moments: &[Moment], b: f64, ties: Ties) -> Likelihood {
    let (mut log, mut score, mut information) = (0.0, 0.0, 0.0);
    for m in moments {
        let w = m.mean_weight();
        log += m.events[1] * b;
        score += m.events[1];
        m.each(b.exp(), ties, |_, all, p| {
            log -= w * all.ln();
            score -= w * p;
            information += w * p * (1.0 - p);
        });
    }
    Likelihood {
        log,
        score,
        information,
    }
}

/// Derivative of the score with respect to each person's weight.
fn scores(people: Groups, moments: &[Moment], b: f64, ties: Ties) -> Vec<f64> {
    let ratio = b.exp();
    /// Up to and with a moment: the cumulative hazard, and that times p; the same with only the
    /// share in which those tied there take part; and their mean p.
    #[derive(Clone, Copy, Default)]
    struct Sum {
        hazard: f64,
        with_p: f64,
        tied_hazard: f64,
        tied_with_p: f64,
        mean_p: f64,
    }
    let mut so_far = Sum::default();
    let sums: Vec<Sum> = moments
        .iter()
        .map(|m| {
            let w = m.mean_weight();
            let mut s = Sum {
                tied_hazard: so_far.hazard,
                tied_with_p: so_far.with_p,
                mean_p: 0.0,
                ..so_far
            };
            m.each(ratio, ties, |gone, all, p| {
                let hazard = w / all;
                s.hazard += hazard;
                s.with_p += hazard * p;
                s.tied_hazard += (1.0 - gone) * hazard;
                s.tied_with_p += (1.0 - gone) * hazard * p;
                s.mean_p += p / f64::from(m.tied);
            });
            so_far = s;
            s
        })
        .collect();
    let of = |i: usize| {
        let z = f64::from(u8::from(people.treated[i]));
        let risk = if people.treated[i] { ratio } else { 1.0 };
        let before = moments.partition_point(|m| m.time <= people.time[i]);
        let last = before.checked_sub(1);
        let sum = last.map_or(Sum::default(), |k| sums[k]);
        if !people.event[i] {
            return -risk * (z * sum.hazard - sum.with_p);
        }
        match last.filter(|&k| moments[k].time == people.time[i]) {
            Some(_) => z - sum.mean_p - risk * (z * sum.tied_hazard - sum.tied_with_p),
            // Somebody without weight, whose event would have been a moment of its own: those at
            // risk at the next one stand for those at risk here.
            None => {
                let near = &moments[before.min(moments.len() - 1)];
                let treated = ratio * near.at_risk[1];
                let p = treated / (treated + near.at_risk[0]);
                z - p - risk * (z * sum.hazard - sum.with_p)
            }
        }
    };
    (0..people.time.len()).map(of).collect()
}
