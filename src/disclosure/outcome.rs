//! An outcome as it is printed: rates from rounded counts, and all the rest worked out again from
//! what is printed, so that nothing of it leads back to a count.
//!
//! A rate leaves as `K / N`, both to the nearest five. What else is said of it (difference, standard
//! error, interval, p, ratios, how many would be needed) is a function of the printed rates, the
//! printed sizes and one factor, the design effect, which does not turn on who had the outcome.
//! Means of other kinds leave on a grid of five people's worth, their errors on a ladder.

use super::findings::{
    Difference, GroupValue, OutcomeFinding, PlaceboFinding, Ratio, SecondOpinion,
};
use super::printed::{UNIT, digits, down, ladder_up, neat_up, on_grid, pool, tidy, up};
use crate::effect::{DETECTABLE, Interval, number_needed};
use crate::numeric::distribution::t_quantile;
use crate::quality::nearest;
use crate::study::OutcomeKind;

/// The binomial error times this is never less than that of matching without reuse, so that the
/// design effect of most designs is none at all.
const MARGIN: f64 = 1.03;

/// What is known of an analysis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Participants matched, exactly.
    pub matched: u64,
    /// Counterparts used, exactly.
    pub used: u64,
    /// Their effective number, as printed.
    pub ess: f64,
    /// Variance that noise has added to the outcome's difference.
    pub noise: f64,
}

/// An outcome's difference before and after, for numbers that are told beside it.
#[derive(Debug, Clone)]
pub(super) struct Anchor {
    exact: Difference,
    pub printed: Difference,
    step: f64,
    people: u64,
}

impl Room {
    /// Effective number of an outcome's counterparts, of whom some may have no value.
    pub fn ess(&self, people: u64) -> f64 {
        self.ess * (people as f64 / self.used.max(1) as f64).min(1.0)
    }
}

/// Errors of the two printed values: what the people give, and what rounding gives.
struct Spread {
    se: f64,
    step: f64,
    /// Step of the limits.
    fine: f64,
}

/// Makes an outcome ready to print; the anchor where it has a difference.
pub(super) fn control(o: &mut OutcomeFinding, room: &Room) -> Option<Anchor> {
    let exact = o.difference.clone()?;
    let share = is_share(o.kind);
    let people = o.treated.as_ref().map_or(room.matched, |t| t.people);
    let printed = match (&mut o.treated, &mut o.comparison) {
        (Some(t), Some(c)) => {
            let ess = room.ess(c.people);
            let was = (t.mean, c.mean);
            let spread = match share {
                true => rates(t, c, ess, &exact, room.noise),
                false => means(t, c, ess, &exact),
            };
            c.people = pool(c.people);
            let printed = difference(t.mean - c.mean, &spread, &exact, t.people);
            if let Some(r) = &mut o.ratio {
                ratios(r, (t, c), was, (ess, people), (&printed, &exact));
            }
            (printed, spread.step)
        }
        _ => {
            let spread = alone(&exact, share, people);
            let at = on_grid(exact.estimate, spread.step);
            let n = nearest(people, UNIT);
            (difference(at, &spread, &exact, n), spread.step)
        }
    };
    let (printed, step) = printed;
    let anchor = Anchor {
        exact,
        printed,
        step,
        people,
    };
    if let Some(a) = &mut o.adjusted {
        *a = anchor.beside(a);
    }
    o.second_opinions
        .iter_mut()
        .for_each(|s| opinion(s, &anchor));
    let d = &anchor.printed;
    let n = nearest(people, UNIT);
    let needed = number_needed(d.estimate, d.se, d.df, n).filter(|_| holds_zero(d));
    o.number_needed = needed.map(|n| digits(n as f64, 2) as u64);
    o.detectable = Some(digits(DETECTABLE * d.se, 2));
    o.difference = Some(d.clone());
    Some(anchor)
}

/// Is it a share of people?
pub(super) fn is_share(kind: OutcomeKind) -> bool {
    use OutcomeKind::{Binary, Categories, Ordered};
    matches!(kind, Binary | Ordered | Categories)
}

/// Does the interval hold no difference?
fn holds_zero(d: &Difference) -> bool {
    d.ci_low <= 0.0 && d.ci_high >= 0.0
}

/// `people` of a group of `of`, as printed: to the nearest five, never none and never all.
pub(super) fn share_of(people: f64, of: u64) -> f64 {
    let of = nearest(of, UNIT).max(2 * UNIT);
    let rounded = (people / UNIT as f64).round() as u64 * UNIT;
    rounded.clamp(UNIT, of - UNIT) as f64 / of as f64
}

/// Rates of both groups, and the error that follows from them.
fn rates(
    t: &mut GroupValue,
    c: &mut GroupValue,
    ess: f64,
    exact: &Difference,
    noise: f64,
) -> Spread {
    let variance = |t: f64, c: f64, n: f64| {
        MARGIN * MARGIN * (t * (1.0 - t) / (n - 1.0).max(1.0) + c * (1.0 - c) / ess.max(1.0))
    };
    let n = t.people;
    let design_effect = exact.se / variance(t.mean, c.mean, n as f64).sqrt();
    let factor = match design_effect > 1.0 {
        true => ladder_up(design_effect, n),
        false => 1.0,
    };
    t.mean = share_of(t.mean * n as f64, n);
    t.people = nearest(n, UNIT).max(2 * UNIT);
    let step = UNIT as f64 / t.people as f64;
    let of_pool = neat_up(UNIT as f64 / ess.max(UNIT as f64)).clamp(0.001, step.max(0.001));
    c.mean = on_grid(c.mean, of_pool).clamp(of_pool, tidy(1.0 - of_pool));
    let rounding = ((1.0 + t.mean * t.mean) * step * step + of_pool * of_pool) / 12.0;
    let sampling = variance(t.mean, c.mean, t.people as f64) * factor * factor;
    Spread {
        se: (sampling + rounding + noise).sqrt(),
        step,
        fine: neat_up(0.5 / t.people as f64),
    }
}

/// Means of both groups on their grids.
fn means(t: &mut GroupValue, c: &mut GroupValue, ess: f64, exact: &Difference) -> Spread {
    let n = t.people;
    let step = neat_up(UNIT as f64 * exact.se / (n.max(1) as f64).sqrt());
    let of_pool = neat_up(UNIT as f64 * exact.se / ess.max(1.0).sqrt()).min(step);
    t.mean = on_grid(t.mean, step);
    c.mean = on_grid(c.mean, of_pool);
    t.people = nearest(n, UNIT);
    let rounding = (step * step + of_pool * of_pool) / 12.0;
    let se = (ladder_up(exact.se, n).powi(2) + rounding).sqrt();
    Spread {
        se,
        step,
        fine: neat_up(se / 20.0),
    }
}

/// A difference whose two values are not told.
fn alone(exact: &Difference, share: bool, people: u64) -> Spread {
    let step = match share {
        true => UNIT as f64 / nearest(people, UNIT).max(UNIT) as f64,
        false => neat_up(UNIT as f64 * exact.se / (people.max(1) as f64).sqrt()),
    };
    let se = (ladder_up(exact.se, people).powi(2) + step * step / 12.0).sqrt();
    Spread {
        se,
        step,
        fine: neat_up(se / 20.0),
    }
}

/// Interval and p of a printed difference; the limits go outwards to their grid, and p never says
/// other than they do.
fn difference(estimate: f64, spread: &Spread, exact: &Difference, people: u64) -> Difference {
    let df = degrees(exact.df, people);
    let estimate = tidy(estimate);
    let se = up(spread.se, neat_up(spread.se / 50.0));
    let at = Interval::new(estimate, se, df);
    let (low, high) = (down(at.ci_low, spread.fine), up(at.ci_high, spread.fine));
    let p = match low <= 0.0 && high >= 0.0 {
        true => at.p.max(0.05),
        false => at.p,
    };
    Difference {
        estimate,
        se,
        se_method: exact.se_method.clone(),
        df,
        ci_low: low,
        ci_high: high,
        p,
        p_holm: None,
        percentile: None,
    }
}

/// Degrees of freedom: of the printed number of people, or, where the design has fewer, those to the
/// five below.
fn degrees(df: f64, people: u64) -> f64 {
    let most = people.saturating_sub(1).max(1) as f64;
    match df < 0.9 * most {
        true => ((df / UNIT as f64).floor() * UNIT as f64)
            .max(df.floor().min(4.0))
            .max(1.0),
        false => most,
    }
}

impl Anchor {
    /// Another difference of the same people: as far from the one printed as it was from the exact
    /// one, to the grid; never surer than the one printed.
    pub fn beside(&self, other: &Difference) -> Difference {
        if (other.estimate, other.se) == (self.exact.estimate, self.exact.se) {
            return self.printed.clone();
        }
        let spread = Spread {
            se: self.printed.se * self.factor(other.se),
            step: self.step,
            fine: neat_up(self.printed.se / 20.0),
        };
        let estimate = self.moved(other.estimate);
        let people = nearest(self.people, UNIT);
        difference(estimate, &spread, other, people)
    }

    /// The same for a point and limits alone.
    pub fn beside_limits(&self, estimate: f64, low: f64, high: f64) -> (f64, f64, f64) {
        if (estimate, low, high) == (self.exact.estimate, self.exact.ci_low, self.exact.ci_high) {
            let d = &self.printed;
            return (d.estimate, d.ci_low, d.ci_high);
        }
        let half = t_quantile(0.975, self.exact.df.max(1.0));
        let made = self.beside(&Difference {
            estimate,
            se: (high - low) / (2.0 * half),
            df: self.exact.df,
            ..self.exact.clone()
        });
        (made.estimate, made.ci_low, made.ci_high)
    }

    fn moved(&self, estimate: f64) -> f64 {
        let fine = neat_up(self.step / 5.0);
        tidy(self.printed.estimate + on_grid(estimate - self.exact.estimate, fine))
    }

    fn factor(&self, se: f64) -> f64 {
        let ratio = se / self.exact.se;
        match ratio > MARGIN && ratio.is_finite() {
            true => ladder_up(ratio, self.people),
            false => 1.0,
        }
    }
}

/// A placebo outcome, of which only the difference is told.
pub(super) fn placebo(p: &mut PlaceboFinding, people: u64) {
    let (Some(estimate), Some(low), Some(high)) = (p.estimate, p.ci_low, p.ci_high) else {
        return;
    };
    let df = people.saturating_sub(1).max(1) as f64;
    let exact = Difference {
        estimate,
        se: (high - low) / (2.0 * t_quantile(0.975, df)),
        se_method: String::new(),
        df,
        ci_low: low,
        ci_high: high,
        p: p.p.unwrap_or(1.0),
        p_holm: None,
        percentile: None,
    };
    let spread = alone(&exact, is_share(p.kind), people);
    let at = on_grid(estimate, spread.step);
    let made = difference(at, &spread, &exact, nearest(people, UNIT));
    (p.estimate, p.ci_low, p.ci_high) =
        (Some(made.estimate), Some(made.ci_low), Some(made.ci_high));
    p.p = Some(made.p);
}

fn opinion(s: &mut SecondOpinion, anchor: &Anchor) {
    let (Some(estimate), Some(se)) = (s.estimate, s.se) else {
        return;
    };
    let made = anchor.beside(&Difference {
        estimate,
        se,
        ..anchor.exact.clone()
    });
    (s.estimate, s.se) = (Some(made.estimate), Some(made.se));
    (s.ci_low, s.ci_high) = (Some(made.ci_low), Some(made.ci_high));
    s.p = Some(made.p);
}

/// Ratios of the printed values; one of hazards, which is none of them, on a grid of its own.
fn ratios(
    r: &mut Ratio,
    (t, c): (&GroupValue, &GroupValue),
    was: (f64, f64),
    (ess, people): (f64, u64),
    (printed, exact): (&Difference, &Difference),
) {
    let z = t_quantile(0.975, printed.df);
    // What widened the difference widens the ratio.
    let wider = (printed.se / exact.se).max(1.0);
    let odds = |x: f64| x / (1.0 - x);
    let log_se = match r.kind.as_str() {
        "risk_ratio" | "odds_ratio" => {
            let (n, ess) = (t.people.max(1) as f64, ess.max(1.0));
            let binomial = t.mean * (1.0 - t.mean) / n + c.mean * (1.0 - c.mean) / ess;
            let factor = printed.se / binomial.sqrt();
            let risk = (1.0 - t.mean) / (t.mean * n) + (1.0 - c.mean) / (c.mean * ess);
            let odds = 1.0 / (n * t.mean * (1.0 - t.mean)) + 1.0 / (ess * c.mean * (1.0 - c.mean));
            factor * if r.kind == "risk_ratio" { risk } else { odds }.sqrt()
        }
        _ => ladder_up(r.log_se * wider, people),
    };
    let of_values = (was.0 / was.1 / r.estimate - 1.0).abs() < 1e-6 && c.mean > 0.0;
    let estimate = match r.kind.as_str() {
        "risk_ratio" => t.mean / c.mean,
        "odds_ratio" => odds(t.mean) / odds(c.mean),
        _ if of_values => t.mean / c.mean,
        _ => {
            let step = neat_up(UNIT as f64 * r.log_se / (people.max(1) as f64).sqrt());
            on_grid(r.estimate.ln(), step).exp()
        }
    };
    r.log_se = up(log_se, 0.01);
    let half = z * r.log_se;
    (r.ci_low, r.ci_high) = (
        down((estimate.ln() - half).exp(), 0.01),
        up((estimate.ln() + half).exp(), 0.01),
    );
    r.estimate = digits(estimate, 3);
    if let Some(odds) = &mut r.odds_ratio {
        ratios(odds, (t, c), was, (ess, people), (printed, exact));
    }
}
