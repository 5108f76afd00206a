//! Whether something about the programmes explains why they differ: a mixed-effects regression of the
//! results on facts about them.

use ndarray::{Array1, Array2};

use super::heterogeneity::{damped, settled};
use super::{
    Between, ComparisonError, IntervalKind, ProgrammeResult, Range, between_variance, check,
};
use crate::numeric::distribution::{chi_squared_upper_tail, f_upper_tail, t_quantile, t_two_sided};
use crate::numeric::symmetric::{Cholesky, redundant_columns};

/// A fact about every programme as a number: a year, a share, or 0 and 1 for a kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Moderator {
    /// What it is.
    pub name: String,
    /// One value a result, in their order.
    pub values: Vec<f64>,
}

/// One coefficient with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coefficient {
    /// In the results' unit, for one unit of its moderator.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
    /// Its 95 % interval.
    pub interval: Range,
    /// Two-sided p that it is 0.
    pub p: f64,
}

/// A statistic with its p.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Test {
    /// The statistic.
    pub value: f64,
    /// Its p.
    pub p: f64,
}

/// What a regression of results on moderators says.
#[derive(Clone, Debug, PartialEq)]
pub struct MetaRegression {
    /// The effect where every moderator is 0.
    pub intercept: Coefficient,
    /// One a moderator, in their order.
    pub slopes: Vec<Coefficient>,
    /// Variance between programmes that the moderators leave.
    pub tau2: f64,
    /// All moderators together: F with moderators and residual degrees of freedom, or chi-squared ([`IntervalKind::Wald`]).
    pub moderators: Test,
    /// What they leave, beyond chance: Q about the regression, chi-squared.
    pub residual: Test,
    /// Results less coefficients.
    pub df: f64,
    /// Share of the remaining variation that is not chance, 0 to 1.
    pub i2: f64,
    /// Share of the variance between programmes that the moderators explain, 0 to 1 (Raudenbush 2009). None where
    /// there was nothing to explain.
    pub r2: Option<f64>,
}

/// Regresses results on moderators: weights `1 / (se^2 + tau2)`, tau2 estimated about the regression (Thompson & Higgins
/// 2002, doi:10.1002/sim.1187), tests after Knapp & Hartung 2003 (doi:10.1002/sim.1482) unless `kind` is Wald.
/// [`IntervalKind::HartungKnappCautious`] never takes a residual variance below 1.
/// O(results * moderators^2) a step.
///
/// # Errors
/// Fewer results than coefficients and one, a moderator of the wrong length or with a value that is no number,
/// moderators that say the same, or as [`between_variance`].
pub fn meta_regression(
    results: &[ProgrammeResult],
    moderators: &[Moderator],
    between: Between,
    kind: IntervalKind,
) -> Result<MetaRegression, ComparisonError> {
    let model = Model::new(results, moderators)?;
    let tau2 = model.between(between)?;
    let (fit, start) = (model.fit(tau2)?, model.fit(0.0)?);
    let df = model.df();
    let factor = match kind {
        IntervalKind::Wald => 1.0,
        IntervalKind::HartungKnapp => fit.q / df,
        IntervalKind::HartungKnappCautious => (fit.q / df).max(1.0),
    };
    let freedom = match kind {
        IntervalKind::Wald => f64::INFINITY,
        _ => df,
    };
    let quantile = t_quantile(0.975, freedom);
    let coefficient = |contrast: Array1<f64>| {
        let estimate = contrast.dot(&fit.beta);
        let se = (factor * contrast.dot(&fit.inverse.dot(&contrast))).sqrt();
        Coefficient {
            estimate,
            se,
            interval: Range {
                low: estimate - quantile * se,
                high: estimate + quantile * se,
            },
            p: t_two_sided(estimate / se, freedom),
        }
    };
    let (intercept, slopes) = model.contrasts();
    let count = moderators.len() as f64;
    let value = fit.explained() / factor;
    let moderators = match kind {
        IntervalKind::Wald => Test {
            value,
            p: chi_squared_upper_tail(value, count),
        },
        _ => Test {
            value: value / count,
            p: f_upper_tail(value / count, count, df),
        },
    };
    let typical = df / start.trace_p;
    let alone = between_variance(results, between)?;
    Ok(MetaRegression {
        intercept: coefficient(intercept),
        slopes: slopes.into_iter().map(coefficient).collect(),
        tau2,
        moderators,
        residual: Test {
            value: start.q,
            p: chi_squared_upper_tail(start.q, df),
        },
        df,
        i2: tau2 / (tau2 + typical),
        r2: (alone > 0.0).then(|| (1.0 - tau2 / alone).clamp(0.0, 1.0)),
    })
}

/// Results and an intercept beside moderators set to mean 0 and spread 1, so that years solve as well as shares.
struct Model {
    y: Array1<f64>,
    variance: Vec<f64>,
    x: Array2<f64>,
    /// Mean and spread of each moderator.
    units: Vec<(f64, f64)>,
}

/// The regression at one value of tau2.
struct Fit {
    beta: Array1<f64>,
    /// Inverse of X'WX.
    inverse: Array2<f64>,
    /// y'Py.
    q: f64,
    /// y'PPy.
    q2: f64,
    trace_p: f64,
    trace_pp: f64,
}

impl Fit {
    /// Wald statistic of all coefficients but the first, the error variance taken as given.
    fn explained(&self) -> f64 {
        let rest = ndarray::s![1.., 1..];
        let slopes = self.beta.slice(ndarray::s![1..]).to_owned();
        // A part of a positive definite matrix is positive definite.
        Cholesky::new(&self.inverse.slice(rest).to_owned())
            .map_or(f64::NAN, |c| slopes.dot(&c.solve(&slopes)))
    }
}

impl Model {
    fn new(
        results: &[ProgrammeResult],
        moderators: &[Moderator],
    ) -> Result<Model, ComparisonError> {
        if moderators.is_empty() {
            return Err(ComparisonError::NoModerators);
        }
        let (k, p) = (results.len(), moderators.len() + 1);
        check(results, p + 1)?;
        let mut x = Array2::ones((k, p));
        let mut units = Vec::new();
        for (j, m) in moderators.iter().enumerate() {
            if m.values.len() != k {
                return Err(ComparisonError::Lengths {
                    name: m.name.clone(),
                    found: m.values.len(),
                    results: k,
                });
            }
            if let Some(i) = m.values.iter().position(|v| !v.is_finite()) {
                return Err(ComparisonError::Moderator {
                    name: m.name.clone(),
                    row: i + 1,
                });
            }
            let mean = m.values.iter().sum::<f64>() / k as f64;
            let spread = m
                .values
                .iter()
                .map(|v| (v - mean).abs())
                .fold(0.0, f64::max);
            let redundant = || ComparisonError::Redundant {
                name: m.name.clone(),
            };
            if !(spread.is_finite() && spread > 1e-12 * mean.abs()) {
                return Err(redundant());
            }
            for (i, v) in m.values.iter().enumerate() {
                x[[i, j + 1]] = (v - mean) / spread;
            }
            units.push((mean, spread));
        }
        if let Some(j) = redundant_columns(&x.t().dot(&x), 1e-10).first() {
            // The intercept comes first and is never given up.
            let name = moderators[j.saturating_sub(1)].name.clone();
            return Err(ComparisonError::Redundant { name });
        }
        Ok(Model {
            y: results.iter().map(|r| r.estimate).collect(),
            variance: results.iter().map(|r| r.se * r.se).collect(),
            x,
            units,
        })
    }

    fn df(&self) -> f64 {
        (self.x.nrows() - self.x.ncols()) as f64
    }

    /// What gives the intercept, and each slope, in the moderators' own units.
    fn contrasts(&self) -> (Array1<f64>, Vec<Array1<f64>>) {
        let p = self.x.ncols();
        let mut intercept = Array1::zeros(p);
        intercept[0] = 1.0;
        let mut slopes = Vec::new();
        for (j, (mean, spread)) in self.units.iter().enumerate() {
            intercept[j + 1] = -mean / spread;
            let mut slope = Array1::zeros(p);
            slope[j + 1] = 1.0 / spread;
            slopes.push(slope);
        }
        (intercept, slopes)
    }

    fn fit(&self, tau2: f64) -> Result<Fit, ComparisonError> {
        let w: Array1<f64> = self.variance.iter().map(|v| 1.0 / (v + tau2)).collect();
        // X'W^n X
        let power = |n: i32| {
            let scaled = &self.x * &w.mapv(|a| a.powi(n)).insert_axis(ndarray::Axis(1));
            self.x.t().dot(&scaled)
        };
        let (a, b, c) = (power(1), power(2), power(3));
        // Exactness that differs by very many orders of magnitude leaves nothing of the less exact results.
        let cholesky = Cholesky::new(&a).ok_or(ComparisonError::NoSolution { steps: 0 })?;
        let inverse = cholesky.inverse();
        let beta = cholesky.solve(&self.x.t().dot(&(&w * &self.y)));
        let left = &self.y - &self.x.dot(&beta);
        let hat = inverse.dot(&b);
        let trace = |m: &Array2<f64>| m.diag().sum();
        Ok(Fit {
            q: (&w * &left * &left).sum(),
            q2: (&w * &left).mapv(|x| x * x).sum(),
            trace_p: w.sum() - trace(&hat),
            trace_pp: w.mapv(|x| x * x).sum() - 2.0 * trace(&inverse.dot(&c))
                + trace(&hat.dot(&hat)),
            beta,
            inverse,
        })
    }

    /// As [`between_variance`], about the regression instead of about the average.
    fn between(&self, method: Between) -> Result<f64, ComparisonError> {
        const STEPS: usize = 5_000;
        let start = self.fit(0.0)?;
        let moments = ((start.q - self.df()) / start.trace_p).max(0.0);
        let mut tau2 = match method {
            Between::Common => return Ok(0.0),
            Between::DerSimonianLaird => return Ok(moments),
            Between::PauleMandel => 0.0,
            Between::Reml => moments,
        };
        for n in 0..STEPS {
            let f = self.fit(tau2)?;
            let step = match method {
                Between::PauleMandel => (f.q - self.df()) / f.q2,
                _ => (f.q2 - f.trace_p) / f.trace_pp,
            };
            let next = (tau2 + damped(step, n)).max(0.0);
            if settled(tau2, next, f.trace_p / f.trace_pp) {
                return Ok(next);
            }
            tau2 = next;
        }
        Err(ComparisonError::NoSolution { steps: STEPS })
    }
}
