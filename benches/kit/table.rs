//! The table that is timed, and what is asked of it.

use counterpart::numeric::frame::{Column, Frame};
use counterpart::study::{Better, Covariate, CovariateKind, OutcomeKind, OutcomeSpec};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use rand_distr::{Distribution, Poisson, StandardNormal};

/// A table of known make: covariates, who took part, and what happened.
pub struct Trial {
    pub covariates: Frame,
    pub treated: Vec<bool>,
    pub reoffended: Vec<f64>,
}

/// Seven continuous covariates, six flags, four counts and three categories (4, 6 and 10 levels), all
/// of which bear on taking part and on the outcome; participants first.
pub fn trial(people: usize, pool: usize, seed: u64) -> Trial {
    let n = people + pool;
    let mut random = ChaCha12Rng::seed_from_u64(seed);
    let mut covariates = Frame::new(n);
    let mut lean = vec![0.0; n];
    for k in 0..7 {
        push(
            &mut covariates,
            &mut lean,
            format!("x{}", k + 1),
            0.2,
            || StandardNormal.sample(&mut random),
        );
    }
    for k in 0..6 {
        let share = 0.15 + 0.08 * f64::from(k);
        push(
            &mut covariates,
            &mut lean,
            format!("flag{}", k + 1),
            0.25,
            || f64::from(u8::from(random.random_bool(share))),
        );
    }
    for k in 0..4 {
        // The mean is positive.
        let poisson = Poisson::new(1.5 * f64::from(k + 1)).expect("a positive mean");
        push(
            &mut covariates,
            &mut lean,
            format!("count{}", k + 1),
            0.08,
            || poisson.sample(&mut random),
        );
    }
    for levels in [4u32, 6, 10] {
        let codes: Vec<u32> = (0..n).map(|_| random.random_range(0..levels)).collect();
        for (lean, &code) in lean.iter_mut().zip(&codes) {
            *lean += 0.1 * f64::from(code % 3);
        }
        let levels: Vec<String> = (0..levels).map(|l| format!("level {l:02}")).collect();
        let name = format!("group{}", levels.len());
        covariates.push(name, Column::Category { codes, levels });
    }

    // Those who lean to it most, chance included (Gumbel noise makes it a logistic choice), take part.
    let noisy: Vec<f64> = lean
        .iter()
        .map(|l| l - (-random.random::<f64>().max(1e-300).ln()).ln())
        .collect();
    let mut order: Vec<u32> = (0..n as u32).collect();
    order.sort_by(|&a, &b| noisy[b as usize].total_cmp(&noisy[a as usize]));
    order[people..].sort_unstable();
    let reoffended = order
        .iter()
        .enumerate()
        .map(|(place, &row)| {
            let helped = if place < people { -0.2 } else { 0.0 };
            let chance = 1.0 / (1.0 + (0.9 - 0.5 * lean[row as usize] - helped).exp());
            f64::from(u8::from(random.random_bool(chance)))
        })
        .collect();
    Trial {
        covariates: covariates.take(&order),
        treated: (0..n).map(|place| place < people).collect(),
        reoffended,
    }
}

/// Adds a column of numbers and what it does to the leaning.
fn push(
    frame: &mut Frame,
    lean: &mut [f64],
    name: String,
    slope: f64,
    mut draw: impl FnMut() -> f64,
) {
    let values: Vec<f64> = lean.iter().map(|_| draw()).collect();
    for (lean, value) in lean.iter_mut().zip(&values) {
        *lean += slope * value;
    }
    frame.push(name, Column::Number(values));
}

impl Trial {
    /// Every covariate, by its kind.
    pub fn settings(&self) -> Vec<Covariate> {
        let covariate = |name: &String| Covariate {
            column: name.clone(),
            label: name.clone(),
            kind: match self.covariates.get(name) {
                Some(Column::Category { .. }) => CovariateKind::Category,
                _ => CovariateKind::Number,
            },
            square: false,
            spline: None,
        };
        self.covariates.names().iter().map(covariate).collect()
    }
}

/// The outcome.
pub fn reoffended() -> OutcomeSpec {
    OutcomeSpec {
        name: "reoffended".into(),
        column: "reoffended".into(),
        kind: OutcomeKind::Binary,
        primary: true,
        label: String::new(),
        phrase: String::new(),
        unit: String::new(),
        better: Better::Lower,
        given: None,
        exposure: None,
        part_of: None,
        placebo: false,
        horizon: None,
        levels: Vec::new(),
        table: String::new(),
        published_as: Vec::new(),
    }
}
