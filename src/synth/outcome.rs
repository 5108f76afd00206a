//! What happens after an index event, in both worlds: with the programme and without it.
//!
//! # Formula
//! Reoffences follow a Poisson process with the yearly rate `g * lambda`, where `log lambda` is
//! linear in the covariates and `g` is a gamma frailty of mean 1 and variance [`FRAILTY`] that no
//! record shows. Averaged over `g`, nobody reoffends by year-fraction `t` with probability
//! `S(t) = (1 + FRAILTY lambda t)^(-1/FRAILTY)`. The programme multiplies `lambda` by `exp(effect)`
//! and the odds of being in work by `exp(-1.2 effect)`.

use super::career::{Event, OFFENCES, binomial, poisson};
use super::person::{gamma, standard_normal};
use super::random::{choose, logistic};
use rand::{Rng, RngExt};

/// Variance of the frailty.
pub const FRAILTY: f64 = 0.8;
/// Days of follow-up.
pub const FOLLOW_UP: f64 = 365.0;
/// Log odds of work for each unit of log-rate of reoffending.
const WORK_PER_RATE: f64 = -1.2;
/// Weeks in work of somebody out of work after a year: the share with any, and the chance a week.
const SOME_WORK: (f64, f64) = (0.3, 0.25);

/// How many outcomes there are whose average is taken over everybody.
pub const COUNTED: usize = 14;

/// Outcomes whose average is taken over everybody, in the order of [`Expected::means`].
pub const OUTCOMES: [&str; COUNTED] = [
    "reoffended",
    "reoffences",
    "custody",
    "indictable",
    "either_way",
    "summary",
    "severity",
    "employed_at_12_months",
    "weeks_in_work_12_months",
    "earnings_12_months",
    "reoffences_indictable",
    "reoffences_either_way",
    "reoffences_summary",
    "custodial_sentences",
];

/// What is expected of one event in one world, averaged over everything but its covariates.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// Expectation of each of [`OUTCOMES`].
    pub means: [f64; COUNTED],
    /// Expected days to the first reoffence, given that there is one.
    pub days_to_first: f64,
}

/// What did happen.
#[derive(Debug, Clone, Copy)]
pub struct Happened {
    /// Values of [`OUTCOMES`].
    pub values: [f64; COUNTED],
    /// Days to the first reoffence, 1 to 365, if there is one.
    pub days_to_first: Option<i32>,
}

/// Log of the yearly rate of reoffences without the programme.
fn log_rate(e: &Event) -> f64 {
    let flag = |b: bool| f64::from(u8::from(b));
    -0.72 + 0.016 * f64::from(e.risk_score - 45) + 0.012 * f64::from(e.previous_convictions - 6)
        - 0.006 * f64::from(e.age - 35)
        + 0.25 * flag(e.drugs_need)
        + 0.25 * flag(e.accommodation_need)
        + 0.08 * flag(e.alcohol_need)
        + 0.05 * flag(e.mental_health_need)
        - 0.008 * f64::from(e.weeks_employed_before - 15)
        + 0.003 * f64::from(e.benefit_weeks_before - 15)
        + 0.15 * flag(e.sentence == 2)
        - 0.10 * flag(e.female)
        + OFFENCES[e.offence].3
}

/// Log odds of being in work a year later, without the programme.
fn work_log_odds(e: &Event) -> f64 {
    let flag = |b: bool| f64::from(u8::from(b));
    -0.95 + 0.05 * f64::from(e.weeks_employed_before - 15)
        - 0.012 * f64::from(e.benefit_weeks_before - 15)
        - 0.010 * f64::from(e.risk_score - 45)
        - 0.35 * flag(e.drugs_need)
        - 0.40 * flag(e.accommodation_need)
        - 0.25 * flag(e.mental_health_need)
        - 0.010 * f64::from(e.age - 35)
}

/// Chance of custody for somebody who reoffends.
fn custody_chance(e: &Event) -> f64 {
    logistic(-1.3 + 0.10 * f64::from(e.previous_custody.min(15)) + 0.5 * f64::from(e.sentence == 2))
}

/// Chances of the first reoffence's court class: indictable only, triable either way, summary.
fn class_chances(e: &Event) -> [f64; 3] {
    match OFFENCES[e.offence].0 {
        "robbery" | "sexual" => [0.12, 0.58, 0.30],
        "theft" | "burglary" | "drugs" | "fraud" => [0.03, 0.69, 0.28],
        _ => [0.03, 0.45, 0.52],
    }
}

/// Severity of a first reoffence by class, from 1 (least) to 5: the lower grade, and the chance of
/// the grade above it.
const SEVERITY: [[f64; 2]; 3] = [[4.0, 0.5], [2.0, 0.5], [1.0, 0.25]];

/// Chance a week of work for somebody in work after a year (they have one week at least).
fn week_chance(e: &Event) -> f64 {
    logistic(0.1 + 0.012 * f64::from(e.weeks_employed_before - 15))
}

/// Mean weekly pay, pounds.
fn weekly_pay(e: &Event) -> f64 {
    310.0 + 2.0 * f64::from(e.age.min(45) - 30) + 1.2 * f64::from(e.weeks_employed_before)
}

/// What is to be expected after the event; `effect` is 0 in the world without the programme.
pub fn expected(e: &Event, effect: f64) -> Expected {
    let rate = (log_rate(e) + effect).exp();
    let reoffended = chance(rate);
    let class = class_chances(e);
    let severity: f64 = (0..3)
        .map(|k| class[k] * (SEVERITY[k][0] + SEVERITY[k][1]))
        .sum();
    let employed = logistic(work_log_odds(e) + WORK_PER_RATE * effect);
    let custody = custody_chance(e);
    let weeks = employed * (1.0 + 51.0 * week_chance(e))
        + (1.0 - employed) * SOME_WORK.0 * 40.0 * SOME_WORK.1;
    Expected {
        means: [
            reoffended,
            rate,
            reoffended * custody,
            reoffended * class[0],
            reoffended * class[1],
            reoffended * class[2],
            reoffended * severity,
            employed,
            weeks,
            weeks * weekly_pay(e),
            rate * class[0],
            rate * class[1],
            rate * class[2],
            // One for the year's custody, and each further reoffence has the chance again.
            custody * reoffended + custody * custody * (rate - reoffended),
        ],
        days_to_first: expected_days(rate),
    }
}

/// Chance of at least one reoffence within the year, at the yearly rate `lambda`: `1 - S(1)`.
pub fn chance(rate: f64) -> f64 {
    1.0 - (1.0 + FRAILTY * rate).powf(-1.0 / FRAILTY)
}

/// Mean of the first arrival among those who have one within the year: the area under `S` above
/// `S(1)`, over the share who reoffend; half a day more, because days are counted from 1.
pub fn expected_days(rate: f64) -> f64 {
    let reoffended = chance(rate);
    let x = FRAILTY * rate;
    let area = ((1.0 + x).powf(1.0 - 1.0 / FRAILTY) - 1.0) / (rate * (FRAILTY - 1.0));
    FOLLOW_UP * (area - (1.0 - reoffended)) / reoffended + 0.5
}

/// Draws a year's reoffences at the yearly rate `lambda`, and the day of the first, 1 to 365.
pub fn reoffend(rate: f64, rng: &mut impl Rng) -> (u32, Option<i32>) {
    let reoffences = poisson(rate * gamma(1.0 / FRAILTY, FRAILTY, rng), rng);
    let u: f64 = rng.random();
    if reoffences == 0 {
        return (0, None);
    }
    // Given their number, reoffences are spread evenly over the year: the first is their minimum.
    let first = FOLLOW_UP * (1.0 - (1.0 - u).powf(1.0 / f64::from(reoffences)));
    (reoffences, Some((first as i32 + 1).min(365)))
}

/// Where the random numbers of what happens come from: one generator a matter, so that a change in
/// how one is drawn leaves the others as they were.
pub struct Draws<R> {
    /// Reoffending.
    pub justice: R,
    /// Work and pay.
    pub work: R,
    /// What the courts made of the reoffences after the first.
    pub court: R,
}

/// Draws what happens.
pub fn happen<R: Rng>(e: &Event, effect: f64, draws: &mut Draws<R>) -> Happened {
    let Draws {
        justice,
        work,
        court,
    } = draws;
    let rate = (log_rate(e) + effect).exp();
    let (reoffences, days_to_first) = reoffend(rate, justice);
    let class = choose(&class_chances(e), justice);
    let worse = justice.random_bool(SEVERITY[class][1]);
    let custody = justice.random_bool(custody_chance(e));
    let when = |b: bool| f64::from(u8::from(b && reoffences > 0));
    let (employed, weeks, earnings) = working(e, effect, work);
    let mut classes = [0.0; 3];
    if reoffences > 0 {
        classes[class] = 1.0;
    }
    let further = reoffences.saturating_sub(1);
    for _ in 0..further {
        classes[choose(&class_chances(e), court)] += 1.0;
    }
    let sentences = match when(custody) > 0.0 {
        true => 1.0 + f64::from(binomial(further as i32, custody_chance(e), court)),
        false => 0.0,
    };
    Happened {
        values: [
            when(true),
            f64::from(reoffences),
            when(custody),
            when(class == 0),
            when(class == 1),
            when(class == 2),
            when(true) * (SEVERITY[class][0] + f64::from(u8::from(worse))),
            employed,
            weeks,
            earnings,
            classes[0],
            classes[1],
            classes[2],
            sentences,
        ],
        days_to_first,
    }
}

fn working(e: &Event, effect: f64, rng: &mut impl Rng) -> (f64, f64, f64) {
    let employed = rng.random_bool(logistic(work_log_odds(e) + WORK_PER_RATE * effect));
    let weeks = if employed {
        1 + binomial(51, week_chance(e), rng)
    } else if rng.random_bool(SOME_WORK.0) {
        binomial(40, SOME_WORK.1, rng)
    } else {
        0
    };
    // Log-normal about the mean weekly pay.
    let pay = weekly_pay(e) * (0.35 * standard_normal(rng) - 0.35 * 0.35 / 2.0).exp();
    let earnings = (f64::from(weeks) * pay).round();
    (f64::from(u8::from(employed)), f64::from(weeks), earnings)
}
