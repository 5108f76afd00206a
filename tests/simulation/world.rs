//! How people come to take part, and what becomes of them.

use counterpart::numeric::frame::{Column, Frame};
use counterpart::study::{Covariate, CovariateKind, OutcomeKind};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use rand_distr::{Distribution, Exp1, Gamma, Poisson, StandardNormal};

/// A world from which cohorts are drawn.
#[derive(Clone, Copy)]
pub struct World {
    pub name: &'static str,
    /// What makes it hard, for the reader of the table.
    pub says: &'static str,
    /// Exactly so many take part, and so many do not.
    pub participants: usize,
    pub pool: usize,
    /// What the records hold of each person.
    pub records: Records,
    /// How strongly the covariates draw people in, on the log odds.
    pub selection: f64,
    /// What the fitted model does not know of, squares of x1 and x2 and their product, on the log
    /// odds.
    pub curved: f64,
    pub outcome: Outcome,
    /// Why the theory promises nothing here, where it does not.
    pub beyond: Option<&'static str>,
}

/// What the covariates are.
#[derive(Clone, Copy, PartialEq)]
pub enum Records {
    /// Two numbers and a flag: nobody ties.
    Numbers,
    /// Three levels, two levels and a flag: twelve kinds of people, everybody ties.
    Categories,
}

/// What happens to a person. `common` is what selection and outcome share, about -2 to 2.
#[derive(Clone, Copy)]
pub enum Outcome {
    /// Chance `base + slope tanh(common)`; taking part adds `effect (1 + varies tanh(common))`.
    Binary {
        base: f64,
        slope: f64,
        effect: f64,
        varies: f64,
    },
    /// Overdispersed count of mean `exp(log_base + slope tanh(common))`; taking part multiplies it.
    Count {
        log_base: f64,
        slope: f64,
        ratio: f64,
    },
    /// `base + slope common`, plus a skewed error of mean 0; taking part adds `effect`.
    Continuous { base: f64, slope: f64, effect: f64 },
    /// Days to an event that happens or not, whoever takes part; taking part adds `effect` days.
    Duration { base: f64, slope: f64, effect: f64 },
    /// Time to an event of hazard `yearly exp(slope tanh(common))`, which taking part multiplies by
    /// `ratio`; followed for a year, one in five for a part of it. The effect is on the mean days
    /// without the event within the year.
    Survival { yearly: f64, slope: f64, ratio: f64 },
}

/// Days of follow-up.
const YEAR: f64 = 365.0;

impl Outcome {
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Outcome::Binary { .. } => OutcomeKind::Binary,
            Outcome::Count { .. } => OutcomeKind::Count,
            Outcome::Continuous { .. } => OutcomeKind::Continuous,
            Outcome::Duration { .. } => OutcomeKind::Duration,
            Outcome::Survival { .. } => OutcomeKind::Survival,
        }
    }

    /// Nobody's outcome is moved by taking part.
    pub fn is_null(&self) -> bool {
        match *self {
            Outcome::Binary { effect, .. }
            | Outcome::Continuous { effect, .. }
            | Outcome::Duration { effect, .. } => effect == 0.0,
            Outcome::Count { ratio, .. } | Outcome::Survival { ratio, .. } => ratio == 1.0,
        }
    }

    pub fn horizon(&self) -> Option<f64> {
        matches!(self, Outcome::Survival { .. }).then_some(YEAR)
    }
}

/// One drawn cohort with its pool.
pub struct Cohort {
    pub frame: Frame,
    pub covariates: Vec<Covariate>,
    pub treated: Vec<bool>,
    pub y: Vec<f64>,
    /// Did the event happen? For durations and survival.
    pub given: Option<Vec<f64>>,
    /// What taking part adds to this person's expected outcome.
    pub effect: Vec<f64>,
}

struct Person {
    x: [f64; 3],
    common: f64,
}

impl World {
    /// Draws people one by one until both groups are full. Sampling by group changes the intercept
    /// of the selection and nothing else (Prentice & Pyke 1979, doi:10.1093/biomet/66.3.403).
    pub fn draw(&self, seed: u64) -> Cohort {
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        let n = self.participants + self.pool;
        let intercept = (self.participants as f64 / self.pool as f64).ln();
        let mut left = [self.pool, self.participants];
        let mut x: [Vec<f64>; 3] = Default::default();
        let (mut treated, mut y, mut given, mut effect) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        while treated.len() < n {
            let person = self.person(&mut rng);
            let lp = intercept + self.selection * person.common + self.curved * curve(&person);
            let takes_part = rng.random::<f64>() < 1.0 / (1.0 + (-lp).exp());
            if left[usize::from(takes_part)] == 0 {
                continue;
            }
            left[usize::from(takes_part)] -= 1;
            let happened = self.outcome(&person, takes_part, &mut rng);
            for (column, value) in x.iter_mut().zip(person.x) {
                column.push(value);
            }
            treated.push(takes_part);
            y.push(happened.y);
            given.push(happened.given);
            effect.push(happened.effect);
        }
        let mut frame = Frame::new(n);
        let mut covariates = Vec::new();
        for (name, values) in ["x1", "x2", "x3"].into_iter().zip(x) {
            let (kind, column) = self.column(values);
            covariates.push(Covariate {
                column: name.into(),
                label: name.into(),
                kind,
                square: false,
                spline: None,
            });
            frame.push(name, column);
        }
        let events = matches!(
            self.outcome.kind(),
            OutcomeKind::Duration | OutcomeKind::Survival
        );
        Cohort {
            frame,
            covariates,
            treated,
            y,
            given: events.then_some(given),
            effect,
        }
    }

    fn person(&self, rng: &mut impl Rng) -> Person {
        let x = match self.records {
            Records::Numbers => [
                StandardNormal.sample(rng),
                StandardNormal.sample(rng),
                f64::from(rng.random::<f64>() < 0.4),
            ],
            Records::Categories => [
                1.2 * f64::from(rng.random_range(-1..=1)),
                f64::from(2 * rng.random_range(0..=1) - 1),
                f64::from(rng.random::<f64>() < 0.4),
            ],
        };
        Person {
            x,
            common: (0.8 * x[0] - 0.5 * x[1] + 0.6 * (x[2] - 0.4)) / 1.2,
        }
    }

    fn column(&self, values: Vec<f64>) -> (CovariateKind, Column) {
        match self.records {
            Records::Numbers => (CovariateKind::Number, Column::Number(values)),
            Records::Categories => {
                let text: Vec<String> = values.iter().map(f64::to_string).collect();
                let column = Column::category(text.iter().map(|t| Some(t.as_str())));
                (CovariateKind::Category, column)
            }
        }
    }

    fn outcome(&self, person: &Person, takes_part: bool, rng: &mut impl Rng) -> Happened {
        let helped = f64::from(takes_part);
        // What bends selection moves the outcome too, else it would not confound.
        let hidden = match self.curved {
            0.0 => 0.0,
            _ => curve(person).tanh(),
        };
        let common = person.common + hidden;
        let bounded = person.common.tanh() + hidden;
        let of = |y, effect| Happened {
            y,
            given: 1.0,
            effect,
        };
        match self.outcome {
            Outcome::Binary {
                base,
                slope,
                effect,
                varies,
            } => {
                let effect = effect * (1.0 + varies * bounded);
                let chance = base + slope * bounded + helped * effect;
                of(f64::from(rng.random::<f64>() < chance), effect)
            }
            Outcome::Count {
                log_base,
                slope,
                ratio,
            } => {
                let rate = (log_base + slope * bounded).exp();
                let frailty = Gamma::new(2.0, 0.5).unwrap().sample(rng);
                let mean = rate * frailty * if takes_part { ratio } else { 1.0 };
                let y = Poisson::new(mean.max(1e-9)).unwrap().sample(rng);
                of(y, rate * (ratio - 1.0))
            }
            Outcome::Continuous {
                base,
                slope,
                effect,
            } => {
                let wait: f64 = Exp1.sample(rng);
                of(
                    base + slope * common + (wait - 1.0) + helped * effect,
                    effect,
                )
            }
            Outcome::Survival {
                yearly,
                slope,
                ratio,
            } => {
                let daily = yearly * (slope * bounded).exp() / YEAR;
                let wait: f64 = Exp1.sample(rng);
                let event = wait / (daily * if takes_part { ratio } else { 1.0 });
                let followed = match rng.random::<f64>() < 0.2 {
                    true => YEAR * rng.random::<f64>(),
                    false => YEAR,
                };
                let mean_until = |rate: f64| -(-rate * YEAR).exp_m1() / rate;
                Happened {
                    y: event.min(followed),
                    given: f64::from(event <= followed),
                    effect: mean_until(daily * ratio) - mean_until(daily),
                }
            }
            Outcome::Duration {
                base,
                slope,
                effect,
            } => {
                let wait: f64 = Exp1.sample(rng);
                let happens = rng.random::<f64>() < 0.5 + 0.2 * bounded;
                Happened {
                    y: if happens {
                        base * (1.0 + wait) + slope * bounded + helped * effect
                    } else {
                        f64::NAN
                    },
                    given: f64::from(happens),
                    effect,
                }
            }
        }
    }
}

/// Across the direction of `common`: a square along it would be matched on with it.
fn curve(person: &Person) -> f64 {
    let across = 0.5 * person.x[0] + 0.8 * person.x[1];
    across * across - 0.89
}

struct Happened {
    y: f64,
    given: f64,
    effect: f64,
}
