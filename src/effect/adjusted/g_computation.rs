//! G-computation on the matched sample.
//!
//! With treatment times every covariate the model is two regressions, one an arm, that share
//! columns only where one of the arms has none of its own to tell. So the Gram matrix of the whole
//! is put together from those of the arms, and the variance needs no matrix at all: a person's
//! influence is one number.

use super::regression::{Arm, Part, Sums, System, kept};
use super::{NotGiven, Opinion, arms, checked, sound};
use crate::covariates::DesignMatrix;
use crate::effect::estimate::{Interval, OutcomeData};
use crate::matching::{Groups, Matches, Sets};
use crate::numeric::logistic::logistic;
use crate::study::{OutcomeKind, OutcomeSpec};
use ndarray::{Array1, Array2};

/// Who stands together in the clustered covariance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clusters {
    /// Matched sets where there are more of them than coefficients, else people.
    Usual,
    /// Matched sets; where pool members serve in several, sets and people crossed, a row a pair.
    /// People where the method makes no sets (radius, kernel, weighting).
    Sets,
    /// People.
    People,
}

/// Most steps of Newton's method.
const MOST_STEPS: usize = 25;
/// It has converged when no linear predictor's coefficient moves by more.
const STILL: f64 = 1e-10;
/// A fitted risk this near to 0 or 1 is what separation looks like.
const CERTAIN: f64 = 1e-9;

/// The outcome model with and without taking part, averaged over the participants.
///
/// # Formula
/// `(1/n) sum_i g_i [m(x_i, 1) - m(x_i, 0)]`, m the regression of the outcome on taking part times
/// every covariate among the matched, weighted by g_i and w_c: logistic for yes-or-no outcomes, else
/// linear. Standard error by the delta method with the HC1 covariance clustered as `clusters`
/// says, as `sandwich::vcovCL` gives (Cameron, Gelbach & Miller 2011,
/// doi:10.1198/jbes.2010.07136); covariates taken as fixed. The log risk ratio likewise. t with
/// the number of sets less 1, or of participants less 1.
///
/// Columns that repeat earlier ones are dropped, in the order intercept, taking part, covariates,
/// products.
///
/// # Errors
/// [`NotGiven`]: outcomes over time, as many columns as people in an arm, separation, nothing to
/// go by.
pub fn g_computation(
    spec: &OutcomeSpec,
    data: &OutcomeData,
    matrix: &DesignMatrix,
    matches: &Matches,
    clusters: Clusters,
) -> Result<Opinion, NotGiven> {
    let terms = matrix.model_terms();
    let columns = checked(spec, data, &terms, matches)?;
    let (treated, mut pool, places) = arms(matrix, &terms, &columns, matches);
    // Weights of the pool add up to its people, so that columns the arms share are weighed by
    // people.
    let scale = pool.rows.len() as f64 / pool.weight.iter().sum::<f64>();
    pool.weight.iter_mut().for_each(|w| *w *= scale);
    let model = Model::fit(&treated, &pool, spec.kind == OutcomeKind::Binary)?;
    let averages = model.averages(&treated);
    let variance = Variance {
        model: &model,
        treated: &treated,
        pool: &pool,
        places: &places,
        matches,
        clusters,
    };
    let (m1, m0) = averages.means;
    let interval = |estimate: f64, by1: f64, by0: f64| -> Result<Interval, NotGiven> {
        let (v, df) = variance.of(&averages, by1, by0);
        sound(estimate, v.sqrt(), df)
    };
    Ok(Opinion {
        difference: interval(m1 - m0, 1.0, 1.0)?,
        log_risk_ratio: match model.binary {
            true => Some(interval((m1 / m0).ln(), 1.0 / m1, 1.0 / m0)?),
            false => None,
        },
        mean_treated: m1,
        mean_comparison: m0,
        coefficients: model.system.kept.len(),
        aliased: 2 * treated.columns() - model.system.kept.len(),
    })
}

/// The fitted outcome model.
struct Model {
    binary: bool,
    /// The information of all coefficients: intercept, taking part, covariates, products.
    system: System,
    /// Coefficients of each arm: intercept, covariates.
    treated: Vec<f64>,
    pool: Vec<f64>,
}

/// Averages over the participants, and what moves them.
struct Averages {
    /// With and without taking part.
    means: (f64, f64),
    /// Their derivatives by the coefficients of the arm.
    by_treated: Array1<f64>,
    by_pool: Array1<f64>,
}

impl Model {
    fn fit(treated: &Arm, pool: &Arm, binary: bool) -> Result<Model, NotGiven> {
        let none = vec![0.0; treated.columns()];
        // Which columns tell something is asked at equal risks.
        let first = |arm: &Arm| {
            let sums = at(arm, &none, false);
            (kept(&sums.gram).len() < arm.rows.len())
                .then_some(sums)
                .ok_or_else(|| {
                    NotGiven::because("the covariates make as many columns as there are people in one of the matched groups")
                })
        };
        let (of_treated, of_pool) = (first(treated)?, first(pool)?);
        let gram = together(&of_treated.gram, &of_pool.gram);
        let no_solution = || NotGiven::because("the outcome model has no solution");
        let system = System::new(&gram).ok_or_else(no_solution)?;
        let mut model = Model {
            binary,
            system,
            treated: none.clone(),
            pool: none,
        };
        if !binary {
            model.step(&gradient(&of_treated, &of_pool));
            // Once more on what is left: the digits that the Gram matrix lost come back.
            let left = |arm: &Arm, b: &[f64]| arm.weighted_sum(&scores(arm, b, false));
            let step = gradient_of(&left(treated, &model.treated), &left(pool, &model.pool));
            model.step(&step);
            return Ok(model);
        }
        let separated = || {
            NotGiven::because(
                "a model of the outcome on so many covariates did not settle with so few people",
            )
        };
        for _ in 0..MOST_STEPS {
            let sums = |arm: &Arm, b: &[f64]| at(arm, b, true);
            let (t, c) = (sums(treated, &model.treated), sums(pool, &model.pool));
            let gram = together(&t.gram, &c.gram);
            model.system = System::of(&gram, model.system.kept.clone()).ok_or_else(separated)?;
            let moved = model.step(&gradient(&t, &c));
            if !moved.is_finite() {
                return Err(separated());
            }
            if moved <= STILL {
                let certain = |arm: &Arm, b: &[f64]| {
                    let risks = arm.predict(b).into_iter().map(logistic);
                    risks.into_iter().any(|m| m.min(1.0 - m) < CERTAIN)
                };
                return match certain(treated, &model.treated) || certain(pool, &model.pool) {
                    true => Err(separated()),
                    false => Ok(model),
                };
            }
        }
        Err(separated())
    }

    /// Adds the solution for a gradient; how far the coefficients moved.
    fn step(&mut self, gradient: &Array1<f64>) -> f64 {
        let step = self.system.solve(gradient);
        let moved = step.iter().fold(0.0f64, |m, s| m.max(s.abs()));
        let (treated, pool) = apart(&step);
        let add = |b: &mut [f64], s: &[f64]| b.iter_mut().zip(s).for_each(|(b, s)| *b += s);
        add(&mut self.treated, &treated);
        add(&mut self.pool, &pool);
        match step.iter().any(|s| s.is_nan()) {
            true => f64::NAN,
            false => moved,
        }
    }

    fn averages(&self, participants: &Arm) -> Averages {
        let n: f64 = participants.weight.iter().sum();
        let of = |b: &[f64]| {
            let predictors = participants.predict(b);
            let (mut mean, mut slopes) = (0.0, Vec::with_capacity(predictors.len()));
            for (eta, g) in predictors.into_iter().zip(&participants.weight) {
                let (m, slope) = mean_and_slope(eta, self.binary);
                mean += g * m / n;
                slopes.push(g * slope / n);
            }
            (mean, participants.weighted_sum(&slopes))
        };
        let (m1, by_treated) = of(&self.treated);
        let (m0, by_pool) = of(&self.pool);
        Averages {
            means: (m1, m0),
            by_treated,
            by_pool,
        }
    }
}

fn mean_and_slope(eta: f64, binary: bool) -> (f64, f64) {
    match binary {
        false => (eta, 1.0),
        true => {
            let m = logistic(eta);
            (m, m * (1.0 - m))
        }
    }
}

/// Information and gradient of an arm.
fn at(arm: &Arm, b: &[f64], binary: bool) -> Sums {
    arm.sums(b, |i, eta| {
        let (m, slope) = mean_and_slope(eta, binary);
        Part {
            a: arm.weight[i] * slope,
            c: arm.weight[i] * (arm.y[i] - m),
        }
    })
}

/// Weighted residuals.
fn scores(arm: &Arm, b: &[f64], binary: bool) -> Vec<f64> {
    let people = arm.y.iter().zip(&arm.weight).zip(arm.predict(b));
    people
        .map(|((y, w), eta)| w * (y - mean_and_slope(eta, binary).0))
        .collect()
}

/// Places of an arm's columns (intercept, covariates) among all: in common, and of taking part.
fn places(column: usize, columns: usize) -> (usize, usize) {
    match column {
        0 => (0, 1),
        j => (j + 1, columns + j),
    }
}

/// The Gram matrix of intercept, taking part, covariates, products.
fn together(treated: &Array2<f64>, pool: &Array2<f64>) -> Array2<f64> {
    let p = treated.nrows();
    let mut all = Array2::zeros((2 * p, 2 * p));
    for i in 0..p {
        for j in 0..p {
            let ((ci, ti), (cj, tj)) = (places(i, p), places(j, p));
            all[[ci, cj]] = treated[[i, j]] + pool[[i, j]];
            all[[ti, cj]] = treated[[i, j]];
            all[[ci, tj]] = treated[[i, j]];
            all[[ti, tj]] = treated[[i, j]];
        }
    }
    all
}

fn gradient(treated: &Sums, pool: &Sums) -> Array1<f64> {
    gradient_of(&treated.gradient, &pool.gradient)
}

fn gradient_of(treated: &Array1<f64>, pool: &Array1<f64>) -> Array1<f64> {
    let p = treated.len();
    let mut all = Array1::zeros(2 * p);
    for j in 0..p {
        let (common, product) = places(j, p);
        all[common] = treated[j] + pool[j];
        all[product] = treated[j];
    }
    all
}

/// All coefficients to those of each arm.
fn apart(all: &Array1<f64>) -> (Vec<f64>, Vec<f64>) {
    let p = all.len() / 2;
    (0..p)
        .map(|j| {
            let (common, product) = places(j, p);
            (all[common] + all[product], all[common])
        })
        .unzip()
}

/// The delta method.
struct Variance<'a> {
    model: &'a Model,
    treated: &'a Arm<'a>,
    pool: &'a Arm<'a>,
    places: &'a [u32],
    matches: &'a Matches,
    clusters: Clusters,
}

impl Variance<'_> {
    /// Variance of `by1 m1 - by0 m0` with its degrees of freedom.
    fn of(&self, averages: &Averages, by1: f64, by0: f64) -> (f64, f64) {
        let (model, matches) = (self.model, self.matches);
        let slope = gradient_of(&(&averages.by_treated * by1), &(&averages.by_pool * -by0));
        let (of_treated, of_pool) = apart(&model.system.solve(&slope));
        let influence = |arm: &Arm, b: &[f64], direction: &[f64]| -> Vec<f64> {
            let scores = scores(arm, b, model.binary);
            let moves = arm.predict(direction);
            scores.iter().zip(moves).map(|(s, m)| s * m).collect()
        };
        let u = influence(self.treated, &model.treated, &of_treated);
        let mut v = vec![0.0; matches.pool.len()];
        let of_pool = influence(self.pool, &model.pool, &of_pool);
        for (&place, x) in self.places.iter().zip(of_pool) {
            v[place as usize] = x;
        }
        let k = model.system.kept.len() as f64;
        let people = (self.treated.rows.len() + self.pool.rows.len()) as f64;
        let by_people = || {
            let sum: f64 = u.iter().chain(&v).map(|x| x * x).sum();
            (people / (people - k) * sum, u.len() as f64 - 1.0)
        };
        let lists = matches!(matches.sets, Sets::Lists { .. } | Sets::Weighted { .. });
        let enough = |sets: f64| self.clusters == Clusters::Sets || sets > k;
        match &matches.groups {
            _ if self.clusters == Clusters::People => by_people(),
            Some(groups) => match by_groups(&u, &v, groups) {
                (sum, sets) if enough(sets) => {
                    let hc1 = (people - 1.0) / (people - k);
                    (hc1 * finite(sets) * sum, sets - 1.0)
                }
                _ => by_people(),
            },
            None if lists && enough(u.len() as f64) => {
                (by_sets(&u, &v, matches, k), u.len() as f64 - 1.0)
            }
            None => by_people(),
        }
    }
}

fn finite(groups: f64) -> f64 {
    groups / (groups - 1.0)
}

/// Sum over disjoint sets of their squared scores, and their number.
fn by_groups(u: &[f64], v: &[f64], groups: &Groups) -> (f64, f64) {
    let sets = groups
        .participants
        .iter()
        .max()
        .map_or(0, |m| *m as usize + 1);
    let mut sums = vec![0.0; sets];
    for (&set, x) in groups.participants.iter().zip(u) {
        sums[set as usize] += x;
    }
    for (&set, x) in groups.pool.iter().zip(v).filter(|p| *p.0 != Groups::NONE) {
        sums[set as usize] += x;
    }
    (sums.iter().map(|s| s * s).sum(), sets as f64)
}

/// A set a participant, and people across sets where pool members are reused, a row a pair: a
/// member's score is shared out by its weight in each set.
fn by_sets(u: &[f64], v: &[f64], matches: &Matches, k: f64) -> f64 {
    let (mut by_set, mut by_row, mut members) = (0.0, 0.0, 0.0);
    for (i, (u, g)) in u.iter().zip(&matches.participant_weight).enumerate() {
        let mut score = *u;
        by_row += u * u;
        matches.for_each_of(i, &mut |c, w| {
            let share = g * w / matches.weight[c as usize] * v[c as usize];
            score += share;
            by_row += share * share;
            members += 1.0;
        });
        by_set += score * score;
    }
    let n = u.len() as f64;
    let rows = n + members;
    let mut meat = finite(n) * by_set;
    if matches.reuses() {
        let people = n + matches.pool_matched() as f64;
        let by_person: f64 = u.iter().chain(v).map(|x| x * x).sum();
        meat += finite(people) * by_person - finite(rows) * by_row;
    }
    (rows - 1.0) / (rows - k) * meat
}
